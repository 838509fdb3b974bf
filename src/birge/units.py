"""Time as a number: months since 2000-01-01, so that dates can be drawn and added."""

from __future__ import annotations

import calendar
import math
from datetime import date, timedelta

__all__ = ["date_of", "month_of"]


def month_of(day: date) -> float:
    """Return `day` in months since 2000-01-01; the fraction is the share of the month that has passed."""
    length = calendar.monthrange(day.year, day.month)[1]
    return (day.year - 2000) * 12 + (day.month - 1) + (day.day - 1) / length


def date_of(month: float) -> date | None:
    """Return the day in which `month` falls, None for infinity (never)."""
    if not math.isfinite(month):
        return None
    whole = math.floor(month)
    first = date(2000 + whole // 12, whole % 12 + 1, 1)
    length = calendar.monthrange(first.year, first.month)[1]
    return first + timedelta(days=min(math.floor((month - whole) * length + 1e-9), length - 1))
