"""The event kernel against closed forms and against a readable twin that keeps a plain list of events."""

from __future__ import annotations

import heapq
import math
import resource

import numpy as np
import pytest
from scipy.stats import f

from birge.kernels import border_queue as kernel
from birge.models.border.analytic import cobham, erlang_c
from birge.models.border.design import Design
from birge.models.border.network import network
from birge.models.border.simulate import simulate

DAY = {"start": "00:00", "hours": 24}


def station(name: str, servers: int, mean_h: float, kind: str = "exponential", **more):
    service = {"kind": kind, "mean_min": mean_h * 60} | more.pop("service", {})
    return {"id": name, "service": service, "shifts": [{**DAY, "servers": servers}], **more}


def design(per_hour: float, stations, route=None, **more) -> Design:
    steps = route or [{"station": s["id"]} for s in stations]
    stream = {"id": "east", "arrivals": {"per_day": per_hour * 24}, "route": steps, **more}
    return Design.model_validate({"id": "x", "title": "x", "stations": stations, "streams": [stream]})


def run(d: Design, days: int = 8000, seed: int = 3) -> kernel.Tally:
    made = kernel.run(network(d, days=days).net, seed, days * 24.0, 24.0 * 50, 8192, 0.0, 0.0, 0)
    assert made.status == kernel.OK
    a, b = made.little[:, 0], made.little[:, 1]
    assert np.abs(a - b).max() <= 1e-8 * max(a.max(), 1)
    arrived, left, away, turned, noshow, inside = made.fate[:, :6].sum(axis=0)
    assert arrived == left + away + turned + noshow + inside
    return made


def mean_wait(d: Design, runs: int = 6, days: int = 8000) -> tuple[float, float]:
    """Return the mean wait and four standard errors of it, from independent runs."""
    means = np.array([(t.wait.sum() / t.trucks.sum()) for t in (run(d, days, seed) for seed in range(runs))])
    return float(means.mean()), 4 * float(means.std(ddof=1)) / math.sqrt(runs)


@pytest.mark.parametrize(
    ("c", "a", "known"),
    [(2, 1, 0.333333), (5, 4.5, 0.762493), (10, 8, 0.409180), (10, 9, 0.668732), (50, 45, 0.363864)],
)
def test_erlang_c_and_the_kernel(c: int, a: float, known: float) -> None:
    assert erlang_c(c, a) == pytest.approx(known, abs=1e-6)
    expected = known / (c - a)
    # as many servers serve as many trucks in a third of the days
    wait, error = mean_wait(design(a, [station("s", c, 1.0)]), days=2500 if c == 50 else 8000)
    assert abs(wait - expected) < error + 0.002 * expected
    assert error < 0.15 * expected


@pytest.mark.parametrize(
    ("kind", "service", "scv"),
    [
        ("fixed", {}, 0.0),
        ("erlang", {"shape": 2}, 0.5),
        ("hyperexponential", {"cv": 2.0}, 4.0),
        ("lognormal", {"cv": 0.7}, 0.49),
        ("uniform", {"low_min": 12, "high_min": 84}, 24**2 * 36**2 / 12 / 24**2 / 48**2 * 4),
        ("triangular", {"low_min": 24, "high_min": 84}, None),
    ],
)
def test_pollaczek_khinchine(kind: str, service: dict, scv: float | None) -> None:
    d = design(1.0, [station("s", 1, 0.8, kind, service=service)])
    known = d.stations[0].service.scv
    if scv is not None:
        assert known == pytest.approx(scv)
    expected = 0.8 * 0.8 / (1 - 0.8) * (1 + known) / 2
    wait, error = mean_wait(d)
    assert abs(wait - expected) < error + 0.005 * expected


def test_priorities_wait_as_cobham_says() -> None:
    goods = [{"id": f"p{k}", "share": s, "priority": k} for k, s in enumerate((0.2, 0.3, 0.5))]
    d = design(4.25, [station("s", 5, 1.0)], goods=goods)
    expected = cobham(5, [0.2 * 4.25, 0.3 * 4.25, 0.5 * 4.25], 1.0)
    made = [run(d, 8000, seed) for seed in range(6)]
    waits = np.array([t.wait / t.trucks for t in made])
    error = 4 * waits.std(axis=0, ddof=1) / math.sqrt(6)
    assert (np.abs(waits.mean(axis=0) - expected) < error + 0.01 * np.array(expected)).all()


