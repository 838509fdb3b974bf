"""The network as a supernetwork of modes: a vertex per node and mode, doors, transfers, and two sides of a crossing.

A place is entered and left by its door, which no path passes. Road and rail meet at a place with `transfer`. A
crossing has a vertex on each side, joined by two arcs that bear its wait; links join the side they lie in.

`graph(network, opened) → Graph` with arcs [arc]: money USD a tonne, hours, variance of hours, km, mode, crossing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError
from birge.factbook.network import Link, Network, Node
from birge.models.freight.goods import Costs

__all__ = ["BORDER", "LINK", "TRANSFER", "Graph", "graph"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LINK, TRANSFER, BORDER, DOOR = range(4)
MODES = ("road", "rail")


@dataclass(frozen=True)
class Graph:
    """Arcs of the supernetwork; `mode` 0 road, 1 rail; `crossing` numbers `crossings`, `side` 0 from the first party.

    `place` [vertex] is the id of its node.
    Hours of border arcs by road are 0 here: the wait is added by whoever knows it.
    """

    network: Network
    pair: tuple[str, str]
    crossings: tuple[str, ...]
    doors: dict[str, int]
    place: tuple[str, ...]
    through: NDArray[np.bool_]
    first: Ints
    order: Ints
    tail: Ints
    head: Ints
    kind: Ints
    mode: Ints
    link: Ints
    crossing: Ints
    side: Ints
    money: Floats
    hours: Floats
    variance: Floats
    km: Floats


@dataclass(frozen=True)
class _Arc:
    tail: int
    head: int
    kind: int
    mode: int = 0
    link: int = -1
    crossing: int = -1
    side: int = 0
    money: float = 0.0
    hours: float = 0.0
    variance: float = 0.0
    km: float = 0.0


def graph(
    network: Network,
    pair: tuple[str, str],
    costs: Costs,
    opened: Collection[str] = (),
    passages: Collection[str] | None = None,
) -> Graph:
    """Return the supernetwork with the planned links whose milestones are in `opened`.

    `passages` names the crossings that may be passed; all that are open, or whose `opening` is in `opened`, if None.
    Raises InputError for a bad network.
    """
    from birge.kernels.shortest_path import forward_star

    problems = network.problems()
    if problems:
        raise InputError(problems)
    here = [k for k, link in enumerate(network.links) if not link.milestone or link.milestone in opened]
    crossings = tuple(n.id for n in network.nodes if n.border)
    nodes = {n.id: n for n in network.nodes}
    places: dict[tuple[str, ...], int] = {}
    place: Callable[..., int] = lambda *key: places.setdefault(key, len(places))  # noqa: E731
    arcs: list[_Arc] = []
    for k in here:
        link = network.links[k]
        a, b = (place(*_vertex(nodes[end], link)) for end in (link.a, link.b))
        for tail, head in ((a, b),) if link.one_way else ((a, b), (b, a)):
            hours = link.km / link.speed
            arcs.append(
                _Arc(
                    tail, head, LINK, MODES.index(link.mode), k,
                    money=link.usd_tkm * link.km, hours=hours, variance=(link.cv * hours) ** 2, km=link.km,
                )
            )  # fmt: skip
    arcs += _borders(network, pair, costs, crossings, places, opened, passages)
    doors = {}
    for n in network.nodes:
        doors[n.id] = place(n.id, "door")
        arcs += _inside(n, places, doors[n.id], costs)
    n_places = len(places)
    through = np.ones(n_places, dtype=bool)
    through[list(doors.values())] = False
    column = {f: np.array([getattr(a, f) for a in arcs]) for f in _Arc.__dataclass_fields__}
    columns: dict[str, Any] = {
        f: v.astype(np.float64 if f in ("money", "hours", "variance", "km") else np.int64) for f, v in column.items()
    }
    first, order = forward_star(columns["tail"], n_places)
    place_of = tuple(key[0] for key in places)
    return Graph(network, pair, crossings, doors, place_of, through, first, order, **columns)


def _vertex(n: Node, link: Link) -> tuple[str, ...]:
    return (n.id, link.mode, link.economy) if n.border else (n.id, link.mode)


def _borders(
    network: Network,
    pair: tuple[str, str],
    costs: Costs,
    crossings: tuple[str, ...],
    places: dict[tuple[str, ...], int],
    opened: Collection[str],
    passages: Collection[str] | None,
) -> list[_Arc]:
    """Return the arcs between the two sides of each crossing that is open."""
    arcs = []
    for number, name in enumerate(crossings):
        known = network.passages.get(name)
        is_open = known is None or not known.opening or known.opening in opened
        if not (is_open if passages is None else name in passages):
            continue
        for mode, text in enumerate(MODES):
            ends = [places.get((name, text, side)) for side in pair]
            if ends[0] is None or ends[1] is None:
                continue
            rail = mode == 1
            money, hours = (0.0, costs.rail_border_hours) if rail else (costs.fee / costs.payload, 0.0)
            spread = (0.5 * hours) ** 2
            arcs += [
                _Arc(ends[0], ends[1], BORDER, mode, -1, number, 0, money, hours, spread),
                _Arc(ends[1], ends[0], BORDER, mode, -1, number, 1, money, hours, spread),
            ]
    return arcs


def _inside(n: Node, places: dict[tuple[str, ...], int], door: int, costs: Costs) -> list[_Arc]:
    """Return the arcs of a place: its door, and transfers between road and rail."""
    spread = (0.5 * costs.transfer_hours) ** 2
    change: dict[str, Any] = {"money": costs.transfer_cost, "hours": costs.transfer_hours, "variance": spread}
    mine = [(key, v) for key, v in places.items() if key[0] == n.id and key[1] in MODES]
    arcs = []
    for key, v in mine:
        if key[1] == "road":
            arcs += [_Arc(door, v, DOOR), _Arc(v, door, DOOR)]
        elif n.transfer or n.kind in ("station", "gateway"):
            arcs += [_Arc(door, v, TRANSFER, **change), _Arc(v, door, TRANSFER, **change)]
    if n.transfer:
        roads = [(k, v) for k, v in mine if k[1] == "road"]
        rails = [(k, v) for k, v in mine if k[1] == "rail"]
        arcs += [_Arc(a, b, TRANSFER, **change) for _, a in roads for _, b in rails]
        arcs += [_Arc(b, a, TRANSFER, **change) for _, a in roads for _, b in rails]
    return arcs
