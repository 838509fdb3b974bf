"""Shortest path trees by Dijkstra with a binary heap on a forward star.

    u[o] = 0,  u[j] = min over links a = (i, j), i = o or through[i], of u[i] + c[a],  c ≥ 0

A node that may not be passed through (a centroid) ends a path or begins one, and is never in the middle of it.

=========  ==================================================================  =======
symbol     meaning                                                             unit
=========  ==================================================================  =======
first,     links leaving node i are order[first[i]:first[i + 1]]               index
order
head       [link] node at its end                                              index
cost       [link] c ≥ 0                                                        any
through    [node] whether a path may pass through it                           bool
distance   [node] u, inf where no path leads                                   of cost
back       [node] link by which the path comes in, -1 at the origin and        index
           where no path leads
=========  ==================================================================  =======

Dijkstra (1959), Numerische Mathematik 1, 269-271. Ties are kept as first found, so the tree does not depend on chance.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["forward_star", "path", "tree"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def forward_star(tail: Ints, nodes: int) -> tuple[Ints, Ints]:
    """Return `first` [nodes + 1] and `order` [link] of links that leave `tail`; links of a node keep their order."""
    first = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(tail, minlength=nodes), out=first[1:])
    return first, np.argsort(tail, kind="stable").astype(np.int64)


@njit(cache=True, nogil=True)
def tree(first: Ints, order: Ints, head: Ints, cost: Floats, through: Bools, origin: int) -> tuple[Floats, Ints]:
    """Return `distance` and `back` of the tree that grows from `origin`."""
    count = first.size - 1
    distance = np.full(count, np.inf)
    back = np.full(count, -1, dtype=np.int64)
    heap = np.empty(count, dtype=np.int64)
    place = np.full(count, -1, dtype=np.int64)
    distance[origin] = 0.0
    heap[0] = origin
    place[origin] = 0
    size = 1
    while size > 0:
        node = heap[0]
        size -= 1
        if size > 0:
            _sink(heap, place, distance, heap[size], size)
        if node != origin and not through[node]:
            continue
        for k in range(first[node], first[node + 1]):
            link = order[k]
            other = head[link]
            reached = distance[node] + cost[link]
            if reached < distance[other]:
                if place[other] < 0:
                    place[other] = size
                    size += 1
                distance[other] = reached
                back[other] = link
                _rise(heap, place, distance, other)
    return distance, back


@njit(cache=True, nogil=True)
def _rise(heap: Ints, place: Ints, key: Floats, node: int) -> None:
    """Move `node` up from its place."""
    at = place[node]
    while at > 0:
        above = (at - 1) >> 1
        other = heap[above]
        if key[other] <= key[node]:
            break
        heap[at] = other
        place[other] = at
        at = above
    heap[at] = node
    place[node] = at


@njit(cache=True, nogil=True)
def _sink(heap: Ints, place: Ints, key: Floats, node: int, size: int) -> None:
    """Put `node` at the top and move it down."""
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and key[heap[below + 1]] < key[heap[below]]:
            below += 1
        other = heap[below]
        if key[node] <= key[other]:
            break
        heap[at] = other
        place[other] = at
        at = below
    heap[at] = node
    place[node] = at


@njit(cache=True, nogil=True)
def path(back: Ints, tail: Ints, origin: int, goal: int) -> Ints:
    """Return the links from `origin` to `goal` in order; empty where no path leads or the two are one."""
    count = 0
    node = goal
    while node != origin:
        if back[node] < 0:
            return np.empty(0, dtype=np.int64)
        count += 1
        node = tail[back[node]]
    found = np.empty(count, dtype=np.int64)
    node = goal
    while node != origin:
        count -= 1
        found[count] = back[node]
        node = tail[back[node]]
    return found
