"""What exchange is worth to each side: coalitions of economies that open their lines to each other, and how to share.

A coalition runs its nodes, lines and water as one. Those outside stay as they are: alone, or with the contracts of
today (`base`): power bought, and summer power exchanged for winter power. The side with the water counts irrigation
only for the members of its coalition, so what it releases is felt by the others and not by it: the river externality.
`worth(system, …) → Game` has the account of every economy in every coalition; shares are those of Nash and Shapley.
`regimes(system, …)` has the same accounts for four ways of living together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, permutations

import numpy as np

from birge.errors import InputError, Problem
from birge.models.power.accounts import Account, accounts, carbon, demand_at, summer_share, turnover
from birge.models.power.balance import made_by, shares
from birge.models.power.case import Case, case, swap_contract
from birge.models.power.dispatch import Dispatch, Year, read, year_programme
from birge.models.power.flows import Flow, flows
from birge.models.power.system import Plant, System

__all__ = [
    "BASES",
    "Game",
    "Regime",
    "costs",
    "in_core",
    "kept",
    "kept_to",
    "nash",
    "pair_gain",
    "regimes",
    "shapley",
    "worth",
]

Coalition = frozenset[str]
BASES = ("isolated", "swap")
"""What those outside a coalition do: stand alone, or buy and exchange as today."""


@dataclass(frozen=True)
class Game:
    """Costs (mn USD a year) by coalition and economy, irrigation at `price` mn USD/km3 included; `carbon` in Mt CO2.

    `account` splits the costs; `cost` is their total.
    """

    players: tuple[str, ...]
    price: float
    cost: Mapping[Coalition, Mapping[str, float]]
    carbon: Mapping[Coalition, float]
    summer: Mapping[Coalition, float]
    account: Mapping[Coalition, Mapping[str, Account]] = field(default_factory=dict)

    def gain(self, members: Coalition) -> float:
        """Return what `members` save together against standing as they do without the coalition."""
        return sum(self.gains(members)[p] for p in members)

    def gains(self, members: Coalition) -> Mapping[str, float]:
        """Return what each economy saves by the coalition `members`, before any payment."""
        before = self.cost[frozenset()]
        return {p: before[p] - self.cost[members][p] for p in self.players}

    def unserved(self, members: Coalition) -> float:
        """Return how much of the gain is missing power avoided, at its assumed cost."""
        before = self.account[frozenset()]
        return sum(before[p].unserved - self.account[members][p].unserved for p in members)

    def felt_outside(self, members: Coalition) -> Mapping[str, float]:
        """Return what the others save, or lose, by the coalition: the river externality."""
        return {p: v for p, v in self.gains(members).items() if p not in members}


@dataclass(frozen=True)
class Regime:
    """A year under one regime: accounts and power traded by the pair (mn USD), emissions (Mt CO2), summer share, what
    crosses between nodes, and by economy the shares of sources in what is made."""

    name: str
    account: Mapping[str, Account]
    carbon: float
    summer: float
    turnover: float
    flows: tuple[Flow, ...] = ()
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def worth(
    system: System,
    year: int,
    price: float,
    hydrology: str = "mean",
    milestones: tuple[str, ...] = (),
    *,
    base: str = "isolated",
) -> Game:
    """Return the game of `year` with irrigation water that is missing at `price` mn USD/km3."""
    _check(base)
    players = tuple(dict.fromkeys(n.economy for n in system.nodes))
    account: dict[Coalition, Mapping[str, Account]] = {}
    emitted: dict[Coalition, float] = {}
    summer: dict[Coalition, float] = {}
    for size in (0, *range(2, len(players) + 1)):
        for members in map(frozenset, combinations(players, size)):
            made = _run(
                system, case(system, year, "free", hydrology=hydrology, milestones=milestones), price, members, base
            )
            account[members] = accounts(system, made, price)
            emitted[members] = carbon(system, made)
            summer[members] = summer_share(system, made)
    cost = {c: {p: v.total for p, v in of.items()} for c, of in account.items()}
    return Game(players, price, cost, emitted, summer, account)


def regimes(
    system: System, year: int, price: float, pair: tuple[str, str], hydrology: str = "mean"
) -> tuple[Regime, ...]:
    """Return a year standing alone, with the exchange of today, with open lines, and the last two with what is planned.

    What is planned are the reservoirs of the tables that wait for a milestone, without the cost of building them.
    """
    players = frozenset(n.economy for n in system.nodes)
    planned = tuple(dict.fromkeys(r.milestone for r in system.reservoirs if r.milestone))
    nobody: Coalition = frozenset()
    ways: list[tuple[str, str, Coalition, tuple[str, ...]]] = [
        ("isolated", "isolated", nobody, ()),
        ("swap", "swap", nobody, ()),
        ("free", "swap", players, ()),
    ]
    if planned:
        ways += [("swap-planned", "swap", nobody, planned), ("free-planned", "swap", players, planned)]
    made = []
    for name, base, members, milestones in ways:
        of = case(system, year, "free", hydrology=hydrology, milestones=milestones)
        done = _run(system, of, price, members, base)
        made.append(
            Regime(
                name,
                accounts(system, done, price),
                carbon(system, done),
                summer_share(system, done),
                turnover(system, done, pair),
                flows(system, done),
                {e: shares(v) for e, v in made_by(system, done).items()},
            )
        )
    return tuple(made)


def pair_gain(
    system: System, year: int, price: float, pair: tuple[str, str], hydrology: str = "mean", growth: str = "mode"
) -> tuple[float, float]:
    """Return what two economies gain by opening their lines, against today: (all, of it missing power avoided)."""
    of = case(system, year, "free", hydrology=hydrology).at(demand=demand_at(system, year, growth))
    before, after = (accounts(system, _run(system, of, price, frozenset(m), "swap"), price) for m in ((), pair))
    return (
        sum(before[p].total - after[p].total for p in pair),
        sum(before[p].unserved - after[p].unserved for p in pair),
    )


def costs(system: System, made: Dispatch, price: float) -> Mapping[str, float]:
    """Return each economy's cost (mn USD): power made, bought, missing, traded at the contract price; irrigation."""
    return {e: v.total for e, v in accounts(system, made, price).items()}


