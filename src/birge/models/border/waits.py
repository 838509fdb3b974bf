"""Waits without events: a design's year by the hourly recursion.

    design, regime ─▶ `walk.walked`: all stations' years ─▶ Expected by stream

Good to about a fifth of the wait against the event kernel, where not more than one station is full
(`docs/models/border.md` has the figures).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.models.border.design import Design, Regime
from birge.models.border.walk import Walk, share_at, walked

__all__ = ["Expected", "expected", "quantile_of"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Expected:
    """A year of a stream: mean wait and its quantiles in hours, mean queue, trucks a day that join.

    `stations` is the mean wait at each station of the route, over all visits, `binding` the one with the longest.
    """

    stream: str
    wait: float
    p50: float
    p90: float
    queue: float
    per_day: float
    stations: tuple[tuple[str, float], ...]
    binding: str


def expected(
    design: Design, regime: str = "normal", level: float = 1.0, capacity: float = 1.0, spread: bool = True
) -> tuple[Expected, ...]:
    """Return the year of every stream at `level` times its arrivals and `capacity` times the binding stations' speed.

    `spread` asks for quantiles; without it they are NaN.
    """
    chosen = design.regime(regime)
    walk = walked(design, chosen, level, capacity)
    return tuple(_assembled(design, d, chosen, walk, spread) for d in range(len(design.streams)))


def quantile_of(over: Floats, q: float) -> float:
    """Return the hours that a share `q` of trucks waits at most, from shares over `border_recursion.HOURS`."""
    from birge.kernels.border_recursion import HOURS

    left = 1.0 - q
    k = int(np.searchsorted(-over, -left))
    if k == 0 or k >= len(over):
        return 0.0 if k == 0 else float(HOURS[-1])
    a, b = over[k - 1], over[k]
    return float(HOURS[k - 1] + (a - left) / (a - b) * (HOURS[k] - HOURS[k - 1]))


def _assembled(design: Design, d: int, regime: Regime, walk: Walk, spread: bool) -> Expected:
    """Return a stream's year: waits add up, weighted by the shares that stop at each station.

    The station with the longest wait has its whole distribution, the others their means; who comes to it more than
    once waits as long each time.
    """
    stream = design.streams[d]
    met = dict.fromkeys(s.station for s in stream.route)
    parts = [(s, walk.years[s].hours(share_at(design, d, s, regime))) for s in met]
    binding, bound = max(parts, key=lambda p: p[1])
    wait = sum(w for _, w in parts)
    p50, p90 = float("nan"), float("nan")
    if spread:
        year, visits = walk.years[binding], max(share_at(design, d, binding, regime), 1.0)
        over = np.asarray(year.asked.path(True).over) * min(bound / max(year.wait, 1e-12), 1.0)
        p50, p90 = (wait - bound + visits * quantile_of(over, q) for q in (0.5, 0.9))
    queue = sum(walk.years[s].queue for s in met)
    return Expected(stream.id, wait, p50, p90, queue, walk.joined[d], tuple(parts), binding)
