"""One statement about trade between two economies, with everything needed to weigh it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

__all__ = ["Observation"]


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
