"""Calendar of pending events: a short sorted front before a binary heap.

The earliest events stand in the front, in order, latest first, so the next one is taken from its end without a
comparison; a new event moves those before it up by one. What is later than all of the front waits in the heap (time,
then order of entry), from which an empty front is filled. With a few dozen events pending, as at a crossing, the heap
is hardly touched; with thousands (appointments) an event costs what a heap costs. Events of the same time come in the
order in which they were entered, wherever they stood. One that there is no room for is lost, and counted as such.

=======  ====================================================  =====
symbol   meaning                                               unit
=======  ====================================================  =====
t        time of an event                                      h
order    its number of entry, also the ticket that names it    1
what     kind of event                                         code
code     whom it concerns                                      index
=======  ====================================================  =====
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["INLINED", "INNER", "Calendar", "Record", "before", "calendar", "drop", "following", "later", "pop", "push"]

Record = Any
"""One record of an array; its fields are known to numba alone."""
Events = NDArray[Any]
INNER: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
"""How the event loop is compiled: it allocates nothing, so references to arrays need not be counted, which took a fifth
of its time."""
INLINED: dict[str, Any] = {**INNER, "forceinline": True}
FRONT = 32
"""Most events in the front; half of them move to the heap when it is full."""
ONE = np.uint64(1)
EVENT = np.dtype([("t", "f8"), ("order", "i8"), ("what", "i4"), ("code", "i4")])
COUNT = np.dtype([("front", "i8"), ("heap", "i8"), ("order", "i8"), ("lost", "i8")])
LAST = float(np.finfo(np.float64).max)
"""No event is later, so that place 0 of the front is later than all."""


class Calendar(NamedTuple):
    """Events of the front from place 1 on (place 0 is later than all), of the heap, and how many there are."""

    front: Events
    heap: Events
    counts: NDArray[Any]


def calendar(most: int) -> Calendar:
    """Return an empty calendar for at most `most` events."""
    made = Calendar(np.zeros(FRONT + 2, EVENT), np.zeros(most + 1, EVENT), np.zeros(1, COUNT))
    made.front["t"][0] = np.inf
    return made


@njit(**INLINED)
def before(a: Record, b: Record) -> bool:
    """Return whether event `a` comes before `b`."""
    return a.t < b.t or (a.t == b.t and a.order < b.order)


@njit(**INNER)
def _into_heap(heap: Events, size: int, t: float, order: int, what: int, code: int) -> None:
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap[parent].t < t or (heap[parent].t == t and heap[parent].order < order):
            break
        heap[i] = heap[parent]
        i = parent
    heap[i].t, heap[i].order, heap[i].what, heap[i].code = t, order, what, code


@njit(**INNER)
def _keep(heap: Events, count: Record, t: float, order: int, what: int, code: int) -> None:
    """Enter an event in the heap if there is room."""
    if count.heap == len(heap):
        count.lost += 1
        return
    _into_heap(heap, count.heap, t, order, what, code)
    count.heap += 1


@njit(**INNER)
def _drop_first(heap: Events, size: int) -> None:
    """Take the first of `size` events out of the heap."""
    last = heap[size - 1]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size - 1:
            break
        if child + 1 < size - 1 and before(heap[child + 1], heap[child]):
            child += 1
        if before(last, heap[child]):
            break
        heap[i] = heap[child]
        i = child
    heap[i] = last


@njit(**INNER)
def _spill(front: Events, heap: Events, count: Record) -> None:
    """Move the later half of the front to the heap."""
    n, half = count.front, count.front // 2
    for j in range(1, half + 1):
        e = front[j]
        _keep(heap, count, e.t, e.order, e.what, e.code)
    for j in range(half + 1, n + 1):
        front[j - half] = front[j]
    count.front = n - half


@njit(**INNER)
def _fill(front: Events, heap: Events, count: Record) -> None:
    """Fill the empty front from the heap."""
    n = min(count.heap, FRONT // 2)
    for j in range(n, 0, -1):
        front[j] = heap[0]
        _drop_first(heap, count.heap)
        count.heap -= 1
    count.front = n


@njit(**INLINED)
def push(front: Events, heap: Events, count: Record, t: float, what: int, code: int) -> int:
    """Enter an event; return its ticket."""
    order = count.order
    count.order = order + 1
    t = min(t, LAST)
    if count.front == FRONT:
        _spill(front, heap, count)
    if count.heap > 0 and t >= heap[0].t:
        _keep(heap, count, t, order, what, code)
        return order
    count.front += 1
    j = np.uint64(count.front)
    while front[j - ONE].t <= t:
        front[j] = front[j - ONE]
        j -= ONE
    e = front[j]
    e.t, e.order, e.what, e.code = t, order, what, code
    return order


@njit(**INLINED)
def following(front: Events, heap: Events, count: Record) -> np.uint64:
    """Return the place of the next event in the front, or 0 without events."""
    if count.front == 0:
        _fill(front, heap, count)
    return np.uint64(count.front)


@njit(**INLINED)
def pop(front: Events, heap: Events, count: Record) -> np.uint64:
    """Take the next event out; return its place in the front, valid until the next `push`, or 0 without events."""
    n = following(front, heap, count)
    if n > 0:
        count.front -= 1
    return n


@njit(**INNER)
def later(c: Calendar, t: float, what: int, code: int) -> int:
    """Enter an event where it is not worth the room to do so in place."""
    return push(c.front, c.heap, c.counts[0], t, what, code)


@njit(**INNER)
def drop(c: Calendar, what: int, owners: Events) -> None:
    """Take out every event of the kind `what` whose owner, the record at its code, has another ticket as `token`."""
    count, kept = c.counts[0], 0
    for j in range(1, count.front + 1):
        e = c.front[j]
        if e.what != what or owners[e.code].token == e.order:
            kept += 1
            c.front[kept] = e
    count.front = kept
    many = count.heap
    count.heap = 0
    for j in range(many):
        e = c.heap[j]
        if e.what != what or owners[e.code].token == e.order:
            _keep(c.heap, count, e.t, e.order, e.what, e.code)
