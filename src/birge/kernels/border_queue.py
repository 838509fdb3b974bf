"""Event kernel of a crossing: every truck, station by station.

State is a record for each truck, station and stream (`border_state`), the clock a calendar of events
(`border_calendar`). A truck walks the steps of its stream; at each it joins the list of its priority, waits for a
server (and a member of the shared staff, if the station has one: staff serve, over all their stations, the truck of the
first priority, of these the one that came to its station first), is served, and moves on when the next station has a
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
quota          trucks of a slot that may book, by the start of the run [d, slot]        1
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

from birge.kernels.border_calendar import INLINED, INNER, Calendar, Record, before, following, later, push
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
def _begin(net: Net, state: State) -> None:
    """Enter the first events."""
    clock, stations, calendar = state.clock[0], state.stations, state.calendar
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
            _arrives(state.arrivals, calendar.counts[0], first, c)
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
        way, kept = nth(ways, d), hours[np.uint64(hour), np.uint64(d)]
        kept.queue, kept.arrived, kept.left = way.area_queue, way.came, way.went
        way.came, way.went = 0, 0
        way.inside_hours += way.area_inside
        way.area_queue, way.area_inside = float(way.queue), float(way.inside)
    hour += 1
    clock.hour = hour
    clock.hour_end = hour + 1.0
    clock.week = hour // 168
    if hour % 24 == 0:
        clock.block = calendar[min(hour // 24, len(calendar) - 1)] * clock.steps


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
    `lead` [direction, 3] is the sum of hours from booking to the slot, how many booked, and the longest.
    `little` [direction and station, 2] holds areas beside sums over trucks, which must agree.
    """
    at = state(net, seed, until, warmup, places, (record_from, record_to, record_size))
    added = sums(len(at.ways), len(at.stations), until)
    _events(net, at, added)
    return tally(at, added)


@njit(**INLINED)
def _arrival(net: Net, at: State, clock: Record, c: int) -> int:
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
    if slot < 0 and _stays_away(way, key):
        way.away += 1
        return -1
    if clock.free == 0:
        clock.status = FULL
        return -1
    i = take_place(clock, at.trucks, at.free, stream, c, key)
    if slot >= 0:
        _appointed(net, at, i, stream.way, slot)
        return -1
    return i


@njit(**INLINED)
def _enters(at: State, clock: Record, i: int) -> bool:
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


@njit(**INLINED)
def _served(at: State, added: Sums, clock: Record, i: int) -> bool:
    """End the service of truck `i`, which leaves, goes on to its next station (True) or is held here."""
    truck = nth(at.trucks, i)
    s, stream, way = truck.at, nth(at.streams, truck.stream), nth(at.ways, truck.way)
    it, rest = nth(at.stations, s), clock.hour_end - clock.now
    it.serving -= 1
    it.area_serving -= rest
    if it.staff >= 0:
        at.staff_busy[it.staff] -= 1
    k, stop = truck.step + 1, stream.stop
    while k < stop and not stops(nth(at.steps, k + clock.block), truck.key):
        k += 1
    note(clock, at.record, truck.name, s, ENDED)
    comes = k < stop
    if comes:
        truck.step = k
        comes = has_place(nth(at.stations, nth(at.steps, k).station))
        if not comes:
            hold(at, i, nth(at.steps, k).station)
    if comes or k == stop:
        if truck.carried:
            truck.carried = 0
        else:
            it.busy -= 1
    if it.staff < 0:
        look_at(clock, at.stack, it, s)
    else:
        look_at_pool(clock, at.stack, at.stations, it.staff)
    if k == stop:
        way.inside -= 1
        way.area_inside -= rest
        way.left += 1
        way.went += 1
        stay = clock.now - truck.arrived
        way.stays += stay
        if truck.arrived >= clock.warmup:
            hour = added.hours[np.uint64(truck.hour), np.uint64(truck.way)]
            count_out(truck, stream, stay, hour, added.wait_bins, added.dwell_bins, added.week_bins)
        give_back(clock, at.free, truck, i)
        note(clock, at.record, truck.name, -1, LEFT)
    return comes


@njit(**INLINED)
def _joins(net: Net, at: State, clock: Record, i: int, fresh: bool) -> None:
    """Put truck `i` in the line of the station to which it comes; `fresh` says that it is its first."""
    truck = nth(at.trucks, i)
    step = nth(at.steps, truck.step)
    s, priority = step.station, step.priority
    if fresh and truck.booked >= 0.0:
        priority = net.booked_priority[truck.way]
    join(clock, at.trucks, i, nth(at.ways, truck.way), nth(at.stations, s), s, at.lines, priority)
    note(clock, at.record, truck.name, s, QUEUED)
    # most trucks wait: their service is known before their server is free
    draw(truck, at.steps, truck.step + clock.block)
    look_at(clock, at.stack, nth(at.stations, s), s)


