"""The document obeys its schema, and the dataset and the file hold the whole run."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import birge
from birge.assess import assess
from birge.assess.document import schema
from birge.errors import InputError
from birge.factbook import Factbook, read_observations
from birge.plan import load

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "plans" / "small.yaml"
RUNS = {
    "embedded": lambda: assess(draws=500, as_of=date(2026, 11, 24)),
    "never": lambda: assess(draws=500, as_of=date(2026, 11, 24), counterfactual="never", without=["produce-centre"]),
    "small": lambda: assess(
        load(SMALL)[0],
        500,
        as_of=date(2027, 9, 1),
        factbook=Factbook.embedded().extended(read_observations(SMALL.with_name("small-observations.csv"))),
    ),
}
PROMISED = {
    "": "plan as_of facts_until seed draws failed_draws runtime_s targets measures milestones needed headline "
    "by_target",
    "TargetOdds": "id indicator basis year value odds_with odds_without odds_range counterfactual median interval80 "
    "shortfall_median reason",
    "MeasureShare": "id median_musd shapley_odds shapley_odds_se without_odds alone_odds assumed",
    "MilestoneOdds": "id planned p_on_time p50 p80 criticality odds_gain_per_month reason",
    "Needed": "growth_for_odds_50 growth_for_odds_80 effect_scale_for_odds_50 reason",
}


@pytest.fixture(scope="module", params=RUNS)
def run(request: pytest.FixtureRequest) -> Any:
    return RUNS[request.param]()


def test_a_real_document_obeys_the_schema(run: Any) -> None:
    text = json.dumps(run.document(), allow_nan=False)
    errors = [e.message for e in Draft202012Validator(schema()).iter_errors(json.loads(text))]
    assert errors == []


def test_the_schema_refuses_what_is_missing_or_new() -> None:
    check = Draft202012Validator(schema())
    Draft202012Validator.check_schema(schema())
    document = RUNS["embedded"]().document()
    assert list(check.iter_errors({k: v for k, v in document.items() if k != "needed"}))
    assert list(check.iter_errors(document | {"colour": "blue"}))
    assert list(check.iter_errors(document | {"draws": "many"}))


def test_every_key_that_was_promised_is_there() -> None:
    made = schema()
    for name, keys in PROMISED.items():
        record = made["$defs"][name] if name else made
        assert set(keys.split()) <= set(record["required"]), name


def test_the_schema_in_the_documentation_is_the_one_the_command_prints() -> None:
    code = "from birge.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "assess", "--schema"], capture_output=True, text=True, check=True
    )
    stored = (ROOT / "docs" / "reference" / "assessment.schema.json").read_text("utf-8")
    assert done.stdout == stored, "run `birge assess --schema > docs/reference/assessment.schema.json`"


def test_every_key_is_explained_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "assessment.md").read_text("utf-8")
    made = schema()
    keys = {k for record in (made, *made["$defs"].values()) for k in record["properties"]}
    assert sorted(k for k in keys if f"`{k}`" not in page) == []


def test_the_document_says_what_the_run_says(run: Any) -> None:
    made = run.document()
    assert made["headline"] == run.headline.target.id
    assert made["measures"] == made["by_target"][made["headline"]]["measures"]
    assert [t["id"] for t in made["targets"]] == list(made["by_target"])
    for row in made["milestones"]:
        known = [row[k] for k in ("p10", "p50", "p80", "p90") if row[k]]
        assert known == sorted(known)
    for t in made["targets"]:
        assert t["counterfactual"] == run.counterfactual
        if t["odds_with"] is None:
            assert t["reason"]
        elif run.counterfactual == "never":
            assert t["odds_without"] == t["odds_never"]
        else:
            assert t["odds_without"] == t["odds_stop"]


def test_the_file_holds_the_whole_run(run: Any, tmp_path: Path) -> None:
    import xarray as xr

    path = tmp_path / "run.nc"
    run.to_netcdf(str(path))
    with xr.open_dataset(path, engine="scipy") as read:
        for key in ("plan_hash", "seed", "draws", "as_of", "facts_hash", "counterfactual", "birge_version"):
            assert read.attrs[key] == run.dataset.attrs[key]
        assert json.loads(read.attrs["vintages"]) == {k: v.isoformat() for k, v in run.vintages.items()}
        for name in ("turnover_with", "turnover_without", "finish", "odds_with", "variant_odds"):
            np.testing.assert_array_equal(read[name].values, run.dataset[name].values)
        for name in read.data_vars:
            assert "unit" in read[name].attrs, name
        y, r = run.headline.target.year, run.headline.target.basis
        turnover = read["turnover_with"].sel(year=y, reporter=r)
        assert float((turnover >= run.headline.target.value).mean()) == pytest.approx(run.headline.target.odds_with)
        fan = run.fan()
        np.testing.assert_allclose(fan.sel(year=y, reporter=r, quantile=0.5), np.median(turnover))
        # the effects lead from the flow if the past continues to the flow with the plan
        assert set(read["effect_log"].dims) == {"draw", "measure", "year", "direction"}


def test_a_file_that_cannot_be_written_is_an_error_of_input(tmp_path: Path) -> None:
    run = RUNS["embedded"]()
    with pytest.raises(InputError, match="file-unwritable"):
        run.to_netcdf(str(tmp_path / "nowhere" / "run.nc"))


def test_a_target_that_is_not_in_the_run() -> None:
    run = RUNS["small"]()
    with pytest.raises(KeyError, match="t-2031"):
        run.attribution("turnover-2027-kaz")
    assert birge.Assessment is type(run)
