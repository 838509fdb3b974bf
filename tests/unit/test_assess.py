"""The assessment: reproducible, consistent with its models, honest about what it cannot say."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from birge.assess import assess
from birge.assess.block import SETTLED
from birge.assess.ensemble import Ensemble, Request, sampled
from birge.assess.evaluate import evaluate, starts
from birge.errors import InputError
from birge.factbook import Factbook, read_observations
from birge.models import schedule, trade
from birge.models.registry import MODELS
from birge.plan import embedded, load
from birge.plan.scenario import load_scenario, scenario_names
from birge.plan.schema import Plan
from birge.rng import Streams

SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"
FACTS = SMALL.with_name("small-observations.csv")
AS_OF = date(2026, 11, 24)
DRAWS = 500
FEW = 100
RUN = assess(draws=DRAWS, as_of=AS_OF)
TARGET_KEYS = [
    "id",
    "indicator",
    "basis",
    "year",
    "value",
    "odds_with",
    "odds_without",
    "odds_range",
    "counterfactual",
    "median",
    "interval80",
    "shortfall_median",
]


def test_the_document_has_what_the_schema_promises() -> None:
    doc = json.loads(json.dumps(RUN.document()))
    for key in [
        "plan",
        "as_of",
        "facts_until",
        "seed",
        "draws",
        "failed_draws",
        "runtime_s",
        "targets",
        "measures",
        "milestones",
        "needed",
        "by_target",
    ]:
        assert key in doc
    assert doc["as_of"] == "2026-11-24"
    assert all(set(TARGET_KEYS) <= set(t) for t in doc["targets"])
    measure = ["id", "median_musd", "shapley_odds", "shapley_odds_se", "without_odds", "alone_odds", "assumed"]
    assert all(set(measure) <= set(m) for m in doc["measures"])
    milestone = ["id", "planned", "p_on_time", "p50", "p80", "criticality", "odds_gain_per_month"]
    assert all(set(milestone) <= set(m) for m in doc["milestones"])
    assert {"growth_for_odds_50", "growth_for_odds_80", "effect_scale_for_odds_50"} <= set(doc["needed"])
    assert doc["measures"][0]["id"] == "not-the-plan"
    assert set(doc["by_target"]) == {t["id"] for t in doc["targets"]}
    for t in doc["targets"]:
        assert (t["odds_with"] is None) == (t["reason"] is not None)
        if t["odds_with"] is not None:
            assert 0 <= t["odds_range"][0] <= t["odds_with"] <= t["odds_range"][1] <= 1


@cache
def ensemble() -> Ensemble:
    """Return the ensemble behind `RUN`."""
    return sampled(Request(embedded(), Factbook.embedded(), AS_OF, DRAWS))


def test_the_joint_ensemble_equals_what_the_models_wrote() -> None:
    made = ensemble()
    np.testing.assert_allclose(made.joint.turnover(), made.flow.sum(axis=2), rtol=1e-9)
    np.testing.assert_allclose(made.turnover["with"], made.flow.sum(axis=2), rtol=1e-9)
    assert made.failed == {}


def test_a_short_run_is_the_beginning_of_one_of_more_blocks() -> None:
    two = assess(draws=1_100, as_of=AS_OF)
    assert (two.joint.turnover()[:DRAWS] == RUN.joint.turnover()).all()
    assert (two.dates.finish[:DRAWS] == RUN.dates.finish).all()


def test_shares_add_up_to_the_difference_the_plan_makes() -> None:
    for v in RUN.verdicts:
        if v.measures:
            total = sum(m.shapley_odds or 0.0 for m in v.measures)
            assert total == pytest.approx(v.target.odds_with, abs=1e-9)


def test_a_measure_switched_off_takes_its_step_and_nothing_else() -> None:
    off = assess(draws=DRAWS, as_of=AS_OF, without=["industrial-complex"])
    k = RUN.joint.measures.index("industrial-complex")
    assert (off.joint.log[:, k] == 0).all()
    assert (off.joint.new[:, k] == 0).all()
    assert RUN.joint.new[:, k].any()
    rest = [m for m in range(len(RUN.joint.measures)) if m != k]
    assert (off.joint.new[:, rest] == RUN.joint.new[:, rest]).all()
    assert (off.joint.base == RUN.joint.base).all()
    assert (off.dates.finish == RUN.dates.finish).all()
    share = next(m for m in RUN.headline.measures if m.id == "industrial-complex")
    assert off.headline.target.odds_with == share.without_odds


def test_a_month_sooner_equals_moving_the_milestone_by_hand() -> None:
    made = ensemble()
    finish = schedule.sooner(made.dates, "complex-open", 1.0, made.as_of)
    before, after = (schedule.in_plan_order(made.dates.network, f) for f in (made.dates.finish, finish))
    inputs = {m.id: m.setup(embedded(), Factbook.embedded(), None, AS_OF) for m in MODELS}
    prepared = {m.id: m.prepare(inputs[m.id], made.root) for m in MODELS}
    streams = replace(made.root, draws=DRAWS)
    world = evaluate(MODELS, prepared, starts(DRAWS), streams, tolerance=SETTLED).world
    old, new = (trade.steps(made.effects, f, streams, freight=world["freight.cost"]) for f in (before, after))
    acting = [made.effects.inputs.measures.index(m) for m in made.joint.measures]
    parts = {k: getattr(new, k)[:, acting] for k in ("log", "new", "recorded")}
    by_hand = replace(made.joint, **parts).turnover()
    np.testing.assert_allclose(made.moved["complex-open"], by_hand, rtol=1e-12)
    assert (by_hand >= made.turnover["with"] - 1e-9).all()
    assert by_hand.mean() > made.turnover["with"].mean()
    np.testing.assert_allclose(old.new[:, acting], made.joint.new)
    # the study leads to a road that acts, the decision on a nuclear plant to nothing
    assert "issyk-kul-study" in made.moved
    assert "nuclear-decision" not in made.moved


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_lowers_what_it_interrupts(name: str) -> None:
    told = load_scenario(name)
    made = assess(draws=DRAWS, as_of=AS_OF, scenario=told)
    y = RUN.joint.years.index(2027)
    assert np.median(made.joint.turnover()[:, y, 0]) < np.median(RUN.joint.turnover()[:, y, 0])
    assert (made.joint.turnover()[:, 0] == RUN.joint.turnover()[:, 0]).all()


def test_the_past_uses_only_what_was_known() -> None:
    then = assess(draws=FEW, as_of=date(2025, 9, 1))
    assert then.facts_until <= date(2025, 9, 1)
    assert then.joint.years[0] == 2024
    assert max(r.year for r in then.mirror) == 2024
    assert {v.target.id for v in assess(draws=FEW, as_of=date(2025, 1, 15)).verdicts} == {
        "turnover-2030-kaz",
        "turnover-2030-kgz",
    }


def test_another_pairs_plan_runs_by_files_only() -> None:
    plan = load(SMALL)[0]
    book = Factbook.embedded().extended(read_observations(FACTS))
    run = assess(plan, FEW, as_of=date(2027, 9, 1), factbook=book)
    t = run.headline.target
    assert t.basis == "GEO"
    assert t.odds_with is not None
    assert run.past_targets == ()
    other = run.joint.turnover()[:, :, 1]
    assert np.isfinite(other).all()
    with pytest.raises(InputError, match="no-observations"):
        assess(plan, FEW, as_of=date(2027, 9, 1))


def without_electricity(plan: Plan) -> Plan:
    first = plan.indicators[0]
    rule = first.targets[0].settlement.model_copy(update={"electricity": "out"})
    target = first.targets[0].model_copy(update={"settlement": rule})
    changed = first.model_copy(update={"targets": (target, *first.targets[1:])})
    return plan.model_copy(update={"indicators": (changed, *plan.indicators[1:])})


def test_a_target_without_electricity_counts_what_is_left() -> None:
    made = sampled(Request(without_electricity(embedded()), Factbook.embedded(), AS_OF, DRAWS))
    goal = made.goals[embedded().headline]
    assert not isinstance(goal, str)
    y, joint = made.joint.years.index(goal.year), made.joint
    power = joint.electricity()[:, y, 0]
    np.testing.assert_allclose(made.figure(goal), made.turnover["with"][:, y, 0] - power, rtol=1e-12)
    game = goal.game(joint, made.scale(goal))
    everything = np.ones(len(joint.measures), dtype=np.bool_)
    np.testing.assert_allclose(game.turnover(everything), made.figure(goal), rtol=1e-12)
    np.testing.assert_allclose(game.turnover(~everything), made.figure(goal, "stop"), rtol=1e-12)
    # tens of millions of USD a year, not more: contracts, one line and 25 to 35 USD/MWh
    assert 30 < np.median(power) < 120
    # in the last year of data power is in what was published, so it moves nothing there
    world = evaluate_world(DRAWS)
    np.testing.assert_allclose(joint.turnover(plan=False)[:, 0], world["outlook.flow"][:, 0].sum(axis=1), rtol=1e-12)
    assert (made.moved["mirny-wind"] != made.turnover["with"]).any()
    assert (made.moved["mirny-wind"] - made.electricity["moved/mirny-wind"])[:, y] == pytest.approx(
        (made.turnover["with"] - made.electricity["with"])[:, y]
    )


def evaluate_world(draws: int) -> dict:
    inputs = {m.id: m.setup(embedded(), Factbook.embedded(), None, AS_OF) for m in MODELS}
    prepared = {m.id: m.prepare(inputs[m.id], Streams(1)) for m in MODELS}
    return dict(evaluate(MODELS, prepared, starts(draws), Streams(1, 0, draws), tolerance=SETTLED).world)


def test_a_pair_without_a_power_model_says_so() -> None:
    book = Factbook.embedded().extended(read_observations(FACTS))
    run = assess(without_electricity(load(SMALL)[0]), FEW, as_of=date(2027, 9, 1), factbook=book)
    assert run.headline.target.odds_with is None
    assert "no power model" in (run.headline.target.reason or "")
    assert run.power is not None
    assert "no power model of GEO-ARM" in (run.power.reason or "")
    assert not run.joint.electricity().any()


def test_power_tells_every_year_and_its_error() -> None:
    found = RUN.power
    assert found is not None
    assert found.reason is None
    assert [y.year for y in found.years] == list(RUN.joint.years)
    assert found.observed_musd == pytest.approx(1.027 * 30, rel=1e-3)
    for k, y in enumerate(found.years):
        assert all(0 <= s.short_odds <= 1 and 0 < s.clean_share < 1 for s in y.sides)
        assert y.below["5.6"] <= y.below["6.5"]
        for r, party in enumerate(("KAZ", "KGZ")):
            assert y.traded_musd[party] == pytest.approx(np.median(RUN.joint.electricity()[:, k, r]))
    assert 0 < found.error["volume_least"] < 0.5
    assert {"power/inflow/2027", "power/growth/KGZ", "power/price"} <= {s.id for s in RUN.headline.sensitivity}
    assert {"hydro", "solar", "wind"} <= {m.id for m in RUN.headline.measures}


def test_a_real_target_is_in_the_dollars_of_its_baseline() -> None:
    plan = embedded()
    first = plan.indicators[0]
    rule = first.targets[0].settlement.model_copy(update={"prices": "real"})
    target = first.targets[0].model_copy(update={"settlement": rule})

    def run(update: dict) -> Ensemble:
        changed = first.model_copy(update={"targets": (target,), **update})
        return sampled(Request(plan.model_copy(update={"indicators": (changed,)}), Factbook.embedded(), AS_OF, DRAWS))

    made = run({})
    goal = made.goals[target.id]
    assert not isinstance(goal, str)
    assert goal.price_year == 2024
    y = made.joint.years.index(2027)
    index = made.turnover["with"][:, y, 0] / made.figure(goal)
    # USD prices rose by 2 to 9 % a year in the factbook's years, so over three years by 6 to 30 %
    assert (index > 1.0).all()
    assert 1.04 < np.median(index) < 1.30
    assert isinstance(run({"baseline": ()}).goals[target.id], str)


def test_the_base_rate_is_the_share_of_pairs_that_grew_as_fast() -> None:
    found = RUN.headline.target.base_rate
    needed = RUN.headline.needed
    assert found is not None
    assert needed is not None
    assert found.growth == pytest.approx(needed.growth_for_odds_50)
    assert 0 <= found.low <= found.share <= found.high <= 1
    assert found.cases > 100
    assert all(v.target.base_rate is None for v in RUN.verdicts if v.target.basis is None)


def test_a_first_release_is_lower_and_a_rounded_target_easier() -> None:
    plan = embedded()
    first = plan.indicators[0]

    def odds(update: dict) -> float:
        rule = first.targets[0].settlement.model_copy(update=update)
        targets = (first.targets[0].model_copy(update={"settlement": rule}), *first.targets[1:])
        changed = plan.model_copy(
            update={"indicators": (first.model_copy(update={"targets": targets}), *plan.indicators[1:])}
        )
        return assess(changed, DRAWS, as_of=AS_OF).headline.target.odds_with or 0.0

    base = RUN.headline.target.odds_with or 0.0
    assert odds({"release": "first_release"}) < base
    assert odds({"decimals": -2}) > base


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"draws": 0}, "--draws"),
        ({"draws": 10**9}, "--draws"),
        ({"seed": -1}, "--seed"),
        ({"without": ["nothing"]}, "--without"),
    ],
)
def test_bad_options_name_themselves(options: dict, place: str) -> None:
    with pytest.raises(InputError) as caught:
        assess(**{"draws": 1_000, "as_of": AS_OF, **options})
    assert [p.where for p in caught.value.problems] == [place]


def test_a_plan_without_targets_or_measures() -> None:
    plan = embedded()
    with pytest.raises(InputError, match="no-targets"):
        assess(plan.model_copy(update={"indicators": ()}), FEW, as_of=AS_OF)
    bare = assess(plan.model_copy(update={"measures": (), "indicators": plan.indicators[:1]}), FEW, as_of=AS_OF)
    assert [m.id for m in bare.headline.measures] == ["not-the-plan"]
    assert bare.headline.target.odds_with == bare.headline.target.odds_without


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    code = "from birge.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False, cwd=cwd)


def test_the_command_prints_writes_and_refuses(tmp_path: Path) -> None:
    done = run("assess", "--draws", "300", "--as-of", "2026-11-24", "--out", str(tmp_path / "run"))
    assert done.returncode == 0, done.stderr
    for heading in ("Trade turnover of 3.0 bn USD", "What carries it", "What a delay costs", "Whose numbers"):
        assert heading in done.stdout
    assert done.stderr == ""
    html = (tmp_path / "run" / "index.html").read_text("utf-8")
    assert "Reconstruction from public sources" in html
    assert html.count("<svg") >= 4
    assert "<script" not in html
    assert "src=" not in html
    assert "@import" not in html
    doc = json.loads((tmp_path / "run" / "assessment.json").read_text("utf-8"))
    assert doc["draws"] == 300
    import xarray as xr

    with xr.open_dataset(tmp_path / "run" / "draws.nc", engine="scipy") as draws:
        assert draws["turnover_with"].shape == (300, 6, 2)


def test_json_goes_to_standard_output_alone() -> None:
    done = run("assess", "--draws", "200", "--as-of", "2026-11-24", "--json")
    assert json.loads(done.stdout)["draws"] == 200
