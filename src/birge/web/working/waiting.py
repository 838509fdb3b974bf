"""What waits for a reader besides reports that are due: a table per matter, only where their role lets them act.

`matters(desk, t)` → sent back, other side's records to confirm, contested points, open rounds with the silent, drafts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from birge.store import rounds
from birge.store.access import Thing
from birge.store.council import points
from birge.store.desk import Desk
from birge.store.kinds import KINDS
from birge.store.objections import against, objections
from birge.store.records import Record, listing, thing
from birge.texts import Translator
from birge.web.blocks import Cell, Table
from birge.web.working.content import kind_name, name_of

__all__ = ["left_out", "matters", "report_link"]

MOST = 50
# a plan has its own table; points agree by their wording; a confirmation is itself the word
NOT_ASKED = ("plan", "point", "confirmation")


def matters(desk: Desk, t: Translator) -> list[Table]:
    """Return what waits for the actor, the most pressing first; a table that would be empty is left out."""
    made = (_sent_back(desk, t), _to_confirm(desk, t), _contested(desk, t), _open_rounds(desk, t), _drafts(desk, t))
    return [table for table in made if table.rows]


def _all(desk: Desk, official: bool) -> list[Record]:
    return [r for kind, k in KINDS.items() if not k.private for r in listing(desk, kind, official=official)]


def report_link(t: Translator, r: Record) -> str:
    """Return where a report is corrected: the form of its item, with this report in it."""
    return f"/{t.lang}/report/{r.payload.item}?on={r.payload.reported}&by={r.payload.by}"


def _link(t: Translator, r: Record, mine: bool) -> str:
    if r.kind == "progress" and mine:
        return report_link(t, r)
    return f"/{t.lang}/{'confirm' if r.kind == 'plan' else 'record'}/{r.id}"


def _named(desk: Desk, t: Translator, r: Record) -> Cell:
    """Return what a record is called; of a report, the item it is about."""
    place = desk.places.get(r.payload.item) if r.kind == "progress" else None
    return Cell(place.title(t.lang) if place else name_of(r, t, desk), _link(t, r, r.side == desk.actor.side))


def _written(t: Translator, r: Record) -> Cell:
    return Cell(t.date(date.fromisoformat(r.at[:10])), kind="date")


def _capped(t: Translator, rows: Sequence[tuple[Cell, ...]]) -> tuple[tuple[tuple[Cell, ...], ...], str]:
    left = len(rows) - MOST
    return tuple(rows[:MOST]), t.plural("and {n} more", "and {n} more", left) if left > 0 else ""


def _sent_back(desk: Desk, t: Translator) -> Table:
    words = objections(desk)
    rows = [
        (
            Cell(kind_name(t, r.kind)),
            _named(desk, t, r),
            Cell(t.country(c.side)),
            Cell(t.date(c.payload.on), kind="date"),
            Cell((c.payload.note or {}).get(t.lang) or "; ".join((c.payload.note or {}).values())),
        )
        for r in (_all(desk, official=True) if words else ())
        if r.side == desk.actor.side and desk.may(KINDS[r.kind].write, thing(desk, r))
        for c in against(r, words)
    ]
    shown, more = _capped(t, rows)
    head = (t("Kind"), t("What"), t("Side"), t("Date"), t("Reason"))
    return Table("sent-back", t("Sent back to us"), head, shown, more)


def _to_confirm(desk: Desk, t: Translator) -> Table:
    said = {
        (c.payload.record, c.payload.hash)
        for c in listing(desk, "confirmation", official=True)
        if c.side == desk.actor.side
    }
    rows = [
        (Cell(kind_name(t, r.kind)), _named(desk, t, r), Cell(t.country(r.side)), _written(t, r))
        for r in _all(desk, official=True)
        if r.kind not in NOT_ASKED and r.side != desk.actor.side and (r.id, r.hash) not in said
        if desk.may("confirm", thing(desk, r))
    ]
    shown, more = _capped(t, rows)
    head = (t("Kind"), t("What"), t("Side"), t("Written"))
    return Table("to-read", t("Released by the other side, without our word"), head, shown, more)


def _contested(desk: Desk, t: Translator) -> Table:
    rows = []
    if desk.may("write", Thing("point", desk.actor.side, author=desk.actor.login)):
        sessions = {r.payload.id: r for r in listing(desk, "meeting", official=True)}
        rows = [
            (Cell(name_of(r, t), f"/{t.lang}/sessions/{ident}"), Cell(p.number, kind="n"))
            for ident, r in sessions.items()
            for p in points(desk, ident)
            if p.state == "contested"
        ]
    shown, more = _capped(t, rows)
    return Table("contested", t("Contested points"), (t("Session"), t("Point")), shown, more)


def _open_rounds(desk: Desk, t: Translator) -> Table:
    rows = []
    if desk.may("write", Thing("round", desk.actor.side)):
        for r in listing(desk, "round"):
            if r.side == desk.actor.side and r.payload.closed is None:
                ident = r.payload.id
                quiet = rounds.silent(desk, ident, t.lang)  # type: ignore[arg-type]
                rows.append(
                    (
                        Cell(ident, f"/{t.lang}/rounds/{ident}"),
                        Cell(t.date(r.payload.closes), kind="date"),
                        Cell("; ".join(_still(t, s) for s in quiet) or t("nobody")),
                    )
                )
    shown, more = _capped(t, rows)
    return Table("rounds", t("Open reporting rounds"), (t("Round"), t("Closes"), t("Silent")), shown, more)


def _still(t: Translator, s: rounds.Silent) -> str:
    """Return who has not answered; of a partial answer, how much there is of it."""
    return t("{name} ({n} of {all})").format(name=s.name, n=s.answered, all=s.items) if s.answered else s.name


def left_out(desk: Desk, t: Translator, unfit: Sequence[Record]) -> Table:
    """Return the records that could not be laid over the plan, so that their side corrects them."""
    rows = [(Cell(kind_name(t, r.kind)), _named(desk, t, r), Cell(t.country(r.side))) for r in unfit]
    shown, more = _capped(t, rows)
    title = t("Left out of the plan until they are corrected: a text is too long or does not fit")
    return Table("unfit", title, (t("Kind"), t("What"), t("Side")), shown, more)


def _drafts(desk: Desk, t: Translator) -> Table:
    rows = [
        (Cell(kind_name(t, r.kind)), _named(desk, t, r), _written(t, r))
        for r in _all(desk, official=False)
        if r.draft and r.side == desk.actor.side and r.author == desk.actor.login
    ]
    shown, more = _capped(t, rows)
    return Table("drafts", t("My drafts, not submitted yet"), (t("Kind"), t("What"), t("Written")), shown, more)
