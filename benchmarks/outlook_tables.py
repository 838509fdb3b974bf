"""Make the factbook tables macro.csv and reference_class.csv from the files they are condensed from.

    python benchmarks/outlook_tables.py FACTBOOK_FOLDER PANEL_FOLDER

FACTBOOK_FOLDER holds `macro_gdp_pop_growth_2010_2024.csv`, `kaz_kgz_kaz_side_2000_2025.csv` and
`bilateral_matrix_1996_2016_penppml.csv`; PANEL_FOLDER the 69-country panel. Nothing is typed in but the forecasts of
2025-12-18, of which only one source is known.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from panel import read_panel

TABLES = Path(__file__).parents[1] / "src" / "birge" / "factbook" / "tables"
QUANTILES = (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)
SIZES = ((10, 50), (50, 200), (200, 1_000), (1_000, 5_000), (5_000, 1_000_000))
PANEL_SPANS, PANEL_ENDS = (2, 3, 5), (1991, 1996, 2001, 2006)
MATRIX_YEARS = (1996, 2000, 2004, 2008, 2012, 2016)
WORLD_BANK = "World Bank, World Development Indicators, GDP in current USD (vintage of 2024)"
CIA = "CIA World Factbook, snapshot of {}"
COMPILED = "Compilation of KAZ-KGZ flows 2000-2025 with GDP of the Kyrgyz Republic; original tables not seen"
FORECAST = "Eurasian Development Bank forecast, https://www.trend.az/business/4131703.html (2025-12-18)"
FORECASTS = {"KAZ": (5.9, 5.5), "KGZ": (10.3, 9.3), "TJK": (8.3, 8.1), "UZB": (7.4, 6.8)}
COMTRADE = "UN Comtrade based panel (penppml trade.rda): turnover of pairs of 28 economies"
GUIDE = "Yotov et al. (2016) panel: turnover in manufactures of pairs of 69 economies"


def macro(folder: Path) -> Iterator[tuple[object, ...]]:
    """Yield GDP in mn USD and real growth; known half a year after the year unless the source dates it."""
    rows = list(csv.DictReader((folder / "macro_gdp_pop_growth_2010_2024.csv").open()))
    for row in rows:
        economy, year = row["country"], int(row["year"])
        known = f"{year + 1}-07-01"
        if row["gdp_current_usd_mn_WB"]:
            yield (economy, year, "gdp", row["gdp_current_usd_mn_WB"], "mn USD", known, "true", "false", WORLD_BANK)
        snapshot = CIA.format(row["cia_snapshot_date"])
        if row["gdp_usd_mn_CIA_2024"]:
            yield (economy, year, "gdp", row["gdp_usd_mn_CIA_2024"], "mn USD", known, "true", "false", snapshot)
        if row["real_gdp_growth_pct_CIA"]:
            growth = row["real_gdp_growth_pct_CIA"]
            yield (economy, year, "real growth", growth, "per cent a year", known, "true", "false", snapshot)
    for row in csv.DictReader((folder / "kaz_kgz_kaz_side_2000_2025.csv").open()):
        year = int(row["year"])
        if year < 2010 or year > 2022:
            # A later vintage than the World Bank's: 2023 was revised from 13,988 to 15,181 mn USD.
            known = "2026-03-01" if year > 2022 else f"{year + 1}-07-01"
            value = f"{float(row['kgz_gdp_usd']) / 1e6:.1f}"
            yield ("KGZ", year, "gdp", value, "mn USD", known, "true", "false", COMPILED)
    for economy, values in FORECASTS.items():
        for year, value in zip((2025, 2026), values, strict=True):
            yield (economy, year, "real growth", value, "per cent a year", "2025-12-18", "false", "true", FORECAST)


def reference(folder: Path, panel_folder: Path) -> Iterator[tuple[object, ...]]:
    """Yield the distribution of yearly log growth over pairs, by window and by turnover at its start."""
    flows: dict[tuple[str, str], dict[int, float]] = {}
    for row in csv.DictReader((folder / "bilateral_matrix_1996_2016_penppml.csv").open()):
        pair = (min(row["exporter"], row["importer"]), max(row["exporter"], row["importer"]))
        own = flows.setdefault(pair, {})
        own[int(row["year"])] = own.get(int(row["year"]), 0.0) + float(row["value_usd_million"])
    table = np.array([[f.get(y, 0.0) for y in MATRIX_YEARS] for (a, b), f in flows.items() if a != b])
    for k in range(1, len(MATRIX_YEARS)):
        yield from _cells(table[:, k - 1], table[:, k], MATRIX_YEARS[k - 1], MATRIX_YEARS[k], COMTRADE, None)
    panel = read_panel(panel_folder, positive=False)
    at = {y: k for k, y in enumerate(panel.years)}
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.diff(np.log(panel.turnover), axis=1)
    for span in PANEL_SPANS:
        for end in PANEL_ENDS:
            a, b = panel.turnover[:, at[end - span]], panel.turnover[:, at[end]]
            yield from _cells(a, b, end - span, end, GUIDE, steps[:, max(at[end] - 5, 0) : at[end]])


def _cells(
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    first: int,
    last: int,
    source: str,
    steps: NDArray[np.float64] | None,
) -> Iterator[tuple[object, ...]]:
    for low, high in SIZES:
        here = (start >= low) & (start < high)
        if here.sum() < 20:
            continue
        with np.errstate(divide="ignore"):
            growth = np.log(end[here] / start[here]) / (last - first)
        marks = np.quantile(np.maximum(growth, -2.0), np.array(QUANTILES) / 100)
        swing = ""
        if steps is not None:
            own = steps[here]
            swing = f"{np.median(own[np.isfinite(own).all(axis=1)].std(axis=1, ddof=1)):.3f}"
        cells = (f"{m:.4f}" for m in marks)
        yield (first, last, low, high, int(here.sum()), *cells, swing, "log growth a year", source)


def write(name: str, header: list[str], rows: Iterator[tuple[object, ...]]) -> None:
    """Write one table and say how many rows it has."""
    made = list(rows)
    with (TABLES / name).open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(made)
    print(f"{name}: {len(made)} rows")


def main(folder: Path, panel_folder: Path) -> None:
    """Write both tables."""
    names = ["economy", "year", "series", "value", "unit", "known_on", "known_on_assumed", "forecast", "source"]
    write("macro.csv", names, macro(folder))
    marks = [f"q{q:02}" for q in QUANTILES]
    names = ["start", "year", "size_low", "size_high", "pairs", *marks, "volatility", "unit", "source"]
    write("reference_class.csv", names, reference(folder, panel_folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
