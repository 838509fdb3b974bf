"""`birge council`: the weeks before a session, from the command line.

The paper of a session, its points and extracts stand in `protocol`.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from birge.cli.desks import Who, sit_down
from birge.cli.protocol import (
    extracts_command,
    point_command,
    points_command,
    protocol,
    sign_command,
    statement,
    unsign_command,
    withdraw_command,
)
from birge.cli.users import DEFAULT, Files, Url
from birge.cli.words import Also, Authentic, Language, authentic, known_language, words_of

if TYPE_CHECKING:
    from birge.store.rounds import Row, Silent

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="A council's dates, reporting rounds and decisions."
)

Round = Annotated[str, typer.Argument(metavar="ROUND", help="Id of the round.")]
DAY = ["%Y-%m-%d"]


@app.command()
def convene(
    meeting: Annotated[str, typer.Argument(metavar="MEETING", help="Id of the session, such as igc-14.")],
    on: Annotated[datetime, typer.Option("--date", formats=DAY, help="Day of the session.")],
    council: Annotated[str, typer.Option("--council", help="Id of the council; made if there is none.")] = "council",
    title: Annotated[str, typer.Option("--title", help="Title of the session.")] = "",
    body: Annotated[
        str, typer.Option("--body", help="Kind of council, such as 'intergovernmental council'.")
    ] = "intergovernmental council",
    place: Annotated[str, typer.Option("--place", help="Where the session is held.")] = "",
    languages: Authentic = "",
    prevailing: Annotated[
        str, typer.Option("--prevailing", help="Authentic language that prevails where they differ.")
    ] = "",
    lang: Language = "en",
    also: Also = None,
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Set the day of a session, or move it; prints the dates counted back from it."""
    from birge.store.council import convene as call
    from birge.store.council import missed, move
    from birge.store.own import own
    from birge.store.records import create, listing, load_payload, submit

    words = words_of(lang, title or meeting, also)
    papers = {"languages": authentic(languages), "prevailing": known_language(prevailing) if prevailing else None}
    with sit_down(url, files, who) as desk:
        if not listing(desk, "council", key=council):
            made = create(
                desk,
                "council",
                load_payload("council", {"id": council, "title": words, "body": body, **papers}, council),
            )
            submit(desk, made.id, made.version)
        if own(desk, "meeting", meeting):
            record = move(desk, meeting, on.date())
        else:
            data = {"id": meeting, "council": council, "title": words, "date": on.date().isoformat()}
            data |= {"place": place} if place else {}
            payload: Any = load_payload("meeting", data, meeting)
            record = call(desk, payload)
        held, over = record.payload, missed(desk, record)
    for name, day in sorted({**held.steps, "session": held.date}.items(), key=lambda s: s[1]):
        print(f"{day}  {name}" + (" (over already: do it at once, or set another day)" if name in over else ""))