def kept_to(system: System, of: Case) -> Dispatch:
    """Return the cheapest year in which an exchange contract is kept to: nothing is settled in cash."""
    return read(kept(year_programme(system, of)))


def kept(year: Year) -> Year:
    """Return the programme with cash settlement shut.

    Where both sides are counted cash is a transfer and costs nothing, so that the programme would not return power.
    """
    if year.case.swap is not None:
        columns = np.array([m.settled for m in year.months], dtype=np.int32)
        year.solver.bound(columns, np.zeros(12), np.zeros(12))
    return year


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


def _run(system: System, of: Case, price: float, members: Coalition, base: str) -> Dispatch:
    economy, home = {n.id: n.economy for n in system.nodes}, system.home().economy
    ends = {x.id: {economy[x.from_node], economy[x.to_node]} for x in system.lines}
    lines = tuple(x for x in of.lines if len(ends[x]) == 1 or ends[x] <= members)
    counted = members if home in members else frozenset({home})
    water = {p: price for p in counted if p in system.irrigated()}
    if base == "isolated":
        return kept_to(system, of.at(lines=lines, water=water))
    swap = replace(swap_contract(system), must=True) if system.exchanges() else None
    of = of.at(
        lines=lines,
        water=water,
        contracts=("purchase", "free"),
        swap=None if swap is None or {home, economy[swap.partner]} <= members else swap,
    )
    return kept_to(replace(system, plants=tuple(p for p in system.plants if _sold(system, p, members))), of)


def _sold(system: System, p: Plant, members: Coalition) -> bool:
    """Return whether `p` is there: a contract with a member becomes an open line, one through a member goes by it."""
    economy, home = {n.id: n.economy for n in system.nodes}, system.home().economy
    if p.contract == "free":
        return home in members and economy[p.node] in members
    if p.contract != "purchase" or home not in members:
        return True
    through = any(q.contract == "free" and q.payee == p.payee and economy[q.node] in members for q in system.plants)
    return p.payee not in members and not through


def _check(base: str) -> None:
    if base not in BASES:
        raise InputError([Problem("base", "unknown", f"{base!r}", f"one of {', '.join(BASES)}")])
