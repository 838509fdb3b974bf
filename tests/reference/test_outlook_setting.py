"""What moves trade from outside: GDP, shifts of level, prices, base rates; and that nothing later enters."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from birge.factbook import Factbook, Observation
from birge.factbook.macro import base_rate, gdp_growth, growth_forecasts, level_shifts, price_growth
from birge.models import outlook
from birge.models.outlook.evidence import Evidence, gather
from birge.models.outlook.posterior import Break, Priors, Setting, filtered
from birge.plan import embedded
from birge.rng import Streams

PAIR = ("KAZ", "KGZ")
AS_OF = date(2026, 11, 24)
BOOK = Factbook.embedded()
SURE = Priors(
    sigma_log_sd=0.0,
    sigma_power=0.0,
    noise_median=1e-9,
    noise_log_sd=0.0,
    tail=1e12,
    damping=(0.5, 0.5),
    drift_sd=0.0,
    drift_sigma_log_sd=0.0,
    drift_mean=0.0,
)


def level(year: int, value: float) -> Evidence:
    return Evidence(year, "first", "level", value, 1e-4, (str(year),))


@pytest.mark.parametrize("day", [date(2012, 6, 1), date(2019, 1, 1), date(2023, 10, 1), date(2025, 9, 1)])
def test_nothing_published_later_enters(day: date) -> None:
    then = outlook.setup(embedded(), BOOK, None, day)
    published = {o.id: o.published for o in BOOK.every}
    assert max(published[i] for e in then.evidence for i in e.ids) <= day
    assert all(e.year <= day.year for e in then.evidence)
    assert all(b.year < day.year for b in then.setting.breaks)
    assert all(y < day.year for y, _ in (*then.setting.gdp, *then.prices))
    assert then.forecasts == ()
    later = [o for o in BOOK.every if o.published <= day]
    assert outlook.setup(embedded(), replace(BOOK, every=tuple(later)), None, day) == then


def test_the_newest_vintage_that_was_known_is_used() -> None:
    before, after = (gdp_growth("KGZ", d)[2023] for d in (date(2025, 1, 1), AS_OF))
    assert before == pytest.approx(math.log(13987.6 / 12134.9), abs=1e-4)
    assert after == pytest.approx(math.log(15180.8 / 12134.9), abs=1e-4)
    assert growth_forecasts("KAZ", date(2025, 12, 17)) == {}
    assert growth_forecasts("KAZ", date(2025, 12, 18))[2026] == pytest.approx(math.log(1.055))


def test_known_gdp_growth_moves_the_trend_by_the_elasticity() -> None:
    """A figure higher by β times GDP growth over its mean leaves the same drift, and a trend higher by just that."""
    priors = replace(SURE, elasticity=(0.6, 0.0))
    plain = filtered([level(2000, 6.0), level(2001, 6.1)], 5, np.random.default_rng(1), priors)
    setting = Setting(gdp=((2001, 0.5),))
    moved = filtered([level(2000, 6.0), level(2001, 6.4)], 5, np.random.default_rng(1), priors, setting)
    np.testing.assert_allclose(moved.mean[:, 0], plain.mean[:, 0] + 0.3, atol=1e-12)
    np.testing.assert_allclose(moved.mean[:, 2], plain.mean[:, 2], atol=1e-12)
    np.testing.assert_allclose(moved.cov, plain.cov, atol=1e-12)


def test_a_known_shift_of_level_is_not_taken_for_drift() -> None:
    steps = [0.0, 0.0, 0.0, 0.0, -0.4, -0.4, -0.4]
    evidence = [level(2000 + k, 6.0 + s) for k, s in enumerate(steps)]
    priors = replace(SURE, drift_sd=0.05)
    blind = filtered(evidence, 4_000, np.random.default_rng(1), priors)
    told = filtered(evidence, 4_000, np.random.default_rng(1), priors, Setting((Break(2004, "both", -0.6, 0.0),)))
    assert told.log_evidence > blind.log_evidence
    assert told.parameters.drift.mean() > blind.parameters.drift.mean()
    assert told.parameters.shifts.mean() < -0.3


def test_a_shift_that_may_go_again_lowers_the_paths_by_its_expected_loss() -> None:
    evidence = (level(2000, 6.0), level(2001, 6.0))
    stays = Setting((Break(2001, "both", 0.2, 0.2 + 1e-12, 0.25),))
    inputs = outlook.Inputs(PAIR, evidence, (), 2004, particles=500, priors=SURE, setting=stays)
    made = outlook.posterior(inputs, Streams(3))
    assert "shifts-stay" in outlook.variants(made)
    logs = {n: np.log(outlook.paths(made, Streams(3), n).sum(axis=2)[:, -1, 0]) for n in ("central", "shifts-stay")}
    lost = logs["shifts-stay"] - logs["central"]
    assert set(lost.round(9)) == {0.0, 0.2}
    share, wanted = (lost > 0.1).mean(), 1 - 0.75**3
    assert abs(share - wanted) < 4 * math.sqrt(wanted * (1 - wanted) / len(lost))


def test_real_paths_divide_by_prices_of_the_base_year() -> None:
    made = outlook.posterior(outlook.setup(embedded(), BOOK, None, AS_OF), Streams(1))
    index = outlook.prices(made, Streams(1), 2024)
    assert index is not None
    known = price_growth(AS_OF)
    assert 0.0 < known[2024] < 0.06
    assert index.shape == (1_000, len(made.inputs.years))
    assert np.median(index[:, -1]) > np.median(index[:, 0]) > 1
    early = outlook.posterior(outlook.setup(embedded(), BOOK, None, date(2012, 6, 1)), Streams(1))
    assert outlook.prices(early, Streams(1), 2011) is None


def test_base_rates_of_the_reference_class_name_window_size_and_source() -> None:
    """The shares of pairs of .2-1 bn growing 12.7 % a year by four-year window, from the quantiles of the table."""
    rows = [r for r in base_rate(0.127, 4, 500) if "Comtrade" in r.source]
    assert [r.window[1] for r in rows] == [2000, 2004, 2008, 2012, 2016]
    assert all(r.pairs >= 20 and r.size == (200, 1000) for r in rows)
    shares = [r.share for r in rows]
    assert min(shares[1], shares[2]) > 0.6
    assert max(shares[0], shares[3], shares[4]) < 0.3
    assert base_rate(-0.9, 4, 500)[0].share == pytest.approx(0.95)
    assert base_rate(9.0, 4, 500)[0].share == pytest.approx(0.05)
    assert base_rate(0.1, 4, 1.0) == []
    assert {r.window[1] - r.window[0] for r in base_rate(0.127, 2, 500) if "Yotov" in r.source} == {2}


def test_the_drift_prior_is_that_of_the_reference_class() -> None:
    """The mean over the five windows of the median yearly growth of pairs of .2-5 bn, by pairs."""
    middle = [
        np.average([_median(r.window, s) for s in (500, 2_000)], weights=[1, 1])
        for r in base_rate(0.127, 4, 500)
        if "Comtrade" in r.source
    ]
    assert outlook.PRIORS.drift_mean == pytest.approx(float(np.mean(middle)), abs=0.015)


def _median(window: tuple[int, int], size: float) -> float:
    """Return the log growth that half of the pairs reached, by bisection on the base rate."""
    low, high = -0.5, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        share = next(r.share for r in base_rate(math.expm1(middle), 4, size) if r.window == window)
        low, high = (middle, high) if share > 0.5 else (low, middle)
    return low


def test_a_pair_without_macro_rows_works_without_them() -> None:
    assert gdp_growth("ZZZ", AS_OF) == {}
    assert level_shifts(("ZZZ", "KGZ"), AS_OF) == ()
    made = outlook.posterior(outlook.Inputs(("YYY", "ZZZ"), (level(2000, 6.0), level(2001, 6.1)), (), 2003), Streams(1))
    assert "with-gdp" not in outlook.variants(made)


def test_every_variant_says_what_it_assumes() -> None:
    made = outlook.posterior(outlook.setup(embedded(), BOOK, None, AS_OF), Streams(1))
    names = outlook.variants(made)
    assert {"with-gdp", "shifts-stay"} <= set(names)
    said = [outlook.meaning(n) for n in names]
    assert len(set(said)) == len(names)
    assert any("2021" in s for s in said)


def test_leaving_out_the_compiled_year_brings_its_months_back_and_what_was_announced_is_a_variant() -> None:
    inputs = outlook.setup(embedded(), BOOK, None, AS_OF)
    compiled = frozenset({"compilation-2025-kaz-kgz", "compilation-2025-kgz-kaz"})
    assert not any("kaz-2025-0108-turnover" in e.ids for e in inputs.evidence)
    rest = outlook.without(inputs, compiled)
    assert rest is not None
    assert any("kaz-2025-0108-turnover" in e.ids for e in rest.evidence)
    assert [e.year for e in rest.evidence] == sorted(e.year for e in rest.evidence)
    assert inputs.announced is not None
    assert inputs.announced.value == pytest.approx(math.log(2000))
    made = outlook.posterior(replace(inputs, particles=2_000), Streams(1))
    names = ("newest-as-announced", "without-newest-unverified", "central")
    assert set(names) <= set(outlook.variants(made))
    medians = [float(np.median(outlook.paths(made, Streams(1), n).sum(axis=2)[:, 0, 0])) for n in names]
    assert medians == sorted(medians)
    assert medians[0] == pytest.approx(2050, abs=100)


def row(**values: object) -> Observation:
    base = next(o for o in BOOK.every if o.id == "kaz-2011-0112-turnover")
    return replace(base, **{"derived": False, "kind": "annual", "step": None, "published": date(2015, 1, 1), **values})  # type: ignore[arg-type]


def test_each_kind_of_figure_becomes_its_own_evidence() -> None:
    def one(*rows: Observation) -> Evidence:
        (piece,) = gather(rows, PAIR, AS_OF)
        return piece

    annual = one(row(value=1000.0))
    assert (annual.kind, annual.width, annual.value) == ("level", 0.0, pytest.approx(math.log(1000)))
    rounded = one(row(value=1000.0, kind="rounded", step=100.0))
    assert (rounded.width, rounded.sd) == (pytest.approx(0.05), annual.sd)
    part = one(row(value=500.0, months=(1, 6), kind="part"))
    assert part.value == pytest.approx(math.log(1000))
    assert part.sd > 0.05
    assert one(row(value=1000.0, kind="over")).kind == "over"
    assert one(row(value=1000.0, reporter=None)).basis == "either"
    grown = one(row(value=27.0, unit="per cent on a year earlier", kind="growth", step=1.0))
    assert (grown.kind, grown.value) == ("growth", pytest.approx(math.log(1.27)))
    ab = row(id="ab", flow="KAZ-KGZ", value=600.0)
    ba = row(id="ba", flow="KGZ-KAZ", value=400.0, kind="rounded", step=100.0)
    both = one(ab, ba)
    assert (both.value, both.ids) == (pytest.approx(math.log(1000)), ("ab", "ba"))
    assert both.sd > annual.sd
    assert gather([ab], PAIR, AS_OF) == []


def test_parts_of_a_year_leave_when_the_whole_year_is_in() -> None:
    part = row(id="part", value=500.0, months=(1, 6), kind="part", year=2014)
    whole = row(id="whole", value=1010.0, year=2014)
    assert [e.ids for e in gather([part], PAIR, AS_OF)] == [("part",)]
    assert [e.ids for e in gather([part, whole], PAIR, AS_OF)] == [("whole",)]
    other = replace(whole, reporter="KGZ")
    assert len(gather([part, other], PAIR, AS_OF)) == 2
