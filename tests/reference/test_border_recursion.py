"""The hourly recursion against closed forms and against the event kernel over a grid of loads."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest

from birge.kernels import border_queue as kernel
from birge.kernels.border_recursion import HOURS, lengths, recurse
from birge.models.border import default_design, default_names, simulate
from birge.models.border.analytic import allen_cunneen
from birge.models.border.defaults import COMPLEX, DAYTIME
from birge.models.border.design import Design
from birge.models.border.network import network, weekly
from birge.models.border.shipped import design_hash, table_of
from birge.models.border.table import CAPACITIES, LOADS, PASSED, REST_LOADS, case_of, wait_table
from birge.models.border.waits import expected, quantile_of
from birge.models.border.walk import loads, service_at
from tests.reference.test_border_queue import design, station

WARM = 28 * 24


def path(rate, servers: int, mean: float, scv: float, start: float = 0.0, warm: int = WARM, spread: bool = True):
    levels = np.full(len(rate), servers)
    return recurse(np.asarray(rate, float), levels, mean, 1.0, scv, 1e18, 1.0, start, warm, 1.0, spread)


@pytest.mark.parametrize("rho", [0.3, 0.6, 0.9])
def test_one_server_has_both_stationary_moments(rho: float) -> None:
    p = path(np.full(4000, rho), 1, 1.0, 1.0)
    assert p.mean[-1] == pytest.approx(rho / (1 - rho), rel=2e-3)
    assert p.variance[-1] == pytest.approx(rho / (1 - rho) ** 2, rel=2e-2)


@pytest.mark.parametrize(("servers", "rho", "scv"), [(1, 0.8, 0.36), (3, 0.7, 1.0), (10, 0.85, 0.5)])
def test_constant_arrivals_wait_as_allen_and_cunneen_have_it(servers: int, rho: float, scv: float) -> None:
    mean = 0.25
    rate = rho * servers / mean
    p = path(np.full(3000, rate), servers, mean, scv)
    assert p.wait[-1] == pytest.approx(allen_cunneen(servers, rate, mean, 1.0, scv), rel=0.02)
    assert p.over[0] <= 1.0
    assert np.all(np.diff(p.over) <= 1e-12)


@pytest.mark.parametrize("rho", [0.5, 1.0, 1.4])
def test_trucks_are_kept_hour_by_hour(rho: float) -> None:
    rate = rho * 4.0 * np.resize(np.array(DAYTIME), 2000)
    p = path(rate, 1, 0.25, 1.0, start=30.0)
    held = np.diff(np.concatenate([[30.0], p.mean]))
    assert np.abs(held - (p.joined - p.left)).max() < 1e-9
    assert np.all(p.left <= 4.0 + 1e-9)


def test_without_service_trucks_only_come() -> None:
    p = recurse(np.full(10, 2.0), np.zeros(10, np.int64), 1.0, 1.0, 1.0, 1e18, 1.0, 0.0, 0, 1.0, False)
    assert p.mean == pytest.approx(2.0 * np.arange(1, 11))
    assert np.all(np.isinf(p.wait))


def test_a_longer_queue_keeps_more_trucks_away() -> None:
    rate = np.full(2000, 6.0)
    joined = [
        recurse(rate, np.ones(2000, np.int64), 0.25, 1.0, 1.0, 50.0, scale, 0.0, 0, 1.0, False).joined[-1]
        for scale in (10.0, 100.0)
    ]
    assert joined == pytest.approx([4.0, 4.0], rel=0.02)  # what the server can do is what comes in the end
    queues = [
        recurse(rate, np.ones(2000, np.int64), 0.25, 1.0, 1.0, 50.0, scale, 0.0, 0, 1.0, False).mean[-1]
        for scale in (10.0, 100.0)
    ]
    # exp(-(q - 50) / scale) = 4 / 6 at rest
    assert queues == pytest.approx([50 + 10 * np.log(1.5), 50 + 100 * np.log(1.5)], rel=0.12)


def _day(per_hour: float, servers: int, mean: float, cv: float, crowd: int = 0) -> Design:
    made = design(per_hour, [station("s", servers, mean, "lognormal", service={"cv": cv})])
    first = made.streams[0]
    arrivals = first.arrivals.model_copy(update={"by_hour": DAYTIME})
    streams = [first.model_copy(update={"arrivals": arrivals})]
    if crowd:
        at_once = first.arrivals.model_copy(update={"per_day": 0.0, "trace": (0.0,) * crowd})
        streams.append(first.model_copy(update={"id": "crowd", "arrivals": at_once}))
    return made.model_copy(update={"streams": tuple(streams)})


@pytest.mark.parametrize("servers", [1, 4])
@pytest.mark.parametrize("cv", [0.6, 1.0])
@pytest.mark.parametrize("rho", [0.5, 0.7, 0.8, 0.9, 0.95])
def test_agrees_with_the_event_kernel_below_capacity(servers: int, cv: float, rho: float) -> None:
    """Within a fifth, or three minutes where hardly anybody waits; the docs hold the measured differences."""
    mean = servers / 12
    d = _day(rho * servers / mean, servers, mean, cv)
    seen = simulate(d, days=140, warmup_days=28, replications=12, seed=7).streams[0]
    rate = rho * servers / mean * np.resize(weekly(d.streams[0].arrivals), 168 * 24)
    p = path(rate, servers, mean, cv * cv)
    told = float((p.wait * p.joined)[WARM:].sum() / p.joined[WARM:].sum())
    room = (seen.wait_mean.half or 0.0) + max(0.2 * seen.wait_mean.mean, 0.05)
    assert abs(told - seen.wait_mean.mean) < room
    assert quantile_of(p.over, 0.9) == pytest.approx(seen.wait_p90, rel=0.25, abs=0.08)


@pytest.mark.parametrize("rho", [0.8, 1.0, 1.1])
@pytest.mark.parametrize("crowd", [0, 120])
def test_agrees_with_the_event_kernel_on_the_way(rho: float, crowd: int) -> None:
    """Queue by day of four weeks, from an empty crossing and from 120 trucks that stand there at the start."""
    d = _day(rho * 12, 3, 0.25, 0.6, crowd)
    hours = 28 * 24
    net = network(d, days=28).net
    runs = [kernel.run(net, seed, float(hours), 0.0, 1 << 14, 0.0, 0.0, 0) for seed in range(60)]
    days = np.array([r.hour_queue.sum(axis=1).reshape(28, 24).mean(axis=1) for r in runs])
    error = 2.6 * days.std(axis=0, ddof=1) / np.sqrt(len(runs))
    rate = rho * 12 * np.resize(weekly(d.streams[0].arrivals), hours)
    p = path(rate, 3, 0.25, 0.36, start=float(crowd), warm=0)
    loads, sizes = lengths(3, 0.36)
    queue = (p.mean - 3 * np.interp(p.mean, sizes, loads)).reshape(28, 24).mean(axis=1)
    seen = days.mean(axis=0)
    assert np.all(np.abs(queue - seen) < error + 0.2 * seen + 2.0), (queue - seen, seen)


@pytest.mark.parametrize("name", ["karasu", "sypatai-batyr", "kegen"])
def test_a_whole_crossing_agrees_with_the_event_kernel(name: str) -> None:
    d = default_design(name)
    seen = simulate(d, replications=6, seed=3)
    for told, stream in zip(expected(d), seen.streams, strict=True):
        room = (stream.wait_mean.half or 0.0) + 0.2 * stream.wait_mean.mean + 0.05
        assert abs(told.wait - stream.wait_mean.mean) < room, (told.wait, stream.wait_mean)
        assert told.per_day == pytest.approx(stream.per_day.mean, rel=0.03)
        assert told.p90 == pytest.approx(stream.wait_p90, rel=0.3, abs=0.08)


@pytest.mark.parametrize("level", [1.1, 1.5])
def test_an_overloaded_crossing_keeps_away_as_many_as_in_the_event_kernel(level: float) -> None:
    d = default_design("karasu")
    into = d.streams[0]
    more = into.arrivals.model_copy(update={"per_day": into.arrivals.per_day * level})
    alone = d.model_copy(update={"streams": (into.model_copy(update={"arrivals": more}),)})
    seen = simulate(alone, replications=4, seed=2).streams[0]
    told = expected(d, level=level)[0]
    assert told.wait == pytest.approx(seen.wait_mean.mean, rel=0.15)
    assert told.queue == pytest.approx(seen.queue_mean, rel=0.15)
    assert told.per_day == pytest.approx(seen.per_day.mean, rel=0.02)


@pytest.mark.parametrize(("faster", "per_day"), [(1.8, 450), (2.2, 500), (2.2, 600), (3.0, 540)])
def test_a_full_station_behind_the_control_holds_up_all(faster: float, per_day: float) -> None:
    """With a faster control the sanitary one is full, where one truck in five stops: its 12 places hold up the rest."""
    raw = default_design("karasu").model_dump(mode="json")
    raw["streams"] = [s for s in raw["streams"] if s["id"] == "KGZ-KAZ"]
    raw["streams"][0]["arrivals"]["per_day"] = per_day
    next(s for s in raw["stations"] if s["id"] == "kgz-kaz-control")["service"]["mean_min"] /= faster
    d = Design.model_validate(raw)
    seen = simulate(d, replications=2).streams[0]
    (told,) = expected(d)
    assert told.binding == "kgz-kaz-sanitary"
    assert told.wait == pytest.approx(seen.wait_mean.mean, rel=0.15)
    assert told.p90 == pytest.approx(seen.wait_p90, rel=0.3)
    assert told.per_day == pytest.approx(seen.per_day.mean, rel=0.02)


def test_karasu_waits_as_long_in_normal_times_as_was_reported() -> None:
    """Between identities: 285 trucks a day against 300 gives 2 to 7 h (docs/models/border.md)."""
    (into, _) = expected(default_design("karasu"))
    assert into.stream == "KGZ-KAZ"
    assert 1.0 < into.wait < 7.0
    assert into.binding == "kgz-kaz-control"


def test_a_table_tells_what_a_direct_run_tells() -> None:
    """Also where another station is the full one: sanitary control from 520 trucks a day on, at 1.73 times capacity."""
    d = default_design("karasu")
    table = wait_table(d, "KGZ-KAZ")
    assert table.full == pytest.approx(300, rel=0.01)
    assert table.rest_full == pytest.approx(520, rel=0.01)
    assert np.all(np.diff(table.slowest, axis=0) > 0)
    assert np.all(np.diff(table.rest, axis=0) > 0)
    rng = np.random.default_rng(11)
    places = [(rng.uniform(100, 400), rng.uniform(0.5, 2.2)) for _ in range(20)]
    # both loads between .88 and 1.1
    places += [(300 * k * rng.uniform(0.88, 1.1), k) for k in rng.uniform(1.7, 1.9, 12)]
    for per, factor in places:
        direct = expected(d, level=per / 270, capacity=factor, spread=False)[0].wait
        assert float(table.wait(np.array(per), np.array(factor))) == pytest.approx(direct, rel=0.15, abs=0.02)


def test_longer_checks_are_a_smaller_capacity_of_the_control() -> None:
    d = default_design("karasu")
    slow = dict(next(r for r in d.regimes if r.id == "longer-checks").stations)["kgz-kaz-control"]
    under = expected(d, "longer-checks", level=0.4, spread=False)[0].wait
    assert under == pytest.approx(expected(d, level=0.4, capacity=1 / slow, spread=False)[0].wait, rel=1e-6)


def _two(per_day: float, route: list[dict], **more) -> Design:
    """Return a stream of `per_day` trucks through a (10 min) and b (20 min), of one server each."""
    made = design(per_day / 24, [station("a", 1, 1 / 6), station("b", 1, 1 / 3)]).model_dump(mode="json")
    made["streams"][0]["route"] = route
    return Design.model_validate(made | more)


def test_a_table_of_a_regime_has_its_shares() -> None:
    """Every truck stops at b, where one in five does in normal times: b binds, at .9 of what it can do."""
    ways = [{"id": "strict", "shares": {"b": 1}}, {"id": "open", "shares": {"b": 0}}]
    d = _two(65, [{"station": "a"}, {"station": "b", "share": 0.2}], regimes=ways)
    strict = d.regime("strict")
    assert loads(d, 0, strict) == pytest.approx({"a": 65 / 144, "b": 65 / 72})
    assert service_at(d, d.station("b"), strict) == pytest.approx((1 / 3, 1.0))
    table = wait_table(d, "east", "strict")
    for per, factor in ((30, 0.45), (40, 1.0), (65, 1.0), (75, 1.3), (100, 2.0)):
        direct = expected(d, "strict", level=per / 65, capacity=factor, spread=False)[0].wait
        assert float(table.wait(np.array(per), np.array(factor))) == pytest.approx(direct, rel=0.03)
    # nobody stops at b: it is no station, and no problem either
    told = wait_table(d, "east", "open").wait(np.array(65.0), np.array(1.0))
    assert float(told) == pytest.approx(allen_cunneen(1, 65 / 24, 1 / 6), rel=0.03)


def test_the_recursion_does_not_see_the_calendar() -> None:
    """Days of longer checks change no table, as its hash says; nor does a calendar of the regime that is asked for."""
    d = default_design("karasu")
    days = [{"regime": "longer-checks", "first_day": 100, "last_day": 299}]
    dated = Design.model_validate(d.model_dump(mode="json") | {"calendar": days})
    assert design_hash(dated) == design_hash(d)
    for regime in ("normal", "longer-checks"):
        a, b = case_of(d, "KGZ-KAZ", regime), case_of(dated, "KGZ-KAZ", regime)
        assert (b.full, b.rest_full, b.binding) == (a.full, a.rest_full, a.binding)
    assert loads(dated, 0, dated.regime("normal")) == loads(d, 0, d.regime("normal"))


def test_a_station_that_trucks_come_back_to_counts_each_visit_once() -> None:
    d = _two(60, [{"station": "a"}, {"station": "b"}, {"station": "a"}])
    seen = simulate(d, replications=4, seed=5).streams[0]
    (told,) = expected(d)
    assert [name for name, _ in told.stations] == ["a", "b"]
    assert told.wait == pytest.approx(seen.wait_mean.mean, rel=0.15)
    assert told.queue == pytest.approx(seen.queue_mean, rel=0.15)
    assert told.p90 == pytest.approx(seen.wait_p90, rel=0.2)
    assert told.per_day == pytest.approx(60)


def test_hours_are_bounds_in_order() -> None:
    assert HOURS[0] == 0.0
    assert np.all(np.diff(HOURS) > 0)


def test_shipped_tables_are_of_the_designs_that_ship_and_solve_again() -> None:
    held = json.loads((files("birge.models.border") / "tables" / "waits.json").read_text("utf-8"))
    designs = {n: default_design(n) for n in default_names() if n != COMPLEX}
    assert set(held) == {f"{n}/{s.id}" for n, d in designs.items() for s in d.streams}
    for name, d in designs.items():
        assert all(held[f"{name}/{s.id}"]["hash"] == design_hash(d) for s in d.streams), f"{name}: make the table anew"
    rng = np.random.default_rng(int(design_hash(designs["karasu"])[:8], 16))
    for key in rng.choice(sorted(held), 4, replace=False):
        name, stream = str(key).split("/")
        case, entry = case_of(designs[name], stream), held[key]
        assert (case.full, case.rest_full) == pytest.approx((entry["full"], entry["rest_full"]))
        i, j = rng.integers(len(LOADS)), rng.integers(len(CAPACITIES))
        both = [entry[part][i][j] for part in ("slowest", "joined")]
        assert case.at_slowest(LOADS[i], CAPACITIES[j]) == pytest.approx(both, rel=1e-4)
        i, j = rng.integers(len(REST_LOADS)), rng.integers(len(PASSED))
        fresh = case.at_rest(REST_LOADS[i], PASSED[j], np.array(entry["joined"]))
        # `joined` is rounded, and so is the load at which the rest is looked at
        assert entry["rest"][i][j] == pytest.approx(fresh, rel=1e-3)


def test_a_changed_design_is_worked_out_anew() -> None:
    d = default_design("kegen")
    quicker = d.model_copy(update={"stations": tuple(s.model_copy(update={"places": 7}) for s in d.stations)})
    made, shipped = table_of(quicker, "KGZ-KAZ"), table_of(d, "KGZ-KAZ")
    # waiting places are not in the recursion: the same numbers, which the shipped table holds to five digits
    assert np.any(made.slowest != shipped.slowest)
    assert made.slowest == pytest.approx(shipped.slowest, rel=1e-4)
