"""What the schema of a design cannot say: references, shares, distributions, shifts, ranges, stability."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from birge.errors import Problem
from birge.models.border.load import DAY, At, minute, open_servers, unstable
from birge.models.border.week import offered

if TYPE_CHECKING:
    from birge.models.border.design import Design, Service, Shift

__all__ = ["problems"]


def problems(design: Design, at: At) -> list[Problem]:
    """Return every problem of `design`; `at` says where a part stands."""
    parts = (_repeated, _references, _calendar, _stations, _streams, _slots, _costs, _diversions)
    return [p for part in parts for p in part(design, at)]


def _repeated(design: Design, at: At) -> Iterator[Problem]:
    groups: list[tuple[str, Iterable[str]]] = [
        ("stations", (s.id for s in design.stations)),
        ("streams", (s.id for s in design.streams)),
        ("staff", (s.id for s in design.staff)),
        ("regimes", (r.id for r in design.regimes)),
    ]
    for field, ids in groups:
        seen: set[str] = set()
        for k, name in enumerate(ids):
            if name in seen:
                yield Problem(at((field, k, "id")), "repeated-id", f"{name!r} is there twice", "give each its own id")
            seen.add(name)


def _references(design: Design, at: At) -> Iterator[Problem]:
    stations, staff = {s.id for s in design.stations}, {s.id for s in design.staff}
    goods = {g.id for s in design.streams for g in s.goods}

    def unknown(where: tuple[str | int, ...], what: str, name: str, known: set[str]) -> Problem:
        names = f"use one of: {', '.join(sorted(known))}" if known else f"declare a {what} of this id"
        return Problem(at(where), "unknown-reference", f"there is no {what} {name!r}", names)

    for k, s in enumerate(design.stations):
        if s.staff is not None and s.staff not in staff:
            yield unknown(("stations", k, "staff"), "staff", s.staff, staff)
        for g in s.by_goods:
            if g not in goods:
                yield unknown(("stations", k, "by_goods", g), "kind of goods", g, goods)
    for k, stream in enumerate(design.streams):
        for j, step in enumerate(stream.route):
            if step.station not in stations:
                yield unknown(("streams", k, "route", j, "station"), "station", step.station, stations)
            for g in step.by_goods:
                if g not in {x.id for x in stream.goods}:
                    yield unknown(("streams", k, "route", j, "by_goods", g), "kind of goods", g, goods)
    for k, r in enumerate(design.regimes):
        for field in ("stations", "shares"):
            for name in getattr(r, field):
                if name not in stations:
                    yield unknown(("regimes", k, field, name), "station", name, stations)
    regimes = {"normal", *(r.id for r in design.regimes)}
    for k, p in enumerate(design.calendar):
        if p.regime not in regimes:
            yield unknown(("calendar", k, "regime"), "regime", p.regime, regimes)


def _calendar(design: Design, at: At) -> Iterator[Problem]:
    taken: dict[int, int] = {}
    for k, p in enumerate(design.calendar):
        if p.last_day < p.first_day:
            message = f"day {p.last_day} comes before day {p.first_day}"
            yield Problem(at(("calendar", k)), "days", message, "split what goes over the new year into two periods")
            continue
        both = [day for day in range(p.first_day, p.last_day + 1) if taken.setdefault(day, k) != k]
        if both:
            message = f"day {both[0]} is in two periods of the calendar"
            yield Problem(at(("calendar", k)), "days", message, "let one end before the next begins")


def _stations(design: Design, at: At) -> Iterator[Problem]:
    for k, s in enumerate(design.stations):
        services: list[tuple[tuple[str | int, ...], Service]] = [(("stations", k, "service"), s.service)]
        services += [(("stations", k, "by_goods", g), v) for g, v in s.by_goods.items()]
        for where, service in services:
            yield from _service(service, at(where))
        yield from _shifts(s.shifts, at(("stations", k, "shifts")))
        if open_servers(s.shifts) == 0:
            yield Problem(
                at(("stations", k, "shifts")), "no-servers", f"{s.id} never has a server", "give a shift at least one"
            )
        if s.hand_over == "last-entry" and s.service.mean_min / 60 > max(x.hours for x in s.shifts):
            yield Problem(
                at(("stations", k, "hand_over")),
                "never-finishes",
                f"a service at {s.id} takes longer than any of its shifts",
                "use another hand-over rule or longer shifts",
            )
    for k, p in enumerate(design.staff):
        yield from _shifts(p.shifts, at(("staff", k, "shifts")))
        if open_servers(p.shifts) == 0:
            yield Problem(
                at(("staff", k, "shifts")), "no-servers", f"staff {p.id} is never there", "give a shift at least one"
            )


def _service(s: Service, where: str) -> Iterator[Problem]:
    def wrong(message: str, remedy: str) -> Problem:
        return Problem(where, "distribution", message, remedy)

    if s.kind in ("lognormal", "hyperexponential") and s.cv is None:
        yield wrong(f"{s.kind} needs cv", "add cv, the coefficient of variation")
    if s.kind == "hyperexponential" and s.cv is not None and s.cv <= 1:
        yield wrong("hyperexponential needs cv above 1", "use lognormal or erlang for less variation")
    if s.kind == "erlang" and s.shape is None:
        yield wrong("erlang needs shape", "add shape, the number of phases")
    if s.kind in ("uniform", "triangular"):
        if s.low_min is None or s.high_min is None or s.low_min > s.high_min:
            yield wrong(f"{s.kind} needs low_min and high_min in order", "add both, in minutes")
            return
        low, high = s.low_min, s.high_min
        if s.kind == "uniform" and abs(s.mean_min - (low + high) / 2) > 0.01 * (low + high):
            yield wrong("the mean of uniform lies in the middle", f"set mean_min to {(low + high) / 2:g}")
        if s.kind == "triangular" and not low <= 3 * s.mean_min - low - high <= high:
            yield wrong(
                "no triangle between low_min and high_min has this mean",
                f"set mean_min between {(2 * low + high) / 3:g} and {(low + 2 * high) / 3:g}",
            )


def _shifts(shifts: tuple[Shift, ...], where: str) -> Iterator[Problem]:
    spans = sorted(
        (DAY[d] * 1440 + minute(s.start), DAY[d] * 1440 + minute(s.start) + s.hours * 60)
        for s in shifts
        for d in s.days
    )
    after = [*spans[1:], (spans[0][0] + 10080, 0.0)] if spans else []
    for (_, end), (start, _) in zip(spans, after, strict=True):
        if end > start + 1e-6:
            yield Problem(where, "shifts-overlap", "two shifts overlap", "let one end before the next begins")
            return


def _streams(design: Design, at: At) -> Iterator[Problem]:
    known = {s.id for s in design.stations}
    for k, s in enumerate(design.streams):
        total = sum(g.share for g in s.goods)
        if abs(total - 1) > 1e-6:
            yield Problem(
                at(("streams", k, "goods")),
                "shares",
                f"the shares of goods add up to {total:g}",
                "make them add up to 1",
            )
        if list(s.arrivals.trace) != sorted(s.arrivals.trace):
            yield Problem(at(("streams", k, "arrivals", "trace")), "order", "the trace goes back in time", "sort it")
        if s.arrivals.trace and (s.arrivals.per_day or s.arrivals.trains):
            yield Problem(
                at(("streams", k, "arrivals", "trace")),
                "two-arrivals",
                "a trace stands alone",
                "remove per_day and trains",
            )
        if not (s.arrivals.per_day or s.arrivals.trace or s.arrivals.trains):
            yield Problem(
                at(("streams", k, "arrivals")), "no-arrivals", f"no truck of {s.id} ever comes",
                "give per_day, trains or a trace, or leave the stream out",
            )  # fmt: skip
        factors = (s.arrivals.by_month, s.arrivals.by_weekday, s.arrivals.by_hour)
        if s.arrivals.per_day and any(sum(f) == 0 for f in factors):
            yield Problem(at(("streams", k, "arrivals")), "no-arrivals", "all factors are 0", "give one a value")
        for j, (a, b) in enumerate(zip(s.route, s.route[1:], strict=False)):
            if a.station == b.station:
                yield Problem(
                    at(("streams", k, "route", j + 1)),
                    "same-station",
                    f"{a.station} follows itself",
                    "lengthen its service",
                )
        if s.route[0].station in known:
            yield from _entered(design, k, at)
    yield from unstable(design, at)


def _entered(design: Design, k: int, at: At) -> Iterator[Problem]:
    """Yield shares below 1 at the first station of stream `k`: its own, by goods, and those of regimes."""
    stream = design.streams[k]
    first = stream.route[0]
    own, other = "put a station with share 1 first", "leave the station out of the regime's shares"
    found: list[tuple[tuple[str | int, ...], float, str]] = [(("streams", k, "route", 0, "share"), first.share, own)]
    found += [(("streams", k, "route", 0, "by_goods", g), share, own) for g, share in first.by_goods.items()]
    found += [
        (("regimes", r, "shares", first.station), way.shares.get(first.station, 1.0), other)
        for r, way in enumerate(design.regimes)
    ]
    for where, share, remedy in found:
        if share < 1:
            message = f"every truck of {stream.id} enters by its first station, {first.station}"
            yield Problem(at(where), "first-station", message, remedy)


def _costs(design: Design, at: At) -> Iterator[Problem]:
    for field in ("truck_hour_usd", "idling_l_h", "idling_share"):
        low, high = getattr(design.costs, field)
        if low > high:
            yield Problem(at(("costs", field)), "range", f"{low:g} is above {high:g}", "write the lower number first")


def _slots(design: Design, at: At) -> Iterator[Problem]:
    known = {s.id for s in design.stations}
    for k, stream in enumerate(design.streams):
        booked = stream.appointments
        if booked is None or any(step.station not in known for step in stream.route):
            continue
        if booked.hours is not None and booked.hours[0] == booked.hours[1]:
            where = at(("streams", k, "appointments", "hours"))
            message = f"slots are offered from {booked.hours[0]} to the same hour"
            yield Problem(
                where, "slot-hours", message, 'write ["00:00", "24:00"] for the whole day, or leave hours out'
            )
        elif not offered(design, stream, booked, 0, math.ceil(14 * 1440 / booked.slot_min)).any():
            within = f" from {booked.hours[0]} to {booked.hours[1]}" if booked.hours else ""
            yield Problem(
                at(("streams", k, "appointments")),
                "no-slot",
                f"no slot of {booked.slot_min:g} minutes lies{within} in hours in which every station "
                f"that all trucks of {stream.id} pass has servers",
                "shorten slot_min, or move hours into the shifts of these stations",
            )


def _diversions(design: Design, at: At) -> Iterator[Problem]:
    """Trucks that stay away go on to a stream that can take them."""
    streams = {s.id: s for s in design.streams}
    for k, s in enumerate(design.streams):
        if s.balking is None:
            continue
        if s.balking.to is None:
            if s.balking.hours:
                where = at(("streams", k, "balking", "hours"))
                yield Problem(where, "diversion", "hours of driving, but not where to", "add to, the id of a stream")
            continue
        where, other = at(("streams", k, "balking", "to")), streams.get(s.balking.to)
        if other is None or other.id == s.id:
            names = ", ".join(sorted(n for n in streams if n != s.id)) or "a second stream, once it is declared"
            message = f"{s.id} itself" if other else f"there is no stream {s.balking.to!r}"
            yield Problem(where, "unknown-reference", message, f"use one of: {names}")
            continue
        if (s.direction or s.id) != (other.direction or other.id):
            message = f"{other.id} goes to {other.direction or other.id}, {s.id} to {s.direction or s.id}"
            remedy = "give both streams the same direction, or choose one that goes the same way"
            yield Problem(where, "other-direction", message, remedy)
        for x in (s, other):
            if x.arrivals.trains or x.vehicle == "wagon":
                remedy = "give road traffic a stream of its own"
                yield Problem(where, "trains", f"{x.id} has trains or wagons, which drive to no other stream", remedy)
        for g in s.goods:
            if g.id not in {x.id for x in other.goods}:
                message = f"{other.id} has no goods {g.id!r}"
                remedy = "add them there, with share: 0 if none come by themselves"
                yield Problem(where, "unknown-reference", message, remedy)
