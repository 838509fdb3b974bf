"""My tasks: what waits for the reader, by their role."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from birge.plan.due import Due, Only, Row, due
from birge.store.access import Thing
from birge.store.desk import Desk
from birge.store.objections import objections
from birge.store.plans import stands
from birge.store.records import listing
from birge.web.blocks import Cell, Table
from birge.web.forms import Form
from birge.web.proofs import sent_back
from birge.web.reader import NoPlan
from birge.web.working.visit import visited
from birge.web.working.waiting import left_out, matters, report_link

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
ALL, MOST = 10_000, 100


@router.get("/{lang}/tasks")
def tasks(request: Request, lang: str) -> Response:
    """Show what waits for the reader: what was sent back, what to confirm and report, rounds, points, drafts."""
    visit = visited(request, lang)
    t, who = visit.t, visit.who
    with visit.house.reader(who.actor, lang, {}) as view:
        reads = view.desk.may("read", Thing("plan", who.actor.side))  # an admin reads none
        none: tuple[Row, ...] = ()
        found, lead = Due(none, none, none), tuple[str, ...]()
        if reads:
            try:
                found = _covered(view.desk, due(view.plan, view.day, lang, ALL, Only(side=who.actor.side)))
            except NoPlan:
                lead = (
                    t(
                        "There is no plan here yet. Take in the other side's package under Exchange, "
                        "or have one imported."
                    ),
                )
        administers = view.desk.may("administer", Thing("account", who.actor.side))
        rows = tuple(
            (
                Cell(r.item, f"/{lang}/report/{r.id}"),
                Cell(r.organisation),
                Cell(t.date(r.due), kind="date"),
                Cell(r.last_word),
            )
            for r in (*found.silent, *found.overdue, *found.next[:MOST])
        )
        waiting = tuple(
            (
                Cell(s.plan.title.get(lang), f"/{lang}/confirm/{s.record}"),
                Cell(t.country(s.side)),
                Cell(t.date(s.effective)),
                Cell(s.digest[:12]),
            )
            for s in stands(view.desk)
            if who.actor.side not in s.confirmed and view.desk.may("confirm", Thing("plan", s.side, shared=True))
        )
        places, backs = view.desk.places, objections(view.desk)
        names = {p.code: p.short.get(lang) for p in view.plan.parties} if reads and not lead else {}
        mine = tuple(
            (
                Cell(
                    places[r.payload.item].title(lang) if r.payload.item in places else r.payload.item,
                    report_link(t, r),
                ),
                Cell(t.named("word", r.payload.state.value)),
                Cell(t.date(r.payload.reported)),
                Cell(sent_back(r, backs, t, names) or (t("draft") if r.draft else t("submitted"))),
            )
            for r in listing(view.desk, "progress")
            if r.author == who.actor.login
        )
        others = matters(view.desk, t) if reads and not lead else []
        if reads and not lead and view.unfit:
            others.insert(0, left_out(view.desk, t, view.unfit))
    tables: tuple[Table, ...] = (
        *others,
        Table(
            "confirm",
            t("To confirm"),
            (t("Plan version"), t("Side"), t("Effective from"), t("Hash")),
            waiting,
            empty=t("nothing waits"),
        ),
        Table(
            "report", t("To report"), (t("What"), t("Who"), t("Due"), t("Last word")), rows, empty=t("nothing is due")
        ),
        Table(
            "mine",
            t("My reports"),
            (t("Item"), t("Status"), t("Reported"), t("State")),
            mine,
            empty=t("nothing is recorded"),
        ),
    )
    if administers:
        tables += (Table("admin", t("Accounts"), (t("What"),), ((Cell(t("Accounts"), f"/{lang}/accounts"),),)),)
    forms = [Form(f"/{lang}/sign-out", (), (("", t("Sign out")),))]
    return visit.show(t("My tasks"), forms, lead, first=tables)


def _covered(desk: Desk, found: Due) -> Due:
    """Return what is due of the items that the reader's grants cover: an organisation's, an item's, a pillar's."""

    def mine(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(r for r in rows if _reported(desk, r.id))

    return Due(mine(found.next), mine(found.overdue), mine(found.silent))


def _reported(desk: Desk, item: str) -> bool:
    place = desk.places.get(item)
    items, bodies = (place.items, place.organisations) if place else (frozenset[str](), frozenset[str]())
    return desk.may("read", Thing("progress", desk.actor.side, items | {item}, bodies))
