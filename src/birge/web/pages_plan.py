"""Measures and milestones: planned, computed and in each side's words; and who has to do what by when."""

from __future__ import annotations

from datetime import date

from birge.plan.due import last_status
from birge.plan.schema import Measure, Milestone, State
from birge.store.objections import Objections, objections
from birge.store.progress import Standing, standing
from birge.texts import sort_key
from birge.web.blocks import Cell, Filter, Page, Picture, Table, Width, organisations, said
from birge.web.blocks_more import pick
from birge.web.gantt import Bar, gantt
from birge.web.pages_run import due_tables, odds
from birge.web.proofs import sent_back
from birge.web.reader import Reader

__all__ = ["due_page", "measures_page"]

STATES = ("not started", "in progress", "done", "stopped", "no report")


def _filters(view: Reader, states: bool) -> tuple[Filter, ...]:
    t, plan = view.t, view.plan
    key = sort_key(t.lang)
    bodies = sorted(((o.id, o.name.get(t.lang)) for o in plan.organisations), key=lambda b: key(b[1]))
    found = [
        pick(view, "pillar", t("Pillar"), [(p.id, p.title.get(t.lang)) for p in plan.pillars]),
        pick(view, "organisation", t("Organisation"), bodies),
        pick(view, "side", t("Side"), [(p.code, p.short.get(t.lang)) for p in plan.parties]),
    ]
    if states:
        words = [(s, t("no report") if s == "no report" else t.named("word", s)) for s in STATES]
        found.append(pick(view, "state", t("Status"), words))
        found.append(pick(view, "sides", t("Both sides"), [("differ", t("say different things"))]))
    return tuple(found)


def _state(view: Reader, item: Measure | Milestone) -> str:
    last = last_status(item.status, view.day)
    return last.state.value if last else "no report"


def measures_page(view: Reader) -> Page:
    """Return measures with their milestones: planned, modelled and reported by each side."""
    t, plan, q = view.t, view.plan, view.query
    parties = {o.id: o.party for o in plan.organisations}
    modelled = {m["id"]: m for m in view.document["milestones"]} if view.document else {}
    words, backs = {s.item: s for s in standing(view.desk, view.day)}, objections(view.desk)
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
            if q.get("sides") == "differ" and (stone.id not in words or words[stone.id].agree is not False):
                continue
            shown.append(stone)
        own = not any(q.get(k) for k in ("organisation", "side", "state", "item", "sides")) or q.get("item") == m.id
        own = own or bool(q.get("organisation") and q["organisation"] in bodies and not q.get("state"))
        if not (shown or own):
            continue
        measures.append(
            (
                Cell(m.number),
                said(m.title, t, f"passport/measure/{m.id}"),
                said(pillars[m.pillar].title, t),
                organisations(plan, bodies, t),
                said(m.deadline.text, t),
                Cell(t.named("word", m.origin)),
            )
        )
        for stone in shown:
            run = modelled.get(stone.id)
            stones.append(_stone_row(view, m, stone, run, words, backs))
            bars.append(_bar(view, stone, run))
    names = tuple(p.short.get(t.lang) for p in plan.parties)
    told = t(
        "Computed: from the simulated futures; beside it each side's own last word. Where they differ, look closer."
    )
    heads = (t("Milestone"), t("Planned"), t("10 of 100 by"), t("Even odds by"), t("90 of 100 by"))
    head = (*heads, t("Computed"), t("Last word"), *names, t("Both sides"))
    table = Table("milestones", t("Milestones"), head, tuple(stones), told, t("nothing fits"))
    blocks: list[Table | Picture] = [_timeline(view, table, bars)]
    head = (t("Number"), t("Measure"), t("Pillar"), t("Responsible"), t("Deadline"), t("Origin"))
    blocks.append(Table("measures", t("Measures"), head, tuple(measures), empty=t("nothing fits")))
    lead = (t("A planned date is not a forecast: beside it stands when it is done in the simulated futures."),)
    return Page("measures", t("Measures and milestones"), lead, (), _filters(view, True), tuple(blocks))


def _timeline(view: Reader, table: Table, bars: list[Bar]) -> Table | Picture:
    """Return the table of milestones, and behind it the same in time; the table alone where nothing has a date."""
    t = view.t
    dated = [b for b in bars if b.planned or b.p50 or b.finished]
    if not dated:
        return table
    title = t("Milestones in time")
    told = t("Bar: from 10 to 90 of 100 futures; dot: even odds; hollow diamond: planned date; dotted line: today.")
    px: dict[Width, int] = {"wide": 760, "narrow": 336}

    def draw(width: Width) -> str:
        return gantt(dated, view.day, px[width], f"gantt-{width}", title, told)

    return Picture(table.name, table.title, draw, told, table=table, tab=t("Timeline"), table_first=True)


def _iso(run: dict[str, object] | None, key: str) -> date | None:
    value = run.get(key) if run else None
    return date.fromisoformat(str(value)) if value else None


def _stone_row(
    view: Reader,
    m: Measure,
    stone: Milestone,
    run: dict[str, object] | None,
    words: dict[str, Standing],
    backs: Objections,
) -> tuple[Cell, ...]:
    t = view.t
    last = last_status(stone.status, view.day)
    days = [Cell(f"{d:%Y-%m}" if (d := _iso(run, k)) else "-", kind="date") for k in ("p10", "p50", "p90")]
    planned = Cell(t.date(stone.planned), kind="date") if stone.planned else Cell(t("no date planned"))
    word = t("no report")
    if last:
        word = t(
            "{state}, {date}", state=t.named("word", last.state.value), date=t.date(last.finished or last.reported)
        )
    by_side, names = [], {p.code: p.short.get(t.lang) for p in view.plan.parties}
    for p in view.plan.parties:
        said_ = words[stone.id].last.get(p.code) if stone.id in words else None
        told = t("no report")
        if said_:
            told = f"{t.named('word', said_.payload.state.value)}, {t.date(said_.payload.reported)}"
            back = sent_back(said_, backs, t, names)
            told = f"{told}; {back}" if back else told
        by_side.append(
            Cell(
                told,
                state=said_.payload.state.value if said_ else "no report",
            )
        )
    differ = stone.id in words and words[stone.id].agree is False
    agree = Cell(t("they differ"), kind="state") if differ else Cell("-")
    title = said(stone.title, t, f"passport/milestone/{stone.id}")
    return (
        title,
        planned,
        *days,
        Cell(_computed(view, stone, run)),
        Cell(word, state=last.state.value if last else "no report"),
        *by_side,
        agree,
    )


def _computed(view: Reader, stone: Milestone, run: dict[str, object] | None) -> str:
    """Return the computed status: done, past its date, or the odds of being on time."""
    t, last = view.t, last_status(stone.status, view.day)
    if last and last.state is State.DONE:
        late = stone.planned and last.finished and last.finished > stone.planned
        return t("done, after its date") if late else t.named("word", "done")
    on_time = run.get("p_on_time") if run else None
    if stone.planned and stone.planned < view.day:
        return t("past its date by {n} days", n=(view.day - stone.planned).days)
    if isinstance(on_time, float) and stone.planned:
        return t("on time: {odds}", odds=odds(on_time, t))
    even = _iso(run, "p50")
    return t("even odds by {month}", month=f"{even:%Y-%m}") if even else t("not modelled")


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
