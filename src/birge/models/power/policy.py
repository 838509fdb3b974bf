"""When to keep water and when to let it go: stochastic dual dynamic programming by month (Pereira and Pinto 1991).

State, in this order: volume of each reservoir, credit of the exchange contract, anomaly of the inflow. Each month is a
programme of `month.py` plus cost to come, a maximum of cuts. One HiGHS object per month; cuts are rows added to it.

Data flow: `train(system, cases, Setup) → Policy`:
  1. twelve months of the last year in a circle, cost to come discounted, give the value after the horizon;
  2. the months of the horizon, with that value at their end, are swept until the bound stands still.
`Policy.bound` is a lower bound on the expected cost of the convex model (risk neutral); `simulate.py` runs the policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.models.power.case import Case
from birge.models.power.dispatch import Cut
from birge.models.power.inflow import noise_values, step
from birge.models.power.lp import Assembly, Solution, Solver
from birge.models.power.month import Month, add_month
from birge.models.power.system import River, System
from birge.rng import Streams

__all__ = ["Policy", "Setup", "Stage", "train", "water_values"]

Floats = NDArray[np.float64]
FLOOR = -1e4
"""Cost to come is never below this, mn USD: a bound that no cut has to reach."""
WORST = 0.2
"""Share of outcomes whose mean the cautious part of the objective counts (CVaR)."""


@dataclass(frozen=True)
class Setup:
    """How a policy is made. `tail` months are swept in the circle, `caution` weighs the worst fifth, 0 to 1."""

    start: Mapping[str, float]
    start_month: int = 0
    credit: float = 0.0
    anomaly: float = 0.0
    outcomes: int = 8
    circle: int = 40
    tail: int = 60
    sweeps: int = 60
    discount: float = 0.06
    caution: float = 0.0
    terminal: bool = True
    seed: int = 1


@dataclass
class Stage:
    """One month: its programme, the columns of what comes in and goes out, and its cuts."""

    case: Case
    month: int
    river: River
    columns: Month
    solver: Solver
    enters: NDArray[np.int32]
    leaves: NDArray[np.int32]
    future: int
    factor: float
    cuts: list[tuple[float, Floats]] = field(default_factory=list)

    def solve(self, before: Floats, anomaly: float) -> Solution:
        """Solve the month from the state `before` with its own `anomaly` of the inflow."""
        given = before.copy()
        given[-1] = anomaly
        self.solver.bound(self.enters, given, given)
        return self.solver.solve()

    def after(self, s: Solution) -> Floats:
        """Return the state that the month leaves."""
        return s.value[self.leaves]

    def own_cost(self, s: Solution) -> float:
        """Return the cost of the month without cost to come."""
        return float(s.cost - self.factor * s.value[self.future])

    def add(self, level: float, slope: Floats) -> None:
        """Add the cut: cost to come ≥ level + slope · state."""
        self.cuts.append((level, slope))
        columns = np.concatenate([[self.future], self.leaves]).astype(np.int32)
        self.solver.at_least(level, columns, np.concatenate([[1.0], -slope]))


@dataclass(frozen=True)
class Policy:
    """A trained policy: months of the horizon, the circle after it, the lower bound by sweep (mn USD)."""

    system: System
    setup: Setup
    horizon: tuple[Stage, ...]
    circle: tuple[Stage, ...]
    bounds: tuple[float, ...]

    @property
    def bound(self) -> float:
        """Lower bound on the expected cost of the horizon and what follows, mn USD; risk-averse with caution."""
        return self.bounds[-1]

    def cuts(self, month: int) -> list[Cut]:
        """Return the cuts on cost after calendar `month` (0-11) in the circle, at a usual inflow."""
        stage = next(s for s in self.circle if s.month == month)
        names = stage.case.reservoirs
        return [(level, dict(zip(names, slope, strict=False)), float(slope[len(names)])) for level, slope in stage.cuts]


def train(system: System, cases: Sequence[Case], setup: Setup) -> Policy:
    """Return the policy for `cases`, one per month from `setup.start_month` on; the last one repeats for ever after."""
    _check(system, cases, setup)
    beta = (1 + setup.discount) ** (-1 / 12)
    rng = Streams(setup.seed).at("power/policy")
    after = (setup.start_month + len(cases)) % 12
    circle = tuple(_stage(system, cases[-1], (after + k) % 12, beta) for k in range(12)) if setup.terminal else ()
    horizon = tuple(_stage(system, c, (setup.start_month + k) % 12, beta) for k, c in enumerate(cases))
    first = _first(setup, cases[0])
    if circle:
        _circle(system, circle, setup, rng)
        for level, slope in circle[-1].cuts:
            horizon[-1].add(level, slope)
    else:
        horizon[-1].solver.bound(np.array([horizon[-1].future], np.int32), np.zeros(1), np.zeros(1))
    bounds: list[float] = []
    for _ in range(setup.sweeps):
        states = _forward(horizon, first, setup, rng)
        for k in range(len(horizon) - 1, 0, -1):
            horizon[k - 1].add(*_cut(horizon[k], states[k], setup))
        bounds.append(_value(horizon[0], first, setup))
        # Nothing is left to learn once the bound has stood still for ten sweeps in a row.
        if len(bounds) > 20 and bounds[-1] - bounds[-11] <= 1e-5 * abs(bounds[-1]):
            break
    return Policy(system, setup, horizon, circle, tuple(bounds))


def water_values(policy: Policy, volumes: Sequence[float], reservoir: int = 0) -> Floats:
    """Return the value of one more km3 (mn USD) at the end of each month of the circle, [month, volume].

    Other reservoirs stand at their first volume, credit and anomaly at 0.
    """
    found = np.zeros((12, len(volumes)))
    for stage in policy.circle:
        base = _first(policy.setup, stage.case)
        base[len(stage.case.reservoirs) :] = 0.0
        for k, v in enumerate(volumes):
            base[reservoir] = v
            _, slope = max(stage.cuts, key=lambda c: c[0] + float(c[1] @ base))
            found[stage.month, k] = -slope[reservoir]
    return found


def _stage(system: System, case: Case, month: int, beta: float) -> Stage:
    a = Assembly()
    volume = {name: int(a.column(1)[0]) for name in case.reservoirs}
    credit, anomaly = (int(c) for c in a.column(2))
    columns = add_month(a, system, case, month, volume, credit, anomaly)
    future = int(a.column(1, beta, FLOOR)[0])
    lowest = next(r for r in system.reservoirs if not r.upstream_of)
    enters = np.array([*volume.values(), credit, anomaly], np.int32)
    leaves = np.array([*(columns.volume[n] for n in case.reservoirs), columns.credit if case.swap else credit, anomaly],
                      np.int32)  # fmt: skip
    return Stage(case, month, system.rivers[lowest.id], columns, Solver(a), enters, leaves, future, beta)


def _first(setup: Setup, case: Case) -> Floats:
    return np.array([*(setup.start[n] for n in case.reservoirs), setup.credit if case.swap else 0.0, setup.anomaly])


def _outcomes(stage: Stage, before: Floats, setup: Setup) -> Floats:
    return step(stage.river, stage.month, float(before[-1]), noise_values(setup.outcomes))


def _forward(stages: Sequence[Stage], first: Floats, setup: Setup, rng: np.random.Generator) -> list[Floats]:
    """Return the states before each stage along one sampled path."""
    states = [first]
    for stage in stages[:-1]:
        anomaly = float(rng.choice(_outcomes(stage, states[-1], setup)))
        states.append(stage.after(stage.solve(states[-1], anomaly)))
    return states


def _cut(stage: Stage, before: Floats, setup: Setup) -> tuple[float, Floats]:
    """Return level and slope of the cut that `stage` gives to the month before, at the state `before`."""
    costs, slopes = [], []
    phi = float(stage.river.persistence[stage.month])
    for anomaly in _outcomes(stage, before, setup):
        s = stage.solve(before, float(anomaly))
        slope = s.reduced[stage.enters]
        slope[-1] *= phi
        costs.append(s.cost)
        slopes.append(slope)
    weight = _weights(np.array(costs), setup.caution)
    slope = np.asarray(weight @ np.stack(slopes))
    return float(weight @ np.array(costs) - slope @ before), slope


def _value(stage: Stage, before: Floats, setup: Setup) -> float:
    costs = np.array([stage.solve(before, float(z)).cost for z in _outcomes(stage, before, setup)])
    return float(_weights(costs, setup.caution) @ costs)


def _weights(costs: Floats, caution: float) -> Floats:
    """Return the weights of (1 - caution) × mean + caution × mean of the worst fifth."""
    n = len(costs)
    weight = np.full(n, (1 - caution) / n)
    left = WORST
    for k in np.argsort(-costs, kind="stable"):
        share = min(left, 1 / n)
        weight[k] += caution * share / WORST
        left -= share
    return weight


def _circle(system: System, circle: Sequence[Stage], setup: Setup, rng: np.random.Generator) -> None:
    """Sweep the circle of twelve months: forth over `tail` months, back over all of them, `circle` times.

    Each sweep starts from another volume, spread evenly from empty to full, so that the whole range is learnt.
    """
    case = circle[0].case
    held = [r for r in system.reservoirs if r.id in case.reservoirs]
    low = np.array([*(r.stop_km3 for r in held), 0.0, 0.0])
    high = np.array([*(r.full_km3 for r in held), case.swap.cap if case.swap else 0.0, 0.0])
    for n in range(setup.circle):
        share = (0.5 + n * 0.618034) % 1.0
        state = low + share * (high - low)
        months = [circle[k % 12] for k in range(setup.tail)]
        states = _forward(months, state, setup, rng)
        for k in range(setup.tail - 1, -1, -1):
            circle[(k - 1) % 12].add(*_cut(months[k], states[k], setup))


def _check(system: System, cases: Sequence[Case], setup: Setup) -> None:
    problems = []
    if not cases:
        problems.append(Problem("months", "empty", "no month", "write at least one"))
    if setup.tail < 12 or setup.outcomes < 1 or setup.sweeps < 1:
        problems.append(Problem("policy", "setup", "tail, outcomes or sweeps too small", "at least 12, 1 and 1"))
    if not 0 <= setup.caution <= 1:
        problems.append(Problem("caution", "share", f"{setup.caution:g}", "write a share from 0 to 1"))
    for r in system.reservoirs:
        if cases and r.id in cases[0].reservoirs and not r.stop_km3 <= setup.start.get(r.id, -1) <= r.full_km3:
            message = f"{setup.start.get(r.id)} km3 in {r.id}"
            problems.append(Problem("storage", "volume", message, f"from {r.stop_km3:g} to {r.full_km3:g} km3"))
    if problems:
        raise InputError(problems)
