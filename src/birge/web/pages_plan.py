"""Pages that speak of the plan: measures and milestones, due, culture and dialogue, instruments, barriers."""

from __future__ import annotations

from datetime import date

from birge.plan.due import last_status
from birge.plan.schema import Measure, Milestone, Text
from birge.store.progress import Standing, standing
from birge.web.blocks import Cell, Choice, Filter, Page, Picture, Table, organisations, said
from birge.web.gantt import Bar, gantt
from birge.web.pages_run import due_tables
from birge.web.reader import Reader

__all__ = ["barriers_page", "culture_page", "due_page", "instruments_page", "measures_page"]

STATES = ("not started", "in progress", "done", "stopped", "no report")


def _filter(view: Reader, name: str, label: str, values: list[tuple[str, str]]) -> Filter:
    chosen = view.query.get(name, "")
    choices = (Choice("", view.t("all"), not chosen), *(Choice(v, text, v == chosen) for v, text in values))
    return Filter(name, label, choices)


def _filters(view: Reader, states: bool) -> tuple[Filter, ...]:
    t, plan = view.t, view.plan
    bodies = [(o.id, o.name.get(t.lang)) for o in plan.organisations]
    found = [
        _filter(view, "pillar", t("Pillar"), [(p.id, p.title.get(t.lang)) for p in plan.pillars]),
        _filter(view, "organisation", t("Organisation"), bodies),
        _filter(view, "side", t("Side"), [(p.code, p.short.get(t.lang)) for p in plan.parties]),
    ]
    if states:
        words = [(s, t("no report") if s == "no report" else t.named("word", s)) for s in STATES]
        found.append(_filter(view, "state", t("Status"), words))
    return tuple(found)


def _state(view: Reader, item: Measure | Milestone) -> str:
    last = last_status(item.status, view.day)
    return last.state.value if last else "no report"


def measures_page(view: Reader) -> Page:
    """Return measures with their milestones: planned, modelled and reported by each side."""
    t, plan, q = view.t, view.plan, view.query
    parties = {o.id: o.party for o in plan.organisations}
    modelled = {m["id"]: m for m in view.document["milestones"]} if view.document else {}
    words = {s.item: s for s in standing(view.desk, view.day)}
    pillars = {p.id: p for p in plan.pillars}
    measures, stones, bars = [], [], []
    for m in plan.measures:
        bodies = m.responsible + m.co_responsible
        if q.get("pillar") and q["pillar"] != m.pillar:
            continue
        shown = []
        for stone in m.milestones:
            owners = (stone.owner,) if stone.owner else bodies
            sides = {stone.side} if stone.side else {parties.get(o) for o in owners}
            if (q.get("organisation") and q["organisation"] not in owners) or (
                q.get("side") and q["side"] not in sides
            ):
                continue
            if (q.get("state") and q["state"] != _state(view, stone)) or (
                q.get("item") and q["item"] not in (stone.id, m.id)
            ):
                continue
            shown.append(stone)
        own = not any(q.get(k) for k in ("organisation", "side", "state", "item")) or q.get("item") == m.id
        own = own or bool(q.get("organisation") and q["organisation"] in bodies and not q.get("state"))
        if not (shown or own):
            continue
        measures.append(
            (
                Cell(m.number),
                said(m.title, t, f"measures?item={m.id}"),
                said(pillars[m.pillar].title, t),
                organisations(plan, bodies, t),
                said(m.deadline.text, t),
                Cell(t.named("word", m.origin)),
            )
        )
        for stone in shown:
            run = modelled.get(stone.id)
            stones.append(_stone_row(view, m, stone, run, words))
            bars.append(_bar(view, stone, run))
    dated = [b for b in bars if b.planned or b.p50 or b.finished]
    blocks: list[Table | Picture] = []
    if dated:
        title = t("Milestones in time")
        told = t("Bar: from 10 to 90 of 100 futures; dot: even odds; hollow diamond: planned date; dotted line: today.")
        wide, narrow = (gantt(dated, view.day, w, f"gantt-{w}", title, told) for w in (760, 336))
        blocks.append(Picture("gantt", title, wide, narrow, told))
    heads = (t("Milestone"), t("Planned"), t("10 of 100 by"), t("Even odds by"), t("90 of 100 by"))
    names = tuple(p.short.get(t.lang) for p in plan.parties)
    blocks.append(
        Table("milestones", t("Milestones"), (*heads, t("Last word"), *names), tuple(stones), empty=t("nothing fits"))
    )
    head = (t("Number"), t("Measure"), t("Pillar"), t("Responsible"), t("Deadline"), t("Origin"))
    blocks.append(Table("measures", t("Measures"), head, tuple(measures), empty=t("nothing fits")))
    lead = (t("A planned date is not a forecast: beside it stands when it is done in the simulated futures."),)
    return Page("measures", t("Measures and milestones"), lead, (), _filters(view, True), tuple(blocks))


