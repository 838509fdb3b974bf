"""What is left of a trade-cost effect once the rest of the world has reacted: ρ from the equilibrium.

ρ[d, c] is the response of the pair's direction d over θ times the shock of its direction c: about 1 where d is c, about
0 where it is not. A crossing measure also cuts the costs of others whose goods pass the crossing in that direction:
every such flow gets the shock by its routing share, between the bounds of the factbook, all at the same place `u` from
0 (lowest) to 1 (highest), since what decides it (rail or road) is common to them.

world, routing, pair ─▶ ratios: ρ at every θ × u, from full solves ─▶ left: ρ by draw, between them by interpolation
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.factbook.parameters import Routing
from birge.factbook.world import WorldTrade
from birge.models.trade.equilibrium import solve

__all__ = ["PLACES", "SHOCK", "THETAS", "Ratios", "left", "ratios", "shocks"]

Floats = NDArray[np.float64]
PLACES = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
"""Places between the lowest and the highest routing share at which the equilibrium is solved."""
THETAS = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0])
"""Elasticities at which it is solved; between them ρ is interpolated."""
SHOCK = 0.99
"""Cost ratio of the pair: 1 % less."""


@dataclass(frozen=True)
class Ratios:
    """ρ for a cost of the pair alone [θ, d, c], and for one of its crossings [θ, place, d, c]."""

    alone: Floats
    crossing: Floats

    @classmethod
    def unit(cls) -> Ratios:
        """Return ρ where nobody reacts."""
        return cls(np.tile(np.eye(2), (len(THETAS), 1, 1)), np.tile(np.eye(2), (len(THETAS), len(PLACES), 1, 1)))


def shocks(
    codes: tuple[str, ...],
    pair: tuple[str, str],
    routing: tuple[Routing, ...],
    places: Floats,
    size: tuple[float, float] = (SHOCK, SHOCK),
) -> Floats:
    """Return cost ratios [place, i, j] of a crossing measure that changes the pair's own costs, there and back."""
    a, b = (codes.index(c) for c in pair)
    tau = np.ones((len(places), len(codes), len(codes)))
    tau[:, a, b], tau[:, b, a] = size
    for r in routing:
        share = r.low + (r.high - r.low) * places
        into, out = size if r.behind == pair[1] else size[::-1]
        i, j = codes.index(r.economy), codes.index(r.behind)
        tau[:, i, j], tau[:, j, i] = into**share, out**share
    return tau


def ratios(world: WorldTrade, pair: tuple[str, str], routing: tuple[Routing, ...]) -> Ratios | None:
    """Return ρ on the grid; None where a party is not in the world matrix."""
    if not set(pair) <= set(world.codes):
        return None
    known = tuple(r for r in routing if {r.economy, r.behind} <= set(world.codes))
    a, b = (world.codes.index(c) for c in pair)
    columns = []
    for size in ((SHOCK, 1.0), (1.0, SHOCK)):
        own = shocks(world.codes, pair, (), np.zeros(1), size)
        tau = np.concatenate([own, shocks(world.codes, pair, known, PLACES, size)])
        theta = np.repeat(THETAS, len(tau))
        sales = np.log(solve(world.sales, np.tile(tau, (len(THETAS), 1, 1)), theta).sales)
        made = np.stack([sales[:, a, b], sales[:, b, a]], axis=1) / (-theta * np.log(SHOCK))[:, None]
        columns.append(made.reshape(len(THETAS), len(tau), 2))
    both = np.stack(columns, axis=-1)
    return Ratios(both[:, 0], both[:, 1:])


def left(made: Ratios, theta: Floats, place: Floats) -> tuple[Floats, Floats]:
    """Return ρ [draw, d, c] of a cost of the pair alone and of a crossing measure."""
    t, up = _between(THETAS, theta)
    p, right = _between(PLACES, place)
    alone = (1 - up) * made.alone[t] + up * made.alone[t + 1]
    low = (1 - right) * made.crossing[t, p] + right * made.crossing[t, p + 1]
    high = (1 - right) * made.crossing[t + 1, p] + right * made.crossing[t + 1, p + 1]
    return alone, (1 - up) * low + up * high


def _between(grid: Floats, x: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return the point of the grid below each x, and the weight of the next [draw, 1, 1]."""
    k = np.clip(np.searchsorted(grid, x) - 1, 0, len(grid) - 2)
    return k, np.clip((x - grid[k]) / (grid[k + 1] - grid[k]), 0.0, 1.0)[:, None, None]
