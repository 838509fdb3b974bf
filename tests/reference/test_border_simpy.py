"""The event kernel and SimPy on random designs: every truck begins every service at the same time.

Both see the same trucks: the twin asks the law of keyed random numbers for the same truck and station, and takes
arrivals as a trace. What it does with them (queues by priority, servers, the way) is SimPy's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from birge.kernels import border_queue as kernel
from birge.kernels.border_random import duration, truck_key, uniform
from birge.models.border.design import Design
from birge.models.border.network import network

simpy = pytest.importorskip("simpy", reason="needs SimPy, which the extra dev brings")

SEED, TRUCKS = 7, 120
SERVICES = (
    {"kind": "fixed"},
    {"kind": "exponential"},
    {"kind": "erlang", "shape": 3},
    {"kind": "lognormal", "cv": 0.8},
    {"kind": "hyperexponential", "cv": 1.7},
)


@st.composite
def designs(draw: st.DrawFn) -> Design:
    """Return a design: servers and laws of stations, kinds of goods with priorities, shares that stop somewhere."""
    count, kinds = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    minutes = st.floats(1.0, 30.0).map(lambda x: round(x, 3))
    stations: list[dict[str, Any]] = []
    for k in range(count):
        law = draw(st.sampled_from(SERVICES))
        row: dict[str, Any] = {"id": f"s{k}", "service": {**law, "mean_min": draw(minutes)}}
        row["shifts"] = [{"start": "00:00", "hours": 24, "servers": draw(st.integers(1, 4))}]
        if draw(st.booleans()):
            row["by_goods"] = {"g0": {"kind": "exponential", "mean_min": draw(minutes)}}
        stations.append(row)
    shares = st.sampled_from([1.0, 1.0, 0.7, 0.25])
    goods = [{"id": f"g{g}", "share": 1 / kinds, "priority": draw(st.integers(0, 3))} for g in range(kinds)]
    hours = draw(st.floats(4.0, 60.0))
    times = np.sort(np.random.default_rng(draw(st.integers(0, 10**6))).uniform(0.0, hours, TRUCKS))
    route = [{"station": f"s{k}", "share": draw(shares)} for k in range(count)]
    stream = {"id": "east", "arrivals": {"trace": times.tolist()}, "goods": goods, "route": route}
    return Design.model_validate({"id": "x", "title": "x", "stations": stations, "streams": [stream]})


def begun(net: kernel.Net) -> dict[tuple[int, int], float]:
    """Return when SimPy begins the service of each truck (in order of arrival) at each station."""
    env = simpy.Environment()
    lanes = [simpy.PriorityResource(env, int(n)) for n in net.machines]
    found: dict[tuple[int, int], float] = {}

    def truck(name: int, c: int, number: int, at: float):  # type: ignore[no-untyped-def]
        yield env.timeout(at)
        key = np.uint64(truck_key(np.uint64(SEED), c, number))
        stop, nowhere = net.step_first[c + 1], True
        for k in range(net.step_first[c], stop):
            slot, share = net.step_key[k], net.step_share[k]
            visit = np.uint64((int(slot) + kernel.VISIT) % 2**64)
            # who would stop nowhere stops at the last station
            if share < 1.0 and uniform(key, visit) >= share and not (nowhere and k == stop - 1):
                continue
            nowhere = False
            with lanes[net.step_station[k]].request(priority=int(net.step_priority[k])) as place:
                yield place
                found[name, int(net.step_station[k])] = env.now
                law = net.step_kind[k], net.step_a[k], net.step_b[k], net.step_c[k]
                yield env.timeout(duration(*law, key, slot))

    first = net.trace_first
    rows = [(net.trace[first[c] + n], c, n) for c in range(len(first) - 1) for n in range(first[c + 1] - first[c])]
    for name, (at, c, number) in enumerate(sorted(rows)):
        env.process(truck(name, c, number, at))
    env.run()
    return found


@settings(max_examples=25, deadline=None, derandomize=True)
@given(designs())
def test_every_truck_begins_every_service_when_simpy_says(design: Design) -> None:
    net = network(design, days=60).net
    made = kernel.run(net, SEED, 1440.0, 0.0, 512, 0.0, 1440.0, 20_000)
    assert made.status == kernel.OK
    assert made.trucks.sum() == TRUCKS
    rows = made.record[: made.recorded]
    told = {(int(name), int(station)): time for time, name, station, what in rows if what == 1}
    known = begun(net)
    assert told.keys() == known.keys()
    for place, at in known.items():
        assert told[place] == pytest.approx(at, abs=1e-9), place
