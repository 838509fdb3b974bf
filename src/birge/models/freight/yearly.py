"""The second record of freight: a year's trade to trucks, waits, and what an effect is worth in that year.

    trade.flow ─▶ place of the year's trade between the levels ─▶ freight.cost, freight.wait, freight.trucks

Trade reads `freight.cost` and writes the flow again, so the two stand in a cycle, per draw and year; `evaluate` records
what is left of it. In the first pass, where no flow with the plan is known, the flow is that of the outlook.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from birge.models.freight.model import Inputs, setup
from birge.rng import Streams
from birge.spec import Model, World

__all__ = ["MODEL"]

Floats = NDArray[np.float64]


def _prepare(inputs: Inputs, _streams: Streams) -> Inputs:
    """Return the inputs: what is read is in the world."""
    return inputs


def _run(_inputs: Inputs | None, world: World, _streams: Streams) -> Mapping[str, Floats]:
    """Return the cost of each effect at full size, waits and trucks, by year."""
    flow = world["trade.flow"] if world["trade.flow"].any() else world["outlook.flow"]
    levels = np.log(world["freight.level"])
    at = np.log(np.maximum(flow.mean(axis=3).sum(axis=2), 1e-6))
    low = np.clip((levels[:, None, :] < at[:, :, None]).sum(axis=2) - 1, 0, levels.shape[1] - 2)
    a, b = np.take_along_axis(levels, low, axis=1), np.take_along_axis(levels, low + 1, axis=1)
    # beyond the levels, the edge
    up = np.clip((at - a) / np.maximum(b - a, 1e-12), 0.0, 1.0)
    today = world["freight.waits"][:, :, 0]
    held = {"cost": world["freight.response"], "wait": today, "trucks": world["freight.trucks_level"]}
    return {f"freight.{name}": _between(value, low, up) for name, value in held.items()}


def _between(held: Floats, low: NDArray[np.int64], up: Floats) -> Floats:
    """Return `held` [draw, level, …] at each year's place [draw, year]."""
    draws = np.arange(len(held))[:, None]
    part = up[:, :, None, None]
    return np.asarray(held[draws, low] * (1 - part) + held[draws, low + 1] * part)


MODEL: Model[Inputs, Inputs] = Model(
    id="yearly",
    inputs=Inputs,
    reads=(
        "outlook.flow",
        "freight.level",
        "freight.waits",
        "freight.trucks_level",
        "freight.response",
        "trade.flow",
    ),
    writes=("freight.cost", "freight.wait", "freight.trucks"),
    setup=setup,
    prepare=_prepare,
    run=_run,
)
