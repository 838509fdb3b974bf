"""The policy against what is known of it: the deterministic programme, bounds, balances, persistence."""

from __future__ import annotations

import numpy as np
import pytest

from birge.errors import InputError
from birge.models.power.case import case
from birge.models.power.dispatch import dispatch
from birge.models.power.inflow import noise_values, step, yearly_spread
from birge.models.power.policy import Setup, train, water_values
from birge.models.power.simulate import simulate
from birge.models.power.system import power_system
from birge.rng import Streams

SYSTEM = power_system(("KAZ", "KGZ"))
START = {"toktogul": 9.4}
YEAR = [case(SYSTEM, 2026, "purchases", members=("KGZ",))] * 12


def test_without_noise_it_is_the_deterministic_programme() -> None:
    made = train(SYSTEM, YEAR, Setup(START, outcomes=1, sweeps=60, discount=0.0, terminal=False))
    exact = dispatch(SYSTEM, YEAR[0], START, {"toktogul": 5.6}).cost
    assert made.bound <= exact + 1e-6
    assert made.bound == pytest.approx(exact, rel=1e-5)


def test_the_bound_rises_and_stays_below_what_the_policy_costs() -> None:
    made = train(SYSTEM, YEAR, Setup(START, circle=10, tail=24, sweeps=30))
    assert (np.diff(made.bounds) >= -1e-6).all()
    run = simulate(made, 50, Streams(3))
    assert run.cost.mean() + 3 * run.error >= made.bound
    assert (run.volume["toktogul"] >= 5.6 - 1e-6).all()
    assert (run.volume["toktogul"] <= 19.5 + 1e-6).all()
    fresh = simulate(train(SYSTEM, YEAR, Setup(START, circle=10, tail=24, sweeps=30)), 50, Streams(3))
    assert (run.cost == fresh.cost).all()


def test_the_head_of_the_moment_changes_the_cost_and_leaves_the_policy_as_it_was() -> None:
    made = train(SYSTEM, YEAR, Setup(START, circle=5, tail=24, sweeps=10))
    state = np.array([9.4, 0.0, 0.0])
    before = made.horizon[0].solve(state, 0.0).cost
    usual, true = (simulate(made, 5, Streams(3), true_head=h) for h in (False, True))
    assert np.abs(usual.volume["toktogul"] - true.volume["toktogul"]).max() > 0.01
    assert made.horizon[0].solve(state, 0.0).cost == pytest.approx(before, abs=1e-6)


def test_caution_keeps_more_water() -> None:
    bold, careful = (train(SYSTEM, YEAR, Setup(START, circle=10, tail=24, sweeps=20, caution=c)) for c in (0.0, 0.8))
    assert careful.bound > bold.bound


def test_water_is_worth_less_the_more_there_is() -> None:
    made = train(SYSTEM, YEAR, Setup(START, circle=10, tail=24, sweeps=1))
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
    assert total.std() / total.mean() == pytest.approx(yearly_spread(river), rel=4 / np.sqrt(8_000))
    low = noise_values(8)[0] * np.sqrt(1 - 0.6**2) / (1 - 0.6)
    assert 1 + river.spread.max() * low > 0, "the inflow is positive whatever is drawn"


def test_another_cascade_works_by_data() -> None:
    of = case(SYSTEM, 2026, "purchases", members=("KGZ",), milestones=("kambarata-first-unit",))
    both = train(SYSTEM, [of] * 6, Setup(START | {"kambarata-1": 3.5}, circle=5, tail=12, sweeps=10))
    assert set(simulate(both, 2, Streams(1)).volume) == {"toktogul", "kambarata-1"}
    assert dispatch(SYSTEM, of).cost < dispatch(SYSTEM, YEAR[0]).cost


def test_a_volume_out_of_range_is_named() -> None:
    with pytest.raises(InputError, match="toktogul"):
        train(SYSTEM, YEAR, Setup({"toktogul": 3.0}))
