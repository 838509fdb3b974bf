"""Steps of a year for dispatch and expansion: typical days of months, every third hour, every hour.

A step has a length in hours of the year. On typical days an hour of a month stands for all its days; the other clocks
run through the days in order. Profiles of the tables have one day for each month; `series` of 8,760 hours replace them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.models.power.system import DAYS, System

__all__ = ["CLOCKS", "Clock", "clock", "clock_problems"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CLOCKS = ("typical", "three-hourly", "hourly")


@dataclass(frozen=True)
class Clock:
    """Steps with their length in hours of the year, month 0 to 11 and first hour of the day, `width` hours each.

    `days` is how many days a step stands for; `night` marks the last step of a typical day, after which another month
    begins. `series` has 8,760 hours of a profile that replaces the one of the tables.
    """

    name: str
    hours: Floats
    month: Ints
    start: Ints
    width: int
    days: Floats
    night: NDArray[np.bool_]
    series: Mapping[str, Floats] = field(default_factory=dict)

    def values(self, system: System, profile: str) -> Floats:
        """Return a profile at every step."""
        if profile in self.series:
            whole = self.series[profile]
            if self.name != "typical":
                return np.asarray(whole.reshape(-1, self.width).mean(axis=1))
            of_day = whole.reshape(365, 24)
            ends = np.cumsum(DAYS).astype(int)
            typical = np.stack([of_day[e - int(d) : e].mean(axis=0) for e, d in zip(ends, DAYS, strict=True)])
        else:
            typical = system.profiles[profile]
        at = (self.start[:, None] + np.arange(self.width)[None, :]) % 24
        return np.asarray(typical[self.month[:, None], at].mean(axis=1))

    def last_of(self, month: int) -> int:
        """Return the last step of a month."""
        return int(np.flatnonzero(self.month == month)[-1])


def clock(name: str = "typical", series: Mapping[str, Floats] | None = None) -> Clock:
    """Return a clock by its name; raises InputError for an unknown one or a series that is not of 8,760 hours."""
    problems = clock_problems(name)
    for key, values in (series or {}).items():
        if values.shape != (8_760,):
            problems.append(Problem(f"series {key}", "length", f"{len(values):,} hours", "give 8,760 hours"))
        elif not np.isfinite(values).all():
            problems.append(Problem(f"series {key}", "number", "not every hour is a number", "give 8,760 numbers"))
    if problems:
        raise InputError(problems)
    if name == "typical":
        month = np.repeat(np.arange(12), 24)
        start = np.tile(np.arange(24), 12)
        return Clock(name, DAYS[month], month, start, 1, DAYS[month], start == 23, dict(series or {}))
    width = 1 if name == "hourly" else 3
    steps = 24 // width
    month = np.repeat(np.arange(12), DAYS.astype(int) * steps)
    start = np.tile(np.arange(steps) * width, 365)
    n = len(month)
    return Clock(name, np.full(n, float(width)), month, start, width, np.ones(n), np.zeros(n, bool), dict(series or {}))


def clock_problems(name: str) -> list[Problem]:
    """Return what is wrong with the name of a clock."""
    return [] if name in CLOCKS else [Problem("clock", "unknown", f"{name!r}", f"one of {', '.join(CLOCKS)}")]
