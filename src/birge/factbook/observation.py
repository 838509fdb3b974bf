"""One statement about trade between two economies, with everything needed to weigh it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

__all__ = ["Observation", "last_data_year"]


@dataclass(frozen=True)
class Observation:
    """What a reporter published about a flow in a period.

    `flow` is `AAA-BBB` (exports of AAA to BBB) or `turnover`. `value` is in mn USD, or in per cent growth on
    the same period a year earlier if `kind` is `growth`. `months` is (1, 12) for a year, (1, 7) for January to
    July. `kind`: `annual`, `part` (part of a year), `growth`, `rounded` (interval-censored at `step`, the last
    digit in mn USD), `over` (one-sided). `published` is the date of publication (or the year's last day plus a
    stated lag if `published_assumed`). `derived` rows are shown but never enter a model.
    """

    id: str
    pair: tuple[str, str]
    year: int
    months: tuple[int, int]
    flow: str
    reporter: str | None
    value: float
    unit: str
    kind: Literal["annual", "part", "growth", "rounded", "over"]
    step: float | None
    valuation: str
    published: date
    published_assumed: bool
    vintage: Literal["first print", "revised", "not known"]
    verified: Literal["official", "press", "unverified compilation"]
    derived: bool
    source: str
    note: str

    @property
    def over(self) -> bool:
        """Return whether the period was over when the figure was published; else it was a forecast."""
        return self.published >= date(self.year + self.months[1] // 12, self.months[1] % 12 + 1, 1)


def last_data_year(observations: Iterable[Observation], pair: tuple[str, str]) -> int | None:
    """Return the newest year of which either side of `pair` published a figure, whole or in part; None without any."""
    return max(
        (o.year for o in observations if not o.derived and o.over and (o.reporter is None or o.reporter in pair)),
        default=None,
    )
