"""The measures by pillar, each with who answers, its deadline and the last word on it and on its milestones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from birge.pages.sides import Side, shown
from birge.plan.due import last_status
from birge.plan.schema import Measure, Milestone, Plan, Status

__all__ = ["MeasureRow", "PillarRows", "StepRow", "Word", "pillars"]


@dataclass(frozen=True)
class Word:
    """The last word on an item: its state (a word of the plan's schema), the day it tells of, and a note."""

    state: str
    reported: date
    finished: date | None
    note: str


@dataclass(frozen=True)
class StepRow:
    """A milestone of a measure: planned when, done by which side, the last word on it (None: no report)."""

    title: str
    planned: date | None
    word: Word | None


@dataclass(frozen=True)
class MeasureRow:
    """A measure: `bodies` are the names of those who answer, by side (own side first) and then joint ones."""

    number: str
    title: str
    bodies: tuple[str, ...]
    deadline: str
    due: date | None
    reconstructed: bool
    word: Word | None
    steps: tuple[StepRow, ...]


@dataclass(frozen=True)
class PillarRows:
    """A pillar and its measures in the order of the plan."""

    title: str
    measures: tuple[MeasureRow, ...]


def pillars(plan: Plan, as_of: date, lang: str, order: tuple[Side, Side]) -> tuple[PillarRows, ...]:
    """Return every pillar that has measures; a measure of no pillar cannot be."""
    made = [
        PillarRows(
            shown(p.title, lang),
            tuple(_measure(plan, m, as_of, lang, order) for m in plan.measures if m.pillar == p.id),
        )
        for p in plan.pillars
    ]
    return tuple(p for p in made if p.measures)


def word(status: tuple[Status, ...], as_of: date, lang: str) -> Word | None:
    """Return the last word as known on `as_of`."""
    last = last_status(status, as_of)
    if last is None:
        return None
    return Word(last.state.value, last.reported, last.finished, shown(last.note, lang))


def _measure(plan: Plan, m: Measure, as_of: date, lang: str, order: tuple[Side, Side]) -> MeasureRow:
    known = {o.id: o for o in plan.organisations}
    place = {side.code: k for k, side in enumerate(order)}
    own = [known[o] for o in dict.fromkeys((*m.responsible, *m.co_responsible)) if o in known]
    bodies = sorted(own, key=lambda o: place.get(o.party or "", len(place)))
    return MeasureRow(
        number=m.number,
        title=shown(m.title, lang),
        bodies=tuple(shown(o.name, lang) for o in bodies),
        deadline=shown(m.deadline.text, lang),
        due=m.deadline.due,
        reconstructed=m.origin == "reconstructed",
        word=word(m.status, as_of, lang),
        steps=tuple(_step(s, as_of, lang) for s in m.milestones),
    )


def _step(m: Milestone, as_of: date, lang: str) -> StepRow:
    return StepRow(shown(m.title, lang), m.planned, word(m.status, as_of, lang))
