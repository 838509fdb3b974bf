"""Propose another date, confirm a plan version or send it back."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from birge.errors import InputError
from birge.plan.schema import Plan
from birge.store.access import Thing
from birge.store.errors import Denied, Missing
from birge.store.plans import confirm, effective, propose, stands
from birge.web.blocks import Cell, Table
from birge.web.forms import Field, Form, Sent, door
from birge.web.working.typed import day
from birge.web.working.visit import texts, visited

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


def _propose(_request: Request, sent: Sent, lang: str, item: str) -> Response:
    texts(lang)
    if not sent.who.signed_in:
        raise Denied("sign in first")
    planned = day(sent.text("planned"), "planned")
    if planned is None:
        raise InputError.at("planned", "date", "no date is given", "write 2026-11-30")
    with sent.house.registry.desk(sent.who.actor) as desk:
        desk.require("write", Thing("plan", desk.actor.side, frozenset({"plan"}), author=desk.actor.login))
        from birge.store.agreement import standing_plan

        stand = standing_plan(desk.connection, desk.now.date())
        if stand is None:
            raise Missing("there is no plan")
        note = sent.text("note")
        made = propose(desk, _moved(stand.plan, item, planned), desk.now.date(), {lang: note} if note else None)  # type: ignore[dict-item]
    return RedirectResponse(f"/{lang}/confirm/{made.id}", 303)


def _moved(plan: Plan, item: str, planned: date) -> Plan:
    """Return the plan with another date for a milestone."""
    data = plan.canonical()
    stones = [s for m in data.get("measures", ()) for s in m.get("milestones", ()) if s["id"] == item]
    if not stones:
        raise Missing("there is no such milestone", id=item[:64])
    stones[0]["planned"] = planned.isoformat()
    return Plan.model_validate(data)


@router.get("/{lang}/confirm/{ident}")
def confirm_page(request: Request, lang: str, ident: str) -> Response:
    """Show a proposed plan version: what it changes, who has confirmed, and the two buttons."""
    from birge.plan.told import told

    visit = visited(request, lang)
    t = visit.t
    with visit.desk() as desk:
        stand = next((s for s in stands(desk) if s.record == ident), None)
        if stand is None:
            raise Missing("there is no such version", id=ident[:64])
        changes = [
            f"{record}: {line}"
            for record, lines in told(effective(desk, desk.now.date()), stand.plan, lang)
            for line in lines
        ]
        may = desk.may("confirm", Thing("plan", stand.side, shared=True))
    lead = (
        t("Hash of the content: {hash}", hash=stand.digest),
        t("Confirmed by: {sides}", sides=", ".join(stand.confirmed) or t("nobody")),
    )
    table = Table(
        "changes", t("What changes"), (t("What"),), tuple((Cell(c),) for c in changes[:200]), empty=t("no differences")
    )
    buttons = (("confirmed", t("Confirm")), ("sent back", t("Send back")))
    forms = [Form(f"/{lang}/confirm/{ident}", (Field("note", t("Reason"), "area"),), buttons)] if may else []
    return visit.show(t("Plan version"), forms, lead, (table,))


def _confirm(_request: Request, sent: Sent, lang: str, ident: str) -> Response:
    texts(lang)
    if not sent.who.signed_in:
        raise Denied("sign in first")
    verdict, note = sent.text("verdict"), sent.text("note")
    if verdict not in ("confirmed", "sent back"):
        raise InputError.at("verdict", "verdict", "neither confirmed nor sent back", "use one of the two buttons")
    with sent.house.registry.desk(sent.who.actor) as desk:
        confirm(desk, ident, verdict == "sent back", {lang: note} if note else None)  # type: ignore[dict-item]
    return RedirectResponse(f"/{lang}/tasks", 303)


for path, handler in (
    ("/{lang}/propose/{item}", _propose),
    ("/{lang}/confirm/{ident}", _confirm),
):
    router.add_route(path, door(handler), methods=["POST"])
