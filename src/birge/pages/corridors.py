"""The corridors of a pair: how goods go between its main places, in how many hours and at what cost.

    network, trade ─▶ main_pairs(pair)      places of both sides by what the gravity of trade puts between them
                   ─▶ between(pair, a, b)   indicators today and with the plan, and every way with its share

With the plan: links and crossings whose milestone the plan has finished by a day. A pair without a network has none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from birge.factbook import Factbook
from birge.factbook.network import Network, corridors
from birge.units import month_of

if TYPE_CHECKING:
    from birge.models.freight import Indicators

__all__ = ["Corridor", "Performance", "Way", "between", "main_pairs", "network_of", "opened_by", "regimes"]

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
    """Of a corridor, means over its ways by what they carry: km, hours, km/h, USD and kg CO2e a tonne, share by rail.

    TFI1 to TFI4 (swd) and swod are CAREC CPMM's: hours and USD at crossings, USD per 500 km per 20 t, speeds.
    """

    km: float
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


@dataclass(frozen=True)
class Corridor:
    """Two places by id: indicators today and with the plan, and the ways of each, the most used first."""

    start: str
    end: str
    goods: str
    today: Performance
    planned: Performance
    ways_today: tuple[Way, ...]
    ways_planned: tuple[Way, ...]


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


def opened_by(net: Network, finished: Mapping[str, date | None], day: date) -> tuple[str, ...]:
    """Return what the plan opens by a day, from the dates of its milestones, in the words of the network."""

    until = month_of(day)
    return tuple(
        name
        for name, (milestone, lag) in net.openings().items()
        if (done := finished.get(milestone)) is not None and month_of(done) + lag <= until
    )


def between(
    pair: tuple[str, str],
    ends: Collection[tuple[str, str]],
    opened: Collection[str],
    goods: str = "general",
    regime: str = "normal",
) -> tuple[Corridor, ...]:
    """Return the corridors between `ends` (pairs of ids)."""
    from birge.models.freight import class_of_goods, costs, indicators, routes, study, waits_today, weighted

    made = study(pair, Factbook.embedded(), (), "normal")
    net, what, known, waits = made.network, class_of_goods(goods, pair), costs(), waits_today(made.network, regime)
    found = []
    for a, b in ends:
        columns = []
        for now in ((), tuple(opened)):
            options = routes(net, pair, a, b, what, known, now, waits, made.constants)
            ways = []
            for r in sorted(options, key=lambda r: -r.share)[:MOST_WAYS]:
                cv = net.passages[r.crossing].cv if r.crossing in net.passages else 0.0
                i = indicators(r, what, known, cv)
                ways.append(Way(r.mode, r.crossing, r.share, r.km, i.p50, i.p95, r.wait, r.money))
            columns.append((_performance(weighted(options, what, known, net)), tuple(ways)))
        (today, now_ways), (planned, then_ways) = columns
        found.append(Corridor(a, b, goods, today, planned, now_ways, then_ways))
    return tuple(found)


def _performance(i: Indicators) -> Performance:
    return Performance(**{f.name: float(getattr(i, f.name)) for f in fields(Performance)})
