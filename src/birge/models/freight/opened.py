"""The ways of the market with planned links and crossings opened: what each effect on links changes of them.

An effect on `freight.opening` that changes no way of the pair (a road to a third country) is worth nothing to its
trade. The others are held in all their combinations, since which of them is open when another comes differs by draw.

A crossing that gets faster is as good for few pairs of places as for all, since all pass it; a new road is not: the
heaviest pairs lie along it. `breadth` is how much less it is worth to many pairs than to the few of the ensemble.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from birge.factbook.network import Network
from birge.models.freight.choice import Market, Settled, cost_shares, demand, market, options, settle
from birge.models.freight.goods import costs, sections_of
from birge.plan.crossing import OPENING, AtCrossing

if TYPE_CHECKING:
    from birge.kernels.traffic_assignment_choice import Options

__all__ = ["Both", "Corridors", "Opened", "breadth", "market_of", "opened_ways", "ways_of"]

Floats = NDArray[np.float64]
MANY = 40
"""Pairs of places that the worth of links is measured with."""

NOTHING = 1e-8
Both = tuple["Options", "Options"]


@dataclass(frozen=True)
class Opened:
    """The numbers of the effects that change ways, and the ways [state]; bit n of a state: the n-th is there."""

    effects: tuple[int, ...]
    ways: tuple[Both, ...]

    def states(self, there: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the state [draw, case] of effects that are `there` [draw, case, effect]."""
        weights = np.zeros(there.shape[2], dtype=np.int64)
        weights[list(self.effects)] = 2 ** np.arange(len(self.effects))
        return np.asarray(there @ weights, dtype=np.int64)


@dataclass(frozen=True)
class Corridors:
    """A pair's network and trade: mn USD and the share of value by road by direction, shares of trucks by crossing;
    `most` pairs of places stand for all."""

    network: Network
    pair: tuple[str, str]
    usd: tuple[float, float]
    by_road: tuple[float, float]
    truck_shares: tuple[tuple[str, float], ...]
    most: int


@lru_cache(maxsize=16)
def market_of(c: Corridors) -> Market:
    """Return today's market of `c`; kept for the process."""
    wanted = demand(c.network, c.pair, sections_of(c.pair), c.usd, c.most)
    return market(c.network, c.pair, wanted, costs(), c.by_road, dict(c.truck_shares))


@lru_cache(maxsize=128)
def ways_of(c: Corridors, names: frozenset[str]) -> Both:
    """Return the ways of `c` with the links and crossings `names` opened; kept for the process."""
    return options(market_of(c), c.pair, names) if names else market_of(c).options


def opened_ways(c: Corridors, effects: Sequence[AtCrossing]) -> Opened:
    """Return the ways of the market of `c` in every state of its effects on links."""
    today = ways_of(c, frozenset())

    def ways(chosen: Collection[int]) -> Both:
        return ways_of(c, frozenset(o for k in chosen for o in effects[k].opens))

    every = [k for k, e in enumerate(effects) if e.driver == OPENING]
    whole = ways(every)
    moving = tuple(
        k for k in every if not _same(ways([k]), today) or not _same(ways([j for j in every if j != k]), whole)
    )
    states = range(2 ** len(moving))
    return Opened(moving, tuple(ways([k for n, k in enumerate(moving) if state >> n & 1]) for state in states))


@lru_cache(maxsize=32)
def breadth(c: Corridors, opens: tuple[str, ...], many: int = MANY) -> tuple[float, float]:
    """Return Δτ of `opens` with `many` pairs of places over that with those of `c`, by direction, at central values.

    1 where it changes nothing. Kept for the process.
    """
    found = []
    for whose in (c, replace(c, most=many)):
        made, before = market_of(whose), _settled(whose)
        after = settle(replace(made, options=ways_of(whose, frozenset(opens))))
        moved = cost_shares(before, after, made.demand)
        found.append([float(made.demand.shares[d] @ moved[d]) for d in (0, 1)])
    there, back = (many_ / few_ if abs(few_) > NOTHING else 1.0 for few_, many_ in zip(*found, strict=True))
    return there, back


@lru_cache(maxsize=16)
def _settled(c: Corridors) -> Settled:
    return settle(market_of(c))


def _same(a: Both, b: Both) -> bool:
    return all(np.array_equal(x, y) for one, other in zip(a, b, strict=True) for x, y in zip(one, other, strict=True))
