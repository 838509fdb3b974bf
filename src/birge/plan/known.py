"""The plan as it was known on a date: what became public later is left out.

`known(plan, as_of)` → Plan. An item is public on its `known_on`, else on the earliest of its own date (held, signed,
begun) and the dates of its sources; without any date it is taken as known. What hangs on an item that is left out goes
with it: effects and risks of a milestone, `after` entries, targets of a milestone, decisions for a measure,
links to a paper.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from birge.plan.schema import Deadline, Indicator, Instrument, Measure, Meeting, Milestone, Plan, Record, Status, Text

__all__ = ["known", "public_on"]

T = TypeVar("T", bound=Record)
NO_DATE = Text(
    en="no date published",
    ru="срок не опубликован",
    kk="мерзімі жарияланбаған",
    ky="мөөнөтү жарыяланган эмес",
    unreviewed=("ru", "kk", "ky"),
)
"""The deadline of a measure whose deadline was not public yet."""
OWN_DATES = ("date", "start", "since", "signed", "initialled")


def known(plan: Plan, as_of: date) -> Plan:
    """Return `plan` with only what was public on `as_of`."""
    measures = tuple(_measure(m, as_of) for m in _public(plan.measures, as_of))
    steps = {m.id for measure in measures for m in measure.milestones}
    ids = {m.id for m in measures}
    papers = {i.id for i in _public(plan.instruments, as_of)}
    return plan.model_copy(
        update={
            "measures": tuple(_linked(m, steps, papers) for m in measures),
            "indicators": tuple(i for i in (_indicator(i, steps, as_of) for i in plan.indicators) if i is not None),
            "risks": tuple(r for r in plan.risks if r.milestone in steps),
            "instruments": tuple(_instrument(i, as_of) for i in _public(plan.instruments, as_of)),
            "meetings": tuple(_meeting(m, ids, as_of) for m in _public(plan.meetings, as_of)),
            "events": _public(plan.events, as_of),
            "barriers": tuple(
                b.model_copy(update={"removed": _past(b.removed, as_of)}) for b in _public(plan.barriers, as_of)
            ),
            "initiatives": _public(plan.initiatives, as_of),
            "region_pairs": _public(plan.region_pairs, as_of),
        }
    )


def public_on(record: Record) -> date | None:
    """Return the day `record` became public; None where it has no date."""
    if isinstance(day := getattr(record, "known_on", None), date):
        return day
    sources = [getattr(record, "source", None), *getattr(record, "sources", ())]
    days = [getattr(record, name, None) for name in OWN_DATES] + [s.date for s in sources if s is not None]
    return min((d for d in days if d is not None), default=None)


def _public(records: Iterable[T], as_of: date) -> tuple[T, ...]:
    return tuple(r for r in records if (public_on(r) or as_of) <= as_of)


def _past(day: date | None, as_of: date) -> date | None:
    return day if day is not None and day <= as_of else None


def _reports(status: Iterable[Status], as_of: date) -> tuple[Status, ...]:
    return tuple(s for s in status if (s.known_on or s.reported) <= as_of)


def _measure(m: Measure, as_of: date) -> Measure:
    steps = [_milestone(s, as_of) for s in m.milestones if (s.known_on or as_of) <= as_of]
    effects = tuple(e for e in m.effects if (e.known_on or as_of) <= as_of)
    public = (m.deadline.known_on or as_of) <= as_of
    deadline = m.deadline if public else Deadline(text=NO_DATE, kind="none")
    update: dict[str, Any] = {
        "deadline": deadline,
        "milestones": tuple(steps),
        "effects": effects,
        "status": _reports(m.status, as_of),
        "sources": _public(m.sources, as_of) or m.sources,
    }
    return m.model_copy(update=update)


def _milestone(m: Milestone, as_of: date) -> Milestone:
    return m.model_copy(update={"status": _reports(m.status, as_of)})


def _linked(m: Measure, steps: set[str], papers: set[str]) -> Measure:
    """Return the measure without what points to a milestone or an instrument that is left out."""
    kept = []
    for s in m.milestones:
        paper = s.instrument if s.instrument in papers else None
        kept.append(s.model_copy(update={"after": tuple(a for a in s.after if a in steps), "instrument": paper}))
    return m.model_copy(update={"milestones": tuple(kept), "effects": tuple(e for e in m.effects if e.start in steps)})


def _indicator(i: Indicator, steps: set[str], as_of: date) -> Indicator | None:
    """Return the indicator with what was known of it; None if it had something to show and nothing was known."""
    baseline, sources = _public(i.baseline, as_of), _public(i.sources, as_of)
    targets = tuple(t for t in _public(i.targets, as_of) if t.milestone is None or t.milestone in steps)
    if (i.baseline or i.targets or i.sources) and not (baseline or targets or sources):
        return None
    return i.model_copy(update={"baseline": baseline, "targets": targets, "sources": sources})


def _instrument(i: Instrument, as_of: date) -> Instrument:
    ratified = {code: day for code, day in i.ratified.items() if day <= as_of}
    days = {name: _past(getattr(i, name), as_of) for name in ("initialled", "signed", "in_force")}
    return i.model_copy(update={**days, "ratified": ratified})


def _meeting(m: Meeting, measures: set[str], as_of: date) -> Meeting:
    held = m.date is None or m.date <= as_of
    decisions = tuple(
        d.model_copy(update={"status": _reports(d.status, as_of)})
        for d in (_public(m.decisions, as_of) if held else ())
        if d.measure is None or d.measure in measures
    )
    return m.model_copy(update={"decisions": decisions})
