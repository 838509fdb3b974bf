"""What is solved: which nodes and lines, which contracts, how much water and demand, what is built.

Regimes: `isolated` (no power crosses a border), `purchases` (the side with the water buys by contract), `swap`
(purchases and the exchange of summer for winter power: today), `free` (lines are open up to their capacity).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.models.power.options import offered
from birge.models.power.system import Range, System

__all__ = [
    "BLOCKS",
    "HYDROLOGY",
    "REGIMES",
    "Case",
    "Swap",
    "case",
    "case_problems",
    "dated",
    "ratio_problems",
    "swap_contract",
    "too_early",
    "with_ratio",
]

Floats = NDArray[np.float64]
REGIMES = ("isolated", "purchases", "swap", "free")
HYDROLOGY = ("dry", "mean", "wet")
BLOCKS = 8
"""Load blocks of a day, of equal length; 1, 2, 4, 8 and 24 are nested."""


@dataclass(frozen=True)
class Swap:
    """An exchange contract: `ratio` MWh come back for one given, at most `cap` GWh given in the months `give`.

    `must`: the volume is given in full. `price` in USD/MWh settles in cash what has not come back by the last month.
    """

    partner: str
    ratio: float
    cap: float
    give: tuple[int, ...]
    back: tuple[int, ...]
    line_mw: float
    price: float
    must: bool = False


@dataclass(frozen=True)
class Case:
    """One year of the system; months are 0 to 11, demand in TWh, `inflow` a share of the mean of each month.

    `online` is the share of each month in which a project or a reservoir's plant works; a reservoir without one does.
    `zones` are the partners outside that sell and buy.
    """

    nodes: tuple[str, ...]
    lines: tuple[str, ...]
    reservoirs: tuple[str, ...]
    contracts: tuple[str, ...]
    swap: Swap | None
    demand: Mapping[str, float]
    inflow: float = 1.0
    water: Mapping[str, float] = field(default_factory=dict)
    online: Mapping[str, Floats] = field(default_factory=dict)
    blocks: int = BLOCKS
    zones: tuple[str, ...] = ()

    def at(self, **changes: object) -> Case:
        """Return the case with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def case(
    system: System,
    year: int,
    regime: str = "swap",
    *,
    members: tuple[str, ...] | None = None,
    hydrology: str = "mean",
    swap: Swap | None = None,
    online: Mapping[str, Floats] | None = None,
    milestones: tuple[str, ...] = (),
    blocks: int = BLOCKS,
    opened: tuple[str, ...] = (),
) -> Case:
    """Return the case of `year` under `regime`, demand at its usual growth, all projects planned before it at work.

    `members` leaves only the nodes of these economies. `milestones` brings reservoirs that wait for one of them.
    `online` gives the share of each month in which a project works; by default the year of its plan decides. `opened`
    are partner zones that are there besides those of today; raises InputError for one in a year before its first.
    """
    problems = case_problems(system, year, regime, hydrology, blocks, opened)
    if problems:
        raise InputError(problems)
    nodes = tuple(n for n in system.nodes if members is None or n.economy in members)
    names = {n.id for n in nodes}
    economy = {n.id: n.economy for n in system.nodes}
    lines = tuple(
        line.id
        for line in system.lines
        if {line.from_node, line.to_node} <= names
        and (regime == "free" or economy[line.from_node] == economy[line.to_node])
    )
    contracts = {"isolated": (), "purchases": ("purchase",), "swap": ("purchase",), "free": ("free",)}[regime]
    built = {p.id: np.full(12, float(year > p.year)) for p in system.projects} | dict(online or {})
    return Case(
        tuple(n.id for n in nodes),
        lines,
        tuple(r.id for r in system.reservoirs if (not r.milestone or r.milestone in milestones) and r.node in names),
        contracts,
        (swap or swap_contract(system)) if regime == "swap" else None,
        {n.id: n.demand_twh * (1 + n.growth_mode) ** (year - n.year) for n in nodes},
        1.0 if hydrology == "mean" else system.parameters[hydrology].mode,
        {},
        built,
        blocks,
        tuple(z.id for z in system.zones if z.node in names and (not z.first_year or z.id in opened)),
    )


