"""Event kernel of a crossing: every truck, station by station.

State is a record for each truck, station and stream (`border_state`), the clock two calendars of events
(`border_calendar`): the next truck of each stream (`border_arrivals`), and all else. A truck walks the steps of its
stream; at each it joins the list of its priority, waits for a server (and a member of the shared staff, if the station
has one: staff serve, over all their stations, the truck of the first priority, of these the one that came to its
station first, once all has moved that needs none), is served, and moves on when the next station has a place to wait
in; otherwise it stays and holds its server (blocking after service). The ends of waiting and service are kept per
truck, and apart from that as areas under the number waiting: a change of it by one at `now` adds to the area of the
hour, or takes from it, what is left of the hour. `Tally.little` holds both, so that Little's law can be checked on
every run (Little 1961).

=============  =======================================================================  ==========
symbol         meaning                                                                  unit
=============  =======================================================================  ==========
c, d, s, p, k  stream, direction, station, staff, step                                  index
divert         by direction: to which, after how many hours, how often at most; by c: as c   index, h
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
again; `LAST_ENTRY` no service starts that would outlast the shift, unless at its very beginning. Of services that have
to stop, the one that began last stops first, and its truck is the first of its line. A machine that fails stops a
service only where more servers are taken than machines are left.

Quantiles come from bins of equal width in the log, relative width 0.8 % (Masson, Rim and Lee 2019, DDSketch), found in
a table by the upper bits of a time.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from birge.kernels.border_arrivals import arrival, begin_arrivals, comes, driven, enters
from birge.kernels.border_calendar import INLINED, INNER, Record, before, following, push
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
    give_back,
    has_place,
    hold,
    join,
    look_at,
    look_at_pool,
    note,
    release,
    stops,
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
from birge.kernels.border_shifts import begin_shifts, change
from birge.kernels.border_state import (
    BOOKED,
    DIVERTED,
    DONE,
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
    `fate` [direction, 9] counts arrived, left, stayed away and lost, turned away, not shown, inside or booked at the
    end, stayed away and sent on to another direction, come from another one, on the way to this one at the end.
    `lead` [direction, 3] is the sum of hours from booking to the slot, how many booked, and the longest.
    `little` [direction and station, 2] holds areas beside sums over trucks, which must agree.
    """
    at = state(net, seed, until, warmup, places, (record_from, record_to, record_size))
    added = sums(len(at.ways), len(at.stations), until)
    _events(net, at, added)
    return tally(at, added)


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
def _serve(at: State, clock: Record, it: Record, s: int) -> None:
    """Begin the services that station `s` can begin without staff, and let those come that it held elsewhere."""
    while True:
        _let_in(at, it, s)
        i = _first(at, clock, it, s)
        if i < 0:
            break
        _start(at, clock, it, s, i)


@njit(**INNER)
def _share(at: State, clock: Record) -> bool:
    """Have a member of staff begin at one of its stations: by priority, then by who came to its station first.

    Returns False where no staff can begin anything.
    """
    stations, trucks = at.stations, at.trucks
    for p in range(len(at.staff_level)):
        if nth(at.staff_busy, p) >= nth(at.staff_level, p):
            continue
        best, where = -1, -1
        for s in range(len(stations)):
            it = nth(stations, s)
            if it.staff == p:
                i = _first(at, clock, it, s)
                if i >= 0 and (best < 0 or _sooner(trucks, i, best)):
                    best, where = i, s
        if best >= 0:
            it = nth(stations, where)
            at.staff_busy[p] += 1
            _start(at, clock, it, where, best)
            look_at(clock, at.stack, it, where)
            return True
    return False


@njit(**INLINED)
def _settle(at: State, clock: Record) -> None:
    """Do all that can be done now; staff choose when all has moved that needs none."""
    staffed = False
    while True:
        while clock.top > 0:
            clock.top -= 1
            s = nth(at.stack, clock.top)
            it = nth(at.stations, s)
            it.stacked = 0
            if it.staff < 0:
                _serve(at, clock, it, s)
            else:
                staffed = True
                _let_in(at, it, s)
        if not staffed or not _share(at, clock):
            break


@njit(**INLINED)
def _sooner(trucks: Records, i: int, j: int) -> bool:
    """Return whether truck `i` is served before truck `j` where one of both can be."""
    a, b = nth(trucks, i), nth(trucks, j)
    return a.priority < b.priority or (a.priority == b.priority and a.came < b.came)


@njit(**INNER)
def _events(net: Net, at: State, added: Sums) -> None:
    """Take event after event until the end, or until something stops the run."""
    begin_arrivals(net, at)
    begin_shifts(net, at)
    clock, until = at.clock[0], at.clock[0].until
    pending, arrivals = at.calendar, at.arrivals
    count, due = pending.counts[0], arrivals.counts[0]
    while clock.status == OK:
        event = nth(pending.front, following(pending.front, pending.heap, count))
        coming = nth(arrivals.front, following(arrivals.front, arrivals.heap, due))
        now = min(event.t, coming.t)
        if now >= clock.hour_end:
            # an hour closes before what happens at its end
            while clock.hour_end <= min(now, until):
                _close_hour(clock, at.stations, at.ways, added.hours, added.station_hours, net.calendar)
        if now > until:
            break
        clock.now = now
        if before(coming, event):
            due.front -= 1
            i = arrival(net, at, clock, coming.code)
            joins, fresh = i >= 0 and enters(at, clock, i), True
        else:
            count.front -= 1
            i, what, fresh = event.code, event.what, False
            if what == DONE:
                if nth(at.trucks, i).token != event.order:
                    continue
                joins = _served(at, added, clock, i)
            elif what in (BOOKED, DIVERTED):
                fresh = comes(net, at, i) if what == BOOKED else driven(net, at, i)
                joins = fresh and enters(at, clock, i)
            else:
                joins = False
                change(net, at, what, i)
        if joins:
            _joins(net, at, clock, i, fresh)
        _settle(at, clock)
    if count.lost > 0:
        clock.status = FULL
