"""Culture and dialogue: the programme, coming and past, meetings with decisions and follow-up, regions, calendars."""

from __future__ import annotations

from datetime import date

from birge.pages.border import named
from birge.plan.due import last_status
from birge.plan.schema import Event, Text
from birge.store.records import Record, listing
from birge.web.blocks import Cell, Page, Table, organisations, said
from birge.web.blocks_more import day_cell, pick, source_cell
from birge.web.reader import Reader

__all__ = ["culture_page"]


def culture_page(view: Reader) -> Page:
    """Return events with follow-up, meetings, decisions, region pairs and the calendars to subscribe to."""
    t, plan = view.t, view.plan
    kinds = list(dict.fromkeys(e.kind for e in plan.events))
    years = sorted({e.year for e in plan.events})
    filters = (
        pick(view, "kind", t("Kind"), [(k, t.named("word", k)) for k in kinds]),
        pick(view, "year", t("Year"), [(str(y), str(y)) for y in years]),
        pick(view, "pillar", t("Pillar"), [(p.id, p.title.get(t.lang)) for p in plan.pillars]),
    )
    blocks = (*_events(view), _follow_up(view), _meetings(view), _decisions(view), _regions(view), _calendars(view))
    return Page("culture", t("Culture and dialogue"), (), (), filters, blocks)


def _events(view: Reader) -> tuple[Table, Table]:
    t, q = view.t, view.query
    staged = {r.payload.event.id: r for r in listing(view.desk, "event", official=True)}
    coming: list[tuple[Cell, ...]] = []
    past: list[tuple[Cell, ...]] = []
    for e in sorted(view.plan.events, key=lambda e: (e.start or date(e.year, 12, 31), e.id)):
        if (q.get("kind") or e.kind) != e.kind or (q.get("year") or str(e.year)) != str(e.year):
            continue
        if q.get("pillar") and q["pillar"] != e.pillar:
            continue
        row = _event(view, e, staged.get(e.id))
        (coming if (e.end or e.start or date(e.year, 12, 31)) >= view.day else past).append(row)
    head = (
        t("Event"),
        t("Date"),
        t("Kind"),
        t("Place"),
        t("Organised by"),
        t("Attendance"),
        t("Follow-up"),
        t("Source"),
    )
    return (
        Table("coming", t("Coming events"), head, tuple(coming), empty=t("nothing is announced")),
        Table("past", t("Past events"), head, tuple(reversed(past)), empty=t("nothing is recorded")),
    )


def _event(view: Reader, e: Event, record: Record | None) -> tuple[Cell, ...]:
    t = view.t
    days = t.date(e.start) if e.start else str(e.year)
    if e.start and e.end and e.end != e.start:
        days = f"{days} - {t.date(e.end)}"
    bodies = record.payload.organisers if record else ()
    steps = record.payload.follow_up if record else ()
    done = sum(f.done is not None for f in steps)
    follow = t("{done} of {all} done", done=done, all=len(steps)) if steps else "-"
    return (
        said(e.title, t, f"passport/event/{e.id}"),
        Cell(days, kind="date"),
        Cell(t.named("word", e.kind)),
        Cell(t.named("place", e.place) if e.place else t("not known")),
        organisations(view.plan, bodies, t) if bodies else Cell("-"),
        Cell(t.number(e.attendance) if e.attendance is not None else t("not known"), kind="n"),
        Cell(follow, "#follow-up" if steps else None),
        source_cell(e.source),
    )


def _follow_up(view: Reader) -> Table:
    t = view.t
    rows = []
    for r in listing(view.desk, "event", official=True):
        for f in r.payload.follow_up:
            text = Text.model_validate({"en": next(iter(f.text.values())), **f.text})
            rows.append(
                (
                    said(text, t),
                    said(r.payload.event.title, t, f"passport/event/{r.payload.event.id}"),
                    organisations(view.plan, (f.owner,) if f.owner else (), t),
                    day_cell(f.due, t),
                    day_cell(f.done, t),
                )
            )
    head = (t("What"), t("Event"), t("Who"), t("Due"), t("Done"))
    title = t("Follow-up of events")
    return Table("follow-up", title, head, tuple(rows), empty=t("nothing is recorded"))