def swap_contract(system: System, ratio: float | None = None, cap: float | None = None) -> Swap:
    """Return the exchange contract of the tables, with another ratio or cap; raises InputError where there is none."""
    known = system.parameters
    problems = [*ratio_problems(ratio), *([] if system.exchanges() else [_no_exchange(system)])]
    if problems:
        raise InputError(problems)
    home = system.home()
    line = next(x for x in system.lines if home.id in (x.from_node, x.to_node))
    partner = line.to_node if line.from_node == home.id else line.from_node

    def months(kind: str) -> tuple[int, ...]:
        first, last = (round(known[f"swap-{kind}-{end}"].mode) for end in ("first", "last"))
        return tuple(
            m - 1 for m in (range(first, last + 1) if first <= last else (*range(first, 13), *range(1, last + 1)))
        )

    return Swap(
        partner,
        known["swap-ratio"].mode if ratio is None else ratio,
        known["swap-cap"].mode if cap is None else cap,
        months("give"),
        months("return"),
        known["swap-line"].mode,
        known["contract-price"].mode,
    )


def with_ratio(system: System, ratio: float | None) -> System:
    """Return `system` with another ratio of today's exchange, if one is given; raises InputError for a bad one."""
    if ratio is None:
        return system
    if problems := ratio_problems(ratio):
        raise InputError(problems)
    return replace(system, parameters={**system.parameters, "swap-ratio": Range(ratio, ratio, ratio)})


def too_early(system: System, where: str, opened: Mapping[str, int]) -> list[Problem]:
    """Return a problem for each partner zone or milestone that comes in a year before its first (`dated`)."""
    first = dated(system)
    return [
        Problem(where, "too-early", f"{name} in {year}", f"take {first[name]} or later, or leave {name} out")
        for name, year in opened.items()
        if year < first.get(name, 0)
    ]


def dated(system: System) -> Mapping[str, int]:
    """Return the first year of each zone that may be opened and each milestone: as planned, else of its option."""
    found: dict[str, int] = {}
    for o in offered(system):
        if o.milestone:
            found[o.milestone] = min(o.first_year, found.get(o.milestone, o.first_year))
    return found | {p.milestone: p.year for p in system.projects} | {z.id: z.first_year for z in system.zones}


def ratio_problems(ratio: float | None, regime: str = "swap") -> list[Problem]:
    """Return what is wrong with another ratio of the exchange: out of range, or no exchange in which it would count."""
    if ratio is None:
        return []
    found = (
        [] if 0 < ratio <= 5 else [Problem("swap", "ratio", f"{ratio:g} MWh for one", "write a ratio above 0, up to 5")]
    )
    if regime in REGIMES and regime != "swap":
        message = f"{regime} has no exchange, so that a ratio would change nothing"
        found.append(Problem("swap", "unused", message, "leave it out, or take the regime swap"))
    return found


def _no_exchange(system: System) -> Problem:
    message = f"the tables have no exchange contract of {system.home().id}"
    return Problem("regime", "no-exchange", message, "take isolated, purchases or free, or add one to power_pairs")


def case_problems(
    system: System | None, year: int, regime: str, hydrology: str, blocks: int = BLOCKS, opened: tuple[str, ...] = ()
) -> list[Problem]:
    """Return everything that is wrong with what `case` is asked for; without a system what can be said without one."""
    problems: list[Problem] = []
    if system is not None:
        later = [z.id for z in system.zones if z.first_year]
        problems += [
            Problem("opened", "unknown", f"{x!r}", f"one of {', '.join(later) or 'no zone'}")
            for x in opened
            if x not in later
        ]
        problems += too_early(system, "opened", dict.fromkeys(opened, year))
        if regime == "swap" and not system.exchanges():
            problems.append(_no_exchange(system))
    if regime not in REGIMES:
        problems.append(Problem("regime", "unknown", f"{regime!r}", f"one of {', '.join(REGIMES)}"))
    if hydrology not in HYDROLOGY:
        problems.append(Problem("hydrology", "unknown", f"{hydrology!r}", f"one of {', '.join(HYDROLOGY)}"))
    if blocks < 1 or 24 % blocks:
        problems.append(Problem("blocks", "blocks", f"{blocks} blocks a day", "write a divisor of 24"))
    return problems
