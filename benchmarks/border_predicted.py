"""The queue at Karasu - Ak-Tilek predicted from other evidence than queues, with 2017 and 2025 left out, and scored.

    trucks a day of year y = trucks of 2023 × trade of y / trade of 2023, by month as the design has it
    control of autumn 2017 = longer checks as counted in 2019 (5-6 trucks an hour), from 10 October on
    control of 2025        = normal

Nothing of 2017 or 2025 enters: not the 76 trucks a day of October 2017 that the regime `crisis` rests on. The size at
which trucks stay away was set on autumn 2023. Prints what was reported, and the middle and 80 of 100
hours of the same month.
"""

from __future__ import annotations

import math

from birge.factbook import Factbook
from birge.factbook.border import queue_reports
from birge.models.border import Design, default_design, simulate

PAIR, FLOW, BASE = ("KAZ", "KGZ"), "KGZ-KAZ", 2023
HELD_OUT = (2017, 2025)
BEGUN = {2017: ("longer-checks", 283)}
"""Control of a year and the day from which on it held: 10 October 2017 (qazaqtimes.com 27858)."""


def trade(year: int) -> float:
    """Return mn USD of the flow, mean over reporters of full-year figures."""
    rows = [
        o.value
        for o in Factbook.embedded().observations(PAIR)
        if (o.flow, o.year, o.months) == (FLOW, year, (1, 12)) and o.kind in ("annual", "rounded") and o.reporter
    ]
    return sum(rows) / len(rows) if rows else math.nan


def design(year: int) -> Design:
    """Return today's crossing with the trucks and the control of a year."""
    raw = default_design("karasu").model_dump(mode="json", exclude_defaults=True)
    for stream in raw["streams"]:
        stream["arrivals"]["per_day"] *= trade(year) / trade(BASE)
    if year in BEGUN:
        regime, first = BEGUN[year]
        raw["calendar"] = [{"regime": regime, "first_day": first, "last_day": 365}]
    return Design.model_validate(raw)


def main() -> None:
    """Print the table."""
    heads = ("year", "trade, of 2023", "seen", "reported", "median", "80 of 100", "within", "log error")
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for year in (*HELD_OUT, BASE):
        factor = trade(year) / trade(BASE)
        if math.isnan(factor):
            print(f"| {year} | no full-year figure |  |  |  |  |  |  |")
            continue
        made = simulate(design(year), replications=10, seed=1)
        reports = [
            (r.seen, r.queued) for r in queue_reports("karasu") if (r.year, r.direction) == (year, FLOW) and r.queued
        ]
        for seen, queued in reports:
            _mean, low, median, high = made.queue_by_month[FLOW][int(seen[5:7]) - 1]
            error = math.log(max(median, 1.0) / queued)
            within = "yes" if low <= queued <= high else "no"
            row = (year, f"{factor:.2f}", seen, f"{queued:.0f}", f"{median:.0f}", f"{low:.0f}-{high:.0f}", within)
            print(f"| {' | '.join(map(str, row))} | {error:+.2f} |")
        if not reports:
            _mean, low, median, high = made.queue_by_month[FLOW][9]
            print(f"| {year} | {factor:.2f} | October | none | {median:.0f} | {low:.0f}-{high:.0f} | | |")


if __name__ == "__main__":
    main()
