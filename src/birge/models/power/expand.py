"""What it pays to build by a year: the cheapest system by hours with options, whole projects one by one, near optima.

`expand(system, year) → Expansion`. Divisible options are sized together. A whole one (a dam, a reactor, a link) is
then added by itself: what it saves a year beside what it costs a year. Longer clocks begin with the sizes of typical
days. Near optima (modelling to generate alternatives, Brill et al. 1982; as in Neumann and Brown 2021): the least and
the most of each group within a share of the least cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.models.power.accounts import GROWTHS, demand_at
from birge.models.power.balance import CLEAN
from birge.models.power.case import Case, case
from birge.models.power.clock import Clock
from birge.models.power.clock import clock as clock_of
from birge.models.power.direct import SCALE, Run, programme, run
from birge.models.power.dispatch import dispatch
from birge.models.power.grid import grid
from birge.models.power.options import Option, options
from birge.models.power.parts import Grid
from birge.models.power.system import System
from birge.models.power.yields import met

__all__ = ["ENGINES", "Expansion", "Near", "State", "Whole", "expand", "expand_problems", "near_optima", "state"]

Floats = NDArray[np.float64]
ENGINES = ("highs", "pypsa")


@dataclass(frozen=True)
class State:
    """A year: cost in mn USD, of it missing power; TWh by economy and technology; Mt CO2; missing GWh by month."""

    cost: float
    missing_cost: float
    made: Mapping[str, Mapping[str, float]]
    carbon: float
    missing: Mapping[str, Floats]

    @property
    def clean(self) -> float:
        """Share of hydropower, sun, wind and nuclear in what is made."""
        whole = sum(v for of in self.made.values() for k, v in of.items() if k != "import")
        return sum(v for of in self.made.values() for k, v in of.items() if k in CLEAN) / whole


@dataclass(frozen=True)
class Whole:
    """A project that is built in full or not: mn USD a year that it saves, and that it costs."""

    id: str
    saves: float
    costs: float
    carbon: float


@dataclass(frozen=True)
class Near:
    """MW of a group of options: in the cheapest system, and the least and most within the slack."""

    group: str
    best: float
    least: float
    most: float


@dataclass(frozen=True)
class Expansion:
    """The cheapest system: MW `built`, MWh `stored` by option, before and after; whole projects, near optima."""

    year: int
    clock: str
    engine: str
    offered: tuple[Option, ...]
    built: Mapping[str, float]
    stored: Mapping[str, float]
    before: State
    after: State
    whole: tuple[Whole, ...]
    near: tuple[Near, ...]
    slack: float


def expand(
    system: System,
    year: int,
    clock: Clock,
    *,
    hydrology: str = "mean",
    growth: str = "mode",
    price: float = 0.0,
    engine: str = "highs",
    slack: float = 0.0,
    targets: bool = False,
) -> Expansion:
    """Return what it pays to build by `year` with open lines; raises InputError for an unknown engine or slack.

    `price` is that of irrigation water (mn USD/km3). `targets` keeps the volumes of the year by months. `slack` above 0
    looks for near optima, always by HiGHS itself.
    """
    if problems := expand_problems(growth, engine, slack):
        raise InputError(problems)
    offered = options(system, year)
    of = _case(system, year, hydrology, growth, price, ())
    months = dispatch(system, of).volume
    system, volumes = met(system, months), {k: v[1:] for k, v in months.items()} if targets else None
    parts = tuple(o for o in offered if not o.whole)
    plain, wide = (grid(system, of, clock, some, targets=volumes) for some in ((), parts))
    days = clock_of("typical", clock.series) if engine == "highs" and clock.name != "typical" else None
    first = run(grid(system, of, days, parts, targets=volumes)).size if days else {}
    before, after = _run(plain, engine), _run(wide, engine, first)
    then = state(system, wide, after)
    whole = []
    for o in offered:
        if o.whole:
            with_it = _case(system, year, hydrology, growth, price, (o.milestone,) if o.kind == "reservoir" else ())
            g = grid(system, with_it, clock, (*parts, o), targets=volumes)
            # A dam changes more than the step from typical days: on a longer clock its own days are the nearer start.
            first = run(grid(system, with_it, days, (*parts, o), targets=volumes), first).size if days else after.size
            made = _run(g, engine, first)
            carbon = state(system, g, made).carbon - then.carbon
            whole.append(Whole(o.id, after.cost - made.cost, o.mw * o.yearly(system) / 1e6, carbon))
    size = {o.id: after.size.get(o.id, after.size.get(f"{o.id}-discharge", 0.0)) for o in parts}
    return Expansion(
        year,
        clock.name,
        engine,
        offered,
        size,
        {o.id: after.size[f"{o.id}-store"] for o in parts if o.kind == "battery"},
        state(system, plain, before),
        then,
        tuple(whole),
        near_optima(wide, _groups(system, parts), after, slack) if slack else (),
        slack,
    )


def expand_problems(growth: str, engine: str, slack: float) -> list[Problem]:
    """Return everything that is wrong with what `expand` is asked for besides the year's case."""
    problems = []
    if growth not in GROWTHS:
        problems.append(Problem("growth", "unknown", f"{growth!r}", f"one of {', '.join(GROWTHS)}"))
    if engine not in ENGINES:
        problems.append(Problem("engine", "unknown", f"{engine!r}", f"one of {', '.join(ENGINES)}"))
    if not 0 <= slack < 1:
        problems.append(Problem("slack", "share", f"{slack:g}", "write a share from 0 to below 1"))
    return problems


