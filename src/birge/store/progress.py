"""Progress: what each side says of an item, and both words side by side."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Literal

from sqlalchemy import insert, select

from birge.errors import InputError
from birge.store.desk import Desk
from birge.store.evidence import Kept
from birge.store.kinds import KINDS, Evidence, Progress
from birge.store.own import own
from birge.store.records import Record, create, edit, listing, submit
from birge.store.tables import files

__all__ = ["Standing", "attach", "report", "reported", "standing"]


@dataclass(frozen=True)
class Standing:
    """The last report of each side on an item, as of a date; `agree` is None where a side has not reported."""

    item: str
    last: dict[str, Record | None]
    agree: bool | None


def report(
    desk: Desk, said: Progress, ident: str | None = None, draft: bool = False, seen: int | None = None
) -> Record:
    """Report progress of an item for the actor's side; submitted at once unless it is a `draft`.

    A second report on the same day corrects the first: `seen` is the version of it that was read (see `reported`).
    """
    if said.reported > desk.now.date():
        raise InputError.at("reported", "future", f"{said.reported} is not yet", "report what has happened")
    before = reported(desk, said) if seen is not None else None
    made = create(desk, "progress", said, ident) if before is None else edit(desk, before.id, seen or 0, said)
    return made if draft or made.submitted == made.version else submit(desk, made.id, made.version)


def reported(desk: Desk, said: Progress) -> Record | None:
    """Return the own side's report on the same item, day and body, if there is one already."""
    return own(desk, "progress", KINDS["progress"].key_of(said))


def attach(desk: Desk, stream: BinaryIO, name: str) -> Evidence:
    """Keep a file as evidence and return the reference to put into a report."""
    kept: Kept = desk.files.keep(stream)
    if not desk.connection.execute(select(files.c.hash).where(files.c.hash == kept.hash)).first():
        desk.connection.execute(insert(files).values(hash=kept.hash, size=kept.size, media=kept.media))
        desk.note("attach", file=kept.hash, size=kept.size, media=kept.media)
    return Evidence(hash=kept.hash, name=_name(name))


def _name(name: str) -> str:
    """Return the last part of a path without signs that are not seen: line ends, and turns of the reading direction."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp"))[:200].strip() or "file"


def standing(desk: Desk, on: date, item: str | None = None) -> list[Standing]:
    """Return where every reported item stands by both sides' own words; disagreement is information."""
    last: dict[str, dict[str, Record | None]] = {}
    empty: dict[str, Record | None] = dict.fromkeys(desk.parties)
    for r in listing(desk, "progress", subject=item, official=True):
        held = last.setdefault(r.payload.item, dict(empty))
        before = held[r.side]
        if r.payload.reported <= on and (before is None or before.payload.reported < r.payload.reported):
            held[r.side] = r
    found = []
    for name, by_side in sorted(last.items()):
        states = [r.payload.state for r in by_side.values() if r is not None]
        agree: Literal[True, False] | None = states[0] == states[1] if len(states) == 2 else None
        found.append(Standing(name, by_side, agree))
    return found
