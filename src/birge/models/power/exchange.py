"""What exchange is worth to each side: coalitions of economies that open their lines to each other, and how to share.

A coalition runs its nodes, lines and water as one; those outside stay alone. The side with the water counts irrigation
only for the members of its coalition, so what it releases is felt by the others and not by it: the river externality.
`worth(system, …) → Game` has the cost of every economy in every coalition; gains are shared by Nash (two) and Shapley.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from birge.models.power.case import case
from birge.models.power.dispatch import Dispatch, dispatch
from birge.models.power.system import System

__all__ = ["Game", "costs", "in_core", "nash", "shapley", "worth"]

Coalition = frozenset[str]


@dataclass(frozen=True)
class Game:
    """Costs (mn USD a year) by coalition and economy, irrigation at `price` mn USD/km3 included; `carbon` in Mt CO2."""

    players: tuple[str, ...]
    price: float
    cost: Mapping[Coalition, Mapping[str, float]]
    carbon: Mapping[Coalition, float]
    summer: Mapping[Coalition, float]

    def gain(self, members: Coalition) -> float:
        """Return what `members` save together against standing alone."""
        alone = self.cost[frozenset()]
        return sum(alone[p] - self.cost[members][p] for p in members)

    def felt_outside(self, members: Coalition) -> Mapping[str, float]:
        """Return what the others save, or lose, by the coalition: the river externality."""
        alone = self.cost[frozenset()]
        return {p: alone[p] - self.cost[members][p] for p in self.players if p not in members}


def worth(system: System, year: int, price: float, hydrology: str = "mean", milestones: tuple[str, ...] = ()) -> Game:
    """Return the game of `year` with irrigation water that is missing at `price` mn USD/km3."""
    players = tuple(dict.fromkeys(n.economy for n in system.nodes))
    cost: dict[Coalition, Mapping[str, float]] = {}
    carbon: dict[Coalition, float] = {}
    summer: dict[Coalition, float] = {}
    for size in (0, *range(2, len(players) + 1)):
        for members in map(frozenset, combinations(players, size)):
            made = _run(system, year, price, hydrology, milestones, members)
            cost[members] = costs(system, made, price)
            factors = {p.id: p.co2 for p in system.plants}
            carbon[members] = sum(float(v.sum()) * factors.get(k, 0.0) for k, v in made.generation.items()) / 1_000
            lowest = next(r.id for r in system.reservoirs if not r.upstream_of)
            gone = made.release[lowest] + made.spill[lowest]
            summer[members] = float(gone[3:9].sum() / gone.sum())
    return Game(players, price, cost, carbon, summer)


def costs(system: System, made: Dispatch, price: float) -> Mapping[str, float]:
    """Return each economy's cost (mn USD): power made, bought, missing, traded at the contract price; irrigation."""
    economy = {n.id: n.economy for n in system.nodes}
    total = dict.fromkeys(dict.fromkeys(economy.values()), 0.0)
    for p in system.plants:
        if p.id in made.generation:
            total[economy[p.node]] += float(made.generation[p.id].sum()) * p.cost / 1_000
    for name in made.case.nodes:
        n = system.node(name)
        total[n.economy] += float(made.rationed[name].sum()) * n.rationed_cost / 1_000
        total[n.economy] += float(made.missing[name].sum()) * n.unserved_cost / 1_000
    contract = system.parameters["contract-price"].mode / 1_000
    for line in system.lines:
        if line.id in made.forward and economy[line.from_node] != economy[line.to_node]:
            net = float((made.forward[line.id] - made.backward[line.id]).sum()) * contract
            total[economy[line.from_node]] -= net
            total[economy[line.to_node]] += net
    for side, gap in made.gap.items():
        total[side] += float(gap.sum()) * price
    return total


def nash(gain: float) -> tuple[float, float]:
    """Return the shares of two sides whose threat is to stand alone, with transferable payments: half each."""
    return gain / 2, gain / 2


def shapley(game: Game) -> Mapping[str, float]:
    """Return each economy's mean marginal gain over all orders in which they can join (Shapley 1953)."""
    orders = list(permutations(game.players))
    total = dict.fromkeys(game.players, 0.0)
    for order in orders:
        for k, p in enumerate(order):
            total[p] += game.gain(frozenset(order[: k + 1])) if k else 0.0
            total[p] -= game.gain(frozenset(order[:k])) if k > 1 else 0.0
    return {p: v / len(orders) for p, v in total.items()}


def in_core(game: Game, shares: Mapping[str, float]) -> bool:
    """Return whether no pair gets less than it would gain together."""
    return all(
        sum(shares[p] for p in pair) >= game.gain(frozenset(pair)) - 1e-6
        for size in range(2, len(game.players))
        for pair in combinations(game.players, size)
    ) and bool(np.all(np.array(list(shares.values())) >= -1e-6))


def _run(
    system: System, year: int, price: float, hydrology: str, milestones: tuple[str, ...], members: Coalition
) -> Dispatch:
    of = case(system, year, "free", hydrology=hydrology, milestones=milestones)
    economy = {n.id: n.economy for n in system.nodes}
    ends = {x.id: {economy[x.from_node], economy[x.to_node]} for x in system.lines}
    lines = tuple(x for x in of.lines if len(ends[x]) == 1 or ends[x] <= members)
    counted = members if system.home().economy in members else frozenset({system.home().economy})
    water = {p: price for p in counted if f"water-share-{p}" in system.parameters}
    return dispatch(system, of.at(lines=lines, water=water))
