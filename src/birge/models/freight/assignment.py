"""Road congestion: a network of links with capacity functions, trips between its zones, and their equilibrium.

Roads (ids, ends, BPR parameters, which nodes may be passed) + Trips (pairs) → `assign` → Assignment (flows, times, gap)

Every run checks that each pair's paths carry its trips, that what enters a node leaves it or ends there, and that no
path passes a centroid; what fails raises SolveError, so a result that exists has passed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem, SolveError
from birge.models.freight.pieces import pieces

__all__ = ["Assignment", "Roads", "Trips", "assign"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BALANCE = 1e-9
"""Largest error of flow conservation, as a share of all trips."""
MOST = 1e12
"""Most trips of a pair: more are a misprint, and would leave no digits for the rest."""


@dataclass(frozen=True)
class Roads:
    """Nodes by id; links [link] with `free` time, BPR `rise`, `capacity`, `power`, `fixed` cost; `place` for errors.

    `zones` holds the nodes (by number) of each zone that trips name; none where they name nodes.
    """

    nodes: tuple[str, ...]
    through: NDArray[np.bool_]
    tail: Ints
    head: Ints
    free: Floats
    rise: Floats
    capacity: Floats
    power: Floats
    fixed: Floats
    place: tuple[str, ...]
    unit: str = "min"
    zones: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Trips:
    """Trips [pair] from node `origin` to node `goal` (numbers in Roads), in the unit of capacity."""

    origin: Ints
    goal: Ints
    trips: Floats
    place: tuple[str, ...]


@dataclass(frozen=True)
class Assignment:
    """Flow and cost [link], relative gap, trace [iteration: gap, paths, sweeps], Beckmann objective and checks.

    `balance` is the largest error of flow conservation at a node, over all trips; `times` [pair] are shortest.
    """

    flow: Floats
    cost: Floats
    gap: float
    iterations: int
    trace: Floats
    objective: float
    total: float
    balance: float
    times: Floats


def assign(roads: Roads, trips: Trips, gap: float = 1e-8, iterations: int = 500) -> Assignment:
    """Return the user equilibrium of `trips` on `roads` at a relative `gap`, by at most `iterations` trees.

    Trips within a node are left out. Raises InputError for bad links or trips, a network in pieces or a pair without a
    path, all problems at once; SolveError if the gap is not reached or flow is not conserved.
    """
    from birge.kernels.shortest_path import forward_star
    from birge.kernels.traffic_assignment import equilibrate

    _check(roads, trips)
    moved = np.flatnonzero((trips.origin != trips.goal) & (trips.trips > 0))
    moved = moved[np.lexsort((trips.goal[moved], trips.origin[moved]))]
    origin, begin = np.unique(trips.origin[moved], return_index=True)
    goal, demand = trips.goal[moved], trips.trips[moved]
    first, order = forward_star(roads.tail, len(roads.nodes))
    solved = equilibrate(
        first,
        order,
        roads.tail,
        roads.head,
        roads.through,
        origin.astype(np.int64),
        np.append(begin, moved.size).astype(np.int64),
        goal,
        demand,
        roads.free,
        roads.rise,
        roads.capacity,
        roads.power,
        roads.fixed,
        float(gap),
        iterations,
        40,
    )
    reached = float(solved.trace[-1, 0]) if len(solved.trace) else 0.0
    if solved.status == 1 and moved.size:
        message = f"relative gap {reached:.1e} after {iterations} iterations: allow more, or ask for a larger gap"
        raise SolveError(message, iterations, reached)
    balance = _balance(roads, solved.flow, trips, moved)
    _conserved(roads, solved, demand, balance)
    return Assignment(
        solved.flow,
        solved.cost,
        reached,
        len(solved.trace),
        solved.trace,
        _objective(roads, solved.flow),
        float(solved.flow @ solved.cost),
        balance,
        _times(roads, trips, solved.cost),
    )


def _balance(roads: Roads, flow: Floats, trips: Trips, moved: Ints) -> float:
    """Return the largest error of conservation at a node, as a share of all trips."""
    n = len(roads.nodes)
    net = np.bincount(roads.head, flow, n) - np.bincount(roads.tail, flow, n)
    net -= np.bincount(trips.goal[moved], trips.trips[moved], n)
    net += np.bincount(trips.origin[moved], trips.trips[moved], n)
    total = float(trips.trips[moved].sum())
    return float(np.abs(net).max()) / total if total else 0.0


def _conserved(roads: Roads, solved: object, demand: Floats, balance: float) -> None:
    """Raise SolveError if pairs lose trips, nodes lose flow, or a path passes a centroid."""
    h, pair, start, links = (np.asarray(getattr(solved, k)) for k in ("h", "pair", "start", "links"))
    carried = np.bincount(pair, h, demand.size)
    lost = float(np.abs(carried - demand).max()) / float(demand.sum()) if demand.size else 0.0
    inner = np.ones(links.size, dtype=bool)
    inner[start[:-1]] = False
    passed = ~roads.through[roads.tail[links[inner]]]
    joined = roads.head[links[:-1]] == roads.tail[links[1:]]
    broken = bool((~joined & inner[1:]).any()) if links.size else False
    if not (lost <= BALANCE and balance <= BALANCE) or passed.any() or broken:
        raise SolveError("flow is not conserved", 0, max(lost, balance))


def _objective(roads: Roads, flow: Floats) -> float:
    """Return Beckmann's objective Σ ∫ c."""
    with np.errstate(divide="ignore", invalid="ignore"):
        more = roads.rise * (flow / roads.capacity) ** roads.power / (roads.power + 1)
    return float(np.sum(flow * (roads.free * (1 + np.where(roads.rise > 0, more, 0.0)) + roads.fixed)))


