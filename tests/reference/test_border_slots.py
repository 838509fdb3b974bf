"""Booked slots: which are offered by the week, that nobody books another, and waits of a few trucks by hand."""

from __future__ import annotations

import numpy as np
import pytest

from birge.kernels import border_queue as kernel
from birge.models.border.design import Design
from birge.models.border.network import network
from birge.models.border.week import offered

DAYS = ["mon", "tue", "wed", "thu", "fri"]
LANE = {"start": "08:00", "hours": 12, "servers": 2}
LATE = (20.5, 21.5, 22.5, 23.5)
"""Four trucks of a Monday, after the lane has shut."""


def design(
    booked: dict | None, trace: tuple[float, ...] = (), lane: dict | None = None, scanned: float = 0.0
) -> Design:
    """Return a crossing: a gate that never shuts, a lane that works by day, a scan by night that few trucks pass."""
    fixed = {"kind": "fixed", "mean_min": 30}
    stations = [
        {"id": "gate", "service": {**fixed, "mean_min": 1e-6}, "shifts": [{**LANE, "start": "00:00", "hours": 24}]},
        {"id": "lane", "service": fixed, "shifts": [LANE | (lane or {})]},
        {"id": "scan", "service": fixed, "shifts": [{"start": "22:00", "hours": 6, "servers": 1}]},
    ]
    route = [{"station": "gate"}, {"station": "lane"}, {"station": "scan", "share": scanned}]
    arrivals = {"trace": trace} if trace else {"per_day": 30}
    stream = {"id": "east", "arrivals": arrivals, "route": route, "appointments": booked}
    return Design.model_validate({"id": "x", "title": "x", "stations": stations, "streams": [stream]})


def run(d: Design, days: int) -> kernel.Tally:
    """Run from a Monday; every truck has to be somewhere."""
    made = kernel.run(network(d, days=days).net, 3, 24.0 * days, 0.0, 8192, 0.0, 24.0 * days, 4000)
    assert made.status == kernel.OK
    arrived, left, away, turned, missed, inside = made.fate[0, :6]
    assert arrived == left + away + turned + missed + inside
    return made


def left_at(made: kernel.Tally) -> list[float]:
    """Return when trucks left, in order."""
    return [float(t) for t, _, _, what in made.record[: made.recorded] if what == 3]


@pytest.mark.parametrize(
    ("slot", "hours", "lane", "first", "day", "week"),
    [
        (60, None, {}, 8.0, 12, 84),
        (60, ["10:00", "24:00"], {}, 10.0, 10, 70),
        # over midnight; the lane shuts at 20:00 and opens at 8:00
        (60, ["18:00", "09:00"], {}, 8.0, 3, 21),
        # 8:20 is no start of a slot: the first is 9:00
        (60, None, {"start": "08:20", "days": DAYS}, 9.0, 11, 55),
        (20, ["08:20", "09:00"], {}, 8 + 1 / 3, 2, 14),
        (480, None, {}, 8.0, 1, 7),
        # slots of 50 minutes begin the days at 0:00, :10, :20, :30, :40, 0:00, :10: 14, 13, 13, 14, 14, 14, 13 fit
        (50, None, {}, 8 + 1 / 3, 14, 95),
    ],
)
def test_slots_are_those_in_which_all_stations_of_every_truck_work(
    slot: int, hours: list[str] | None, lane: dict, first: float, day: int, week: int
) -> None:
    d = design({"slot_min": slot, "quota": 1, "share": 1, "hours": hours}, lane=lane)
    stream = d.streams[0]
    assert stream.appointments is not None
    free = offered(d, stream, stream.appointments, 0, 7 * 1440 // slot)
    start = np.flatnonzero(free) * slot / 60
    assert (start[0], (start < 24).sum(), len(start)) == (pytest.approx(first), day, week)
    begin, end = start % 24, start % 24 + slot / 60
    assert (begin >= 8 - 1e-9).all()
    assert (end <= 20 + 1e-9).all()
    if slot != 50:
        # a run that begins on a Wednesday has the same week, two days on
        later = offered(d, stream, stream.appointments, 2, len(free))
        assert (later == np.roll(free, -2 * 1440 // slot)).all()


def test_nobody_books_outside_the_hours_and_no_slot_takes_more_than_its_quota() -> None:
    booked = {"slot_min": 60, "quota": 3, "share": 1.0, "no_show": 0.1, "hours": ["09:00", "19:00"], "horizon_days": 5}
    days = 400
    made = run(design(booked), days)
    came = made.hour_arrived[:, 0].reshape(days, 24)
    arrived, _, _, _, missed, _ = made.fate[0, :6]
    # as many ask for places as there are: who finds none within five days comes at once, at any hour
    assert came[:5, :9].sum() + came[:5, 19:].sum() == 0
    assert 0 < came[:, :9].sum() + came[:, 19:].sum() < 0.2 * arrived
    assert came[:5].max() == 3
    assert missed / arrived == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / arrived) + 0.02)


@pytest.mark.parametrize(
    ("booked", "left", "waited"),
    [
        # two lanes at 8:00, two trucks at once, two more at 8:30
        (None, [32.5, 32.5, 33.0, 33.0], 11.5 + 10.5 + 10.0 + 9.0),
        ({}, [32.5, 33.5, 34.5, 35.5], 0.0),
        ({"hours": ["10:00", "20:00"]}, [34.5, 35.5, 36.5, 37.5], 0.0),
        # eleven hours ahead the first finds nothing offered and queues at once; the next takes the slot of 8:00
        ({"horizon_days": 11 / 24}, [32.5, 32.5, 33.5, 34.5], 11.5),
        # half an hour late, beyond the tolerance and the slot's end: the next slot that is offered
        ({"slot_min": 20, "late_min": 21, "tolerance_min": 0, "late_rule": "next-slot"}, None, 0.0),
    ],
)
def test_four_trucks_of_an_evening_by_hand(booked: dict | None, left: list[float] | None, waited: float) -> None:
    whole = None if booked is None else {"slot_min": 60, "quota": 1, "share": 1.0} | booked
    made = run(design(whole, LATE), 4)
    if left is None:
        # slots of 8:00, :20, :40, 9:00; each comes 21 minutes after it and is sent to the next that is free by then
        left = [33.5 + 1 / 3 + k / 3 for k in range(4)]
    assert left_at(made) == pytest.approx(left, abs=1e-6)
    assert made.wait.sum() == pytest.approx(waited, abs=1e-6)


def test_a_friday_evening_books_for_monday() -> None:
    made = run(design({"slot_min": 60, "quota": 1, "share": 1.0}, (4 * 24 + 21.0,), {"days": DAYS}), 10)
    assert left_at(made) == pytest.approx([7 * 24 + 8.5])
