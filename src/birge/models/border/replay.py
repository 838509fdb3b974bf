"""A day at a crossing, truck by truck: where each was, from when to when.

    design ─▶ network ─▶ one run of the event kernel with its record of a week ─▶ stays on the asked day

A truck is in the queue of a station, at one of its servers, or held there because the next station has no place left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from birge.errors import SolveError
from birge.kernels import border_queue as kernel
from birge.models.border.design import Design
from birge.models.border.network import network

__all__ = ["HELD", "QUEUED", "SERVED", "Day", "Stay", "replay"]

QUEUED, SERVED, HELD = range(3)
BEFORE, WARM = 7, 28
"""Days before the asked one of which the record is read, so that who waits at midnight is there."""


@dataclass(frozen=True)
class Stay:
    """A truck at a station: minutes of the day from `start` to `end`, queued, served or held."""

    truck: int
    station: int
    kind: int
    start: float
    end: float


@dataclass(frozen=True)
class Day:
    """A day: the stations in the order of each direction's way, and all stays; `servers` by station and hour."""

    design: Design
    day: date
    regime: str
    seed: int
    stations: tuple[str, ...]
    ways: tuple[tuple[str, tuple[int, ...]], ...]
    stays: tuple[Stay, ...]
    left: tuple[int, ...]
    """Trucks that left by hour of the day."""

    def waiting(self, way: int) -> NDArray[np.int64]:
        """Return trucks of a direction that are queued or held at the start of each hour [24]."""
        mine = set(self.ways[way][1])
        at = np.zeros(24, dtype=np.int64)
        for s in self.stays:
            if s.kind != SERVED and s.station in mine:
                first, last = int(np.ceil(s.start / 60)), int(np.ceil(s.end / 60))
                at[first:last] += 1
        return at


def replay(design: Design, day: date, *, regime: str = "normal", seed: int = 1) -> Day:
    """Return the day of a run that starts on 1 January of its year; deterministic by seed.

    Raises SolveError where more trucks wait than the kernel holds, or where stations block each other for ever.
    """
    first = date(day.year, 1, 1)
    number = (day - first).days
    made = network(design, design.regime(regime), first.weekday(), number + 1 + WARM, WARM)
    start = (WARM + number) * 24.0
    size = 400_000
    places = 4096
    while True:
        t = kernel.run(made.net, seed, start + 24.0, WARM * 24.0, places, start - 24.0 * BEFORE, start + 24.0, size)
        if t.status == kernel.FULL and places < 1 << 20:
            places *= 4
        elif t.status == kernel.OK and t.recorded == size:
            size *= 4
        else:
            break
    if t.status != kernel.OK:
        what = "the run did not reach that day: too many trucks wait, or stations block each other"
        raise SolveError(what, places, 0.0)
    index = {s.id: k for k, s in enumerate(design.stations)}
    ways = tuple((s.id, tuple(index[step.station] for step in s.route)) for s in design.streams)
    events = t.record[: t.recorded]
    stays = tuple(_stays(events, start))
    gone = events[(events[:, 3] == 3) & (events[:, 0] >= start)]
    left = np.bincount((gone[:, 0] - start).astype(int), minlength=24)[:24]
    return Day(design, day, regime, seed, tuple(index), ways, stays, tuple(int(n) for n in left))


def _stays(events: NDArray[np.float64], start: float) -> list[Stay]:
    """Return what of each truck's way lies on the day; events are queued 0, served 1, done 2, left 3."""
    found: list[Stay] = []
    for name in np.unique(events[:, 1]):
        mine = events[events[:, 1] == name]
        for here, after in zip(mine, [*mine[1:], None], strict=True):
            at, _, station, what = here
            end = after[0] if after is not None else start + 24.0
            if what < 3 and end > start and end > at:
                kind = (QUEUED, SERVED, HELD)[int(what)]
                found.append(
                    Stay(int(name), int(station), kind, max(0.0, (at - start) * 60), min(1440.0, (end - start) * 60))
                )
    return found
