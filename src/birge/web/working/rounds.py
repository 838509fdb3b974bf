"""Reporting rounds: ask, send a workbook to each organisation, enter what came back, see who is silent, close.

`/rounds` → open_round; `/rounds/ID` → write_workbook (one or all), enter (all files of a letter or none), remind,
close_round, consolidate.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from birge.errors import InputError, Problem
from birge.store import rounds
from birge.store.access import Thing
from birge.store.agreement import known_organisations
from birge.store.desk import Desk
from birge.store.kinds import Answer, Letter, Round
from birge.store.records import listing
from birge.store.workbook import enter, fits, write_workbook
from birge.texts import Translator
from birge.web.blocks import Cell, Table
from birge.web.files import MEDIA, attached, table_file
from birge.web.forms import Field, Form, Sent, door
from birge.web.working.typed import day, in_words, payload
from birge.web.working.visit import Visit, acted, visited

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


def _may(desk: Desk) -> bool:
    return desk.may("write", Thing("round", desk.actor.side))


@router.get("/{lang}/rounds")
def rounds_page(request: Request, lang: str) -> Response:
    """Show the rounds of the reader's side, and the form to open one."""
    return _rounds(visited(request, lang))


def _rounds(visit: Visit) -> Response:
    t = visit.t
    with visit.desk() as desk:
        rows = tuple(
            (
                Cell(r.payload.id, f"/{t.lang}/rounds/{r.payload.id}"),
                Cell(t.date(r.payload.opened)),
                Cell(t.date(r.payload.closes)),
                Cell(str(len(r.payload.organisations)), kind="n"),
                Cell(t.date(r.payload.closed) if r.payload.closed else t("open")),
            )
            for r in listing(desk, "round")
        )
        bodies = known_organisations(desk.connection, desk.now.date()).values()
        own = tuple((o.id, o.name.get(t.lang)) for o in bodies if o.party in (None, visit.side))
        sessions = tuple(
            (r.payload.id, in_words(r.payload.title, t)) for r in listing(desk, "meeting") if r.side == visit.side
        )
        fields = (
            Field("id", t("Short name, such as autumn-2026"), needed=True),
            Field("closes", t("Last day for answers"), "date", needed=True),
            Field("meeting", t("For the session"), "select", "", (("", "-"), *sessions)),
            Field(
                "organisations", t("Whom to ask; nobody chosen: all that answer for something open"), "many", "", own
            ),
        )
        forms = [Form(f"/{t.lang}/rounds", fields, (("", t("Open a round")),), t("Open a round"))] if _may(desk) else []
    head = (t("Round"), t("Opened"), t("Closes"), t("Organisations asked"), t("Closed"))
    table = Table("rounds", t("Reporting rounds"), head, rows, empty=t("nothing is recorded"))
    return visit.show(t("Reporting rounds"), forms, (), (table,))


def _open(request: Request, sent: Sent, lang: str) -> Response:
    def do(desk: Desk) -> str:
        closes = day(sent.text("closes"), "closes")
        if closes is None:
            raise InputError.at("closes", "date", "no date is given", "write 2026-11-30")
        chosen, ident, meeting = sent.many("organisations"), sent.text("id"), sent.text("meeting") or None
        # a wrong id is told before the round is worked out
        payload(lambda: Round(id=ident, meeting=meeting, opened=closes, closes=closes, organisations=chosen))
        desk.require("write", Thing("round", desk.actor.side, author=desk.actor.login))
        rounds.open_round(desk, ident, closes, chosen, meeting)
        return f"/{lang}/rounds/{ident}"

    return acted(request, lang, sent, do, _rounds)


@router.get("/{lang}/rounds/{ident}")
def round_page(request: Request, lang: str, ident: str) -> Response:
    """Show a round: who has answered, who is silent, all answers in one table, and what can be done."""
    return _round(visited(request, lang), ident)


