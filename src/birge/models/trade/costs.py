"""From hours at a crossing to trade cost, drawn; what is assumed stands in the factbook's table, with its source.

    Δ log τ[direction] = hours × (goods + vehicle) × road share[direction] × crossing share
    goods   = value of a day × time-sensitive share / 24
    vehicle = a truck's hour / (payload × value of a tonne)

Goods' time counts once; the vehicle's time is money. Hours are a change of the flow-weighted mean wait, never of a
crisis. Goods are one section (an axis of length 1): the value of a tonne is drawn for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.factbook.parameters import Parameter, elasticities
from birge.plan.distribution import sample
from birge.plan.schema import Distribution
from birge.rng import BLOCK, Streams

__all__ = ["Crossing", "assumptions", "crossing_shares", "draw", "per_hour"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Crossing:
    """A crossing and the bounds of its share of the pair's trucks."""

    id: str
    low: float
    high: float


def assumptions() -> tuple[Parameter, ...]:
    """Return the parameters of the trade model that are assumed, not estimated."""
    return tuple(p for p in elasticities().values() if p.assumed)


def draw(parameter: Parameter, rng: np.random.Generator) -> Floats:
    """Draw one block; a normal with `low` is cut there."""
    numbers = dict(parameter.numbers)
    low = numbers.pop("low", -np.inf) if parameter.kind == "normal" else -np.inf
    made = sample(Distribution.model_validate({"kind": parameter.kind, **numbers}), rng, (BLOCK,))
    return np.maximum(made, low)


def per_hour(
    known: Mapping[str, Parameter], road: tuple[Parameter, Parameter], streams: Streams, own: str = ""
) -> Floats:
    """Return Δ log τ [draw, direction] of one hour for all goods by road, before the crossing's share.

    `own` is added to the names of the streams: the draws of one effect alone.
    """
    rng = streams.at(f"trade/time-value{own}")
    names = ("goods_per_day", "time_sensitive_share", "truck_per_hour", "value_per_tonne", "payload")
    goods, sensitive, truck, value, payload = (draw(known[n], rng) for n in names)
    rng = streams.at(f"trade/road-share{own}")
    by_road = np.stack([draw(p, rng) for p in road], axis=1)
    made = (goods * sensitive / 24 + truck / (payload * value))[:, None] * by_road
    return np.asarray(made[: streams.draws])


def crossing_shares(crossings: tuple[Crossing, ...], streams: Streams, own: str = "") -> Mapping[str, Floats]:
    """Return each crossing's share of trucks [draw]; scaled so that all together are 1 at most."""
    drawn = [streams.at(f"trade/crossing/{c.id}{own}").uniform(c.low, c.high, BLOCK) for c in crossings]
    if not drawn:
        return {}
    total = np.maximum(np.sum(drawn, axis=0), 1.0)
    return {c.id: (d / total)[: streams.draws] for c, d in zip(crossings, drawn, strict=True)}
