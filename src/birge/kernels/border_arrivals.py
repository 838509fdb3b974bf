"""How trucks come to a crossing: when, with a slot or without, whether they stay away, and where they go then.

These are the parts of the event loop in `border_queue`, which has the table of symbols. A truck that stays away may
drive to another stream; it keeps its key, so it has the same service at a station of the same name wherever it goes,
and draws anew there whether it joins. It comes without a slot, and no truck comes to a stream twice.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from birge.kernels.border_calendar import INLINED, INNER, Calendar, Record, later, push
from birge.kernels.border_moves import enter, give_back, has_place, take_place
from birge.kernels.border_net import FULL, NEXT_SLOT, TURNED_AWAY, Net
from birge.kernels.border_random import log, normal, number_key, stream_key, uniform
from birge.kernels.border_state import ARRIVE, BOOKED, DIVERTED, DRIVING, PENDING, Floats, Ints, State, nth

__all__ = ["arrival", "begin_arrivals", "comes", "driven", "enters"]

WILLING, SHOW, PUNCTUAL, STAY, GAP = 11, 13, 15, 17, 23


@njit(**INNER)
def _turn(rate: Floats, season: Floats, week_start: float, stream: Record, c: int) -> None:
    """Set the rate of a stream for the hour after the one it stands in."""
    hour = int(stream.hour_end)
    stream.rate = rate[c, int(hour + week_start) % 168] * season[c, hour // 24 % season.shape[1]]
    stream.gap = 1.0 / stream.rate
    stream.hour_end = hour + 1.0


@njit(**INLINED)
def _next_arrival(
    rate: Floats, season: Floats, trace: Floats, clock: Record, stream: Record, c: int, t: float
) -> float:
    """Return when truck `stream.number` comes: where the integral of the rate since `t` reaches its gap."""
    if stream.trace_at < stream.trace_stop:
        return trace[stream.trace_at]
    if stream.rate < 0.0:
        return np.inf
    gap = stream.ahead
    while stream.rate * (stream.hour_end - t) < gap:
        gap -= stream.rate * (stream.hour_end - t)
        t = stream.hour_end
        if t >= clock.until:
            return np.inf
        _turn(rate, season, clock.week_start, stream, c)
    return t + gap * stream.gap


@njit(**INLINED)
def _advance(stream: Record) -> None:
    """Go on to the next truck of a stream.

    Its gap is known before it is needed; what a gap is made of is drawn one truck ahead of that at each stage, so that
    no stage waits for the one before it.
    """
    stream.number += 1
    stream.key = stream.after
    stream.after = stream.beyond
    stream.ahead = -log(stream.chance)
    stream.chance = uniform(stream.far, np.uint64(GAP))
    stream.beyond = stream.far
    stream.far = number_key(stream.base, stream.number + 2)


@njit(**INLINED)
def _arrives(arrivals: Calendar, count: Record, t: float, c: int) -> None:
    """Enter the next truck of a stream; the order of entry is that of all events."""
    mine = arrivals.counts[0]
    mine.order = count.order
    push(arrivals.front, arrivals.heap, mine, t, ARRIVE, c)
    count.order += 1


@njit(**INNER)
def _book(ids: Ints, taken: Ints, first: int, horizon: int, quota: Ints) -> int:
    """Take a place in the first slot from `first` on that has one (`quota` [slot]); -1 if none has."""
    for j in range(first, min(first + horizon, len(quota))):
        r = j % len(ids)
        if ids[r] != j:
            ids[r] = j
            taken[r] = 0
        if taken[r] < quota[j]:
            taken[r] += 1
            return j
    return -1


@njit(**INNER)
def _appointed(net: Net, state: State, i: int, d: int, slot: int) -> None:
    """Have truck `i`, which booked a slot, come to it, punctual or not."""
    clock, truck = state.clock[0], state.trucks[i]
    truck.booked = slot * net.slot[d]
    if clock.now >= clock.warmup:
        way, lead = state.ways[d], truck.booked - clock.now
        way.lead += lead
        way.lead_most = max(way.lead_most, lead)
        way.booked += 1
    come = truck.booked + net.late_mean[d] + net.late_sd[d] * normal(truck.key, np.uint64(PUNCTUAL))
    truck.state = PENDING
    later(state.calendar, max(clock.now, come), BOOKED, i)


@njit(**INNER)
def comes(net: Net, state: State, i: int) -> bool:
    """Return whether truck `i` joins now: one that is too late for its slot may be sent away or to another."""
    clock, truck = state.clock[0], state.trucks[i]
    d = truck.way
    if clock.now <= truck.booked + net.slot[d] + net.tolerance[d]:
        return True
    if net.late_rule[d] == TURNED_AWAY:
        state.ways[d].turned += 1
        give_back(clock, state.free, truck, i)
        return False
    slot = -1
    if net.late_rule[d] == NEXT_SLOT:
        first = math.ceil(clock.now / net.slot[d])
        slot = _book(state.slot_id[d], state.slot_taken[d], first, net.horizon[d], net.quota[d])
    if slot >= 0:
        truck.booked = slot * net.slot[d]
        later(state.calendar, truck.booked, BOOKED, i)
        return False
    truck.booked = -1.0
    return True


@njit(**INNER)
def _slot(net: Net, state: State, key: np.uint64, d: int) -> int:
    """Return the slot that a truck books, -1 if it comes without one, -2 if it booked and does not come."""
    clock, slot = state.clock[0], -1
    if uniform(key, np.uint64(WILLING)) < net.willing[d]:
        first = math.ceil(clock.now / net.slot[d])
        slot = _book(state.slot_id[d], state.slot_taken[d], first, net.horizon[d], net.quota[d])
    if slot >= 0 and uniform(key, np.uint64(SHOW)) < net.no_show[d]:
        state.ways[d].missed += 1
        return -2
    return slot


@njit(**INLINED)
def _stays_away(way: Record, key: np.uint64, name: np.uint64) -> bool:
    """Return whether a truck does not join because of the queue it sees; `name` is 0 where it came first."""
    over = way.unstarted - way.balk_from
    return over > 0.0 and uniform(key, name + np.uint64(STAY)) >= math.exp(-over / way.balk_scale)


@njit(**INLINED)
def arrival(net: Net, at: State, clock: Record, c: int) -> int:
    """Have the next truck of stream `c` come; return its place, or -1 where it does not join now."""
    stream, count = nth(at.streams, c), at.calendar.counts[0]
    way, key = nth(at.ways, stream.way), stream.key
    if stream.trace_at < stream.trace_stop:
        stream.trace_at += 1
        if stream.trace_at == stream.trace_stop:
            stream.rate = -1.0
    t = _next_arrival(net.rate, net.season, net.trace, clock, stream, c, clock.now)
    _advance(stream)
    if t <= clock.until:
        _arrives(at.arrivals, count, t, c)
    way.arrived += 1
    slot = _slot(net, at, key, stream.way) if way.slot > 0.0 else -1
    if slot == -2:
        return -1
    away = slot < 0 and _stays_away(way, key, np.uint64(0))
    if away and way.to < 0:
        way.away += 1
        return -1
    if clock.free == 0:
        clock.status = FULL
        return -1
    i = take_place(clock, at.trucks, at.free, stream, c, key)
    if away:
        nth(at.trucks, i).drives = net.divert_most[stream.way]
        _drives_on(net, at, i)
        return -1
    if slot >= 0:
        _appointed(net, at, i, stream.way, slot)
        return -1
    return i


@njit(**INNER)
def _drives_on(net: Net, at: State, i: int) -> None:
    """Send truck `i`, which does not join, to the stream that its own names, or lose it where it has been to all."""
    clock, truck = at.clock[0], at.trucks[i]
    way = at.ways[truck.way]
    if way.to < 0 or truck.drives == 0:
        way.away += 1
        give_back(clock, at.free, truck, i)
        return
    way.diverted += 1
    come = clock.now + net.divert_hours[truck.way]
    truck.drives -= 1
    truck.stream, truck.way, truck.state = net.divert_stream[truck.stream], way.to, DRIVING
    truck.step = at.streams[truck.stream].first
    later(at.calendar, come, DIVERTED, i)


@njit(**INNER)
def driven(net: Net, at: State, i: int) -> bool:
    """Return whether truck `i`, which comes from another stream, joins here."""
    truck = at.trucks[i]
    way = at.ways[truck.way]
    way.taken += 1
    if _stays_away(way, truck.key, net.way_key[truck.way]):
        _drives_on(net, at, i)
        return False
    return True


@njit(**INLINED)
def enters(at: State, clock: Record, i: int) -> bool:
    """Let truck `i` in; False where the first of its stations has no place."""
    truck = nth(at.trucks, i)
    way = nth(at.ways, truck.way)
    if not has_place(nth(at.stations, nth(at.steps, truck.step).station)):
        way.turned += 1
        give_back(clock, at.free, truck, i)
        return False
    enter(clock, truck, way, at.steps, nth(at.streams, truck.stream).stop - 1)
    way.came += 1
    return True


@njit(**INNER)
def begin_arrivals(net: Net, state: State) -> None:
    """Enter the first truck of each stream."""
    clock = state.clock[0]
    for c in range(len(state.streams)):
        stream = state.streams[c]
        stream.base = stream_key(clock.seed, c)
        stream.beyond, stream.far = number_key(stream.base, 0), number_key(stream.base, 1)
        stream.chance = uniform(stream.beyond, np.uint64(GAP))
        if stream.trace_at == stream.trace_stop:
            most = 0.0
            for h in range(net.rate.shape[1]):
                most = max(most, net.rate[c, h])
            if most <= 0.0:
                continue
            _turn(net.rate, net.season, net.week_start, stream, c)
        _advance(stream)
        first = _next_arrival(net.rate, net.season, net.trace, clock, stream, c, 0.0)
        if first <= clock.until:
            _arrives(state.arrivals, state.calendar.counts[0], first, c)
        _advance(stream)
