"""The plan and its due list as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from birge.plan.due import Row, due, last_status
from birge.plan.known import known
from birge.plan.schema import Indicator, Measure, Plan, Target

__all__ = ["due_list", "overview"]


def overview(plan: Plan, as_of: date, lang: str = "en") -> str:
    """Return the plan by pillar: targets, measures, milestones and the last word on each, as known on `as_of`."""
    plan = known(plan, as_of)
    lines = [
        plan.title.get(lang),
        plan.origin_note.get(lang) if plan.origin == "reconstructed" else "",
        f"as of {as_of}",
    ]
    for pillar in plan.pillars:
        lines += ["", pillar.title.get(lang)]
        for indicator in (i for i in plan.indicators if i.pillar == pillar.id):
            lines.extend(_indicator(plan, indicator, lang))
        for measure in (m for m in plan.measures if m.pillar == pillar.id):
            lines.extend(_measure(measure, as_of, lang))
    return "\n".join(line for k, line in enumerate(lines) if line or k > 2)


def due_list(plan: Plan, as_of: date, lang: str = "en") -> str:
    """Return who has to do what by when, as known on `as_of`."""
    rows = due(plan, as_of, lang)
    return "\n".join(
        [
            *_rows("Next", rows.next),
            *_rows("Past its date, with a word since", rows.overdue),
            *_rows("Past its date, not known since", rows.silent),
        ]
    )


def _rows(title: str, rows: Sequence[Row]) -> list[str]:
    return [title, *(f"  {r.item} · {r.organisation} · {r.due} · {r.last_word}" for r in rows)] if rows else []


def _indicator(plan: Plan, indicator: Indicator, lang: str) -> list[str]:
    title = f"  {indicator.title.get(lang)}"
    rows = [
        f"    {b.year}: {b.value:,g} {indicator.unit}{_basis(plan, b.basis, lang)} · {b.source.title}"
        for b in indicator.baseline
    ]
    rows += [
        f"    target {t.year}: {_value(indicator, t)}{_basis(plan, t.basis, lang)} · {t.source.title}"
        for t in indicator.targets
    ]
    rows += [f"    {s.title}" for s in indicator.sources]
    return [title, *rows]


def _value(indicator: Indicator, target: Target) -> str:
    return "done" if indicator.kind == "milestone" else f"{target.value:,.0f} {indicator.unit}"


def _basis(plan: Plan, code: str | None, lang: str) -> str:
    return next((f", {p.statistics.get(lang)}" for p in plan.parties if p.code == code), "")


def _measure(measure: Measure, as_of: date, lang: str) -> list[str]:
    lines = [f"  {measure.number}. {measure.title.get(lang)} · {measure.deadline.text.get(lang)} · {measure.origin}"]
    for m in measure.milestones:
        last = last_status(m.status, as_of)
        word = f"{last.state.value}, {last.finished or last.reported}" if last else "no report"
        finished = last is not None and last.finished is not None
        planned = f"planned {m.planned} · " if m.planned else "" if finished else "no date planned · "
        lines.append(f"     {m.title.get(lang)} · {planned}{word}")
    return lines
