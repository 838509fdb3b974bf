"""The cases that stand for all years of a pair: water × inflow × demand of both sides, and what options add to them.

    pair's nodes, plants, reservoirs ─▶ `pair_system`     what the cases depend on, and nothing else
    its range of demand until a year ─▶ `design`          levels of the four axes, options, blocks
    layer A (`policy.train`)         ─▶ value of the water that is left, by demand of the side that holds it
    layer B (`dispatch`)             ─▶ `solve`: one year for each case, given its first volume ─▶ `Solved`

The first axis is the volume on 1 January; a year's last volume is the next one's first, so a path of years is read one
after the other. The third is demand of the home side (the one that holds the water) less what new plants make, so that
missing power bends where it should; an option's own shift is what is left: its season and hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from birge.models.power.case import Case, case
from birge.models.power.dispatch import Cut, Dispatch, Year, dispatch, read, year_programme
from birge.models.power.policy import Setup, train
from birge.models.power.system import DAYS, System
from birge.models.power.yields import met

__all__ = [
    "ANNUAL",
    "CAPPED",
    "WINTER",
    "Design",
    "Option",
    "Solved",
    "design",
    "pair_system",
    "solve",
    "solve_year",
    "year_case",
]

Floats = NDArray[np.float64]
ANNUAL = (
    "bought", "returned", "given", "volume_end", "volume_least", "short_winter_home", "short_winter_partner",
    "short_home", "short_partner", "imports", "clean_home", "clean_partner", "made_home", "made_partner", "co2_home",
    "co2_partner", "bought_winter",
)  # fmt: skip
"""Outputs of a year: GWh that the home side buys from the partner, gets back from it and gives to it; km3 in the lowest
reservoir; GWh; mn t CO2. The first four suffice to go from year to year. Winter is October to March."""
WINTER = [0, 1, 2, 9, 10, 11]
CLEAN = ("hydro", "solar", "wind", "nuclear")
CAPPED = "no-exchange"
"""The option without the exchange contract: its share is how far the cap lies below the usual one."""
UNREAD = ("records-swap-", "discount", "cvar-weight", "water-price", "dry", "wet")
"""Parameters that no case reads."""
VOLUME = (0.0, 0.06, 0.13, 0.22, 0.34, 0.55, 1.0)
"""Levels of the first volume between stop and full: most where years begin."""
INFLOW = (0.6, 0.85, 1.0, 1.15, 1.4)
GROWN = (0.0, 0.18, 0.37, 0.6, 1.0)
"""Levels of the partner's growth, shares of the most that its range allows."""
GROWING = 8
"""Intervals of the home side's demand, in which missing power bends most: with five the winter is 92 GWh too short."""
HAIR = 1e-3
"""mn USD/GWh: between the two sides cash is a transfer, and a tie with power returned."""
VOLUMES = 60
"""Volumes at which a cut has to be the highest somewhere to be kept."""


@dataclass(frozen=True)
class Option:
    """Something that may come: projects of one kind at a node (MW), a reservoir, or the exchange contract's absence.

    `energy` is TWh a month at full size that is taken off the home side's demand; 0 where it stands elsewhere.
    """

    id: str
    projects: tuple[str, ...]
    mw: tuple[float, ...]
    milestones: tuple[str, ...]
    energy: tuple[float, ...]


@dataclass(frozen=True)
class Design:
    """Levels of the axes: first volume (km3), inflow (share of the mean), home demand less new plants (TWh), and the
    partner's demand over that of the tables' year; `coarse` are places on them at which options are solved."""

    axes: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...], tuple[float, ...]]
    coarse: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    options: tuple[Option, ...]
    blocks: int = 8
    circle: int = 40
    tail: int = 36
    outcomes: int = 4


@dataclass(frozen=True)
class Solved:
    """Outputs [a, b, c, d, o] in the order of `ANNUAL`, shifts [a', b', c', d', option, o]; cuts on the value of the
    water that is left, by level of home demand."""

    main: Floats
    shift: Floats
    cuts: tuple[tuple[Cut, ...], ...]