def _times(roads: Roads, trips: Trips, cost: Floats) -> Floats:
    """Return the cost of the shortest path of each pair."""
    from birge.kernels.shortest_path import forward_star, tree

    first, order = forward_star(roads.tail, len(roads.nodes))
    found = np.zeros(trips.goal.size)
    for o in np.unique(trips.origin):
        here = trips.origin == o
        found[here] = tree(first, order, roads.head, cost, roads.through, int(o))[0][trips.goal[here]]
    return found


def _check(roads: Roads, trips: Trips) -> None:
    """Raise InputError with everything that is wrong with links and trips."""
    problems = [
        Problem(roads.place[a], code, message, remedy)
        for bad, code, message, remedy in (
            (roads.free < 0, "negative-time", "free time is below 0", "write 0 or more"),
            (roads.rise < 0, "negative-rise", "BPR factor is below 0", "write 0 or more"),
            ((roads.rise > 0) & ~(roads.capacity > 0), "no-capacity", "capacity is not above 0", "write it above 0"),
            ((roads.rise > 0) & (roads.power < 1), "power-low", "BPR power is below 1", "write 1 or more"),
            (roads.fixed < 0, "negative-cost", "toll or length cost is below 0", "write 0 or more"),
            (roads.tail == roads.head, "loop", "the link ends where it begins", "leave it out"),
        )
        for a in np.flatnonzero(bad)
    ]
    problems += [
        Problem(trips.place[w], "negative-trips", f"{trips.trips[w]:g} trips", "write 0 or more")
        for w in np.flatnonzero(~(trips.trips >= 0))
    ]
    problems += [
        Problem(trips.place[w], "trips-too-many", f"{trips.trips[w]:g} trips", f"write {MOST:g} or less")
        for w in np.flatnonzero(trips.trips > MOST)
    ]
    if not problems:
        problems = _overflowing(roads, float(trips.trips.sum()))
    if not problems:
        problems = _unreached(roads, trips)
    if problems:
        raise InputError(problems)


def _overflowing(roads: Roads, total: float) -> list[Problem]:
    """Return a problem for every link whose time is beyond what a number holds if all trips take it."""
    limited = roads.rise > 0
    with np.errstate(over="ignore", divide="ignore"):
        ratio = total / np.where(limited, roads.capacity, 1.0)
        worst = total * roads.free * (1 + np.where(limited, roads.rise * ratio**roads.power, 0.0))
    remedy = "check capacity, BPR power and factor, and the trips"
    return [
        Problem(
            roads.place[a],
            "time-overflow",
            f"time overflows with all trips on it: ({total:g} / {roads.capacity[a]:g}) ^ {roads.power[a]:g}",
            remedy,
        )
        for a in np.flatnonzero(~(worst < np.finfo(np.float64).max) & (roads.free > 0))
    ]


def _unreached(roads: Roads, trips: Trips) -> list[Problem]:
    """Return a problem for every pair with trips but no path, saying so if the network is in pieces."""
    reach = _times(roads, trips, np.where(np.isfinite(roads.free), 0.0, np.inf))
    lost: Sequence[int] = np.flatnonzero(~np.isfinite(reach) & (trips.trips > 0)).tolist()
    if not lost:
        return []
    groups = pieces(len(roads.nodes), roads.tail, roads.head)
    found = []
    for w in lost:
        a, b = int(trips.origin[w]), int(trips.goal[w])
        apart = groups[a] != groups[b]
        why = "they lie in two pieces of the network" if apart else "its links lead the other way, or by centroids only"
        message = f"no path from {roads.nodes[a]} to {roads.nodes[b]}: {why}"
        code = "network-in-pieces" if apart else "no-path"
        found.append(Problem(trips.place[w], code, message, "add a link between them, or leave the pair out"))
    return found
