"""How a change of trade cost moves trade over time.

    d log V(t) = -ρ Σ_m σ(t - s_m) Δ log τ_m,     σ(a) = σ_L (1 - exp(-λ a))

with σ(0) = 0, σ(1 year) = .76 and σ_L from 1.75 to 2.25 after 7-10 years (Boehm, Levchenko and Pandalai-Nayar 2023,
American Economic Review, tariff-exclusive values), s_m the opening and ρ the share left after the rest of the world has
reacted. A ramp of R months is a mean of steps, and a calendar year is the mean over its months, so both are integrals
of σ in closed form; a step response (σ = 1) uses the same integrals.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["FIRST_YEAR", "rate", "year_mean"]

Floats = NDArray[np.float64]
FIRST_YEAR = 0.76


def rate(long_run: Floats) -> Floats:
    """Return λ per month such that σ after 12 months is `FIRST_YEAR`, for the long-run value by draw."""
    return np.asarray(-np.log(1 - FIRST_YEAR / long_run) / 12)


def year_mean(
    opening: Floats,
    year: int | NDArray[np.int64],
    ramp: float,
    long_run: Floats | None = None,
    half_life: float | None = None,
) -> Floats:
    """Return the mean of σ over calendar `year` for an effect that opens at `opening` (months since 2000-01-01).

    `opening` is [draw], infinity for never; `long_run` [draw], None for a response of 1 at once; `ramp` in months.
    With the draws along a first axis of two, `year` may be many.
    With `half_life` (months) the effect fades from its opening on, taken at the middle of the year.
    """
    begin = np.asarray((year - 2000) * 12.0, dtype=np.float64)
    known = np.isfinite(opening)
    age = np.asarray(begin - np.where(known, opening, begin + 1e6), dtype=np.float64)
    if ramp > 0:
        mean = _double(age + 12, long_run) - _double(age, long_run)
        mean -= _double(age + 12 - ramp, long_run) - _double(age - ramp, long_run)
        mean /= 12 * ramp
    else:
        mean = (_single(age + 12, long_run) - _single(age, long_run)) / 12
    if half_life is not None:
        mean = mean * 0.5 ** (np.maximum(age + 6, 0.0) / half_life)
    return np.where(known, mean, 0.0)


def _single(a: Floats, long_run: Floats | None) -> Floats:
    """Return ∫ σ from 0 to a (0 for a < 0)."""
    a = np.maximum(a, 0.0)
    if long_run is None:
        return a
    k = rate(long_run)
    return np.asarray(long_run * (a + np.expm1(-k * a) / k))


def _double(a: Floats, long_run: Floats | None) -> Floats:
    """Return the integral of `_single` from 0 to a (0 for a < 0)."""
    a = np.maximum(a, 0.0)
    if long_run is None:
        return np.asarray(a * a / 2)
    k = rate(long_run)
    return np.asarray(long_run * (a * a / 2 - a / k - np.expm1(-k * a) / k**2))
