"""The world matrix of 2023 that the trade model starts from, with the corrections of a table (decision 3).

Where mirror data book goods in transit as imports (those of the Kyrgyz Republic are 192 % of its GDP), an importer's
column is scaled to its own statistics, and the excess is booked to the rest of the world, so that every exporter's
sales are kept. Domestic sales are GDP less exports, at least a tenth of GDP.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["TOTAL", "WorldTrade", "import_corrections", "world_trade"]

TOTAL = "WLD"
"""The partner whose row is an importer's total."""
LEAST_HOME = 0.1
"""Smallest domestic sales as a share of GDP (assumed)."""


@dataclass(frozen=True, eq=False)
class WorldTrade:
    """Sales [exporter, importer] in mn USD with domestic sales on the diagonal, and the economies' codes."""

    codes: tuple[str, ...]
    sales: NDArray[np.float64]


def world_trade(corrected: bool = True) -> WorldTrade:
    """Return the world of 2023; uncorrected for a sensitivity run."""
    gdp = {r["economy"]: float(r["value"]) for r in _rows("gdp_2023")}
    codes = tuple(gdp)
    index = {c: k for k, c in enumerate(codes)}
    sales = np.zeros((len(codes), len(codes)))
    for row in _rows("world_trade_2023"):
        sales[index[row["exporter"]], index[row["importer"]]] += float(row["value"])
    for importer, known in import_corrections().items() if corrected else ():
        _correct(sales, index, importer, known)
    exports = sales.sum(axis=1) - np.diag(sales)
    output = np.array([gdp[c] for c in codes])
    np.fill_diagonal(sales, np.maximum(output - exports, LEAST_HOME * output))
    return WorldTrade(codes, sales)


def import_corrections() -> Mapping[str, Mapping[str, float]]:
    """Return imports in mn USD by partner and in `TOTAL`, for every importer whose column is corrected."""
    made: dict[str, dict[str, float]] = {}
    for row in _rows("import_corrections"):
        made.setdefault(row["importer"], {})[row["partner"]] = float(row["value"])
    return made


def _correct(sales: NDArray[np.float64], index: Mapping[str, int], importer: str, known: Mapping[str, float]) -> None:
    """Scale the importer's column in place and book the excess to ROW; ROW's own excess goes to its home."""
    column, row = index[importer], index["ROW"]
    before = sales[:, column].copy()
    stated = {index[c]: v for c, v in known.items() if c != TOTAL}
    rest = [k for k in range(len(before)) if k not in stated and k != column]
    if TOTAL in known:
        sales[rest, column] *= (known[TOTAL] - sum(stated.values())) / before[rest].sum()
    for k, value in stated.items():
        sales[k, column] = value
    sales[:, row] += before - sales[:, column]


def _rows(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader((files("birge.factbook") / "tables" / f"{table}.csv").read_text("utf-8").splitlines()))
