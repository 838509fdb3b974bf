"""One assessment as one self-contained page: no network, no script needed, good on a phone and in print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from birge.assess.assessment import Assessment
from birge.charts import contributions, fan, milestones, svg
from birge.charts.specs import SIDES
from birge.factbook import Factbook
from birge.plan.due import due
from birge.report.answer import answer_sections, measure_title, of_100, origin, target_name
from birge.units import date_of

__all__ = ["page"]


def page(run: Assessment, book: Factbook) -> str:
    """Return the HTML of the report."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = Environment(loader=PackageLoader("birge.report"), autoescape=True, undefined=StrictUndefined)
    return loader.get_template("report.html").render(
        run=run,
        plan=run.plan,
        origin=origin(run.plan),
        note=run.plan.origin_note.en,
        headline=_headline(run),
        targets=[{"name": target_name(run.plan, v.target), "t": v.target} for v in run.verdicts],
        of_100=of_100,
        fans=[{"svg": chart, "rows": rows} for chart, rows in _fans(run)],
        contributions=_contributions(run),
        measures=[{"title": measure_title(run.plan, m.id), "m": m} for m in run.headline.measures],
        milestones=_milestones(run),
        milestone_rows=_milestone_rows(run),
        due=due(run.plan, run.as_of),
        needed=answer_sections(run)["What it would take"],
        numbers=answer_sections(run)["Whose numbers"],
        codes=[p.short.en for p in run.plan.parties],
        assumptions=_assumptions(run),
        sources=_sources(run),
        observations=[o for o in book.observations(_pair(run), run.as_of) if not o.derived],
    )


def _pair(run: Assessment) -> tuple[str, str]:
    a, b = run.plan.parties
    return a.code, b.code


def _headline(run: Assessment) -> str:
    t = run.headline.target
    if t.odds_with is None:
        return f"{target_name(run.plan, t)}: not modelled ({t.reason})."
    return f"About {of_100(t.odds_with)} of 100 futures reach the target: {target_name(run.plan, t)}."


def _fans(run: Assessment) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return a fan by side, with the rows of its table."""
    turnover = run.joint.turnover() / 1000
    made = []
    for r, party in enumerate(run.plan.parties):
        past = [
            {"year": row.year, "value": value / 1000, "kind": kind}
            for row in run.mirror
            for kind, value in (("published", row.published[r]), ("compiled, unverified", row.compiled[r]))
            if value is not None
        ]
        bands, rows = [], []
        for y, year in enumerate(run.joint.years):
            x = turnover[:, y, r]
            q = np.quantile(x, [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
            for level, low, high in ((95, q[0], q[6]), (80, q[1], q[5]), (50, q[2], q[4])):
                bands.append(
                    {"year": year, "level": level, "low": float(low), "high": float(high), "median": float(q[3])}
                )
            rows.append({"year": year, "q": [float(v) for v in q]})
        goals = [
            {
                "year": v.target.year,
                "value": v.target.value / 1000,
                "label": f"{v.target.value / 1000:.1f}",
            }
            for v in run.verdicts
            if v.target.basis == party.code
        ]
        title = f"Turnover {party.statistics.en}, with the plan"
        made.append((svg(fan(title, past, bands, goals, SIDES[r])), rows))
    return made


def _contributions(run: Assessment) -> str | None:
    rows = [
        {
            "title": measure_title(run.plan, m.id),
            "low": m.interval80_musd[0],
            "mean": m.mean_musd,
            "high": m.interval80_musd[1],
        }
        for m in run.headline.measures
        if m.id != "not-the-plan"
    ]
    return svg(contributions("What each measure adds", rows)) if rows else None


def _milestones(run: Assessment) -> str | None:
    """Return whiskers of the milestones that are still open and modelled."""
    titles = {m.id: m.title.en for m in run.plan.milestones()}
    planned = {m.id: m.planned for m in run.headline.milestones}
    rows = []
    for k, name in enumerate(run.dates.network.ids):
        finish = run.dates.finish[:, k]
        if np.isnan(run.dates.network.fixed[k]) and np.isfinite(finish).all():
            p10, p50, p90 = (_iso(float(q)) for q in np.quantile(finish, [0.1, 0.5, 0.9]))
            day = planned.get(name)
            rows.append(
                {"title": titles[name], "p10": p10, "p50": p50, "p90": p90, "planned": day.isoformat() if day else None}
            )
    rows.sort(key=lambda r: r["p50"] or "")
    return svg(milestones("When open milestones are done", rows)) if rows else None


def _iso(month: float) -> str | None:
    day = date_of(month)
    return day.isoformat() if day else None


def _milestone_rows(run: Assessment) -> list[dict[str, Any]]:
    titles = {m.id: m.title.en for m in run.plan.milestones()}
    rows = [{"title": titles[m.id], "m": m} for m in run.headline.milestones if m.p50 is None or m.criticality > 0]
    return sorted(rows, key=lambda r: -(r["m"].odds_gain_per_month or 0.0))


def _assumptions(run: Assessment) -> list[dict[str, str]]:
    """Return every effect with its evidence and whether it is assumed."""
    return [
        {
            "measure": m.title.en,
            "driver": e.driver,
            "evidence": e.evidence,
            "kind": "assumed" if e.assumed else "evidence",
        }
        for m in run.plan.measures
        for e in m.effects
    ]


def _sources(run: Assessment) -> Sequence[dict[str, Any]]:
    """Return every source of the plan once, in order of use."""
    found: dict[str, dict[str, Any]] = {}
    for m in run.plan.measures:
        for s in m.sources:
            found.setdefault(s.url or s.title, {"title": s.title, "url": s.url, "date": s.date})
    for i in run.plan.indicators:
        for s in (*i.sources, *(b.source for b in i.baseline), *(t.source for t in i.targets)):
            found.setdefault(s.url or s.title, {"title": s.title, "url": s.url, "date": s.date})
    return list(found.values())
