"""The joint ensemble: every draw's trade without the plan, and what each measure adds to it.

Arrays keep the draw first. The flow of direction i in year y as reporter r records it, with the measures that are on:

    F[d, y, i, r] = base[d, y, i, r] exp(Σ_m log[d, m, y, i] + recorded[d, m, y, r])
                    + fixed[d, y, i] + Σ_m new[d, m, y, i] + power[d, y, i, r] + Σ_m power_step[d, m, y, i, r]

Switching a measure off removes its own terms and moves nothing else (common random numbers).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from birge.assess.shapley import Game

__all__ = ["Joint"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Joint:
    """One ensemble over `years`, `directions`, `reporters` and `measures`; flows in mn USD a year.

    `kept` is what the outlook's flow was multiplied by to give `base`, so that another outlook can take its place.
    `base` holds no electricity where `power` does: what crosses the border in a year, and each measure's part in it.
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
    power: Array
    power_step: Array

    @property
    def draws(self) -> int:
        """Return the number of draws."""
        return len(self.base)

    def game(self, year: int, reporter: str, value: float, *, electricity: bool = True) -> Game:
        """Return the game "turnover of `year` as `reporter` records it reaches `value`", `electricity` in or out."""
        y, r = self.years.index(year), self.reporters.index(reporter)
        log = self.log[:, :, y, :] + self.recorded[:, :, y, r, None]
        new, fixed = self.new[:, :, y, :], self.fixed[:, y].sum(axis=1)
        if electricity:
            new, fixed = new + self.power_step[:, :, y, :, r], fixed + self.power[:, y, :, r].sum(axis=1)
        return Game(self.base[:, y, :, r], log, new, fixed, value)

    def electricity(self, *, plan: bool = True) -> Array:
        """Return electricity [draw, year, reporter] of both directions with the plan or if it stops, mn USD a year."""
        return self._supplied if plan else self._kept_up

    @cached_property
    def _kept_up(self) -> Array:
        return np.asarray(self.power.sum(axis=2))

    @cached_property
    def _supplied(self) -> Array:
        return np.asarray(self._kept_up + self.power_step.sum(axis=(1, 3)))

    @cached_property
    def together(self) -> dict[str, Array]:
        """Return log, new and recorded of all measures together [draw, year, …]."""
        return {k: getattr(self, k).sum(axis=1) for k in ("log", "new", "recorded")}

    @cached_property
    def _fixed(self) -> Array:
        return np.asarray(self.fixed.sum(axis=2)[..., None])

    def turnover(self, *, plan: bool = True, base: Array | None = None) -> Array:
        """Return turnover [draw, year, reporter] with the plan or if it stops, with another `base` if one is given."""
        base = self.base if base is None else base
        fixed = self._fixed + self.electricity(plan=plan)
        if not plan:
            return np.asarray(base.sum(axis=2) + fixed)
        log = self.together["log"][..., None] + self.together["recorded"][:, :, None, :]
        return np.asarray((base * np.exp(log) + self.together["new"][..., None]).sum(axis=2) + fixed)
