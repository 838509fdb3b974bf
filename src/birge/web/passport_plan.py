"""Passports of the plan's own records: measures, milestones, decisions, meetings, instruments and the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from birge.plan.due import last_status
from birge.plan.schema import Record as PlanRecord
from birge.plan.schema import Status, Text
from birge.store.objections import objections
from birge.store.progress import standing
from birge.store.records import listing
from birge.web.blocks import Cell, Table, organisations, said
from birge.web.pages_run import odds
from birge.web.passport_parts import Made, Row, facts, linked, missing, plan_version, recorded, run_rows, short, sourced
from birge.web.proofs import files_of, sent_back
from birge.web.reader import Reader

__all__ = ["decision", "measure", "milestone", "record_of"]

PLAIN = (
    "id",
    "title",
    "name",
    "source",
    "sources",
    "status",
    "note",
    "unreviewed",
    "milestones",
    "effects",
    "decisions",
)
"""Fields that a passport shows in a way of its own, or not at all."""


def _words(view: Reader, item: str, status: tuple[Status, ...]) -> Table:
    """Return every report on an item, each side's last word marked."""
    t = view.t
    last = last_status(status, view.day)
    rows = tuple(
        (
            Cell(t.date(s.reported), kind="date"),
            Cell(t.named("word", s.state.value) + (f" ({t('last word')})" if s is last else ""), kind="state"),
            Cell(t.date(s.finished) if s.finished else "-", kind="date"),
            said(s.note, t) if s.note else Cell("-"),
            Cell(s.source.title, s.source.url) if s.source else Cell("-"),
        )
        for s in sorted(status, key=lambda s: s.reported, reverse=True)
    )
    head = (t("Reported"), t("Status"), t("Finished"), t("Note"), t("Source"))
    return Table("reports", t("Reports"), head, rows, empty=t("no report"))


def _by_side(view: Reader, item: str) -> list[Table]:
    """Return each side's own last word from the registry, and whether the two agree."""
    t = view.t
    found = standing(view.desk, view.day, item)
    if not found:
        return []
    backs, names = objections(view.desk), {p.code: p.short.get(t.lang) for p in view.plan.parties}
    rows = []
    for code, r in found[0].last.items():
        if r is None:
            rows.append(
                (Cell(short(view, code)), Cell(t("no report")), Cell("-"), Cell("-"), Cell("-"), Cell("-", kind="n"))
            )
            continue
        body = organisations(view.plan, (r.payload.organisation,) if r.payload.organisation else (), t)
        rows.append(
            (
                Cell(short(view, code)),
                Cell(t.named("word", r.payload.state.value), kind="state"),
                Cell(t.date(r.payload.reported), kind="date"),
                body if r.payload.organisation else Cell(t("the side")),
                Cell(sent_back(r, backs, t, names) or "-"),
                Cell(str(len(r.payload.evidence)), kind="n"),
            )
        )
    told = {True: t("The two sides say the same."), False: t("The two sides say different things."), None: ""}
    head = (t("Side"), t("Status"), t("Reported"), t("Who"), t("Objection"), t("Files of evidence"))
    proofs = tuple(
        (Cell(short(view, r.side)), Cell(t.date(r.payload.reported), kind="date"), cell)
        for r in listing(view.desk, "progress", subject=item, official=True)
        for cell in files_of(r, t)
    )
    files = Table("files", t("Files of evidence"), (t("Side"), t("Reported"), t("File")), proofs)
    words = Table("sides", t("Each side's own word"), head, tuple(rows), told[found[0].agree])
    return [words, *([files] if proofs else [])]


def milestone(view: Reader, ident: str) -> Made:
    t = view.t
    pair = next(((m, s) for m in view.plan.measures for s in m.milestones if s.id == ident), None)
    if pair is None:
        raise missing(ident)
    measure, stone = pair
    titles = {s.id: s.title for s in view.plan.milestones()}
    after = "; ".join(titles[a].get(t.lang) for a in stone.after if a in titles)
    duration = stone.duration
    months = f"{duration.low:g} / {duration.mode:g} / {duration.high:g}" if duration else "-"
    assumed = f" ({t('assumed')})" if duration and duration.assumed else ""
    rows: list[Row] = [
        (Cell(t("Measure")), said(measure.title, t, linked(view, f"passport/measure/{measure.id}"))),
        (Cell(t("Planned")), Cell(t.date(stone.planned) if stone.planned else t("no date planned"), kind="date")),
        (Cell(t("After")), Cell(after or "-")),
        (Cell(t("Months it takes: least, usual, most")), Cell(months + assumed, kind="n")),
        (Cell(t("Who")), organisations(view.plan, (stone.owner,) if stone.owner else measure.responsible, t)),
        *sourced(view, stone.source),
    ]
    modelled = next((m for m in view.document["milestones"] if m["id"] == ident), None) if view.document else None
    if modelled is not None:
        heads = (t("10 of 100 by"), t("Even odds by"), t("90 of 100 by"))
        for name, key in zip(heads, ("p10", "p50", "p90"), strict=True):
            day = modelled[key]
            rows.append((Cell(name), Cell(t.date(date.fromisoformat(day)) if day else "-", kind="date")))
        if modelled["p_on_time"] is not None:
            rows.append((Cell(t("On time")), Cell(odds(modelled["p_on_time"], t), kind="n")))
        rows += run_rows(view)[:1]
    blocks = [facts(view, "milestone", t("The milestone"), rows), _words(view, ident, stone.status)]
    return stone.title.get(t.lang), [*blocks, *_by_side(view, ident), plan_version(view)]


