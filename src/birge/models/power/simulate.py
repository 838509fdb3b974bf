"""Run a policy over many drawn rivers: cost with its standard error, volumes, missing power, exchange.

Antithetic pairs of paths share their noise with opposite sign; errors are those of the means of pairs. `true_head`
takes the yield at the volume of the moment instead of the usual one, which no bound covers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.models.power.inflow import noise_values, step
from birge.models.power.month import usual_yield
from birge.models.power.policy import Policy, Stage
from birge.rng import Streams

__all__ = ["Simulation", "simulate"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Simulation:
    """Paths under a policy. Arrays are [path, month] in GWh, `volume` [path, month + 1] in km3, by name.

    `cost` [path] is discounted, mn USD, with the value of what is left at the end; `own` [path, month] without it.
    `short` is rationed and unserved power of all nodes, `bought` what plants of technology import bring.
    """

    cost: Floats
    own: Floats
    volume: Mapping[str, Floats]
    short: Floats
    bought: Floats
    given: Floats
    returned: Floats
    hydro: Floats

    @property
    def error(self) -> float:
        """Standard error of the mean cost, from pairs."""
        pairs = self.cost.reshape(-1, 2).mean(axis=1)
        return float(pairs.std(ddof=1) / np.sqrt(len(pairs)))

    @property
    def upper(self) -> float:
        """Upper 95 % limit of the expected cost."""
        return float(self.cost.mean() + 1.96 * self.error)


def simulate(policy: Policy, pairs: int, streams: Streams, true_head: bool = False) -> Simulation:
    """Run `policy` on 2 × `pairs` paths of its own discrete noise."""
    rng = streams.at("power/simulate")
    setup, stages = policy.setup, policy.horizon
    noise = noise_values(setup.outcomes)
    names = stages[0].case.reservoirs
    paths, months = 2 * pairs, len(stages)
    own, short, bought, given, returned, hydro = (np.zeros((paths, months)) for _ in range(6))
    volume = np.zeros((len(names), paths, months + 1))
    cost = np.zeros(paths)
    first = np.array([*(setup.start[n] for n in names), setup.credit if stages[0].case.swap else 0.0, setup.anomaly])
    for p in range(pairs):
        drawn = rng.integers(len(noise), size=months)
        for sign in (0, 1):
            path, state = 2 * p + sign, first
            volume[:, path, 0] = state[: len(names)]
            for k, stage in enumerate(stages):
                eps = noise[drawn[k]] if sign == 0 else noise[len(noise) - 1 - drawn[k]]
                if true_head:
                    _head(policy, stage, state)
                s = stage.solve(state, float(step(stage.river, stage.month, float(state[-1]), eps)))
                own[path, k] = stage.own_cost(s)
                cost[path] += stage.factor**k * own[path, k]
                m = stage.columns
                short[path, k] = sum(s.value[c].sum() for of in (m.missing, m.rationed) for c in of.values())
                imports = [q.id for q in policy.system.plants if q.technology == "import"]
                bought[path, k] = sum(s.value[m.generation[i]].sum() for i in imports if i in m.generation)
                given[path, k], returned[path, k] = s.value[m.given].sum(), s.value[m.returned].sum()
                hydro[path, k] = sum(s.value[c].sum() for c in m.hydro.values())
                state = stage.after(s)
                volume[:, path, k + 1] = state[: len(names)]
                if k == months - 1:
                    cost[path] += stage.factor ** (k + 1) * s.value[stage.future]
    if true_head:
        for stage in stages:
            _head(policy, stage, None)
    return Simulation(cost, own, dict(zip(names, volume, strict=True)), short, bought, given, returned, hydro)


def _head(policy: Policy, stage: Stage, state: Floats | None) -> None:
    """Set the yield of each reservoir at its volume; back to the usual one without a state."""
    for k, name in enumerate(stage.case.reservoirs):
        r = next(x for x in policy.system.reservoirs if x.id == name)
        of = usual_yield(policy.system, r, stage.month) if state is None else r.yield_base + r.yield_slope * state[k]
        stage.solver.coefficient(stage.columns.energy[name], stage.columns.release[name], -1_000 * float(of))