def state(system: System, grid: Grid, made: Run) -> State:
    """Return a year in the terms of its answer."""
    economy = {n.id: n.economy for n in system.nodes}
    economy |= {z.id: economy[z.node] for z in system.zones if z.id in grid.buses}
    hours = grid.clock.hours
    twh: dict[str, dict[str, float]] = {e: {} for e in dict.fromkeys(economy[b] for b in grid.buses if b in economy)}
    missing = {e: np.zeros(12) for e in twh}
    carbon = lost = 0.0
    for u in grid.units:
        if u.bus not in economy or u.sign < 0:
            continue
        e, mwh = economy[u.bus], made.flow[u.name] * hours
        if u.technology == "missing":
            missing[e] += np.bincount(grid.clock.month, mwh, 12) / 1_000
            lost += float(mwh.sum()) * u.cost / 1e6
        else:
            twh[e][u.technology] = twh[e].get(u.technology, 0.0) + float(mwh.sum()) / 1e6
            carbon += float(mwh.sum()) * u.co2 / 1e6
    for x in grid.arcs:
        if x.end in economy and x.name.endswith("-turbines"):
            mwh = made.flow[x.name] * x.efficiency * hours
            twh[economy[x.end]]["cascade"] = twh[economy[x.end]].get("cascade", 0.0) + float(mwh.sum()) / 1e6
    return State(made.cost, lost, twh, carbon, missing)


def near_optima(grid: Grid, groups: Mapping[str, Sequence[str]], best: Run, slack: float) -> tuple[Near, ...]:
    """Return the least and most MW of each group (names of parts) at a cost of at most 1 + `slack` times the least."""
    made = programme(grid)
    cost = np.concatenate(made.made.cost)
    paid = np.flatnonzero(cost).astype(np.int32)
    solver, found = made.search(best.size), []
    solver.at_least(np.array([-best.cost / SCALE * (1 + slack)]), paid[None, :], -cost[None, paid])
    solver.prices(np.zeros(len(cost)))
    solver.primal()
    for group, names in groups.items():
        columns = [made.size[n] for n in names if n in made.size]
        ends = []
        for sign in (1.0, -1.0):
            for c in columns:
                solver.price(c, sign)
            ends.append(sign * solver.solve().cost)
        for c in columns:
            solver.price(c, 0.0)
        found.append(Near(group, sum(best.size[n] for n in names), ends[0], ends[1]))
    return tuple(found)


def _groups(system: System, parts: Sequence[Option]) -> Mapping[str, Sequence[str]]:
    economy = {n.id: n.economy for n in system.nodes}
    found: dict[str, list[str]] = {}
    for o in parts:
        name = f"{o.id}-discharge" if o.kind == "battery" else o.id
        found.setdefault(f"{economy[o.node]} {o.technology}", []).append(name)
    return found


def _case(system: System, year: int, hydrology: str, growth: str, price: float, milestones: tuple[str, ...]) -> Case:
    of = case(system, year, "free", hydrology=hydrology, milestones=milestones)
    water = dict.fromkeys(system.irrigated(), price)
    nothing = {p.id: np.zeros(12) for p in system.projects}
    return of.at(demand=demand_at(system, year, growth), water=water if price else {}, online=nothing)


def _run(g: Grid, engine: str, first: Mapping[str, float] | None = None) -> Run:
    if engine == "pypsa":
        from birge.models.power.pypsa_engine import run_pypsa

        return run_pypsa(g)
    return run(g, first)