def _round(visit: Visit, ident: str) -> Response:
    t = visit.t
    base = f"/{t.lang}/rounds/{ident}"
    with visit.desk() as desk:
        held: Round = rounds.round_of(desk, ident).payload
        still = rounds.silent(desk, ident, t.lang)  # type: ignore[arg-type]
        asked, gathered = _asked(desk, t, held, still), _gathered(desk, t, ident)
        quiet = sum(1 for s in still if not s.answered)
        forms = _round_forms(t, base, len(still)) if held.closed is None and _may(desk) else []
    reminded = ", ".join(t.date(d) for d in held.reminded)
    lead = (
        t("Answers are due by {day}.", day=t.date(held.closes)),
        t.plural("{n} organisation is silent.", "{n} organisations are silent.", quiet),
        *(
            t("{name}: {n} of {all} answered, {left} left.").format(name=s.name, n=s.answered, all=s.items, left=s.left)
            for s in still
            if s.answered
        ),
        *((t("Reminded on {days}.", days=reminded),) if reminded else ()),
        *((t("Closed on {day}; it takes no more answers.", day=t.date(held.closed)),) if held.closed else ()),
    )
    papers = ((t("All workbooks (ZIP)"), f"{base}/workbooks.zip"), (t("All answers (XLSX)"), f"{base}/answers.xlsx"))
    table = Table("papers", t("Downloads"), (t("What"),), tuple((Cell(text, href),) for text, href in papers))
    title = t("Reporting round {name}", name=ident)
    return visit.show(title, forms, lead, (asked, table, gathered))


def _round_forms(t: Translator, base: str, quiet: int) -> list[Form]:
    back = (
        Field("number", t("Number of the letter"), needed=True),
        Field("date", t("Date of the letter"), "date", needed=True),
        Field("files", t("Workbooks (XLSX) that came with it"), "files", needed=True),
    )
    line = t("All of it is entered, or nothing: every error is listed by sheet and cell.")
    forms = [Form(f"{base}/workbooks", back, (("", t("Enter")),), t("Enter what came back"), (line,), files=True)]
    if quiet:
        note = t("Notes that those with no or only a partial answer are reminded today; the letters are yours to send.")
        forms.append(Form(f"{base}/remind", (), (("", t("Remind the silent")),), t("Reminder"), (note,)))
    note = t("A closed round takes no more answers.")
    return [*forms, Form(f"{base}/close", (), (("", t("Close the round")),), t("Close"), (note,))]


def _asked(desk: Desk, t: Translator, held: Round, quiet: list[rounds.Silent]) -> Table:
    """Return whom the round asks, with the workbook of each and what came back."""
    answers: dict[str, Answer] = {r.payload.organisation: r.payload for r in listing(desk, "answer", subject=held.id)}
    names = known_organisations(desk.connection, desk.now.date())
    still, kept = {s.organisation: s for s in quiet}, rounds.answered_in(desk, held.id)
    rows = []
    for body in rounds.covered(desk, held):
        said = answers.get(body)
        count = len(kept.get(body, ()))
        items = still[body].items if body in still else count
        word = t("silent")
        if said and count:
            word = t("{n} of {all} answered, letter {number} of {day}").format(
                n=count, all=items, number=said.letter.number, day=t.date(said.letter.date)
            )
        rows.append(
            (
                Cell(names[body].name.get(t.lang) if body in names else body),
                Cell(str(items), kind="n"),
                Cell("XLSX", f"/{t.lang}/rounds/{held.id}/workbook-{body}.xlsx"),
                Cell(word, kind="state"),
            )
        )
    return Table("asked", t("Who is asked"), (t("Organisation"), t("Items"), t("Workbook"), t("Answer")), tuple(rows))


