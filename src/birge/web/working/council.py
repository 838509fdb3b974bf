"""Councils and sessions: dates counted back, points in both wordings, signing, decisions and extracts.

`/councils` → create a council, convene; `/sessions/ID` → move, state a point, sign; decisions lead to
their report and to their record (follow-up). Its points stand in `points`, its papers in `papers`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from birge.errors import InputError
from birge.store.access import Thing
from birge.store.council import STEPS, calendar, convene, missed, move, points, signing_of
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.kinds import LANGUAGES, Council, Meeting, Signing
from birge.store.own import own
from birge.store.plans import seen_plan
from birge.store.records import Record, create, listing, share, submit
from birge.texts import Translator, translator
from birge.web.blocks import Cell, Table
from birge.web.forms import Field, Form, Sent, door
from birge.web.working.papers import decisions_table, extracts_table, papers_table
from birge.web.working.points import SPEECH, point_forms, points_table, stated, taken_back
from birge.web.working.signing import signed, signing_forms, unsigned
from birge.web.working.typed import day, in_words, payload, word_cell, word_fields, words
from birge.web.working.visit import Visit, acted, visited

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
BODIES = ("interstate council", "intergovernmental council", "foreign ministers", "parliaments", "regions", "other")


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
                word_cell(r.payload.title, t, f"/{t.lang}/record/{r.id}"),
                Cell(t.named("word", r.payload.body)),
                Cell(t.country(r.side)),
                Cell(", ".join(SPEECH[x] for x in r.payload.languages)),
            )
            for r in held
        ]
        sessions = [
            (
                word_cell(r.payload.title, t, f"/{t.lang}/sessions/{r.payload.id}"),
                Cell(t.country(r.side)),
                Cell(t.date(r.payload.date)),
                Cell(t("signed") if r.payload.signing else t("not signed yet")),
            )
            for r in listing(desk, "meeting")
        ]
        named = {r.payload.id: in_words(r.payload.title, t) for r in listing(desk, "meeting")}
        dates = [
            (
                Cell(t.date(s.day)),
                Cell(_step(t, s.step)),
                Cell(named.get(s.meeting, s.meeting), f"/{t.lang}/sessions/{s.meeting}"),
            )
            for s in calendar(desk)
            if s.day >= desk.now.date()
        ]
        ids = {r.payload.id: in_words(r.payload.title, t) for r in held}
        forms = _council_forms(t, tuple(ids.items()), _named(desk, held)) if _may(desk, "meeting") else []
    none = t("nothing is recorded")
    tables = (
        Table("dates", t("Dates to come"), (t("Date"), t("Step"), t("Session")), tuple(dates), empty=none),
        Table("sessions", t("Sessions"), (t("Session"), t("Side"), t("Date"), t("State")), tuple(sessions), empty=none),
        Table(
            "councils", t("Councils"), (t("Council"), t("Kind"), t("Side"), t("Languages")), tuple(bodies), empty=none
        ),
    )
    return visit.show(t("Councils and sessions"), forms, (), tables[2:], tables[:2])


def _named(desk: Desk, held: list[Record]) -> tuple[str, ...]:
    """Return the kinds of bodies whose meetings the plan lists and that are not recorded here yet."""
    stand = seen_plan(desk, desk.now.date())
    there = {"other", *(r.payload.body for r in held)}
    return tuple(dict.fromkeys(m.body for m in stand.plan.meetings if m.body not in there)) if stand else ()


def _council_forms(t: Translator, councils: tuple[tuple[str, str], ...], named: tuple[str, ...]) -> list[Form]:
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
    forms = [convened, added] if councils else [added]
    if named:
        known = tuple((b, t.named("word", b)) for b in named)
        fields = (
            Field("bodies", t("Which of them"), "many", "\n".join(named), known),
            Field("languages", t("Authentic languages of their papers"), "many", "", speech),
        )
        forms.insert(0, Form(f"/{t.lang}/councils/named", fields, (("", t("Add")),), t("Councils that the plan names")))
    return forms


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
        _keep(desk, made)
        return f"/{lang}/councils"

    return acted(request, lang, sent, do, _councils)


def _take(request: Request, sent: Sent, lang: str) -> Response:
    """Record councils that the plan names: each under its kind's name in every language."""

    def do(desk: Desk) -> str:
        desk.require("write", Thing("council", desk.actor.side, author=desk.actor.login))
        chosen = [b for b in _named(desk, listing(desk, "council")) if b in sent.many("bodies")]
        if not chosen:
            raise InputError.at("bodies", "empty", "none is chosen", "tick at least one")
        for made in [payload(partial(_body, kind, sent.many("languages"))) for kind in chosen]:
            _keep(desk, made)
        return f"/{lang}/councils"

    return acted(request, lang, sent, do, _councils)


def _body(kind: str, languages: tuple[str, ...]) -> Council:
    """Return the council of a kind that the plan names, under its kind's name."""
    title = {x: translator(x).named("word", kind) for x in LANGUAGES}
    named = {x: said[:1].upper() + said[1:] for x, said in title.items()}
    return Council.model_validate({"id": kind.replace(" ", "-"), "title": named, "body": kind, "languages": languages})


