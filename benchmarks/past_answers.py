"""Ask the outlook as of past dates and set what came beside it; prints the tables of docs/explanation/past-answers.md.

    python benchmarks/past_answers.py [--svg docs/pictures/past-answers-pit.svg]

Data flow: for each date `setup` (only what was published by then) → `posterior` → `paths` of the variant central;
then every year 1-3 years after the newest year known, against the full-year figure known today, on each side. A
published figure counts; where there is none, the compilation's. As the compilation's dates of publication are assumed
(45 days after the year), its newest years were not really before anybody's eyes on these dates.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import numpy as np

from birge.factbook import Factbook, MirrorYear, mirror
from birge.models import outlook
from birge.plan import embedded
from birge.rng import Streams

DATES = (*(date(y, 9, 1) for y in range(2006, 2026)),)
SHOWN = tuple(date(y, 9, 1) for y in (2012, 2014, 2016, 2018, 2020, 2022, 2023, 2024, 2025))
TODAY = date(2026, 11, 24)
AHEAD = 3


def answers(day: date, book: Factbook) -> list[tuple[date, str, int, int, float, float, float, float, float]]:
    """Return rows: date, side, last year known, year, low, median, high of 80 %, what came, its rank."""
    plan = embedded()
    parties = tuple(p.code for p in plan.parties)
    pair = (parties[0], parties[1])
    inputs = outlook.setup(plan, book, None, day)
    made = outlook.posterior(inputs, Streams(1))
    turnover = np.concatenate([outlook.paths(made, Streams(1, b)) for b in range(4)]).sum(axis=2)
    came = {r.year: [p or c for p, c in zip(r.published, r.compiled, strict=True)] for r in _all(book, pair)}
    rows = []
    for k, side in enumerate(parties):
        last = inputs.last_data(side)
        for year in inputs.years:
            value = came.get(year, [None, None])[k]
            if last is None or value is None or not last < year <= last + AHEAD:
                continue
            x = turnover[:, inputs.years.index(year), k]
            low, middle, high = np.quantile(x, [0.1, 0.5, 0.9])
            rank = float((x < value).mean())
            rows.append((day, side, last, year, float(low), float(middle), float(high), value, rank))
    return rows


def _all(book: Factbook, pair: tuple[str, str]) -> list[MirrorYear]:
    return mirror(book.observations(pair, TODAY), pair)


def main() -> None:
    """Print both tables and draw the ranks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    book = Factbook.embedded()
    rows = [r for day in DATES for r in answers(day, book)]
    print("| asked on | side | known to | for | 80 % interval, mn USD | median | came | inside |")
    print("|---|---|---|---|---|---|---|---|")
    for day, side, last, year, low, middle, high, value, _ in rows:
        if day in SHOWN:
            inside = "yes" if low <= value <= high else "no"
            asked = f"| {day} | {side} | {last} | {year} | {low:,.0f} - {high:,.0f}"
            print(f"{asked} | {middle:,.0f} | {value:,.0f} | {inside} |")
    print("\n| years ahead | answers | inside 50 % | inside 80 % | inside 95 % |\n|---|---|---|---|---|")
    for ahead in (1, 2, 3):
        u = np.array([r[-1] for r in rows if r[3] - r[2] == ahead])
        shares = (f"{(np.abs(u - 0.5) <= level / 2).mean():.2f}" for level in (0.5, 0.8, 0.95))
        print(f"| {ahead} | {len(u)} | {' | '.join(shares)} |")
    if options.svg:
        options.svg.write_text(picture([[r[-1] for r in rows if r[3] - r[2] == a] for a in (1, 2, 3)]))


def picture(ranks: list[list[float]]) -> str:
    """Return an SVG of three histograms of ranks in five bins, with the height an honest forecast has on average."""
    width, height, bins = 620, 190, 5
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">']
    for k, u in enumerate(ranks):
        counts = np.histogram(u, bins=bins, range=(0, 1))[0]
        left, scale = 20 + k * 205, 110 / max(counts.max(), 1)
        parts.append(
            f'<text x="{left}" y="20" font-size="13">{k + 1} year{"s" if k else ""} ahead, {len(u)} answers</text>'
        )
        for b, count in enumerate(counts):
            x, tall = left + b * 36, count * scale
            label = 'font-size="11" text-anchor="middle"'
            parts.append(f'<rect x="{x}" y="{150 - tall:.1f}" width="34" height="{tall:.1f}" fill="#3b6ea5"/>')
            parts.append(f'<text x="{x + 17}" y="166" {label}>{20 * b}-{20 * b + 20}</text>')
            parts.append(f'<text x="{x + 17}" y="{146 - tall:.1f}" {label}>{count}</text>')
        even = 150 - len(u) / bins * scale
        parts.append(f'<path d="M{left} {even:.1f}h178" stroke="#b3261e" stroke-dasharray="4 3" fill="none"/>')
    parts.append('<text x="20" y="184" font-size="11">place of what came among the draws, in hundredths</text></svg>')
    return "\n".join(parts)


if __name__ == "__main__":
    main()
