"""Report progress of an item with evidence."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from birge.errors import InputError, Problem
from birge.plan.schema import Milestone, State
from birge.store.access import ROLES, Thing
from birge.store.agreement import known_organisations
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.kinds import Progress
from birge.store.own import own
from birge.store.progress import attach, report, reported
from birge.store.records import Record
from birge.web.blocks import Table
from birge.web.forms import Field, Form, Sent, door
from birge.web.proofs import files_of
from birge.web.working.change import changeable
from birge.web.working.typed import day, in_words, payload, seen
from birge.web.working.visit import Visit, acted, texts, visited

__all__ = ["item_page", "router"]

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/report/{item}")
def report_page(request: Request, lang: str, item: str) -> Response:
    """Show the forms of an item: report its progress, propose another date."""
    return item_page(visited(request, lang), item)


def item_page(visit: Visit, item: str) -> Response:
    """Show the forms of an item; of its reports the one that the address names (`on`, `by`), else today's."""
    t = visit.t
    with visit.desk() as desk:
        place = desk.places.get(item)
        today = desk.now.date()
        if place is None or not desk.may(
            "read", Thing("progress", desk.actor.side, frozenset({item}) | place.items, place.organisations)
        ):
            raise Missing("there is no such item", id=item[:64])
        change = changeable(desk, item)
        writes = desk.may("report", _about(desk, item))
        on, by = _which(visit, today.isoformat(), _bodies(desk, item))
        last = own(desk, "progress", f"{item}@{on}:{by or 'side'}")
        body = known_organisations(desk.connection, today).get(by)
    forms = []
    if writes:
        who = body.name.get(t.lang) if body else t("the side")
        forms.append(_form(visit, item, (on, by), last, t("Reported by: {who}", who=who)))
    if change is not None:
        more = t("Texts, dates, owners, costs")
        forms.append(Form(f"/{t.lang}/change/{item}", (), (), t("Change the plan"), link=more))
    if isinstance(change, Milestone):
        told = (t("First a draft that only our side reads, with its differences; then it is sent."),)
        moved = (Field("planned", t("Planned"), "date", needed=True), Field("note", t("Reason"), "area"))
        forms.append(
            Form(f"/{t.lang}/propose/{item}", moved, (("", t("Write the draft")),), t("Propose another date"), told)
        )
    tables: tuple[Table, ...] = ()
    if last and last.payload.evidence:
        rows = tuple((cell,) for cell in files_of(last, t))
        tables = (Table("files", t("Files of evidence"), (t("File"),), rows),)
    return visit.show(place.title(t.lang), forms, (), tables)


def _which(visit: Visit, today: str, bodies: tuple[str, ...]) -> tuple[str, str]:
    """Return of which day and of which organisation (empty: the side) the report in the form is."""
    query, sent = visit.request.query_params, visit.sent
    on = (sent.text("reported") if sent else query.get("on", "")) or today
    asked = sent.text("by") if sent else query.get("by", "")
    return on, bodies[0] if len(bodies) == 1 else "" if asked == "side" else asked


def _bodies(desk: Desk, item: str) -> tuple[str, ...]:
    """Return the organisations for which alone the actor reports on an item; none where it is for the whole side."""
    granted = {g.organisation for g in desk.actor.grants if "report" in ROLES.get(g.role, frozenset())}
    return () if "" in granted else tuple(sorted(granted & desk.places[item].organisations))


def _form(visit: Visit, item: str, key: tuple[str, str], last: Record | None, who: str) -> Form:
    t, said = visit.t, last.payload if last else None
    states = tuple((s.value, t.named("word", s.value)) for s in State)
    files = tuple((e.hash, e.name) for e in said.evidence) if said else ()
    away = t("Files to take away; the others stay")
    fields = (
        Field("seen", "", "hidden", str(last.newest) if last else "0"),
        Field("by", "", "hidden", key[1] or "side"),
        Field("state", t("Status"), "select", (said.state if said else State.IN_PROGRESS).value, states),
        Field("reported", t("Reported"), "date", key[0], needed=True),
        Field("finished", t("Finished"), "date", said.finished.isoformat() if said and said.finished else ""),
        Field("text", t("What was done"), "area", in_words(said.text, t) if said else ""),
        *((Field("away", away, "many", "", files),) if files else ()),
        Field("evidence", t("Evidence: PDF, PNG, JPEG, DOCX, XLSX or text, up to 25 MB"), "file"),
    )
    stands = (t("This report stands in the form; sent again it is corrected."),) if last else ()
    to = f"/{t.lang}/report/{item}/evidence"
    return Form(to, fields, (("", t("Report")),), t("Report progress"), (who, *stands), files=True)


def _about(desk: Desk, item: str) -> Thing:
    place = desk.places[item]
    items = frozenset({item}) | place.items
    return Thing("progress", desk.actor.side, items, place.organisations, desk.actor.login)


def _said(desk: Desk, sent: Sent, lang: str, item: str) -> Progress:
    """Return what the form says, without files; raises InputError with each problem at its field."""
    on = day(sent.text("reported"), "reported") or desk.now.date()
    state = payload(lambda: _State(state=sent.text("state"))).state
    finished, text = day(sent.text("finished"), "finished"), sent.text("text")
    problems = []
    if state is State.DONE and finished is None:
        problems.append(Problem("finished", "finished", "done, but without its day", "give the day it was finished"))
    elif state is not State.DONE and finished is not None:
        what = "a day of finishing, but the status is not done"
        problems.append(Problem("finished", "finished", what, "choose done, or leave the day empty"))
    elif finished is not None and finished > on:
        what = f"{finished} is after the report of {on}"
        problems.append(Problem("finished", "finished-late", what, "correct one of the two days"))
    if problems:
        raise InputError(problems)
    bodies, by = _bodies(desk, item), sent.text("by")
    body = bodies[0] if len(bodies) == 1 else by if by not in ("", "side") else None
    if body is not None and body not in (bodies or desk.places[item].organisations):
        raise InputError.at("by", "organisation", f"{body[:64]!r} does not answer for it", "open the page again")
    words = {lang: text} if text else None
    made = {"item": item, "reported": on, "state": state, "finished": finished, "text": words, "organisation": body}
    return payload(lambda: Progress.model_validate(made))


class _State(BaseModel):
    state: State


def _report(request: Request, sent: Sent, lang: str, item: str) -> Response:
    def do(desk: Desk) -> str:
        place = desk.places.get(item)
        if place is None:
            raise Missing("there is no such item", id=item[:64])
        desk.require("report", _about(desk, item))
        said = _said(desk, sent, lang, item)
        there = reported(desk, said)
        away = sent.many("away")
        held = tuple(e for e in there.payload.evidence if e.hash not in away) if there else ()
        new = tuple(attach(desk, f.file, f.filename or "file") for f in sent.files("evidence"))
        again = {e.hash for e in new}
        said = said.model_copy(update={"evidence": (*(e for e in held if e.hash not in again), *new)})
        shown = in_words(there.payload.text, texts(lang)) if there else ""
        if there and shown.split() == sent.text("text").split():
            # a text that nobody touched stays in the language it was written in; a browser sends line ends of its own
            said = said.model_copy(update={"text": there.payload.text})
        report(desk, said, seen=seen(sent) if sent.text("seen") else 0)
        return f"/{lang}/tasks"

    return acted(request, lang, sent, do, lambda visit: item_page(visit, item))


for path, handler in (("/{lang}/report/{item}/evidence", _report),):
    router.add_route(path, door(handler), methods=["POST"])
