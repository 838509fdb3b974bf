"""`birge council`: the weeks before a session, from the command line."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from birge.cli.registry import DEFAULT, Files, Url, Who, sit_down

if TYPE_CHECKING:
    from birge.store.rounds import Row, Silent

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="A council's dates, reporting rounds and decisions."
)

Round = Annotated[str, typer.Argument(metavar="ROUND", help="Id of the round.")]
Language = Annotated[str, typer.Option("--lang", help="Language of titles: en, ru, kk or ky.")]
DAY = ["%Y-%m-%d"]
Also = Annotated[
    list[str] | None,
    typer.Option("--also", metavar="LANG=TEXT", help="The same in another language; may be repeated."),
]
Authentic = Annotated[
    str, typer.Option("--languages", metavar="LANG,LANG", help="Authentic languages in their order, such as kk,ky,ru.")
]


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
    from birge.store.council import move
    from birge.store.records import create, listing, load_payload, submit

    words = _words(lang, title or meeting, also)
    papers = {"languages": _authentic(languages), "prevailing": _language(prevailing) if prevailing else None}
    with sit_down(url, files, who) as desk:
        if not listing(desk, "council", key=council):
            made = create(
                desk,
                "council",
                load_payload("council", {"id": council, "title": words, "body": body, **papers}, council),
            )
            submit(desk, made.id, made.version)
        mine = [r for r in listing(desk, "meeting", key=meeting) if r.side == desk.actor.side]
        if mine:
            record = move(desk, meeting, on.date())
        else:
            data = {"id": meeting, "council": council, "title": words, "date": on.date().isoformat()}
            data |= {"place": place} if place else {}
            payload: Any = load_payload("meeting", data, meeting)
            record = call(desk, payload)
        held = record.payload
    for name, day in sorted({**held.steps, "session": held.date}.items(), key=lambda s: s[1]):
        print(f"{day}  {name}")


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
    from birge.store.records import listing

    if step not in STEPS:
        raise InputError.at("STEP", "step", f"there is no step {step!r}", f"use one of {', '.join(STEPS)}")
    with sit_down(url, files, who) as desk:
        held = [r.payload for r in listing(desk, "meeting", key=meeting) if r.side == desk.actor.side]
        if not held:
            raise Missing(f"there is no meeting {meeting!r} of ours", id=meeting)
        move(desk, meeting, held[0].date, {step: on.date()})
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

    language: Any = _language(lang)
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
    """Print who has not answered in a round."""
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

    language: Any = _language(lang)
    with sit_down(url, files, who, writes=False) as desk:
        rows = gather(desk, ident, language)
    if out is not None:
        _table(rows, out)
        print(f"{out}: {len(rows)} rows")
        return
    for r in rows:
        word = f"{r.state.value}{f' on {r.finished}' if r.finished else ''}" if r.state else "no word"
        print(
            f"{r.item}  {r.organisation}: {word}{f'. {r.text}' if r.text else ''}{f' ({r.letter})' if r.letter else ''}"
        )


@app.command("points")
def points_command(
    meeting: Annotated[str, typer.Argument(metavar="MEETING")],
    lang: Language = "en",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Print the points of a protocol: agreed, or each side's wording."""
    from birge.store.council import points

    with sit_down(url, files, who, writes=False) as desk:
        for p in points(desk, meeting):
            print(f"{p.number}  {p.state}")
            for side, r in p.by_side.items():
                words = r.payload.text
                text = words.get(lang) or next(iter(words.values()))
                print(f"   {text}" if p.state == "agreed" else f"   {side}: {text}")
                if p.state == "agreed":
                    break


