"""`birge report`: the paper for a council, in four languages, as PDF, Word, Excel or HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from birge.cli.registered import RegistryUrl, from_registry, held_at, keep_run
from birge.cli.registry import Files, Who

if TYPE_CHECKING:
    from birge.pages import Wanted
    from birge.pages.changes import Session
    from birge.plan import Plan

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, help="The paper for a council: PDF, Word, Excel or HTML."
)

DRAWS = 2_000
ADDRESS = re.compile(r"https?://[^\s/?#\"'<>]+(/[^\s?#\"'<>]*)?")


@app.command()
def report(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write.")],
    plan: Annotated[
        Path | None, typer.Argument(metavar="[PLAN]", help="Plan file (YAML); the embedded plan if left out.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the paper: kk, ky, ru or en.")] = "en",
    form: Annotated[
        str | None,
        typer.Option("--format", help="pdf, docx, xlsx or html; by the ending of --out if left out."),
    ] = None,
    council: Annotated[
        str | None,
        typer.Option(
            "--council", metavar="DATE/ID", help="Session the paper is for: a date, or the id of a meeting of the plan."
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="DATE/ID/FILE",
            help="What changes are told from: a date, a meeting's id or an earlier plan file; the last session of a "
            "council if left out.",
        ),
    ] = None,
    side: Annotated[
        str | None,
        typer.Option("--side", metavar="CODE", help="Side whose paper it is, such as KAZ: it is named first."),
    ] = None,
    without_odds: Annotated[
        bool,
        typer.Option("--without-odds", help="Leave out everything that is of one side's run: the paper for both."),
    ] = False,
    facts: Annotated[
        Path | None, typer.Option("--facts", metavar="FILE", help="CSV or XLSX with more figures of the two sides.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Use only what was known on this date; today if left out."),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help="Number of simulated futures behind the odds.")] = DRAWS,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the simulation.")] = 1,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file where there is one.")] = False,
    run: Annotated[
        str,
        typer.Option("--run", metavar="ID", help="With --url: the kept run to cite, or `new`; the newest if left out."),
    ] = "",
    address: Annotated[
        str,
        typer.Option(
            "--address", metavar="URL", help="Where readers reach the pages: the paper carries its link, as a QR too."
        ),
    ] = "",
    url: RegistryUrl = "",
    who: Who = "",
    files: Files = None,
) -> None:
    """Write the paper: answer, changes since the last council, decisions due, measures, both sides' figures, sources.

    Odds are a side's own until both sides have released them; --without-odds gives the paper for both.
    """
    from birge.cli.plan import checked
    from birge.cli.stats import book
    from birge.pages import Wanted, paper
    from birge.report.paper import write_paper

    today = as_of.date() if as_of else date.today()
    code = side.upper() if side else None
    registered = from_registry(ctx, plan)
    if registered:
        own = held_at(url, files, who, today, book(facts))
        holding = held_at(url, files, who, today, book(facts), joint=True) if without_odds else own
        chosen, known, code, ours = holding.plan, holding.book, code or holding.side or None, own.plan
    else:
        chosen, known = checked(plan), book(facts)
        ours = chosen
    kind = _checked(chosen, out, lang, form, code, overwrite, address)
    session = _session(ours, council, lang)
    before, title = _before(ours, since, council, session.day if session else today, today, lang)
    wanted = Wanted(
        plan=chosen,
        book=known,
        as_of=today,
        lang=lang,
        side=code,
        council=session,
        since=before,
        since_title=title,
        address=address,
    )
    if registered:
        meeting = council if council and _day(council) is None else None
        wanted = _kept(wanted, url, files, who, meeting, None if without_odds else run)
    if wanted.run is None and not without_odds:
        from birge.assess import assess

        fresh = assess(chosen, draws, seed, as_of=today, factbook=known)
        wanted = replace(wanted, run=fresh)
        if registered and (told := keep_run(url, files, who, fresh)):
            print(told)
    write_paper(paper(wanted), out, kind)
    print(f"{out} written: {chosen.title.get(lang)}")


def _kept(wanted: Wanted, url: str, files: Path | None, who: str, meeting: str | None, run: str | None) -> Wanted:
    """Return what is wanted with the registry's statements and, unless `run` is None, the runs that it keeps."""
    from birge.cli.registry import sit_down
    from birge.pages import registered

    since = wanted.since if isinstance(wanted.since, date) else None
    with sit_down(url, files, who, writes=False) as desk:
        reader = registered.jointly(desk) if run is None else desk
        said = registered.said_for(reader, wanted.as_of, wanted.lang, meeting, since)
        wanted = replace(wanted, said=said)
        if run is None:
            return wanted
        cited = None if run == "new" else registered.run_of(desk, run) if run else registered.cited(desk, wanted.as_of)
        earlier = registered.cited(desk, since) if since else None
        return replace(wanted, run=cited, before=earlier, sought=since is not None)


