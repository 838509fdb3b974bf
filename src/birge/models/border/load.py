"""Work that trucks ask of stations and pools over what these can do; `unstable` says where that is too much.

    streams, regime or the calendar's year ─▶ server-hours an hour ─▶ ÷ servers on shift that are not broken

A station has no steady state where the streams whose trucks never stay away alone ask for all it can do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from birge.errors import Problem

if TYPE_CHECKING:
    from birge.models.border.design import Design, Regime, Shift, Station, Stream

__all__ = ["DAY", "At", "busiest", "load", "load_under", "minute", "open_servers", "unstable"]

DAY = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
At = Callable[[tuple[str | int, ...]], str]


def unstable(design: Design, at: At, regime: str = "normal") -> Iterator[Problem]:
    """Yield the stations and pools that cannot keep up over a year under `regime` and the days of the calendar."""
    if any(step.station not in {s.id for s in design.stations} for s in design.streams for step in s.route):
        return
    during = "" if regime == "normal" and not design.calendar else f" under {design.control(regime)}"
    for k, station in enumerate(design.stations):
        steady = load(design, station, regime, steady=True)
        steady *= 1.0 + _sent(design, station, regime)
        if open_servers(station.shifts) and steady >= 1:
            yield Problem(
                at(("stations", k)),
                "unstable",
                f"{station.id} is asked for {steady:.2f} of what it can do{during}, by trucks that never stay away: "
                "the queue has no end",
                "add servers or hours, shorten the service, or say with balking when trucks stay away",
            )
    for k, pool in enumerate(design.staff):
        people = open_servers(pool.shifts)
        work = sum(_work(design, s, regime, steady=True) for s in design.stations if s.staff == pool.id)
        if people and work >= people:
            yield Problem(
                at(("staff", k)),
                "unstable",
                f"{pool.id} are asked for {work / people:.2f} of what they can do{during}, by trucks that never stay "
                "away: the queue has no end",
                "add people or hours, shorten the service, or say with balking when trucks stay away",
            )


def _per_day(s: Stream) -> float:
    return s.arrivals.per_day + sum(t.count for t in s.arrivals.trains) / 7


def _sent(design: Design, station: Station, regime: str) -> float:
    """Return trucks that others, by their own arrivals alone, cannot take and send here, over those that never balk."""
    users = [s for s in design.streams if s.balking is None and any(x.station == station.id for x in s.route)]
    found = 0.0
    for s in design.streams:
        if s.balking is not None and s.balking.to in {x.id for x in users}:
            most = max(load(design, design.station(x.station), regime) for x in s.route)
            found += _per_day(s) * max(0.0, 1.0 - 1.0 / max(most, 1.0))
    return found / max(sum(_per_day(s) for s in users), 1e-12)


def load(design: Design, station: Station, regime: str = "normal", *, steady: bool = False) -> float:
    """Return work that arrives at `station` over work its servers can do, as a yearly mean, breakdowns included.

    `regime` holds on the days on which the design's calendar names no other. With `steady` only streams whose trucks
    never stay away count. Traces do not count.
    """
    return _work(design, station, regime, steady=steady) / _can(station)


def load_under(design: Design, station: Station, regime: Regime) -> float:
    """Return the load of `station` in a year all of whose days are under `regime`, whatever the calendar."""
    return _work_under(design, station, regime, False) / _can(station)


def _can(station: Station) -> float:
    """Return the mean number of servers that are on shift and not broken."""
    up = station.breakdowns.up if station.breakdowns is not None else 1.0
    return max(open_servers(station.shifts) * up, 1e-12)


def busiest(design: Design) -> Station:
    """Return the station with the highest load."""
    return max(design.stations, key=lambda s: load(design, s))


def open_servers(shifts: tuple[Shift, ...]) -> float:
    """Return the mean number of servers over a week."""
    return sum(s.servers * s.hours * len(set(s.days)) for s in shifts) / 168


def minute(clock: str) -> int:
    """Return the minute of the day of HH:MM."""
    return int(clock[:2]) * 60 + int(clock[3:])


def _work(design: Design, station: Station, regime: str, *, steady: bool) -> float:
    """Return server-hours an hour that trucks ask of `station`, as a mean over the year."""
    days = {p.regime: 0 for p in design.calendar}
    for p in design.calendar:
        days[p.regime] += p.last_day - p.first_day + 1
    days[regime] = days.get(regime, 0) + 365 - sum(days.values())
    return sum(n / 365 * _work_under(design, station, design.regime(name), steady) for name, n in days.items())


def _work_under(design: Design, station: Station, regime: Regime, steady: bool) -> float:
    work = 0.0
    for s in design.streams:
        if steady and s.balking is not None:
            continue
        per_hour = _per_day(s) / 24
        for step in s.route:
            if step.station == station.id:
                for g in s.goods:
                    mean = station.by_goods.get(g.id, station.service).mean_min / 60
                    work += per_hour * g.share * regime.share(step, g.id) * mean
    return work * regime.slows(station.id)