def pair_system(system: System, pair: tuple[str, str]) -> System | None:
    """Return what of `system` the cases of `pair` read; None where neither holds the water, or one has no node."""
    nodes = tuple(n for n in system.nodes if n.economy in pair)
    if {n.economy for n in nodes} != set(pair) or system.home().economy not in pair:
        return None
    names = {n.id for n in nodes}
    plants = tuple(p for p in system.plants if p.node in names and p.contract in ("", "purchase"))
    projects = tuple(p for p in system.projects if p.node in names)
    used = {n.profile for n in nodes} | {p.profile for p in plants} | {p.profile for p in projects}
    return replace(
        system,
        nodes=nodes,
        plants=plants,
        lines=tuple(x for x in system.lines if {x.from_node, x.to_node} <= names),
        reservoirs=tuple(r for r in system.reservoirs if r.node in names),
        projects=projects,
        zones=(zones := tuple(z for z in system.zones if z.node in names and not z.first_year)),
        steps=tuple(x for x in system.steps if x.zone in {z.id for z in zones}),
        profiles={k: v for k, v in system.profiles.items() if k in used},
        deficits=tuple(d for d in system.deficits if d.curve in {n.curve for n in nodes}),
        parameters={k: v for k, v in system.parameters.items() if not k.startswith(UNREAD)},
        tables=None,
    )


def design(system: System, until: int) -> Design:
    """Return the design for the years up to `until`; demand grows from the tables' year within its range."""
    home = system.home()
    here = [n for n in system.nodes if n.economy == home.economy]
    there = [n for n in system.nodes if n.economy != home.economy]
    span = until - home.year
    lowest = system.lowest()
    options = _options(system)
    new = sum(sum(o.energy) for o in options)
    late = sum(sum(o.energy) for o in options if not o.projects)
    base = sum(n.demand_twh for n in here)
    low = min(base * (1 + home.growth_low) ** span - new, base - new + late)
    middle, high = base - new + late, base * (1 + home.growth_high) ** span
    demand = (low, *(middle + (high - middle) * k / GROWING for k in range(GROWING + 1)))
    most = max((1 + n.growth_high) ** (until - n.year) for n in there)
    volume = tuple(lowest.stop_km3 + s * (lowest.full_km3 - lowest.stop_km3) for s in VOLUME)
    axes = (volume, INFLOW, demand, (0.95, *(1 + s * (most - 1) for s in GROWN)))
    coarse = ((0, 3, 6), (0, 2, 4), (1, 4, 6, 9), (0, 3, 5))
    return Design(tuple(tuple(float(x) for x in a) for a in axes), coarse, options)  # type: ignore[arg-type]


def _options(system: System) -> tuple[Option, ...]:
    """Return projects by node and profile, reservoirs that wait for a milestone, and the contract's absence."""
    home = system.home().economy
    kinds: dict[tuple[str, str], list[int]] = {}
    for k, p in enumerate(system.projects):
        if p.mw > 0:
            kinds.setdefault((p.node, p.profile), []).append(k)
    found = []
    for (node, profile), places in kinds.items():
        rows = [system.projects[k] for k in places]
        mw = sum(r.mw for r in rows)
        energy = mw * DAYS * system.profiles[profile].sum(axis=1) / 1e6
        mine = system.node(node).economy == home
        found.append(
            Option(
                f"{node}-{profile}",
                tuple(r.id for r in rows),
                tuple(r.mw for r in rows),
                tuple(r.milestone for r in rows),
                tuple(float(e) for e in energy) if mine else (0.0,) * 12,
            )
        )
    for r in system.reservoirs:
        if r.milestone:
            river = system.river(r)
            energy = river.inflow_km3 * r.inflow_share * r.yield_base
            found.append(Option(r.id, (), (r.mw,), (r.milestone,), tuple(float(e) for e in energy)))
    return (*found, Option(CAPPED, (), (1.0,), (), (0.0,) * 12))


