"""Councils and sessions: dates counted back, points in both wordings, signing, decisions and extracts.

`/councils` → create a council, convene; `/sessions/ID` → move, state a point, sign; decisions lead to
their report and to their record (follow-up). Papers of a session are linked in `_papers`.
"""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from birge.errors import InputError
from birge.store.access import Thing
from birge.store.agreement import known_organisations
from birge.store.council import STEPS, PointStand, calendar, convene, extracts, move, points, sign
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.kinds import LANGUAGES, Council, Meeting, Point, Signing
from birge.store.progress import attach
from birge.store.records import Record, create, edit, listing, share, submit
from birge.texts import Translator
from birge.web.blocks import Cell, Table
from birge.web.files import MEDIA, attached, table_file
from birge.web.forms import Field, Form, Sent, door
from birge.web.working.typed import day, in_words, payload, word_fields, words
from birge.web.working.visit import Visit, acted, visited

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
BODIES = ("interstate council", "intergovernmental council", "foreign ministers", "parliaments", "regions", "other")
SPEECH = {"en": "English", "ru": "Русский", "kk": "Қазақша", "ky": "Кыргызча"}


def _step(t: Translator, name: str) -> str:
    return {
        "request": t("Request to the owners"),
        "consolidation": t("Consolidation"),
        "exchange": t("Draft exchanged"),
        "closed": t("Text closed"),
        "session": t("Session"),
        "extracts": t("Extracts sent"),
    }.get(name, name)


def _may(desk: Desk, kind: str) -> bool:
    return desk.may("write", Thing(kind, desk.actor.side))


@router.get("/{lang}/councils")
def councils_page(request: Request, lang: str) -> Response:
    """Show the councils, their sessions and the dates to come."""
    return _councils(visited(request, lang))


def _councils(visit: Visit) -> Response:
    t = visit.t
    with visit.desk() as desk:
        held: list[Record] = listing(desk, "council")
        bodies = [
            (
                Cell(in_words(r.payload.title, t), f"/{t.lang}/record/{r.id}"),
                Cell(t.named("word", r.payload.body)),
                Cell(r.side),
                Cell(", ".join(SPEECH[x] for x in r.payload.languages)),
            )
            for r in held
        ]
        sessions = [
            (
                Cell(in_words(r.payload.title, t), f"/{t.lang}/sessions/{r.payload.id}"),
                Cell(r.side),
                Cell(t.date(r.payload.date)),
                Cell(t("signed") if r.payload.signing else t("not signed yet")),
            )
            for r in listing(desk, "meeting")
        ]
        dates = [
            (Cell(t.date(s.day)), Cell(_step(t, s.step)), Cell(s.meeting, f"/{t.lang}/sessions/{s.meeting}"))
            for s in calendar(desk)
            if s.day >= desk.now.date()
        ]
        ids = {r.payload.id: in_words(r.payload.title, t) for r in held}
        forms = _council_forms(t, tuple(ids.items())) if _may(desk, "meeting") else []
    none = t("nothing is recorded")
    tables = (
        Table("dates", t("Dates to come"), (t("Date"), t("Step"), t("Session")), tuple(dates), empty=none),
        Table("sessions", t("Sessions"), (t("Session"), t("Side"), t("Date"), t("State")), tuple(sessions), empty=none),
        Table(
            "councils", t("Councils"), (t("Council"), t("Kind"), t("Side"), t("Languages")), tuple(bodies), empty=none
        ),
    )
    return visit.show(t("Councils and sessions"), forms, (), tables)


def _council_forms(t: Translator, councils: tuple[tuple[str, str], ...]) -> list[Form]:
    name = Field("id", t("Short name, such as igc-14"), needed=True)
    speech = tuple((x, SPEECH[x]) for x in LANGUAGES)
    session = (
        name,
        Field("council", t("Council"), "select", "", councils),
        *word_fields(t, "title", t("Title")),
        Field("date", t("Day of the session"), "date", needed=True),
        Field("place", t("Place")),
    )
    body = (
        name,
        *word_fields(t, "title", t("Title")),
        Field("body", t("Kind"), "select", "", tuple((b, t.named("word", b)) for b in BODIES)),
        Field("languages", t("Authentic languages of its papers"), "many", "", speech),
        Field("prevailing", t("Prevailing language"), "select", "", (("", "-"), *speech)),
    )
    line = t("The dates are counted back from the session; each can be changed afterwards.")
    convened = Form(f"/{t.lang}/sessions", session, (("", t("Convene")),), t("Convene a session"), (line,))
    added = Form(f"/{t.lang}/councils", body, (("", t("Add")),), t("Add a council"))
    return [convened, added] if councils else [added]


