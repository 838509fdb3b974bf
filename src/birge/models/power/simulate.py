"""Run a policy over many drawn rivers: volumes, missing power, exchange; and measure its cost against the bound.

Antithetic pairs of paths share their noise with opposite sign; errors are those of the means of pairs. `true_head`
takes the yield at the volume of the moment instead of the usual one, which no bound covers.

`measure` takes from the cost of a path what the luck of its river was: Σ β^t (Q_t(x_t, z_t) - E Q_t(x_t, ·)), Q_t the
cost of month and future as the policy sees it. Its mean is zero whatever the cuts are, so the mean cost stays and
nearly all of the spread goes. What is left is bound + Σ β^t (E Q_t(x_t, ·) - θ_t(x_t)): what each month costs more than
the cut θ_t that spoke for it, so that error of sampling and gap of the policy are told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.models.power.inflow import noise_values, step
from birge.models.power.lp import Solution
from birge.models.power.month import head, usual_yield
from birge.models.power.policy import Policy, Stage
from birge.rng import Streams

__all__ = ["Measured", "Simulation", "measure", "simulate"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """Expected cost of a policy, mn USD: its standard error, the lower bound, and `own`, what the horizon itself costs.

    `gaps` [month] says how much of cost less bound each month adds.
    """

    bound: float
    cost: float
    error: float
    own: float
    gaps: Floats

    @property
    def upper(self) -> float:
        """Upper 95 % limit of the expected cost, mn USD."""
        return self.cost + 1.96 * self.error

    @property
    def gap(self) -> float:
        """Upper 95 % limit over the bound, as a share of the bound."""
        return self.upper / self.bound - 1


@dataclass(frozen=True)
class Simulation:
    """Paths under a policy. Arrays are [path, month] in GWh, `volume` [path, month + 1] in km3, by name.

    `cost` [path] is discounted, mn USD, with the value of what is left at the end; `own` [path, month] without it.
    `short` is rationed and unserved power of all nodes, `missing` the same by node, `unserved` what is not rationed.
    `bought` is what plants of technology import bring, `paid` its cost (mn USD). `dry` is water for irrigation that is
    missing, by economy, `inflow` the river of the lowest reservoir, `release` what leaves it (km3), `turbined` what
    passes the plants of each reservoir; `value` is what one more km3 in a month saves (mn USD).
    """

    cost: Floats
    own: Floats
    volume: Mapping[str, Floats]
    short: Floats
    bought: Floats
    given: Floats
    returned: Floats
    hydro: Floats
    missing: Mapping[str, Floats]
    unserved: Mapping[str, Floats]
    paid: Floats
    dry: Mapping[str, Floats]
    inflow: Floats
    release: Floats
    value: Floats
    turbined: Mapping[str, Floats]

    def first(self, paths: int) -> Simulation:
        """Return the first `paths` paths alone, which are those of a run of so many."""

        def cut(value: Any) -> Any:
            return {k: v[:paths] for k, v in value.items()} if isinstance(value, Mapping) else value[:paths]

        return Simulation(**{f.name: cut(getattr(self, f.name)) for f in fields(self)})

    @property
    def error(self) -> float:
        """Standard error of the mean cost, from pairs."""
        pairs = self.cost.reshape(-1, 2).mean(axis=1)
        return float(pairs.std(ddof=1) / np.sqrt(len(pairs)))

    @property
    def upper(self) -> float:
        """Upper 95 % limit of the expected cost."""
        return float(self.cost.mean() + 1.96 * self.error)


def measure(policy: Policy, paths: int, streams: Streams) -> Measured:
    """Return what the policy costs over `paths` rivers of its own noise, each corrected for its luck."""
    rng = streams.at("power/measure")
    noise, stages = noise_values(policy.setup.outcomes), policy.horizon
    gaps, own = np.zeros((paths, len(stages))), np.zeros(paths)
    for p in range(paths):
        state, told, factor = policy.first, policy.bound, 1.0
        for k, at in enumerate(stages):
            gaps[p, k] = factor * (at.expected(state)[0] - told)
            s = at.solve(state, float(step(at.river, at.month, float(state[-1]), rng.choice(noise))))
            own[p] += factor * at.own_cost(s)
            state, told, factor = at.after(s), float(s.value[at.future]), factor * at.factor
    cost = policy.bound + gaps.sum(axis=1)
    error = float(cost.std(ddof=1) / np.sqrt(paths))
    return Measured(policy.bound, float(cost.mean()), error, float(own.mean()), gaps.mean(axis=0))


def simulate(policy: Policy, pairs: int, streams: Streams, true_head: bool = False) -> Simulation:
    """Run `policy` on 2 × `pairs` paths of its own discrete noise."""
    rng = streams.at("power/simulate")
    setup, stages = policy.setup, policy.horizon
    noise = noise_values(setup.outcomes)
    names = stages[0].case.reservoirs
    paths, months = 2 * pairs, len(stages)
    read = [_Columns(policy, at) for at in stages]
    found = {name: np.zeros((paths, months)) for name in read[0].groups}
    own, inflow, value = (np.zeros((paths, months)) for _ in range(3))
    volume = np.zeros((len(names), paths, months + 1))
    cost = np.zeros(paths)
    for p in range(pairs):
        drawn = rng.integers(len(noise), size=months)
        for sign in (0, 1):
            path, state = 2 * p + sign, policy.first
            volume[:, path, 0] = state[: len(names)]
            for k, at in enumerate(stages):
                eps = noise[drawn[k]] if sign == 0 else noise[len(noise) - 1 - drawn[k]]
                if true_head:
                    _head(policy, at, state)
                anomaly = float(step(at.river, at.month, float(state[-1]), eps))
                s = at.solve(state, anomaly)
                own[path, k] = at.own_cost(s)
                cost[path] += at.factor**k * own[path, k]
                for name, total in read[k].totals(s):
                    found[name][path, k] = total
                inflow[path, k] = read[k].inflow(anomaly)
                value[path, k] = -float(s.dual[at.columns.water[read[k].lowest]])
                state = at.after(s)
                volume[:, path, k + 1] = state[: len(names)]
            cost[path] += at.factor**months * s.value[at.future]
    if true_head:
        for at in stages:
            _head(policy, at, None)

    def by(kind: str) -> dict[str, Floats]:
        return {n.removeprefix(kind): found[n] for n in found if n.startswith(kind)}

    missing = by("missing ")
    return Simulation(
        cost,
        own,
        dict(zip(names, volume, strict=True)),
        np.asarray(sum(missing.values())),
        found["bought"],
        found["given"],
        found["returned"],
        found["hydro"],
        missing,
        by("unserved "),
        found["paid"],
        by("dry "),
        inflow,
        found["release"],
        value,
        by("turbined "),
    )


class _Columns:
    """What is read from the solution of a month: groups of columns with weights, by name."""

    def __init__(self, policy: Policy, at: Stage) -> None:
        system, m, case = policy.system, at.columns, at.case
        imports = {q.id: q for q in system.plants if q.technology == "import" and q.id in m.generation}
        sold = [x for x in system.steps if x.way == "sells" and x.id in m.traded]
        self.lowest = system.lowest().id
        self._mean = system.rivers[self.lowest].inflow_km3[at.month] * case.inflow
        self._spread = system.rivers[self.lowest].inflow_km3[at.month] * system.rivers[self.lowest].spread[at.month]
        self.groups = {
            **{f"missing {n}": _all([m.missing[n], m.rationed[n]]) for n in case.nodes},
            **{f"unserved {n}": _all([m.missing[n]]) for n in case.nodes},
            **{f"dry {e}": _all([[column]]) for e, column in m.gap.items()},
            "bought": _all([*(m.generation[i] for i in imports), *(m.traded[x.id] for x in sold)]),
            "paid": _all(
                [*(m.generation[i] for i in imports), *(m.traded[x.id] for x in sold)],
                [*(q.cost / 1_000 for q in imports.values()), *(x.price / 1_000 for x in sold)],
            ),
            "given": _all([m.given]),
            "returned": _all([m.returned]),
            "hydro": _all(m.hydro.values()),
            **{f"turbined {n}": _all([[column]]) for n, column in m.release.items()},
            "release": _all([[m.release[self.lowest], m.spill[self.lowest]]]),
        }
        # A month without a need for irrigation has none that is missing.
        for e in system.irrigated():
            self.groups.setdefault(f"dry {e}", _all([]))

    def totals(self, s: Solution) -> Iterable[tuple[str, float]]:
        """Return the weighted total of each group."""
        return ((name, float(s.value[columns] @ weight)) for name, (columns, weight) in self.groups.items())

    def inflow(self, anomaly: float) -> float:
        """Return the inflow to the lowest reservoir at `anomaly`, km3."""
        return float(self._mean + self._spread * anomaly)


def _all(groups: Iterable[object], weights: Iterable[float] | None = None) -> tuple[NDArray[np.int32], Floats]:
    """Return the columns of all groups as one, each with the weight of its group."""
    made = [np.asarray(g, np.int32) for g in groups]
    each = [1.0] * len(made) if weights is None else list(weights)
    columns = np.concatenate([np.zeros(0, np.int32), *made])
    return columns, np.concatenate([np.zeros(0), *(np.full(len(g), w) for g, w in zip(made, each, strict=True))])


def _head(policy: Policy, stage: Stage, state: Floats | None) -> None:
    """Set the yield of each reservoir at its volume; back to the usual one without a state."""
    for k, name in enumerate(stage.case.reservoirs):
        r = next(x for x in policy.system.reservoirs if x.id == name)
        of = usual_yield(policy.system, r, stage.month) if state is None else r.yield_base + r.yield_slope * state[k]
        row, gain, usual = stage.columns.energy[name], *head(policy.system, r, stage.month)
        stage.solver.coefficient(row, stage.columns.release[name], -1_000 * float(of))
        if gain:
            kept = gain if state is None else 0.0
            stage.solver.coefficient(row, stage.enters(k), -kept)
            stage.solver.limit(row, -kept * usual, -kept * usual)
