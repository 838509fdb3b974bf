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

from birge.factbook.network import corridors
from birge.models.freight.choice import Market, cost_shares, demand, market, options, settle
from birge.models.freight.goods import costs, sections_of
from birge.plan.crossing import OPENING, AtCrossing

if TYPE_CHECKING:
    from birge.kernels.traffic_assignment_choice import Options

__all__ = ["Both", "Opened", "breadth", "opened_ways"]

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


def opened_ways(m: Market, pair: tuple[str, str], effects: Sequence[AtCrossing]) -> Opened:
    """Return the ways of market `m` in every state of its effects on links."""
    held: dict[frozenset[str], Both] = {frozenset(): m.options}

    def ways(chosen: Collection[int]) -> Both:
        names = frozenset(o for k in chosen for o in effects[k].opens)
        if names not in held:
            held[names] = options(m, pair, names)
        return held[names]

    every = [k for k, e in enumerate(effects) if e.driver == OPENING]
    whole = ways(every)
    moving = tuple(
        k for k in every
        if not _same(ways([k]), m.options) or not _same(ways([j for j in every if j != k]), whole)
    )  # fmt: skip
    states = range(2 ** len(moving))
    return Opened(moving, tuple(ways([k for n, k in enumerate(moving) if state >> n & 1]) for state in states))


@lru_cache(maxsize=32)
def breadth(
    pair: tuple[str, str],
    usd: tuple[float, float],
    by_road: tuple[float, float],
    truck_shares: tuple[tuple[str, float], ...],
    opens: tuple[str, ...],
    few: int,
    many: int = MANY,
) -> tuple[float, float]:
    """Return Δτ of `opens` with `many` pairs of places over that with `few`, by direction, at central values.

    1 where it changes nothing. Kept for the process: two equilibria of the shipped network, about a second.
    """
    found = []
    for most in (few, many):
        wanted = demand(corridors(pair), pair, sections_of(pair), usd, most)
        made = market(corridors(pair), pair, wanted, costs(), by_road, dict(truck_shares))
        after = settle(replace(made, options=options(made, pair, opens)))
        moved = cost_shares(settle(made), after, wanted)
        found.append([float(wanted.shares[d] @ moved[d]) for d in (0, 1)])
    there, back = (many_ / few_ if abs(few_) > NOTHING else 1.0 for few_, many_ in zip(*found, strict=True))
    return there, back


def _same(a: Both, b: Both) -> bool:
    return all(np.array_equal(x, y) for one, other in zip(a, b, strict=True) for x, y in zip(one, other, strict=True))
