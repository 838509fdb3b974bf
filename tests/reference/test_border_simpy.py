"""The event kernel and SimPy on random designs: every truck joins, begins and ends at every station at the same time.

Both see the same trucks: the twin (`border_simpy`) asks the law of keyed random numbers for the same truck and station,
and takes arrivals as a trace. What it does with them is SimPy's own. Laws are continuous and boundaries of shifts lie
on other minutes at each station, so that no two events fall together except those that one of them causes.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from birge.kernels import border_queue as kernel
from birge.models.border.check import problems
from birge.models.border.design import Design
from birge.models.border.network import network

pytest.importorskip("simpy", reason="needs SimPy, which the extra dev brings")

from tests.reference.border_simpy import Crossing

SEED, DAYS = 7, 30
RULES = ("relieve", "overlap", "suspend", "restart", "last-entry")
MINUTES = st.floats(4.0, 60.0).map(lambda x: round(x, 3))


@st.composite
def services(draw: st.DrawFn) -> dict[str, Any]:
    mean = draw(MINUTES)
    law = draw(
        st.sampled_from(
            (
                {"kind": "exponential"},
                {"kind": "erlang", "shape": 3},
                {"kind": "lognormal", "cv": 0.8},
                {"kind": "hyperexponential", "cv": 1.7},
                {"kind": "uniform", "low_min": 0.5 * mean, "high_min": 1.5 * mean},
                {"kind": "triangular", "low_min": 0.5 * mean, "high_min": 1.8 * mean},
            )
        )
    )
    return {**law, "mean_min": mean}


@st.composite
def shifts(draw: st.DrawFn, minute: int, most: int) -> list[dict[str, Any]]:
    """Return shifts round the clock, by day or with a gap, that begin and end at `minute` of an hour."""
    start, servers = draw(st.integers(0, 23)), st.integers(1, most)
    first = draw(st.sampled_from((24, 24, 16, 12, 8)))
    gap = draw(st.sampled_from((0, 0, 1, 24 - first)))
    rows = [{"start": f"{start:02}:{minute:02}", "hours": first, "servers": draw(servers)}]
    if first + gap < 24:
        begin = (start + first + gap) % 24
        rest = draw(st.sampled_from((24 - first - gap, 4)))
        rows.append({"start": f"{begin:02}:{minute:02}", "hours": rest, "servers": draw(st.integers(0, most))})
    return rows


@st.composite
def streams(draw: st.DrawFn, name: str, stations: int) -> dict[str, Any]:
    """Return a stream: goods with priorities, a way forward and perhaps back, trucks that book or stay away."""
    kinds = draw(st.integers(1, 3))
    goods = [{"id": f"g{g}", "share": 1 / kinds, "priority": draw(st.integers(0, 2))} for g in range(kinds)]
    way = sorted(draw(st.sets(st.integers(0, stations - 1), min_size=1 + (stations > 2))))
    share = st.sampled_from((1.0, 1.0, 0.7, 0.25))
    route = [{"station": f"s{k}", "share": 1.0 if k == way[0] else draw(share)} for k in way]
    if len(way) > 1 and draw(st.booleans()):
        route.append({"station": f"s{way[0]}", "share": draw(share)})
    trucks, hours = draw(st.integers(15, 35)), draw(st.floats(4.0, 40.0))
    times = np.sort(np.random.default_rng([draw(st.integers(0, 10**6)), ord(name[0])]).uniform(0.0, hours, trucks))
    made: dict[str, Any] = {"id": name, "arrivals": {"trace": times.tolist()}, "goods": goods, "route": route}
    if draw(st.booleans()):
        made["balking"] = {"from_queue": draw(st.integers(0, 8)), "scale": draw(st.floats(1.0, 10.0))}
    if draw(st.booleans()):
        rule = draw(st.sampled_from(("live", "next-slot", "turned-away")))
        made["appointments"] = {
            "slot_min": draw(st.floats(20.0, 90.0)),
            # two that are late for one slot would come to the next at once
            "quota": 1 if rule == "next-slot" else draw(st.integers(1, 3)),
            "share": draw(st.sampled_from((0.3, 0.8, 1.0))),
            "horizon_days": draw(st.sampled_from((0.25, 1.0, 5.0))),
            "late_min": draw(st.sampled_from((-30.0, 0.0, 40.0))),
            "spread_min": draw(st.floats(5.0, 90.0)),
            "no_show": draw(st.sampled_from((0.0, 0.2))),
            "tolerance_min": draw(st.sampled_from((0.0, 30.0))),
            "late_rule": rule,
            "priority": draw(st.integers(0, 2)),
        }
    return made


@st.composite
def designs(draw: st.DrawFn) -> Design:
    """Return a design of one or two streams through up to five stations, some of which share staff."""
    count, pools = draw(st.integers(2, 5)), draw(st.integers(0, 2))
    staff = [{"id": f"p{p}", "shifts": draw(shifts(6 * (count + p) + 5, 3))} for p in range(pools)]
    stations: list[dict[str, Any]] = []
    for k in range(count):
        row: dict[str, Any] = {"id": f"s{k}", "service": draw(services()), "shifts": draw(shifts(6 * k + 5, 4))}
        row["hand_over"] = draw(st.sampled_from(RULES))
        row["places"] = draw(st.sampled_from((None, None, 0, 1, 2, 5)))
        if draw(st.booleans()):
            row["by_goods"] = {"g0": draw(services())}
        if draw(st.booleans()):
            row["breakdowns"] = {"between_h": draw(st.floats(0.5, 20.0)), "repair_h": draw(st.floats(0.1, 3.0))}
        if pools:
            row["staff"] = draw(st.sampled_from((None, *(p["id"] for p in staff))))
        stations.append(row)
    flows = [draw(streams(name, count)) for name in ("east", "west")[: draw(st.integers(1, 2))]]
    again = {f["route"][0]["station"] for f in flows if f["route"][0]["station"] == f["route"][-1]["station"]}
    for row in stations:
        if row["id"] in again:
            # room for all, or trucks could wait for each other's places for ever
            row["places"] = None
    raw = {"id": "x", "title": "x", "staff": staff, "stations": stations, "streams": flows}
    return Design.model_validate(raw)


def itineraries(made: kernel.Tally) -> dict[int, list[tuple[int, int, float]]]:
    """Return what each truck did (joined, began, ended, left), where and when, as the kernel wrote it down."""
    found: dict[int, list[tuple[int, int, float]]] = {}
    for time, name, station, what in made.record[: made.recorded]:
        found.setdefault(int(name), []).append((int(what), int(station), float(time)))
    return found


SEEN: Counter[str] = Counter()
PARTS = {
    "arrived",
    "left",
    "away",
    "turned",
    "missed",
    "found no place",
    "held",
    "booked",
    "late",
    "chosen over another",
}
PARTS |= {"came back", "overlapped", "suspended", "restarted", "refused", "let finish"}


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(designs())
def every_truck_does_what_simpy_says(design: Design) -> None:
    wrong = {p.code for p in problems(design, str)} - {"unstable"}
    # stations that never have servers in the same hours can offer no slot
    assume("no-slot" not in wrong)
    assert not wrong
    net, until = network(design, days=DAYS).net, 24.0 * DAYS
    made = kernel.run(net, SEED, until, 0.0, 512, 0.0, until, 20_000)
    assert made.status == kernel.OK
    known = Crossing(net, SEED, until)
    known.run()
    told = itineraries(made)
    assert told.keys() == known.told.keys()
    for name, rows in known.told.items():
        assert [row[:2] for row in told[name]] == [row[:2] for row in rows], name
        assert [row[2] for row in told[name]] == pytest.approx([row[2] for row in rows], abs=1e-9), name
    for way, fate in enumerate(known.fate):
        assert made.fate[way, :5].tolist() == [fate[what] for what in ("arrived", "left", "away", "turned", "missed")]
        SEEN.update(fate)
    SEEN.update(known.seen)


def test_every_truck_does_at_every_station_what_simpy_says() -> None:
    """Random designs with all that a design may hold; each part of it has to happen in some of them."""
    SEEN.clear()
    every_truck_does_what_simpy_says()
    assert {what for what, count in SEEN.items() if count} == PARTS
