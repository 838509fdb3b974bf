"""The futures of turnover as a few numbers by year and side's statistics: what a fan is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from birge.assess.joint import Joint
from birge.assess.odds import interval

__all__ = ["FanYear", "fans"]


@dataclass(frozen=True)
class FanYear:
    """Turnover of a year on a side's statistics over the draws with an answer: median, central intervals, mn USD."""

    basis: str
    year: int
    median: float
    interval50: tuple[float, float]
    interval80: tuple[float, float]
    interval95: tuple[float, float]


def fans(joint: Joint) -> tuple[FanYear, ...]:
    """Return each side's years in order."""
    turnover = joint.turnover()
    turnover = turnover[np.isfinite(turnover).all(axis=(1, 2))]
    found = []
    for k, basis in enumerate(joint.reporters):
        for y, year in enumerate(joint.years):
            x = turnover[:, y, k]
            found.append(FanYear(basis, int(year), float(np.median(x)), *(interval(x, q) for q in (0.5, 0.8, 0.95))))
    return tuple(found)
