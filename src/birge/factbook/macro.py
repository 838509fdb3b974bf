"""GDP and growth of economies, base rates of trade growth in the reference class, and known shifts of level.

Data flow: tables/*.csv → `gdp_growth`, `growth_forecasts`, `price_growth`, `base_rate`, `level_shifts`; what was not
known on `as_of` is left out, and a pair without rows gets empty answers.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise

__all__ = [
    "BaseRate",
    "LevelShift",
    "base_rate",
    "gdp_growth",
    "growth_forecasts",
    "level_shifts",
    "price_growth",
    "real_growth",
]

QUANTILES = (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)


@dataclass(frozen=True)
class BaseRate:
    """The share of pairs of a size that grew at least at a pace over one window, and the data it comes from."""

    window: tuple[int, int]
    size: tuple[float, float]
    pairs: int
    share: float
    source: str


@dataclass(frozen=True)
class LevelShift:
    """A known shift of level: its log size lies from `low` to `high` (assumed), `exit` a year is its chance to go."""

    year: int
    name: str
    basis: str
    low: float
    high: float
    exit: float
    source: str


@cache
def _rows(table: str) -> tuple[dict[str, str], ...]:
    text = (files("birge.factbook") / "tables" / f"{table}.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _known(economy: str, series: str, as_of: date, *, forecast: bool) -> dict[int, float]:
    """Return values by year, the vintage that was newest on `as_of`."""
    found: dict[int, tuple[str, float]] = {}
    for row in _rows("macro"):
        mine = row["economy"] == economy and row["series"] == series and (row["forecast"] == "true") == forecast
        if mine and date.fromisoformat(row["known_on"]) <= as_of:
            year = int(row["year"])
            if year not in found or row["known_on"] > found[year][0]:
                found[year] = (row["known_on"], float(row["value"]))
    return {year: value for year, (_, value) in sorted(found.items())}


def gdp_growth(economy: str, as_of: date) -> dict[int, float]:
    """Return yearly log growth of GDP in current USD, as known on `as_of`."""
    levels = _known(economy, "gdp", as_of, forecast=False)
    return {y: math.log(v / levels[y - 1]) for y, v in levels.items() if y - 1 in levels}


def growth_forecasts(economy: str, as_of: date) -> dict[int, float]:
    """Return forecasts of yearly log growth of real GDP published by `as_of`, by year."""
    return {y: math.log1p(v / 100) for y, v in _known(economy, "real growth", as_of, forecast=True).items()}


def real_growth(economy: str, as_of: date) -> dict[int, float]:
    """Return yearly log growth of real GDP, as known on `as_of`."""
    return {y: math.log1p(v / 100) for y, v in _known(economy, "real growth", as_of, forecast=False).items()}


def price_growth(as_of: date) -> dict[int, float]:
    """Return yearly log growth of USD prices: nominal less real growth of the GDP of the USA (its implied deflator)."""
    real = _known("USA", "real growth", as_of, forecast=False)
    return {y: g - math.log1p(real[y] / 100) for y, g in gdp_growth("USA", as_of).items() if y in real}


def base_rate(growth: float, years: int, size: float) -> list[BaseRate]:
    """Return the share of pairs that grew by at least `growth` (.127 a year), one row for each window and source.

    `size` is turnover in mn USD at the start. Of each source the windows whose length is nearest to `years` are taken.
    """
    rows = [r for r in _rows("reference_class") if float(r["size_low"]) <= size < float(r["size_high"])]
    near: dict[str, int] = {}
    for row in rows:
        span = int(row["year"]) - int(row["start"])
        if row["source"] not in near or abs(span - years) < abs(near[row["source"]] - years):
            near[row["source"]] = span
    return [
        BaseRate(
            (int(r["start"]), int(r["year"])),
            (float(r["size_low"]), float(r["size_high"])),
            int(r["pairs"]),
            _share(r, math.log1p(growth)),
            r["source"],
        )
        for r in rows
        if int(r["year"]) - int(r["start"]) == near[r["source"]]
    ]


def _share(row: dict[str, str], pace: float) -> float:
    """Return the share above `pace`, linear between the quantiles of the row; beyond the outer ones at their share."""
    marks = [(float(row[f"q{q:02}"]), 1 - q / 100) for q in QUANTILES]
    if pace <= marks[0][0]:
        return marks[0][1]
    for (a, above), (b, below) in pairwise(marks):
        if pace <= b:
            return above + (below - above) * ((pace - a) / (b - a) if b > a else 1.0)
    return marks[-1][1]


def level_shifts(pair: tuple[str, str], as_of: date) -> tuple[LevelShift, ...]:
    """Return the shifts of level of `pair` that were known on `as_of`; a basis is an economy's code, or `both`."""
    return tuple(_shifts(pair, as_of))


def _shifts(pair: tuple[str, str], as_of: date) -> Iterator[LevelShift]:
    for r in _rows("level_shifts"):
        if {r["party_a"], r["party_b"]} == set(pair) and date.fromisoformat(r["known_on"]) <= as_of:
            low, high, gone = (float(r[n]) for n in ("low", "high", "exit"))
            yield LevelShift(int(r["year"]), r["name"], r["basis"], low, high, gone, r["source"])
