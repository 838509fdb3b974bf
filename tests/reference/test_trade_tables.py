"""Diversion from tables: the interpolated ρ against full solves, a pair without rows, and what is assumed."""

from __future__ import annotations

import csv
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import birge.models
from birge.factbook import Factbook, read_observations
from birge.factbook.parameters import elasticities, road_shares, routing
from birge.factbook.world import world_trade
from birge.models import trade
from birge.models.trade.costs import assumptions, draw
from birge.models.trade.diversion import left, ratios, shocks
from birge.plan import load
from birge.rng import Streams

PAIR = ("KAZ", "KGZ")
SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"


def test_interpolated_shares_equal_full_solves_at_random_elasticities_and_routings() -> None:
    """Both directions at once and 1 % less for all of them: the responses add up within .4 % of the effect."""
    world, rng = world_trade(), np.random.default_rng(5)
    a, b = (world.codes.index(c) for c in PAIR)
    theta, place = rng.uniform(1, 8, 40), rng.uniform(0, 1, 40)
    made = ratios(world, PAIR, routing(PAIR))
    assert made is not None
    alone, crossing = left(made, theta, place)
    for rows, got in (((), alone), (routing(PAIR), crossing)):
        tau = shocks(world.codes, PAIR, rows, place)
        sales = np.log(trade.solve(world.sales, tau, theta).sales)
        full = np.stack([sales[:, a, b], sales[:, b, a]], axis=1) / (-theta * np.log(0.99))[:, None]
        np.testing.assert_allclose(got.sum(axis=2), full, rtol=0, atol=4e-3)


def test_more_routing_leaves_less_of_imports_from_the_partner() -> None:
    made = ratios(world_trade(), PAIR, routing(PAIR))
    assert made is not None
    assert (np.diff(made.crossing[:, :, 0, 0], axis=1) < 0).all()
    assert (made.crossing[:, :, 0, 0] < made.alone[:, :1, 0]).all()


def test_a_pair_without_rows_has_its_own_diversion_only() -> None:
    pair = ("GEO", "ARM")
    assert routing(pair) == ()
    made = ratios(world_trade(), pair, routing(pair))
    assert made is not None
    np.testing.assert_allclose(made.crossing, np.repeat(made.alone[:, None], 5, axis=1), atol=1e-12)
    assert [p.numbers for p in road_shares(pair)] == [elasticities()["road_share"].numbers] * 2


def test_a_pair_outside_the_matrix_draws_what_is_left() -> None:
    assert ratios(world_trade(), ("GEO", "XXX"), ()) is None


@pytest.mark.parametrize("table", ["elasticities", "routing", "road_shares", "import_corrections"])
def test_every_row_has_source_unit_and_year(table: str) -> None:
    rows = list(csv.DictReader((files("birge.factbook") / "tables" / f"{table}.csv").read_text("utf-8").splitlines()))
    assert rows
    for row in rows:
        assert row["source"]
        assert row["unit"]
        assert 1990 < int(row["year"]) < 2027
        if "assumed" in row:
            assert (row["assumed"] == "true") == ("assumed" in row["source"]), row


def test_every_assumption_is_drawn_with_a_spread() -> None:
    listed = {p.id for p in assumptions()}
    assert listed >= {"time_sensitive_share", "truck_per_hour", "value_per_tonne", "trend_share", "road_share"}
    for p in assumptions():
        made = draw(p, Streams(1).at(p.id))
        assert made.std() > 0.02 * abs(made.mean()), p.id


def test_the_elasticity_is_drawn_around_four_and_never_below_one() -> None:
    made = draw(elasticities()["theta"], Streams(1).at("theta"))
    assert made.mean() == pytest.approx(4, abs=4 * 0.5 / np.sqrt(1_000))
    assert made.std() == pytest.approx(0.5, rel=0.1)
    assert made.min() >= 1


def test_no_model_names_a_country() -> None:
    codes = {"KAZ", "KGZ", *world_trade().codes} - {"ROW"}
    for path in Path(birge.models.__file__).parent.rglob("*.py"):
        found = [c for c in sorted(codes) if f'"{c}"' in path.read_text("utf-8")]
        assert found == [], path


def test_the_small_plan_runs_through() -> None:
    plan = load(SMALL)[0]
    book = Factbook.embedded().extended(read_observations(SMALL.with_name("small-observations.csv")))
    inputs = trade.setup(plan, book, None, date(2027, 9, 1))
    prepared = trade.prepare(inputs, Streams(1))
    finish = np.full((1_000, len(plan.milestones())), 350.0)
    made = trade.steps(prepared, finish, Streams(1))
    assert np.isfinite(made.log).all()
    assert (made.log != 0).any() or (made.new != 0).any() or (made.recorded != 0).any()
