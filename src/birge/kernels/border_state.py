"""State of the event kernel: one record for each truck, station, direction, stream and step.

What an event reads of a truck or a station stands together, so it costs one or two lines of the processor's cache.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from birge.kernels.border_calendar import INLINED, Calendar, Record, calendar
from birge.kernels.border_net import BINS, OK, WEEK_BINS, Net, Tally

__all__ = [
    "ARRIVE",
    "BLOCKED",
    "BOOKED",
    "DIVERTED",
    "DONE",
    "DRIVING",
    "FAIL",
    "GONE",
    "PENDING",
    "REPAIR",
    "SERVED",
    "SHIFT",
    "STOPPED",
    "WAITING",
    "Floats",
    "Ints",
    "Records",
    "State",
    "Sums",
    "nth",
    "state",
    "sums",
    "tally",
]

Records = NDArray[Any]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WAITING, SERVED, BLOCKED, PENDING, GONE, DRIVING = range(6)
ARRIVE, DONE, SHIFT, FAIL, REPAIR, BOOKED, DIVERTED = range(7)
STOPPED = 64
"""Services that may be stopped, beside one a truck, before their ends are taken out of the calendar."""


def _fields(f8: str = "", i8: str = "", u8: str = "", i4: str = "", i1: str = "") -> np.dtype[Any]:
    """Return a record of fields by type; its size is a power of two, so a place is found by a shift."""
    kinds = {"f8": f8, "i8": i8, "u8": u8, "i4": i4, "i1": i1}
    names = [name for held in kinds.values() for name in held.split()]
    formats = [kind for kind, held in kinds.items() for _ in held.split()]
    offsets, size = [0], 0
    for kind in formats:
        size += int(kind[1])
        offsets.append(size)
    whole = 1 << (size - 1).bit_length()
    return np.dtype({"names": names, "formats": formats, "offsets": offsets[:-1], "itemsize": whole})


TRUCK = _fields(
    f8="arrived since came wait ends service booked",
    i8="token name",
    u8="key",
    i4="link stream way step at target priority drawn hour week drives",
    i1="state carried fresh again",
)
STATION = _fields(
    f8="area_waiting area_serving area_held area_level waits counted_wait boundary shift_began waiting_hours",
    i8="level busy held waiting blocked serving space rule staff stacked block_head block_tail up most roster fails"
    " counted",
)
LINE = _fields(i4="head tail")
WAY = _fields(
    f8="area_inside area_queue inside_hours stays balk_from balk_scale slot lead lead_most",
    i8="inside queue unstarted arrived left away turned missed booked came went to diverted taken",
)
HOUR = _fields(f8="queue wait", i4="arrived left count")
STATION_HOUR = _fields(f8="waiting busy blocked level")
STREAM = _fields(
    f8="rate gap ahead chance hour_end wait wait2 dwell",
    i8="way first stop number trace_at trace_stop count",
    u8="base key after beyond far",
)
STEP = _fields(f8="share a b c", u8="key", i4="station kind priority")
CLOCK = _fields(
    f8="now hour_end until warmup week_start record_from record_to",
    i8="status hour block steps free used top named recorded priorities stopped week last",
    u8="seed",
)


@njit(**INLINED)
def nth(records: Records, i: int) -> Record:
    """Return record `i`, which is never counted from the end: a signed index costs a test each time."""
    return records[np.uint64(i)]


class State(NamedTuple):
    """All that a run moves; `clock` has one record, `lines` is [station · priorities + priority]."""

    clock: Records
    trucks: Records
    stations: Records
    lines: Records
    ways: Records
    streams: Records
    steps: Records
    calendar: Calendar
    arrivals: Calendar
    free: Ints
    stack: Ints
    ok: NDArray[np.bool_]
    staff_level: Ints
    staff_busy: Ints
    shift_at: Ints
    shift_week: Ints
    slot_id: Ints
    slot_taken: Ints
    record: Floats


def state(net: Net, seed: int, until: float, warmup: float, places: int, record: tuple[float, float, int]) -> State:
    """Return the state before the first event: nobody there, nothing entered."""
    streams, stations, directions = len(net.direction), len(net.space), len(net.balk_from)
    staffs = len(net.shift_first) - 1 - stations
    priorities = int(max(net.step_priority.max(), net.booked_priority.max())) + 1
    ring = max(1, int(net.horizon.max()) + 1)
    # an event for each truck, roster and machine, beside those of services that were stopped (`border_shifts`)
    most = 2 * places + STOPPED + stations + staffs + int(net.machines.sum())
    made = State(
        clock=np.zeros(1, CLOCK),
        trucks=np.zeros(places, TRUCK),
        stations=np.zeros(stations, STATION),
        lines=np.full(stations * priorities, np.array((-1, -1), LINE)),
        ways=np.zeros(directions, WAY),
        streams=np.zeros(streams, STREAM),
        steps=np.zeros(len(net.step_share), STEP),
        calendar=calendar(most),
        arrivals=calendar(streams),
        free=np.arange(places)[::-1].copy(),
        stack=np.zeros(stations + 1, np.int64),
        ok=np.zeros(stations, np.bool_),
        staff_level=np.zeros(max(staffs, 1), np.int64),
        staff_busy=np.zeros(max(staffs, 1), np.int64),
        shift_at=np.zeros(stations + staffs, np.int64),
        shift_week=np.zeros(stations + staffs, np.int64),
        slot_id=np.full((directions, ring), -1),
        slot_taken=np.zeros((directions, ring), np.int64),
        record=np.empty((record[2], 4)),
    )
    steps = len(net.step_station)
    clock = {
        "until": until,
        "warmup": warmup,
        "week_start": net.week_start,
        "hour_end": 1.0,
        "seed": seed,
        "status": OK,
        "last": math.ceil(until) - 1,
    }
    clock |= {"record_from": record[0], "record_to": record[1], "free": places, "priorities": priorities}
    _fill(made.clock, **clock, steps=steps, block=net.calendar[0] * steps)
    _fill(made.trucks, state=GONE)
    _fill(made.stations, space=net.space, rule=net.rule, staff=net.staff, up=net.machines, most=net.machines)
    _fill(made.stations, block_head=-1, block_tail=-1, boundary=np.inf, shift_began=-1.0)
    _fill(made.ways, balk_from=net.balk_from, balk_scale=net.balk_scale, slot=net.slot, to=net.divert_to)
    _fill(made.streams, way=net.direction, first=net.step_first[:-1], stop=net.step_first[1:], number=-1)
    _fill(made.streams, trace_at=net.trace_first[:-1], trace_stop=net.trace_first[1:])
    at = np.arange(len(made.steps)) % steps
    _fill(made.steps, share=net.step_share, kind=net.step_kind, a=net.step_a, b=net.step_b, c=net.step_c)
    _fill(made.steps, station=net.step_station[at], priority=net.step_priority[at], key=net.step_key[at])
    return made


def _fill(records: Records, **fields: object) -> None:
    for name, values in fields.items():
        records[name] = values


class Sums(NamedTuple):
    """What a run adds to, apart from what stands in the records; shapes as in `Tally`."""

    wait_bins: Ints
    dwell_bins: Ints
    week_bins: NDArray[np.int32]
    hours: Records
    station_hours: Records


def sums(directions: int, stations: int, until: float) -> Sums:
    """Return sums of nothing."""
    hours, weeks = math.ceil(until), math.ceil(until / 168.0)
    return Sums(
        np.zeros((directions, BINS), np.int64),
        np.zeros((directions, BINS), np.int64),
        np.zeros((directions, weeks, WEEK_BINS), np.int32),
        np.zeros((hours, directions), HOUR),
        np.zeros((hours, stations), STATION_HOUR),
    )


def tally(at: State, added: Sums) -> Tally:
    """Return what a run leaves behind."""
    clock, trucks, stations, ways, streams = at.clock[0], at.trucks, at.stations, at.ways, at.streams
    directions, hours = len(ways), added.hours
    # what came and went in an hour that the end cut short
    for name, rest in (("arrived", "came"), ("left", "went")):
        hours[name][-1] += ways[rest]
    first, start = int(clock["warmup"]), int(clock["week_start"])
    waited, counted = (_grouped(hours[name], first, start) for name in ("wait", "count"))
    there = trucks[np.isin(trucks["state"], (WAITING, SERVED, BLOCKED))]
    waiting, pending = there[there["state"] == WAITING], trucks[trucks["state"] == PENDING]
    stays = ways["stays"] + _by(there["way"], clock["until"] - there["arrived"], directions)
    waits = stations["waits"] + _by(waiting["at"], clock["until"] - waiting["since"], len(stations))
    driving = np.bincount(trucks["way"][trucks["state"] == DRIVING], minlength=directions)
    inside = np.bincount(np.concatenate([there["way"], pending["way"]]), minlength=directions)
    fate = [*(ways[name] for name in ("arrived", "left", "away", "turned", "missed")), inside]
    fate += [ways["diverted"], ways["taken"], driving]
    areas = np.concatenate([ways["inside_hours"], stations["waiting_hours"]])
    return Tally(
        status=int(clock["status"]),
        trucks=streams["count"].copy(),
        wait=streams["wait"].copy(),
        wait2=streams["wait2"].copy(),
        dwell=streams["dwell"].copy(),
        wait_bins=added.wait_bins,
        dwell_bins=added.dwell_bins,
        week_bins=added.week_bins,
        month_wait=waited.sum(axis=2),
        month_count=counted.sum(axis=2).astype(np.int64),
        clock_wait=waited.sum(axis=1),
        clock_count=counted.sum(axis=1).astype(np.int64),
        hour_waiting=added.station_hours["waiting"],
        hour_busy=added.station_hours["busy"],
        hour_blocked=added.station_hours["blocked"],
        hour_level=added.station_hours["level"],
        hour_queue=hours["queue"],
        hour_arrived=hours["arrived"],
        hour_left=hours["left"],
        station_wait=np.column_stack([stations["counted_wait"], stations["counted"]]),
        little=np.column_stack([areas, np.concatenate([stays, waits])]),
        fate=np.column_stack(fate),
        lead=np.column_stack([ways["lead"], ways["booked"], ways["lead_most"]]),
        record=at.record,
        recorded=int(clock["recorded"]),
    )


def _by(index: Ints, values: Floats, count: int) -> Floats:
    """Return the sums of values by an index from 0 to `count`."""
    return np.asarray(np.bincount(index, values, count), dtype=np.float64)


def _grouped(values: NDArray[Any], first: int, start: int) -> Floats:
    """Return the sums [column, month, hour of the day] of values [hour of the run, column].

    `first` is the hour of the run at which the year begins, `start` the hour of the day of hour 0. A month's days stand
    together, so a run is summed by stretches of whole days.
    """
    columns, before = values.shape[1], -first % 24
    days = -(-(before + len(values)) // 24)
    whole = np.zeros((days * 24, columns))
    whole[before : before + len(values)] = values
    month = np.minimum((np.arange(days) - (before + first) // 24) % 365 / 30.42, 11).astype(np.int64)
    begins = np.flatnonzero(np.diff(month, prepend=-1))
    sums = np.zeros((12, 24, columns))
    np.add.at(sums, month[begins], np.add.reduceat(whole.reshape(days, 24, columns), begins))
    # hour 0 of a row is `first` or whole days before it
    return np.moveaxis(np.roll(sums, (first + start) % 24, axis=1), 2, 0)
