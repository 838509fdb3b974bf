"""What every passport has: tables of facts, sources, the plan version behind it, records of the sides, the run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from birge.plan.schema import Source
from birge.store.errors import Missing
from birge.store.plans import stands
from birge.store.records import Record, listing
from birge.web.blocks import Cell, Table
from birge.web.blocks_more import num
from birge.web.reader import Reader

__all__ = [
    "Made",
    "Row",
    "entered",
    "facts",
    "linked",
    "missing",
    "plan_version",
    "recorded",
    "run_rows",
    "short",
    "sourced",
]

Row = tuple[Cell, Cell]
Made = tuple[str, list[Table]]
"""A passport: its title and its tables."""


def linked(view: Reader, path: str) -> str:
    return f"/{view.t.lang}/{path}"


def facts(view: Reader, name: str, title: str, rows: Iterable[Row]) -> Table:
    t = view.t
    plain = tuple((what, replace(value, kind="")) for what, value in rows)
    return Table(name, title, (t("What"), t("Value")), plain, empty=t("nothing is recorded"))


def missing(ident: str) -> Missing:
    return Missing("there is no such thing, or none that you may see", id=ident[:80])


def short(view: Reader, code: str | None) -> str:
    return next((p.short.get(view.t.lang) for p in view.plan.parties if p.code == code), code or view.t("not known"))


def sourced(view: Reader, source: Source | None) -> Iterable[Row]:
    t = view.t
    if source is not None:
        day = f" ({t.date(source.date)})" if source.date else ""
        yield Cell(t("Source")), Cell(source.title + day, source.url)


def plan_version(view: Reader) -> Table:
    """Return which plan version the page shows, and who has confirmed it on each side."""
    t = view.t
    rows: list[Row] = [(Cell(t("Plan version")), Cell(view.version)), (Cell(t("Known on")), Cell(t.date(view.day)))]
    stand = next((s for s in stands(view.desk) if s.effective <= view.day and s.agreed), None)
    stand = stand or next((s for s in stands(view.desk) if s.effective <= view.day), None)
    if stand is not None:
        said_by = ", ".join(short(view, c) for c in stand.confirmed) or t("nobody")
        rows += [
            (Cell(t("Proposed by")), Cell(short(view, stand.side))),
            (Cell(t("Effective from")), Cell(t.date(stand.effective), kind="date")),
            (Cell(t("Confirmed by")), Cell(said_by)),
            (Cell(t("Agreed by both sides")), Cell(t("yes") if stand.agreed else t("no"))),
        ]
    return facts(view, "version", t("The plan version behind it"), rows)


def recorded(view: Reader, kind: str, key: str) -> list[Table]:
    """Return what the sides entered in the registry on the same matter, with who confirmed it."""
    found = [r for r in listing(view.desk, kind, official=True) if key in (r.key, r.id)]
    return [entered(view, found)] if found else []


def entered(view: Reader, found: Iterable[Record]) -> Table:
    t = view.t
    words = {"own side": t("own side"), "both sides": t("both sides"), "public": t("public")}
    rows = []
    for r in found:
        confirmed = [
            short(view, c.side)
            for c in listing(view.desk, "confirmation", r.id, official=True)
            if c.payload.hash == r.hash and c.payload.verdict == "confirmed"
        ]
        own = r.side == view.actor.side
        rows.append(
            (
                Cell(short(view, r.side)),
                Cell(r.author if own else t("known to that side")),
                Cell(r.at[:10], kind="date"),
                Cell(str(r.version), kind="n"),
                Cell(words[r.level]),
                Cell(", ".join(confirmed) or t("nobody")),
                Cell(r.hash[:16]),
            )
        )
    head = (t("Side"), t("Entered by"), t("On"), t("Version"), t("Level"), t("Confirmed by"), t("Hash"))
    return Table("records", t("In the registry"), head, tuple(rows), empty=t("nothing is recorded"))


def run_rows(view: Reader, record: Record | None = None) -> list[Row]:
    t, r = view.t, record or view.run
    if r is None:
        return []
    p = r.payload
    return [
        (Cell(t("Run")), Cell(r.id, linked(view, f"passport/run/{r.id}"))),
        (Cell(t("Known on")), Cell(t.date(p.as_of), kind="date")),
        (Cell(t("Futures")), num(p.draws, t)),
        (Cell(t("Seed")), Cell(str(p.seed), kind="n")),
        (Cell(t("Plan version")), Cell(p.plan_hash)),
        (Cell(t("Release of Birge")), Cell(p.release)),
    ]
