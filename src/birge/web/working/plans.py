"""A plan version: what it changes, first; then its hash and whose word it has; then send or drop, confirm or send back.

Drafts come from `change`, and of a milestone's date from the page where it is reported on.
"""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import Response

from birge.errors import InputError
from birge.plan.schema import Plan
from birge.store.access import Thing
from birge.store.agreement import PlanStand
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.plans import basis, confirm, draft, drop, outdated, precedes, rivals, send, stands
from birge.store.records import Record, read, thing
from birge.texts import Translator
from birge.web.forms import Field, Form, Sent, door
from birge.web.working.differences import changes
from birge.web.working.report import item_page
from birge.web.working.typed import day, in_words, seen
from birge.web.working.visit import Visit, acted, visited
from birge.web.working.whole import set_back, whole

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


def _propose(request: Request, sent: Sent, lang: str, item: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", Thing("plan", desk.actor.side, frozenset({"plan"}), author=desk.actor.login))
        planned = day(sent.text("planned"), "planned")
        if planned is None:
            raise InputError.at("planned", "date", "no date is given", "write 2026-11-30")
        if planned < desk.now.date():
            raise InputError.at("planned", "past", f"{planned} is over", "propose a day to come")
        note, stand = sent.text("note"), basis(desk)
        moved, start = _moved(stand.plan, item, planned), max(desk.now.date(), stand.effective)
        made = draft(desk, moved, start, {lang: note} if note else None)  # type: ignore[dict-item]
        return f"/{lang}/confirm/{made.id}"

    return acted(request, lang, sent, do, lambda visit: item_page(visit, item))


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
    """Show a plan version: what it changes, who has confirmed it, and the buttons."""
    return _version(visited(request, lang), ident)


def _version(visit: Visit, ident: str) -> Response:
    t = visit.t
    with visit.desk() as desk:
        record = read(desk, ident)
        if record.kind != "plan":
            raise Missing("there is no such version", id=ident[:64])
        told_undone, told_whole = set_back(desk, t, record), whole(desk, t, record)
        differences = changes(precedes(desk, record), record.payload.read(), t)
        told, forms = _told(desk, t, record), _forms(desk, t, record)
        newest = None if record.retired else outdated(desk, record)
        lead = _warned(desk, t, record, newest)
        if newest is not None:
            title = t("Against the version from {day} that is agreed", day=t.date(newest.effective))
            differences += changes(newest.plan, record.payload.read(), t, title)
    lead += [
        t("Effective from {day}", day=t.date(record.payload.effective)),
        t("Proposed by {side}", side=t.country(record.side)),
    ]
    if record.payload.note:
        lead.append(t("Reason: {text}", text=in_words(record.payload.note, t)))
    return visit.show(t("Plan version"), forms, tuple(lead), first=(*told_undone, *differences, *told_whole), told=told)


def _warned(desk: Desk, t: Translator, record: Record, newest: PlanStand | None) -> list[str]:
    """Return what is said loudly before a version is sent or confirmed: others that are agreed or that wait."""
    if newest is not None:
        day = t.date(newest.effective)
        return [
            t("It rests on an older plan: a version from {day} was agreed meanwhile. Make the change anew.", day=day)
        ]
    stand = next((s for s in stands(desk) if s.record == record.id), None)
    if record.retired or (stand is not None and stand.agreed):
        return []
    others = rivals(desk, record)
    days = "; ".join(f"{t.country(s.side)}: {t.date(s.effective)}" for s in others)
    line = t("Another change waits for both sides' word ({days}): of both, the second has to be made anew.", days=days)
    return [line] if others else []


def _told(desk: Desk, t: Translator, record: Record) -> tuple[str, ...]:
    """Return the hash of a version and whose word it has."""
    lines = [t("Hash of the content: {hash}", hash=record.payload.digest)]
    stand = next((s for s in stands(desk) if s.record == record.id), None)
    if record.retired:
        return (*lines, t("Taken back."))
    if stand is None:
        return (*lines, t("A draft: only our side reads it until it is sent."))
    said = {w: ", ".join(t.country(p) for p in desk.parties if p in w) for w in (stand.confirmed, stand.sent_back)}
    lines.append(t("Confirmed by: {sides}", sides=said[stand.confirmed] or t("nobody")))
    if stand.sent_back:
        lines.append(t("Sent back by: {sides}", sides=said[stand.sent_back]))
    if stand.agreed:
        lines.append(t("Both sides have confirmed it."))
    return tuple(lines)


def _forms(desk: Desk, t: Translator, record: Record) -> list[Form]:
    about = thing(desk, record)
    version = Field("seen", "", "hidden", str(record.newest))
    if record.retired:
        return []
    if not record.submitted:
        buttons = (("send", t("Send to both sides")), ("drop", t("Drop the draft")))
        may = desk.may("submit", about) and desk.may("share", about)
        return [Form(f"/{t.lang}/proposals/{record.id}", (version,), buttons)] if may else []
    if not desk.may("confirm", about):
        return []
    fields = (Field("hash", "", "hidden", record.hash), Field("note", t("Reason"), "area"))
    return [
        Form(f"/{t.lang}/confirm/{record.id}", fields, (("confirmed", t("Confirm")), ("sent back", t("Send back"))))
    ]


def _send(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        step = {"send": send, "drop": drop}.get(sent.text("verdict"))
        record = read(desk, ident)
        desk.require("write", thing(desk, record))
        if record.kind != "plan":
            raise Missing("there is no such version", id=ident[:64])
        if step is None:
            raise InputError.at("verdict", "verdict", "no such step", "use one of the buttons")
        step(desk, ident, seen(sent))
        return f"/{lang}/confirm/{ident}" if step is send else f"/{lang}/change"

    return acted(request, lang, sent, do, lambda visit: _version(visit, ident))


def _confirm(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        verdict, note = sent.text("verdict"), sent.text("note")
        about = read(desk, ident)
        desk.require("confirm", thing(desk, about))
        if about.kind != "plan":
            raise Missing("there is no such version", id=ident[:64])
        if verdict not in ("confirmed", "sent back"):
            raise InputError.at("verdict", "verdict", "neither confirmed nor sent back", "use one of the two buttons")
        if sent.text("hash") != about.hash:
            raise InputError.at("hash", "changed", "it has changed since you opened it", "read it again, then confirm")
        confirm(desk, ident, verdict == "sent back", {lang: note} if note else None)  # type: ignore[dict-item]
        return f"/{lang}/tasks"

    return acted(request, lang, sent, do, lambda visit: _version(visit, ident))


for path, handler in (
    ("/{lang}/propose/{item}", _propose),
    ("/{lang}/proposals/{ident}", _send),
    ("/{lang}/confirm/{ident}", _confirm),
):
    router.add_route(path, door(handler), methods=["POST"])
