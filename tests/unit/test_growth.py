"""The growth of a pair's trade is split as far as the evidence goes, and no further."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from birge.factbook import Factbook, read_observations
from birge.factbook.growth import growth_split, price_changes

PAIR = ("KAZ", "KGZ")
BOOK = Factbook.embedded()
SMALL = Path(__file__).parents[1] / "plans" / "small-observations.csv"


def parts(first: int, last: int, pair: tuple[str, str] = PAIR, as_of: date | None = None):  # type: ignore[no-untyped-def]
    return growth_split(BOOK.observations(PAIR, as_of), pair, first, last, as_of)


def test_reporting_is_measured_where_both_sides_have_full_years() -> None:
    found = {(p.part, p.years): p for p in parts(2021, 2025)}
    measured = found["reporting", (2022, 2024)]
    # settled: (1781.373 - 1340) - (1246.877 - 1181); first prints: (1700 - 1340) - (1300 - 1181), each 1 digit of 100
    assert measured.high == pytest.approx(375.496)
    assert measured.low == pytest.approx(360 - 119 - 100)
    assert not measured.assumed
    assert measured.share == pytest.approx((141 / 534.496, 375.496 / 534.496))


def test_the_parts_add_up_at_opposite_ends() -> None:
    found = {p.part: p for p in parts(2021, 2025) if p.years == (2021, 2025)}
    whole = 1759.29 + 602.578 - 674.755 - 375.777
    assert (found["whole"].low, found["whole"].high) == pytest.approx((whole, whole))
    rest = found["volume and re-routing"]
    assert found["reporting"].low + found["price"].low + rest.high == pytest.approx(whole)
    assert found["reporting"].high + found["price"].high + rest.low == pytest.approx(whole)
    assert found["reporting"].assumed
    assert found["price"].assumed
    assert rest.assumed


def test_what_nobody_measures_is_null_with_a_reason() -> None:
    rerouting = next(p for p in parts(2021, 2025) if p.part == "re-routing")
    assert (rerouting.low, rerouting.high, rerouting.share) == (None, None, None)
    assert "re-export" in (rerouting.reason or "")


def test_the_price_level_is_gdp_in_usd_over_real_gdp() -> None:
    price = next(p for p in parts(2021, 2024) if p.part == "price")
    kgz = 17478.0 / 9249.1 / 1.09**3
    assert price.high == pytest.approx((674.755 + 375.777) * (kgz - 1))
    assert price.low == 0
    early = next(p for p in parts(2021, 2024, as_of=date(2025, 9, 1)) if p.part == "price")
    assert early.low is None
    assert "no general price level" in (early.reason or "")


def test_the_other_side_first_turns_the_difference_round() -> None:
    ours = next(p for p in parts(2022, 2024) if p.part == "reporting")
    theirs = next(p for p in parts(2022, 2024, PAIR[::-1]) if p.part == "reporting")
    assert (theirs.low, theirs.high) == pytest.approx((-ours.high, -ours.low))
    assert theirs.basis == "KGZ"


def test_a_pair_with_one_reporter_gets_its_growth_and_reasons() -> None:
    found = {p.part: p for p in growth_split(read_observations(SMALL), ("GEO", "ARM"), 2021, 2025)}
    assert found["whole"].low == pytest.approx(522.3 + 319.9 - 370.2 - 240.9)
    assert found["reporting"].low is None
    assert found["price"].reason
    assert "reporting and price" in (found["volume and re-routing"].reason or "")
    assert all(p.reason for p in growth_split([], ("GEO", "ARM"), 2021, 2025))


def test_unit_values_need_both_years_the_same_months_and_both_figures() -> None:
    base = {
        "product": "coal",
        "flow": "KAZ-KGZ",
        "month_from": "1",
        "month_to": "9",
        "quantity_unit": "t",
        "reporter": "KGZ",
    }
    rows = [
        {**base, "year": "2022", "value": "10", "quantity": "100"},
        {**base, "year": "2023", "value": "9", "quantity": "60"},
        {**base, "year": "2024", "value": "", "quantity": "60"},
        {**base, "year": "2023", "month_to": "12", "value": "9", "quantity": "60"},
    ]
    assert price_changes(rows, (2022, 2023)) == [("coal", pytest.approx(1.5))]
    assert price_changes(rows, (2022, 2024)) == []
