"""Power that crosses between nodes, sellers and buyers in a solved year, by month: what a map of the exchange shows.

Lines, what is bought by contract or at a border, and both legs of an exchange are one list, each flow as it leaves its
start. A seller that the case does not hold stands by its economy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.models.power.dispatch import Dispatch
from birge.models.power.system import Plant, System
from birge.models.power.tables import Tables, shipped_tables

__all__ = ["Flow", "Place", "flows", "places"]

Floats = NDArray[np.float64]
LEAST = 0.5
"""GWh a year below which nothing flows."""


@dataclass(frozen=True)
class Flow:
    """GWh by month [12] that leave `start` for `end`: nodes, or economies outside the case."""

    start: str
    end: str
    gwh: Floats


@dataclass(frozen=True)
class Place:
    """Where a node, a seller or a buyer stands in a picture, degrees, and its name by language."""

    lat: float
    lon: float
    names: Mapping[str, str]


def flows(system: System, made: Dispatch) -> tuple[Flow, ...]:
    """Return what crosses in a year, one flow for each way between two places, none below half a GWh a year."""
    found: dict[tuple[str, str], Floats] = {}

    def add(start: str, end: str, power: Floats) -> None:
        found[start, end] = found.get((start, end), np.zeros(12)) + power.sum(axis=1)

    for line in system.lines:
        if line.id in made.forward:
            add(line.from_node, line.to_node, made.forward[line.id])
            add(line.to_node, line.from_node, made.backward[line.id])
    for p in system.plants:
        if p.technology == "import" and p.id in made.generation:
            add(_seller(system, made, p), p.node, made.generation[p.id])
    for z in system.zones:
        for x in system.steps:
            if x.zone == z.id and x.id in made.traded:
                start, end = (z.economy, z.node) if x.way == "sells" else (z.node, z.economy)
                add(start, end, made.traded[x.id])
    if made.case.swap is not None:
        add(system.home().id, made.case.swap.partner, made.given)
        add(made.case.swap.partner, system.home().id, made.returned)
    return tuple(Flow(a, b, v) for (a, b), v in found.items() if v.sum() >= LEAST)


def places(tables: Tables | None = None) -> Mapping[str, Place]:
    """Return where every node, seller and buyer of the tables stands; of those that ship without any."""
    return {
        r["id"]: Place(float(r["lat"]), float(r["lon"]), {k[5:]: v for k, v in r.values.items() if k[:5] == "name_"})
        for r in (tables or shipped_tables())["places"]
    }


def _seller(system: System, made: Dispatch, p: Plant) -> str:
    """Return the node that sells what `p` buys: the one a line joins to it, else the payee's economy."""
    for line in system.lines:
        for here, there in ((line.from_node, line.to_node), (line.to_node, line.from_node)):
            if here == p.node and there in made.case.nodes and system.node(there).economy == p.payee:
                return there
    return p.payee
