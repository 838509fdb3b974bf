"""Score forecasts given as draws: coverage, CRPS, Brier, with errors clustered by origin year."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["clustered", "covered", "crps", "normal_crps", "rank"]

Floats = NDArray[np.float64]


def covered(draws: Floats, truth: Floats, level: float) -> NDArray[np.bool_]:
    """Return whether the central interval of `draws` [draw, ...] at `level` holds `truth` [...]."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return np.asarray((low <= truth) & (truth <= high))


def crps(draws: Floats, truth: Floats) -> Floats:
    """Return the continuous ranked probability score, without bias, over draws (Gneiting and Raftery 2007)."""
    x = np.sort(draws, axis=0)
    n = len(x)
    weight = (2 * np.arange(1, n + 1) - n - 1).reshape(-1, *[1] * (x.ndim - 1))
    return np.asarray(np.abs(x - truth).mean(axis=0) - (weight * x).sum(axis=0) / (n * (n - 1)))


def rank(draws: Floats, truth: Floats) -> Floats:
    """Return the probability integral transform of `truth`."""
    return np.asarray((draws < truth).mean(axis=0))


def clustered(x: Floats, cluster: NDArray[np.int64]) -> tuple[float, float]:
    """Return the mean of `x` and its standard error, clusters moving together (nan if there is one only)."""
    names = np.unique(cluster)
    mean = float(x.mean())
    sums = np.array([(x[cluster == c] - mean).sum() for c in names])
    k = len(names)
    return mean, float(np.sqrt((sums**2).sum() * k / (k - 1)) / len(x)) if k > 1 else float("nan")


def normal_crps(mean: Floats, sd: Floats, truth: Floats) -> Floats:
    """Return the same score of normal forecasts, in closed form."""
    from scipy.stats import norm

    z = (truth - mean) / sd
    return np.asarray(sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi)))
