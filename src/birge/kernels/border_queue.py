"""Event kernel of a crossing: every truck, station by station.

State is a record for each truck, station and stream (`border_state`), the clock a calendar of events
(`border_calendar`). A truck walks the steps of its stream; at each it joins the list of its priority, waits for a
server (and a member of the shared staff, if the station has one), is served, and moves on when the next station has a
place to wait in; otherwise it stays and holds its server (blocking after service). The ends of waiting and service are
kept per truck, and apart from that as areas under the number waiting: a change of it by one at `now` adds to the area
of the hour, or takes from it, what is left of the hour. `Tally.little` holds both, so that Little's law can be checked
on every run (Little 1961).

=============  =======================================================================  ==========
symbol         meaning                                                                  unit
=============  =======================================================================  ==========
c, d, s, p, k  stream, direction, station, staff, step                                  index
rate           [c, hour of week] arrivals, times season [c, day of the run]             1/h
shift_time     boundaries of shifts within the week, by station then staff              h
shift_level    servers from that boundary on                                            1
space          places to wait at a station, -1 without limit                            1
calendar       block of steps whose shares and services hold [day of the run]           index
wait, dwell    waiting and blocked time; all time from joining to leaving               h
=============  =======================================================================  ==========

Hand-over rules (what happens to a truck in service when the shift ends): `RELIEVE` the relief takes over, of servers
above the new number each finishes its truck first; `OVERLAP` the new shift starts in full while the old one finishes
its trucks; `SUSPEND` services above the new number stop and go on later where they stopped; `RESTART` they begin
again; `LAST_ENTRY` no service starts that would outlast the shift.

Quantiles come from bins of equal width in the log, relative width 0.8 % (Masson, Rim and Lee 2019, DDSketch).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from birge.kernels.border_calendar import INLINED, INNER, Record, later, pop, push
from birge.kernels.border_moves import (
    BEGUN,
    ENDED,
    LEFT,
    LEFT_OVER,
    QUEUED,
    VISIT,
    begin_service,
    count_out,
    draw,
    enter,
    give_back,
    has_place,
    hold,
    join,
    look_at,
    look_at_pool,
    note,
    release,
    stops,
    take_place,
)
from birge.kernels.border_net import (
    BINS,
    DEADLOCK,
    FIRST_BIN,
    FULL,
    LAST_ENTRY,
    LIVE,
    NEXT_SLOT,
    OK,
    OVERLAP,
    RELIEVE,
    RESTART,
    SUSPEND,
    TURNED_AWAY,
    WEEK_BINS,
    WIDTH,
    Net,
    Tally,
)
from birge.kernels.border_random import log, normal, number_key, stream_key, uniform
from birge.kernels.border_shifts import change, fail_later
from birge.kernels.border_state import (
    ARRIVE,
    BOOKED,
    DONE,
    PENDING,
    SHIFT,
    Floats,
    Ints,
    Records,
    State,
    Sums,
    nth,
    state,
    sums,
    tally,
)

__all__ = [
    "BINS",
    "DEADLOCK",
    "FIRST_BIN",
    "FULL",
    "LAST_ENTRY",
    "LIVE",
    "NEXT_SLOT",
    "OK",
    "OVERLAP",
    "RELIEVE",
    "RESTART",
    "SUSPEND",
    "TURNED_AWAY",
    "VISIT",
    "WEEK_BINS",
    "WIDTH",
    "Net",
    "Tally",
    "run",
]

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
    """Go on to the next truck of a stream: its key and its gap, drawn before they are needed."""
    stream.number += 1
    stream.key = stream.after
    stream.after = number_key(stream.base, stream.number)
    stream.ahead = -log(uniform(stream.after, np.uint64(GAP)))


@njit(**INNER)
def _book(ids: Ints, taken: Ints, first: int, horizon: int, quota: int) -> int:
    """Take a place in the first slot from `first` on that has one; -1 if none has."""
    for j in range(first, first + horizon):
        r = j % len(ids)
        if ids[r] != j:
            ids[r] = j
            taken[r] = 0
        if taken[r] < quota:
            taken[r] += 1
            return j
    return -1


@njit(**INNER)
def _begin(net: Net, state: State) -> None:
    """Enter the first events."""
    clock, stations, calendar = state.clock[0], state.stations, state.calendar
    for c in range(len(state.streams)):
        stream = state.streams[c]
        stream.base = stream_key(clock.seed, c)
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
            later(calendar, first, ARRIVE, c)
        _advance(stream)
    for q in range(len(state.shift_at)):
        lo, hi = net.shift_first[q], net.shift_first[q + 1]
        j = lo
        while j < hi and net.shift_time[j] <= net.week_start:
            j += 1
        level = net.shift_level[j - 1] if j > lo else net.shift_level[hi - 1]
        if q < len(stations):
            stations[q].roster = level
            stations[q].level = min(level, stations[q].up)
            stations[q].area_level = float(stations[q].level)
        else:
            state.staff_level[q - len(stations)] = level
        state.shift_at[q] = j
        if hi - lo > 1 or (q < len(stations) and net.rule[q] in (OVERLAP, LAST_ENTRY)):
            if j == hi:
                state.shift_at[q] = lo
                state.shift_week[q] = 1
            t = net.shift_time[state.shift_at[q]] + 168.0 * state.shift_week[q] - net.week_start
            if q < len(stations):
                stations[q].boundary = t
            later(calendar, t, SHIFT, q)
    for s in range(len(stations)):
        if net.between[s] > 0.0:
            for _ in range(net.machines[s]):
                fail_later(net, state, s)


@njit(**INLINED)
def _close_hour(
    clock: Record, stations: Records, ways: Records, hours: Records, station_hours: Records, calendar: Ints
) -> None:
    """Write down the areas of the hour that ends, and begin the next with what stands there."""
    hour = clock.hour
    for s in range(len(stations)):
        it, kept = nth(stations, s), station_hours[np.uint64(hour), np.uint64(s)]
        kept.waiting, kept.busy, kept.blocked, kept.level = (
            it.area_waiting,
            it.area_serving,
            it.area_held,
            it.area_level,
        )
        it.waiting_hours += it.area_waiting
        it.area_waiting, it.area_serving = float(it.waiting), float(it.serving)
        it.area_held, it.area_level = float(it.held), float(it.level)
    for d in range(len(ways)):
        way = nth(ways, d)
        hours[np.uint64(hour), np.uint64(d)].queue = way.area_queue
        way.inside_hours += way.area_inside
        way.area_queue, way.area_inside = float(way.queue), float(way.inside)
    hour += 1
    clock.hour = hour
    clock.hour_end = hour + 1.0
    if hour % 24 == 0:
        clock.block = calendar[min(hour // 24, len(calendar) - 1)] * clock.steps


@njit(**INNER)
def _appointed(net: Net, state: State, i: int, d: int, slot: int) -> None:
    """Have truck `i`, which booked a slot, come to it, punctual or not."""
    clock, truck = state.clock[0], state.trucks[i]
    truck.booked = slot * net.slot[d]
    come = truck.booked + net.late_mean[d] + net.late_sd[d] * normal(truck.key, np.uint64(PUNCTUAL))
    truck.state = PENDING
    later(state.calendar, max(clock.now, come), BOOKED, i)


@njit(**INNER)
def _comes(net: Net, state: State, i: int) -> bool:
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
def _stays_away(way: Record, key: np.uint64) -> bool:
    """Return whether a truck does not join because of the queue it sees."""
    over = way.unstarted - way.balk_from
    return over > 0.0 and uniform(key, np.uint64(STAY)) >= math.exp(-over / way.balk_scale)


def run(
    net: Net,
    seed: int,
    until: float,
    warmup: float,
    places: int,
    record_from: float,
    record_to: float,
    record_size: int,
) -> Tally:
    """Simulate `until` hours; trucks that arrive before `warmup` are served but not counted.

    `places` is the largest number of trucks inside at once; a run that needs more stops with status `FULL`.
    `fate` [direction, 6] counts arrived, left, stayed away, turned away, not shown, inside or booked at the end.
    `little` [direction and station, 2] holds areas beside sums over trucks, which must agree.
    """
    at = state(net, seed, until, warmup, places, (record_from, record_to, record_size))
    added = sums(len(at.ways), len(at.stations), until)
    _events(net, at, added)
    return tally(at, added)


@njit(**INNER)
def _events(net: Net, at: State, added: Sums) -> None:
    """Take event after event until the end, or until something stops the run."""
    _begin(net, at)
    clock, count = at.clock[0], at.calendar.counts[0]
    front, heap = at.calendar.front, at.calendar.heap
    trucks, stations, lines, ways, streams, steps = at.trucks, at.stations, at.lines, at.ways, at.streams, at.steps
    free, stack, staff_level, staff_busy, record = at.free, at.stack, at.staff_level, at.staff_busy, at.record
    rate, season, trace, days = net.rate, net.season, net.trace, net.calendar
    wait_bins, dwell_bins, week_bins = added.wait_bins, added.dwell_bins, added.week_bins
    hours, station_hours, last = added.hours, added.station_hours, len(added.hours) - 1
    until, warmup = clock.until, clock.warmup
    while clock.status == OK:
        n = pop(front, heap, count)
        event = nth(front, n)
        if event.t >= clock.hour_end:
            # an hour closes before what happens at its end
            while clock.hour_end <= min(event.t, until):
                _close_hour(clock, stations, ways, hours, station_hours, days)
        if event.t > until:
            break
        now, what, i, ticket, comes = event.t, event.what, event.code, event.order, False
        clock.now = now

        if what == DONE:
            truck = nth(trucks, i)
            if truck.token != ticket:
                continue
            s, stream, way = truck.at, nth(streams, truck.stream), nth(ways, truck.way)
            it = nth(stations, s)
            it.serving -= 1
            it.area_serving -= clock.hour_end - now
            if it.staff >= 0:
                staff_busy[it.staff] -= 1
            k, stop = truck.step + 1, stream.stop
            while k < stop and not stops(nth(steps, k + clock.block), truck.key):
                k += 1
            note(clock, record, truck.name, s, ENDED)
            comes = k < stop
            if comes:
                truck.step = k
                comes = has_place(nth(stations, nth(steps, k).station))
                if not comes:
                    hold(at, i, nth(steps, k).station)
            if comes or k == stop:
                if truck.carried:
                    truck.carried = 0
                else:
                    it.busy -= 1
            if it.staff < 0:
                look_at(clock, stack, it, s)
            else:
                look_at_pool(clock, stack, stations, it.staff)
            if k == stop:
                way.inside -= 1
                way.area_inside -= clock.hour_end - now
                way.left += 1
                hours[np.uint64(min(int(now), last)), np.uint64(truck.way)].left += 1
                stay = now - truck.arrived
                way.stays += stay
                if truck.arrived >= warmup:
                    hour = hours[np.uint64(min(int(truck.arrived), last)), np.uint64(truck.way)]
                    count_out(truck, stream, stay, hour, wait_bins, dwell_bins, week_bins)
                give_back(clock, free, truck, i)
                note(clock, record, truck.name, -1, LEFT)

        elif what in (ARRIVE, BOOKED):
            if what == ARRIVE:
                c, stream = i, nth(streams, i)
                way, key = nth(ways, stream.way), stream.key
                if stream.trace_at < stream.trace_stop:
                    stream.trace_at += 1
                    if stream.trace_at == stream.trace_stop:
                        stream.rate = -1.0
                t = _next_arrival(rate, season, trace, clock, stream, c, now)
                _advance(stream)
                if t <= until:
                    push(front, heap, count, t, ARRIVE, c)
                way.arrived += 1
                slot = _slot(net, at, key, stream.way) if way.slot > 0.0 else -1
                if slot == -2:
                    continue
                if slot < 0 and _stays_away(way, key):
                    way.away += 1
                    continue
                if clock.free == 0:
                    clock.status = FULL
                    continue
                i = take_place(clock, trucks, free, stream, c, key)
                if slot >= 0:
                    _appointed(net, at, i, stream.way, slot)
                    continue
            elif not _comes(net, at, i):
                continue
            truck = nth(trucks, i)
            way = nth(ways, truck.way)
            if not has_place(nth(stations, nth(steps, truck.step).station)):
                way.turned += 1
                give_back(clock, free, truck, i)
                continue
            enter(clock, truck, way, steps, nth(streams, truck.stream).stop - 1)
            hours[np.uint64(min(int(now), last)), np.uint64(truck.way)].arrived += 1
            comes = True

        else:
            change(net, at, what, i)

        if comes:
            truck = nth(trucks, i)
            s, priority = nth(steps, truck.step).station, nth(steps, truck.step).priority
            if what != DONE and truck.booked >= 0.0:
                priority = net.booked_priority[truck.way]
            join(clock, trucks, i, nth(ways, truck.way), nth(stations, s), s, lines, priority)
            note(clock, record, truck.name, s, QUEUED)
            # most trucks wait: their service is known before their server is free
            draw(truck, steps, truck.step + clock.block)
            look_at(clock, stack, nth(stations, s), s)

        while clock.top > 0:
            clock.top -= 1
            s = nth(stack, clock.top)
            it = nth(stations, s)
            it.stacked = 0
            while True:
                while it.blocked > 0 and (it.waiting < it.space or (it.waiting == 0 and it.busy < it.level)):
                    release(at, s)
                if it.waiting == 0 or it.busy >= it.level:
                    break
                if it.staff >= 0 and nth(staff_busy, it.staff) >= nth(staff_level, it.staff):
                    break
                q = s * clock.priorities
                while nth(lines, q).head < 0:
                    q += 1
                line = nth(lines, q)
                i = line.head
                truck = nth(trucks, i)
                if truck.drawn != truck.step + clock.block and truck.drawn != LEFT_OVER:
                    draw(truck, steps, truck.step + clock.block)
                service = truck.service
                if it.rule == LAST_ENTRY and now + service > it.boundary and now > it.shift_began:
                    break
                line.head = truck.link
                if truck.link < 0:
                    line.tail = -1
                if it.staff >= 0:
                    staff_busy[it.staff] += 1
                begin_service(clock, truck, it, nth(ways, truck.way))
                truck.ends = now + service
                truck.token = push(front, heap, count, truck.ends, DONE, i)
                note(clock, record, truck.name, s, BEGUN)

    if count.lost > 0:
        clock.status = FULL
