"""The joint ensemble: every draw's trade without the plan, and what each measure adds to it.

Arrays keep the draw first. ``F[d, y, i, r] = base[d, y, i, r] exp(Σ_m log[d, m, y, i] + recorded[d, m, y, r])
+ Σ_m new[d, m, y, i]`` is the flow of direction i in year y as reporter r records it, with the measures that
are on. Switching a measure off removes its own terms and moves nothing else (common random numbers).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.assess.shapley import Game

__all__ = ["Joint", "pooled"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Joint:
    """One ensemble over `years`, `directions`, `reporters` and `measures`; flows in mn USD a year."""

    years: tuple[int, ...]
    directions: tuple[str, ...]
    reporters: tuple[str, ...]
    measures: tuple[str, ...]
    base: Array
    log: Array
    new: Array
    recorded: Array

    @property
    def draws(self) -> int:
        """Return the number of draws."""
        return len(self.base)

    def game(self, year: int, reporter: str, value: float) -> Game:
        """Return the game "turnover of `year` as `reporter` records it reaches `value`"."""
        y, r = self.years.index(year), self.reporters.index(reporter)
        log = self.log[:, :, y, :] + self.recorded[:, :, y, r, None]
        return Game(self.base[:, y, :, r], log, self.new[:, :, y, :], value)

    def turnover(self, *, plan: bool = True, scale: float = 1.0) -> Array:
        """Return turnover [draw, year, reporter] with the plan (effects times `scale`) or without it."""
        if not plan:
            return np.asarray(self.base.sum(axis=2))
        log = self.log.sum(axis=1)[..., None] + self.recorded.sum(axis=1)[:, :, None, :]
        new = self.new.sum(axis=1)[..., None]
        return np.asarray((self.base * np.exp(scale * log) + scale * new).sum(axis=2))


def pooled(parts: list[Joint]) -> Joint:
    """Join the blocks of one ensemble in order."""
    first = parts[0]
    return Joint(
        first.years,
        first.directions,
        first.reporters,
        first.measures,
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("base", "log", "new", "recorded")),
    )
