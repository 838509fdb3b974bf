"""The joint ensemble: every draw's trade without the plan, and what each measure adds to it.

Arrays keep the draw first. The flow of direction i in year y as reporter r records it, with the measures that are on:

    F[d, y, i, r] = base[d, y, i, r] exp(Σ_m log[d, m, y, i] + recorded[d, m, y, r])
                    + fixed[d, y, i] + Σ_m new[d, m, y, i]

Switching a measure off removes its own terms and moves nothing else (common random numbers).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.assess.shapley import Game

__all__ = ["Joint"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Joint:
    """One ensemble over `years`, `directions`, `reporters` and `measures`; flows in mn USD a year.

    `kept` is what the outlook's flow was multiplied by to give `base`, so that another outlook can take its place.
    """

    years: tuple[int, ...]
    directions: tuple[str, ...]
    reporters: tuple[str, ...]
    measures: tuple[str, ...]
    base: Array
    kept: Array
    fixed: Array
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
        return Game(self.base[:, y, :, r], log, self.new[:, :, y, :], self.fixed[:, y].sum(axis=1), value)

    def turnover(self, *, plan: bool = True) -> Array:
        """Return turnover [draw, year, reporter] with the plan or if it stops."""
        fixed = self.fixed.sum(axis=2)[..., None]
        if not plan:
            return np.asarray(self.base.sum(axis=2) + fixed)
        log = self.log.sum(axis=1)[..., None] + self.recorded.sum(axis=1)[:, :, None, :]
        new = self.new.sum(axis=1)[..., None]
        return np.asarray((self.base * np.exp(log) + new).sum(axis=2) + fixed)
