"""`birge council`, the paper of a session: points, the draft protocol, statements, signing, extracts."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from birge.cli.desks import Who, sit_down
from birge.cli.users import DEFAULT, Files, Url
from birge.cli.words import Also, Authentic, Language, authentic, known_language, words_of

__all__ = [
    "extracts_command",
    "point_command",
    "points_command",
    "protocol",
    "sign_command",
    "statement",
    "unsign_command",
    "withdraw_command",
]

DAY = ["%Y-%m-%d"]


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
            state = {"kept": "kept on our side", "late": "not in the signed paper"}.get(p.state, p.state)
            where = f" in {', '.join(p.differs)}" if p.differs else ""
            where += f" (signed; stated otherwise since by {', '.join(p.late)}, which does not count)" if p.late else ""
            print(f"{p.number}  {state}{where}")
            said = {"": p.agreed} if p.agreed else {f"{side}: ": r.payload for side, r in p.by_side.items()}
            for side, point in said.items():
                words: dict[Any, str] = point.text
                print(f"   {side}{words.get(lang) or next(iter(words.values()))}")


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
    from birge.store.own import put
    from birge.store.records import load_payload, share, submit

    data: dict[str, Any] = {"meeting": meeting, "number": number, "text": words_of(lang, text, also)}
    data |= {"owners": list(owner or ())} | ({"due": due.date().isoformat()} if due else {})
    payload = load_payload("point", data, f"{meeting}:{number}")
    with sit_down(url, files, who) as desk:
        made = put(desk, "point", payload)
        share(desk, submit(desk, made.id, made.version).id, made.version)
    print(f"{meeting} point {number}: version {made.version}, released")


def withdraw_command(
    meeting: Annotated[str, typer.Argument(metavar="MEETING")],
    number: Annotated[str, typer.Argument(metavar="NUMBER")],
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Take back your side's wording of a point; after signing the points stand as they were signed."""
    from birge.store.council import withdraw

    with sit_down(url, files, who) as desk:
        withdraw(desk, meeting, number)
    print(f"{meeting} point {number}: taken back")


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

    Only what is released stands in it; how many wordings are kept on your side and left out is said.

    The authentic languages and the prevailing one are those of the council unless they are given.
    """
    from birge.pages.protocol import drafted
    from birge.report.protocol import originals
    from birge.store.council import points

    chosen, first = authentic(languages), known_language(prevailing) if prevailing else None
    with sit_down(url, files, who, writes=False) as desk:
        draft = drafted(desk, meeting, chosen, first)
        kept = [p.number for p in points(desk, meeting) if p.state == "kept"]
    for path in originals(draft, out):
        print(path)
    open_points = [p.number for p in draft.points if p.agreed is None]
    print(f"{len(draft.points)} points, not agreed: {', '.join(open_points) or 'none'}")
    if kept:
        print(f"wordings kept on our side and left out: {len(kept)} ({', '.join(kept)})")


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

    language = known_language(lang) if lang else None
    with sit_down(url, files, who, writes=False) as desk:
        found = extracted(desk, meeting, language)
    made = write_extracts(found, out)
    print("\n".join(f"{path}" for path in made) or "no decision names an organisation of your side or a joint one")


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

    words: Any = words_of(lang, text, also)
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


def sign_command(
    meeting: Annotated[str, typer.Argument(metavar="MEETING")],
    on: Annotated[datetime, typer.Option("--date", formats=DAY, help="Day of signing.")],
    place: Annotated[str, typer.Option("--place", help="Where.")],
    by: Annotated[list[str], typer.Option("--by", help="SIDE=NAME of who signed; once for each side.")],
    scan: Annotated[Path | None, typer.Option("--scan", help="The signed paper (PDF, PNG or JPEG).")] = None,
    prevailing: Annotated[str, typer.Option("--prevailing", help="Prevailing language, if the paper names one.")] = "",
    correction: Annotated[
        str, typer.Option("--correction", help="Why what was entered before is corrected; it stays in the history.")
    ] = "",
    lang: Language = "ru",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Enter that the protocol was signed on paper; its points become decisions, with an extract per organisation."""
    from birge.errors import InputError
    from birge.store.council import extracts, sign
    from birge.store.kinds import Signing
    from birge.store.own import own
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
        language: Any = known_language(prevailing) if prevailing else None
        before = own(desk, "meeting", meeting)
        if held is None and before is not None and before.payload.signing is not None:
            held = before.payload.signing.scan
        why: Any = words_of(lang, correction, None) if correction else None
        signing = Signing(
            date=on.date(), place=place, signatories=names, scan=held, prevailing=language, correction=why
        )
        print(f"{meeting}: {len(sign(desk, meeting, signing))} decisions")
        for body, decisions in extracts(desk, meeting).items():
            for d in decisions:
                print(f"  {body}: {d.id}{f', due {d.due}' if d.due else ''}")


def unsign_command(
    meeting: Annotated[str, typer.Argument(metavar="MEETING")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is withdrawn; it stays in the history.")],
    lang: Language = "ru",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Withdraw your side's entry that a protocol was signed: its decisions are taken back, its points open again."""
    from birge.store.council import signing_of, unsign

    why: Any = words_of(lang, reason, None)
    with sit_down(url, files, who) as desk:
        unsign(desk, meeting, why)
        theirs = signing_of(desk, meeting) is not None
    print(f"{meeting}: the entry of the signing is withdrawn" + (f"; {desk.other}'s entry stands" if theirs else ""))