@njit(**INLINED)
def _let_in(at: State, it: Record, s: int) -> None:
    """Let those come to station `s` that are held elsewhere and have a place here now."""
    while it.blocked > 0 and (it.waiting < it.space or (it.waiting == 0 and it.busy < it.level)):
        release(at, s)


@njit(**INLINED)
def _first(at: State, clock: Record, it: Record, s: int) -> int:
    """Return the truck whose service station `s` begins next, -1 where none can begin; staff apart."""
    if it.waiting == 0 or it.busy >= it.level:
        return -1
    q = s * clock.priorities
    while nth(at.lines, q).head < 0:
        q += 1
    i = nth(at.lines, q).head
    truck = nth(at.trucks, i)
    if truck.drawn != truck.step + clock.block and truck.drawn != LEFT_OVER:
        draw(truck, at.steps, truck.step + clock.block)
    if it.rule == LAST_ENTRY and clock.now + truck.service > it.boundary and clock.now > it.shift_began:
        return -1
    return int(i)


@njit(**INLINED)
def _start(at: State, clock: Record, it: Record, s: int, i: int) -> None:
    """Begin the service of truck `i`, the first of its line at station `s`."""
    truck = nth(at.trucks, i)
    line = nth(at.lines, s * clock.priorities + truck.priority)
    line.head = truck.link
    if truck.link < 0:
        line.tail = -1
    begin_service(clock, truck, it, nth(at.ways, truck.way))
    truck.ends = clock.now + truck.service
    calendar = at.calendar
    truck.token = push(calendar.front, calendar.heap, calendar.counts[0], truck.ends, DONE, i)
    note(clock, at.record, truck.name, s, BEGUN)


@njit(**INLINED)
def _serve(at: State, clock: Record, s: int) -> None:
    """Begin the services that station `s` can begin, and let those come that it held elsewhere."""
    it = nth(at.stations, s)
    it.stacked = 0
    if it.staff >= 0:
        _share(at, clock, it.staff)
        return
    while True:
        _let_in(at, it, s)
        i = _first(at, clock, it, s)
        if i < 0:
            break
        _start(at, clock, it, s, i)


@njit(**INNER)
def _share(at: State, clock: Record, p: int) -> None:
    """Have staff `p` begin what they can at their stations: by priority, then by who has been there longest."""
    stations, trucks = at.stations, at.trucks
    while True:
        best, where = -1, -1
        for s in range(len(stations)):
            it = nth(stations, s)
            if it.staff == p:
                _let_in(at, it, s)
                i = _first(at, clock, it, s)
                if i >= 0 and (best < 0 or _sooner(trucks, i, best)):
                    best, where = i, s
        if best < 0 or nth(at.staff_busy, p) >= nth(at.staff_level, p):
            break
        at.staff_busy[p] += 1
        _start(at, clock, nth(stations, where), where, best)


@njit(**INLINED)
def _sooner(trucks: Records, i: int, j: int) -> bool:
    """Return whether truck `i` is served before truck `j` where one of both can be."""
    a, b = nth(trucks, i), nth(trucks, j)
    return a.priority < b.priority or (a.priority == b.priority and a.since < b.since)


@njit(**INNER)
def _events(net: Net, at: State, added: Sums) -> None:
    """Take event after event until the end, or until something stops the run."""
    _begin(net, at)
    clock, until = at.clock[0], at.clock[0].until
    pending, arrivals = at.calendar, at.arrivals
    count, due = pending.counts[0], arrivals.counts[0]
    while clock.status == OK:
        event = nth(pending.front, following(pending.front, pending.heap, count))
        arrival = nth(arrivals.front, following(arrivals.front, arrivals.heap, due))
        now = min(event.t, arrival.t)
        if now >= clock.hour_end:
            # an hour closes before what happens at its end
            while clock.hour_end <= min(now, until):
                _close_hour(clock, at.stations, at.ways, added.hours, added.station_hours, net.calendar)
        if now > until:
            break
        clock.now = now
        if before(arrival, event):
            due.front -= 1
            i = _arrival(net, at, clock, arrival.code)
            comes, fresh = i >= 0 and _enters(at, clock, i), True
        else:
            count.front -= 1
            i, what, fresh = event.code, event.what, False
            if what == DONE:
                if nth(at.trucks, i).token != event.order:
                    continue
                comes = _served(at, added, clock, i)
            elif what == BOOKED:
                comes, fresh = _comes(net, at, i) and _enters(at, clock, i), True
            else:
                comes = False
                change(net, at, what, i)
        if comes:
            _joins(net, at, clock, i, fresh)
        while clock.top > 0:
            clock.top -= 1
            _serve(at, clock, nth(at.stack, clock.top))
    if count.lost > 0:
        clock.status = FULL
