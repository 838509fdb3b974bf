"""The corridors of a pair: how goods go between its main places, in how many hours and at what cost.

    network, trade ─▶ main_pairs(pair)      places of both sides by what the gravity of trade puts between them
    plan, dates    ─▶ counted(…)            its measures at crossings and its links, those that stand by a day
                   ─▶ today, planned        waits of the border model and trucks that agree (`models.freight.planned`)
                   ─▶ between, met          indicators and ways of corridors, waits and trucks at crossings

`birge freight corridor` says the same of one corridor. A pair without a network has none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from birge.factbook import Factbook
from birge.factbook.border import crossing_rows
from birge.factbook.network import Network, corridors
from birge.plan.schema import Plan

if TYPE_CHECKING:
    from birge.models.freight import Indicators
    from birge.models.freight.planned import AtWork, Standing, State

__all__ = [
    "Corridor",
    "Met",
    "Performance",
    "Way",
    "between",
    "counted",
    "main_pairs",
    "met",
    "network_of",
    "planned",
    "regimes",
    "standing_of",
    "today",
]

MOST_WAYS = 6


@dataclass(frozen=True)
class Way:
    """One way: mode, crossing's id ("" for none), share of tonnes, km, hours (P50, P95), wait, USD a tonne."""

    mode: str
    crossing: str
    share: float
    km: float
    p50: float
    p95: float
    wait: float
    money: float


@dataclass(frozen=True)
class Performance:
    """Of a corridor, means over its ways by what they carry: km, hours, km/h, USD and kg CO2e a tonne (a t-km: kg).

    P50 and P95 are those of the hours of all tonnes together, reliability is their ratio.

    TFI1 to TFI4 (swd) and swod are CAREC CPMM's: hours and USD at crossings, USD per 500 km per 20 t, speeds.
    """

    km: float
    hours: float
    p50: float
    p95: float
    reliability: float
    tfi1: float
    tfi2: float
    tfi3: float
    swd: float
    swod: float
    money: float
    cost: float
    share_rail: float
    co2_t: float
    co2_tkm: float


@dataclass(frozen=True)
class Corridor:
    """Two places by id: indicators today and with the plan, and the ways of each, the most used first.

    Indicators are by mode: `road` and `rail` where a way of that mode leads, and `all` ways together.
    """

    start: str
    end: str
    goods: str
    today: dict[str, Performance]
    planned: dict[str, Performance]
    ways_today: tuple[Way, ...]
    ways_planned: tuple[Way, ...]


@dataclass(frozen=True)
class Met:
    """What trucks meet at a crossing, today and with the plan: mean wait in h and trucks a day, both directions.

    None where it is not open. `designed` if the wait is the border model's, else that of the table `crossing_waits`.
    """

    crossing: str
    now: tuple[float, float] | None
    then: tuple[float, float] | None
    designed: bool


def network_of(pair: tuple[str, str]) -> Network | None:
    """Return the network of a pair, None where none ships."""
    found = corridors(pair)
    return found if found.nodes else None


def regimes(net: Network) -> tuple[str, ...]:
    """Return the ways of control for which the network has waits."""
    return tuple(dict.fromkeys(["normal", *(r for p in net.passages.values() for r in p.curves)]))


def main_pairs(pair: tuple[str, str], most: int = 6) -> tuple[tuple[str, str], ...]:
    """Return the heaviest pairs of places by id, one of each side."""
    from birge.models.freight.choice import demand
    from birge.models.freight.goods import sections_of
    from birge.models.freight.study import trade_of

    a, b, _ = trade_of(Factbook.embedded(), pair)
    return demand(corridors(pair), pair, sections_of(pair), (a, b), most).pairs[:most]


def counted(
    pair: tuple[str, str], plan: Plan, dates: Mapping[str, date | None], day: date, as_of: date
) -> tuple[AtWork, ...]:
    """Return a plan's effects on crossings and links known on `as_of`; those that begin by `day` count."""
    from birge.models.freight.planned import works

    return works(plan, corridors(pair), dates, day, as_of)


def standing_of(pair: tuple[str, str], found: Collection[AtWork]) -> Standing:
    """Return what counts of a plan's effects."""
    from birge.models.freight.planned import standing

    return standing(corridors(pair), found)


def today(pair: tuple[str, str], regime: str = "normal") -> State:
    """Return the corridors as they are, with waits of the border model."""
    from birge.assess.bordered import with_border_waits
    from birge.models.freight.planned import state_today

    return state_today(pair, with_border_waits(corridors(pair), pair), regime)


def planned(now: State, there: Standing) -> State:
    """Return the corridors with what stands of a plan, once trucks have answered."""
    from birge.models.freight.planned import state_planned

    return state_planned(now, there)


def between(now: State, then: State, ends: Collection[tuple[str, str]], goods: str = "general") -> tuple[Corridor, ...]:
    """Return the corridors between `ends` (pairs of ids), today and with the plan."""
    from birge.models.freight import class_of_goods, indicators

    made, what, found = now.study, class_of_goods(goods, now.study.pair), []
    for a, b in ends:
        columns = []
        for state in (now, then):
            options = state.routes(a, b, what)
            ways = []
            for r in options[:MOST_WAYS]:
                cv = made.network.passages[r.crossing].cv if r.crossing in made.network.passages else 0.0
                i = indicators(r, what, made.costs, cv)
                ways.append(Way(r.mode, r.crossing, r.share, r.km, i.p50, i.p95, r.wait, r.money))
            by = {m: _performance(i) for m, i in state.indicators(options, what).items()}
            columns.append((by, tuple(ways)))
        (before, now_ways), (after, then_ways) = columns
        found.append(Corridor(a, b, goods, before, after, now_ways, then_ways))
    return tuple(found)


def met(now: State, then: State) -> tuple[Met, ...]:
    """Return what trucks meet at the crossings, those with most trucks with the plan first."""
    net = now.study.network
    designed = {r.crossing for r in crossing_rows(now.study.pair)}
    rows = []
    for k, name in enumerate(now.market.crossings):
        opening = net.passages[name].opening if name in net.passages else None
        if opening is None:
            continue
        values = [
            (float(s.settled.waits[k].mean()), float(s.settled.trucks[k].sum()))
            if not opening or opening in s.opened
            else None
            for s in (now, then)
        ]
        rows.append(Met(name, values[0], values[1], name in designed))
    return tuple(sorted((m for m in rows if m.now or m.then), key=lambda m: -(m.then or m.now or (0.0, 0.0))[1]))


def _performance(i: Indicators) -> Performance:
    return Performance(**{f.name: float(getattr(i, f.name)) for f in fields(Performance)})
