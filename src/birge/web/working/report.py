"""Report progress of an item with evidence."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from birge.plan.schema import Milestone, State
from birge.store.access import Thing
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.kinds import Progress
from birge.store.own import own
from birge.store.progress import attach, report
from birge.web.forms import Field, Form, Sent, door
from birge.web.working.change import changeable
from birge.web.working.typed import day, in_words, payload, seen
from birge.web.working.visit import Visit, acted, visited

__all__ = ["item_page", "router"]

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/report/{item}")
def report_page(request: Request, lang: str, item: str) -> Response:
    """Show the forms of an item: report its progress, propose another date."""
    return item_page(visited(request, lang), item)


def item_page(visit: Visit, item: str) -> Response:
    """Show the forms of an item."""
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
        last = own(desk, "progress", f"{item}@{today}:side")
        said: Progress | None = last.payload if last else None
    states = tuple((s.value, t.named("word", s.value)) for s in State)
    fields = (
        Field("seen", "", "hidden", str(last.newest) if last else "0"),
        Field("state", t("Status"), "select", (said.state if said else State.IN_PROGRESS).value, states),
        Field("reported", t("Reported"), "date", today.isoformat(), needed=True),
        Field("finished", t("Finished"), "date", said.finished.isoformat() if said and said.finished else ""),
        Field("text", t("What was done"), "area", in_words(said.text, t) if said else ""),
        Field("evidence", t("Evidence: PDF, PNG, JPEG, DOCX, XLSX or text, up to 25 MB"), "file"),
    )
    moved = (Field("planned", t("Planned"), "date", needed=True), Field("note", t("Reason"), "area"))
    lines = (t("Today's report stands in the form; sent again it is corrected."),) if last else ()
    forms = []
    if writes:
        to, button = f"/{t.lang}/report/{item}/evidence", (("", t("Report")),)
        forms.append(Form(to, fields, button, t("Report progress"), lines, files=True))
    if change is not None:
        texts = t("Texts, dates, owners, costs")
        forms.append(Form(f"/{t.lang}/change/{item}", (), (), t("Change the plan"), link=texts))
    if isinstance(change, Milestone):
        told = (t("First a draft that only our side reads, with its differences; then it is sent."),)
        forms.append(
            Form(f"/{t.lang}/propose/{item}", moved, (("", t("Write the draft")),), t("Propose another date"), told)
        )
    return visit.show(place.title(t.lang), forms)


def _about(desk: Desk, item: str) -> Thing:
    place = desk.places[item]
    items = frozenset({item}) | place.items
    return Thing("progress", desk.actor.side, items, place.organisations, desk.actor.login)


def _report(request: Request, sent: Sent, lang: str, item: str) -> Response:
    def do(desk: Desk) -> str:
        place = desk.places.get(item)
        if place is None:
            raise Missing("there is no such item", id=item[:64])
        desk.require("report", _about(desk, item))
        evidence = tuple(attach(desk, f.file, f.filename or "file") for f in sent.files("evidence"))
        text = sent.text("text")
        said = payload(
            lambda: Progress(
                item=item,
                reported=day(sent.text("reported"), "reported") or desk.now.date(),
                state=State(sent.text("state")),
                finished=day(sent.text("finished"), "finished"),
                text={lang: text} if text else None,
                evidence=evidence,
            )
        )
        report(desk, said, seen=seen(sent) if sent.text("seen") else 0)
        return f"/{lang}/tasks"

    return acted(request, lang, sent, do, lambda visit: item_page(visit, item))


for path, handler in (("/{lang}/report/{item}/evidence", _report),):
    router.add_route(path, door(handler), methods=["POST"])
