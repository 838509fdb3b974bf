"""One month of the policy: its programme for one inflow, and the same month for all outcomes of the inflow at once.

`Stage.solve(before, anomaly)` is the month as it is lived. `Stage.expected(before)` is what is expected before the
inflow is known, one programme with a copy of the month for each outcome: its dual gives the cut in one solve,

    V(x) ≥ level + slope · x,    slope = reduced costs of the state x that comes in.

With caution λ the objective is (1 - λ) × mean + λ × mean of the worst share α (CVaR, Rockafellar and Uryasev 2000):
min η + Σ p_j u_j / α with u_j ≥ cost_j - η, u_j ≥ 0. Both programmes stay in memory and share their cuts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.models.power.case import Case
from birge.models.power.inflow import noise_values
from birge.models.power.lp import INFINITY, Assembly, Solution, Solver
from birge.models.power.month import Month, add_month
from birge.models.power.system import River, System

__all__ = ["Cuts", "Risk", "Stage", "stage"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
FLOOR = -1e5
"""Cost to come is never below this, mn USD: a bound that no cut has to reach."""


@dataclass(frozen=True)
class Risk:
    """Caution: weight `caution` of the mean of the worst share `worst` of the outcomes."""

    caution: float
    worst: float


@dataclass(frozen=True)
class Cuts:
    """Cost to come ≥ level + slope · state: levels [cut] and slopes [cut, state], mn USD."""

    level: Floats
    slope: Floats

    def at(self, states: Floats) -> Floats:
        """Return the value of every cut at `states` [state, dimension], as [cut, state]."""
        return np.asarray(self.level[:, None] + self.slope @ states.T)

    def joined(self, other: Cuts) -> Cuts:
        """Return both sets of cuts as one."""
        return Cuts(np.concatenate([self.level, other.level]), np.concatenate([self.slope, other.slope]))


@dataclass(frozen=True)
class _Programme:
    """A programme with the columns of the state that comes in, of each copy's state that goes out, of cost to come."""

    solver: Solver
    enters: Ints
    leaves: Ints
    future: Ints
    columns: Month

    def add(self, cuts: Cuts) -> None:
        copies, count = len(self.future), len(cuts.level)
        own = np.concatenate([self.future[:, None], self.leaves], axis=1)
        values = np.concatenate([np.ones((count, 1)), -cuts.slope], axis=1)
        self.solver.at_least(np.repeat(cuts.level, copies), np.tile(own, (count, 1)), np.repeat(values, copies, axis=0))


class Stage:
    """A month with its cuts on cost to come; states are [volume of each reservoir, credit, anomaly of the inflow]."""

    def __init__(self, case: Case, month: int, river: River, factor: float, one: _Programme, every: _Programme) -> None:
        self.case, self.month, self.river, self.factor = case, month, river, factor
        self.columns, self.solver = one.columns, one.solver
        self.future = int(one.future[0])
        self._one, self._every = one, every
        size = len(one.enters)
        self.cuts = Cuts(np.zeros(0), np.zeros((0, size)))

    def solve(self, before: Floats, anomaly: float) -> Solution:
        """Solve the month from the state `before` with its own `anomaly` of the inflow."""
        given = before.copy()
        given[-1] = anomaly
        self._one.solver.bound(self._one.enters, given, given)
        return self._one.solver.solve()

    def expected(self, before: Floats) -> tuple[float, Floats]:
        """Return what month and future cost as seen from `before`, mn USD, and the slope of it in the state."""
        self._every.solver.bound(self._every.enters, before, before)
        return self._every.solver.priced(self._every.enters)

    def after(self, s: Solution) -> Floats:
        """Return the state that the month leaves."""
        return np.asarray(s.value[self._one.leaves[0]])

    def enters(self, dimension: int) -> int:
        """Return the column of a dimension of the state that comes in."""
        return int(self._one.enters[dimension])

    def own_cost(self, s: Solution) -> float:
        """Return the cost of the month without cost to come."""
        return float(s.cost - self.factor * s.value[self.future])

    def add(self, cuts: Cuts) -> None:
        """Add cuts on cost to come."""
        self.cuts = self.cuts.joined(cuts)
        self._one.add(cuts)
        self._every.add(cuts)

    def replace(self, cuts: Cuts) -> None:
        """Put `cuts` in the place of all cuts there are."""
        self.cuts = Cuts(np.zeros(0), cuts.slope[:0])
        self._one.solver.forget()
        self._every.solver.forget()
        self.add(cuts)

    def select(self, states: Floats) -> None:
        """Keep only cuts that are highest at one of `states` (level-1 dominance; de Matos, Philpott, Finardi 2015)."""
        keep = np.unique(np.argmax(self.cuts.at(states), axis=0))
        self.replace(Cuts(self.cuts.level[keep], self.cuts.slope[keep]))

    def end(self) -> None:
        """Let nothing cost anything after this month."""
        for p in (self._one, self._every):
            nothing = np.zeros(len(p.future))
            p.solver.bound(p.future, nothing, nothing)


