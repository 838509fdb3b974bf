"""Inflow as the policy sees it: q_t = μ_t (1 + s_t z_t), z_t = φ_t z_{t-1} + √(1 - φ_t²) ε_t.

μ is the climatology; spread s is fitted to the few seasons whose inflow is known, persistence φ is assumed. The anomaly
z is linear in its past, so cost to come is convex in it and cuts stay valid; noise comes from a few equally likely
values with variance 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from birge.models.power.system import River

__all__ = ["fitted_spread", "noise_values", "seasonal_spread", "seen_seasons", "step"]

Floats = NDArray[np.float64]


def noise_values(count: int) -> Floats:
    """Return `count` equally likely values of ε: middles of quantiles of the normal, scaled to variance 1."""
    if count == 1:
        return np.zeros(1)
    raw = np.array([NormalDist().inv_cdf((k + 0.5) / count) for k in range(count)])
    return np.asarray(raw / np.sqrt((raw**2).mean()))


def step(river: River, month: int, before: float | Floats, noise: float | Floats) -> Floats:
    """Return the anomaly of `month` after the anomaly `before`."""
    phi = float(river.persistence[month])
    return np.asarray(phi * np.asarray(before) + np.sqrt(1 - phi**2) * np.asarray(noise))


def seasonal_spread(river: River, months: Sequence[int] = range(12)) -> float:
    """Return the standard deviation of the inflow of `months` (0-11, in order) as a share of its mean."""
    weight = river.inflow_km3 * river.spread
    total = 0.0
    for k, m in enumerate(months):
        along = 1.0
        total += weight[m] ** 2
        for later in months[k + 1 :]:
            along *= float(river.persistence[later])
            total += 2 * weight[m] * weight[later] * along
    return float(np.sqrt(total) / river.inflow_km3[list(months)].sum())


def fitted_spread(river: River, seasons: Sequence[tuple[Sequence[int], float]]) -> tuple[float, float]:
    """Return the spread of months that `seasons` (months 0-11, inflow over its norm) imply, and its standard error.

    By moments: k² = mean of (deviation / standard deviation at the spread of the tables)²; with n seasons the error of
    a standard deviation is about its size over √(2n). Persistence is taken as the tables have it (assumed).
    """
    ratio = [(seen - 1) / seasonal_spread(river, months) for months, seen in seasons]
    spread = float(river.spread.mean() * np.sqrt(np.mean(np.square(ratio))))
    return spread, spread / float(np.sqrt(2 * len(ratio)))


def seen_seasons(found: Mapping[str, tuple[float, int]]) -> list[tuple[tuple[int, ...], float]]:
    """Return the seasons of `power_observed`: rows `river-YYYY-MM-MM` with first and last month."""
    made = []
    for name, (value, _) in found.items():
        if name.startswith("river-"):
            first, last = (int(m) - 1 for m in name.split("-")[2:])
            months = range(first, last + 1) if first <= last else (*range(first, 12), *range(last + 1))
            made.append((tuple(months), value))
    return made
