"""What is put off in a run: measures and milestones by id, each by months, as asked and checked against a plan.

`ITEM=MONTHS` texts ─▶ `read_delays` ─▶ {id: months} ─▶ `birge.models.schedule.delayed`. A milestone's delay makes it
last so much longer and moves what waits for it; a measure's delay moves each of its open milestones so much. An id that
is both is the measure's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from math import isfinite, isnan

from birge.errors import InputError, Problem
from birge.plan.due import last_status
from birge.plan.schema import Milestone, Plan, State

__all__ = ["MOST_MONTHS", "delay_problems", "movable", "read_delays", "steps_of"]

MOST_MONTHS = 120.0


def steps_of(plan: Plan, item: str) -> tuple[Milestone, ...]:
    """Return the milestones of a measure, or the milestone, with the id `item`; none where there is no such item."""
    for measure in plan.measures:
        if measure.id == item:
            return measure.milestones
    return tuple(m for m in plan.milestones() if m.id == item)


def movable(step: Milestone, as_of: date) -> bool:
    """Return whether a milestone can still be late on a date: it has a date or a duration, and is not over."""
    last = last_status(step.status, as_of)
    over = last is not None and last.state in (State.DONE, State.STOPPED)
    return not over and (step.planned is not None or step.duration is not None)


def read_delays(texts: Iterable[str], plan: Plan, as_of: date, where: str = "--delay") -> dict[str, float]:
    """Return months by item from texts such as `customs-single-window=6`; what is put off by 0 months is left out.

    Raises InputError with everything that is wrong with them.
    """
    found: dict[str, float] = {}
    problems: list[Problem] = []
    for text in texts:
        item, sign, number = (part.strip() for part in text.partition("="))
        if not item or not sign:
            told = f"{text[:60]!r} is not ITEM=MONTHS"
            problems.append(Problem(where, "delay", told, "write the id of a measure or milestone, such as x=6"))
        elif item in found:
            problems.append(Problem(where, "delay-twice", f"{item} is put off twice", "give one number of months"))
        else:
            found[item] = _months(number)
    problems += delay_problems(plan, found, as_of, where)
    if problems:
        raise InputError(problems)
    return {item: months for item, months in found.items() if months}


def _months(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return float("nan")


def delay_problems(plan: Plan, delays: Mapping[str, float], as_of: date, where: str = "--delay") -> Iterator[Problem]:
    """Yield what is wrong with months by item: items that `plan` does not have or that cannot move, odd months."""
    for item, months in delays.items():
        steps = steps_of(plan, item)
        if not steps and item not in {m.id for m in plan.measures}:
            names = ", ".join(m.id for m in plan.measures if any(movable(s, as_of) for s in m.milestones))
            told = f"there is no measure or milestone {item[:60]!r} known on {as_of}"
            yield Problem(where, "delay-unknown", told, f"use a milestone, or one of {names or 'no measure can move'}")
        elif not any(movable(s, as_of) for s in steps):
            told = f"nothing of {item} can be late: it is done or stopped, or has no date"
            yield Problem(where, "delay-over", told, "leave it out, or name a milestone that is open")
        if not isfinite(months) or not 0 <= months <= MOST_MONTHS:
            told = f"{item[:60]} is put off by {'no number' if isnan(months) else f'{months:g} months'}"
            yield Problem(where, "delay-months", told, f"use 0 to {MOST_MONTHS:g} months, such as {item[:60]}=6")
