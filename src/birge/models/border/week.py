"""The week of a crossing: how many servers are at work when, and which slots are offered to trucks that book.

A slot is offered if all stations that every truck of the stream passes have servers (and people, where they share some)
from its start to its end, and if it lies within the hours that appointments name. Times are hours since Monday 0:00.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from birge.models.border.load import DAY

if TYPE_CHECKING:
    from birge.models.border.design import Appointments, Design, Shift, Stream

__all__ = ["levels", "offered"]

WEEK = 168.0
SAME = 1e-9
"""Hours by which a slot may lie outside, since minutes are no round fractions of an hour."""


def levels(shifts: tuple[Shift, ...]) -> list[tuple[float, int]]:
    """Return (hour of the week, servers from then on), in order, gaps between shifts as 0."""
    spans = sorted((DAY[d] * 24 + clock(s.start), s.hours, s.servers) for s in shifts for d in s.days)
    found: dict[float, int] = {}
    for k, (start, hours, servers) in enumerate(spans):
        found[start % WEEK] = servers
        end = start + hours
        following = spans[(k + 1) % len(spans)][0] + (WEEK if k + 1 == len(spans) else 0)
        if end < following - 1e-9:
            found[end % WEEK] = 0
    return sorted(found.items())


def offered(design: Design, stream: Stream, booked: Appointments, weekday: int, count: int) -> NDArray[np.bool_]:
    """Return which of `count` slots are offered, the first of which begins at 0:00 of `weekday` (0 Monday)."""
    length = booked.slot_min / 60
    start = (24.0 * weekday + length * np.arange(count)) % WEEK
    free = np.ones(count, dtype=np.bool_)
    for begin, end in (*_unstaffed(design, stream), *_outside(booked)):
        for a, b in ((begin - WEEK, end - WEEK), (begin, end), (begin + WEEK, end + WEEK)):
            free &= (start + length <= a + SAME) | (start >= b - SAME)
    return free


def clock(text: str) -> float:
    """Return the hours that HH:MM stands for."""
    return int(text[:2]) + int(text[3:]) / 60


def _unstaffed(design: Design, stream: Stream) -> list[tuple[float, float]]:
    """Return from when to when a station that every truck passes has nobody to serve it."""
    found = []
    for step in stream.route:
        if min([step.share, *step.by_goods.values()]) < 1:
            continue
        station = design.station(step.station)
        groups = [station.shifts, *(p.shifts for p in design.staff if p.id == station.staff)]
        for rows in map(levels, groups):
            ends = [*(t for t, _ in rows[1:]), rows[0][0] + WEEK]
            found += [(t, end) for (t, servers), end in zip(rows, ends, strict=True) if servers == 0]
    return found


def _outside(booked: Appointments) -> list[tuple[float, float]]:
    """Return from when to when appointments themselves offer nothing."""
    if booked.hours is None:
        return []
    opens, shuts = map(clock, booked.hours)
    closed = (opens - shuts) % 24
    return [(24 * day + shuts, 24 * day + shuts + closed) for day in range(7) if closed]