def _add(request: Request, sent: Sent, lang: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", Thing("council", desk.actor.side, author=desk.actor.login))
        made = payload(
            lambda: Council.model_validate(
                {
                    "id": sent.text("id"),
                    "title": words(sent, "title"),
                    "body": sent.text("body"),
                    "languages": sent.many("languages"),
                    "prevailing": sent.text("prevailing") or None,
                }
            )
        )
        record = create(desk, "council", made)
        share(desk, submit(desk, record.id, record.version).id, record.version)
        return f"/{lang}/councils"

    return acted(request, lang, sent, do, _councils)


def _convene(request: Request, sent: Sent, lang: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", Thing("meeting", desk.actor.side, author=desk.actor.login))
        made = payload(
            lambda: Meeting.model_validate(
                {
                    "id": sent.text("id"),
                    "council": sent.text("council"),
                    "title": words(sent, "title"),
                    "date": day(sent.text("date"), "date"),
                    "place": sent.text("place") or None,
                }
            )
        )
        convene(desk, made)
        return f"/{lang}/sessions/{made.id}"

    return acted(request, lang, sent, do, _councils)


@router.get("/{lang}/sessions/{ident}")
def session_page(request: Request, lang: str, ident: str) -> Response:
    """Show a session: dates, points, signing, decisions, extracts."""
    return _session(visited(request, lang), ident)


def _session(visit: Visit, ident: str) -> Response:
    t = visit.t
    with visit.desk() as desk:
        found = listing(desk, "meeting", key=ident)
        if not found:
            raise Missing("there is no such session", id=ident[:64])
        mine = next((r for r in found if r.side == visit.side), None)
        held: Meeting = (mine or found[0]).payload
        stands = points(desk, ident)
        number = (visit.sent.text("number") if visit.sent else "") or visit.request.query_params.get("number", "")
        forms = []
        if _may(desk, "point"):
            forms.append(_point_form(desk, t, ident, number))
        if mine and _may(desk, "meeting"):
            forms += [_dates_form(t, held), *([] if held.signing else [_signing_form(desk, t, held)])]
        tables = (
            _points(desk, t, ident, stands),
            _decisions(desk, t, ident),
            _extracts(desk, t, ident),
            _papers(t, held),
        )
        lead = _told(t, held, visit.side)
    return visit.show(in_words(held.title, t), forms, lead, tables)


def _told(t: Translator, held: Meeting, own: str) -> tuple[str, ...]:
    lines = [t("Session on {day}.", day=t.date(held.date)) + (f" {held.place}" if held.place else "")]
    lines.append("; ".join(f"{_step(t, name)}: {t.date(on)}" for name, on in sorted(held.steps.items(), key=_by_day)))
    if s := held.signing:
        by = "; ".join(f"{side}: {name}" for side, name in sorted(s.signatories.items(), key=lambda x: x[0] != own))
        lines.append(t("Signed on {day} in {place}: {by}.", day=t.date(s.date), place=s.place, by=by))
    return tuple(lines)


def _by_day(step: tuple[str, date]) -> date:
    return step[1]


def _points(desk: Desk, t: Translator, ident: str, stands: list[PointStand]) -> Table:
    """Return the points with each side's wording beside the other's, the own side first."""
    own = desk.actor.side or desk.parties[0]
    sides = (own, next(p for p in desk.parties if p != own))
    state = {"agreed": t("agreed"), "contested": t("contested"), "one side": t("one side only")}
    drafts = {r.payload.number for r in listing(desk, "point", subject=ident) if r.side == own and r.draft}

    def wording(p: PointStand, side: str) -> Cell:
        if side not in p.by_side:
            return Cell(t("no wording"))
        said: Point = p.by_side[side].payload
        bodies = known_organisations(desk.connection, desk.now.date(), desk.actor.side)
        facts = [", ".join(bodies[o].name.get(t.lang) if o in bodies else o for o in said.owners)]
        facts += [t.date(said.due)] if said.due else []
        more = "; ".join(f for f in facts if f)
        return Cell(in_words(said.text, t) + (f" ({more})" if more else ""), f"/{t.lang}/record/{p.by_side[side].id}")

    rows = [
        (
            Cell(p.number, f"/{t.lang}/sessions/{ident}?number={p.number}"),
            Cell(state[p.state] + (f", {t('draft')}" if p.number in drafts else ""), kind="state"),
            *(wording(p, side) for side in sides),
        )
        for p in stands
    ]
    known = {p.number for p in stands}
    rows += [
        (Cell(n, f"/{t.lang}/sessions/{ident}?number={n}"), Cell(t("draft"), kind="state"), Cell(""), Cell(""))
        for n in sorted(drafts - known)
    ]
    head = (t("Point"), t("State"), *(t("Wording of {side}", side=s) for s in sides))
    return Table("points", t("Points of the protocol"), head, tuple(rows), empty=t("nothing is recorded"))


def _decisions(desk: Desk, t: Translator, ident: str) -> Table:
    rows = tuple(
        (
            Cell(r.payload.point or ""),
            Cell(in_words(r.payload.title, t), f"/{t.lang}/report/{r.payload.id}"),
            Cell(", ".join(r.payload.owners)),
            Cell(t.date(r.payload.due) if r.payload.due else ""),
            Cell(in_words(r.payload.follow_up, t) or t("add"), f"/{t.lang}/record/{r.id}"),
        )
        for r in listing(desk, "decision", subject=ident)
        if r.side == desk.actor.side
    )
    head = (t("Point"), t("Decision"), t("Who"), t("Due"), t("Follow-up"))
    return Table("decisions", t("Decisions"), head, rows, empty=t("Points become decisions when the paper is signed."))


def _extracts(desk: Desk, t: Translator, ident: str) -> Table:
    bodies = known_organisations(desk.connection, desk.now.date(), desk.actor.side)
    rows = tuple(
        (
            Cell(bodies[body].name.get(t.lang) if body in bodies else body),
            Cell(str(len(found)), kind="n"),
            Cell("XLSX", f"/{t.lang}/sessions/{ident}/extract-{body}.xlsx"),
        )
        for body, found in extracts(desk, ident).items()
    )
    head = (t("Organisation"), t("Decisions"), t("Extract"))
    return Table("extracts", t("Extracts"), head, rows, empty=t("nothing is recorded"))


def _papers(t: Translator, held: Meeting) -> Table:
    """Return the papers of a session; other papers get their row here."""
    rows = []
    if held.signing and held.signing.scan:
        rows.append((Cell(t("Scan of the signed paper"), f"/{t.lang}/sessions/{held.id}/scan"),))
    return Table("papers", t("Papers"), (t("What"),), tuple(rows), empty=t("nothing is recorded"))


@router.get("/{lang}/sessions/{ident}/{name}")
def session_file(request: Request, lang: str, ident: str, name: str) -> Response:
    """Give the extract of an organisation, or the scan of the signed paper."""
    visit = visited(request, lang)
    t = visit.t
    with visit.desk() as desk:
        found = listing(desk, "meeting", key=ident)
        if name == "scan":
            scans = [r.payload.signing.scan for r in found if r.payload.signing and r.payload.signing.scan]
            if not scans:
                raise HTTPException(404)
            content = desk.files.read(scans[0])
            kind = "pdf" if content.startswith(b"%PDF-") else "png" if content.startswith(b"\x89PNG") else "bin"
            return attached(content, f"{ident}-scan.{kind}", "application/octet-stream")
        body = name.removeprefix("extract-").removesuffix(".xlsx")
        decisions = extracts(desk, ident).get(body)
        if name != f"extract-{body}.xlsx" or not decisions:
            raise HTTPException(404)
        names = known_organisations(desk.connection, desk.now.date(), desk.actor.side)
        rows = tuple(
            (Cell(d.point or ""), Cell(in_words(d.title, t)), Cell(t.date(d.due) if d.due else "")) for d in decisions
        )
        title = names[body].name.get(lang) if body in names else body
        table = Table("extract", title, (t("Point"), t("Decision"), t("Due")), rows, f"{title}. {ident}")
    return attached(table_file(table, "xlsx"), f"{ident}-{body}.xlsx", MEDIA["xlsx"])


def _point_form(desk: Desk, t: Translator, ident: str, number: str) -> Form:
    """Return the form of the own side's wording of a point; `number` chooses one that is there."""
    mine = [r for r in listing(desk, "point", key=f"{ident}:{number}") if r.side == desk.actor.side] if number else []
    said: Point | None = mine[0].payload if mine else None
    bodies = known_organisations(desk.connection, desk.now.date(), desk.actor.side).values()
    measures = tuple((m, f"{m}: {p.title}"[:90]) for m, p in desk.places.items() if len(p.items) == 2)
    fields = (
        Field("seen", "", "hidden", str(mine[0].newest) if mine else "0"),
        Field("number", t("Point"), value=number, needed=True),
        *word_fields(t, "text", t("Wording"), said.text if said else None, "area"),
        Field(
            "owners",
            t("Who carries it out"),
            "many",
            "\n".join(said.owners) if said else "",
            tuple((o.id, o.name.get(t.lang)) for o in bodies),
        ),
        Field("due", t("Due"), "date", said.due.isoformat() if said and said.due else ""),
        Field(
            "measure", t("Measure of the plan"), "select", said.measure or "" if said else "", (("", "-"), *measures)
        ),
    )
    buttons = (("release", t("State and release to the other side")), ("keep", t("Keep on our side")))
    return Form(f"/{t.lang}/sessions/{ident}/points", fields, buttons, t("Our wording of a point"))


def _dates_form(t: Translator, held: Meeting) -> Form:
    fields = [Field("date", t("Day of the session"), "date", held.date.isoformat(), needed=True)]
    fields += [Field(f"step.{n}", _step(t, n), "date", held.steps[n].isoformat()) for n in STEPS if n in held.steps]
    line = t("Move the session and the dates that nobody changed move with it.")
    action = f"/{t.lang}/sessions/{held.id}/dates"
    return Form(action, tuple(fields), (("", t("Set the dates")),), t("Dates"), (line,), folded=True)


def _signing_form(desk: Desk, t: Translator, held: Meeting) -> Form:
    speech = tuple((x, SPEECH[x]) for x in LANGUAGES)
    fields = (
        Field("date", t("Day of signing"), "date", needed=True),
        Field("place", t("Place"), needed=True),
        *(Field(f"by.{side}", t("Signed for {side} by", side=side), needed=True) for side in desk.parties),
        Field("prevailing", t("Prevailing language"), "select", "", (("", "-"), *speech)),
        Field("scan", t("Scan of the signed paper (PDF, up to 25 MB)"), "file"),
    )
    line = t("The paper is signed by hand; here it is only entered. Every point has to be agreed.")
    action = f"/{t.lang}/sessions/{held.id}/signing"
    return Form(action, fields, (("", t("Enter the signing")),), t("Signing"), (line,), folded=True, files=True)


def _dates(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", Thing("meeting", desk.actor.side, author=desk.actor.login))
        to = day(sent.text("date"), "date")
        if to is None:
            raise InputError.at("date", "date", "no date is given", "write 2026-11-30")
        held = next((r.payload for r in listing(desk, "meeting", key=ident) if r.side == desk.actor.side), None)
        if held is None:
            raise Missing("there is no such session of ours", id=ident[:64])
        given = {n: day(sent.text(f"step.{n}"), n) for n in STEPS}
        # a date that stands as it stood moves with the session
        changed = {n: d for n, d in given.items() if d is not None and d != held.steps.get(n)}
        move(desk, ident, to, changed)
        return f"/{lang}/sessions/{ident}"

    return acted(request, lang, sent, do, lambda visit: _session(visit, ident))


def _point(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", Thing("point", desk.actor.side, author=desk.actor.login))
        if not listing(desk, "meeting", key=ident):
            raise Missing("there is no such session", id=ident[:64])
        made = payload(
            lambda: Point.model_validate(
                {
                    "meeting": ident,
                    "number": sent.text("number"),
                    "text": words(sent, "text"),
                    "owners": sent.many("owners"),
                    "due": day(sent.text("due"), "due"),
                    "measure": sent.text("measure") or None,
                }
            )
        )
        seen = sent.text("seen")
        mine = [r for r in listing(desk, "point", key=f"{ident}:{sent.text('number')}") if r.side == desk.actor.side]
        if mine and seen.isascii() and seen.isdigit() and seen != "0":
            record = edit(desk, mine[0].id, int(seen[:9]), made)
        else:
            record = create(desk, "point", made)
        submit(desk, record.id, record.version)
        if sent.text("verdict") != "keep":
            share(desk, record.id, record.version)
        return f"/{lang}/sessions/{ident}"

    return acted(request, lang, sent, do, lambda visit: _session(visit, ident))


def _sign(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", Thing("meeting", desk.actor.side, author=desk.actor.login))
        by = {side: name for side in desk.parties if (name := sent.text(f"by.{side}"))}
        scans = [attach(desk, f.file, f.filename or "scan") for f in sent.files("scan")]
        made = payload(
            lambda: Signing.model_validate(
                {
                    "date": day(sent.text("date"), "date"),
                    "place": sent.text("place"),
                    "signatories": by,
                    "scan": scans[0].hash if scans else None,
                    "prevailing": sent.text("prevailing") or None,
                }
            )
        )
        sign(desk, ident, made)
        return f"/{lang}/sessions/{ident}"

    return acted(request, lang, sent, do, lambda visit: _session(visit, ident))


for path, handler in (
    ("/{lang}/councils", _add),
    ("/{lang}/sessions", _convene),
    ("/{lang}/sessions/{ident}/dates", _dates),
    ("/{lang}/sessions/{ident}/points", _point),
    ("/{lang}/sessions/{ident}/signing", _sign),
):
    router.add_route(path, door(handler), methods=["POST"])
