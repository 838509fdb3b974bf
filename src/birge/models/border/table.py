"""The table of waits that ensembles read: mean wait of a stream over trucks a day and capacity.

    arrivals × capacity of the station that binds ─▶ its wait, and who joins
    trucks that pass it × how full it is           ─▶ waits at all other stations      sum ─▶ `WaitTable.wait`

The two bend at different trucks a day: with enough capacity another station comes to be the full one. Each is held over
loads of its own, so that a bend stands at a load of 1 and the points stand close there. A full station sends trucks on
more evenly than they came, so that those behind it wait less.

======  ==========================================================  =====
symbol  meaning                                                     unit
======  ==========================================================  =====
a, k    trucks a day that come, factor on the binding capacity      1
ρ       a / (k · full), load of the station that binds              1
j(ρ,k)  share of trucks that join                                   1
σ       a · j / rest_full, load of the busiest other station        1
W       slowest(ρ, k) + rest(σ, ρ)                                  hours
======  ==========================================================  =====
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from birge.models.border.design import Design, Regime
from birge.models.border.walk import Asked, loads, only, share_at, walked, year_of

__all__ = [
    "CAPACITIES",
    "LOADS",
    "METHOD",
    "PASSED",
    "REST_LOADS",
    "Case",
    "WaitTable",
    "case_of",
    "wait_table",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
METHOD = 4
"""Goes up when the recursion gives other numbers, so that shipped tables are made anew."""
LOADS = (
    *(0.05, 0.2, 0.4, 0.55, 0.64, 0.72, 0.78, 0.82, 0.86, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98, 1.0),
    *(1.02, 1.04, 1.08, 1.12, 1.2, 1.35, 1.7, 2.2),
)
CAPACITIES = (0.2, 0.45, 1.0, 2.0, 4.0)
REST_LOADS = (0.05, 0.2, 0.4, 0.64, 0.78, 0.86, 0.9, 0.94, 0.96, 0.98, 1.0, 1.02, 1.04, 1.08, 1.13, 1.2, 1.35, 1.7, 2.2)
PASSED = (0.6, 0.9, 1.0)
"""Loads of the binding station at which the others are looked at; at the first it is taken to delay nobody."""
EVENED = (0.8, 1.25)
"""Loads of the busiest other station between which it matters how evenly trucks come to it."""
LEAST = 1e-4
"""Hours below which no wait is told from another."""


@dataclass(frozen=True)
class WaitTable:
    """Waits of a stream over load and capacity (a factor on the services of the station that binds), in a regime.

    `full` is the trucks a day that make a load of 1 of the station that binds at capacity 1, `rest_full` those that
    make a load of 1 of the busiest other one. `slowest` [LOADS, CAPACITIES] is the mean wait in hours at the first,
    `joined` of the same shape the share of trucks that do not stay away, `rest` [REST_LOADS, PASSED] the mean wait in
    hours at all others.
    """

    design: str
    stream: str
    regime: str
    full: float
    rest_full: float
    slowest: Floats
    joined: Floats
    rest: Floats

    def wait(self, arrivals: Floats, capacity: Floats) -> Floats:
        """Return the mean wait in hours at `arrivals` trucks a day; beyond the edges, the edge."""
        factor = np.asarray(capacity, dtype=np.float64)
        load = np.minimum(np.asarray(arrivals) / (self.full * factor), LOADS[-1])
        at = (*_place(np.array(LOADS), load), *_place(np.log(CAPACITIES), np.log(factor)))
        passing = load * factor * self.full * _between(self.joined, *at)
        there = (*_place(np.array(REST_LOADS), passing / self.rest_full), *_place(np.array(PASSED), load))
        return np.exp(_between(_logs(self.slowest), *at)) + np.exp(_between(_logs(self.rest), *there))


@dataclass(frozen=True)
class Case:
    """What the recursion is asked for a table: the stream alone, its station that binds, and what comes there at full.

    `usual` is the design's trucks a day, `share` that of the stream which stops at the station that binds.
    """

    design: Design
    regime: Regime
    binding: str
    usual: float
    share: float
    full: float
    rest_full: float
    asked: Asked

    def at_slowest(self, load: float, capacity: float) -> tuple[float, float]:
        """Return the mean wait in hours at the station that binds, and the share of trucks that join."""
        # at the same load: arrivals and services grow together
        asked = replace(self.asked, rate=self.asked.rate * load * capacity, slow=1.0 / capacity)
        year, path = year_of(asked, False)
        came = float(asked.rate[asked.warm :].sum())
        return year.hours(self.share), float(path.joined[asked.warm :].sum()) / max(came, 1e-12)

    def evens(self, load: float, passed: float) -> bool:
        """Return whether at `load` of the busiest other station it matters how the one that binds sends trucks on."""
        return passed > PASSED[0] and EVENED[0] <= load <= EVENED[1] and self._factor(load, passed) <= CAPACITIES[-1]

    def at_rest(self, load: float, passed: float, joined: Floats) -> float:
        """Return the mean wait in hours at all stations but the one that binds, at a load of the busiest of them.

        `passed` is the load of the one that binds, `joined` [LOADS, CAPACITIES] the share of trucks that join there.
        """
        level, factor = load * self.rest_full / self.usual, math.inf
        if self.evens(load, passed):
            factor = self._factor(load, passed)
            kept = np.interp(math.log(factor), np.log(CAPACITIES), joined[LOADS.index(passed)])
            # so many come that those who pass make the load
            level, factor = level / kept, factor / kept
        years = walked(self.design, self.regime, level, factor).years
        return sum(y.hours(share_at(self.design, 0, s, self.regime)) for s, y in years.items() if s != self.binding)

    def _factor(self, load: float, passed: float) -> float:
        """Return the capacity at which both loads come together, where all trucks join."""
        return load * self.rest_full / (passed * self.full)


def case_of(design: Design, stream: str, regime: str = "normal") -> Case:
    """Return the case of a stream; other streams that use its stations grow with it."""
    alone, chosen = only(design, [s.id for s in design.streams].index(stream)), design.regime(regime)
    usual = alone.streams[0].arrivals.per_day
    every = loads(alone, 0, chosen)
    binding = max(every, key=lambda s: every[s])
    full = usual / every[binding]
    busiest = max((every[s] for s in every if s != binding), default=0.0) or every[binding]
    rest_full = usual / busiest
    asked = walked(alone, chosen, full / usual, 1.0).years[binding].asked
    return Case(alone, chosen, binding, usual, share_at(alone, 0, binding, chosen), full, rest_full, asked)


def wait_table(design: Design, stream: str, regime: str = "normal") -> WaitTable:
    """Return the table of a stream in a regime."""
    case = case_of(design, stream, regime)
    slowest, joined = np.array([[case.at_slowest(x, k) for k in CAPACITIES] for x in LOADS]).transpose(2, 0, 1)
    rest = np.zeros((len(REST_LOADS), len(PASSED)))
    for i, x in enumerate(REST_LOADS):
        rest[i] = case.at_rest(x, PASSED[0], joined)
        for j, passed in enumerate(PASSED):
            if case.evens(x, passed):
                rest[i, j] = case.at_rest(x, passed, joined)
    return WaitTable(design.id, stream, regime, case.full, case.rest_full, slowest, joined, rest)


def _logs(hours: Floats) -> Floats:
    return np.log(np.maximum(hours, LEAST))


def _between(values: Floats, i: Ints, u: Floats, j: Ints, v: Floats) -> Floats:
    """Return bilinear values on a grid, `u` of the way from row `i` to the next and `v` from column `j`."""
    low = values[i, j] * (1 - v) + values[i, j + 1] * v
    high = values[i + 1, j] * (1 - v) + values[i + 1, j + 1] * v
    return np.asarray(low * (1 - u) + high * u)


def _place(grid: Floats, at: Floats) -> tuple[Ints, Floats]:
    """Return the last point of a grid that is at most `at`, and the share of the way to the next; edges hold beyond."""
    k = np.clip(np.searchsorted(grid, at, side="right") - 1, 0, len(grid) - 2)
    return k, np.clip((at - grid[k]) / (grid[k + 1] - grid[k]), 0.0, 1.0)
