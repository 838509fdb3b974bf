"""A year by hours with the policy's values of water: duals that agree, a document that adds up, bad input named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from birge.errors import InputError
from birge.models.power.case import case
from birge.models.power.clock import clock
from birge.models.power.direct import run
from birge.models.power.dispatch import dispatch
from birge.models.power.grid import grid
from birge.models.power.hours import Hours, by_hours, end_values
from birge.models.power.lp import LEVELS
from birge.models.power.policy import Setup, train
from birge.models.power.system import power_system
from birge.models.power.yields import met
from birge.report.power_hours import hours_document, hours_drawing, hours_text
from birge.texts import translator

SYSTEM = power_system(("KAZ", "KGZ"))
# Without evaporation, which the grid takes at the usual volume, both layers are one programme in two forms.
STILL = replace(SYSTEM, rivers={k: replace(v, evaporation_m=np.zeros(12)) for k, v in SYSTEM.rivers.items()})
START = {"toktogul": 9.4}
ALONE = case(SYSTEM, 2026, "purchases", members=("KGZ",), blocks=24)


def test_the_dual_of_the_water_balance_is_the_policys_value_of_water() -> None:
    cuts = end_values(STILL, ALONE, 12, 24)
    months = dispatch(STILL, ALONE, START, cuts=cuts)
    made = run(grid(met(STILL, months.volume), ALONE, clock(), start=START, values=cuts))
    assert made.cost == pytest.approx(months.cost, rel=1e-7)
    assert made.price["toktogul-water"][0] / 1_000 == pytest.approx(months.water_value["toktogul"], rel=1e-6)
    left = made.level["toktogul"][-1] / 1_000
    assert 5.7 < left < 19.4, "an optimum inside, where the cut decides and no limit of the reservoir"
    heights = [(level + slopes["toktogul"] * left, -slopes["toktogul"]) for level, slopes, _ in cuts]
    top = max(h for h, _ in heights)
    assert made.future == pytest.approx(top, rel=1e-9)
    # At the optimum the dual is the value of a km3 by the policy; at a corner of the cuts it lies between two of them.
    binding = [worth for h, worth in heights if h > top - 1e-5 * abs(top)]
    assert min(binding) - 1e-3 <= made.price["toktogul-water"][-1] / 1_000 <= max(binding) + 1e-3


def test_a_policy_without_noise_is_the_year_by_hours() -> None:
    setup = Setup(START, outcomes=1, sweeps=60, close=1e-7, discount=0.0, terminal=False)
    months = dispatch(STILL, ALONE, START)
    system = met(STILL, months.volume)
    policy = train(system, [ALONE] * 12, setup)
    made = run(grid(system, ALONE, clock(), start=START))
    assert made.cost == pytest.approx(months.cost, rel=1e-7)
    assert policy.bound == pytest.approx(made.cost, rel=1e-5)
    worth = -policy.horizon[0].expected(policy.first)[1][0]
    assert made.price["toktogul-water"][0] / 1_000 == pytest.approx(worth, rel=1e-4)


@pytest.fixture(scope="module")
def made() -> Hours:
    return by_hours(SYSTEM, ALONE, clock("three-hourly"), "targets", start=START)


def test_the_year_says_what_it_solved(made: Hours) -> None:
    asked = {"year": 2026, "hydrology": "mean", "regime": "purchases", "hours": "three-hourly", "engine": "highs"}
    d = hours_document(made, {**asked, "water": "targets"})
    assert d["volume"]["toktogul"][0] == 9.4
    assert d["volume"]["toktogul"][-1] >= 9.4 - 1e-6
    paid = sum(made.run.flow[u.name] @ made.grid.clock.hours * u.cost for u in made.grid.units)
    paid += sum(n.cost * made.run.gap[n.name] for n in made.grid.needs)
    assert d["cost"] == pytest.approx(paid / 1e6, rel=1e-9)
    text = hours_text(d, SYSTEM)
    assert f"{d['cost']:,.0f} mn USD" in text
    assert f"{d['volume']['toktogul'][12]:.2f}" in text


def test_missing_power_by_hours_is_spread_at_the_same_cost() -> None:
    of = case(SYSTEM, 2026, "purchases", members=("KGZ",), hydrology="dry")
    g = grid(SYSTEM, of, clock(), start=START, end={"toktogul": 8.2})
    comb, even = run(g), run(g, even=True)
    load = next(d.value for d in g.draws if d.name == "KGZ")
    first, second = (sum(v for k, v in r.flow.items() if k.startswith("KGZ-missing")) / load for r in (comb, even))
    paid = sum(float(even.flow[u.name] @ g.clock.hours) * u.cost for u in g.units)
    paid += sum(n.cost * even.gap[n.name] for n in g.needs)
    assert (even.cost, paid / 1e6) == (comb.cost, pytest.approx(comb.cost, rel=1e-9))
    step = max(d.share for d in SYSTEM.curve("KGZ")[:-1])
    before, after = (max(np.ptp(v[g.clock.month == m]) for m in range(12)) for v in (first, second))
    assert before == pytest.approx(step), "a vertex fills a step in one hour and leaves it in the next"
    assert after <= step / LEVELS + 1e-9


def test_weeks_close_their_balance(made: Hours) -> None:
    drawing = hours_drawing(SYSTEM, made, "KGZ", translator("en"), "source")
    assert drawing.name == "weeks"
    assert len(drawing.rows) == 4 * 56
    for row in drawing.rows:
        assert sum(v for v in row[2:-1] if isinstance(v, float)) == pytest.approx(row[-1], abs=1.0)


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError) as caught:
        by_hours(SYSTEM, ALONE, clock(), "tides", start={"toktogul": 3.0}, engine="abacus")
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError, match="first volumes"):
        grid(SYSTEM, ALONE, clock(), values=[(0.0, {"toktogul": -1.0}, 0.0)])
