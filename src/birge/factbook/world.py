"""The world matrix of 2023 that the trade model starts from, with two corrections (decision 3).

Imports of the Kyrgyz Republic in the data are 192 % of its GDP, since mirror data book goods in transit there: its
column is scaled to its own statistics, and the excess is booked to the rest of the world, so that every exporter's
sales are kept. Domestic sales are GDP less exports, at least a tenth of GDP.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["KGZ_IMPORTS", "KGZ_KNOWN", "WorldTrade", "world_trade"]

KGZ_IMPORTS = 11_824.0
"""Total imports 2023 in mn USD: 15.6 bn of trade in its statistics (inform.kz, 2024-04-17) less 3,776 of exports."""
KGZ_KNOWN = {"CHN": 5_100.0, "UZB": 403.222, "KAZ": 862.182}
"""Imports by partner in its statistics, mn USD: CHN 5.1 bn of trade in 11 months of 2024, the nearest figure there is
(24.kg, 2025-01-24); UZB and KAZ 2023 (Trend, 2024-03-05 and 2024-05-24)."""


@dataclass(frozen=True, eq=False)
class WorldTrade:
    """Sales [exporter, importer] in mn USD with domestic sales on the diagonal, and the economies' codes."""

    codes: tuple[str, ...]
    sales: NDArray[np.float64]


def world_trade(corrected: bool = True) -> WorldTrade:
    """Return the world of 2023; uncorrected for a sensitivity run."""
    folder = files("birge.factbook") / "tables"
    gdp = {r["economy"]: float(r["value"]) for r in csv.DictReader((folder / "gdp_2023.csv").read_text().splitlines())}
    codes = tuple(gdp)
    index = {c: k for k, c in enumerate(codes)}
    sales = np.zeros((len(codes), len(codes)))
    for row in csv.DictReader((folder / "world_trade_2023.csv").read_text().splitlines()):
        sales[index[row["exporter"]], index[row["importer"]]] += float(row["value"])
    if corrected:
        _correct(sales, index)
    exports = sales.sum(axis=1) - np.diag(sales)
    output = np.array([gdp[c] for c in codes])
    np.fill_diagonal(sales, np.maximum(output - exports, 0.1 * output))
    return WorldTrade(codes, sales)


def _correct(sales: NDArray[np.float64], index: dict[str, int]) -> None:
    """Scale imports of KGZ to its statistics in place and book the excess to ROW; ROW's own excess goes to its home."""
    kgz, row = index["KGZ"], index["ROW"]
    before = sales[:, kgz].copy()
    known = {index[c]: v for c, v in KGZ_KNOWN.items()}
    rest = [k for k in range(len(before)) if k not in known and k != kgz]
    factor = (KGZ_IMPORTS - sum(known.values())) / before[rest].sum()
    sales[rest, kgz] *= factor
    for k, value in known.items():
        sales[k, kgz] = value
    sales[:, row] += before - sales[:, kgz]
