"""What a year costs each economy, split so that assumed prices can be told from the rest.

`accounts(system, made, price) → {economy: Account}`: power made, bought and sold at contract prices, missing power at
its assumed cost, water missing for irrigation at `price`. Payments between economies of the case cancel out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from birge.models.power.dispatch import Dispatch
from birge.models.power.month import load
from birge.models.power.system import System

__all__ = ["GROWTHS", "Account", "accounts", "carbon", "demand_at", "summer_share", "turnover"]


GROWTHS = ("low", "mode", "high")
"""Growth of demand in the tables."""


@dataclass(frozen=True)
class Account:
    """Costs of one economy in mn USD a year; `bought` is net of what it sells."""

    made: float = 0.0
    bought: float = 0.0
    unserved: float = 0.0
    irrigation: float = 0.0

    @property
    def total(self) -> float:
        """Everything together, mn USD a year."""
        return self.made + self.bought + self.unserved + self.irrigation


def accounts(system: System, made: Dispatch, price: float) -> Mapping[str, Account]:
    """Return each economy's account of a year, water missing for irrigation at `price` mn USD/km3."""
    economy = {n.id: n.economy for n in system.nodes}
    sums = {e: [0.0, 0.0, 0.0, 0.0] for e in economy.values()}
    inside = {economy[n] for n in made.case.nodes}
    for p in system.plants:
        if p.id in made.generation:
            paid = float(made.generation[p.id].sum()) * p.cost / 1_000
            sums[economy[p.node]][1 if p.technology == "import" else 0] += paid
            if p.contract == "purchase" and p.payee in inside:
                sums[p.payee][1] -= paid
    at = {z.id: economy[z.node] for z in system.zones if z.id in made.case.zones}
    for x in system.steps:
        if x.id in made.traded:
            sums[at[x.zone]][1] += (1 if x.way == "sells" else -1) * float(made.traded[x.id].sum()) * x.price / 1_000
    for name in made.case.nodes:
        sums[economy[name]][2] += _missing(system, made, name)
    contract = system.parameters["contract-price"].mode / 1_000
    for line in system.lines:
        if line.id in made.forward and economy[line.from_node] != economy[line.to_node]:
            net = float((made.forward[line.id] - made.backward[line.id]).sum()) * contract
            sums[economy[line.from_node]][1] -= net
            sums[economy[line.to_node]][1] += net
    if made.case.swap is not None:
        cash = float(made.settled.sum()) * made.case.swap.price / 1_000
        sums[system.home().economy][1] -= cash
        if made.case.swap.partner in made.case.nodes:
            sums[economy[made.case.swap.partner]][1] += cash
    for side, gap in made.gap.items():
        sums[side][3] += float(gap.sum()) * price
    return {e: Account(*v) for e, v in sums.items()}


def _missing(system: System, made: Dispatch, node: str) -> float:
    """Return what missing power of a node costs by its curve, mn USD."""
    need = np.stack([load(system, made.case, node, m) for m in range(12)])
    left, paid = made.rationed[node] + made.missing[node], 0.0
    curve = system.curve(node)
    for d in curve:
        part = np.minimum(left, d.share * need) if d is not curve[-1] else left
        paid, left = paid + float(part.sum()) * d.price / 1_000, left - part
    return paid


def carbon(system: System, made: Dispatch) -> float:
    """Return the emissions of all plants in the case, Mt CO2; power bought from outside counts none."""
    factors = {p.id: p.co2 for p in system.plants}
    return sum(float(v.sum()) * factors.get(k, 0.0) for k, v in made.generation.items()) / 1_000


def summer_share(system: System, made: Dispatch) -> float:
    """Return the share of the year's water that leaves the lowest reservoir in April to September."""
    lowest = system.lowest().id
    gone = made.release[lowest] + made.spill[lowest]
    return float(gone[3:9].sum() / gone.sum())


def turnover(system: System, made: Dispatch, pair: tuple[str, str]) -> float:
    """Return the electricity traded between the two economies in both directions at the contract price, mn USD.

    What is bought by contract, both legs of an exchange, and what crosses an open line between them.
    """
    economy = {n.id: n.economy for n in system.nodes}
    gwh = sum(
        float(made.generation[p.id].sum())
        for p in system.plants
        if p.id in made.generation and p.contract == "purchase" and {p.payee, economy[p.node]} == set(pair)
    )
    for line in system.lines:
        if line.id in made.forward and {economy[line.from_node], economy[line.to_node]} == set(pair):
            gwh += float((made.forward[line.id] + made.backward[line.id]).sum())
    if made.case.swap is not None and {system.home().economy, economy[made.case.swap.partner]} == set(pair):
        gwh += float(made.given.sum() + made.returned.sum())
    return gwh * system.parameters["contract-price"].mode / 1_000


def demand_at(system: System, year: int, growth: str) -> Mapping[str, float]:
    """Return demand of each node in TWh at `low`, `mode` or `high` growth."""
    return {n.id: n.demand_twh * (1 + float(getattr(n, f"growth_{growth}"))) ** (year - n.year) for n in system.nodes}