@app.command("point")
def point_command(
    meeting: Annotated[str, typer.Argument(metavar="MEETING")],
    number: Annotated[str, typer.Argument(metavar="NUMBER")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Your side's wording.")],
    owner: Annotated[list[str] | None, typer.Option("--owner", help="Id of an organisation; may be repeated.")] = None,
    due: Annotated[datetime | None, typer.Option("--due", formats=DAY, help="Until when it is to be done.")] = None,
    lang: Language = "ru",
    also: Also = None,
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """State your side's wording of a point and release it to the other side."""
    from birge.store.records import create, edit, listing, load_payload, share, submit

    data: dict[str, Any] = {"meeting": meeting, "number": number, "text": _words(lang, text, also)}
    data |= {"owners": list(owner or ())} | ({"due": due.date().isoformat()} if due else {})
    payload = load_payload("point", data, f"{meeting}:{number}")
    with sit_down(url, files, who) as desk:
        mine = [r for r in listing(desk, "point", key=f"{meeting}:{number}") if r.side == desk.actor.side]
        made = edit(desk, mine[0].id, mine[0].newest, payload) if mine else create(desk, "point", payload)
        share(desk, submit(desk, made.id, made.version).id, made.version)
    print(f"{meeting} point {number}: version {made.version}, released")


@app.command()
def protocol(
    meeting: Annotated[str, typer.Argument(metavar="MEETING")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder for the two originals (DOCX).")],
    languages: Authentic = "",
    prevailing: Annotated[
        str, typer.Option("--prevailing", help="Authentic language that prevails where they differ.")
    ] = "",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Draft the protocol: two originals, each naming its own side first; contested points in brackets.

    The authentic languages and the prevailing one are those of the council unless they are given.
    """
    from birge.pages.protocol import drafted
    from birge.report.protocol import originals

    chosen, first = _authentic(languages), _language(prevailing) if prevailing else None
    with sit_down(url, files, who, writes=False) as desk:
        draft = drafted(desk, meeting, chosen, first)
    for path in originals(draft, out):
        print(path)
    open_points = [p.number for p in draft.points if p.agreed is None]
    print(f"{len(draft.points)} points, not agreed: {', '.join(open_points) or 'none'}")


@app.command("extracts")
def extracts_command(
    meeting: Annotated[str, typer.Argument(metavar="MEETING")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder for the extracts (DOCX and XLSX).")],
    lang: Annotated[
        str, typer.Option("--lang", help="Language: en, ru, kk or ky; the prevailing or first authentic one else.")
    ] = "",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Write an extract of the signed protocol for each organisation of your side, with its own decisions only."""
    from birge.pages.protocol import extracted
    from birge.report.extracts import write_extracts

    language = _language(lang) if lang else None
    with sit_down(url, files, who, writes=False) as desk:
        found = extracted(desk, meeting, language)
    made = write_extracts(found, out)
    print("\n".join(f"{path}" for path in made) or "no decision names an organisation of this side")


@app.command()
def statement(
    meeting: Annotated[str, typer.Argument(metavar="MEETING", help="Id of the session, or a date for none.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What your side states.")],
    on: Annotated[
        datetime | None, typer.Option("--date", formats=DAY, help="Day of the statement; today if left out.")
    ] = None,
    lang: Language = "ru",
    also: Also = None,
    keep: Annotated[bool, typer.Option("--keep", help="Do not release it to the other side yet.")] = False,
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """State your side's words for the paper of a session; again replaces them. It is released to the other side."""
    from birge.store.council import meeting_of
    from birge.store.records import share
    from birge.store.statements import state

    words: Any = _words(lang, text, also)
    with sit_down(url, files, who) as desk:
        try:
            day, session = date.fromisoformat(meeting), None
        except ValueError:
            session = meeting_of(desk, meeting).payload.id
            day = on.date() if on else desk.now.date()
        made = state(desk, words, day, session)
        if not keep:
            share(desk, made.id, made.version)
    print(f"statement of {made.side} for {meeting}: version {made.version}, {'kept' if keep else 'released'}")


@app.command("sign")
def sign_command(
    meeting: Annotated[str, typer.Argument(metavar="MEETING")],
    on: Annotated[datetime, typer.Option("--date", formats=DAY, help="Day of signing.")],
    place: Annotated[str, typer.Option("--place", help="Where.")],
    by: Annotated[list[str], typer.Option("--by", help="SIDE=NAME of who signed; once for each side.")],
    scan: Annotated[Path | None, typer.Option("--scan", help="The signed paper (PDF).")] = None,
    prevailing: Annotated[str, typer.Option("--prevailing", help="Prevailing language, if the paper names one.")] = "",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Enter that the protocol was signed on paper; its points become decisions, with an extract per organisation."""
    from birge.errors import InputError
    from birge.store.council import extracts, sign
    from birge.store.kinds import Signing
    from birge.store.progress import attach

    names = dict(b.partition("=")[::2] for b in by)
    if not all(k and v for k, v in names.items()):
        raise InputError.at("--by", "signatory", "not SIDE=NAME", "write for example --by KAZ='A. Name, Minister'")
    with sit_down(url, files, who) as desk:
        held = None
        if scan is not None:
            try:
                with scan.open("rb") as stream:
                    held = attach(desk, stream, scan.name).hash
            except OSError as error:
                raise InputError.at(str(scan), "file-unreadable", error.strerror or "", "name a file") from error
        language: Any = _language(prevailing) if prevailing else None
        signing = Signing(date=on.date(), place=place, signatories=names, scan=held, prevailing=language)
        print(f"{meeting}: {len(sign(desk, meeting, signing))} decisions")
        for body, decisions in extracts(desk, meeting).items():
            for d in decisions:
                print(f"  {body}: {d.id}{f', due {d.due}' if d.due else ''}")


def _language(lang: str) -> str:
    from birge.errors import InputError
    from birge.store.kinds import LANGUAGES

    if lang not in LANGUAGES:
        raise InputError.at("--lang", "language", f"{lang!r} is no language here", f"use {', '.join(LANGUAGES)}")
    return lang


def _words(lang: str, text: str, also: list[str] | None) -> dict[str, str]:
    """Return a text by language: `text` in `lang`, and what `--also LANG=TEXT` adds."""
    from birge.errors import InputError

    words = {_language(lang): text}
    for each in also or ():
        name, _, more = each.partition("=")
        if not more:
            raise InputError.at("--also", "text", f"{each!r} is no LANG=TEXT", "write for example --also kk='…'")
        words[_language(name)] = more
    return words


def _authentic(languages: str) -> tuple[str, ...]:
    return tuple(_language(lang.strip()) for lang in languages.split(",")) if languages else ()


def _silent(found: list[Silent]) -> str:
    return "\n".join(f"{s.organisation}  {s.name}: {s.items} open items" for s in found) or "nobody is silent"


def _table(rows: list[Row], path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Birge")
        head, day = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(
            0, 0, ["Item", "Title", "Organisation", "State", "Finished on", "What was done", "Letter"], head
        )
        for n, r in enumerate(rows, start=1):
            sheet.write_row(n, 0, [r.item, r.title, r.organisation, r.state.value if r.state else "no word"])
            if r.finished:
                sheet.write_datetime(n, 4, _midnight(r.finished), day)
            sheet.write_row(n, 5, [r.text, r.letter])
        sheet.set_column(1, 1, 60)
        sheet.set_column(5, 5, 60)
        sheet.freeze_panes(1, 0)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
