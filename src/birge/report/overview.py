"""The plan, its due list and its changes as text for a terminal, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from birge.plan.due import Only, Row, due, last_status
from birge.plan.known import known
from birge.plan.schema import Indicator, Measure, Plan, Target
from birge.plan.told import told
from birge.texts import Translator, long_date, translator

__all__ = ["change_list", "due_list", "overview"]


def overview(plan: Plan, as_of: date, lang: str = "en") -> str:
    """Return the plan by pillar: targets, measures, milestones and the last word on each, as known on `as_of`."""
    t = translator(lang)
    plan = known(plan, as_of)
    lines = [
        plan.title.get(lang),
        plan.origin_note.get(lang) if plan.origin == "reconstructed" else "",
        t("as of {date}", date=long_date(as_of, lang)),
    ]
    for pillar in plan.pillars:
        lines += ["", pillar.title.get(lang)]
        for indicator in (i for i in plan.indicators if i.pillar == pillar.id):
            lines.extend(_indicator(plan, indicator, t))
        for measure in (m for m in plan.measures if m.pillar == pillar.id):
            lines.extend(_measure(measure, as_of, t))
    return "\n".join(line for k, line in enumerate(lines) if line or k > 2)


def due_list(plan: Plan, as_of: date, lang: str = "en", only: Only | None = None) -> str:
    """Return who has to do what by when, as known on `as_of`."""
    t = translator(lang)
    rows = due(plan, as_of, lang, only=only)
    lines = [
        *_rows(t("Next"), rows.next, t),
        *_rows(t("Past its date, with a word since"), rows.overdue, t),
        *_rows(t("Past its date, not known since"), rows.silent, t),
    ]
    return "\n".join(lines or [t("nothing is due")])


def change_list(before: Plan, after: Plan, lang: str = "en") -> str:
    """Return what changed from `before` to `after`, by record, in words."""
    t = translator(lang)
    lines: list[str] = []
    count = 0
    for record, sentences in told(before, after, lang):
        lines += [record, *(f"  {s}" for s in sentences)]
        count += len(sentences)
    if not count:
        return t("no differences")
    return "\n".join([*lines, t.plural("{n} change", "{n} changes", count)])


def _rows(title: str, rows: Sequence[Row], t: Translator) -> list[str]:
    if not rows:
        return []
    return [title, *(f"  {r.item} · {r.organisation} · {t.date(r.due)} · {r.last_word}{_age(r, t)}" for r in rows)]


def _age(row: Row, t: Translator) -> str:
    if row.age_days is None:
        return ""
    if row.age_days == 0:
        return f" · {t('last word today')}"
    return " · " + t.plural("last word {n} day ago", "last word {n} days ago", row.age_days)


def _indicator(plan: Plan, indicator: Indicator, t: Translator) -> list[str]:
    title = f"  {indicator.title.get(t.lang)}"
    rows = [
        f"    {b.year}: {_quantity(b.value, indicator.unit, t)}{_basis(plan, b.basis, t)} · {b.source.title}"
        for b in indicator.baseline
    ]
    rows += [
        f"    {t('target {year}: {value}', year=target.year, value=_value(indicator, target, t))}"
        f"{_basis(plan, target.basis, t)} · {target.source.title}"
        for target in indicator.targets
    ]
    rows += [f"    {s.title}" for s in indicator.sources]
    return [title, *rows]


def _value(indicator: Indicator, target: Target, t: Translator) -> str:
    done = indicator.kind == "milestone"
    return t.named("word", "done") if done else _quantity(target.value, indicator.unit, t)


def _quantity(value: float, unit: str, t: Translator) -> str:
    """Write a value with its unit; decimals only where the value has them."""
    decimals = next((d for d in range(4) if round(value, d) == value), 4)
    return f"{t.number(value, decimals)} {t.named('unit', unit)}"


def _basis(plan: Plan, code: str | None, t: Translator) -> str:
    return next((f", {p.statistics.get(t.lang)}" for p in plan.parties if p.code == code), "")


def _measure(measure: Measure, as_of: date, t: Translator) -> list[str]:
    origin = t.named("word", measure.origin)
    lines = [f"  {measure.number}. {measure.title.get(t.lang)} · {measure.deadline.text.get(t.lang)} · {origin}"]
    for m in measure.milestones:
        last = last_status(m.status, as_of)
        word = t("no report")
        if last:
            state = t.named("word", last.state.value)
            word = t("{state}, {date}", state=state, date=t.date(last.finished or last.reported))
        planned = t("planned {date}", date=t.date(m.planned)) if m.planned else t("no date planned")
        shown = [planned] if m.planned or last is None or last.finished is None else []
        lines.append("     " + " · ".join([m.title.get(t.lang), *shown, word]))
    return lines
