"""The second record of freight: a year's trade to trucks, waits, and what an effect is worth in that year.

    trade.flow ─▶ trucks of the year = other + own of the middle year × trade over that of the middle year
               ─▶ hours of every effect on the curve at those trucks ─▶ freight.cost = response × hours over hours then

Trade reads `freight.cost` and writes the flow again, so the two stand in a cycle, per draw and year; `evaluate` records
what is left of it. In the first pass, where no flow with the plan is known, the flow is that of the outlook.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from birge.models.freight.model import Inputs, Prepared, prepare, setup
from birge.plan.crossing import AtCrossing
from birge.plan.distribution import sample
from birge.rng import BLOCK, Streams
from birge.spec import Model, World

__all__ = ["MODEL"]

Floats = NDArray[np.float64]
LEAST_H = 1e-9


def _run(prepared: Prepared, world: World, streams: Streams) -> Mapping[str, Floats]:
    """Return the cost of each effect at full size, waits and trucks, by year."""
    i, m = prepared.inputs, prepared.market
    n, years = streams.draws, len(i.years)
    count = 0 if m is None else len(m.crossings)
    cost = np.zeros((n, years, len(i.effects), 2))
    waits, trucks = np.zeros((n, years, count, 2)), np.zeros((n, years, count, 2))
    if m is None:
        return {"freight.cost": cost, "freight.wait": waits, "freight.trucks": trucks}
    flow = world["trade.flow"] if world["trade.flow"].any() else world["outlook.flow"]
    usd, middle = flow.mean(axis=3), world["outlook.flow"][:, i.middle].mean(axis=2)
    other = world["freight.trucks_other"]
    own = world["freight.trucks_middle"] - other
    sizes = [sample(e.size, streams.at(f"trade/effect/{e.name}"), (BLOCK,))[:n] for e in i.effects]
    curves = {c: _Rows(world, i, name) for c, name in enumerate(m.crossings) if name in i.bordered}
    held = world["freight.hours_middle"]
    for y in range(years):
        trucks[:, y] = other + own * (usd[:, y] / middle)[:, None, :]
        for c, rows in curves.items():
            for d in (0, 1):
                waits[:, y, c, d] = rows.at(d, trucks[:, y, c, d])
        for k, e in enumerate(i.effects):
            now, then = np.zeros(n), np.zeros(n)
            for c, rows in curves.items():
                for d in _touched(e, m.crossings[c], i):
                    now += _hours(e, sizes[k], rows, d, trucks[:, y, c, d], waits[:, y, c, d])
                    then += held[:, k, c, d]
            share = np.where(np.abs(then) > LEAST_H, now / np.where(np.abs(then) > LEAST_H, then, 1.0), 1.0)
            cost[:, y, k] = world["freight.response"][:, k] * np.clip(share, 0.0, 50.0)[:, None]
    return {"freight.cost": cost, "freight.wait": waits, "freight.trucks": trucks}


class _Rows:
    """The curves of one crossing over all draws."""

    def __init__(self, world: World, i: Inputs, name: str) -> None:
        place = i.bordered.index(name)
        # knots are a crossing's own, not a draw's
        self.knots = world["border.knots"][0, place]
        self.factors = world["border.levels"][0]
        self.levels = world["border.curve"][:, place]
        self.one = int(np.argmin(np.abs(self.factors - 1.0)))

    def at(self, d: int, trucks: Floats, factor: Floats | None = None) -> Floats:
        """Return waits [draw] of a direction, at `factor` times today's capacity."""
        knots = self.knots[d]
        k = np.clip(np.searchsorted(knots, trucks) - 1, 0, len(knots) - 2)
        u = np.maximum((trucks - knots[k]) / (knots[k + 1] - knots[k]), 0.0)
        draws = np.arange(len(trucks))

        def told(level: NDArray[np.int64] | int) -> Floats:
            low, high = self.levels[draws, d, level, k], self.levels[draws, d, level, k + 1]
            return np.asarray(low + u * (high - low))

        if factor is None:
            return told(self.one)
        logs = np.log(self.factors)
        at = np.clip(np.searchsorted(logs, np.log(factor)) - 1, 0, len(logs) - 2)
        v = np.clip((np.log(factor) - logs[at]) / (logs[at + 1] - logs[at]), 0.0, 1.0)
        low, high = np.log(np.maximum(told(at), 1e-4)), np.log(np.maximum(told(at + 1), 1e-4))
        return np.asarray(np.exp(low + v * (high - low)))


def _touched(e: AtCrossing, crossing: str, i: Inputs) -> tuple[int, ...]:
    flows = (f"{i.pair[0]}-{i.pair[1]}", f"{i.pair[1]}-{i.pair[0]}")
    return tuple(d for d in (0, 1) if e.crossing in ("", crossing) and e.direction in ("", flows[d]))


def _hours(e: AtCrossing, size: Floats, rows: _Rows, d: int, trucks: Floats, wait: Floats) -> Floats:
    """Return what an effect adds to the wait [draw]; no wait falls under 0."""
    if e.driver == "border.capacity":
        return rows.at(d, trucks, np.maximum(size, 0.05)) - wait
    return np.maximum(size, -wait)


MODEL: Model[Inputs, Prepared] = Model(
    id="yearly",
    inputs=Inputs,
    reads=(
        "outlook.flow",
        "border.knots",
        "border.levels",
        "border.curve",
        "freight.trucks_middle",
        "freight.trucks_other",
        "freight.hours_middle",
        "freight.response",
        "trade.flow",
    ),
    writes=("freight.cost", "freight.wait", "freight.trucks"),
    setup=setup,
    prepare=prepare,
    run=_run,
)