def test_a_network_of_eight_stations_waits_as_jackson_says() -> None:
    servers, means, shares = (
        (2, 2, 4, 3, 2, 1, 2, 2),
        (0.06, 0.05, 0.15, 0.1, 0.06, 0.05, 0.1, 0.05),
        (1, 0.8, 1, 0.6, 1, 0.5, 0.5, 1),
    )
    stations = [station(f"s{k}", c, m) for k, (c, m) in enumerate(zip(servers, means, strict=True))]
    route = [{"station": f"s{k}", "share": p} for k, p in enumerate(shares)]
    d = design(20.0, stations, route)
    expected = sum(
        p * erlang_c(c, 20 * p * m) / (c / m - 20 * p) for c, m, p in zip(servers, means, shares, strict=True)
    )
    wait, error = mean_wait(d, days=3000)
    assert abs(wait - expected) < error + 0.01 * expected


def twin(rows, servers: list[int], places: list[int]):
    """Serve trucks given as (arrival, [(station, service)], priority); return their waits. Blocking after service."""
    waiting: list[list[tuple[int, int, int]]] = [[] for _ in servers]
    blocked: list[list[int]] = [[] for _ in servers]
    busy = [0] * len(servers)
    step, since, wait, at = [0] * len(rows), [0.0] * len(rows), [0.0] * len(rows), [-1] * len(rows)
    events = [(t, n, "come", n) for n, (t, _, _) in enumerate(rows)]
    heapq.heapify(events)
    count = len(rows)

    def fits(b: int) -> bool:
        room = places[b] < 0 or len(waiting[b]) < places[b]
        return room or (not waiting[b] and not blocked[b] and busy[b] < servers[b])

    def join(i: int, now: float) -> None:
        nonlocal count
        b = rows[i][1][step[i]][0]
        at[i], since[i] = b, now
        count += 1
        waiting[b].append((rows[i][2], count, i))

    def settle(now: float) -> None:
        nonlocal count
        moved = True
        while moved:
            moved = False
            for s in range(len(servers)):
                if waiting[s] and busy[s] < servers[s]:
                    waiting[s].sort()
                    _, _, i = waiting[s].pop(0)
                    busy[s] += 1
                    wait[i] += now - since[i]
                    count += 1
                    heapq.heappush(events, (now + rows[i][1][step[i]][1], count, "done", i))
                    moved = True
                room = places[s] < 0 or len(waiting[s]) < places[s] or (not waiting[s] and busy[s] < servers[s])
                if blocked[s] and room:
                    i = blocked[s].pop(0)
                    busy[at[i]] -= 1
                    wait[i] += now - since[i]
                    join(i, now)
                    moved = True

    while events:
        now, _, what, i = heapq.heappop(events)
        if what == "come":
            join(i, now)
        else:
            step[i] += 1
            if step[i] == len(rows[i][1]):
                busy[at[i]] -= 1
            elif fits(rows[i][1][step[i]][0]):
                busy[at[i]] -= 1
                join(i, now)
            else:
                since[i] = now
                blocked[rows[i][1][step[i]][0]].append(i)
        settle(now)
    return wait


@pytest.mark.parametrize("seed", range(12))
def test_random_tandems_with_little_room_agree_with_the_twin_truck_by_truck(seed: int) -> None:
    """Fixed services differ by goods, so both see the same trucks; total wait must agree to rounding."""
    rng = np.random.default_rng(seed)
    count, kinds = int(rng.integers(2, 5)), int(rng.integers(1, 4))
    servers = rng.integers(1, 4, count).tolist()
    places = [-1, *rng.integers(0, 4, count - 1).tolist()]
    minutes = rng.uniform(1, 20, (count, kinds)).round(3)
    times = np.sort(rng.uniform(0, 24 * 6, 800))
    stations = [
        {
            "id": f"s{k}",
            "service": {"kind": "fixed", "mean_min": float(minutes[k, 0])},
            "by_goods": {f"g{g}": {"kind": "fixed", "mean_min": float(minutes[k, g])} for g in range(kinds)},
            "shifts": [{**DAY, "servers": servers[k]}],
            **({} if places[k] < 0 else {"places": places[k]}),
        }
        for k in range(count)
    ]
    goods = [{"id": f"g{g}", "share": 1 / kinds, "priority": int(rng.integers(0, 3))} for g in range(kinds)]
    stream = {
        "id": "east",
        "arrivals": {"trace": times.tolist()},
        "goods": goods,
        "route": [{"station": f"s{k}"} for k in range(count)],
    }
    d = Design.model_validate({"id": "x", "title": "x", "stations": stations, "streams": [stream]})
    made = network(d, days=100)
    kind = np.concatenate(
        [
            np.full(b - a, k)
            for k, (a, b) in enumerate(zip(made.net.trace_first[:-1], made.net.trace_first[1:], strict=True))
        ]
    )
    order = np.argsort(made.net.trace, kind="stable")
    rows = [
        (
            float(made.net.trace[i]),
            [(s, float(minutes[s, kind[i]]) / 60) for s in range(count)],
            goods[kind[i]]["priority"],
        )
        for i in order
    ]
    told = kernel.run(made.net, 1, 2400.0, 0.0, 4096, 0.0, 0.0, 0)
    assert told.status == kernel.OK
    assert told.trucks.sum() == 800
    assert told.wait.sum() == pytest.approx(sum(twin(rows, servers, places)), rel=1e-9)


