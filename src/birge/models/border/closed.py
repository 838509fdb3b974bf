"""Hours in which a station or a pool does not work: `closed_hours` says where, `opened` puts one server there.

shifts ─▶ minutes of the week that no server covers ─▶ shifts of one server in them
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from birge.models.border.design import WEEK, Design, Shift
from birge.models.border.load import minute

__all__ = ["closed_hours", "opened"]

DAY, WEEK_MINUTES = 1_440, 10_080


def closed_hours(design: Design) -> dict[str, float]:
    """Return the hours a week without a server, of the stations and pools that trucks meet and that ever close."""
    met = {step.station for s in design.streams for step in s.route}
    pools = {s.staff for s in design.stations if s.id in met}
    parts = [(s.id, s.shifts) for s in design.stations if s.id in met]
    parts += [(p.id, p.shifts) for p in design.staff if p.id in pools]
    found = {name: sum(length for _, length in _gaps(shifts)) / 60 for name, shifts in parts}
    return {name: hours for name, hours in found.items() if hours > 0}


def opened(design: Design) -> Design:
    """Return the design with one server in all hours in which a station or pool that trucks meet has none."""
    closed = closed_hours(design)

    def always(shifts: tuple[Shift, ...]) -> tuple[Shift, ...]:
        more: dict[tuple[int, int], list[int]] = {}
        for start, length in _gaps(shifts):
            # no shift is longer than a day
            for first in range(start, start + length, DAY):
                long = min(DAY, start + length - first)
                more.setdefault((first % DAY, long), []).append(first // DAY % 7)
        work = [s for s in shifts if s.servers]
        work += [
            Shift(
                start=f"{clock // 60:02d}:{clock % 60:02d}", hours=long / 60, servers=1,
                days=tuple(WEEK[d] for d in sorted(days)),
            )
            for (clock, long), days in sorted(more.items())
        ]  # fmt: skip
        return tuple(work)

    stations = tuple(
        s.model_copy(update={"shifts": always(s.shifts)}) if s.id in closed else s for s in design.stations
    )
    staff = tuple(p.model_copy(update={"shifts": always(p.shifts)}) if p.id in closed else p for p in design.staff)
    return design.model_copy(update={"stations": stations, "staff": staff})


def _gaps(shifts: tuple[Shift, ...]) -> Iterator[tuple[int, int]]:
    """Yield the first minute of the week and the length of each gap; one that goes over the week's end is whole."""
    works = np.zeros(WEEK_MINUTES, dtype=bool)
    for s in shifts:
        if s.servers:
            clock = minute(s.start)
            for day in s.days:
                first = WEEK.index(day) * DAY + clock
                works[np.arange(first, first + round(s.hours * 60)) % WEEK_MINUTES] = True
    if works.all():
        return
    if not works.any():
        yield 0, WEEK_MINUTES
        return
    begin = np.flatnonzero(~works & np.roll(works, 1))
    for first in begin.tolist():
        after = np.roll(works, -first)
        yield first, int(np.argmax(after))