def measure(view: Reader, ident: str) -> Made:
    t, plan = view.t, view.plan
    m = next((m for m in plan.measures if m.id == ident), None)
    if m is None:
        raise missing(ident)
    pillar = next(p.title for p in plan.pillars if p.id == m.pillar)
    cost = f"{t.number(m.cost_musd, 1)} {t.named('unit', 'mn USD')}" if m.cost_musd is not None else t("not known")
    rows: list[Row] = [
        (Cell(t("Number")), Cell(m.number)),
        (Cell(t("Pillar")), said(pillar, t)),
        (Cell(t("Form of completion")), said(m.form, t) if m.form else Cell("-")),
        (Cell(t("Responsible")), organisations(plan, m.responsible + m.co_responsible, t)),
        (Cell(t("Deadline")), said(m.deadline.text, t)),
        (Cell(t("Cost")), Cell(cost, kind="n")),
        (Cell(t("Origin")), Cell(t.named("word", m.origin))),
        *(row for s in m.sources for row in sourced(view, s)),
    ]
    lang = "en" if t.lang != "en" else None
    effects = tuple(
        (
            Cell(e.driver),
            Cell(", ".join(f"{k}: {v}" for k, v in e.select.items()) or t("all")),
            Cell(t("assumed") if e.assumed else t("evidence")),
            Cell(e.evidence, lang=lang),
        )
        for e in m.effects
    )
    head = (t("Acts on"), t("Where"), t("Rests on"), t("Evidence"))
    steps = tuple(
        (
            said(s.title, t, linked(view, f"passport/milestone/{s.id}")),
            Cell(t.date(s.planned) if s.planned else t("no date planned"), kind="date"),
        )
        for s in m.milestones
    )
    blocks = [
        facts(view, "measure", t("The measure"), rows),
        Table("steps", t("Milestones"), (t("Milestone"), t("Planned")), steps, empty=t("nothing is recorded")),
        Table("effects", t("What it is taken to do"), head, effects, empty=t("no effect on trade is modelled")),
        _words(view, ident, m.status),
    ]
    return f"{m.number}. {m.title.get(t.lang)}", [*blocks, *_by_side(view, ident), plan_version(view)]


def record_of(field: str, kind: str) -> Callable[[Reader, str], Made]:
    """Return what makes the passport of a plan record by its fields."""

    def make(view: Reader, ident: str) -> Made:
        t = view.t
        found = next((x for x in getattr(view.plan, field) if x.id == ident), None)
        records = recorded(view, kind, ident)
        if found is None and not records:
            raise missing(ident)
        if found is None:
            return ident, records
        title = getattr(found, "title", None) or getattr(found, "name", None)
        if title is None:
            title = Text(en=" - ".join(r.get("en") for r in found.regions.values()))
        sources = [s for s in (getattr(found, "source", None), *getattr(found, "sources", ())) if s]
        rows = [*_fields(view, found), *(row for s in sources for row in sourced(view, s))]
        blocks = [facts(view, kind, title.get(t.lang), rows), *records]
        if field == "meetings":
            blocks.insert(1, _decided(view, found))
        return title.get(t.lang), [*blocks, plan_version(view)]

    return make


def _fields(view: Reader, record: PlanRecord) -> Iterable[Row]:
    """Return the fields of a record in words."""
    t = view.t
    bodies = {o.id: o.name for o in view.plan.organisations}
    for name in type(record).model_fields:
        value = getattr(record, name)
        if name in PLAIN:
            continue
        label = Cell(t.named("field", name).capitalize())
        if isinstance(value, Text):
            yield label, said(value, t)
        elif isinstance(value, date):
            yield label, Cell(t.date(value), kind="date")
        elif isinstance(value, dict):
            parts = (f"{short(view, k)}: {v.get(t.lang) if isinstance(v, Text) else v}" for k, v in value.items())
            yield label, Cell("; ".join(parts) or "-")
        elif isinstance(value, tuple):
            yield label, Cell("; ".join(bodies[v].get(t.lang) if v in bodies else str(v) for v in value) or "-")
        elif value in [p.code for p in view.plan.parties]:
            yield label, Cell(short(view, value))
        else:
            yield label, Cell(t.named("word", value) if isinstance(value, str) else str(value) if value else "-")
    note = getattr(record, "note", None)
    if note:
        yield Cell(t("Note")), said(note, t)


def _decided(view: Reader, meeting: Any) -> Table:
    t = view.t
    rows = tuple(
        (said(d.title, t, linked(view, f"passport/decision/{d.id}")), organisations(view.plan, d.owners, t))
        for d in meeting.decisions
    )
    return Table("decisions", t("Decisions"), (t("Decision"), t("Who")), rows, empty=t("nothing is recorded"))


def decision(view: Reader, ident: str) -> Made:
    t = view.t
    found = next(((m, d) for m in view.plan.meetings for d in m.decisions if d.id == ident), None)
    if found is None:
        raise missing(ident)
    m, d = found
    rows: list[Row] = [
        (Cell(t("Meeting")), said(m.title, t, linked(view, f"passport/meeting/{m.id}"))),
        (Cell(t("Who")), organisations(view.plan, d.owners, t)),
        (Cell(t("Due")), Cell(t.date(d.due) if d.due else "-", kind="date")),
        *sourced(view, d.source or m.source),
    ]
    blocks = [facts(view, "decision", t("The decision"), rows), _words(view, ident, d.status), *_by_side(view, ident)]
    return d.title.get(t.lang), [*blocks, *recorded(view, "decision", ident), plan_version(view)]
