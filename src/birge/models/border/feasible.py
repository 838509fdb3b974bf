"""Is a mean at least a limit? A fully sequential check with a stated error.

After n0 replications and after each further one, go on while the sum of (value - limit) stays inside a triangle

    R(r) = max(0, h² S² / (2 δ) - δ r / 2),   h² = 2 η (n0 - 1),   η = ((2 β)^(-2 / (n0 - 1)) - 1) / 2

and decide by its sign when it leaves. For independent normal replications a mean above limit + δ is refused, or one
below limit - δ accepted, with chance at most β; in between either answer counts as right (Andradóttir and Kim 2010,
procedure F_B; the triangle is that of Kim and Nelson 2001 with c = 1). S² is the variance of the first n0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["N0", "Verdict", "check"]

N0 = 8
"""Replications before the first decision."""
Values = Callable[[int, int], NDArray[np.float64]]


@dataclass(frozen=True)
class Verdict:
    """Whether the mean is at least the limit, the mean found, after how many; `cut` where stopped early."""

    met: bool
    mean: float
    replications: int
    cut: bool = False


def check(values: Values, limit: float, tolerance: float, error: float, most: int = 400, batch: int = 4) -> Verdict:
    """Return the verdict on the mean of `values(first, count)`; after `most` replications by the mean alone, `cut`."""
    found = np.asarray(values(0, N0), dtype=float)
    spread = float(found.var(ddof=1))
    eta = ((2 * error) ** (-2 / (N0 - 1)) - 1) / 2
    height = 2 * eta * (N0 - 1) * spread / (2 * tolerance)
    r = N0
    while True:
        while r <= len(found):
            total = float((found[:r] - limit).sum())
            if abs(total) >= max(0.0, height - tolerance * r / 2):
                return Verdict(total >= 0, float(found[:r].mean()), r)
            r += 1
        if len(found) >= most:
            return Verdict(float(found.mean()) >= limit, float(found.mean()), len(found), True)
        found = np.concatenate([found, values(len(found), min(batch, most - len(found)))])
