"""What a delay costs: the same draws on time and delayed, told with the error of the difference."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from birge.assess import assess
from birge.errors import InputError
from birge.factbook import Factbook, read_observations
from birge.plan import embedded, load
from birge.plan.delays import read_delays

SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"
FACTS = SMALL.with_name("small-observations.csv")
AS_OF = date(2026, 11, 24)
LATE = {"industrial-complex": 6.0}
FREE = assess(draws=500, as_of=AS_OF)
RUN = assess(draws=500, as_of=AS_OF, delays=LATE)


def test_no_delay_and_a_delay_of_zero_are_the_same_run_to_the_bit() -> None:
    none = assess(draws=500, as_of=AS_OF, delays={"industrial-complex": 0})
    documents = [{k: v for k, v in r.document().items() if k != "runtime_s"} for r in (FREE, none)]
    assert documents[0] == documents[1]
    assert documents[0]["delays"] == documents[0]["delay_costs"] == {}
    assert (none.joint.turnover() == FREE.joint.turnover()).all()


def test_only_dates_and_what_hangs_on_them_differ() -> None:
    past, same = (r.joint.base / r.joint.kept for r in (RUN, FREE))  # trade if the past continues
    np.testing.assert_allclose(past, same, rtol=1e-12)
    k = RUN.joint.measures.index("industrial-complex")
    rest = [m for m in range(len(RUN.joint.measures)) if m != k]
    assert (RUN.joint.new[:, rest] == FREE.joint.new[:, rest]).all()
    assert (RUN.dates.finish >= FREE.dates.finish - 1e-9).all()
    assert RUN.joint.turnover().mean() < FREE.joint.turnover().mean()


def test_the_cost_is_the_difference_of_the_two_runs_and_its_error_that_of_pairs() -> None:
    for late, free in zip(RUN.verdicts, FREE.verdicts, strict=True):
        if late.target.odds_with is None:
            assert late.delay is None
            continue
        d = late.delay
        assert d is not None
        assert free.target.odds_with is not None
        assert d.odds_undelayed == free.target.odds_with
        assert d.odds_change == pytest.approx(late.target.odds_with - free.target.odds_with, abs=1e-12)
        assert d.odds_change <= 0
        # every draw that is lost was met on time: the error of a share, not of two odds
        share = -d.odds_change
        assert d.odds_change_se == pytest.approx(np.sqrt(share * (1 - share) / 500), abs=1e-12)
    head, on_time = RUN.headline, FREE.headline
    y, r = RUN.joint.years.index(head.target.year), RUN.joint.reporters.index(str(head.target.basis))
    change = (RUN.joint.turnover() - FREE.joint.turnover())[:, y, r].mean()
    assert head.delay is not None
    assert head.delay.turnover_change_musd == pytest.approx(change, rel=1e-6)
    assert on_time.delay is None


def test_another_pair_of_countries_has_delays_too() -> None:
    plan = load(SMALL)[0]
    book = Factbook.embedded().extended(read_observations(FACTS))
    item = next(m.id for m in plan.measures if m.milestones)
    run = assess(plan, 200, as_of=date(2027, 9, 1), factbook=book, delays={item: 12})
    assert json.loads(json.dumps(run.document()))["delays"] == {item: 12.0}
    assert set(run.document()["delay_costs"]) == {v.target.id for v in run.verdicts if v.target.odds_with is not None}


def test_everything_that_is_wrong_with_delays_is_told_at_once() -> None:
    texts = ["nothing=6", "industrial-complex=-1", "complex-open=soon", "x", "solar=2", "solar=3", "hydro=121"]
    with pytest.raises(InputError) as caught:
        read_delays(texts, embedded(), AS_OF)
    told = [(p.code, p.message) for p in caught.value.problems]
    assert [code for code, _ in told] == [
        "delay",
        "delay-twice",
        "delay-unknown",
        "delay-months",
        "delay-months",
        "delay-months",
    ]
    assert all(p.remedy and p.where == "--delay" for p in caught.value.problems)
    with pytest.raises(InputError) as again:
        assess(draws=50, as_of=AS_OF, delays={"nothing": 1, "solar": float("inf")})
    assert {p.code for p in again.value.problems} == {"draws", "delay-unknown", "delay-months"}


def test_what_is_over_cannot_be_late() -> None:
    over = next(m.id for m in embedded().milestones() if any(s.state == "done" for s in m.status))
    with pytest.raises(InputError, match="done or stopped"):
        read_delays([f"{over}=3"], embedded(), AS_OF)
    assert read_delays(["solar = 2,5", "hydro=0"], embedded(), AS_OF) == {"solar": 2.5}
