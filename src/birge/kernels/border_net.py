"""What goes into the event kernel and what comes out of it, as arrays; `border_queue` has the table of symbols."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RELIEVE, OVERLAP, SUSPEND, RESTART, LAST_ENTRY = range(5)
LIVE, NEXT_SLOT, TURNED_AWAY = range(3)
OK, FULL, DEADLOCK = range(3)
BINS, WIDTH, FIRST_BIN = 2048, 0.008, 1e-3
WEEK_BINS = 512


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
    divert_to: Ints
    divert_hours: Floats
    divert_most: Ints
    divert_stream: Ints
    way_key: NDArray[np.uint64]
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
    week_bins: NDArray[np.int32]
    month_wait: Floats
    month_count: Ints
    clock_wait: Floats
    clock_count: Ints
    hour_waiting: Floats
    hour_busy: Floats
    hour_blocked: Floats
    hour_level: Floats
    hour_queue: Floats
    hour_arrived: Ints
    hour_left: Ints
    station_wait: Floats
    little: Floats
    fate: Ints
    lead: Floats
    record: Floats
    recorded: int
