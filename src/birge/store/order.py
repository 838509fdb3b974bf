"""Dates that follow one another in a record: a barrier is not removed before it was met."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import BaseModel

from birge.errors import Problem
from birge.plan.schema import Barrier, Event, Instrument
from birge.store.kinds import Staged

__all__ = ["misordered"]


def misordered(payload: BaseModel) -> list[Problem]:
    """Return a problem for every date that stands before one that it follows."""
    return [
        Problem(later, "dates-order", f"{after} is before {before} ({first})", "correct one of the dates")
        for first, before, later, after in _pairs(payload)
        if before and after and after < before
    ]


def _pairs(payload: BaseModel) -> Iterator[tuple[str, date | None, str, date | None]]:
    """Yield the field that comes first with its date, and the field that follows with its date."""
    if isinstance(payload, Barrier):
        yield "since", payload.since, "removed", payload.removed
        yield "since", payload.since, "due", payload.due
    elif isinstance(payload, Staged):
        event: Event = payload.event
        yield "event.start", event.start, "event.end", event.end
    elif isinstance(payload, Instrument):
        yield "initialled", payload.initialled, "signed", payload.signed
        yield "signed", payload.signed, "in_force", payload.in_force
        for side, on in payload.ratified.items():
            yield "signed", payload.signed, f"ratified.{side}", on