def year_case(
    system: System,
    of: Design,
    demand: float,
    scale: float,
    inflow: float,
    share: Mapping[str, Floats],
    cap: float | None = None,
) -> Case:
    """Return the case of a year: `demand` of the home side in TWh, `scale` on the partner's, options at work by month.

    `share` [12] is by project, and by reservoir (there for the whole year where any month has it). `cap` in GWh.
    """
    home = system.home().economy
    base = case(
        system, system.home().year, "swap", blocks=of.blocks, online={p.id: np.zeros(12) for p in system.projects}
    )
    total = sum(n.demand_twh for n in system.nodes if n.economy == home)
    needs = {n.id: n.demand_twh * (demand / total if n.economy == home else scale) for n in system.nodes}
    held = tuple(r.id for r in system.reservoirs if not r.milestone or share.get(r.id, np.zeros(12)).any())
    swap = base.swap if cap is None or base.swap is None else replace(base.swap, cap=cap)
    return base.at(
        demand=needs,
        inflow=inflow,
        reservoirs=held,
        online=dict(base.online) | {k: v for k, v in share.items() if k in base.online},
        swap=None if swap is None or swap.cap <= 0 else swap,
    )


def outputs(system: System, made: Dispatch) -> Floats:
    """Return the outputs of a solved year in the order of `ANNUAL`.

    What crosses the border in a month has several equally cheap answers, so only seasons are kept.
    """
    home = system.home().economy
    partner = next(n.economy for n in system.nodes if n.economy != home)
    where = {n.id: n.economy for n in system.nodes}
    plants = {p.id: p for p in system.plants} | {p.id: p for p in system.projects}
    short = {e: np.zeros(12) for e in (home, partner)}
    clean, total, co2 = (dict.fromkeys((home, partner), 0.0) for _ in range(3))
    imports, bought = 0.0, np.zeros(12)
    for name in made.case.nodes:
        short[where[name]] += (made.missing[name] + made.rationed[name]).sum(axis=1)
    for name, power in made.generation.items():
        p, here = plants[name], where[plants[name].node]
        if getattr(p, "contract", "") == "purchase" and getattr(p, "payee", "") == partner:
            bought += power.sum(axis=1)
        if p.technology == "import":
            imports += float(power.sum()) if here == home else 0.0
            continue
        total[here] += float(power.sum())
        clean[here] += float(power.sum()) if p.technology in CLEAN else 0.0
        co2[here] += float(power.sum()) * float(getattr(p, "co2", 0.0)) / 1_000
    at = {z.id: where[z.node] for z in system.zones}
    for x in system.steps:
        if x.id in made.traded and x.way == "sells" and at[x.zone] == home:
            imports += float(made.traded[x.id].sum())
    for power in made.hydro.values():
        total[home] += float(power.sum())
        clean[home] += float(power.sum())
    lowest = system.lowest().id
    volume = made.volume[lowest]
    returned = float(made.returned.sum())
    year = [bought.sum(), returned, float(made.given.sum()), volume[-1], volume.min()]
    year += [short[e][WINTER].sum() for e in (home, partner)] + [short[e].sum() for e in (home, partner)]
    year += [imports + returned, *clean.values(), *total.values(), *co2.values(), bought[WINTER].sum()]
    return np.array(year)


def solve(system: System, of: Design, tell: Callable[[float], None] | None = None) -> Solved:
    """Solve all cases of a design."""
    volume, inflow, demand, scale = of.axes
    cuts = tuple(_value_of_water(system, of, d, float(np.median(scale))) for d in demand)
    main = np.zeros((*map(len, of.axes), len(ANNUAL)))
    for k, level in enumerate(demand):
        for m, other in enumerate(scale):
            programme = year_case(system, of, level, other, 1.0, {})
            for i, j, found in _years(system, programme, volume, inflow, cuts[k]):
                main[i, j, k, m] = found
        if tell:
            tell((k + 1) / len(demand) / 2)
    shift = np.zeros((*map(len, of.coarse), len(of.options), len(ANNUAL)))
    for q, option in enumerate(of.options):
        full = {name: np.ones(12) for name in (option.projects or (option.id,))}
        for ck, k in enumerate(of.coarse[2]):
            for cm, m in enumerate(of.coarse[3]):
                level = demand[k] + sum(option.energy)
                programme = year_case(system, of, level, scale[m], 1.0, full, 0.0 if option.id == CAPPED else None)
                volumes, flows = ([a[p] for p in c] for a, c in zip(of.axes[:2], of.coarse[:2], strict=True))
                for i, j, found in _years(system, programme, volumes, flows, cuts[k]):
                    shift[i, j, ck, cm, q] = found - main[of.coarse[0][i], of.coarse[1][j], k, m]
        if tell:
            tell(0.5 + (q + 1) / len(of.options) / 2)
    return Solved(main, shift, cuts)


