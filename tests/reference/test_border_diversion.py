"""Trucks that stay away and drive to another stream: SimPy truck by truck, conservation, common numbers.

The twin knows where a truck has been as a set of names; the kernel counts down what is left of the chain.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from birge.kernels import border_queue as kernel
from birge.kernels.border_random import duration, truck_key, uniform
from birge.models.border import Design, simulate
from birge.models.border.network import network
from birge.report.border_answer import answer, document
from tests.reference.test_border_queue import station

SEED, TRUCKS = 7, 90
AWAY, LEFT, OUT, TAKEN = 2, 1, 6, 7


@st.composite
def designs(draw: st.DrawFn) -> Design:
    """Return streams of one direction, each with a crossing of its own, which send on what does not join."""
    count, kinds = draw(st.integers(2, 4)), draw(st.integers(1, 2))
    stations, streams = [], []
    for d in range(count):
        names = [f"s{d}-{k}" for k in range(draw(st.integers(1, 2)))]
        for name in names:
            law = draw(st.sampled_from(["exponential", "fixed"]))
            stations.append(station(name, draw(st.integers(1, 2)), draw(st.floats(0.1, 0.6)), law))
        rng = np.random.default_rng(draw(st.integers(0, 10**6)))
        away: dict[str, Any] = {"from_queue": draw(st.integers(0, 4)), "scale": draw(st.floats(0.5, 4.0))}
        to = draw(st.integers(0, count - 1))
        if to != d:
            away |= {"to": f"x{to}", "hours": draw(st.floats(0.0, 5.0))}
        stream = {
            "id": f"x{d}",
            "direction": "east",
            "arrivals": {"trace": np.sort(rng.uniform(0.0, draw(st.floats(5.0, 40.0)), TRUCKS)).tolist()},
            "goods": [{"id": f"g{g}", "share": 1 / kinds, "priority": g} for g in range(kinds)],
            "route": [{"station": n} for n in names],
        }
        streams.append(stream | ({"balking": away} if draw(st.integers(0, 3)) else {}))
    return Design.model_validate({"id": "x", "title": "x", "stations": stations, "streams": streams})


def known(design: Design, net: kernel.Net) -> tuple[dict[tuple[int, int], float], np.ndarray]:
    """Return when SimPy begins each service (trucks in the order in which they join or drive on), and their fates."""
    simpy = pytest.importorskip("simpy", reason="needs SimPy, which the extra dev brings")
    env, names = simpy.Environment(), itertools.count()
    lanes = [simpy.PriorityResource(env, int(n)) for n in net.machines]
    found: dict[tuple[int, int], float] = {}
    fate = np.zeros((len(design.streams), 9), dtype=int)
    queue = [0] * len(design.streams)
    ids = [s.id for s in design.streams]
    kinds = len(design.streams[0].goods)

    def truck(c: int, number: int, at: float):  # type: ignore[no-untyped-def]
        yield env.timeout(at)
        key, d, goods, been, name = np.uint64(truck_key(np.uint64(SEED), c, number)), c // kinds, c % kinds, set(), -1
        fate[d, 0] += 1
        while True:
            rule = design.streams[d].balking
            salt = int(net.way_key[d]) if been else 0
            been.add(ids[d])
            over = queue[d] - (rule.from_queue if rule else math.inf)
            chance = uniform(key, np.uint64((salt + 17) % 2**64))
            if rule is None or over <= 0 or chance < math.exp(-over / rule.scale):
                break
            if rule.to is None or rule.to in been:
                fate[d, AWAY] += 1
                return
            name = next(names) if name < 0 else name
            fate[d, OUT] += 1
            yield env.timeout(rule.hours)
            d = ids.index(rule.to)
            fate[d, TAKEN] += 1
        name = next(names) if name < 0 else name
        queue[d] += 1
        first = net.step_first[d * kinds + goods]
        for k in range(first, net.step_first[d * kinds + goods + 1]):
            with lanes[net.step_station[k]].request(priority=int(net.step_priority[k])) as place:
                yield place
                queue[d] -= k == first
                found[name, int(net.step_station[k])] = env.now
                law = net.step_kind[k], net.step_a[k], net.step_b[k], net.step_c[k]
                yield env.timeout(duration(*law, key, net.step_key[k]))
        fate[d, LEFT] += 1

    for c in range(len(net.direction)):
        for n, at in enumerate(net.trace[net.trace_first[c] : net.trace_first[c + 1]]):
            env.process(truck(c, n, at))
    env.run()
    return found, fate


@settings(max_examples=25, deadline=None, derandomize=True)
@given(designs())
def test_every_truck_goes_where_and_when_simpy_says(design: Design) -> None:
    net = network(design, days=30).net
    made = kernel.run(net, SEED, 720.0, 0.0, 512, 0.0, 720.0, 20_000)
    assert made.status == kernel.OK
    told = {(int(name), int(s)): time for time, name, s, what in made.record[: made.recorded] if what == 1}
    begun, fate = known(design, net)
    np.testing.assert_array_equal(made.fate, fate)
    assert told.keys() == begun.keys()
    for place, at in begun.items():
        assert told[place] == pytest.approx(at, abs=1e-9), place


def pair(**away: object) -> Design:
    """Return a full crossing whose trucks may drive to a wide one, which may send them back."""
    rule = {"from_queue": 3, "scale": 4.0}
    streams = [
        {
            "id": name,
            "direction": "east",
            "arrivals": {"per_day": per_day},
            "route": [{"station": f"lane-{name}"}],
            "balking": rule | more,
        }
        for name, per_day, more in (("a", 150.0, away), ("b", 60.0, {"to": "a", "hours": 1.0}))
    ]
    stations = [station("lane-a", 4, 1.0), station("lane-b", 6, 1.0)]
    costs = {"truck_hour_usd": [10, 20]}
    return Design.model_validate({"id": "x", "title": "x", "stations": stations, "streams": streams, "costs": costs})


def test_no_truck_is_lost_on_the_way_and_littles_law_holds() -> None:
    net = network(pair(to="b", hours=30.0), days=700).net
    made = kernel.run(net, 3, 700 * 24.0, 240.0, 512, 0.0, 0.0, 0)
    arrived, left, away, turned, missed, inside, out, taken, driving = made.fate.T
    np.testing.assert_array_equal(arrived + taken, left + away + turned + missed + inside + out)
    np.testing.assert_array_equal(out, (taken + driving)[::-1])
    assert driving[1] > 0
    assert out.min() > 100
    assert (made.little[:, 0] == pytest.approx(made.little[:, 1], rel=1e-8)) is True
    # a place of `places` is kept for each truck on the road, and given back
    assert kernel.run(net, 3, 700 * 24.0, 240.0, 8, 0.0, 0.0, 0).status == kernel.FULL


def test_where_trucks_go_that_stay_away_changes_nothing_where_they_did_not_join() -> None:
    """The same trucks come, stay away and are served at `a` as if those were lost, since none comes back from `b`."""
    lost, sent = pair(), pair(to="b", hours=2.0)
    once = [
        d.model_copy(update={"streams": (d.streams[0], d.streams[1].model_copy(update={"balking": None}))})
        for d in (lost, sent)
    ]
    a, b = (kernel.run(network(d, days=200).net, 5, 4800.0, 0.0, 512, 0.0, 0.0, 0) for d in once)
    assert a.status == b.status == kernel.OK
    assert a.wait[0] == b.wait[0]
    assert a.fate[0, 2] == b.fate[0, 6] > 100
    assert b.fate[1, 7] + b.fate[1, 8] == b.fate[0, 6]
    assert b.wait[1] > a.wait[1]


def test_the_answer_says_where_trucks_went_and_what_the_drive_costs() -> None:
    made = simulate(pair(to="b", hours=2.0), days=56, replications=2)
    a, b = made.streams
    assert a.diverted_out_per_day > 5
    assert made.detour_hours_year == pytest.approx(365 * (2 * a.diverted_out_per_day + b.diverted_out_per_day))
    assert made.carriers_usd_year[0] == pytest.approx(10 * (made.truck_hours_year + made.detour_hours_year))
    text, data = answer(made), document(made)
    assert f"{a.diverted_out_per_day:.1f} trucks a day stayed away and drove to another stream" in text
    assert f"{a.diverted_in_per_day:.1f} trucks a day came from another stream" in text
    assert data["streams"][1]["diverted_in_per_day"] == b.diverted_in_per_day
    assert data["yearly"]["detour_hours"] == made.detour_hours_year
