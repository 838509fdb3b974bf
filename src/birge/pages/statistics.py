"""The two sides' statistics beside each other, and the series that charts draw, in bn USD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from birge.factbook import MirrorYear
from birge.pages.sides import Side

__all__ = ["Band", "Figure", "Series", "YearRow", "series", "years"]

LEVELS = (95, 80, 50)


@dataclass(frozen=True)
class YearRow:
    """Turnover of a year in mn USD, by side in the reader's order; `difference` is the first less the second."""

    year: int
    published: tuple[float | None, float | None]
    compiled: tuple[float | None, float | None]

    @property
    def difference(self) -> float | None:
        """Return the first side's published figure less the second's, mn USD; None where one is missing."""
        a, b = self.published
        return None if a is None or b is None else a - b


@dataclass(frozen=True)
class Figure:
    """A figure of the past, bn USD; `published` by the side, or of an unverified compilation."""

    year: int
    value: float
    published: bool


@dataclass(frozen=True)
class Band:
    """The middle `level` of 100 futures of a year, and their median, bn USD."""

    year: int
    level: int
    low: float
    high: float
    median: float


@dataclass(frozen=True)
class Series:
    """Turnover of one side: the past, the futures of a run (none without odds), and (year, value) of its targets."""

    side: Side
    past: tuple[Figure, ...]
    bands: tuple[Band, ...]
    targets: tuple[tuple[int, float, str], ...]


def years(rows: Sequence[MirrorYear], order: tuple[Side, Side]) -> tuple[YearRow, ...]:
    """Return one row a year, newest first."""
    a, b = order[0].place, order[1].place
    made = [YearRow(r.year, (r.published[a], r.published[b]), (r.compiled[a], r.compiled[b])) for r in rows]
    return tuple(sorted(made, key=lambda r: -r.year))


def series(
    rows: Sequence[MirrorYear],
    order: tuple[Side, Side],
    goals: Sequence[tuple[str, int, float, str]],
    fans: Sequence[Mapping[str, Any]],
    since: int,
) -> tuple[Series, ...]:
    """Return the series of each side that has a figure or a target; `goals` are (basis, year, mn USD, target's id),
    `fans` those of a run's document."""
    made = []
    for side in order:
        past = tuple(
            Figure(r.year, value / 1000, published)
            for r in rows
            for value, published in ((r.published[side.place], True), (r.compiled[side.place], False))
            if value is not None and r.year >= since
        )
        targets = tuple((year, value / 1000, ident) for basis, year, value, ident in goals if basis == side.code)
        if past or targets:
            made.append(Series(side, past, _bands(fans, side.code), targets))
    return tuple(made)


def _bands(fans: Sequence[Mapping[str, Any]], code: str) -> tuple[Band, ...]:
    return tuple(
        Band(f["year"], level, f[f"interval{level}"][0] / 1000, f[f"interval{level}"][1] / 1000, f["median"] / 1000)
        for f in fans
        if f["basis"] == code
        for level in LEVELS
    )
