"""What changes the servers of a station: shifts, breakdowns, repairs; `border_queue` names the hand-over rules."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from birge.kernels.border_calendar import INNER, drop, later
from birge.kernels.border_moves import LEFT_OVER, look_at, look_at_pool
from birge.kernels.border_net import LAST_ENTRY, OVERLAP, RESTART, SUSPEND, Net
from birge.kernels.border_random import truck_key, uniform
from birge.kernels.border_state import BLOCKED, DONE, FAIL, REPAIR, SERVED, SHIFT, STOPPED, WAITING, State

__all__ = ["begin_shifts", "change"]


@njit(**INNER)
def _fail_later(net: Net, state: State, s: int) -> None:
    """Enter the next failure of a machine of station `s` that works."""
    clock, it = state.clock[0], state.stations[s]
    t = clock.now - net.between[s] * math.log(uniform(truck_key(clock.seed, -2 - s, it.fails), np.uint64(1)))
    it.fails += 1
    later(state.calendar, t, FAIL, s)


@njit(**INNER)
def begin_shifts(net: Net, state: State) -> None:
    """Set the first shift of each station and pool, and enter the next ones and the first failures."""
    stations, calendar = state.stations, state.calendar
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
                _fail_later(net, state, s)


@njit(**INNER)
def _stop_service(state: State, s: int, restart: bool) -> bool:
    """Send the truck whose service at `s` began last back to the head of its line; False if there is none."""
    clock, trucks, it = state.clock[0], state.trucks, state.stations[s]
    rest = clock.hour_end - clock.now
    chosen = -1
    for i in range(clock.used):
        t = trucks[i]
        # tickets tell in which order services began that began at the same time
        if t.state == SERVED and t.at == s and not t.carried and (chosen < 0 or t.token > trucks[chosen].token):
            chosen = i
    if chosen < 0:
        return False
    truck = trucks[chosen]
    truck.token = -1
    # its end stays in the calendar, named by no truck, until so many stand there that they are taken out
    clock.stopped += 1
    if clock.stopped == len(trucks) + STOPPED:
        drop(state.calendar, DONE, trucks)
        clock.stopped = 0
    truck.state, truck.again = WAITING, 1
    truck.service = truck.ends - clock.now
    truck.drawn = -1 if restart else LEFT_OVER
    truck.since = clock.now
    it.busy -= 1
    it.serving -= 1
    it.area_serving -= rest
    if it.staff >= 0:
        state.staff_busy[it.staff] -= 1
        look_at_pool(clock, state.stack, state.stations, it.staff)
    line = state.lines[s * clock.priorities + truck.priority]
    truck.link = line.head
    line.head = chosen
    if line.tail < 0:
        line.tail = chosen
    it.waiting += 1
    it.area_waiting += rest
    way = state.ways[truck.way]
    way.queue += 1
    way.area_queue += rest
    return True


@njit(**INNER)
def change(net: Net, state: State, event: int, code: int) -> None:
    """Change the servers of a station or the people of a pool: a shift begins, a machine fails or is repaired."""
    clock, stations = state.clock[0], state.stations
    s, cut = code, False
    if event == SHIFT:
        q = code
        lo, hi = net.shift_first[q], net.shift_first[q + 1]
        new = net.shift_level[state.shift_at[q]]
        state.shift_at[q] += 1
        if state.shift_at[q] == hi:
            state.shift_at[q] = lo
            state.shift_week[q] += 1
        t = net.shift_time[state.shift_at[q]] + 168.0 * state.shift_week[q] - net.week_start
        later(state.calendar, t, SHIFT, q)
        if q >= len(stations):
            state.staff_level[q - len(stations)] = new
            look_at_pool(clock, state.stack, stations, q - len(stations))
            return
        stations[s].roster, stations[s].boundary, stations[s].shift_began = new, t, clock.now
        cut = stations[s].rule in (SUSPEND, RESTART)
    elif event == FAIL:
        stations[s].up -= 1
        key = truck_key(clock.seed, -2 - s, stations[s].fails)
        stations[s].fails += 1
        later(state.calendar, clock.now - net.repair[s] * math.log(uniform(key, np.uint64(2))), REPAIR, s)
    else:
        stations[s].up += 1
        _fail_later(net, state, s)
    it = stations[s]
    level = min(it.roster, it.up)
    it.area_level += (level - it.level) * (clock.hour_end - clock.now)
    it.level = level
    if event == SHIFT and it.rule == OVERLAP:
        for i in range(clock.used):
            truck = state.trucks[i]
            if truck.at == s and (truck.state in (SERVED, BLOCKED)):
                truck.carried = 1
        it.busy = 0
    # a machine that fails stops the service it was at, not those that the roster lets finish
    most = it.up if event == FAIL else it.level
    while (cut or event == FAIL) and it.busy > most and _stop_service(state, s, cut and it.rule == RESTART):
        pass
    look_at(clock, state.stack, it, s)