def test_hand_over_rules_differ_as_named() -> None:
    """One server, two shifts with a gap at night; a service of 3 h that begins an hour before the gap."""
    shifts = [{"start": "00:00", "hours": 12, "servers": 1}, {"start": "18:00", "hours": 6, "servers": 1}]
    found = {}
    for rule in ("relieve", "suspend", "restart", "last-entry"):
        s = {"id": "s", "service": {"kind": "fixed", "mean_min": 180}, "shifts": shifts, "hand_over": rule}
        stream = {"id": "east", "arrivals": {"trace": [11.0, 17.0]}, "route": [{"station": "s"}]}
        d = Design.model_validate({"id": "x", "title": "x", "stations": [s], "streams": [stream]})
        t = kernel.run(network(d, days=4).net, 1, 96.0, 0.0, 64, 0.0, 0.0, 0)
        found[rule] = float(t.dwell.sum())
    # leave at 14 and 21; at 20 and 23; at 21 and 24; the first begins at 18 and leaves at 21, the second at 24
    assert found["relieve"] == pytest.approx(3 + 4)
    assert found["suspend"] == pytest.approx(9 + 6)
    assert found["restart"] == pytest.approx(10 + 7)
    assert found["last-entry"] == pytest.approx(10 + 7)
    s = {"id": "s", "service": {"kind": "fixed", "mean_min": 180}, "hand_over": "overlap"}
    s["shifts"] = [{"start": "00:00", "hours": 12, "servers": 1}, {"start": "12:00", "hours": 12, "servers": 1}]
    stream = {"id": "east", "arrivals": {"trace": [11.0, 11.5]}, "route": [{"station": "s"}]}
    d = Design.model_validate({"id": "x", "title": "x", "stations": [s], "streams": [stream]})
    t = kernel.run(network(d, days=4).net, 1, 96.0, 0.0, 64, 0.0, 0.0, 0)
    assert float(t.dwell.sum()) == pytest.approx(3 + 3.5)


def test_a_loop_with_no_room_is_a_deadlock() -> None:
    stations = [station("a", 1, 1.0, "fixed", places=1), station("b", 1, 1.0, "fixed", places=0)]
    stream = {"id": "east", "arrivals": {"trace": [0.0, 0.5, 0.7, 1.1, 1.2]}, "route": [{"station": n} for n in "aba"]}
    d = Design.model_validate({"id": "x", "title": "x", "stations": stations, "streams": [stream]})
    assert kernel.run(network(d, days=4).net, 1, 96.0, 0.0, 64, 0.0, 0.0, 0).status == kernel.DEADLOCK


def test_a_loop_that_the_next_shift_frees_is_no_deadlock() -> None:
    shifts = [{"start": "08:00", "hours": 12, "servers": 3}, {"start": "20:00", "hours": 12, "servers": 1}]
    stations = [
        {**station("a", 1, 0.5, "fixed", places=1), "shifts": shifts},
        {**station("b", 1, 0.5, "fixed", places=0), "shifts": shifts},
    ]
    stream = {"id": "east", "arrivals": {"trace": [20.1, 20.2, 20.6, 20.7]}, "route": [{"station": n} for n in "aba"]}
    d = Design.model_validate({"id": "x", "title": "x", "stations": stations, "streams": [stream]})
    made = kernel.run(network(d, days=4).net, 1, 96.0, 0.0, 64, 0.0, 0.0, 0)
    assert made.status == kernel.OK
    assert made.fate[0, 5] == 0
    # two trucks hold a and b for each other until 8 in the morning
    assert float(made.wait.sum()) > 11


