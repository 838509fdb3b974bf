"""Tonnes and trucks on every link once waits have settled, with conservation checked in every run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.errors import SolveError
from birge.models.freight.choice import Market, Settled
from birge.models.freight.goods import Goods
from birge.models.freight.graph import LINK, graph
from birge.models.freight.routes import Waits, alternatives, chosen

__all__ = ["LinkFlows", "link_flows"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LinkFlows:
    """Tonnes a year on each link, both directions together, and trucks a day there, empty returns included.

    `balance` is the largest error of conservation at a vertex, over all tonnes.
    """

    tonnes: Floats
    trucks: Floats
    balance: float


def link_flows(made: Market, settled: Settled, pair: tuple[str, str], opened: Collection[str] = ()) -> LinkFlows:
    """Return flows of the market's trade on the links of its network; raises SolveError if flow is not conserved."""
    g = graph(made.network, pair, made.costs, opened)
    on = np.zeros(g.tail.size)
    net = np.zeros(len(g.place))
    usual = Goods("usual", 0.0, 0.0)
    for side in (0, 1):
        constants = dict(zip(made.crossings, made.constants.tolist(), strict=True)) | {"rail": float(made.rail[side])}
        wait = _waits(dict(zip(made.crossings, settled.waits[:, side].tolist(), strict=True)))
        tonnes = made.demand.tonnes(side)
        for (a, b), weight in zip(made.demand.pairs, made.demand.weight, strict=True):
            start, end = (a, b) if side == 0 else (b, a)
            options = alternatives(g, start, end, usual)
            for goods, t in zip(made.demand.goods[side], tonnes, strict=True):
                rows = chosen(options, goods, made.costs, wait, g.network, constants)
                for r in rows:
                    np.add.at(on, list(r.arcs), r.share * t * weight)
            net[g.doors[start]] += tonnes.sum() * weight
            net[g.doors[end]] -= tonnes.sum() * weight
    total = sum(float(made.demand.tonnes(k).sum()) for k in (0, 1))
    left = net + np.bincount(g.head, on, net.size) - np.bincount(g.tail, on, net.size)
    balance = float(np.abs(left).max()) / total
    if balance > 1e-9:
        raise SolveError("tonnes are not conserved", 0, balance)
    links = np.zeros(len(made.network.links))
    here = g.kind == LINK
    np.add.at(links, g.link[here], on[here])
    road = np.array([k.mode == "road" for k in made.network.links])
    trucks = np.where(road, links / made.costs.payload / 365 * (1 + made.costs.empty_returns), 0.0)
    return LinkFlows(links, trucks, balance)


def _waits(hours: Mapping[str, float]) -> Waits:
    return lambda crossing, _side: hours[crossing]
