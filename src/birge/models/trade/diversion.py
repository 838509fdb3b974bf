"""What is left of a trade-cost effect once the rest of the world has reacted: ρ from the equilibrium.

ρ is the pair's own response over θ times its own shock. A crossing measure also cuts the costs of others whose goods
pass the crossing: every such pair gets the shock by its routing share, between the bounds of the factbook, all at the
same place `u` from 0 (lowest) to 1 (highest), since what decides it (rail or road) is common to them.

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
    """ρ for a cost of the pair alone [θ, direction], and for one of its crossings [θ, place, direction]."""

    alone: Floats
    crossing: Floats


def shocks(
    codes: tuple[str, ...], pair: tuple[str, str], routing: tuple[Routing, ...], places: Floats, size: float = SHOCK
) -> Floats:
    """Return cost ratios [place, i, j] of a crossing measure that changes the pair's own cost by `size`."""
    a, b = (codes.index(c) for c in pair)
    tau = np.ones((len(places), len(codes), len(codes)))
    tau[:, a, b] = tau[:, b, a] = size
    for r in routing:
        i, j = codes.index(r.economy), codes.index(r.behind)
        tau[:, i, j] = tau[:, j, i] = size ** (r.low + (r.high - r.low) * places)
    return tau


def ratios(world: WorldTrade, pair: tuple[str, str], routing: tuple[Routing, ...]) -> Ratios | None:
    """Return ρ on the grid; None where a party is not in the world matrix."""
    if not set(pair) <= set(world.codes):
        return None
    known = tuple(r for r in routing if {r.economy, r.behind} <= set(world.codes))
    tau = np.concatenate([shocks(world.codes, pair, (), np.zeros(1)), shocks(world.codes, pair, known, PLACES)], axis=0)
    a, b = (world.codes.index(c) for c in pair)
    theta = np.repeat(THETAS, len(tau))
    sales = np.log(solve(world.sales, np.tile(tau, (len(THETAS), 1, 1)), theta).sales)
    made = np.stack([sales[:, a, b], sales[:, b, a]], axis=1) / (-theta * np.log(SHOCK))[:, None]
    made = made.reshape(len(THETAS), len(tau), 2)
    return Ratios(made[:, 0], made[:, 1:])


def left(made: Ratios, theta: Floats, place: Floats) -> tuple[Floats, Floats]:
    """Return ρ [draw, direction] of a cost of the pair alone and of a crossing measure."""
    alone = np.stack([np.interp(theta, THETAS, made.alone[:, d]) for d in range(2)], axis=1)
    k = np.clip(np.searchsorted(THETAS, theta) - 1, 0, len(THETAS) - 2)
    upper = np.clip((theta - THETAS[k]) / (THETAS[k + 1] - THETAS[k]), 0.0, 1.0)
    by_theta = [
        np.stack([np.interp(place, PLACES, made.crossing[t, :, d]) for t in range(len(THETAS))], axis=1)
        for d in range(2)
    ]
    rows = np.arange(len(theta))
    crossing = [(1 - upper) * v[rows, k] + upper * v[rows, k + 1] for v in by_theta]
    return alone, np.stack(crossing, axis=1)