@app.command("step")
def step_command(
    meeting: Annotated[str, typer.Argument(metavar="MEETING")],
    step: Annotated[str, typer.Argument(metavar="STEP", help="request, consolidation, exchange, closed or extracts.")],
    on: Annotated[datetime, typer.Option("--date", formats=DAY, help="The new day of the step.")],
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Set one date of a session's cycle by hand."""
    from birge.errors import InputError
    from birge.store import Missing
    from birge.store.council import STEPS, move
    from birge.store.own import own

    if step not in STEPS:
        raise InputError.at("STEP", "step", f"there is no step {step!r}", f"use one of {', '.join(STEPS)}")
    with sit_down(url, files, who) as desk:
        held = own(desk, "meeting", meeting)
        if held is None:
            raise Missing(f"there is no meeting {meeting!r} of ours", id=meeting)
        move(desk, meeting, held.payload.date, {step: on.date()})
    print(f"{meeting}: {step} on {on.date()}")


@app.command()
def dates(who: Who = "", url: Url = DEFAULT, files: Files = None) -> None:
    """Print all dates of the sessions in order."""
    from birge.store.council import calendar

    with sit_down(url, files, who, writes=False) as desk:
        rows = [f"{s.day}  {s.meeting}  {s.step}{' (set by hand)' if s.edited else ''}" for s in calendar(desk)]
    print("\n".join(rows) or "no session is set")


@app.command("open")
def open_command(
    ident: Round,
    closes: Annotated[datetime, typer.Option("--closes", formats=DAY, help="Last day for answers.")],
    organisation: Annotated[
        list[str] | None, typer.Option("--organisation", help="Whom to ask; all that answer for something if left out.")
    ] = None,
    meeting: Annotated[str, typer.Option("--meeting", help="The session it is for.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write a workbook per organisation into.")] = None,
    lang: Language = "en",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Open a reporting round and write a workbook per organisation."""
    from birge.store.rounds import open_round
    from birge.store.workbook import write_workbook

    language: Any = known_language(lang)
    with sit_down(url, files, who) as desk:
        made = open_round(desk, ident, closes.date(), tuple(organisation or ()), meeting or None)
        for name in made.payload.organisations:
            if out is None:
                print(f"{name}: asked")
                continue
            out.mkdir(parents=True, exist_ok=True)
            path = out / f"{ident}-{name}.xlsx"
            print(f"{path}: {write_workbook(desk, ident, name, language, path)} items")


@app.command()
def enter(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Workbooks that came back with one letter.")],
    letter: Annotated[str, typer.Option("--letter", help="Number of the letter.")],
    dated: Annotated[datetime, typer.Option("--dated", formats=DAY, help="Date of the letter.")],
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Enter workbooks: all of them, or, with every error by sheet and cell, nothing."""
    from birge.errors import InputError, Problem
    from birge.store.kinds import Letter
    from birge.store.workbook import enter as take

    came = Letter(number=letter, date=dated.date())
    problems: list[Problem] = []
    lines = []
    with sit_down(url, files, who) as desk:
        for path in paths:
            try:
                answer = take(desk, path.read_bytes(), path.name, came).payload
                lines.append(f"{path}: {answer.organisation}, {len(answer.items)} items answered, letter {letter}")
            except InputError as error:
                problems += [Problem(f"{path}: {p.where}", p.code, p.message, p.remedy) for p in error.problems]
            except OSError as error:
                problems.append(Problem(str(path), "file-unreadable", error.strerror or "", "name a file that exists"))
        if problems:
            raise InputError(problems)
    print("\n".join(lines))


@app.command()
def silent(
    ident: Round,
    remind: Annotated[bool, typer.Option("--remind", help="Note that they are reminded today.")] = False,
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Print who has not answered in a round, or not for every item."""
    from birge.store import rounds

    with sit_down(url, files, who, writes=remind) as desk:
        found = (rounds.remind if remind else rounds.silent)(desk, ident)
    print(_silent(found))


@app.command()
def close(ident: Round, who: Who = "", url: Url = DEFAULT, files: Files = None) -> None:
    """Close a round; it takes no more answers. Prints who stayed silent."""
    from birge.store.rounds import close_round

    with sit_down(url, files, who) as desk:
        found = close_round(desk, ident)
    print(_silent(found))


@app.command()
def consolidate(
    ident: Round,
    out: Annotated[Path | None, typer.Option("--out", help="Write the table to this XLSX file.")] = None,
    lang: Language = "en",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Print or write all answers of a round in one table, in the order of the plan."""
    from birge.store.rounds import consolidate as gather

    language: Any = known_language(lang)
    with sit_down(url, files, who, writes=False) as desk:
        rows = gather(desk, ident, language)
    if out is not None:
        _table(rows, out, lang)
        print(f"{out}: {len(rows)} rows")
        return
    for r in rows:
        word = f"{r.state.value}{f' on {r.finished}' if r.finished else ''}" if r.state else "no word"
        print(
            f"{r.item}  {r.organisation}: {word}{f'. {r.text}' if r.text else ''}{f' ({r.letter})' if r.letter else ''}"
        )


app.command("points")(points_command)
app.command("point")(point_command)
app.command("withdraw")(withdraw_command)
app.command()(protocol)
app.command("extracts")(extracts_command)
app.command()(statement)
app.command("sign")(sign_command)
app.command("unsign")(unsign_command)


def _silent(found: list[Silent]) -> str:
    def told(s: Silent) -> str:
        return f"{s.answered} of {s.items} answered, {s.left} left" if s.answered else f"{s.items} open items"

    return "\n".join(f"{s.organisation}  {s.name}: {told(s)}" for s in found) or "nobody is silent"


def _table(rows: list[Row], path: Path, lang: str) -> None:
    import xlsxwriter

    from birge.texts import translator

    t = translator(lang)
    titles = (t("What"), t("Who"), t("Status"), t("Finished"), t("What was done"), t("Letter"), t("Item"))
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Birge")
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        head = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd" if lang == "en" else "dd.mm.yyyy", "valign": "top"})
        grey = book.add_format({"font_color": "#808080", "font_size": 8, "valign": "top"})
        sheet.write_row(0, 0, titles, head)
        for n, r in enumerate(rows, start=1):
            said = t.named("word", r.state.value) if r.state else t("no word")
            sheet.write_row(n, 0, [r.title, r.organisation, said], wrap)
            if r.finished:
                sheet.write_datetime(n, 3, _midnight(r.finished), day)
            sheet.write_row(n, 4, [r.text, r.letter], wrap)
            sheet.write(n, 6, r.item, grey)
        for column, width in enumerate((60, 36, 18, 12, 60, 20, 10)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
