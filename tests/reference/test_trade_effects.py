"""Effects of measures against numerical integration and hand calculation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from birge.errors import InputError
from birge.factbook import Factbook
from birge.models import trade
from birge.models.trade.response import FIRST_YEAR, rate, year_mean
from birge.plan import embedded
from birge.plan.schema import Plan
from birge.rng import Streams
from birge.units import month_of

AS_OF = date(2026, 11, 24)
BOOK = Factbook.embedded()


def sigma(age: np.ndarray, long_run: float) -> np.ndarray:
    k = -np.log(1 - 0.76 / long_run) / 12
    return np.where(age > 0, long_run * (1 - np.exp(-k * np.maximum(age, 0))), 0.0)


@pytest.mark.parametrize("ramp", [0.0, 6.0, 24.0])
@pytest.mark.parametrize("opening", [300.0, 312.0, 317.5, 330.0])
def test_year_means_equal_numerical_integration(ramp: float, opening: float) -> None:
    t = 312 + (np.arange(1200) + 0.5) / 100
    u = (np.arange(400) + 0.5) / 400
    ages = t[:, None] - opening - (ramp * u)[None, :]
    wanted = sigma(ages, 2.0).mean()
    got = year_mean(np.array([opening, np.inf]), 2026, ramp, np.array([2.0, 2.0]))
    assert got[0] == pytest.approx(wanted, abs=2e-4)
    assert got[1] == 0.0
    step = year_mean(np.array([opening]), 2026, ramp)
    assert step[0] == pytest.approx((ages > 0).mean(), abs=2e-3)


def test_the_path_passes_the_published_points() -> None:
    for long_run in (1.75, 2.0, 2.25):
        assert sigma(np.array([12.0]), long_run)[0] == pytest.approx(FIRST_YEAR)
        assert rate(np.array([long_run]))[0] > 0
        assert sigma(np.array([84.0]), long_run)[0] > 0.92 * long_run


def test_an_effect_open_half_a_year_counts_half_in_that_year() -> None:
    assert year_mean(np.array([month_of(date(2026, 7, 1))]), 2026, 0.0)[0] == pytest.approx(0.5)


def plan(**effect) -> Plan:
    """The embedded plan with one measure and one effect of known size."""
    base = embedded()
    first = base.measures[0]
    made = {
        "driver": "trade.cost",
        "size": {"kind": "fixed", "value": -0.02},
        "from": first.milestones[-1].id,
        "evidence": "test",
        **effect,
    }
    measure = type(first).model_validate({**first.model_dump(by_alias=True), "effects": [made]})
    return base.model_copy(update={"measures": (measure,)})


def run(p: Plan, opening: date, as_of: date = AS_OF):
    inputs = trade.setup(p, BOOK, None, as_of)
    finish = np.full((1_000, len(p.milestones())), month_of(opening))
    streams = Streams(1)
    return inputs, trade.steps(trade.prepare(inputs, streams), finish, streams)


def test_a_cost_cut_by_hand() -> None:
    """-2 % from 2027-01-01: in 2027 the mean of σ over the first year times .02 times ρ = .965, one way."""
    inputs, s = run(plan(), date(2027, 1, 1))
    y = inputs.years.index(2027)
    mean_sigma = sigma(np.arange(0.05, 12, 0.1), 2.0).mean()
    assert s.log[:, 0, y, 0].mean() == pytest.approx(0.02 * mean_sigma * 0.965, rel=0.01)
    assert (s.log[:, 0, inputs.years.index(2026)] == 0).all()
    assert (s.new == 0).all()
    assert (s.recorded == 0).all()


def test_kappa_moves_both_worlds_but_not_the_step_between_them() -> None:
    inputs, s = run(plan(), date(2027, 6, 1))
    with_plan = s.base_log + s.log.sum(axis=1)
    step = with_plan - s.base_log
    np.testing.assert_allclose(step, s.log[:, 0], atol=1e-15)
    y = inputs.years.index(2030)
    assert (s.base_log[:, y] < 0).all()
    assert (with_plan[:, y] > 0).all()
    share = -s.base_log[:, y, 0] / s.log[:, 0, y, 0]
    assert abs(share.mean() - 0.5) < 4 * np.sqrt(0.05 / 1_000)


@pytest.mark.parametrize("kappa", [0.0, 1.0])
def test_a_fixed_kappa_puts_the_effect_on_one_side(kappa: float) -> None:
    """At κ = 0 all of it is added and stopping loses nothing; at κ = 1 it is all in the trend."""
    p = plan()
    inputs = trade.setup(p, BOOK, None, AS_OF)
    finish = np.full((1_000, len(p.milestones())), month_of(date(2027, 6, 1)))
    prepared = trade.prepare(inputs, Streams(1))
    drawn = trade.steps(prepared, finish, Streams(1))
    fixed = trade.steps(prepared, finish, Streams(1), kappa=kappa)
    np.testing.assert_array_equal(fixed.log, drawn.log)
    np.testing.assert_allclose(fixed.base_log, -kappa * fixed.log[:, 0], atol=1e-15)
    with pytest.raises(InputError):
        trade.steps(prepared, finish, Streams(1), kappa=1.5)


def test_independent_effects_share_no_parameter() -> None:
    """Two equal border effects move together through common factors, and not at all without them."""
    base = plan(driver="border.hours", size={"kind": "fixed", "value": -4.0})
    one = base.measures[0]
    effect = one.effects[0]
    measures = (one.model_copy(update={"effects": (effect, effect)}),)
    inputs = trade.setup(base.model_copy(update={"measures": measures}), BOOK, None, AS_OF)
    prepared = trade.prepare(inputs, Streams(1))
    finish = np.full((1_000, len(base.milestones())), month_of(date(2027, 6, 1)))

    def alone(which: int, independent: bool) -> np.ndarray:
        part = replace(prepared, inputs=replace(inputs, effects=(inputs.effects[which],)))
        return trade.steps(part, finish, Streams(1), independent=independent).log[:, 0, -1, 0]

    np.testing.assert_array_equal(alone(0, False), alone(1, False))
    assert abs(np.corrcoef(alone(0, True), alone(1, True))[0, 1]) < 4 / np.sqrt(1_000)
    assert alone(0, True).mean() == pytest.approx(alone(0, False).mean(), rel=0.05)


def test_what_was_finished_and_ramped_before_the_data_adds_nothing_if_the_plan_stops() -> None:
    _, s = run(plan(driver="trade.demand", size={"kind": "fixed", "value": 0.1}), date(2020, 1, 1))
    assert (s.log == 0).all()
    np.testing.assert_allclose(s.base_log, 0.0, atol=1e-12)
    np.testing.assert_allclose(s.never_log, -0.1, atol=1e-12)


def test_what_is_finished_but_still_ramping_stays_if_the_plan_stops() -> None:
    inputs, s = run(plan(driver="trade.demand", size={"kind": "fixed", "value": 0.1}, ramp_months=24), date(2025, 7, 1))
    assert (s.log == 0).all()
    assert (s.base_log[:, inputs.years.index(2027)] > 0).all()


def test_new_flow_splits_over_directions_and_respects_the_selector() -> None:
    inputs, s = run(plan(driver="trade.new_flow", size={"kind": "fixed", "value": 50}), date(2027, 1, 1))
    y = inputs.years.index(2028)
    np.testing.assert_allclose(s.new[:, 0, y], 25.0)
    one = plan(driver="trade.new_flow", size={"kind": "fixed", "value": 50}, select={"direction": "KGZ-KAZ"})
    inputs, s = run(one, date(2027, 1, 1))
    np.testing.assert_allclose(s.new[:, 0, y], np.tile([0.0, 50.0], (1_000, 1)))


def test_recorded_acts_on_one_reporter_only() -> None:
    p = plan(driver="trade.recorded", size={"kind": "fixed", "value": -0.1}, select={"reporter": "KGZ"})
    inputs, s = run(p, date(2027, 1, 1))
    np.testing.assert_allclose(s.recorded[:, 0, inputs.years.index(2028)], np.tile([0.0, -0.1], (1_000, 1)))
    assert (s.log == 0).all()


def test_an_effect_that_ends_is_gone_and_one_that_fades_halves() -> None:
    ended = plan(driver="trade.demand", size={"kind": "fixed", "value": 0.1}, end="2028-01-01")
    inputs, s = run(ended, date(2027, 1, 1))
    np.testing.assert_allclose(s.log[:, 0, inputs.years.index(2027)], 0.1)
    np.testing.assert_allclose(s.log[:, 0, inputs.years.index(2028)], 0.0, atol=1e-12)
    fading = plan(driver="trade.demand", size={"kind": "fixed", "value": 0.1}, half_life_months=12)
    inputs, s = run(fading, date(2027, 1, 1))
    a, b = s.log[0, 0, inputs.years.index(2028), 0], s.log[0, 0, inputs.years.index(2029), 0]
    assert b / a == pytest.approx(0.5)


def test_bounds_hold_after_combining_and_are_counted() -> None:
    _, s = run(plan(size={"kind": "fixed", "value": -0.8}), date(2027, 1, 1))
    assert s.clipped == 1_000
    _, small = run(plan(size={"kind": "fixed", "value": -0.5}), date(2027, 1, 1))
    np.testing.assert_allclose(s.log, small.log)
    assert small.clipped == 0


def test_an_hour_at_a_crossing_by_hand() -> None:
    """Four hours saved at Karasu: goods .6 % a day at most for half the goods, a truck's hour of 17.5 USD on a load."""
    p = plan(driver="border.hours", size={"kind": "fixed", "value": -4.0}, select={"crossing": "karasu"})
    inputs = trade.setup(p, BOOK, None, AS_OF)
    cost = trade.total_cost(trade.prepare(inputs, Streams(1)), Streams(1))
    value = np.random.default_rng(1).triangular(400, 800, 3500, 100_000)
    all_shares = 1 / (1 + (0.085 + 0.085 + 0.01 + 0.125 + 0.125 + 0.025 + 0.025 - 0.35))
    hand = -4 * (0.013 * 0.5 / 24 + 17.5 / 20 * (1 / value).mean()) * np.array([0.55, 0.85]) * 0.65 * all_shares
    assert cost.mean(axis=0) == pytest.approx(hand, rel=0.06)
    assert (cost <= 0).all()


def test_all_border_and_facilitation_effects_stay_within_the_full_package() -> None:
    inputs = trade.setup(embedded(), BOOK, None, AS_OF)
    cost = trade.total_cost(trade.prepare(inputs, Streams(1)), Streams(1))
    assert np.quantile(cost, 0.05) > -0.15
    assert np.median(cost) < 0