def _iso(run: dict[str, object] | None, key: str) -> date | None:
    value = run.get(key) if run else None
    return date.fromisoformat(str(value)) if value else None


def _stone_row(
    view: Reader, m: Measure, stone: Milestone, run: dict[str, object] | None, words: dict[str, Standing]
) -> tuple[Cell, ...]:
    t = view.t
    last = last_status(stone.status, view.day)
    days = [Cell(f"{d:%Y-%m}" if (d := _iso(run, k)) else "-", kind="date") for k in ("p10", "p50", "p90")]
    planned = Cell(t.date(stone.planned) if stone.planned else t("no date planned"), kind="date")
    word = t("no report")
    if last:
        word = t(
            "{state}, {date}", state=t.named("word", last.state.value), date=t.date(last.finished or last.reported)
        )
    by_side = []
    for p in view.plan.parties:
        said_ = words[stone.id].last.get(p.code) if stone.id in words else None
        by_side.append(
            Cell(
                t.named("word", said_.payload.state.value) + ", " + t.date(said_.payload.reported)
                if said_
                else t("no report"),
                state=said_.payload.state.value if said_ else "no report",
            )
        )
    return (
        said(stone.title, t, f"measures?item={stone.id}"),
        planned,
        *days,
        Cell(word, state=last.state.value if last else "no report"),
        *by_side,
    )


def _bar(view: Reader, stone: Milestone, run: dict[str, object] | None) -> Bar:
    last = last_status(stone.status, view.day)
    title = stone.title.get(view.t.lang)
    told = view.t("planned {date}", date=view.t.date(stone.planned)) if stone.planned else view.t("no date planned")
    finished = last.finished if last else None
    return Bar(title, told, stone.planned, finished, *(_iso(run, k) for k in ("p10", "p50", "p90")))


def due_page(view: Reader) -> Page:
    """Return who has to do what by when."""
    t = view.t
    return Page("due", t("Who does what by when"), (), (), _filters(view, False), tuple(due_tables(view)))


