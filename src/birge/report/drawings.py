"""The charts of one assessment, each with what it shows in words and as a table.

A drawing is made twice, for a page of any width and for a phone; the second side's fan has the first one's scale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from birge.assess.assessment import Assessment
from birge.charts import SIDES, contributions, fan, milestones, svg
from birge.report.findings import carried, even_odds
from birge.report.words import bn, change_of_100, measure_title, month, musd, of_100, plural
from birge.units import date_of

__all__ = ["Drawing", "contribution_drawing", "fan_drawing", "fan_drawings", "milestone_drawing"]

PAST_YEARS = 14
"""How many years before the first open one a fan shows; the table of both sides' statistics has them all."""
WIDE, HALF, NARROW = 720, 500, 336
DRAWN = 20
"""How many milestones are drawn: those that move the target, then the earliest; the table has all."""


@dataclass(frozen=True)
class Drawing:
    """A chart: its title, what it shows in a sentence, notes, the SVG for wide and narrow pages, its table."""

    title: str
    told: str
    wide: str
    narrow: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Fan:
    """The data of one side's fan in bn USD."""

    past: list[dict[str, Any]]
    bands: list[dict[str, Any]]
    goals: list[dict[str, Any]]
    quantiles: dict[int, list[float]]


def fan_drawings(run: Assessment) -> list[Drawing]:
    """Return the fan of each side on one scale; a side without any figure or target of its own has none."""
    data = [_fan(run, side) for side in (0, 1)]
    shown = [side for side in (0, 1) if data[side].past or data[side].goals]
    top = _top([data[side] for side in shown])
    first = min((p["year"] for side in shown for p in data[side].past), default=run.joint.years[0])
    return [_fan_drawing(run, side, data[side], top, first) for side in shown]


def fan_drawing(run: Assessment, side: int, width: int) -> dict[str, Any]:
    """Return the spec of one side's fan, alone on its scale."""
    d = _fan(run, side)
    return fan(d.past, d.bands, d.goals, SIDES[side], width, _top([d]))


def _fan(run: Assessment, side: int) -> _Fan:
    code = run.plan.parties[side].code
    years, r = run.joint.years, run.joint.reporters.index(code)
    since = years[0] - PAST_YEARS
    past = [
        {"year": row.year, "value": value / 1000, "kind": kind}
        for row in run.mirror
        for kind, value in (("published", row.published[side]), ("compiled", row.compiled[side]))
        if value is not None and row.year >= since
    ]
    turnover = run.joint.turnover()[:, :, r] / 1000
    quantiles = {
        year: [float(q) for q in np.quantile(turnover[:, y], [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])]
        for y, year in enumerate(years)
    }
    bands = [
        {"year": year, "level": level, "low": q[k], "high": q[6 - k], "median": q[3]}
        for year, q in quantiles.items()
        for k, level in ((0, 95), (1, 80), (2, 50))
    ]
    goals = [
        {
            "year": v.target.year,
            "value": v.target.value / 1000,
            "label": f"target {bn(v.target.value, 1)}",
            "odds": f"{of_100(v.target.odds_with)} of 100",
        }
        for v in run.verdicts
        if v.target.basis == code and v.target.odds_with is not None and v.target.median is not None
    ]
    return _Fan(past, bands, goals, quantiles)


def _top(fans: list[_Fan]) -> float:
    """Return the end of the scale: above all past figures, targets and 80 % intervals; wider bands are cut there."""
    high = [float(b["high"]) for f in fans for b in f.bands if b["level"] == 80]
    return 1.08 * max([*high, *(float(r["value"]) for f in fans for r in (*f.past, *f.goals)), 0.001])


