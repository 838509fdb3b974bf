"""The programme of a grid, built straight for HiGHS: every part a block of columns over the steps, arrays throughout.

minimise   Σ hours × cost × p + Σ capital × growth + Σ cost × gap + cost after the last step
buses      what feeds in, arrives and leaves tanks = what is drawn        (tank: (e before - e) / hours)
sizes      low × size ≤ p ≤ top × size, the size chosen where a part may grow
free       plants at a bus that may grow and cost nothing to run: Σ p = Σ top × size - unused, 0 ≤ unused ≤ Σ top × size
months     energy of a plant, water that must pass
after      cost to come ≥ level + Σ slope × last content of a tank, for every cut of the policy

The free plants of a bus are one: which of them is held back costs nothing and is read as the same share of each.
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
BOX = 0.02
"""Share of its range by which a size may move at first (`Programme.search`). The dual simplex begins with every size at
the end of its box that its reduced cost points to; from the ends of whole ranges it takes two to four times as long."""
TOLERANCE = 1e-7
"""Reduced cost that HiGHS takes for none, thousand USD."""
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
    """A grid's programme with its columns and rows by name; `unused` (MW by bus) is what free plants are held back."""

    grid: Grid
    made: Assembly
    flow: Mapping[str, Ints]
    level: Mapping[str, Ints]
    size: Mapping[str, int]
    gap: Mapping[str, int]
    balance: Mapping[str, Ints]
    unused: Mapping[str, Ints]
    future: int = -1

    def read(self, s: Solution) -> Run:
        """Return an optimum by name."""
        hours = self.grid.clock.hours
        sizes = {x.name: x.size for x in self.grid.sized()} | {k: float(s.value[c]) for k, c in self.size.items()}
        flow = {k: s.value[c] for k, c in self.flow.items()}
        for bus, units in _free(self.grid).items():
            offered = {u.name: u.top * sizes[u.name] for u in units}
            whole = sum(offered.values(), np.zeros(len(hours)))
            share = 1 - np.divide(s.value[self.unused[bus]], whole, out=np.zeros(len(hours)), where=whole > 0)
            flow |= {name: mw * share for name, mw in offered.items()}
        return Run(
            s.cost * SCALE,
            flow,
            {k: s.value[c] for k, c in self.level.items()},
            sizes,
            {k: s.dual[r] / hours / SCALE for k, r in self.balance.items()},
            {k: float(s.value[c]) for k, c in self.gap.items()},
            float(s.value[self.future]) if self.future >= 0 else 0.0,
        )

    def search(self, sizes: Mapping[str, float]) -> Solver:
        """Return the programme in memory with its optimum as the basis, found from `sizes` by part.

        Sizes are held first: their rows are bounds then, which presolve takes away, and power that is missing has a
        price, so that there is a solution wherever there is one at all. From that basis they move within a box around
        where they stand, which grows where a size would leave it, until none would. Last are the bounds as they were.
        """
        columns = np.array(list(self.size.values()), np.int32)
        low, high = (np.concatenate([b[k] for b in self.made.bounds])[columns] for k in (0, 1))
        at, reach = np.clip([sizes.get(name, 0.0) for name in self.size], low, high), BOX * (high - low)
        solver = Solver(self.made)
        solver.bound(columns, at, at)
        solver.solve()
        while True:
            below, above = np.maximum(low, at - reach), np.minimum(high, at + reach)
            solver.bound(columns, below, above)
            found = solver.solve()
            gain = found.reduced[columns]
            leaves = ((gain > TOLERANCE) & (below > low)) | ((gain < -TOLERANCE) & (above < high))
            if not leaves.any():
                break
            at, reach = np.where(leaves, found.value[columns], at), np.where(leaves, 4 * reach, reach)
        solver.bound(columns, low, high)
        return solver


def run(grid: Grid, sizes: Mapping[str, float] | None = None, *, even: bool = False) -> Run:
    """Return the cheapest year of a grid; raises SolveError unless the solve ends at an optimum.

    `sizes` by part, such as those of typical days, are where the search begins; they do not change the optimum.
    `even`: among years of the same cost the one in which missing power is spread.
    """
    made = programme(grid)
    solver = made.search(sizes) if sizes and made.size else Solver(made.made)
    s = solver.solve()
    lost = [u for u in grid.units if u.technology == "missing"]
    if even and lost:
        width = np.concatenate([u.top * u.size for u in lost])
        columns = np.concatenate([made.flow[u.name] for u in lost])
        s = solver.evened(s, columns, width, np.tile(grid.clock.hours, len(lost)), np.zeros(0, np.int32))
    return made.read(s)


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
    free = _free(grid)
    unused = {bus: _together(a, balance[bus], units, size) for bus, units in free.items()}
    together = {u.name for units in free.values() for u in units}
    for u in grid.units:
        if u.name in together:
            continue
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
    return Programme(grid, a, flow, level, size, gap, balance, unused, future)


def _free(grid: Grid) -> dict[str, list[Unit]]:
    """Return the units by bus that may grow and whose power costs nothing and is never forced."""
    found: dict[str, list[Unit]] = {}
    for u in grid.units:
        if u.most > u.size and u.cost == 0 and u.sign == 1 and u.monthly is None and not u.low.any():
            found.setdefault(u.bus, []).append(u)
    return found


def _together(a: Assembly, balance: Ints, units: list[Unit], size: dict[str, int]) -> Ints:
    """Add the sizes of free units at a bus and what they are held back together."""
    unused = a.column(len(balance))
    rows = a.row(len(balance))
    a.put(balance, unused, -1.0)
    a.put(rows, unused, -1.0)
    for u in units:
        size[u.name] = int(a.column(1, u.capital * SCALE, u.size, u.most)[0])
        a.put(balance, size[u.name], u.top)
        a.put(rows, size[u.name], u.top)
    return unused


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