def _meetings(view: Reader) -> Table:
    t = view.t
    rows = tuple(
        (
            said(m.title, t, f"passport/meeting/{m.id}"),
            Cell(t.date(m.date) if m.date else str(m.year), kind="date"),
            Cell(t.named("word", m.body)),
            Cell(t.named("place", m.place) if m.place else t("not known")),
            Cell(str(len(m.decisions)), kind="n"),
            source_cell(m.source),
        )
        for m in sorted(view.plan.meetings, key=lambda m: (m.date or date(m.year, 12, 31), m.id), reverse=True)
    )
    head = (t("Meeting"), t("Date"), t("Body"), t("Place"), t("Decisions"), t("Source"))
    return Table("meetings", t("Meetings"), head, rows, empty=t("nothing is recorded"))


def _decisions(view: Reader) -> Table:
    t, plan = view.t, view.plan
    records = {r.payload.id: r.payload for r in listing(view.desk, "decision", official=True)}
    numbers = {m.id: f"{m.number}. {m.title.get(t.lang)}" for m in plan.measures}
    rows = []
    for m in sorted(plan.meetings, key=lambda m: (m.date or date(m.year, 12, 31), m.id), reverse=True):
        for d in m.decisions:
            last = last_status(d.status, view.day)
            word = t.named("word", last.state.value) + ", " + t.date(last.reported) if last else t("no report")
            entered = records.get(d.id)
            words = entered.follow_up if entered else None
            follow = Text.model_validate({"en": next(iter(words.values())), **words}) if words else None
            link = f"passport/measure/{d.measure}" if d.measure in numbers else None
            rows.append(
                (
                    said(d.title, t, f"passport/decision/{d.id}"),
                    said(m.title, t),
                    organisations(plan, d.owners, t),
                    day_cell(d.due, t),
                    Cell(word),
                    Cell(numbers.get(d.measure or "", "-"), link),
                    said(follow, t) if follow else Cell("-"),
                )
            )
    head = (t("Decision"), t("Meeting"), t("Who"), t("Due"), t("Last word"), t("Measure"), t("Follow-up"))
    return Table("decisions", t("Decisions"), head, tuple(rows), empty=t("nothing is recorded"))


def _regions(view: Reader) -> Table:
    t, plan = view.t, view.plan
    names = named(view.desk.parties, t.lang)
    rows = [
        (
            Cell(
                " - ".join(p.regions[c.code].get(t.lang) for c in plan.parties if c.code in p.regions),
                f"passport/region-pair/{p.id}",
            ),
            Cell(t.named("word", p.kind)),
            Cell(t.date(p.since) if p.since else t("not known"), kind="date"),
            Cell(names.get(p.crossing, p.crossing) if p.crossing else "-"),
            source_cell(p.source),
        )
        for p in plan.region_pairs
    ]
    for r in listing(view.desk, "region-pair", official=True):
        p = r.payload
        rows.append(
            (
                Cell(
                    " - ".join(p.regions[c.code] for c in plan.parties if c.code in p.regions),
                    f"passport/region-pair/{p.id}",
                ),
                said(p.title, t),
                Cell(t.date(p.since) if p.since else t("not known"), kind="date"),
                Cell("-"),
                Cell(t("entered by {side}", side=_short(view, r.side))),
            )
        )
    head = (t("Regions and cities"), t("Kind"), t("Since"), t("Crossing"), t("Source"))
    return Table("regions", t("Regions and cities"), head, tuple(rows), empty=t("nothing is recorded"))


def _short(view: Reader, code: str) -> str:
    return next((p.short.get(view.t.lang) for p in view.plan.parties if p.code == code), code)


def _calendars(view: Reader) -> Table:
    """Return the addresses to subscribe to: all dates, of a pillar, of an organisation."""
    t, plan = view.t, view.plan
    rows = [(Cell(t("Calendar of all dates"), f"/calendar.ics?lang={t.lang}"), Cell("iCalendar"))]
    for kind, parts in (
        ("pillar", [(p.id, p.title) for p in plan.pillars]),
        ("organisation", [(o.id, o.name) for o in plan.organisations]),
    ):
        for ident, title in parts:
            name = t("Calendar: {what}", what=title.get(t.lang))
            rows.append((Cell(name, f"/calendar.ics?{kind}={ident}&lang={t.lang}"), Cell("iCalendar")))
    return Table("calendars", t("Calendars to subscribe to"), (t("What"), t("Format")), tuple(rows))