def _gathered(desk: Desk, t: Translator, ident: str) -> Table:
    """Return all answers in the order of the plan."""
    language = t.lang
    rows = tuple(
        (
            Cell(r.title, f"/{t.lang}/report/{r.item}"),
            Cell(r.organisation),
            Cell(t.named("word", r.state.value) if r.state else t("no word"), kind="state"),
            Cell(t.date(r.finished) if r.finished else ""),
            Cell(r.text),
            Cell(r.letter),
        )
        for r in rounds.consolidate(desk, ident, language)  # type: ignore[arg-type]
    )
    head = (t("What"), t("Who"), t("Status"), t("Finished"), t("What was done"), t("Letter"))
    return Table("answers", t("All answers"), head, rows, empty=t("nothing is recorded"))


def _workbook(desk: Desk, ident: str, body: str, lang: str, items: list[rounds.Asked] | None = None) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workbook.xlsx"
        write_workbook(desk, ident, body, lang, path, items)  # type: ignore[arg-type]
        return path.read_bytes()


@router.get("/{lang}/rounds/{ident}/{name}")
def round_file(request: Request, lang: str, ident: str, name: str) -> Response:
    """Give the workbook of an organisation, all workbooks, or all answers in one table."""
    visit = visited(request, lang)
    t = visit.t
    with visit.desk() as desk:
        held: Round = rounds.round_of(desk, ident).payload
        if name == "answers.xlsx":
            return attached(table_file(_gathered(desk, t, ident), "xlsx"), f"{ident}-answers.xlsx", MEDIA["xlsx"])
        if name == "workbooks.zip":
            packed, items = io.BytesIO(), rounds.asked(desk, desk.now.date(), lang)  # type: ignore[arg-type]
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for body in rounds.covered(desk, held):
                    archive.writestr(f"{ident}-{body}.xlsx", _workbook(desk, ident, body, lang, items.get(body, [])))
            return attached(packed.getvalue(), f"{ident}-workbooks.zip", "application/zip")
        body = name.removeprefix("workbook-").removesuffix(".xlsx")
        if name != f"workbook-{body}.xlsx" or body not in rounds.covered(desk, held):
            raise HTTPException(404)
        return attached(_workbook(desk, ident, body, lang), f"{ident}-{body}.xlsx", MEDIA["xlsx"])


def _enter(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", Thing("answer", desk.actor.side, author=desk.actor.login))
        held: Round = rounds.round_of(desk, ident).payload
        came = payload(lambda: Letter(number=sent.text("number"), date=day(sent.text("date"), "date")))
        if held.closed is None:
            fits(desk, held, came)
        files, problems = sent.files("files"), list[Problem]()
        if not files:
            raise InputError.at("files", "no-file", "no workbook is given", "choose the workbooks that came back")
        for f in files:
            name = f.filename or "file"
            try:
                made = enter(desk, f.file.read(), name, came)
                if made.payload.round != ident:
                    what = f"is of the round {made.payload.round}"
                    problems.append(Problem(name, "round", what, "enter it on the page of that round"))
            except InputError as error:
                problems += [Problem(f"{name}: {p.where}", p.code, p.message, p.remedy) for p in error.problems]
        if problems:
            raise InputError(problems)
        return f"/{lang}/rounds/{ident}"

    return acted(request, lang, sent, do, lambda visit: _round(visit, ident))


def _remind(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", Thing("round", desk.actor.side, author=desk.actor.login))
        rounds.remind(desk, ident)
        return f"/{lang}/rounds/{ident}"

    return acted(request, lang, sent, do, lambda visit: _round(visit, ident))


def _close(request: Request, sent: Sent, lang: str, ident: str) -> Response:
    def do(desk: Desk) -> str:
        rounds.close_round(desk, ident)
        return f"/{lang}/rounds/{ident}"

    return acted(request, lang, sent, do, lambda visit: _round(visit, ident))


for path, handler in (
    ("/{lang}/rounds", _open),
    ("/{lang}/rounds/{ident}/workbooks", _enter),
    ("/{lang}/rounds/{ident}/remind", _remind),
    ("/{lang}/rounds/{ident}/close", _close),
):
    router.add_route(path, door(handler), methods=["POST"])
