"""What a registry holds for a paper or a run: the plan, the figures, statements, and the runs that a reader may see.

Data flow: a desk (one reader, one transaction) ─▶ `held(desk, day)` ─▶ `Held`: the effective plan, the factbook with
the figures entered here ─▶ `birge.assess`, or with `cited` and `said_for` a `Wanted` ─▶ `paper`. Everything
passes the rights of the reader: nothing of the other side that it has not released comes in, and by `jointly` nothing
of the own side either, for the paper that both are to have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from birge.factbook import Factbook
from birge.pages.documents import whole
from birge.pages.paper import Cited
from birge.pages.protocol import worded
from birge.pages.statements import Said
from birge.plan.schema import Plan
from birge.store.access import Thing
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.figures import figures
from birge.store.kinds import Run
from birge.store.objections import against, objections
from birge.store.plans import effective, seen_plan
from birge.store.records import Record, listing, read
from birge.store.runs import keep
from birge.store.statements import stated
from birge.texts import translator

if TYPE_CHECKING:
    from birge.assess.assessment import Assessment

__all__ = ["Held", "cited", "held", "jointly", "kept", "run_of", "said_for", "unswitched"]


@dataclass(frozen=True)
class Held:
    """The plan in force with what was reported, the figures with those entered here, and the reader's side."""

    plan: Plan
    book: Factbook
    side: str


def held(desk: Desk, on: date, book: Factbook) -> Held:
    """Return what the registry holds on a date; raises Missing where the reader may see no plan."""
    stand = seen_plan(desk, on)
    if stand is None:
        raise Missing(f"there is no plan in this registry that {desk.actor.name} may see")
    return Held(effective(desk, on, stand), book.extended(figures(desk, on)), desk.actor.side)


def jointly(desk: Desk) -> Desk:
    """Return a desk that reads of both sides only what is released: for a paper that both are to have."""
    return replace(desk, actor=replace(desk.actor, side=""))


def cited(desk: Desk, on: date) -> Cited | None:
    """Return the newest kept run of the whole plan until a date: the own side's, else one the other has released."""
    return _newest([r for r in _runs(desk) if r.payload.as_of <= on], desk.actor.side)


def run_of(desk: Desk, ident: str) -> Cited:
    """Return a kept run by its id; raises Missing where the reader may see none."""
    record = read(desk, ident)
    if record.kind != "run":
        raise Missing(f"{ident} is no run", id=ident)
    return _cited(record)


def kept(desk: Desk, made: Assessment, release: str) -> Cited | None:
    """Keep a finished run as a record, if the reader may run; returns how it is cited."""
    if not desk.may("run", Thing("run", desk.actor.side)):
        return None
    return _cited(keep(desk, made.document(), release, {"facts": made.facts_until.isoformat()}))


def said_for(desk: Desk, on: date, lang: str, meeting: str | None, after: date | None) -> tuple[Said, ...]:
    """Return both sides' statements for a paper in a language, and which reports each has sent back and why.

    A statement without a text in the language shows which it is in.
    """
    records = stated(desk, on, meeting, after)
    made = [Said(r.side, r.payload.day, worded(r.payload.text, lang)) for r in records]
    return (*made, *_objected(desk, on, lang))


def _objected(desk: Desk, on: date, lang: str) -> Iterator[Said]:
    """Yield a side's word against a report of the other that still stands as it was sent back."""
    t, found = translator(lang), objections(desk)
    for r in listing(desk, "progress", official=True) if found else ():
        place = desk.places.get(r.payload.item)
        for c in against(r, found):
            if c.payload.on <= on and c.side != r.side:
                text = t(
                    "This side sent back the report of {day} on “{title}”: {reason}",
                    day=t.date(r.payload.reported),
                    title=place.title(lang) if place else r.payload.item,
                    reason=worded(c.payload.note, lang) if c.payload.note else t("no reason is given"),
                )
                yield Said(c.side, c.payload.on, text)


def _runs(desk: Desk) -> list[Record]:
    return [r for r in listing(desk, "run", official=True) if unswitched(r.payload.document)]


def unswitched(document: Mapping[str, object]) -> bool:
    """Return whether a run is of the whole plan as it stands: no scenario, nothing off, nothing late."""
    return not any(document.get(switch) for switch in ("scenario", "without", "delays"))


def _newest(records: list[Record], own: str) -> Cited | None:
    found = max(records, key=lambda r: (r.side == own, r.payload.as_of, r.at), default=None)
    return _cited(found) if found else None


def _cited(record: Record) -> Cited:
    run: Run = record.payload
    return Cited(record.id, whole(run.document), run.release)
