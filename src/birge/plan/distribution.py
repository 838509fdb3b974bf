"""Draw from the distributions that a plan file names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from birge.plan.schema import Distribution

__all__ = ["mean", "sample"]


def sample(d: Distribution, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Draw from a plan's distribution; its parameters were checked by `birge.plan.check`."""
    p = {n: v for n, v in d.model_dump().items() if v is not None and n != "kind"}
    if d.kind == "fixed":
        return np.full(shape, p["value"])
    if d.kind == "normal":
        return rng.normal(p["mean"], p["sd"], shape)
    if d.kind == "uniform":
        return rng.uniform(p["low"], p["high"], shape)
    if d.kind == "lognormal":
        return np.asarray(p["median"] * np.exp(p["sigma"] * rng.standard_normal(shape)))
    if d.kind == "triangular":
        same = p["low"] == p["high"]
        return np.full(shape, p["mode"]) if same else rng.triangular(p["low"], p["mode"], p["high"], shape)
    nu = p["mean"] * (1 - p["mean"]) / p["sd"] ** 2 - 1
    return rng.beta(p["mean"] * nu, (1 - p["mean"]) * nu, shape)


def mean(d: Distribution) -> float:
    """Return the mean of a plan's distribution."""
    p = {n: v for n, v in d.model_dump().items() if v is not None and n != "kind"}
    if d.kind == "lognormal":
        return float(p["median"] * np.exp(p["sigma"] ** 2 / 2))
    if d.kind in ("uniform", "triangular"):
        return float(sum(p.values()) / len(p))
    return float(p["value" if d.kind == "fixed" else "mean"])
