"""From hours at a crossing to trade cost, drawn: what is assumed stands here, with its evidence.

Δ log τ[direction] = hours × (goods / 24 + truck / (payload × value per tonne)) × road share × crossing share
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.rng import BLOCK, Streams

__all__ = ["ASSUMPTIONS", "Crossing", "crossing_shares", "per_hour"]

Floats = NDArray[np.float64]
ASSUMPTIONS = {
    "goods per day": "0.6-2.1 % of value a day, mode 1.2 % (Hummels and Schaur 2013, US air against sea), for the "
    "share of goods to which time matters, 0.3-0.7 (assumed: coal, cement and grain hardly react)",
    "truck per hour": "10-25 USD an hour of driver and vehicle (assumed)",
    "value per tonne": "400-1,500 USD, mode 700 (assumed; 20 t payload as in CAREC CPMM)",
    "road share": "mean .55 of value from the first party to the second, .85 back, sd .1 (assumed until data come)",
    "crossing share": "drawn between the bounds of the factbook's crossings (assumed)",
}


@dataclass(frozen=True)
class Crossing:
    """A crossing and the bounds of its share of the pair's trucks."""

    id: str
    low: float
    high: float


def per_hour(streams: Streams, own: str = "") -> Floats:
    """Return Δ log τ [draw, direction] of one hour for all goods by road, before the crossing's share.

    `own` is added to the names of the streams: the draws of one effect alone.
    """
    rng = streams.at(f"trade/time-value{own}")
    goods = rng.triangular(0.006, 0.012, 0.021, BLOCK) * rng.uniform(0.3, 0.7, BLOCK) / 24
    truck = rng.uniform(10, 25, BLOCK) / (20 * rng.triangular(400, 700, 1500, BLOCK))
    rng = streams.at(f"trade/road-share{own}")
    road = np.stack([_beta(rng, mean, 0.1) for mean in (0.55, 0.85)], axis=1)
    return ((goods + truck)[:, None] * road)[: streams.draws]


def crossing_shares(crossings: tuple[Crossing, ...], streams: Streams, own: str = "") -> Mapping[str, Floats]:
    """Return each crossing's share of trucks [draw]; scaled so that all together are 1 at most."""
    drawn = [streams.at(f"trade/crossing/{c.id}{own}").uniform(c.low, c.high, BLOCK) for c in crossings]
    if not drawn:
        return {}
    total = np.maximum(np.sum(drawn, axis=0), 1.0)
    return {c.id: (d / total)[: streams.draws] for c, d in zip(crossings, drawn, strict=True)}


def _beta(rng: np.random.Generator, mean: float, sd: float) -> Floats:
    nu = mean * (1 - mean) / sd**2 - 1
    return np.asarray(rng.beta(mean * nu, (1 - mean) * nu, BLOCK))
