"""Who has to do what by when: the next items, what is past its date, and on whom there is no word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from birge.plan.known import known
from birge.plan.schema import Measure, Plan, State, Status

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
    plan = known(plan, as_of)
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


def _done(measure: Measure) -> bool:
    """Return whether the last word on every milestone of `measure` is that it is done; False without milestones."""
    states = [last_status(m.status, date.max) for m in measure.milestones]
    return bool(states) and all(s is not None and s.state is State.DONE for s in states)


def _items(plan: Plan, lang: str) -> Iterable[tuple[str, str, tuple[str, ...], date, tuple[Status, ...]]]:
    """Yield milestones, measures without dated milestones, and decisions, each with its owners and reports.

    A measure whose milestones are all done is done. A decision is left to its measure where that is due the same day.
    """
    carried = set()
    for measure in plan.measures:
        dated = [m for m in measure.milestones if m.planned]
        for m in dated:
            owners = (m.owner,) if m.owner else measure.responsible + measure.co_responsible
            yield m.id, m.title.get(lang), owners, m.planned or date.max, m.status
        carried |= {(measure.id, day) for day in (measure.deadline.due, *(m.planned for m in dated))}
        if not dated and measure.deadline.due and not _done(measure):
            owners = measure.responsible + measure.co_responsible
            yield measure.id, measure.title.get(lang), owners, measure.deadline.due, measure.status
    for meeting in plan.meetings:
        for d in meeting.decisions:
            if d.due and (d.measure, d.due) not in carried:
                yield d.id, d.title.get(lang), d.owners, d.due, d.status
