"""Instruments, initiatives on multilateral platforms, and barriers, each with all that is recorded of it."""

from __future__ import annotations

from birge.pages.border import named
from birge.plan.schema import Barrier, Instrument, Plan
from birge.web.blocks import Cell, Page, Table, organisations, said
from birge.web.blocks_more import day_cell, pick, source_cell, text_cell
from birge.web.reader import Reader

__all__ = ["barriers_page", "instruments_page", "stage"]

STAGES = ("drafted", "initialled", "signed", "ratified by one side", "ratified by both sides", "in force")
STATES = ("open", "past its date", "removed")


def stage(paper: Instrument, plan: Plan) -> str:
    """Return how far a paper is, one of `STAGES`, on both sides together."""
    count = sum(p.code in paper.ratified for p in plan.parties)
    if paper.in_force:
        return "in force"
    if count:
        return STAGES[2 + count]
    return "signed" if paper.signed else "initialled" if paper.initialled else "drafted"


def _stages(view: Reader) -> dict[str, str]:
    t = view.t
    return {
        "drafted": t("drafted"),
        "initialled": t("initialled"),
        "signed": t("signed"),
        "ratified by one side": t("ratified by one side"),
        "ratified by both sides": t("ratified by both sides"),
        "in force": t("in force"),
    }


def instruments_page(view: Reader) -> Page:
    """Return treaties and papers and how far each is on each side, and what both propose elsewhere."""
    t, plan, q = view.t, view.plan, view.query
    words = _stages(view)
    waiting = {i.id: [m for m in plan.milestones() if m.instrument == i.id] for i in plan.instruments}
    rows = tuple(
        (
            said(i.title, t, f"passport/instrument/{i.id}"),
            Cell(t.named("word", i.kind)),
            Cell(words[stage(i, plan)], kind="state"),
            day_cell(i.initialled, t),
            day_cell(i.signed, t),
            *(day_cell(i.ratified.get(p.code), t) for p in plan.parties),
            day_cell(i.in_force, t),
            Cell(str(len(waiting[i.id])), f"measures?item={waiting[i.id][0].id}" if waiting[i.id] else None, kind="n"),
            text_cell(i.note, t),
            source_cell(i.source),
        )
        for i in plan.instruments
        if (q.get("kind") or i.kind) == i.kind and (q.get("stage") or stage(i, plan)) == stage(i, plan)
    )
    ratified = tuple(t("Ratified: {side}", side=p.short.get(t.lang)) for p in plan.parties)
    head = (
        t("Instrument"),
        t("Kind"),
        t("Stage"),
        t("Initialled"),
        t("Signed"),
        *ratified,
        t("In force"),
        t("Milestones that wait"),
        t("Note"),
        t("Source"),
    )
    kinds = list(dict.fromkeys(i.kind for i in plan.instruments))
    filters = (
        pick(view, "kind", t("Kind"), [(k, t.named("word", k)) for k in kinds]),
        pick(view, "stage", t("Stage"), list(words.items())),
    )
    told = t("A dash means that no public source gives a date, not that the step was not taken.")
    blocks = (
        Table("instruments", t("Instruments"), head, rows, told, t("nothing fits")),
        _initiatives(view),
    )
    return Page("instruments", t("Instruments"), (), (), filters, blocks)


def _initiatives(view: Reader) -> Table:
    t, plan = view.t, view.plan
    short = {p.code: p.short.get(t.lang) for p in plan.parties}
    rows = tuple(
        (
            said(i.title, t, f"passport/initiative/{i.id}"),
            Cell(t.named("forum", i.forum)),
            Cell(short.get(i.proposer or "", t("not known"))),
            Cell(t.named("word", i.supported)),
            text_cell(i.outcome, t),
            source_cell(i.source),
        )
        for i in plan.initiatives
    )
    head = (
        t("Initiative"),
        t("Forum"),
        t("Proposed by"),
        t("Supported by the other side"),
        t("Outcome"),
        t("Source"),
    )
    return Table("initiatives", t("On multilateral platforms"), head, rows, empty=t("nothing is recorded"))


def barriers_page(view: Reader) -> Page:
    """Return barriers to trade and movement: where, since when, who must answer, until when, and what became of it."""
    t, plan, q = view.t, view.plan, view.query
    names = named(view.desk.parties, t.lang)
    words = {"open": t("open"), "past its date": t("past its date"), "removed": t("removed")}
    rows = tuple(
        (
            said(b.title, t, f"passport/barrier/{b.id}"),
            Cell(words[_state(view, b)], kind="state"),
            day_cell(b.since, t),
            Cell(names.get(b.crossing, b.crossing), f"border?crossing={b.crossing}") if b.crossing else Cell("-"),
            Cell(t.named("product", b.product) if b.product else "-"),
            organisations(plan, b.answers, t),
            day_cell(b.due, t),
            day_cell(b.removed, t),
            source_cell(b.source),
        )
        for b in sorted(plan.barriers, key=lambda b: STATES.index(_state(view, b)))
        if (q.get("state") or _state(view, b)) == _state(view, b)
        and (not q.get("crossing") or q["crossing"] == b.crossing)
        and (not q.get("organisation") or q["organisation"] in b.answers)
    )
    head = (
        t("Barrier"),
        t("State"),
        t("Since"),
        t("Crossing"),
        t("Product"),
        t("Who answers"),
        t("Due"),
        t("Removed"),
        t("Source"),
    )
    places = list(dict.fromkeys(b.crossing for b in plan.barriers if b.crossing))
    bodies = {o for b in plan.barriers for o in b.answers}
    filters = (
        pick(view, "state", t("State"), list(words.items())),
        pick(view, "crossing", t("Crossing"), [(c, names.get(c, c)) for c in places]),
        pick(
            view,
            "organisation",
            t("Organisation"),
            [(o.id, o.name.get(t.lang)) for o in plan.organisations if o.id in bodies],
        ),
    )
    table = Table("barriers", t("Barriers"), head, rows, empty=t("nothing fits"))
    return Page("barriers", t("Barriers"), (), (), filters, (table,))


def _state(view: Reader, b: Barrier) -> str:
    if b.removed and b.removed <= view.day:
        return "removed"
    return "past its date" if b.due and b.due < view.day else "open"