def culture_page(view: Reader) -> Page:
    """Return the programme, past and coming, and the meetings with their decisions."""
    t, plan = view.t, view.plan
    coming: list[tuple[Cell, ...]] = []
    past: list[tuple[Cell, ...]] = []
    for e in sorted(plan.events, key=lambda e: (e.start or date(e.year, 12, 31), e.id)):
        when = t.date(e.start) if e.start else str(e.year)
        row = (
            Cell(when, kind="date"),
            said(e.title, t),
            Cell(t.named("word", e.kind)),
            Cell(e.place or t("not known")),
            Cell(t.number(e.attendance) if e.attendance is not None else t("not known"), kind="n"),
            Cell(e.source.title, e.source.url),
        )
        (coming if (e.end or e.start or date(e.year, 12, 31)) >= view.day else past).append(row)
    head = (t("Date"), t("Event"), t("Kind"), t("Place"), t("Attendance"), t("Source"))
    meetings, decisions = [], []
    for m in sorted(plan.meetings, key=lambda m: (m.date or date(m.year, 12, 31), m.id), reverse=True):
        held = Cell(t.date(m.date) if m.date else str(m.year), kind="date")
        meetings.append(
            (
                held,
                said(m.title, t),
                Cell(t.named("word", m.body)),
                Cell(m.place or t("not known")),
                Cell(m.source.title, m.source.url),
            )
        )
        for d in m.decisions:
            last = last_status(d.status, view.day)
            word = t.named("word", last.state.value) if last else t("no report")
            decisions.append(
                (
                    said(d.title, t),
                    said(m.title, t),
                    organisations(plan, d.owners, t),
                    Cell(t.date(d.due) if d.due else "-", kind="date"),
                    Cell(word, state=last.state.value if last else "no report"),
                )
            )
    pairs = [
        (
            Cell(" - ".join(p.regions[c.code].get(t.lang) for c in plan.parties if c.code in p.regions)),
            Cell(t.named("word", p.kind)),
            Cell(t.date(p.since) if p.since else t("not known"), kind="date"),
            Cell(p.source.title, p.source.url),
        )
        for p in plan.region_pairs
    ]
    blocks = (
        Table("coming", t("Coming events"), head, tuple(coming), empty=t("nothing is announced")),
        Table("past", t("Past events"), head, tuple(reversed(past)), empty=t("nothing is recorded")),
        Table(
            "meetings",
            t("Meetings"),
            (t("Date"), t("Meeting"), t("Body"), t("Place"), t("Source")),
            tuple(meetings),
            empty=t("nothing is recorded"),
        ),
        Table(
            "decisions",
            t("Decisions"),
            (t("Decision"), t("Meeting"), t("Who"), t("Due"), t("Last word")),
            tuple(decisions),
            empty=t("nothing is recorded"),
        ),
        Table(
            "regions",
            t("Regions and cities"),
            (t("Regions and cities"), t("Kind"), t("Since"), t("Source")),
            tuple(pairs),
            empty=t("nothing is recorded"),
        ),
    )
    return Page("culture", t("Culture and dialogue"), (), (), (), blocks)


def _optional(day: date | None, view: Reader) -> Cell:
    return Cell(view.t.date(day) if day else "-", kind="date")


def instruments_page(view: Reader) -> Page:
    """Return treaties and papers and how far each is on each side, and what both propose elsewhere."""
    t, plan = view.t, view.plan
    rows = tuple(
        (
            said(i.title, t),
            Cell(t.named("word", i.kind)),
            _optional(i.initialled, view),
            _optional(i.signed, view),
            *(_optional(i.ratified.get(p.code), view) for p in plan.parties),
            _optional(i.in_force, view),
            Cell(i.source.title, i.source.url),
        )
        for i in plan.instruments
    )
    ratified = tuple(t("Ratified: {side}", side=p.short.get(t.lang)) for p in plan.parties)
    head = (t("Instrument"), t("Kind"), t("Initialled"), t("Signed"), *ratified, t("In force"), t("Source"))
    shared = tuple(
        (
            said(i.title, t),
            Cell(i.forum),
            said(i.outcome if isinstance(i.outcome, Text) else None, t),
            Cell(i.source.title, i.source.url),
        )
        for i in plan.initiatives
    )
    blocks = (
        Table("instruments", t("Instruments"), head, rows, empty=t("nothing is recorded")),
        Table(
            "initiatives",
            t("On multilateral platforms"),
            (t("Initiative"), t("Forum"), t("Outcome"), t("Source")),
            shared,
            empty=t("nothing is recorded"),
        ),
    )
    return Page("instruments", t("Instruments"), (), (), (), blocks)


def barriers_page(view: Reader) -> Page:
    """Return barriers to trade and movement: since when, who must answer, until when."""
    t, plan = view.t, view.plan
    rows = tuple(
        (
            said(b.title, t),
            _optional(b.since, view),
            organisations(plan, b.answers, t),
            _optional(b.due, view),
            _optional(b.removed, view),
            Cell(b.source.title, b.source.url),
        )
        for b in plan.barriers
    )
    head = (t("Barrier"), t("Since"), t("Who answers"), t("Due"), t("Removed"), t("Source"))
    return Page(
        "barriers",
        t("Barriers"),
        (),
        (),
        (),
        (Table("barriers", t("Barriers"), head, rows, empty=t("nothing is recorded")),),
    )
