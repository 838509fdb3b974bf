"""The policy against what is known of it: the deterministic programme, bounds, balances, persistence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from birge.errors import InputError, SolveError
from birge.models.power.answer import headed
from birge.models.power.case import case
from birge.models.power.circle import settle, spread
from birge.models.power.dispatch import dispatch
from birge.models.power.inflow import fitted_spread, noise_values, seasonal_spread, seen_seasons, step
from birge.models.power.lp import Assembly, Solver
from birge.models.power.policy import Policy, Setup, train, water_values
from birge.models.power.simulate import measure, simulate
from birge.models.power.system import observed, power_system
from birge.models.power.yields import met
from birge.rng import Streams

SYSTEM = power_system(("KAZ", "KGZ"))
START = {"toktogul": 9.4}
YEAR = [case(SYSTEM, 2026, "purchases", members=("KGZ",), blocks=4)] * 12
QUICK = Setup(START, outcomes=4, circle=12, tail=96, sweeps=20)


@pytest.fixture(scope="module")
def made() -> Policy:
    return train(SYSTEM, YEAR, QUICK)


def test_without_noise_it_is_the_deterministic_programme() -> None:
    # The year by months has the yields of the volumes it meets; the policy is given the same ones.
    exact = dispatch(SYSTEM, YEAR[0], START, {"toktogul": 5.6})
    system = met(SYSTEM, exact.volume)
    made = train(system, YEAR, Setup(START, outcomes=1, sweeps=60, close=1e-7, discount=0.0, terminal=False))
    assert made.bound <= exact.cost * (1 + 1e-7)
    assert made.bound == pytest.approx(exact.cost, rel=1e-5)
    # At the optimum the value of water of the policy is the dual of the first volume in the year's programme.
    assert -made.horizon[0].expected(made.first)[1][0] == pytest.approx(exact.water_value["toktogul"], rel=1e-4)


def test_a_month_for_all_outcomes_is_the_mean_of_the_months_for_each(made: Policy) -> None:
    at, state = made.horizon[4], np.array([8.1, 0.0, 0.4])
    anomalies = step(at.river, at.month, 0.4, noise_values(4))
    each = [at.solve(state, float(z)) for z in anomalies]
    cost, slope = at.expected(state)
    assert cost == pytest.approx(np.mean([s.cost for s in each]), rel=1e-9)
    h = 1e-3
    for k in range(3):
        ends = [at.expected(state + sign * h * np.eye(3)[k])[0] for sign in (-1, 1)]
        assert cost - ends[0] - 1e-9 <= slope[k] * h + 1e-9 or ends[1] - cost >= slope[k] * h - 1e-9
        assert (cost - ends[0]) / h - 1e-6 <= slope[k] <= (ends[1] - cost) / h + 1e-6, "a subgradient"


def test_the_worst_share_is_weighed_as_its_definition_says() -> None:
    share = SYSTEM.parameters["cvar-share"].mode
    made = train(SYSTEM, YEAR, replace(QUICK, outcomes=5, sweeps=1, caution=0.3))
    at, state = made.horizon[4], np.array([8.1, 0.0, 0.4])
    costs = [at.solve(state, float(z)).cost for z in step(at.river, at.month, 0.4, noise_values(5))]
    assert share == 1 / 5, "the worst share is the worst outcome of five"
    assert at.expected(state)[0] == pytest.approx(0.7 * np.mean(costs) + 0.3 * max(costs), rel=1e-9)


def test_the_bound_rises_and_stays_below_what_the_policy_costs(made: Policy) -> None:
    assert (np.diff(made.bounds) >= -1e-6 * made.bound).all()
    found = measure(made, 25, Streams(3))
    run = simulate(made, 50, Streams(3))
    assert found.cost >= made.bound
    # Both are means of the same cost; the measured one has lost the luck of its rivers.
    assert abs(found.cost - run.cost.mean()) <= 3 * np.hypot(found.error, run.error)
    assert found.error < run.error / 3


def test_the_same_seed_gives_the_same_policy() -> None:
    short = replace(QUICK, outcomes=2, circle=8, tail=24, sweeps=3)
    one, two = (simulate(train(SYSTEM, YEAR[:4], short), 2, Streams(3)) for _ in range(2))
    assert (one.cost == two.cost).all()


def test_water_is_neither_made_nor_lost(made: Policy) -> None:
    run, river = simulate(made, 5, Streams(3)), SYSTEM.rivers["toktogul"]
    volume, r = run.volume["toktogul"], SYSTEM.reservoirs[0]
    assert ((volume >= r.stop_km3 - 1e-6) & (volume <= r.full_km3 + 1e-6)).all()
    lost = river.evaporation_m / 1_000 * (r.area_base_km2 + r.area_slope_km2 * volume[:, :-1])
    assert np.abs(np.diff(volume) - (run.inflow - lost - run.release)).max() < 1e-6


def test_power_by_the_head_is_short_of_the_truth_by_the_second_order_alone(made: Policy) -> None:
    system = headed(SYSTEM, simulate(made, 5, Streams(3)))
    # Few states: only the arithmetic of the head is looked at, not the policy.
    policy = train(system, YEAR, replace(QUICK, circle=8, tail=24, sweeps=5))
    run, river, r = simulate(policy, 5, Streams(4)), system.rivers["toktogul"], SYSTEM.reservoirs[0]
    volume, release = run.volume["toktogul"][:, :-1], run.turbined["toktogul"]
    true = 1_000 * (r.yield_base + r.yield_slope * volume) * release
    error = 1_000 * r.yield_slope * (volume - river.usual_km3) * (release - river.release_km3)
    assert np.abs(run.hydro - (true - error)).max() < 1e-4
    usual = 1_000 * (r.yield_base + r.yield_slope * river.usual_km3) * release
    assert np.sqrt(((run.hydro - true) ** 2).mean()) < 0.7 * np.sqrt(((usual - true) ** 2).mean())
    lived = simulate(policy, 2, Streams(4), true_head=True)
    met = lived.volume["toktogul"][:, :-1]
    assert np.abs(lived.hydro - 1_000 * (r.yield_base + r.yield_slope * met) * lived.turbined["toktogul"]).max() < 1e-4
    again = simulate(policy, 5, Streams(4))
    assert again.hydro == pytest.approx(run.hydro, abs=1e-4), "the true head leaves the policy as it was"
    for at in policy.horizon:
        for volume_in in (5.6, 19.5):
            assert np.isfinite(at.solve(np.array([volume_in, 0.0, 0.0]), -4.0).cost)


def test_more_blocks_are_never_cheaper() -> None:
    of = case(SYSTEM, 2026, "purchases", members=("KGZ",))
    bounds = [
        train(SYSTEM, [of.at(blocks=b)] * 3, Setup(START, outcomes=1, sweeps=40, close=1e-9, terminal=False)).bound
        for b in (1, 4, 8)
    ]
    assert (np.diff(bounds) >= -1e-6 * bounds[0]).all()


def test_further_years_in_the_circle_hardly_move_values_of_water() -> None:
    made = train(SYSTEM, YEAR[:1], replace(QUICK, outcomes=2, circle=24, tail=180, sweeps=1))
    volumes = [6.5, 8.0, 9.4, 12.0, 15.0]
    states = [spread(SYSTEM, YEAR[-1], 24, s.month) for s in made.circle]
    settle(made.circle, states, 2, 0.0, made.horizon[0].factor)
    at_24 = water_values(made, volumes)
    settle(made.circle, states, 3, 0.0, made.horizon[0].factor)
    assert np.abs(water_values(made, volumes) - at_24).mean() < 0.01 * at_24.mean()


def test_every_month_has_a_solution_whatever_comes_in(made: Policy) -> None:
    for at in made.horizon:
        for volume in (5.6, 19.5):
            for anomaly in (-4.0, 5.0):
                assert np.isfinite(at.solve(np.array([volume, 0.0, 0.0]), anomaly).cost)


def test_a_solve_that_runs_out_of_time_is_an_error() -> None:
    with pytest.raises(SolveError, match="Time limit"):
        train(SYSTEM, YEAR, replace(QUICK, seconds=0.0))


def test_a_solver_that_takes_another_method_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("birge.models.power.lp.METHOD", "a-method-it-has-not")
    with pytest.raises(SolveError, match="a-method-it-has-not"):
        dispatch(SYSTEM, YEAR[0])


def test_what_the_solver_does_not_take_is_an_error() -> None:
    a = Assembly()
    x = a.column(2, 1.0)
    a.put(a.row(1, 1.0), x, 1.0)
    s = Solver(a)
    assert s.solve().cost == pytest.approx(1.0)
    with pytest.raises(SolveError, match="did not take 1 rows"):
        s.at_least(np.zeros(1), np.array([[0, 0]], np.int32), np.ones((1, 2)))
    with pytest.raises(SolveError, match="did not take a coefficient"):
        s.coefficient(7, 0, 1.0)
    assert s.solve().cost == pytest.approx(1.0)
    twice = Assembly()
    twice.put(twice.row(1, 1.0), np.repeat(twice.column(1, 1.0), 2), [1.0, 2.0])
    with pytest.raises(SolveError, match="did not take the programme"):
        Solver(twice)


def test_the_head_of_the_moment_changes_the_cost_and_leaves_the_policy_as_it_was(made: Policy) -> None:
    state = np.array([9.4, 0.0, 0.0])
    before = made.horizon[0].solve(state, 0.0).cost
    usual, true = (simulate(made, 5, Streams(3), true_head=h) for h in (False, True))
    assert np.abs(usual.volume["toktogul"] - true.volume["toktogul"]).max() > 0.01
    assert made.horizon[0].solve(state, 0.0).cost == pytest.approx(before, abs=1e-6)


def test_caution_keeps_more_water(made: Policy) -> None:
    careful = train(SYSTEM, YEAR, replace(QUICK, caution=0.8))
    assert careful.bound > made.bound
    low, kept = (simulate(p, 30, Streams(3)).volume["toktogul"].mean() for p in (made, careful))
    assert kept > low


def test_water_is_worth_less_the_more_there_is(made: Policy) -> None:
    values = water_values(made, [6.0, 9.0, 12.0, 18.0])
    assert (np.diff(values, axis=1) <= 1e-6).all()
    assert (values >= -1e-6).all()


def test_noise_has_variance_one_and_the_river_its_spread() -> None:
    for n in (2, 8, 20):
        assert noise_values(n).mean() == pytest.approx(0, abs=1e-12)
        assert (noise_values(n) ** 2).mean() == pytest.approx(1)
    river, rng = SYSTEM.rivers["toktogul"], np.random.default_rng(1)
    z, total = np.zeros(4_000), np.zeros(4_000)
    for k in range(36):
        z = step(river, k % 12, z, rng.standard_normal(4_000))
        if k >= 24:
            total += river.inflow_km3[k % 12] * (1 + river.spread[k % 12] * z)
    # The standard error of a standard deviation from n draws is about its size over √(2n).
    assert total.std() / total.mean() == pytest.approx(seasonal_spread(river), rel=4 / np.sqrt(8_000))
    low = noise_values(8)[0] * np.sqrt(1 - 0.6**2) / (1 - 0.6)
    assert 1 + river.spread.max() * low > 0, "the inflow is positive whatever is drawn"


def test_the_spread_of_the_river_is_the_one_that_known_seasons_imply() -> None:
    river, seasons = SYSTEM.rivers["toktogul"], seen_seasons(observed())
    assert len(seasons) == 6
    spread, error = fitted_spread(river, seasons)
    assert river.spread == pytest.approx(spread, abs=0.01)
    # Seasons drawn from the model give the spread back: the mean of many fits of ten years, within its standard error.
    rng = np.random.default_rng(4)
    z, months = np.zeros(500), np.zeros((12, 500))
    for k in range(36):
        z = step(river, k % 12, z, rng.standard_normal(500))
        months[k % 12] = river.inflow_km3[k % 12] * (1 + river.spread[k % 12] * z)
    drawn = [(range(12), float(v)) for v in months.sum(axis=0) / river.inflow_km3.sum()]
    again, error = fitted_spread(river, drawn)
    assert again == pytest.approx(river.spread[0], abs=4 * error)


def test_a_plant_that_comes_later_changes_nothing_before() -> None:
    of = case(SYSTEM, 2026, "purchases", members=("KGZ",), blocks=4, milestones=("kambarata-first-unit",))
    later = of.at(online={**of.online, "kambarata-1": np.arange(12) >= 3})
    setup = Setup(START | {"kambarata-1": 2.53}, outcomes=1, circle=8, sweeps=40, close=1e-9, terminal=False)
    without = train(SYSTEM, YEAR[:3], Setup(START, outcomes=1, circle=8, sweeps=40, close=1e-9, terminal=False))
    assert train(SYSTEM, [later] * 3, setup).bound == pytest.approx(without.bound, rel=1e-6)
    assert train(SYSTEM, [later] * 5, setup).bound < train(SYSTEM, [of.at(reservoirs=("toktogul",))] * 5, setup).bound


def test_another_cascade_works_by_data() -> None:
    of = case(SYSTEM, 2026, "purchases", members=("KGZ",), blocks=4, milestones=("kambarata-first-unit",))
    both = train(SYSTEM, [of] * 6, Setup(START | {"kambarata-1": 3.5}, outcomes=2, circle=8, tail=12, sweeps=5))
    assert set(simulate(both, 2, Streams(1)).volume) == {"toktogul", "kambarata-1"}
    assert dispatch(SYSTEM, of).cost < dispatch(SYSTEM, YEAR[0]).cost


def test_a_volume_out_of_range_is_named() -> None:
    with pytest.raises(InputError, match="toktogul"):
        train(SYSTEM, YEAR, Setup({"toktogul": 3.0}))
