"""Dates survive the way into months and back."""

from __future__ import annotations

import math
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from birge.units import date_of, month_of


@given(st.dates(date(1990, 1, 1), date(2190, 12, 31)))
def test_there_and_back(day: date) -> None:
    assert date_of(month_of(day)) == day


@given(st.dates(date(1990, 1, 1), date(2190, 12, 30)))
def test_later_days_are_larger(day: date) -> None:
    assert month_of(date.fromordinal(day.toordinal() + 1)) > month_of(day)


def test_known_values() -> None:
    assert month_of(date(2000, 1, 1)) == 0.0
    assert month_of(date(2026, 12, 1)) == 323.0
    assert date_of(math.inf) is None