def _checked(
    plan: Plan, out: Path, lang: str, form: str | None, side: str | None, overwrite: bool, address: str = ""
) -> str:
    """Return the format; raises InputError with everything that is wrong with the options."""
    from birge.errors import InputError, Problem
    from birge.report.paper import FORMATS
    from birge.texts import LANGUAGES

    problems: list[Problem] = []
    if lang not in LANGUAGES:
        problems.append(Problem("--lang", "language", f"{lang!r} is not a language of papers", "use kk, ky, ru or en"))
    ending = out.suffix.lower().removeprefix(".")
    kind = form or ending
    if kind not in FORMATS:
        where = "--format" if form else "--out"
        told = f"{form!r} is no format" if form else f"{out.name} has no ending that says the format"
        problems.append(Problem(where, "format", told, f"use {', '.join(FORMATS)}"))
    elif ending != kind:
        told = f"{out.name} does not end in .{kind}"
        problems.append(Problem("--out", "format", told, f"name it {out.stem or 'paper'}.{kind}"))
    if address and not ADDRESS.fullmatch(address):
        told = f"{address[:80]!r} is no address of a server"
        problems.append(Problem("--address", "address", told, "write it as in a browser, such as https://plan.example"))
    codes = [p.code for p in plan.parties]
    if side is not None and side not in codes:
        told = f"{side!r} is no side of {plan.id}"
        problems.append(Problem("--side", "side-unknown", told, f"use {' or '.join(codes)}"))
    if out.is_dir():
        problems.append(Problem("--out", "file-unwritable", f"{out} is a folder", "name a file in it"))
    elif out.exists() and not overwrite:
        # Somebody may have edited it since it was written.
        told = f"there is a file {out} already"
        problems.append(Problem("--out", "file-exists", told, "name another file, or say --overwrite"))
    if problems:
        raise InputError(problems)
    return kind


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _meeting(plan: Plan, option: str, text: str, lang: str) -> Session:
    """Return the meeting of the plan that `text` names; raises InputError where there is none with a day."""
    from birge.errors import InputError
    from birge.pages.changes import Session, sessions
    from birge.pages.sides import shown

    found = next((m for m in plan.meetings if m.id == text), None)
    if found is None:
        known = ", ".join(name for name, _ in sessions(plan)) or "none: the plan names no session of a council"
        told = f"{text!r} is neither a date nor a meeting of {plan.id}"
        raise InputError.at(option, "council-unknown", told, f"use a date such as 2026-11-24, or one of {known}")
    if found.date is None:
        raise InputError.at(option, "council-undated", f"the day of {text} is not published", "use a date")
    return Session(shown(found.title, lang), found.date)


def _session(plan: Plan, council: str | None, lang: str) -> Session | None:
    from birge.pages.changes import Session

    if council is None:
        return None
    day = _day(council)
    return Session("", day) if day else _meeting(plan, "--council", council, lang)


def _before(
    plan: Plan, since: str | None, council: str | None, session: date, today: date, lang: str
) -> tuple[Plan | date | None, str]:
    """Return what changes are told from, and its title: as said, or the last session before this one and today."""
    from birge.cli.plan import checked
    from birge.errors import InputError
    from birge.pages.changes import last_council

    if since is not None and (Path(since).suffix.lower() in (".yaml", ".yml") or Path(since).is_file()):
        return checked(Path(since)), ""
    if since is not None and (day := _day(since)):
        title, found = "", day
    else:
        last = last_council(plan, min(session, today)) if since is None else (since, today)
        if last is None:
            return None, ""
        told = _meeting(plan, "--since", last[0], lang)
        title, found = told.title, told.day
    if found > today:
        raise InputError.at("--since", "date-future", f"{found} is after {today}", "use a day that has passed")
    return found, title
