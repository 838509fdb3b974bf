"""Event kernel of a crossing: every truck, station by station.

State is a handful of arrays; the clock is a binary heap of (time, order, event). A truck walks the steps of its
stream; at each it joins the list of its priority, waits for a server (and a member of the shared staff, if the station
has one), is served, and moves on when the next station has a place to wait in; otherwise it stays and holds its server
(blocking after service). The ends of waiting and service are kept per truck, and apart from that as areas under the
number waiting; `Tally.little` holds both, so that Little's law can be checked on every run (Little 1961).

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
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from birge.kernels.border_random import duration, normal, truck_key, uniform

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
    "WEEK_BINS",
    "WIDTH",
    "Net",
    "Tally",
    "run",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RELIEVE, OVERLAP, SUSPEND, RESTART, LAST_ENTRY = range(5)
LIVE, NEXT_SLOT, TURNED_AWAY = range(3)
OK, FULL, DEADLOCK = range(3)
ARRIVE, DONE, SHIFT, FAIL, REPAIR, BOOKED, TICK = range(7)
WAITING, SERVED, BLOCKED, PENDING, GONE = range(5)
BINS, WIDTH, FIRST_BIN = 2048, 0.008, 1e-3
WEEK_BINS = 512
WILLING, SHOW, PUNCTUAL, STAY, VISIT, GAP = 11, 13, 15, 17, 19, 23


class Net(NamedTuple):
    """A crossing as arrays; see the table above."""

    direction: Ints
    rate: Floats
    season: Floats
    trace_first: Ints
    trace: Floats
    step_first: Ints
    step_station: Ints
    step_share: Floats
    step_kind: Ints
    step_a: Floats
    step_b: Floats
    step_c: Floats
    step_priority: Ints
    step_key: NDArray[np.uint64]
    calendar: Ints
    space: Ints
    rule: Ints
    staff: Ints
    machines: Ints
    between: Floats
    repair: Floats
    shift_first: Ints
    shift_time: Floats
    shift_level: Ints
    balk_from: Floats
    balk_scale: Floats
    slot: Floats
    quota: Ints
    willing: Floats
    late_mean: Floats
    late_sd: Floats
    no_show: Floats
    tolerance: Floats
    late_rule: Ints
    booked_priority: Ints
    horizon: Ints
    week_start: float


class Tally(NamedTuple):
    """What a run leaves behind; `hour_*` are means over each hour, [hour, station or direction]."""

    status: int
    trucks: Ints
    wait: Floats
    wait2: Floats
    dwell: Floats
    wait_bins: Ints
    dwell_bins: Ints
    week_bins: Ints
    month_wait: Floats
    month_count: Ints
    clock_wait: Floats
    clock_count: Ints
    hour_waiting: Floats
    hour_busy: Floats
    hour_blocked: Floats
    hour_level: Floats
    hour_queue: Floats
    hour_arrived: Floats
    hour_left: Floats
    station_wait: Floats
    little: Floats
    fate: Ints
    record: Floats
    recorded: int


@njit(cache=True, nogil=True)
def _push(ht: Floats, hs: Ints, hp: Ints, size: int, t: float, order: int, event: int) -> int:
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if ht[parent] < t or (ht[parent] == t and hs[parent] < order):
            break
        ht[i] = ht[parent]
        hs[i] = hs[parent]
        hp[i] = hp[parent]
        i = parent
    ht[i] = t
    hs[i] = order
    hp[i] = event
    return size + 1


@njit(cache=True, nogil=True)
def _pop(ht: Floats, hs: Ints, hp: Ints, size: int) -> int:
    size -= 1
    t, order, event = ht[size], hs[size], hp[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (ht[right] < ht[child] or (ht[right] == ht[child] and hs[right] < hs[child])):
            child = right
        if t < ht[child] or (t == ht[child] and order < hs[child]):
            break
        ht[i] = ht[child]
        hs[i] = hs[child]
        hp[i] = hp[child]
        i = child
    ht[i] = t
    hs[i] = order
    hp[i] = event
    return size


@njit(cache=True, nogil=True)
def _next_arrival(rate: Floats, season: Floats, week_start: float, t: float, gap: float, until: float) -> float:
    """Return the time at which the integral of the rate since `t` reaches `gap`."""
    hour = float(math.floor(t))
    while t < until:
        r = rate[int(hour + week_start) % 168] * season[int(hour // 24) % len(season)]
        if r * (hour + 1.0 - t) >= gap:
            return t + gap / r
        gap -= r * (hour + 1.0 - t)
        hour += 1.0
        t = hour
    return np.inf


@njit(cache=True, nogil=True)
def _bin(x: float) -> int:
    if x <= FIRST_BIN:
        return 0
    return min(BINS - 1, 1 + int(math.log(x / FIRST_BIN) / WIDTH))


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _stuck(
    most: Ints,
    busy: Ints,
    held: Ints,
    waiting: Ints,
    space: Ints,
    state: Ints,
    at: Ints,
    target: Ints,
    ok: NDArray[np.bool_],
) -> bool:
    """Return whether some stations wait for each other for ever: none of their servers can ever be free again.

    `most` is the servers of the largest shift: where it is not at work, a later shift or a repair lets trucks go on.
    """
    stations = len(space)
    for s in range(stations):
        ok[s] = space[s] < 0 or waiting[s] < space[s] or held[s] < max(busy[s], 1) or busy[s] < most[s]
    changed = True
    while changed:
        changed = False
        for i in range(len(state)):
            if state[i] == BLOCKED and not ok[at[i]] and ok[target[i]]:
                ok[at[i]] = True
                changed = True
    return not ok.all()


@njit(cache=True, nogil=True)
def _settle(
    s: int, now: float, last: Floats, count: tuple[Ints, Ints, Ints, Ints], area: tuple[Floats, Floats, Floats, Floats]
) -> None:
    """Add what stood at station `s` since it was last settled to its areas: waiting, serving, held, level."""
    dt = now - last[s]
    area[0][s] += count[0][s] * dt
    area[1][s] += count[1][s] * dt
    area[2][s] += count[2][s] * dt
    area[3][s] += count[3][s] * dt
    last[s] = now


@njit(cache=True, nogil=True)
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
    streams, stations = len(net.direction), len(net.space)
    staffs = len(net.shift_first) - 1 - stations
    directions = len(net.balk_from)
    priorities = max(net.step_priority.max(), net.booked_priority.max()) + 1
    hours, weeks = math.ceil(until), math.ceil(until / 168.0)
    useed = np.uint64(seed)

    ht, hs, hp = (
        np.empty(2 * places + 64 + streams),
        np.empty(2 * places + 64 + streams, np.int64),
        np.empty(2 * places + 64 + streams, np.int64),
    )
    size, order = 0, 0
    number, trace_at = np.zeros(streams, np.int64), net.trace_first[:-1].copy()

    stream, step = np.zeros(places, np.int64), np.zeros(places, np.int64)
    key = np.zeros(places, np.uint64)
    arrived, since, wait, began, ends, left_over = (
        np.zeros(places),
        np.zeros(places),
        np.zeros(places),
        np.zeros(places),
        np.zeros(places),
        np.zeros(places),
    )
    link, state, at, target, token = (
        np.full(places, -1),
        np.full(places, GONE),
        np.zeros(places, np.int64),
        np.zeros(places, np.int64),
        np.zeros(places, np.int64),
    )
    priority, booked, carried = np.zeros(places, np.int64), np.full(places, -1.0), np.zeros(places, np.bool_)
    name, fresh = np.zeros(places, np.int64), np.zeros(places, np.bool_)
    free, free_count = np.arange(places)[::-1].copy(), places

    level, busy, held, waiting, blocked = (
        np.zeros(stations, np.int64),
        np.zeros(stations, np.int64),
        np.zeros(stations, np.int64),
        np.zeros(stations, np.int64),
        np.zeros(stations, np.int64),
    )
    serving = np.zeros(stations, np.int64)
    up, boundary, shift_began = net.machines.copy(), np.full(stations, np.inf), np.zeros(stations)
    head, tail = np.full((stations, priorities), -1), np.full((stations, priorities), -1)
    block_head, block_tail = np.full(stations, -1), np.full(stations, -1)
    staff_level, staff_busy = np.zeros(max(staffs, 1), np.int64), np.zeros(max(staffs, 1), np.int64)
    shift_at, shift_week = np.zeros(stations + staffs, np.int64), np.zeros(stations + staffs, np.int64)
    fails = np.zeros(stations, np.int64)
    stack, on_stack, top = np.zeros(stations + 1, np.int64), np.zeros(stations, np.bool_), 0
    ok = np.zeros(stations, np.bool_)

    ring = 1
    for d in range(directions):
        ring = max(ring, net.horizon[d] + 1)
    slot_id, slot_taken = np.full((directions, ring), -1), np.zeros((directions, ring), np.int64)

    count, total_wait, total_wait2, total_dwell = (
        np.zeros(streams, np.int64),
        np.zeros(streams),
        np.zeros(streams),
        np.zeros(streams),
    )
    wait_bins, dwell_bins = np.zeros((directions, BINS), np.int64), np.zeros((directions, BINS), np.int64)
    week_bins = np.zeros((directions, weeks, WEEK_BINS), np.int64)
    month_wait, month_count = np.zeros((directions, 12)), np.zeros((directions, 12), np.int64)
    clock_wait, clock_count = np.zeros((directions, 24)), np.zeros((directions, 24), np.int64)
    hour_waiting, hour_busy, hour_blocked, hour_level = (
        np.zeros((hours, stations)),
        np.zeros((hours, stations)),
        np.zeros((hours, stations)),
        np.zeros((hours, stations)),
    )
    hour_queue, hour_arrived, hour_left = (
        np.zeros((hours, directions)),
        np.zeros((hours, directions)),
        np.zeros((hours, directions)),
    )
    area_wait, area_busy, area_held, area_level, last = (
        np.zeros(stations),
        np.zeros(stations),
        np.zeros(stations),
        np.zeros(stations),
        np.zeros(stations),
    )
    counts, areas = (waiting, serving, held, level), (area_wait, area_busy, area_held, area_level)
    inside, queue, area_inside, area_queue, last_dir = (
        np.zeros(directions, np.int64),
        np.zeros(directions, np.int64),
        np.zeros(directions),
        np.zeros(directions),
        np.zeros(directions),
    )
    unstarted = np.zeros(directions, np.int64)
    station_wait = np.zeros((stations, 2))
    little = np.zeros((directions + stations, 2))
    fate = np.zeros((directions, 6), np.int64)
    record, recorded = np.empty((record_size, 4)), 0
    next_name = 0
    status = OK

    for c in range(streams):
        if trace_at[c] < net.trace_first[c + 1]:
            size = _push(ht, hs, hp, size, net.trace[trace_at[c]], order, ARRIVE << 32 | c)
            order += 1
        elif net.rate[c].max() > 0.0:
            gap = -math.log(uniform(truck_key(useed, c, 0), np.uint64(GAP)))
            first = _next_arrival(net.rate[c], net.season[c], net.week_start, 0.0, gap, until)
            size = _push(ht, hs, hp, size, first, order, ARRIVE << 32 | c)
            order += 1
    for q in range(stations + staffs):
        lo, hi = net.shift_first[q], net.shift_first[q + 1]
        j = lo
        while j < hi and net.shift_time[j] <= net.week_start:
            j += 1
        now_level = net.shift_level[j - 1] if j > lo else net.shift_level[hi - 1]
        if q < stations:
            level[q] = min(now_level, up[q])
            shift_began[q] = -1.0
        else:
            staff_level[q - stations] = now_level
        shift_at[q] = j
        if hi - lo > 1 or (q < stations and net.rule[q] in (OVERLAP, LAST_ENTRY)):
            if j == hi:
                shift_at[q] = lo
                shift_week[q] = 1
            t = net.shift_time[shift_at[q]] + 168.0 * shift_week[q] - net.week_start
            if q < stations:
                boundary[q] = t
            size = _push(ht, hs, hp, size, t, order, SHIFT << 32 | q)
            order += 1
    roster = level.copy()
    for s in range(stations):
        roster[s] = (
            net.shift_level[shift_at[s] - 1]
            if shift_at[s] > net.shift_first[s]
            else net.shift_level[net.shift_first[s + 1] - 1]
        )
        level[s] = min(roster[s], up[s])
        if net.between[s] > 0.0:
            for _m in range(net.machines[s]):
                t = -net.between[s] * math.log(uniform(truck_key(useed, -2 - s, fails[s]), np.uint64(1)))
                fails[s] += 1
                size = _push(ht, hs, hp, size, t, order, FAIL << 32 | s)
                order += 1
    size = _push(ht, hs, hp, size, 1.0, order, TICK << 32)
    order += 1
    hour = 0
    block = net.calendar[0] * len(net.step_station)

    while size > 0:
        now = ht[0]
        if now > until:
            break
        event, code = hp[0] >> 32, hp[0] & 0xFFFFFFFF
        ticket = hs[0]
        size = _pop(ht, hs, hp, size)
        join, leaver = -1, -1

        if event == DONE:
            i = code
            if token[i] != ticket:
                continue
            s = at[i]
            _settle(s, now, last, counts, areas)
            serving[s] -= 1
            p = net.staff[s]
            if p >= 0:
                staff_busy[p] -= 1
            c = stream[i]
            k = step[i] + 1
            stop = net.step_first[c + 1]
            while (
                k < stop
                and net.step_share[k + block] < 1.0
                and uniform(key[i], net.step_key[k] + np.uint64(VISIT)) >= net.step_share[k + block]
            ):
                k += 1
            if recorded < record_size and record_from <= now < record_to:
                record[recorded, 0], record[recorded, 1], record[recorded, 2], record[recorded, 3] = now, name[i], s, 2
                recorded += 1
            if k == stop:
                leaver = i
            else:
                b = net.step_station[k]
                step[i] = k
                if (
                    net.space[b] < 0
                    or waiting[b] < net.space[b]
                    or (waiting[b] == 0 and blocked[b] == 0 and busy[b] < level[b])
                ):
                    join = i
                else:
                    state[i] = BLOCKED
                    target[i] = b
                    since[i] = now
                    link[i] = -1
                    if block_tail[b] >= 0:
                        link[block_tail[b]] = i
                    else:
                        block_head[b] = i
                    block_tail[b] = i
                    blocked[b] += 1
                    held[s] += 1
                    if (
                        held[s] >= level[s]
                        and held[b] >= max(busy[b], 1)
                        and _stuck(net.machines, busy, held, waiting, net.space, state, at, target, ok)
                    ):
                        status = DEADLOCK
                        break
            if leaver >= 0 or join >= 0:
                if carried[i]:
                    carried[i] = False
                else:
                    busy[s] -= 1
            if p < 0 and not on_stack[s]:
                on_stack[s] = True
                stack[top] = s
                top += 1
            if p >= 0:
                for o in range(stations - 1, -1, -1):
                    if net.staff[o] == p and not on_stack[o]:
                        on_stack[o] = True
                        stack[top] = o
                        top += 1

        elif event == ARRIVE:
            c = code
            d = net.direction[c]
            n = number[c]
            number[c] = n + 1
            truck = truck_key(useed, c, n)
            if net.trace_first[c] < net.trace_first[c + 1]:
                trace_at[c] += 1
                t = net.trace[trace_at[c]] if trace_at[c] < net.trace_first[c + 1] else np.inf
            else:
                gap = -math.log(uniform(truck_key(useed, c, n + 1), np.uint64(GAP)))
                t = _next_arrival(net.rate[c], net.season[c], net.week_start, now, gap, until)
            if t <= until:
                size = _push(ht, hs, hp, size, t, order, ARRIVE << 32 | c)
                order += 1
            fate[d, 0] += 1
            slot = -1
            if net.slot[d] > 0.0 and uniform(truck, np.uint64(WILLING)) < net.willing[d]:
                slot = _book(slot_id[d], slot_taken[d], math.ceil(now / net.slot[d]), net.horizon[d], net.quota[d])
            if slot >= 0 and uniform(truck, np.uint64(SHOW)) < net.no_show[d]:
                fate[d, 4] += 1
                continue
            if (
                slot < 0
                and unstarted[d] > net.balk_from[d]
                and uniform(truck, np.uint64(STAY)) >= math.exp(-(unstarted[d] - net.balk_from[d]) / net.balk_scale[d])
            ):
                fate[d, 2] += 1
                continue
            if free_count == 0:
                status = FULL
                break
            free_count -= 1
            i = free[free_count]
            stream[i], key[i], step[i] = c, truck, net.step_first[c]
            name[i] = next_name
            next_name += 1
            wait[i], left_over[i], carried[i], booked[i] = 0.0, -1.0, False, -1.0
            if slot >= 0:
                booked[i] = slot * net.slot[d]
                come = booked[i] + net.late_mean[d] + net.late_sd[d] * normal(truck, np.uint64(PUNCTUAL))
                state[i] = PENDING
                size = _push(ht, hs, hp, size, max(now, come), order, BOOKED << 32 | i)
                order += 1
                continue
            join = i

        elif event == BOOKED:
            i = code
            d = net.direction[stream[i]]
            if now > booked[i] + net.slot[d] + net.tolerance[d]:
                if net.late_rule[d] == TURNED_AWAY:
                    fate[d, 3] += 1
                    state[i] = GONE
                    free[free_count] = i
                    free_count += 1
                    continue
                slot = -1
                if net.late_rule[d] == NEXT_SLOT:
                    slot = _book(slot_id[d], slot_taken[d], math.ceil(now / net.slot[d]), net.horizon[d], net.quota[d])
                if slot >= 0:
                    booked[i] = slot * net.slot[d]
                    size = _push(ht, hs, hp, size, booked[i], order, BOOKED << 32 | i)
                    order += 1
                    continue
                booked[i] = -1.0
            join = i

        elif event == TICK:
            for s in range(stations):
                dt = now - last[s]
                hour_waiting[hour, s] = area_wait[s] + waiting[s] * dt
                hour_busy[hour, s] = area_busy[s] + serving[s] * dt
                hour_blocked[hour, s] = area_held[s] + held[s] * dt
                hour_level[hour, s] = area_level[s] + level[s] * dt
                little[directions + s, 0] += hour_waiting[hour, s]
                area_wait[s] = area_busy[s] = area_held[s] = area_level[s] = 0.0
                last[s] = now
            for d in range(directions):
                dt = now - last_dir[d]
                hour_queue[hour, d] = area_queue[d] + queue[d] * dt
                little[d, 0] += area_inside[d] + inside[d] * dt
                area_queue[d] = area_inside[d] = 0.0
                last_dir[d] = now
            hour += 1
            block = net.calendar[min(hour // 24, len(net.calendar) - 1)] * len(net.step_station)
            if hour < hours:
                size = _push(ht, hs, hp, size, hour + 1.0, order, TICK << 32)
                order += 1
            continue

        else:
            s, cut = code, False
            if event == SHIFT:
                q = code
                lo, hi = net.shift_first[q], net.shift_first[q + 1]
                new = net.shift_level[shift_at[q]]
                shift_at[q] += 1
                if shift_at[q] == hi:
                    shift_at[q] = lo
                    shift_week[q] += 1
                t = net.shift_time[shift_at[q]] + 168.0 * shift_week[q] - net.week_start
                size = _push(ht, hs, hp, size, t, order, SHIFT << 32 | q)
                order += 1
                if q >= stations:
                    staff_level[q - stations] = new
                    for o in range(stations - 1, -1, -1):
                        if net.staff[o] == q - stations and not on_stack[o]:
                            on_stack[o] = True
                            stack[top] = o
                            top += 1
                    s = -1
                else:
                    roster[s] = new
                    boundary[s] = t
                    shift_began[s] = now
                    cut = net.rule[s] in (SUSPEND, RESTART)
            elif event == FAIL:
                up[s] -= 1
                t = now - net.repair[s] * math.log(uniform(truck_key(useed, -2 - s, fails[s]), np.uint64(2)))
                fails[s] += 1
                size = _push(ht, hs, hp, size, t, order, REPAIR << 32 | s)
                order += 1
                cut = True
            else:
                up[s] += 1
                t = now - net.between[s] * math.log(uniform(truck_key(useed, -2 - s, fails[s]), np.uint64(1)))
                fails[s] += 1
                size = _push(ht, hs, hp, size, t, order, FAIL << 32 | s)
                order += 1
            if s >= 0:
                _settle(s, now, last, counts, areas)
                level[s] = min(roster[s], up[s])
                if event == SHIFT and net.rule[s] == OVERLAP:
                    for i in range(places):
                        if at[i] == s and (state[i] == SERVED or state[i] == BLOCKED):
                            carried[i] = True
                    busy[s] = 0
                while cut and busy[s] > level[s]:
                    chosen = -1
                    for i in range(places):
                        if (
                            state[i] == SERVED
                            and at[i] == s
                            and not carried[i]
                            and (chosen < 0 or began[i] > began[chosen])
                        ):
                            chosen = i
                    if chosen < 0:
                        break
                    i = chosen
                    token[i] = -1
                    state[i] = WAITING
                    left_over[i] = ends[i] - now
                    if event == SHIFT and net.rule[s] == RESTART:
                        left_over[i] = -1.0
                    since[i] = now
                    busy[s] -= 1
                    serving[s] -= 1
                    if net.staff[s] >= 0:
                        staff_busy[net.staff[s]] -= 1
                        for o in range(stations - 1, -1, -1):
                            if net.staff[o] == net.staff[s] and not on_stack[o]:
                                on_stack[o] = True
                                stack[top] = o
                                top += 1
                    link[i] = head[s, priority[i]]
                    head[s, priority[i]] = i
                    if tail[s, priority[i]] < 0:
                        tail[s, priority[i]] = i
                    waiting[s] += 1
                    d = net.direction[stream[i]]
                    area_queue[d] += queue[d] * (now - last_dir[d])
                    area_inside[d] += inside[d] * (now - last_dir[d])
                    last_dir[d] = now
                    queue[d] += 1
                if not on_stack[s]:
                    on_stack[s] = True
                    stack[top] = s
                    top += 1

        if leaver >= 0:
            i = leaver
            c = stream[i]
            d = net.direction[c]
            dt = now - last_dir[d]
            area_inside[d] += inside[d] * dt
            area_queue[d] += queue[d] * dt
            last_dir[d] = now
            inside[d] -= 1
            fate[d, 1] += 1
            hour_left[min(int(now), hours - 1), d] += 1.0
            stay = now - arrived[i]
            little[d, 1] += stay
            if arrived[i] >= warmup:
                count[c] += 1
                total_wait[c] += wait[i]
                total_wait2[c] += wait[i] * wait[i]
                total_dwell[c] += stay
                where = _bin(wait[i])
                wait_bins[d, where] += 1
                week_bins[d, int(arrived[i] / 168.0), where * WEEK_BINS // BINS] += 1
                dwell_bins[d, _bin(stay)] += 1
                month = min(11, int(((arrived[i] - warmup) / 24.0 % 365.0) / 30.42))
                month_wait[d, month] += wait[i]
                month_count[d, month] += 1
                clock = int((arrived[i] + net.week_start) % 24.0)
                clock_wait[d, clock] += wait[i]
                clock_count[d, clock] += 1
            state[i] = GONE
            if recorded < record_size and record_from <= now < record_to:
                record[recorded, 0], record[recorded, 1], record[recorded, 2], record[recorded, 3] = now, name[i], -1, 3
                recorded += 1
            free[free_count] = i
            free_count += 1

        elif join >= 0:
            i = join
            c = stream[i]
            d = net.direction[c]
            k = step[i]
            dt = now - last_dir[d]
            area_inside[d] += inside[d] * dt
            area_queue[d] += queue[d] * dt
            last_dir[d] = now
            if event != DONE:
                b = net.step_station[k]
                if (
                    net.space[b] >= 0
                    and waiting[b] >= net.space[b]
                    and not (waiting[b] == 0 and blocked[b] == 0 and busy[b] < level[b])
                ):
                    fate[d, 3] += 1
                    state[i] = GONE
                    free[free_count] = i
                    free_count += 1
                    continue
                while (
                    k < net.step_first[c + 1] - 1
                    and net.step_share[k + block] < 1.0
                    and uniform(key[i], net.step_key[k] + np.uint64(VISIT)) >= net.step_share[k + block]
                ):
                    k += 1
                step[i] = k
                inside[d] += 1
                unstarted[d] += 1
                fresh[i] = True
                arrived[i] = now
                hour_arrived[min(int(now), hours - 1), d] += 1.0
            s = net.step_station[k]
            at[i] = s
            pr = net.step_priority[k]
            if booked[i] >= 0.0 and event != DONE:
                pr = net.booked_priority[d]
            priority[i] = pr
            state[i] = WAITING
            since[i] = now
            queue[d] += 1
            _settle(s, now, last, counts, areas)
            waiting[s] += 1
            link[i] = -1
            if tail[s, pr] >= 0:
                link[tail[s, pr]] = i
            else:
                head[s, pr] = i
            tail[s, pr] = i
            if recorded < record_size and record_from <= now < record_to:
                record[recorded, 0], record[recorded, 1], record[recorded, 2], record[recorded, 3] = now, name[i], s, 0
                recorded += 1
            if not on_stack[s]:
                on_stack[s] = True
                stack[top] = s
                top += 1

        while top > 0:
            top -= 1
            s = stack[top]
            on_stack[s] = False
            _settle(s, now, last, counts, areas)
            p = net.staff[s]
            while True:
                while blocked[s] > 0 and (waiting[s] < net.space[s] or (waiting[s] == 0 and busy[s] < level[s])):
                    i = block_head[s]
                    block_head[s] = link[i]
                    if block_head[s] < 0:
                        block_tail[s] = -1
                    blocked[s] -= 1
                    a = at[i]
                    if a != s:
                        _settle(a, now, last, counts, areas)
                    held[a] -= 1
                    if carried[i]:
                        carried[i] = False
                    else:
                        busy[a] -= 1
                    wait[i] += now - since[i]
                    d = net.direction[stream[i]]
                    area_inside[d] += inside[d] * (now - last_dir[d])
                    area_queue[d] += queue[d] * (now - last_dir[d])
                    last_dir[d] = now
                    queue[d] += 1
                    at[i] = s
                    pr = net.step_priority[step[i]]
                    priority[i] = pr
                    state[i] = WAITING
                    since[i] = now
                    waiting[s] += 1
                    link[i] = -1
                    if tail[s, pr] >= 0:
                        link[tail[s, pr]] = i
                    else:
                        head[s, pr] = i
                    tail[s, pr] = i
                    if recorded < record_size and record_from <= now < record_to:
                        record[recorded, 0], record[recorded, 1], record[recorded, 2], record[recorded, 3] = (
                            now,
                            name[i],
                            s,
                            0,
                        )
                        recorded += 1
                    if not on_stack[a] and a != s:
                        on_stack[a] = True
                        stack[top] = a
                        top += 1
                if waiting[s] == 0 or busy[s] >= level[s]:
                    break
                if p >= 0 and staff_busy[p] >= staff_level[p]:
                    break
                pr = 0
                while head[s, pr] < 0:
                    pr += 1
                i = head[s, pr]
                k = step[i]
                service = left_over[i]
                if service < 0.0:
                    j = k + block
                    service = duration(
                        net.step_kind[j], net.step_a[j], net.step_b[j], net.step_c[j], key[i], net.step_key[k]
                    )
                if net.rule[s] == LAST_ENTRY and now + service > boundary[s] and now > shift_began[s]:
                    break
                head[s, pr] = link[i]
                if link[i] < 0:
                    tail[s, pr] = -1
                left_over[i] = -1.0
                waiting[s] -= 1
                busy[s] += 1
                serving[s] += 1
                if p >= 0:
                    staff_busy[p] += 1
                waited = now - since[i]
                wait[i] += waited
                little[directions + s, 1] += waited
                if arrived[i] >= warmup:
                    station_wait[s, 0] += waited
                    station_wait[s, 1] += 1.0
                d = net.direction[stream[i]]
                area_inside[d] += inside[d] * (now - last_dir[d])
                area_queue[d] += queue[d] * (now - last_dir[d])
                last_dir[d] = now
                queue[d] -= 1
                if fresh[i]:
                    fresh[i] = False
                    unstarted[d] -= 1
                state[i] = SERVED
                began[i] = now
                ends[i] = now + service
                token[i] = order
                size = _push(ht, hs, hp, size, now + service, order, DONE << 32 | i)
                order += 1
                if recorded < record_size and record_from <= now < record_to:
                    record[recorded, 0], record[recorded, 1], record[recorded, 2], record[recorded, 3] = (
                        now,
                        name[i],
                        s,
                        1,
                    )
                    recorded += 1

    for i in range(places):
        if state[i] == PENDING:
            fate[net.direction[stream[i]], 5] += 1
        if state[i] == WAITING or state[i] == SERVED or state[i] == BLOCKED:
            d = net.direction[stream[i]]
            fate[d, 5] += 1
            little[d, 1] += until - arrived[i]
            if state[i] == WAITING:
                little[directions + at[i], 1] += until - since[i]
    return Tally(
        status,
        count,
        total_wait,
        total_wait2,
        total_dwell,
        wait_bins,
        dwell_bins,
        week_bins,
        month_wait,
        month_count,
        clock_wait,
        clock_count,
        hour_waiting,
        hour_busy,
        hour_blocked,
        hour_level,
        hour_queue,
        hour_arrived,
        hour_left,
        station_wait,
        little,
        fate,
        record,
        recorded,
    )