def stage(
    system: System, case: Case, month: int, factor: float, outcomes: int, risk: Risk, seconds: float = INFINITY
) -> Stage:
    """Return calendar `month` (0-11) of `case`; cost to come counts `factor`, `seconds` bounds each solve."""
    lowest = system.lowest()
    river = system.rivers[lowest.id]
    phi = float(river.persistence[month])
    step = np.sqrt(1 - phi**2) * noise_values(outcomes)
    one = _one(system, case, month, factor, seconds)
    return Stage(case, month, river, factor, one, _every(system, case, month, factor, phi, step, risk, seconds))


def _one(system: System, case: Case, month: int, factor: float, seconds: float) -> _Programme:
    a = Assembly()
    volume, credit, anomaly = _state(a, case)
    columns = add_month(a, system, case, month, volume, credit, anomaly)
    future = a.column(1, factor, FLOOR)
    enters = np.array([*volume.values(), credit, anomaly], np.int32)
    return _Programme(Solver(a, True, seconds), enters, _leaves(case, [columns], credit, [anomaly]), future, columns)


def _every(
    system: System, case: Case, month: int, factor: float, phi: float, step: Floats, risk: Risk, seconds: float
) -> _Programme:
    a = Assembly()
    volume, credit, before = _state(a, case)
    months, anomalies, futures, costs = [], [], [], []
    for noise in step:
        anomaly = int(a.column(1, 0.0, -INFINITY)[0])
        a.put(a.row(1, noise, noise), [anomaly, before], [1.0, -phi])
        first, made = a.columns, len(a.cost)
        months.append(add_month(a, system, case, month, volume, credit, anomaly))
        futures.append(int(a.column(1, factor, FLOOR)[0]))
        anomalies.append(anomaly)
        costs.append((first, np.concatenate(a.cost[made:])))
        for k in range(made, len(a.cost)):
            a.cost[k] = a.cost[k] * ((1 - risk.caution) / len(step))
    if risk.caution:
        _worst(a, costs, risk)
    enters = np.array([*volume.values(), credit, before], np.int32)
    return _Programme(
        Solver(a, True, seconds),
        enters,
        _leaves(case, months, credit, anomalies),
        np.array(futures, np.int32),
        months[0],
    )


def _worst(a: Assembly, costs: Sequence[tuple[int, Floats]], risk: Risk) -> None:
    """Add the mean of the worst share: η + Σ p_j u_j / α, u_j ≥ cost_j - η."""
    level = int(a.column(1, risk.caution, -INFINITY)[0])
    for first, cost in costs:
        over = a.column(1, risk.caution / (risk.worst * len(costs)))
        row = a.row(1, 0.0)
        a.put(row, over, 1.0)
        a.put(row, level, 1.0)
        paid = np.flatnonzero(cost)
        a.put(row, first + paid, -cost[paid])


def _state(a: Assembly, case: Case) -> tuple[dict[str, int], int, int]:
    volume = {name: int(a.column(1)[0]) for name in case.reservoirs}
    credit, anomaly = (int(c) for c in a.column(2, 0.0, -INFINITY))
    return volume, credit, anomaly


def _leaves(case: Case, months: Sequence[Month], credit: int, anomalies: Sequence[int]) -> Ints:
    """Return the columns of the state that each copy leaves, [copy, state]."""
    return np.array(
        [
            [*(m.volume[n] for n in case.reservoirs), m.credit if case.swap else credit, z]
            for m, z in zip(months, anomalies, strict=True)
        ],
        np.int32,
    )