def test_the_share_over_so_many_hours_is_that_of_the_exponential_tail() -> None:
    made = simulate(design(4.0, [station("s", 1, 0.2)]), replications=8, over=(0.5, 2.0)).streams[0].over
    for hours, share in made.items():
        assert share == pytest.approx(0.8 * math.exp(-hours), rel=0.06)


def test_a_trace_counts_from_the_first_of_january_and_trucks_leave_in_their_month() -> None:
    stream = {"id": "east", "arrivals": {"trace": [0.0, 1.0, 24 * 40, 24 * 41]}, "route": [{"station": "s"}]}
    d = Design.model_validate(
        {"id": "x", "title": "x", "stations": [station("s", 1, 0.5, "fixed")], "streams": [stream]}
    )
    made = simulate(d, days=60, replications=1)
    assert made.streams[0].per_day.mean == pytest.approx(4 / 60)
    left = made.left_by_month["east"]
    assert left[:2] * [31, 29] == pytest.approx([2, 2], abs=0.01)
    assert np.isnan(left[2:]).all()


def test_breakdowns_take_the_share_of_time_they_should() -> None:
    broken = {"between_h": 30, "repair_h": 10}
    made = run(design(1.0, [station("s", 3, 0.5, breakdowns=broken)]), 4000)
    assert made.hour_level.mean() == pytest.approx(3 * 30 / 40, rel=0.03)


