"""Parameters of the trade model, with source and spread: elasticities, routing through crossings, shares by road."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

__all__ = ["Parameter", "Routing", "elasticities", "road_shares", "routing"]

NUMBERS = ("value", "mean", "sd", "low", "mode", "high")


@dataclass(frozen=True)
class Parameter:
    """One uncertain number: the kind of its distribution and the numbers of it, as a plan file writes them."""

    id: str
    kind: str
    numbers: tuple[tuple[str, float], ...]
    unit: str
    year: int
    source: str
    assumed: bool
    note: str = ""


@dataclass(frozen=True)
class Routing:
    """Goods between `economy` and `behind` get the pair's own change of cost times a share from `low` to `high`."""

    behind: str
    economy: str
    low: float
    high: float
    source: str
    assumed: bool


def elasticities() -> Mapping[str, Parameter]:
    """Return every parameter of the table by id."""
    return {r["id"]: _parameter(r["id"], r["kind"], r, r["note"]) for r in _rows("elasticities")}


def routing(pair: tuple[str, str]) -> tuple[Routing, ...]:
    """Return the economies whose goods pass the crossings of `pair`; none where the table has no row."""
    return tuple(
        Routing(r["behind"], r["economy"], float(r["low"]), float(r["high"]), r["source"], r["assumed"] == "true")
        for r in _rows("routing")
        if {r["party_a"], r["party_b"]} == set(pair)
    )


def road_shares(pair: tuple[str, str]) -> tuple[Parameter, Parameter]:
    """Return the share by road of each direction of `pair`; the wide default where the table has no row."""
    known = {(r["exporter"], r["importer"]): _parameter("road_share", "beta", r) for r in _rows("road_shares")}
    usual = elasticities()["road_share"]
    a, b = pair
    return known.get((a, b), usual), known.get((b, a), usual)


def _parameter(name: str, kind: str, row: Mapping[str, str], note: str = "") -> Parameter:
    numbers = tuple((n, float(row[n])) for n in NUMBERS if row.get(n))
    return Parameter(name, kind, numbers, row["unit"], int(row["year"]), row["source"], row["assumed"] == "true", note)


def _rows(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader((files("birge.factbook") / "tables" / f"{table}.csv").read_text("utf-8").splitlines()))
