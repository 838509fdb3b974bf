"""The goods of every draw by bands of what an hour costs them: that cost, tonnes a mn USD, what a truck costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.factbook.network import freight_parameters, section_values
from birge.factbook.parameters import Parameter
from birge.models.freight.choice import Demand
from birge.models.freight.goods import GOODS, central
from birge.plan.distribution import sample
from birge.plan.schema import Distribution
from birge.rng import BLOCK, Streams

__all__ = ["Goods", "drawn_goods", "drawn_parameters", "drawn_values"]

Floats = NDArray[np.float64]
DRAWN = ("reliability_ratio", "truck_hour", "empty_returns", *(f"day_{c}" for c in GOODS))


BANDS = (0.02, 0.1, 0.45, 0.7, 2.5, 10.0)
"""USD a tonne and hour, at central values, that part goods which choose alike"""


@dataclass(frozen=True)
class Goods:
    """Draws by band, each at the hour of its mean tonne.

    `hour` USD a tonne and `mass` tonnes a year per mn USD [draw, direction, band], `value` [direction, band] shares
    of value, `reliability`, `waiting` (USD a tonne and hour) and `empty` [draw].
    """

    hour: Floats
    mass: Floats
    value: Floats
    reliability: Floats
    waiting: Floats
    empty: Floats


def drawn_goods(wanted: Demand, streams: Streams) -> Goods:
    """Draw the bound block."""
    known, values = drawn_parameters(streams), drawn_values(streams)
    n = streams.draws
    bands = len(BANDS) + 1
    hour, mass, value = np.zeros((n, 2, bands)), np.zeros((n, 2, bands)), np.zeros((2, bands))
    for d in (0, 1):
        for g, name, share in zip(wanted.goods[d], wanted.classes[d], wanted.shares[d], strict=True):
            k = int(np.searchsorted(BANDS, g.hour))
            tonnes = share * 1e6 / values[g.name]
            mass[:, d, k] += tonnes
            hour[:, d, k] += tonnes * values[g.name] * known[f"day_{name}"] / 24
            value[d, k] += share
    hour /= np.maximum(mass, 1e-12)
    payload = central(freight_parameters()["payload"])
    waiting = known["truck_hour"] * (1 + known["empty_returns"]) / payload
    return Goods(hour, mass, value, known["reliability_ratio"], waiting, known["empty_returns"])


def drawn_parameters(streams: Streams) -> dict[str, Floats]:
    """Draw the uncertain parameters of cost [draw]."""
    known = freight_parameters()
    return {k: _sampled(known[k], streams.at(f"freight/{k}"))[: streams.draws] for k in DRAWN}


def drawn_values(streams: Streams) -> dict[str, Floats]:
    """Draw the value of a tonne by section [draw]."""
    return {s: _sampled(p, streams.at(f"freight/value/{s}"))[: streams.draws] for s, p in section_values().items()}


def _sampled(p: Parameter, rng: np.random.Generator) -> Floats:
    return sample(Distribution.model_validate({"kind": p.kind, **dict(p.numbers)}), rng, (BLOCK,))
