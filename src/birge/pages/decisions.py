"""Decisions of councils and meetings that are open, and everything else that is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from birge.pages.measures import Word, word
from birge.pages.sides import shown
from birge.plan.due import Due, Only, due
from birge.plan.schema import Plan, State

__all__ = ["DecisionRow", "decisions", "due_items"]

COMING = 15
"""How many items that lie ahead a paper lists."""


@dataclass(frozen=True)
class DecisionRow:
    """A decision: which meeting took it, who has to do what by when, and the last word on it."""

    meeting: str
    title: str
    owners: tuple[str, ...]
    due: date | None
    word: Word | None


def decisions(plan: Plan, as_of: date, lang: str) -> tuple[DecisionRow, ...]:
    """Return decisions that are not done, by due date; those without a date last."""
    names = {o.id: shown(o.name, lang) for o in plan.organisations}
    rows = []
    for meeting in plan.meetings:
        for d in meeting.decisions:
            last = word(d.status, as_of, lang)
            if last is None or last.state not in (State.DONE.value, State.STOPPED.value):
                owners = tuple(names[o] for o in d.owners if o in names)
                rows.append(DecisionRow(shown(meeting.title, lang), shown(d.title, lang), owners, d.due, last))
    return tuple(sorted(rows, key=lambda r: r.due or date.max))


def due_items(plan: Plan, as_of: date, lang: str, side: str | None) -> Due:
    """Return what is due; in a side's paper only what that side or both have to do."""
    return due(plan, as_of, lang, COMING, Only(side=side))
