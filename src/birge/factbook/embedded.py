"""The tables that ship with Birge, and what of them was known on a date."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from typing import Any, cast

from birge.factbook.observation import Observation

__all__ = ["Factbook", "observation"]


@dataclass(frozen=True)
class Factbook:
    """A set of observations with the catalogue that describes the tables they come from."""

    every: tuple[Observation, ...]
    catalogue: Mapping[str, Mapping[str, Any]]

    @classmethod
    def embedded(cls) -> Factbook:
        """Read the tables that ship with Birge."""
        folder = files("birge.factbook") / "tables"
        rows = csv.DictReader((folder / "observations.csv").read_text("utf-8").splitlines())
        catalogue = tomllib.loads((folder / "catalogue.toml").read_text("utf-8"))
        return cls(tuple(observation(row) for row in rows), catalogue)

    def extended(self, more: Iterable[Observation]) -> Factbook:
        """Return this factbook with `more` observations; one with a known id replaces the known one."""
        return replace(self, every=tuple({o.id: o for o in (*self.every, *more)}.values()))

    def observations(self, pair: tuple[str, str], as_of: date | None = None) -> tuple[Observation, ...]:
        """Return the observations of `pair`, in either order, that were published by `as_of`."""
        return tuple(o for o in self.every if set(o.pair) == set(pair) and (as_of is None or o.published <= as_of))

    def crossings(self, pair: tuple[str, str]) -> tuple[tuple[str, float, float], ...]:
        """Return the id of every crossing of `pair` with the bounds of its share of the pair's trucks."""
        table = (files("birge.factbook") / "tables" / "crossings.csv").read_text("utf-8").splitlines()
        return tuple(
            (r["id"], float(r["truck_share_low"]), float(r["truck_share_high"]))
            for r in csv.DictReader(table)
            if {r["party_a"], r["party_b"]} == set(pair)
        )

    def facts_until(self, pair: tuple[str, str], as_of: date) -> date | None:
        """Return the newest publication date of `pair` known on `as_of`, None without any."""
        return max((o.published for o in self.observations(pair, as_of)), default=None)


def observation(row: Mapping[str, str]) -> Observation:
    """Return the observation in a row of our own table."""
    return Observation(
        id=row["id"],
        pair=(row["party_a"], row["party_b"]),
        year=int(row["year"]),
        months=(int(row["month_from"]), int(row["month_to"])),
        flow=row["flow"],
        reporter=row["reporter"] or None,
        value=float(row["value"]),
        unit=row["unit"],
        kind=cast(Any, row["kind"]),
        step=float(row["step"]) if row["step"] else None,
        valuation=row["valuation"],
        published=date.fromisoformat(row["published"]),
        published_assumed=row["published_assumed"] == "true",
        vintage=cast(Any, row["vintage"]),
        verified=cast(Any, row["verified"]),
        derived=row["derived"] == "true",
        source=row["source"],
        note=row["note"],
    )
