"""Who has to do what by when: the next items, what is past its date, and on whom there is no word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from birge.plan.schema import Plan, State, Status

__all__ = ["Due", "Row", "due", "last_status"]


@dataclass(frozen=True)
class Row:
    """One item: its id, title, organisation, due date and the last word on it."""

    id: str
    item: str
    organisation: str
    due: date
    last_word: str


@dataclass(frozen=True)
class Due:
    """Open items by due date: `next` from today on, `overdue` with a word since, `silent` without one."""

    next: tuple[Row, ...]
    overdue: tuple[Row, ...]
    silent: tuple[Row, ...]


def last_status(status: Iterable[Status], as_of: date) -> Status | None:
    """Return the newest report that was known on `as_of`."""
    known = [s for s in status if (s.known_on or s.reported) <= as_of]
    return max(known, key=lambda s: s.reported, default=None)


def due(plan: Plan, as_of: date, lang: str = "en", count: int = 5) -> Due:
    """Return what is due as known on `as_of`; an item past its date without a report since is silent."""
    names = {o.id: o.name.get(lang) for o in plan.organisations}
    ahead: list[Row] = []
    over: list[Row] = []
    silent: list[Row] = []
    for ident, title, owners, day, status in _items(plan, lang):
        last = last_status(status, as_of)
        if last is not None and last.state in (State.DONE, State.STOPPED):
            continue
        owner = ", ".join(names[o] for o in owners if o in names) or "no owner named in a public source"
        word = f"{last.state.value}, reported {last.reported}" if last else "no report"
        if day >= as_of:
            ahead.append(Row(ident, title, owner, day, word))
        elif last is not None and last.reported >= day:
            over.append(Row(ident, title, owner, day, word))
        else:
            since = last.reported if last else day
            silent.append(Row(ident, title, owner, day, f"not known since {since}"))
    ahead.sort(key=lambda r: r.due)
    return Due(tuple(ahead[:count]), tuple(sorted(over, key=_day)), tuple(sorted(silent, key=_day)))


def _day(row: Row) -> date:
    return row.due


def _items(plan: Plan, lang: str) -> Iterable[tuple[str, str, tuple[str, ...], date, tuple[Status, ...]]]:
    """Yield milestones, decisions, and measures without dated milestones, each with its owners and reports."""
    for measure in plan.measures:
        dated = [m for m in measure.milestones if m.planned]
        for m in dated:
            owners = (m.owner,) if m.owner else measure.responsible + measure.co_responsible
            yield m.id, m.title.get(lang), owners, m.planned or date.max, m.status
        if not dated and measure.deadline.due:
            owners = measure.responsible + measure.co_responsible
            yield measure.id, measure.title.get(lang), owners, measure.deadline.due, measure.status
    for meeting in plan.meetings:
        for d in meeting.decisions:
            if d.due:
                yield d.id, d.title.get(lang), d.owners, d.due, d.status