def _fan_drawing(run: Assessment, side: int, d: _Fan, top: float, first: int) -> Drawing:
    party = run.plan.parties[side]
    title = f"Turnover {party.statistics.en}"
    last = max(d.quantiles)
    q = d.quantiles[last]
    told = (
        f"{title}, bn USD a year. Median of the futures in {last}: {q[3]:.1f}; half of them between {q[2]:.1f} and "
        f"{q[4]:.1f}, 80 of 100 between {q[1]:.1f} and {q[5]:.1f}, 95 of 100 between {q[0]:.1f} and {q[6]:.1f}."
    )
    notes = []
    if q[6] > top:
        notes.append(f"The band of 95 of 100 futures goes on above the scale, to {q[6]:.1f} bn in {last}.")
    if not any(p["kind"] == "published" for p in d.past):
        notes.append(f"No published full-year figure of {party.short.en}.")
    name = f"fan-{party.code.lower()}"

    def drawn(kind: str, width: int) -> str:
        return svg(fan(d.past, d.bands, d.goals, SIDES[side], width, top, first), f"{name}-{kind}", title, told)

    rows = [(str(year), *(f"{v:.2f}" for v in values)) for year, values in d.quantiles.items()]
    head = ("Year", "2.5 of 100 lower", "10", "25", "median", "25 higher", "10", "2.5")
    return Drawing(title, told, drawn("wide", HALF), drawn("narrow", NARROW), head, tuple(rows), tuple(notes))


def contribution_drawing(run: Assessment) -> Drawing | None:
    """Return what each measure adds to the headline, None where no measure acts on it."""
    found = carried(run)
    named = [*found.named, *found.small]
    if not named:
        return None
    rows = [
        {
            "title": measure_title(run.plan, m.id),
            "low": m.interval80_musd[0],
            "mean": m.mean_musd,
            "high": m.interval80_musd[1],
            "told": f"{musd(m.mean_musd)} mn USD · {change_of_100(m.shapley_odds)} of 100",
        }
        for m in named
    ]
    told = f"{plural(len(rows), 'measure')}; the most adds {musd(named[0].mean_musd)} mn USD a year on average."
    return _drawing("What each measure adds", told, "contributions", lambda w: contributions(rows, w), (), ())


def milestone_drawing(run: Assessment) -> Drawing | None:
    """Return when open milestones are done, None where none has a modelled date."""
    stones = {m.id: m for m in run.plan.milestones()}
    by_id = {m.id: m for m in run.headline.milestones}
    rows: list[dict[str, Any]] = []
    for k, name in enumerate(run.dates.network.ids):
        finish = run.dates.finish[:, k]
        if not np.isnan(run.dates.network.fixed[k]) or not np.isfinite(finish).all():
            continue
        p10, p50, p90 = (date_of(float(q)) for q in np.quantile(finish, [0.1, 0.5, 0.9]))
        if p10 is None or p50 is None or p90 is None:
            continue
        found = by_id.get(name)
        planned = stones[name].planned
        text = even_odds(run, found) if found else month(p50)
        rows.append(
            {
                "title": stones[name].title.en,
                "p10": p10.isoformat(),
                "p50": p50.isoformat(),
                "p90": p90.isoformat(),
                "planned": planned.isoformat() if planned else None,
                "moves": found is not None and found.odds_gain_per_month is not None,
                "told": f"planned {month(planned)} → {text}" if planned else f"no date → {text}",
            }
        )
    if not rows:
        return None
    rows.sort(key=lambda r: r["p50"] or "")
    table = tuple(
        (
            str(r["title"]),
            r["planned"] or "no date",
            *(month(date.fromisoformat(str(r[k]))) for k in ("p10", "p50", "p90")),
        )
        for r in rows
    )
    head = ("Milestone", "Planned", "10 of 100 by", "Even odds by", "90 of 100 by")
    told = f"{plural(len(rows), 'open milestone')} from 10 to 90 of 100 futures; planned dates as hollow diamonds."
    today = run.as_of.isoformat()
    first = sorted(rows, key=lambda r: not r["moves"])[:DRAWN]
    drawn = [r for r in rows if r in first]
    made = _drawing(
        "When open milestones are done", told, "milestones", lambda w: milestones(drawn, w, today), head, table
    )
    left = len(rows) - len(drawn)
    note = f"{plural(left, 'later milestone')} that {'does' if left == 1 else 'do'} not move the target: in the table."
    return replace(made, notes=(note,)) if left else made


def _drawing(
    title: str,
    told: str,
    name: str,
    spec: Callable[[int], dict[str, Any]],
    head: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
) -> Drawing:
    wide, narrow = (svg(spec(w), f"{name}-{kind}", title, told) for kind, w in (("wide", WIDE), ("narrow", NARROW)))
    return Drawing(title, told, wide, narrow, head, rows)
