"""`birge registry`, what a desk enters: confirm, report, translate, put and list records, release them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from birge.cli.desks import Who, sit_down
from birge.cli.users import DEFAULT, Files, Url
from birge.cli.words import known_language

if TYPE_CHECKING:
    from birge.store import Desk

__all__ = ["confirm", "list_command", "put", "report_command", "share", "translate"]


def confirm(
    record: Annotated[
        str,
        typer.Argument(
            metavar="RECORD", help="Id of the record; of a plan version its hash, `plan` where only one waits."
        ),
    ],
    sent_back: Annotated[bool, typer.Option("--send-back", help="Send it back instead.")] = False,
    note: Annotated[str, typer.Option("--note", help="A word with it; the reason, where it is sent back.")] = "",
    lang: Annotated[str, typer.Option("--lang", help="Language of the note: en, ru, kk or ky.")] = "en",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Confirm a record for your side, or send it back; nobody confirms what they wrote. No legal force is claimed."""
    from birge.store.plans import confirm as say
    from birge.store.records import read

    language: Any = known_language(lang)
    with sit_down(url, files, who) as desk:
        about = read(desk, _version(desk, record))
        said = say(desk, about.id, sent_back, {language: note} if note else None)
        # a plan has one hash wherever it is told: at its import, in the status, on the pages
        told = about.payload.digest if about.kind == "plan" else said.payload.hash
        print(f"{said.payload.verdict} by {desk.actor.name} for {desk.actor.side}: {told}")


def _version(desk: Desk, named: str) -> str:
    """Return the id of the record that is meant: by itself, by the beginning of a plan's hash, or the plan that waits.

    Raises InputError where more than one plan version is meant.
    """
    from birge.errors import InputError
    from birge.store import Missing
    from birge.store.plans import stands

    found = stands(desk)
    if named == "plan":
        if not found:
            raise Missing("there is no plan in this registry: import one")
        waits = [s for s in found if not s.agreed]
        ours = [s for s in waits if desk.actor.side not in (*s.confirmed, *s.sent_back)]
        meant = ours or waits or found[:1]
    else:
        meant = [s for s in found if len(named) >= 8 and s.digest.startswith(named)]
    if len(meant) > 1:
        listed = "; ".join(f"{s.digest[:12]} by {s.side}, effective from {s.effective}" for s in meant)
        raise InputError.at("RECORD", "which-plan", f"{len(meant)} versions wait: {listed}", "name one by its hash")
    return meant[0].record if meant else named


def report_command(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="Id of a milestone, measure or decision.")],
    state: Annotated[str, typer.Option("--state", help="not started, in progress, done or stopped.")],
    finished: Annotated[
        datetime | None, typer.Option("--finished", formats=["%Y-%m-%d"], help="The day it was done, with `done` only.")
    ] = None,
    on: Annotated[
        datetime | None, typer.Option("--reported", formats=["%Y-%m-%d"], help="Date of the report; today if left out.")
    ] = None,
    text: Annotated[str, typer.Option("--text", help="What was done.")] = "",
    lang: Annotated[str, typer.Option("--lang", help="Language of the text: en, ru, kk or ky.")] = "en",
    evidence: Annotated[list[Path] | None, typer.Option("--evidence", help="A file; may be repeated.")] = None,
    organisation: Annotated[
        str, typer.Option("--organisation", help="Who reports; the side as such if left out.")
    ] = "",
    draft: Annotated[bool, typer.Option("--draft", help="Keep it as a draft.")] = False,
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Report how far an item is, with evidence; it is your side's own until released."""
    from birge.errors import InputError
    from birge.store.progress import attach, report
    from birge.store.records import load_payload

    with sit_down(url, files, who) as desk:
        proofs = []
        for path in evidence or ():
            try:
                with path.open("rb") as stream:
                    proofs.append(attach(desk, stream, path.name).model_dump())
            except OSError as error:
                raise InputError.at(str(path), "file-unreadable", error.strerror or "", "name a file") from error
        data: dict[str, Any] = {"item": item, "state": state, "evidence": proofs}
        data["reported"] = (on.date() if on else desk.now.date()).isoformat()
        data |= {"finished": finished.date().isoformat()} if finished else {}
        data |= {"text": {lang: text}} if text else {}
        data |= {"organisation": organisation} if organisation else {}
        said: Any = load_payload("progress", data, item)
        made = report(desk, said, draft=draft)
    print(f"{item}: {state}, {'draft' if made.draft else 'submitted'} as {made.id}")


