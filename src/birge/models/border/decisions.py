"""What can be decided at a design: servers of each shift of a station, people of each shift of a pool, waiting places.

design ─▶ decisions (in a fixed order) ─▶ a vector of whole numbers ─▶ `decided` design

A shift that is written with 0 servers may be opened; hours without a shift stay closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from birge.models.border.design import Design, Shift

__all__ = ["PLACES", "ROOM", "Decision", "decided", "decisions", "shift_of", "values"]

PLACES = 5
"""Waiting places come in steps of five."""
ROOM = 4
"""Where a station does not say how many servers fit: this many times what it has, or four more."""


@dataclass(frozen=True)
class Decision:
    """One whole number to be chosen between `least` and `most`: `shift` of a station or pool; places have no shift."""

    kind: Literal["servers", "people", "places"]
    of: str
    shift: int
    least: int
    most: int

    @property
    def step(self) -> int:
        """By how much it moves."""
        return PLACES if self.kind == "places" else 1


def decisions(design: Design, only: tuple[str, ...] = ()) -> tuple[Decision, ...]:
    """Return what can be decided, of the stations and pools named in `only`, or of all that trucks meet."""
    met = {step.station for s in design.streams for step in s.route}
    found: list[Decision] = []
    for station in design.stations:
        if station.id not in met or (only and station.id not in only):
            continue
        found += _by_shift("servers", station.id, station.shifts, station.most_servers)
        if station.places is not None and station.usd_place_year > 0:
            found.append(Decision("places", station.id, -1, 0, max(4 * station.places, 20 * PLACES)))
    for pool in design.staff:
        if not only or pool.id in only:
            found += _by_shift("people", pool.id, pool.shifts, None)
    return tuple(found)


def _by_shift(
    kind: Literal["servers", "people"], of: str, shifts: tuple[Shift, ...], most: int | None
) -> Iterator[Decision]:
    top = max(s.servers for s in shifts)
    for k, s in enumerate(shifts):
        here = s.servers or top
        yield Decision(kind, of, k, min(1, s.servers), most or max(ROOM * here, here + ROOM))


def values(design: Design, asked: tuple[Decision, ...]) -> tuple[int, ...]:
    """Return what the design has now."""
    stations, pools = {s.id: s for s in design.stations}, {p.id: p for p in design.staff}
    return tuple(
        (stations[d.of].places or 0)
        if d.kind == "places"
        else (pools[d.of] if d.kind == "people" else stations[d.of]).shifts[d.shift].servers
        for d in asked
    )


def decided(design: Design, asked: tuple[Decision, ...], chosen: tuple[int, ...]) -> Design:
    """Return the design with the numbers `chosen`."""
    servers: dict[tuple[str, str, int], int] = {(d.kind, d.of, d.shift): n for d, n in zip(asked, chosen, strict=True)}

    def shifts(kind: str, of: str, held: tuple[Shift, ...]) -> tuple[Shift, ...]:
        return tuple(
            s.model_copy(update={"servers": servers.get((kind, of, k), s.servers)}) for k, s in enumerate(held)
        )

    stations = tuple(
        s.model_copy(
            update={
                "shifts": shifts("servers", s.id, s.shifts),
                "places": servers.get(("places", s.id, -1), s.places),
            }
        )
        for s in design.stations
    )
    pools = tuple(p.model_copy(update={"shifts": shifts("people", p.id, p.shifts)}) for p in design.staff)
    return design.model_copy(update={"stations": stations, "staff": pools})


def shift_of(design: Design, decision: Decision) -> Shift:
    """Return the shift that a decision on servers or people is about."""
    if decision.kind == "people":
        return next(p for p in design.staff if p.id == decision.of).shifts[decision.shift]
    return design.station(decision.of).shifts[decision.shift]
