"""What each side states: its own figures, its own milestones, and statements that were handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from birge.pages.measures import StepRow, word
from birge.pages.sides import Side, shown
from birge.pages.statistics import YearRow
from birge.plan.schema import Plan

__all__ = ["Said", "Statement", "statements"]


@dataclass(frozen=True)
class Said:
    """A statement that a side handed in for the paper: whose (its code), when, and its text as it stands."""

    side: str
    day: date
    text: str
    source: str = ""


@dataclass(frozen=True)
class Statement:
    """One side's part: the newest turnover it published (year, mn USD), its own steps, what it handed in."""

    side: Side
    newest: tuple[int, float] | None
    steps: tuple[StepRow, ...]
    said: tuple[Said, ...]


def statements(
    plan: Plan, as_of: date, lang: str, order: tuple[Side, Side], rows: Sequence[YearRow], said: Sequence[Said] = ()
) -> tuple[Statement, ...]:
    """Return one statement for each side, in the reader's order; a step belongs to its `side` or its owner's."""
    party = {o.id: o.party for o in plan.organisations}
    made = []
    for k, side in enumerate(order):
        figures = [(r.year, value) for r in rows if (value := r.published[k]) is not None]
        steps = tuple(
            StepRow(shown(m.title, lang), m.planned, word(m.status, as_of, lang))
            for m in plan.milestones()
            if (m.side or party.get(m.owner or "")) == side.code
        )
        own = tuple(s for s in said if s.side == side.code)
        made.append(Statement(side, max(figures, default=None), steps, own))
    return tuple(made)
