"""Records that people keep: list, add, edit, submit, release, publish, take back, confirm, remark, history.

One page per kind and one per record; the form is drawn from the payload's schema (`drawn`), so a kind has no page of
its own. What was typed over an older version stays in the form and can be sent again over the newer one.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from birge.errors import InputError
from birge.store.access import Thing
from birge.store.agreement import standing_plan
from birge.store.canonical import plain
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.kinds import KINDS, Comment
from birge.store.lengths import LONGEST
from birge.store.plans import confirm
from birge.store.records import (
    Record,
    create,
    edit,
    listing,
    load_payload,
    publish,
    read,
    share,
    submit,
    take_back,
    thing,
    versions,
)
from birge.texts import Translator
from birge.web.blocks import Cell, Table
from birge.web.forms import Field, Form, Sent, door
from birge.web.proofs import files_of
from birge.web.working.content import in_words, kind_name, name_of
from birge.web.working.drawn import Drawing, data_of, fields_of
from birge.web.working.typed import seen
from birge.web.working.visit import Visit, acted, visited

__all__ = ["KEPT", "router"]

router = APIRouter(include_in_schema=False)
KEPT = (
    "barrier",
    "decision",
    "event",
    "initiative",
    "instrument",
    "observation",
    "organisation",
    "region-pair",
)
SHOWN = (*KEPT, "council", "meeting", "point", "progress", "plan", "run", "scenario", "text")


def _drawing(desk: Desk, t: Translator) -> Drawing:
    bodies = desk.organisations.values()
    stand = standing_plan(desk.connection, desk.now.date())
    pillars = tuple((p.id, p.title.get(t.lang)) for p in stand.plan.pillars) if stand else ()
    return Drawing(t, tuple((o.id, o.name.get(t.lang)) for o in bodies), desk.parties, pillars)


def _state(t: Translator, r: Record) -> str:
    level = {"own side": t("own side"), "both sides": t("both sides"), "public": t("public")}[r.level]
    return f"{level}, {t('draft')}" if r.draft else level


@router.get("/{lang}/records")
def kinds_page(request: Request, lang: str) -> Response:
    """Show the kinds of records with how many there are."""
    visit = visited(request, lang)
    t = visit.t
    with visit.desk() as desk:
        rows = tuple(
            (Cell(kind_name(t, kind), f"/{lang}/records/{kind}"), Cell(str(len(listing(desk, kind))), kind="n"))
            for kind in SHOWN
        )
    table = Table("kinds", t("Records"), (t("Kind"), t("How many")), rows)
    return visit.show(t("Records"), [], (), (table,))


@router.get("/{lang}/records/{kind}")
def records_page(request: Request, lang: str, kind: str) -> Response:
    """Show the records of a kind, and the form to add one."""
    return _records(visited(request, lang), kind)


def _records(visit: Visit, kind: str) -> Response:
    t = visit.t
    if kind not in SHOWN:
        raise HTTPException(404)
    with visit.desk() as desk:
        rows = tuple(
            (
                Cell(name_of(r, t, desk), f"/{t.lang}/record/{r.id}"),
                Cell(t.country(r.side)),
                Cell(_state(t, r), kind="state"),
                Cell(str(r.version), kind="n"),
                Cell(t.date(_written(r))),
            )
            for r in listing(desk, kind)
        )
        forms = []
        if kind in KEPT and desk.may(KINDS[kind].write, Thing(kind, visit.side, author=visit.who.actor.login)):
            start = {"reporter": visit.side} if kind == "observation" else None
            model = KINDS[kind].payload
            fields = fields_of(model, _drawing(desk, t), start)
            forms.append(Form(f"/{t.lang}/records/{kind}", tuple(fields), _two(t), t("Add"), folded=True))
    title = kind_name(t, kind)
    title = title[:1].upper() + title[1:]
    head = (t("What"), t("Side"), t("State"), t("Version"), t("Written"))
    table = Table("records", title, head, rows, empty=t("nothing is recorded"))
    return visit.show(title, forms, (), (table,))


def _written(r: Record) -> Any:
    from datetime import date

    return date.fromisoformat(r.at[:10])


def _two(t: Translator) -> tuple[tuple[str, str], ...]:
    return (("submit", t("Submit to our side")), ("draft", t("Keep as a draft")))


def _add(request: Request, sent: Sent, lang: str, kind: str) -> Response:
    if kind not in KEPT:
        raise HTTPException(404)

    def do(desk: Desk) -> str:
        facts = KINDS[kind]
        desk.require(facts.write, Thing(kind, desk.actor.side, author=desk.actor.login))
        made = load_payload(kind, data_of(facts.payload, desk.parties, sent), kind)
        record = create(desk, kind, made)
        if sent.text("verdict") != "draft":
            submit(desk, record.id, record.version)
        return f"/{lang}/record/{record.id}"

    return acted(request, lang, sent, do, lambda visit: _records(visit, kind))


@router.get("/{lang}/record/{ident}")
def record_page(request: Request, lang: str, ident: str) -> Response:
    """Show a record: what it says, its history, who confirmed it, our remarks, and what the reader may do."""
    return _record(visited(request, lang), ident)


def _record(visit: Visit, ident: str) -> Response:
    t = visit.t
    with visit.desk() as desk:
        r = read(desk, ident)
        if KINDS[r.kind].private:
            raise Missing("there is no such record", id=ident[:64])
        tables = (_content(t, r), *_proofs(t, r), _history(desk, t, r), _words(desk, t, r), _remarks(desk, t, r))
        forms, title = _forms(desk, t, r), name_of(r, t, desk)
    lead: tuple[str, ...] = (
        f"{kind_name(t, r.kind)}; {t.country(r.side)}; {_state(t, r)}; " + t("version {n}", n=r.version),
    )
    if r.retired:
        lead += (t("This was taken back."),)
    return visit.show(title, forms, lead, tables)


def _content(t: Translator, r: Record) -> Table:
    rows = ((Cell(label), Cell(value)) for label, value in in_words(plain(r.payload), t))
    return Table("content", t("What it says"), (t("Field"), t("Value")), tuple(rows))


def _proofs(t: Translator, r: Record) -> tuple[Table, ...]:
    rows = tuple((cell,) for cell in files_of(r, t))
    return (Table("files", t("Files of evidence"), (t("File"),), rows),) if rows else ()


def _history(desk: Desk, t: Translator, r: Record) -> Table:
    def marks(v: Record) -> str:
        steps = ((v.submitted, t("submitted")), (v.shared, t("both sides")), (v.published, t("public")))
        found = [word for at, word in steps if at == v.version]
        return ", ".join([*found, *([t("taken back")] if v.retired else [])]) or t("version before")

    rows = tuple(
        (
            Cell(str(v.version), kind="n"),
            Cell(t.date(_written(v))),
            Cell(v.author if v.side == desk.actor.side else t.country(v.side)),
            Cell(marks(v)),
            # a plan has one hash wherever it is told
            Cell((v.payload.digest if v.kind == "plan" else v.hash)[:12]),
        )
        for v in reversed(versions(desk, r.id))
    )
    return Table("history", t("History"), (t("Version"), t("Written"), t("By"), t("State"), t("Hash")), rows)


def _words(desk: Desk, t: Translator, r: Record) -> Table:
    word = {"confirmed": t("confirmed"), "sent back": t("sent back")}
    rows = tuple(
        (
            Cell(t.country(c.side)),
            Cell(word[c.payload.verdict], kind="state"),
            Cell(c.payload.by),
            Cell(t.date(c.payload.on)),
            Cell("; ".join((c.payload.note or {}).values())),
            Cell(t("this version") if c.payload.hash == r.hash else t("an earlier version")),
        )
        for c in listing(desk, "confirmation", r.id, official=True)
    )
    head = (t("Side"), t("Word"), t("By"), t("Date"), t("Reason"), t("On"))
    return Table("words", t("Confirmed or sent back"), head, rows, empty=t("nobody"))


def _remarks(desk: Desk, t: Translator, r: Record) -> Table:
    rows = tuple(
        (Cell(t.date(_written(c))), Cell(c.author), Cell(c.payload.text))
        for c in sorted(listing(desk, "comment", r.id), key=lambda c: c.at)
    )
    title = t("Remarks among ourselves; they never leave our side")
    return Table("remarks", title, (t("Date"), t("By"), t("Remark")), rows, empty=t("nothing is recorded"))


def _forms(desk: Desk, t: Translator, r: Record) -> list[Form]:
    about, base = thing(desk, r), f"/{t.lang}/record/{r.id}"
    own, seen = r.side == desk.actor.side, Field("seen", "", "hidden", str(r.newest))
    forms = []
    marks = []
    if own and r.retired:
        if 0 < r.shared < r.submitted and desk.may("share", about):
            marks.append(("share", t("Tell the other side that it was taken back")))
        elif 0 < r.published < r.shared and desk.may("publish", about):
            marks.append(("publish", t("Make public that it was taken back")))
    if own and not r.retired and r.kind != "confirmation":
        if r.draft and desk.may("submit", about):
            marks.append(("submit", t("Submit to our side")))
        if r.shared < r.submitted and desk.may("share", about):
            marks.append(("share", t("Release to the other side")))
        if r.published < r.shared and desk.may("publish", about):
            marks.append(("publish", t("Make public")))
        ours = r.kind in KEPT or (r.kind == "progress" and not r.shared)
        if ours and desk.may(KINDS[r.kind].write, about):
            marks.append(("retire", t("Take back")))
    if marks:
        forms.append(Form(f"{base}/mark", (seen,), tuple(marks), t("How far it goes")))
    if not r.draft and not r.retired and r.kind != "plan" and desk.may("confirm", about):
        buttons = (("confirmed", t("Confirm")), ("sent back", t("Send back")))
        hashed = Field("hash", "", "hidden", r.hash)
        reason = Field("note", t("Reason"), "area")
        forms.append(Form(f"{base}/confirm", (hashed, reason), buttons, t("Confirm or send back")))
    if desk.may("comment", Thing("comment", desk.actor.side, about.items, about.organisations)):
        remark = Field("text", t("Remark"), "area", needed=True)
        forms.append(Form(f"{base}/comments", (remark,), (("", t("Add")),), t("Add a remark")))
    if own and r.kind in KEPT and desk.may(KINDS[r.kind].write, about):
        fields = (seen, *fields_of(KINDS[r.kind].payload, _drawing(desk, t), plain(r.payload)))
        forms.append(Form(f"{base}/edit", fields, _two(t), t("Edit"), folded=True))
    return forms


def _edit(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        r = read(desk, ident)
        if r.kind not in KEPT:
            raise Missing("there is no form for this record", id=ident[:64])
        desk.require(KINDS[r.kind].write, thing(desk, r))
        made = load_payload(r.kind, data_of(KINDS[r.kind].payload, desk.parties, sent, plain(r.payload)), r.kind)
        record = edit(desk, r.id, seen(sent), made)
        if sent.text("verdict") != "draft":
            submit(desk, record.id, record.version)
        return f"/{lang}/record/{record.id}"

    return acted(request, lang, sent, do, lambda visit: _record(visit, ident))


def _mark(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    services = {"submit": submit, "share": share, "publish": publish, "retire": take_back}

    def do(desk: Desk) -> str:
        service = services.get(sent.text("verdict"))
        if service is None:
            raise InputError.at("verdict", "verdict", "no such step", "use one of the buttons")
        service(desk, ident, seen(sent))
        return f"/{lang}/record/{ident}"

    return acted(request, lang, sent, do, lambda visit: _record(visit, ident))


def _confirm(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        verdict, note = sent.text("verdict"), sent.text("note")
        if verdict not in ("confirmed", "sent back"):
            raise InputError.at("verdict", "verdict", "neither confirmed nor sent back", "use one of the two buttons")
        about = read(desk, ident)
        desk.require("confirm", thing(desk, about))
        if sent.text("hash") != about.hash:
            raise InputError.at("hash", "changed", "it has changed since you opened it", "read it again, then confirm")
        confirm(desk, ident, verdict == "sent back", {lang: note} if note else None)  # type: ignore[dict-item]
        return f"/{lang}/record/{ident}"

    return acted(request, lang, sent, do, lambda visit: _record(visit, ident))


def _comment(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        about = thing(desk, read(desk, ident))
        desk.require("comment", Thing("comment", desk.actor.side, about.items, about.organisations))
        text = sent.text("text")
        if not text:
            raise InputError.at("text", "empty", "no remark is typed", "type one")
        made = create(desk, "comment", Comment(id=str(uuid4()), on=ident, text=text[:LONGEST]))
        submit(desk, made.id, made.version)
        return f"/{lang}/record/{ident}"

    return acted(request, lang, sent, do, lambda visit: _record(visit, ident))


for path, handler in (
    ("/{lang}/records/{kind}", _add),
    ("/{lang}/record/{ident}/edit", _edit),
    ("/{lang}/record/{ident}/mark", _mark),
    ("/{lang}/record/{ident}/confirm", _confirm),
    ("/{lang}/record/{ident}/comments", _comment),
):
    router.add_route(path, door(handler), methods=["POST"])
