"""Shares, sensitivities, what it would take: against closed forms, and against other implementations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm

from birge.assess.ensemble import Request, sampled
from birge.assess.figures import unverified
from birge.assess.inputs import inputs
from birge.assess.milestones import smoothed_gain
from birge.assess.needed import MOST, Datum, needed
from birge.assess.sensitivity import ranked, sensitivities
from birge.assess.shapley import Game, gains
from birge.assess.shares import NOT_THE_PLAN, group_shares, measure_shares
from birge.factbook import Factbook
from birge.plan import embedded
from birge.spec import Draw

AS_OF = date(2026, 11, 24)
SIGMA = 0.3
MEDIAN = 2_500.0


def lognormal(draws: int, *effects: float, new: float = 0.0) -> Game:
    """Return turnover of MEDIAN exp(SIGMA z + Σ effects) + new at the value 3,000; z in even quantiles."""
    z = norm.ppf((np.arange(draws) + 0.5) / draws)
    base = np.stack([MEDIAN * np.exp(SIGMA * z), np.zeros(draws)], axis=1)
    log = np.tile(np.array(effects)[None, :, None], (draws, 1, 2))
    added = np.full((draws, len(effects), 2), new / 2)
    return Game(base, log, added, np.zeros(draws), 3_000.0)


def draw(name: str, value: np.ndarray) -> Draw:
    return Draw(name, name, "1", True, value)


def test_odds_by_fifth_of_an_input_that_decides() -> None:
    rng = np.random.default_rng(1)
    x, noise, idle = rng.random((3, 20_000))
    met = x > noise  # P(met | x) = x: .1 in the lowest fifth, .9 in the highest
    first, second = sensitivities(ranked([draw("idle", idle), draw("x", x)]), met)
    assert first.id == "x"
    assert abs(first.odds_low - 0.1) < 4 * np.sqrt(0.09 / 4_000)
    assert abs(first.odds_high - 0.9) < 4 * np.sqrt(0.09 / 4_000)
    assert first.difference == first.odds_high - first.odds_low
    assert first.se == pytest.approx(np.sqrt(2 * 0.09 / 4_000), rel=0.1)
    assert (first.low, first.high) == (pytest.approx(0.1, abs=0.01), pytest.approx(0.9, abs=0.01))
    assert abs(second.difference) < 4 * second.se
    assert abs(second.z) < 4


@pytest.mark.parametrize("ties", [False, True])
def test_the_rank_test_equals_scipys(ties: bool) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=500)
    met = x + rng.normal(size=500) > 0.3
    if ties:
        x = np.round(x, 1)
        x[x > 1] = np.inf
    row = sensitivities(ranked([draw("x", x)]), met)[0]
    whole = mannwhitneyu(x[met], x[~met], method="asymptotic", use_continuity=False, alternative="greater")
    assert norm.sf(row.z) == pytest.approx(whole.pvalue, rel=1e-9)


def test_an_input_that_does_not_vary_says_nothing() -> None:
    assert sensitivities(ranked([draw("fixed", np.ones(100))]), np.arange(100) > 50) == ()
    assert sensitivities(ranked([draw("x", np.arange(100.0))]), np.ones(100, dtype=bool))[0].z == 0.0


def test_growth_and_scale_that_give_the_odds_of_a_lognormal() -> None:
    effect = 0.05
    got = needed(lognormal(40_001, effect), Datum(2025, 2_000.0, "published"), 2027)
    assert got.growth_for_odds_50 == pytest.approx(np.sqrt(1.5) - 1)
    assert got.growth_median == pytest.approx(np.sqrt(MEDIAN * np.exp(effect) / 2_000) - 1, rel=1e-6)
    up = np.exp(SIGMA * norm.ppf(0.8))
    assert got.growth_for_odds_80 == pytest.approx(np.sqrt(1.5 * up) - 1, rel=1e-3)
    assert got.effect_scale_for_odds_50 == pytest.approx(np.log(3_000 / MEDIAN) / effect, rel=1e-3)
    assert got.effect_scale_for_odds_80 == pytest.approx(np.log(3_000 / MEDIAN * up) / effect, rel=1e-3)
    assert got.reason is None
    assert got.words == (
        "22.5 % a year from 2,000 mn USD in 2025 (published) to 3,000 mn USD in 2027; "
        "the median future has 14.6 % a year"
    )


def test_what_cannot_be_reached_is_null_with_a_reason() -> None:
    none = needed(lognormal(1_001, 0.0), None, 2027)
    assert none.effect_scale_for_odds_50 is None
    assert none.growth_for_odds_50 is None
    assert f"up to {MOST:.0f} times" in (none.reason or "")
    assert "no figure" in (none.reason or "")
    low = needed(lognormal(1_001, -0.05), Datum(2025, 2_000.0, "published"), 2027)
    assert low.effect_scale_for_odds_80 is None
    # half of the futures are at 3,000 with exactly this addition
    flow = needed(lognormal(1_001, 0.0, new=50), Datum(2025, 2_000.0, "published"), 2027)
    assert flow.effect_scale_for_odds_50 == pytest.approx(10.0, rel=1e-3)


def test_groups_add_up_and_pillars_hold_their_measures() -> None:
    plan = embedded()
    acting = [m for m in plan.measures if m.effects]
    firm = acting[0].model_copy(
        update={"effects": tuple(e.model_copy(update={"assumed": False}) for e in acting[0].effects)}
    )
    plan = plan.model_copy(update={"measures": tuple(firm if m.id == firm.id else m for m in plan.measures)})
    names = tuple(m.id for m in acting)
    rng = np.random.default_rng(3)
    log = rng.normal(0.05, 0.05, (3_000, len(names), 2))
    game = Game(rng.lognormal(7.2, 0.3, (3_000, 2)), log, np.zeros_like(log), np.zeros(3_000), 3_000.0)
    gain = gains(game, rng)
    rows = measure_shares(plan, names, game, gain)
    groups = {g.id: g for g in group_shares(plan, names, game, gain)}
    odds = (game.turnover(np.ones(len(names), bool)) >= 3_000).mean()
    assert sum(r.shapley_odds for r in rows) == pytest.approx(odds)
    assert next(r.id for r in rows) == NOT_THE_PLAN
    assert [abs(r.mean_musd) for r in rows[1:]] == sorted((abs(r.mean_musd) for r in rows[1:]), reverse=True)
    assert groups["evidence"].measures == (firm.id,)
    one = next(r for r in rows if r.id == firm.id)
    assert groups["evidence"].shapley_odds == pytest.approx(one.shapley_odds)
    assert groups["evidence"].shapley_odds_se == pytest.approx(one.shapley_odds_se)
    assert groups["evidence"].mean_musd == pytest.approx(one.mean_musd)
    parts = [g for g in groups.values() if g.kind == "pillar"]
    assert sum(g.shapley_odds for g in parts) == pytest.approx(groups["plan"].shapley_odds)
    assert groups["plan"].shapley_odds == pytest.approx(groups["assumed"].shapley_odds + one.shapley_odds)
    assert sorted(m for g in parts for m in g.measures) == sorted(names)
    off = np.zeros(len(names), bool)
    assert groups["plan"].without_odds == (game.turnover(off) >= 3_000).mean()


def test_a_measures_odds_are_spread_by_its_own_size() -> None:
    rng = np.random.default_rng(4)
    size = rng.uniform(0.0, 0.4, 20_000)
    game = lognormal(20_000, 0.0)
    game = Game(rng.permutation(game.base), np.repeat(size[:, None, None], 2, axis=2), game.new, game.fixed, game.value)
    plan = embedded()
    name = next(m.id for m in plan.measures if m.effects)
    row = measure_shares(plan, (name,), game, gains(game, rng))[1]
    assert row.spread_odds is not None
    for (low, high), got in zip(((0.0, 0.08), (0.32, 0.4)), row.spread_odds, strict=True):
        mid = np.linspace(low, high, 201)
        gap = np.log(3_000 / MEDIAN)
        exact = (norm.sf((gap - mid) / SIGMA) - norm.sf(gap / SIGMA)).mean()
        # the fifth is by the step in money, which goes with the size and a little with the level
        assert got == pytest.approx(exact, abs=4 * np.sqrt(0.25 / 4_000))


def test_the_inputs_are_the_ones_the_models_used() -> None:
    made = sampled(Request(embedded(), Factbook.embedded(), AS_OF, 1_500))
    found = {d.id: d for d in inputs(made)}
    assert all(len(d.value) == 1_500 for d in found.values())
    # turnover of the last year of evidence is the drawn level; the paths start there
    last = made.joint.years.index(made.outlook.central.year)
    # with its electricity, which the base leaves out
    flow = (made.joint.base / made.joint.kept)[:, last].sum(axis=1) + made.joint.electricity(plan=False)[:, last]
    np.testing.assert_allclose(np.exp(found["outlook/level"].value), flow[:, 0], rtol=1e-10)
    np.testing.assert_allclose(np.exp(found["outlook/gap"].value), flow[:, 0] / flow[:, 1], rtol=1e-10)
    k = made.dates.network.ids.index("complex-open")
    assert (found["schedule/complex-open"].value == made.dates.finish[:, k]).all()
    # the complex adds its size times how far it is open, so where it is fully open all year, its size
    size = found["trade/effect/industrial-complex/0"].value
    y, m = made.joint.years.index(2030), made.joint.measures.index("industrial-complex")
    finish = made.dates.finish[:, k]
    opened = (finish > made.as_of) & (finish + 36 < 12 * 30)
    assert opened.sum() > 10
    np.testing.assert_allclose(made.joint.new[opened, m, y].sum(axis=1), size[opened], rtol=1e-9)
    goal = made.goals["turnover-2027-kaz"]
    assert not isinstance(goal, str)
    rows = {r.id: r for r in sensitivities(ranked(inputs(made)), made.met(goal))}
    # what trade has reached and how fast it grew decides, and more of either is better
    assert rows["outlook/level"].z > 4
    assert rows["outlook/growth"].z > 4
    assert found["trade/kappa/industrial-complex"].value.mean() == pytest.approx(0.5, abs=4 * np.sqrt(0.05 / 1_500))


@pytest.mark.parametrize("step", [1e-4, 0.02, -0.1])
def test_a_month_is_worth_what_the_lognormal_says(step: float) -> None:
    rng = np.random.default_rng(6)
    before = MEDIAN * np.exp(SIGMA * rng.standard_normal(20_000))
    gain, error = smoothed_gain(before, before * np.exp(step), 3_000.0)
    gap = np.log(3_000 / MEDIAN)
    exact = norm.sf((gap - step) / SIGMA) - norm.sf(gap / SIGMA)
    # the bias of the bandwidth is some percent of the gain at most: h²/2 times the bend of the density
    assert abs(gain - exact) < 4 * error + 0.02 * abs(exact)
    assert error < 0.05 * abs(exact) + 1e-9


def test_a_month_is_worth_what_counting_says() -> None:
    rng = np.random.default_rng(7)
    before = MEDIAN * np.exp(SIGMA * rng.standard_t(5, 400_000))
    after = before * np.exp(0.1 * rng.random(400_000))
    change = (after >= 3_000).astype(float) - (before >= 3_000)
    gain, error = smoothed_gain(before[:10_000], after[:10_000], 3_000.0)
    assert abs(gain - change.mean()) < 4 * np.hypot(error, change.std() / np.sqrt(400_000)) + 0.02 * change.mean()


def test_an_unverified_figure_is_taken_out_as_a_full_run_without_it_does() -> None:
    book = Factbook.embedded()
    made = sampled(Request(embedded(), book, AS_OF, 2_000))
    goal = made.goals[embedded().headline]
    assert not isinstance(goal, str)
    names = {n for n in made.turnover if n.startswith("figure/") and " unverified figures since " not in n}
    assert len(names) >= 2
    assert any("figures since 2023" in n for n in made.turnover)
    worst = max(names, key=lambda n: abs(made.odds(goal, n) - made.odds(goal)))
    gone = set(worst.removeprefix("figure/").split(" + "))
    rest = replace(book, every=tuple(o for o in book.every if o.id not in gone))
    assert len(rest.every) == len(book.every) - len(gone)
    again = sampled(Request(embedded(), rest, AS_OF, 2_000))
    error = np.sqrt(2 * 0.25 / 2_000)
    assert abs(again.odds(goal) - made.odds(goal, worst)) < 4 * error
    for name, odds in unverified(made, goal, made.odds(goal)).items():
        assert abs(odds - made.odds(goal)) > 0.05, name