def _keep(desk: Desk, made: Council) -> None:
    record = create(desk, "council", made)
    share(desk, submit(desk, record.id, record.version).id, record.version)


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
        signing = signing_of(desk, ident)
        if _may(desk, "point") and signing is None:
            forms += point_forms(desk, t, ident, number)
        if mine and _may(desk, "meeting"):
            forms += [_dates_form(t, held), *signing_forms(desk, t, mine)]
        tables = (
            points_table(desk, t, ident, stands),
            decisions_table(desk, t, ident),
            extracts_table(desk, t, ident),
            papers_table(desk, t, held),
        )
        gone = [why for r in sorted(found, key=lambda r: r.side != visit.side) if (why := r.payload.withdrawn)]
        lead = _told(t, held, signing, visit.side, gone)
        if mine and signing is None and (over := missed(desk, mine)):
            named = "; ".join(f"{_step(t, name)} ({t.date(on)})" for name, on in sorted(over.items(), key=_by_day))
            lead += (
                t("Over already when the session was set: {steps}. Do it at once, or change the dates.", steps=named),
            )
        if signing and mine and held.signing is None:
            lead += (
                t("{side} has entered the signing; its entry is for {side} to withdraw.", side=t.country(desk.other)),
            )
    return visit.show(in_words(held.title, t), forms, lead, tables[1:], tables[:1])


def _told(
    t: Translator, held: Meeting, signing: Signing | None, own: str, withdrawn: Sequence[Mapping[Any, str]]
) -> tuple[str, ...]:
    lines = [t("Session on {day}.", day=t.date(held.date)) + (f" {held.place}" if held.place else "")]
    lines += [t("The entry of the signing was withdrawn: {reason}", reason=in_words(why, t)) for why in withdrawn]
    lines.append("; ".join(f"{_step(t, name)}: {t.date(on)}" for name, on in sorted(held.steps.items(), key=_by_day)))
    if s := signing:
        by = "; ".join(
            f"{t.country(side)}: {name}" for side, name in sorted(s.signatories.items(), key=lambda x: x[0] != own)
        )
        lines.append(t("Signed on {day} in {place}: {by}.", day=t.date(s.date), place=s.place, by=by))
        lines.append(t("The points stand as they were signed and are not changed any more."))
        if s.correction:
            lines.append(t("The entry was corrected: {reason}", reason=in_words(s.correction, t)))
    return tuple(lines)


def _by_day(step: tuple[str, date]) -> date:
    return step[1]


def _dates_form(t: Translator, held: Meeting) -> Form:
    fields = [Field("date", t("Day of the session"), "date", held.date.isoformat(), needed=True)]
    fields += [Field(f"step.{n}", _step(t, n), "date", held.steps[n].isoformat()) for n in STEPS if n in held.steps]
    line = t("Move the session and the dates that nobody changed move with it.")
    action = f"/{t.lang}/sessions/{held.id}/dates"
    return Form(action, tuple(fields), (("", t("Set the dates")),), t("Dates"), (line,), folded=True)


def _dates(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", Thing("meeting", desk.actor.side, author=desk.actor.login))
        to = day(sent.text("date"), "date")
        if to is None:
            raise InputError.at("date", "date", "no date is given", "write 2026-11-30")
        mine = own(desk, "meeting", ident)
        held = mine.payload if mine else None
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
        stated(desk, sent, ident)
        return f"/{lang}/sessions/{ident}"

    return acted(request, lang, sent, do, lambda visit: _session(visit, ident))


def _back(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", Thing("point", desk.actor.side, author=desk.actor.login))
        taken_back(desk, sent, ident)
        return f"/{lang}/sessions/{ident}"

    return acted(request, lang, sent, do, lambda visit: _session(visit, ident))


def _sign(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", Thing("meeting", desk.actor.side, author=desk.actor.login))
        signed(desk, sent, ident, lang)
        return f"/{lang}/sessions/{ident}"

    return acted(request, lang, sent, do, lambda visit: _session(visit, ident))


def _unsign(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", Thing("meeting", desk.actor.side, author=desk.actor.login))
        unsigned(desk, sent, ident, lang)
        return f"/{lang}/sessions/{ident}"

    return acted(request, lang, sent, do, lambda visit: _session(visit, ident))


for path, handler in (
    ("/{lang}/councils", _add),
    ("/{lang}/councils/named", _take),
    ("/{lang}/sessions", _convene),
    ("/{lang}/sessions/{ident}/dates", _dates),
    ("/{lang}/sessions/{ident}/points", _point),
    ("/{lang}/sessions/{ident}/points/back", _back),
    ("/{lang}/sessions/{ident}/signing", _sign),
    ("/{lang}/sessions/{ident}/signing/back", _unsign),
):
    router.add_route(path, door(handler), methods=["POST"])
