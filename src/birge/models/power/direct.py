"""The programme of a grid, built straight for HiGHS: every part a block of columns over the steps, arrays throughout.

minimise   Σ hours × cost × p + Σ capital × growth + Σ cost × gap + cost after the last step
buses      what feeds in, arrives and leaves tanks = what is drawn        (tank: (e before - e) / hours)
sizes      low × size ≤ p ≤ top × size, the size chosen where a part may grow
months     energy of a plant, water that must pass
after      cost to come ≥ level + Σ slope × last content of a tank, for every cut of the policy
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.models.power.lp import INFINITY, Assembly, Solution, Solver
from birge.models.power.parts import Arc, Grid, Tank, Unit

__all__ = ["FLOOR", "Programme", "Run", "programme", "run"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
SCALE = 1e-3
"""The programme counts thousand USD: an hour's coefficients then lie well above the tolerances of HiGHS."""
FLOOR = -1e5
"""Cost to come is never below this, mn USD: a bound that no cut has to reach."""


@dataclass(frozen=True)
class Run:
    """An optimum of a grid: cost in mn USD a year, flows by part (MW or million m3 an hour), levels, sizes, prices.

    `price` is USD/MWh (at a water bus USD for a million m3) at every step; `gap` million m3 by need. `future` is the
    part of `cost` that comes after the last step (mn USD), 0 where nothing speaks of it.
    """

    cost: float
    flow: Mapping[str, Floats]
    level: Mapping[str, Floats]
    size: Mapping[str, float]
    price: Mapping[str, Floats]
    gap: Mapping[str, float]
    future: float = 0.0


@dataclass(frozen=True)
class Programme:
    """A grid's programme with its columns and rows by name."""

    grid: Grid
    made: Assembly
    flow: Mapping[str, Ints]
    level: Mapping[str, Ints]
    size: Mapping[str, int]
    gap: Mapping[str, int]
    balance: Mapping[str, Ints]
    future: int = -1

    def read(self, s: Solution) -> Run:
        """Return an optimum by name."""
        hours = self.grid.clock.hours
        sizes = {x.name: x.size for x in self.grid.sized()}
        return Run(
            s.cost * SCALE,
            {k: s.value[c] for k, c in self.flow.items()},
            {k: s.value[c] for k, c in self.level.items()},
            sizes | {k: float(s.value[c]) for k, c in self.size.items()},
            {k: s.dual[r] / hours / SCALE for k, r in self.balance.items()},
            {k: float(s.value[c]) for k, c in self.gap.items()},
            float(s.value[self.future]) if self.future >= 0 else 0.0,
        )


def run(grid: Grid) -> Run:
    """Return the cheapest year of a grid; raises SolveError unless the solve ends at an optimum."""
    made = programme(grid)
    return made.read(Solver(made.made).solve())


def programme(grid: Grid) -> Programme:
    """Return the programme of a grid, not solved yet."""
    a, hours = Assembly(), grid.clock.hours
    steps = len(hours)
    need = {b: np.zeros(steps) for b in grid.buses}
    for d in grid.draws:
        need[d.bus] = need[d.bus] + d.value
    balance = {b: a.row(steps, v, v) for b, v in need.items()}
    flow: dict[str, Ints] = {}
    size: dict[str, int] = {}
    for u in grid.units:
        flow[u.name] = _sized(a, u, u.low, u.top, hours * u.cost * SCALE, size)
        a.put(balance[u.bus], flow[u.name], u.sign)
        if u.monthly is not None:
            for m in range(12):
                steps_of = np.flatnonzero(grid.clock.month == m)
                a.put(a.row(1, -INFINITY, u.monthly[m]), flow[u.name][steps_of], hours[steps_of])
    for x in grid.arcs:
        flow[x.name] = _sized(a, x, np.zeros(steps), x.top, np.zeros(steps), size)
        a.put(balance[x.start], flow[x.name], -1.0)
        a.put(balance[x.end], flow[x.name], x.efficiency)
        if x.then:
            a.put(balance[x.then], flow[x.name], 1.0)
    level = {t.name: _tank(a, t, balance[t.bus], hours, size) for t in grid.tanks}
    gap = {}
    for n in grid.needs:
        steps_of = np.flatnonzero(grid.clock.month == n.month)
        row = a.row(1, n.amount)
        for name in (*n.arcs, *n.units):
            a.put(row, flow[name][steps_of], hours[steps_of])
        gap[n.name] = int(a.column(1, n.cost * SCALE)[0])
        a.put(row, gap[n.name], 1.0)
    future = int(a.column(1, 1e6 * SCALE, FLOOR)[0]) if grid.worths else -1
    for w in grid.worths:
        row = a.row(1, w.level)
        a.put(row, future, 1.0)
        a.put(row, [level[n][-1] for n in w.slope], [-v for v in w.slope.values()])
    return Programme(grid, a, flow, level, size, gap, balance, future)


def _sized(a: Assembly, x: Unit | Arc, low: Floats, top: Floats, cost: Floats, size: dict[str, int]) -> Ints:
    """Add the flow of a part; where it may grow, its size as a column and the rows that keep the flow within it."""
    steps = len(top)
    if x.most <= x.size:
        return a.column(steps, cost, low * x.size, top * x.size)
    columns = a.column(steps, cost, low * x.size)
    size[x.name] = int(a.column(1, x.capital * SCALE, x.size, x.most)[0])
    rows = a.row(steps, -INFINITY, 0.0)
    a.put(rows, columns, 1.0)
    a.put(rows, size[x.name], -top)
    return columns


def _tank(a: Assembly, t: Tank, balance: Ints, hours: Floats, size: dict[str, int]) -> Ints:
    steps = len(hours)
    grows = t.most > t.size
    low, top = t.low * t.size, np.full(steps, INFINITY) if grows else t.top * t.size
    if t.first is not None:
        low = np.concatenate([low[:-1], [max(low[-1], t.last)]])
    columns = a.column(steps, 0.0, low, top)
    if grows:
        size[t.name] = int(a.column(1, t.capital * SCALE, t.size, t.most)[0])
        rows = a.row(steps, -INFINITY, 0.0)
        a.put(rows, columns, 1.0)
        a.put(rows, size[t.name], -t.top)
    a.put(balance, columns, -1.0 / hours)
    a.put(balance[1:], columns[:-1], 1.0 / hours[1:])
    if t.first is None:
        a.put(balance[:1], columns[-1:], 1.0 / hours[:1])
    else:
        first = a.column(1, 0.0, t.first, t.first)
        a.put(balance[:1], first, 1.0 / hours[:1])
    return columns