def test_services_that_are_stopped_for_ever_stay_within_the_calendar() -> None:
    """Four services of 1,000 h at four machines that fail each minute or so: 200 stopped an hour, none ever done."""
    broken = station("s", 4, 1000.0, "fixed", breakdowns={"between_h": 0.01, "repair_h": 0.01})
    stream = {"id": "east", "arrivals": {"trace": [0.1, 0.2, 0.3, 0.4]}, "route": [{"station": "s"}]}
    d = Design.model_validate({"id": "x", "title": "x", "stations": [broken], "streams": [stream]})
    net = network(d, days=20).net
    small, large = (kernel.run(net, 3, 480.0, 0.0, places, 0.0, 0.0, 0) for places in (4, 200_000))
    for made in (small, large):
        assert made.status == kernel.OK
        assert made.fate.tolist() == [[4, 0, 0, 0, 0, 4, 0, 0, 0]]
        # in a state of two machines at work, of four, the four trucks are served half of the time
        assert made.hour_busy[1:].mean() == pytest.approx(2.0, rel=0.03)
    for name, a, b in zip(kernel.Tally._fields, small, large, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


def test_a_truck_that_comes_and_leaves_as_the_run_ends_is_of_the_last_week() -> None:
    stream = {"id": "east", "arrivals": {"trace": [1.0, 168.0]}, "route": [{"station": "s"}]}
    d = Design.model_validate(
        {"id": "x", "title": "x", "stations": [station("s", 1, 0.5, "fixed")], "streams": [stream]}
    )
    net = network(d, days=7).net
    made = kernel.run(net._replace(step_a=np.zeros_like(net.step_a)), 3, 168.0, 0.0, 8, 0.0, 0.0, 0)
    assert made.week_bins.sum(axis=2).tolist() == [[2]]


def test_memory_is_flat_in_the_number_of_trucks() -> None:
    """Ten times the trucks, each served ten times as fast: what a run allocates stays as it is."""

    def peak(times: int) -> tuple[int, int]:
        net = network(design(4.5 * times, [station("s", 5, 1.0 / times)]), days=400).net
        made = kernel.run(net, 3, 400 * 24.0, 0.0, 4096, 0.0, 0.0, 0)
        return int(made.trucks.sum()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    few, least = peak(1)
    many, most = peak(10)
    assert many > 9 * few > 300_000
    # kB; a byte a truck more would be 390
    assert most - least < 300


def test_shared_staff_bind_like_servers() -> None:
    one = design(4.5, [station("s", 5, 1.0)])
    raw = one.model_dump()
    raw["stations"][0]["shifts"][0]["servers"] = 50
    raw["stations"][0]["staff"] = "team"
    raw["staff"] = [{"id": "team", "shifts": [{**DAY, "servers": 5}]}]
    assert run(Design.model_validate(raw), 500).wait.sum() == pytest.approx(run(one, 500).wait.sum(), rel=1e-9)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("priorities", [(0, 0), (1, 0)])
def test_shared_staff_serve_as_one_line_whatever_the_order_of_stations(
    turned: bool, priorities: tuple[int, int]
) -> None:
    """Two people at two stations serve the trucks that two servers of one station would, truck by truck."""
    day = [{**DAY, "servers": 2}]

    def crossing(stations: list[dict[str, object]], ways: tuple[str, str]) -> Design:
        streams = [
            {
                "id": name, "arrivals": {"per_day": per_day}, "route": [{"station": way}],
                "goods": [{"id": name, "share": 1.0, "priority": priority}],
            }
            for name, per_day, way, priority in zip(("east", "west"), (60, 80), ways, priorities, strict=True)
        ]  # fmt: skip
        staff = [{"id": "team", "shifts": day}]
        return Design.model_validate(
            {"id": "x", "title": "x", "stations": stations, "streams": streams, "staff": staff}
        )

    shared = [station(name, 5, 1 / 3, "fixed", staff="team") for name in ("a", "b")]
    made = run(crossing(shared[::-1] if turned else shared, ("a", "b")), 200)
    one = run(crossing([station("a", 2, 1 / 3, "fixed")], ("a", "a")), 200)
    np.testing.assert_array_equal(made.trucks, one.trucks)
    np.testing.assert_allclose(made.wait, one.wait, rtol=1e-9)
    assert made.wait.min() > 100


def test_a_stopped_truck_keeps_its_turn_with_shared_staff() -> None:
    """One person, two stations: at 14 the truck goes on that was stopped at 12; it came before the one at the other."""
    shut = [{"start": "00:00", "hours": 12, "servers": 1}, {"start": "13:00", "hours": 11, "servers": 1}]
    stations = [
        {**station("a", 1, 3.0, "fixed", hand_over="suspend", staff="p"), "shifts": shut},
        station("b", 1, 2.0, "fixed", staff="p"),
    ]
    streams = [
        {"id": name, "arrivals": {"trace": times}, "route": [{"station": name}]}
        for name, times in (("a", [11.0]), ("b", [11.2, 11.5]))
    ]
    raw = {"id": "x", "title": "x", "stations": stations, "streams": streams}
    d = Design.model_validate(raw | {"staff": [{"id": "p", "shifts": [{**DAY, "servers": 1}]}]})
    made = kernel.run(network(d, days=4).net, 1, 96.0, 0.0, 64, 0.0, 0.0, 0)
    # b serves 12-14 and 16-18, a goes on 14-16
    np.testing.assert_allclose(made.dwell, [16 - 11, 14 - 11.2 + 18 - 11.5], rtol=1e-12)


@pytest.mark.parametrize("rule", ["suspend", "restart"])
def test_a_service_that_is_stopped_is_one_visit_to_its_station(rule: str) -> None:
    broken = station("s", 2, 1.5, "fixed", hand_over=rule, breakdowns={"between_h": 5, "repair_h": 5})
    broken["shifts"] = [{"start": "00:00", "hours": 7, "servers": 2}, {"start": "07:00", "hours": 17, "servers": 1}]
    stream = {"id": "east", "arrivals": {"trace": list(range(1300, 1501, 3))}, "route": [{"station": "s"}]}
    made = run(Design.model_validate({"id": "x", "title": "x", "stations": [broken], "streams": [stream]}), 100)
    assert made.trucks.sum() == 67 == made.station_wait[0, 1]
    assert made.station_wait[0, 0] == pytest.approx(made.wait.sum(), rel=1e-9)


@pytest.mark.parametrize(("first", "second"), [((6, 2), (7, 2)), ((5, 2), (5, 3))], ids=["control", "exit"])
def test_keyed_numbers_cut_the_variance_of_a_difference_by_three(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    """Two designs of a crossing, on common and on other numbers, 60 runs each.

    Were the ratio of the true variances 3, the ratio of the measured ones would pass 3 F(.999; 59, 59) once in 1,000.
    (Near the load at which one of the two is full the gain is less: 2.3 for M/M/6 beside M/M/5 at .9.)
    """

    def crossing(control: int, leave: int) -> Design:
        stations = [station("gate", 2, 0.3), station("control", control, 1.0), station("exit", leave, 0.3)]
        return design(4.0, stations, [{"station": s["id"]} for s in stations])

    runs = 60
    a, b, other = (
        np.array([run(d, 100, s + shift).wait.sum() for s in range(runs)])
        for d, shift in ((crossing(*first), 0), (crossing(*second), 0), (crossing(*second), 1000))
    )
    assert np.var(a - other) > 3 * f.ppf(0.999, runs - 1, runs - 1) * np.var(a - b)


def test_control_follows_its_calendar() -> None:
    """Services of fixed length: three times as long on days 3 and 4 of the year, when every truck is scanned."""
    lane = [station("lane", 50, 1.0, "fixed"), station("scan", 50, 0.5, "fixed")]
    route = [{"station": "lane"}, {"station": "scan", "share": 0.0}, {"station": "lane"}]
    raw = design(2.0, lane, route).model_dump(exclude_defaults=True)
    raw["regimes"] = [{"id": "slow", "stations": {"lane": 3.0}, "shares": {"scan": 1.0}}]
    raw["calendar"] = [{"regime": "slow", "first_day": 3, "last_day": 4}]
    d = Design.model_validate(raw)
    before = 2
    net = network(d, days=10, before=before).net
    made = kernel.run(net, 1, 240.0, 0.0, 512, 0.0, 240.0, 5_000)
    rows = made.record[: made.recorded]
    begun = {(name, at): time for time, name, at, what in rows if what == 1 and at == 0}
    first, last = 24.0 * (before + 2), 24.0 * (before + 4)
    spans: dict[bool, set[float]] = {True: set(), False: set()}
    open_since: dict[tuple[float, float], float] = {}
    for time, name, at, what in rows:
        if what == 1:
            open_since[name, at] = time
        elif what == 2 and at == 0:
            start = open_since[name, at]
            spans[first <= start < last].add(round(time - start, 9))
    assert begun
    assert spans == {True: {3.0}, False: {1.0}}
    scanned = [time for time, _, at, what in rows if what == 1 and at == 1]
    assert scanned
    # who leaves the lane in those days is scanned: 1 to 3 hours after its service began
    assert all(first <= time < last + 1e-9 for time in scanned)


def test_a_calendar_of_the_whole_year_is_the_regime_itself() -> None:
    raw = design(4.0, [station("s", 5, 1.0)]).model_dump(exclude_defaults=True)
    raw["regimes"] = [{"id": "slow", "service": 1.1}]
    whole = Design.model_validate({**raw, "calendar": [{"regime": "slow", "first_day": 1, "last_day": 365}]})
    a, b = (
        run(whole, 300),
        kernel.run(
            network(Design.model_validate(raw), whole.regimes[0], days=300).net, 3, 7200.0, 1200.0, 8192, 0.0, 0.0, 0
        ),
    )
    assert (a.wait_bins == b.wait_bins).all()
    assert a.wait.sum() == b.wait.sum()
    assert a.wait.sum() > run(Design.model_validate(raw), 300).wait.sum()


def test_booked_trucks_keep_to_the_quota_and_the_late_rule() -> None:
    booked = {
        "slot_min": 60,
        "quota": 2,
        "share": 1.0,
        "horizon_days": 2,
        "no_show": 0.1,
        "spread_min": 90,
        "tolerance_min": 0,
    }
    raw = design(1.9, [station("s", 5, 0.1)], appointments=booked | {"late_rule": "turned-away"})
    made = run(raw, 2000)
    arrived, _, _, turned, no_show, _ = made.fate[0, :6]
    assert no_show / arrived == pytest.approx(0.1, abs=4 * math.sqrt(0.09 / arrived))
    # late by more than the slot: P(90 z > 60) = .2525 of those who come
    assert turned / (arrived - no_show) == pytest.approx(0.2525, abs=0.01)


def test_capacity_releases_the_demand_that_stayed_away() -> None:
    away = {"from_queue": 10, "scale": 20}
    slow = simulate(design(6.0, [station("s", 5, 1.0)], balking=away), replications=2, seed=1)
    fast = simulate(design(6.0, [station("s", 8, 1.0)], balking=away), replications=2, seed=1)
    assert slow.streams[0].stayed_away_per_day > 15
    # at 8 servers P(queue > 10) = C(8, 6) .75^11 = .015 of 144 trucks a day, of whom few stay away
    assert fast.streams[0].stayed_away_per_day < 0.015 * 144
    assert fast.streams[0].per_day.mean > slow.streams[0].per_day.mean + 15


def test_same_seed_same_run_and_replications_nest() -> None:
    d = design(4.0, [station("s", 5, 1.0)])
    a, b = simulate(d, days=28, replications=3, seed=5), simulate(d, days=28, replications=3, seed=5)
    assert (a.wait_bins == b.wait_bins).all()
    assert (simulate(d, days=28, replications=3, seed=6).wait_bins != a.wait_bins).any()
