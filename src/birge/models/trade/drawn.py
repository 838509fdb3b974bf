"""What the trade model draws of a block: what effects share, κ of each measure, the size of each effect.

`draws` keeps the newest blocks, since a block asks for its numbers many times; `drawn` tells them by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.models.trade.costs import crossing_shares, draw, per_hour
from birge.models.trade.diversion import left
from birge.models.trade.inputs import Inputs, Prepared
from birge.plan.crossing import CAPACITY, OPENING
from birge.plan.distribution import sample
from birge.rng import BLOCK, Streams
from birge.spec import Draw
from birge.variables import variables

__all__ = ["Drawn", "Shared", "bounded", "drawn", "draws", "shared"]

Floats = NDArray[np.float64]
KEPT = 8
"""Blocks that are kept: one for each thread that works at a time, and some."""


@dataclass(frozen=True)
class Shared:
    """Draws of `COMMON`: σ in the long run [draw], shares of trucks, Δ log τ per hour [draw, direction] and ρ.

    `alone` is ρ [draw, direction, direction] of costs of the pair alone, `routed` of its crossings.
    """

    sigma: Floats
    alone: Floats
    routed: Floats
    hour: Floats
    share: Mapping[str, Floats]


@dataclass(frozen=True)
class Drawn:
    """A block's draws: what effects share, κ [draw] by measure, size [draw] by effect before bounds and after them.

    `clipped` counts draws in which a bound of a Variable was reached.
    """

    common: Shared
    kappa: Mapping[str, Floats]
    size: Mapping[str, Floats]
    kept: Mapping[str, Floats]
    clipped: int


@lru_cache(maxsize=KEPT)
def draws(prepared: Prepared, streams: Streams) -> Drawn:
    """Return what is drawn in the bound block; kept, so nothing may be written into it."""
    i = prepared.inputs
    size = {r.name: sample(r.size, streams.at(f"trade/effect/{r.name}"), (BLOCK,))[: streams.draws] for r in i.effects}
    kept, clipped = bounded(i, size)
    acting = {r.measure for r in i.effects if r.measure >= 0}
    return Drawn(
        shared(prepared, streams),
        {i.measures[k]: _kappa(i, i.measures[k], streams) for k in sorted(acting)},
        size,
        {r.name: x for r, x in zip(i.effects, kept, strict=True)},
        clipped,
    )


def drawn(prepared: Prepared, streams: Streams) -> tuple[Draw, ...]:
    """Return the values of all inputs in the bound block; an effect's size is the one that bounds have left."""
    i = prepared.inputs
    acting = sorted({r.measure for r in i.effects if r.measure >= 0})
    if not i.effects:
        return ()
    made = draws(prepared, streams)
    common = made.common
    found = [Draw("trade/sigma", "trade elasticity in the long run, σ", "1", False, common.sigma)]
    for k, direction in enumerate(f"{x}-{y}" for x, y in (i.parties, i.parties[::-1])):
        found += [
            Draw(f"trade/kept/{direction}", f"share of a crossing effect left after diversion, {direction}", "1", True,
                 common.routed[:, k, k]),
            Draw(f"trade/hour/{direction}", f"trade cost of one hour at a crossing, road share included, {direction}",
                 "log points per h", True, common.hour[:, k]),
        ]  # fmt: skip
    found += [
        Draw(f"trade/crossing/{name}", f"share of the trucks that pass {name}", "1", True, share)
        for name, share in common.share.items()
    ]
    found += [
        Draw(
            f"trade/kappa/{name}",
            f"share of the effect of {name} in the trend, κ",
            "1",
            True,
            made.kappa[name],
        )
        for name in (i.measures[k] for k in acting)
    ]
    found += [
        Draw(
            f"trade/effect/{row.name}",
            f"size of effect {row.name} on {row.driver}",
            row.driver,
            True,
            made.kept[row.name],
        )
        for row in i.effects
    ]
    return tuple(found)


def bounded(i: Inputs, drawn: Mapping[str, Floats]) -> tuple[list[Floats], int]:
    """Return every effect's size of those `drawn` by name, and in how many draws a bound of a Variable was reached.

    Where effects on one place of a Variable pass its bounds together, they are scaled back.
    """
    sizes = [drawn[r.name] for r in i.effects]
    clipped = 0
    places: dict[tuple[Any, ...], list[int]] = {}
    for k, r in enumerate(i.effects):
        # factors on one capacity and links that open do not add up: each by itself, as freight has it
        alone = k if r.driver in (CAPACITY, OPENING) else -1
        places.setdefault((r.driver, r.crossing, r.directions, r.reporters, alone), []).append(k)
    for key, rows in places.items():
        low, high = variables()[key[0]].bounds
        total = np.sum([sizes[k] for k in rows], axis=0)
        kept = np.clip(total, low, high)
        over = kept != total
        clipped += int(over.sum())
        factor = np.where(over, kept / np.where(total == 0, 1.0, total), 1.0)
        for k in rows:
            sizes[k] = sizes[k] * factor
    return sizes, clipped


def _kappa(i: Inputs, measure: str, streams: Streams) -> Floats:
    """Return the share [draw] of a measure's effect that is in the trend."""
    return draw(i.parameters["trend_share"], streams.at(f"trade/kappa/{measure}"))[: streams.draws]


def shared(prepared: Prepared, streams: Streams, effect: str = "") -> Shared:
    """Draw what all effects share; with the name of an effect, for that effect alone."""
    own = f"/{effect}" if effect else ""
    i, n = prepared.inputs, streams.draws
    known = i.parameters
    sigma = draw(known["sigma_long_run"], streams.at(f"trade/sigma{own}"))[:n]
    alone, routed = _left(prepared, streams, own)
    hour = per_hour(known, i.road, streams, own)
    return Shared(sigma, alone[:n], routed[:n], hour, crossing_shares(i.crossings, streams, own))


def _left(prepared: Prepared, streams: Streams, own: str) -> tuple[Floats, Floats]:
    """Return ρ [draw, direction, direction] of the pair's own costs and of crossings; wide where there is no matrix."""
    known, rng = prepared.inputs.parameters, streams.at(f"trade/routing{own}")
    if prepared.ratio is None:
        wide = np.stack([draw(known["response_left"], rng) for _ in range(2)], axis=1)
        return wide[:, :, None] * np.eye(2), wide[:, :, None] * np.eye(2)
    return left(prepared.ratio, draw(known["theta"], streams.at(f"trade/theta{own}")), rng.uniform(0, 1, BLOCK))
