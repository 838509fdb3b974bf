"""What happens to a truck on its way: it comes, stops or not, joins a line, is served, is held, leaves.

These are the parts of the event loop in `border_queue`, which has the table of symbols.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from birge.kernels.border_calendar import INLINED, INNER, Record
from birge.kernels.border_net import BINS, DEADLOCK, FIRST_BIN, WEEK_BINS, WIDTH
from birge.kernels.border_random import EXPONENTIAL, duration, log, uniform
from birge.kernels.border_state import BLOCKED, GONE, SERVED, WAITING, Floats, Ints, Records, State, nth

__all__ = [
    "BEGUN",
    "ENDED",
    "LEFT",
    "LEFT_OVER",
    "QUEUED",
    "VISIT",
    "begin_service",
    "count_out",
    "draw",
    "enter",
    "give_back",
    "has_place",
    "hold",
    "join",
    "look_at",
    "look_at_pool",
    "note",
    "release",
    "stops",
    "take_place",
]

COARSE = np.uint64(int(math.log2(BINS // WEEK_BINS)))
QUEUED, BEGUN, ENDED, LEFT = range(4)
LEFT_OVER = -2
"""A service that was stopped goes on with what is left of it, whatever regime holds by then."""
VISIT = 19


@njit(**INLINED)
def note(clock: Record, record: Floats, name: int, station: int, what: int) -> None:
    """Write down what a truck does, if a record is asked for."""
    n = clock.recorded
    if n < len(record) and clock.record_from <= clock.now < clock.record_to:
        record[n, 0], record[n, 1], record[n, 2], record[n, 3] = clock.now, name, station, what
        clock.recorded = n + 1


@njit(**INLINED)
def look_at(clock: Record, stack: Ints, station: Record, s: int) -> None:
    """Have station `s` looked at before the next event."""
    if not station.stacked:
        station.stacked = 1
        stack[np.uint64(clock.top)] = s
        clock.top += 1


@njit(**INNER)
def look_at_pool(clock: Record, stack: Ints, stations: Records, p: int) -> None:
    """Have every station that staff `p` works at looked at before the next event."""
    for o in range(len(stations) - 1, -1, -1):
        if stations[o].staff == p:
            look_at(clock, stack, stations[o], o)


@njit(**INLINED)
def stops(step: Record, key: np.uint64) -> bool:
    """Return whether a truck stops at a step."""
    return step.share >= 1.0 or uniform(key, step.key + np.uint64(VISIT)) < step.share


@njit(**INLINED)
def has_place(it: Record) -> bool:
    """Return whether one more truck may come to a station: a place to wait, or a free server at once."""
    if it.space < 0 or it.waiting < it.space:
        return True
    return it.waiting == 0 and it.blocked == 0 and it.busy < it.level


def _cells() -> NDArray[np.uint64]:
    """Return what `_bin` adds to the lower bits of a time, for each value of its upper ones.

    A cell of 1/128 of a power of two is narrower than a bin, so at most one edge is in it: the lower bits carry to the
    number of the bin from that edge on.
    """
    edges = FIRST_BIN * np.exp(WIDTH * np.arange(BINS - 1))
    edges[0] = np.nextafter(FIRST_BIN, 1.0)
    bits = edges.view(np.uint64)
    cells = np.arange(CELL_FIRST, int(bits[-1] >> CELL) + 2, dtype=np.uint64)
    found = np.searchsorted(bits, cells << CELL, side="left").astype(np.uint64) << CELL
    found[(bits >> CELL) - cells[0]] += CELL_SIZE - (bits & (CELL_SIZE - np.uint64(1)))
    return found


CELL = np.uint64(45)
CELL_SIZE = np.uint64(1) << CELL
CELL_FIRST = int(np.float64(FIRST_BIN).view(np.uint64) >> CELL)
CELLS = _cells()


@njit(**INLINED)
def _bin(x: float) -> np.uint64:
    """Return the bin of a time: 0 up to `FIRST_BIN`, the last for all that is longer."""
    bits = np.float64(max(x, FIRST_BIN)).view(np.uint64)
    cell = min((bits >> CELL) - np.uint64(CELL_FIRST), np.uint64(len(CELLS) - 1))
    return (CELLS[cell] + (bits & (CELL_SIZE - np.uint64(1)))) >> CELL


@njit(**INNER)
def _stuck(now: State) -> bool:
    """Return whether some stations wait for each other for ever: none of their servers can ever be free again.

    `most` is the servers of the largest shift: where it is not at work, a later shift or a repair lets trucks go on.
    """
    stations, trucks, ok = now.stations, now.trucks, now.ok
    for s in range(len(stations)):
        it = stations[s]
        ok[s] = it.space < 0 or it.waiting < it.space or it.held < max(it.busy, 1) or it.busy < it.most
    changed = True
    while changed:
        changed = False
        for i in range(now.clock[0].used):
            t = trucks[i]
            if t.state == BLOCKED and not ok[t.at] and ok[t.target]:
                ok[t.at] = True
                changed = True
    for s in range(len(stations)):  # noqa: SIM110 - numba compiles no generator here
        if not ok[s]:
            return True
    return False


@njit(**INLINED)
def give_back(clock: Record, free: Ints, truck: Record, i: int) -> None:
    truck.state = GONE
    free[np.uint64(clock.free)] = i
    clock.free += 1


@njit(**INLINED)
def take_place(clock: Record, trucks: Records, free: Ints, stream: Record, c: int, key: np.uint64) -> int:
    """Return the place of a new truck of stream `c`."""
    clock.free -= 1
    i = nth(free, clock.free)
    clock.used = max(clock.used, i + 1)
    truck = nth(trucks, i)
    truck.stream, truck.way, truck.key, truck.step = c, stream.way, key, stream.first
    truck.name = clock.named
    clock.named += 1
    truck.wait, truck.carried, truck.booked = 0.0, 0, -1.0
    return i


@njit(**INLINED)
def draw(truck: Record, steps: Records, k: int) -> None:
    """Draw the service of a truck at step `k`; the most frequent law without a call."""
    step = nth(steps, k)
    if step.kind == EXPONENTIAL:
        truck.service = -step.a * log(uniform(truck.key, step.key))
    else:
        truck.service = duration(step.kind, step.a, step.b, step.c, truck.key, step.key)
    truck.drawn = k


@njit(**INLINED)
def enter(clock: Record, truck: Record, way: Record, steps: Records, last: int) -> None:
    """Let a truck in at the first of its steps, up to the `last`, at which it stops."""
    k = truck.step
    while k < last and not stops(nth(steps, k + clock.block), truck.key):
        k += 1
    truck.step = k
    way.inside += 1
    way.area_inside += clock.hour_end - clock.now
    way.unstarted += 1
    truck.fresh = 1
    truck.arrived, truck.hour, truck.week = clock.now, min(clock.hour, clock.last), clock.week


@njit(**INLINED)
def join(
    clock: Record, trucks: Records, i: int, way: Record, it: Record, s: int, lines: Records, priority: int
) -> None:
    """Put truck `i` at the end of its line at station `s`."""
    truck = nth(trucks, i)
    rest = clock.hour_end - clock.now
    truck.at, truck.priority, truck.state, truck.since, truck.link = s, priority, WAITING, clock.now, -1
    truck.came = clock.now
    way.queue += 1
    way.area_queue += rest
    it.waiting += 1
    it.area_waiting += rest
    line = nth(lines, s * clock.priorities + priority)
    if line.tail >= 0:
        nth(trucks, line.tail).link = i
    else:
        line.head = i
    line.tail = i


@njit(**INLINED)
def begin_service(clock: Record, truck: Record, it: Record, way: Record) -> None:
    """Count a truck whose service at a station begins now."""
    rest, waited = clock.hour_end - clock.now, clock.now - truck.since
    it.waiting -= 1
    it.area_waiting -= rest
    it.busy += 1
    it.serving += 1
    it.area_serving += rest
    it.waits += waited
    if truck.arrived >= clock.warmup:
        it.counted_wait += waited
        # a service that was stopped and begins once more is the same visit
        it.counted += 1 - truck.again
    truck.again = 0
    way.queue -= 1
    way.area_queue -= rest
    if truck.fresh:
        truck.fresh = 0
        way.unstarted -= 1
    truck.wait += waited
    truck.state = SERVED


@njit(**INNER)
def hold(state: State, i: int, b: int) -> None:
    """Have truck `i` hold its server until station `b` has a place."""
    clock, truck, there = state.clock[0], state.trucks[i], state.stations[b]
    it = state.stations[truck.at]
    truck.state, truck.target, truck.since, truck.link = BLOCKED, b, clock.now, -1
    if there.block_tail >= 0:
        state.trucks[there.block_tail].link = i
    else:
        there.block_head = i
    there.block_tail = i
    there.blocked += 1
    it.held += 1
    it.area_held += clock.hour_end - clock.now
    if it.held >= it.level and there.held >= max(there.busy, 1) and _stuck(state):
        clock.status = DEADLOCK


@njit(**INNER)
def release(state: State, s: int) -> None:
    """Let the truck that has longest been held for station `s` come."""
    clock, it = state.clock[0], state.stations[s]
    i = it.block_head
    truck = state.trucks[i]
    it.block_head = truck.link
    if it.block_head < 0:
        it.block_tail = -1
    it.blocked -= 1
    a = truck.at
    before = state.stations[a]
    before.held -= 1
    before.area_held -= clock.hour_end - clock.now
    if truck.carried:
        truck.carried = 0
    else:
        before.busy -= 1
    truck.wait += clock.now - truck.since
    join(clock, state.trucks, i, state.ways[truck.way], it, s, state.lines, state.steps[truck.step].priority)
    note(clock, state.record, truck.name, s, QUEUED)
    truck.drawn = -1
    if a != s:
        look_at(clock, state.stack, before, a)


@njit(**INLINED)
def count_out(
    truck: Record, stream: Record, stay: float, hour: Record, wait_bins: Ints, dwell_bins: Ints, week_bins: Ints
) -> None:
    """Count a truck that leaves; `hour` is that in which it came."""
    d, wait = np.uint64(truck.way), truck.wait
    stream.count += 1
    stream.wait += wait
    stream.wait2 += wait * wait
    stream.dwell += stay
    hour.wait += wait
    hour.count += 1
    where = _bin(wait)
    wait_bins[d, where] += 1
    week_bins[d, np.uint64(min(truck.week, week_bins.shape[1] - 1)), where >> COARSE] += 1
    dwell_bins[d, _bin(stay)] += 1