def translate(
    of: Annotated[str, typer.Argument(metavar="ITEM", help="Id of an item of the plan, or of a record.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text in the language.")],
    lang: Annotated[str, typer.Option("--lang", help="Its language: en, ru, kk or ky.")],
    field: Annotated[str, typer.Option("--field", help="Field of the item, such as title or note.")] = "title",
    reader: Annotated[
        str, typer.Option("--reviewed-by", help="Name of the native speaker who has read it; a draft without.")
    ] = "",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Write a translation; once a named reader has reviewed it, it stands in all papers until its source changes."""
    from birge.store.records import submit
    from birge.store.texts import review
    from birge.store.texts import translate as write

    language: Any = known_language(lang)
    with sit_down(url, files, who) as desk:
        made = write(desk, of, field, language, text)
        if reader:
            made = review(desk, made.id, made.version, reader)
            submit(desk, made.id, made.version)
    print(f"{of} {field} in {lang}: {f'reviewed by {reader}' if reader else 'a draft'}, {made.id}")


def put(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Such as barrier, event, instrument, observation.")],
    path: Annotated[Path, typer.Argument(metavar="FILE", help="JSON: a record of this kind, or a list of them.")],
    draft: Annotated[bool, typer.Option("--draft", help="Keep them as drafts.")] = False,
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Write records from a file, new or as new versions: all of them, or, with every wrong field, none."""
    import json

    from birge.errors import InputError, Problem
    from birge.store.own import put as write
    from birge.store.records import load_payload, submit

    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError.at(str(path), "file-unreadable", error.strerror or "", "name a file that exists") from error
    except ValueError as error:
        raise InputError.at(str(path), "not-json", str(error), "write JSON in UTF-8") from error
    payloads, problems = [], list[Problem]()
    for n, row in enumerate(data if isinstance(data, list) else [data]):
        try:
            payloads.append(load_payload(kind, row, f"{path}[{n}]"))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    with sit_down(url, files, who) as desk:
        for payload in payloads:
            made = write(desk, kind, payload)
            if not draft:
                submit(desk, made.id, made.version)
            print(f"{kind} {made.key}: version {made.version}, {'draft' if draft else 'submitted'}, {made.id}")


def list_command(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Such as progress, decision, barrier, plan.")],
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Print the records of a kind that you may see, with their side and level."""
    from birge.errors import InputError
    from birge.store import KINDS
    from birge.store.records import listing

    if kind not in KINDS:
        raise InputError.at("KIND", "kind", f"there is no kind {kind!r}", f"use one of {', '.join(KINDS)}")
    with sit_down(url, files, who, writes=False) as desk:
        rows = [
            (r.side, r.level, f"v{r.version}{' draft' if r.draft else ''}", r.key, r.id) for r in listing(desk, kind)
        ]
    print("\n".join("  ".join(row) for row in rows) or f"no {kind} that {who} may see")


def share(
    records: Annotated[list[str] | None, typer.Argument(metavar="[RECORD]...", help="Ids of records.")] = None,
    kind: Annotated[str, typer.Option("--kind", help="All submitted records of this kind instead.")] = "",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Release submitted records to the other side: they go into the next package."""
    from birge.store.records import listing, read
    from birge.store.records import share as out

    with sit_down(url, files, who) as desk:
        chosen = [read(desk, r) for r in records or ()]
        if kind:
            own = [r for r in listing(desk, kind, official=True) if r.side == desk.actor.side]
            chosen += [r for r in own if r.shared < r.submitted]
        for r in chosen:
            out(desk, r.id, r.newest)
            print(f"{r.kind} {r.key}: released to {desk.other}")
    if not chosen:
        print("nothing to release")
