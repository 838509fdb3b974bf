"""Local event studies with placebo years and placebo pairs: what do past facilitations and checks say about trade?

1. On the embedded statistics (annual, as Kazakhstan reports, 2000-2025): the change of a log flow over the two years
   around an event, beside the same change in every window that holds no event (placebo years). Nothing is taken out.
2. On the matrix of 1996-2016, where ../shared is there: 2012 → 2016, residual of exporter and importer effects (which
   take out each economy's devaluation and growth), beside every other pair of the matrix (placebo pairs).

The effect that could be told from noise is the distance from the placebos' middle that 90 of 100 of them stay within.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np

from birge.factbook import Factbook

ROOT = Path(__file__).parents[1]
MATRIX = (
    Path(os.environ.get("BIRGE_SHARED", ROOT.parent / "shared")) / "factbook" / "bilateral_matrix_1996_2016_penppml.csv"
)
PAIR = ("KAZ", "KGZ")
EVENTS = {2015: "accession to the EAEU, August 2015", 2017: "checks, October 2017", 2021: "Korday reopened, 2021-22"}
"""Year of the event, and its name; the window runs from the year before to the year after."""
AS_OF = date(2026, 11, 24)


def flows() -> dict[str, dict[int, float]]:
    """Return the annual flows as Kazakhstan reports them, by direction and year."""
    made: dict[str, dict[int, float]] = {}
    for o in Factbook.embedded().observations(PAIR, AS_OF):
        if o.reporter == "KAZ" and o.kind == "annual" and not o.derived and o.flow != "turnover":
            made.setdefault(o.flow, {})[o.year] = o.value
    return made


def changes(series: Mapping[int, float]) -> dict[int, float]:
    """Return log V(y + 1) - log V(y - 1) by middle year."""
    return {y: float(np.log(series[y + 1] / series[y - 1])) for y in series if y - 1 in series and y + 1 in series}


def years() -> None:
    """Print events beside placebo years."""
    print("| event | direction | change, log | placebo median | 90 of 100 placebos within ± | placebos as far out |")
    print("|---|---|---|---|---|---|")
    found = flows()
    both = {y: sum(s[y] for s in found.values()) for y in set.intersection(*(set(s) for s in found.values()))}
    for direction, series in {**found, "turnover": both}.items():
        made = changes(series)
        placebo = np.array([v for y, v in made.items() if all(abs(y - e) > 1 for e in EVENTS)])
        middle = float(np.median(placebo))
        reach = float(np.quantile(np.abs(placebo - middle), 0.9))
        for year, name in EVENTS.items():
            out = int((np.abs(placebo - middle) >= abs(made[year] - middle)).sum())
            print(
                f"| {name} | {direction} | {made[year]:+.2f} | {middle:+.2f} | {reach:.2f} | {out} of {len(placebo)} |"
            )


def pairs() -> None:
    """Print the pair beside placebo pairs, 2012 to 2016."""
    rows = [r for r in csv.DictReader(MATRIX.read_text("utf-8").splitlines()) if r["year"] in ("2012", "2016")]
    value = {(int(r["year"]), r["exporter"], r["importer"]): float(r["value_usd_million"]) for r in rows}
    codes = sorted({k[1] for k in value} & {k[2] for k in value})
    n = len(codes)
    change = np.full((n, n), np.nan)
    for i, a in enumerate(codes):
        for j, b in enumerate(codes):
            before, after = value.get((2012, a, b), 0.0), value.get((2016, a, b), 0.0)
            if i != j and min(before, after) > 10:
                change[i, j] = np.log(after / before)
    known = np.isfinite(change)
    left = np.where(known, change, 0.0)
    for axis in (1, 0) * 500:
        count = np.maximum(known.sum(axis=axis, keepdims=True), 1)
        left = np.where(known, left - left.sum(axis=axis, keepdims=True) / count, 0.0)
    every = left[known]
    reach = float(np.quantile(np.abs(every), 0.9))
    print(
        f"\n2012 → 2016, {n} economies, {len(every)} flows over 10 mn USD, residual of exporter and importer effects:"
    )
    for a, b in (PAIR, PAIR[::-1]):
        got = left[codes.index(a), codes.index(b)]
        out = int((np.abs(every) >= abs(got)).sum())
        print(
            f"{a}-{b}: raw {change[codes.index(a), codes.index(b)]:+.2f}, residual {got:+.2f}; "
            f"90 of 100 placebo pairs within ± {reach:.2f}; {out} of {len(every)} as far out"
        )


def main() -> None:
    """Print both."""
    years()
    if MATRIX.exists():
        pairs()
    else:
        print("\nthe matrix of 1996-2016 is not there (../shared/factbook): placebo pairs left out")


if __name__ == "__main__":
    main()
