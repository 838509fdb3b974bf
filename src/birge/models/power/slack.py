"""How far the gain of each side reaches among programmes of both that are as good as the best one, within a slack.

The least cost of two sides together leaves open who has it: hours can be moved so that one side's cost rises by as much
as the other's falls, and what the year then says of either is an accident of the solver. With `slack` (mn USD a year)
for both together, each side's own cost, with irrigation water at each price, is made as small and as large as it gets:

    least and most of  cost of the side + price × water it misses      with  cost of both ≤ least cost + slack

What is kept of every such year are its costs and its water, so that the least and the most gain at a price are those of
years that can be run; between the prices asked for they are no wider than they could be. Missing water is a kink
(need less release, where that is positive); its months are those of the best year, the water counted is the true one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.models.power.dispatch import Year
from birge.models.power.lp import INFINITY, Solution
from birge.models.power.system import System

__all__ = ["SLACK", "Ends", "Point", "water_users"]

Floats = NDArray[np.float64]
SLACK = 0.5
"""mn USD a year by which the joint cost may lie above the least; some 0.02 % of it, which no dispatcher can tell."""


@dataclass(frozen=True)
class Point:
    """One year that can be run: cost by power (mn USD) and water missing for irrigation (km3) of each economy."""

    power: Mapping[str, float]
    water: Mapping[str, float]


class Ends:
    """Years at the ends of what each of `pair` may pay, from one programme whose contract is changed from outside.

    `fixed` plants are those whose output the caller holds; what they cost is left out.
    """

    def __init__(
        self, system: System, year: Year, pair: Sequence[str], prices: Sequence[float], fixed: Collection[str] = ()
    ) -> None:
        self._solver, costs = year.solver, year.solver.costs
        self._cost = {e: _cost_of(system, year, e, fixed) for e in pair}
        self.water = {e: _Water(system, year, e) for e in water_users(system)}
        held = np.flatnonzero(costs).astype(np.int32)
        # The row is there from the start and binds only while ends are looked for.
        self._row = self._solver.row(held, costs[held])
        self._asked = [(e, p) for e in pair for p in (prices if e in self.water else (0.0,))]

    def point(self, value: Floats) -> Point:
        """Return costs and missing water of a solution."""
        power = {e: float(c @ value) for e, c in self._cost.items()}
        return Point(power, {e: w.missing(value) for e, w in self.water.items()})

    def around(self, best: Solution, slack: float) -> tuple[Point, ...]:
        """Return the best year, given by its solution, and those at the ends of each side; the programme as it was."""
        found = [self.point(best.value)]
        self._solver.limit(self._row, -INFINITY, best.cost + slack)
        first = self._asked[0][0]
        # What is dear for one is cheap for the other: this way round each end lies near the one before.
        aims = [
            (1.0 if e == first else -1.0) * (self._cost[e] + (p * self.water[e].slope(best.value) if p else 0.0))
            for e, p in self._asked
        ]
        self._solver.primal()
        for aim in (*aims, *(-a for a in reversed(aims))):
            self._solver.prices(aim)
            found.append(self.point(self._solver.solve().value))
        self._solver.prices(self._solver.costs)
        self._solver.dual()
        self._solver.limit(self._row, -INFINITY, INFINITY)
        return tuple(found)


class _Water:
    """Water for irrigation that one economy misses, from what leaves the lowest reservoir."""

    def __init__(self, system: System, year: Year, economy: str) -> None:
        low = system.lowest().id
        self._share = system.shares(system.lowest())[economy].mode
        self._need = np.asarray(system.rivers[low].need_km3, dtype=np.float64)
        self._out = np.array([[m.release[low], m.spill[low]] for m in year.months], dtype=np.int32)
        self._columns = len(year.solver.costs)

    def missing(self, value: Floats) -> float:
        """Return what is missing in a year, km3."""
        return self.short(value[self._out].sum(axis=1))

    def short(self, gone: Floats) -> float:
        """Return what is missing in a year (km3) when `gone` km3 leave the reservoir in each month."""
        return float(self._share * np.maximum(self._need - gone, 0.0).sum())

    def slope(self, value: Floats) -> Floats:
        """Return by how much each column changes what is missing, in the months in which some is."""
        made = np.zeros(self._columns)
        made[self._out[self._need > value[self._out].sum(axis=1)]] = -self._share
        return made


def water_users(system: System) -> list[str]:
    """Return the economies that take water for irrigation from the main river."""
    return list(system.shares(system.lowest()))


def _cost_of(system: System, year: Year, economy: str, fixed: Collection[str]) -> Floats:
    """Return what every column costs an economy by power, mn USD: made, bought outside, missing."""
    made = np.zeros(len(year.solver.costs))
    here = {n.id for n in system.nodes if n.economy == economy}
    plants = {p.id: p.cost for p in system.plants if p.node in here and p.id not in fixed}
    zones = {z.id for z in system.zones if z.node in here}
    steps = {x.id: x.price * (1 if x.way == "sells" else -1) for x in system.steps if x.zone in zones}
    for m in year.months:
        for names, columns in ((plants, m.generation), (steps, m.traded)):
            for k, each in columns.items():
                made[each] = names.get(k, 0.0) / 1_000
        for n in here & set(year.case.nodes):
            for each in (m.rationed[n], m.missing[n]):
                made[each] = year.solver.costs[each]
    return made
