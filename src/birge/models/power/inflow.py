"""Inflow as the policy sees it: q_t = μ_t (1 + s_t z_t), z_t = φ_t z_{t-1} + √(1 - φ_t²) ε_t.

μ is the climatology; spread s and persistence φ are assumed (`power_inflows`). The anomaly z is linear in its past, so
cost to come is convex in it and cuts stay valid; noise comes from a few equally likely values with variance 1.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from birge.models.power.system import River

__all__ = ["noise_values", "step", "yearly_spread"]

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


def yearly_spread(river: River) -> float:
    """Return the standard deviation of a year's inflow as a share of its mean, as spread and persistence imply."""
    total = 0.0
    weight = river.inflow_km3 * river.spread
    for m in range(12):
        along = 1.0
        total += weight[m] ** 2
        for later in range(m + 1, 12):
            along *= float(river.persistence[later])
            total += 2 * weight[m] * weight[later] * along
    return float(np.sqrt(total) / river.inflow_km3.sum())