def _years(
    system: System, of: Case, volumes: object, inflows: object, cuts: tuple[Cut, ...]
) -> Iterator[tuple[int, int, Floats]]:
    """Yield the outputs of a case at each first volume and inflow; one programme, whose bounds move."""
    levels, flows = list(volumes), list(inflows)  # type: ignore[call-overload]
    year = _programme(system, of, levels[0], cuts)
    lowest = system.lowest()
    start = np.array([year.start[lowest.id]], np.int32)
    for j, inflow in enumerate(flows):
        _let_in(system, year, inflow)
        for i, level in enumerate(levels):
            year.solver.bound(start, np.array([level]), np.array([level]))
            yield i, j, outputs(system, read(year))


def solve_year(system: System, of: Case, volume: float, cuts: tuple[Cut, ...]) -> Floats:
    """Return the outputs of one case that begins with `volume`, the water that is left valued by `cuts`."""
    return outputs(system, read(_programme(system, of, volume, cuts)))


def _programme(system: System, of: Case, volume: float, cuts: tuple[Cut, ...]) -> Year:
    """Return the year's programme; cash in place of what is owed costs a hair, so that power comes back if it can."""
    held = [r for r in system.reservoirs if r.id in of.reservoirs]
    start = {r.id: r.stop_km3 if r.milestone else r.start_km3 for r in held} | {system.lowest().id: volume}
    year = year_programme(system, of, start, None, cuts)
    for month in year.months:
        if month.settled >= 0:
            year.solver.price(month.settled, HAIR)
    return year


def _let_in(system: System, year: Year, share: float) -> None:
    """Set the inflow of every month and reservoir to a share of the mean, evaporation as in `month.py`."""
    for r in system.reservoirs:
        if r.id not in year.case.reservoirs:
            continue
        river, passes = system.river(r), system.passes(r, year.case.reservoirs)
        for m, month in enumerate(year.months):
            lost = float(river.evaporation_m[m]) / 1_000
            inflow = float(river.inflow_km3[m]) * passes * share - lost * r.area_base_km2
            year.solver.limit(month.water[r.id], inflow, inflow)


def _value_of_water(system: System, of: Design, demand: float, scale: float) -> tuple[Cut, ...]:
    """Return the cuts on cost after December under layer A's policy, at a lasting demand; only those that bind.

    The policy has the yields of the year that repeats itself at that demand.
    """
    lowest = system.lowest()
    lasting = year_case(system, of, demand, scale, 1.0, {}).at(blocks=4)
    system = met(system, dispatch(system, lasting).volume)
    setup = Setup({lowest.id: lowest.start_km3}, circle=of.circle, tail=of.tail, outcomes=of.outcomes, sweeps=1,
                  caution=CAUTION)  # fmt: skip
    found = train(system, [lasting], setup).cuts(11)
    levels = np.linspace(lowest.stop_km3, lowest.full_km3, VOLUMES)
    heights = np.array([level + slopes[lowest.id] * levels for level, slopes, _ in found])
    binding = sorted(set(heights.argmax(axis=0).tolist()))
    return tuple(
        (float(f"{found[k][0]:.8g}"), {lowest.id: float(f"{found[k][1][lowest.id]:.6g}")}, float(f"{found[k][2]:.6g}"))
        for k in binding
    )


CAUTION = 0.2
"""Weight of the worst fifth of outcomes in layer A's policy (`cvar-weight` in power_parameters, assumed)."""
