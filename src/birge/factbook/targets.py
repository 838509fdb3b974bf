"""Dated targets that a pair set itself before, and whether they were met."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from birge.factbook.mirror import mirror
from birge.factbook.observation import Observation

__all__ = ["PastTarget", "past_targets"]


@dataclass(frozen=True)
class PastTarget:
    """A target in mn USD dated to `year`, and the highest turnover any basis has for that year."""

    stated: date
    year: int
    value: float
    reached: float
    met: bool
    source: str


def past_targets(observations: Iterable[Observation], pair: tuple[str, str], as_of: date) -> list[PastTarget]:
    """Return the dated targets of `pair` whose year has figures; met if any side's or compiled figure reaches them."""
    best = {r.year: max(v for v in (*r.published, *r.compiled) if v is not None) for r in mirror(observations, pair)}
    table = (files("birge.factbook") / "tables" / "target_history.csv").read_text("utf-8").splitlines()
    found = []
    for row in csv.DictReader(table):
        stated = date.fromisoformat(row["stated"])
        dated = row["year"] and {row["party_a"], row["party_b"]} == set(pair) and stated <= as_of
        if dated and int(row["year"]) in best and int(row["year"]) < as_of.year:
            value, reached = float(row["value"]), best[int(row["year"])]
            found.append(PastTarget(stated, int(row["year"]), value, reached, reached >= value, row["source"]))
    return found
