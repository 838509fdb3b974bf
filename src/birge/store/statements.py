"""Statements that a side hands in for a council's paper: one for each session, or each day, in the side's own words."""

from __future__ import annotations

from datetime import date

from birge.store.desk import Desk
from birge.store.kinds import Stated, Words
from birge.store.own import put
from birge.store.records import Record, listing, submit

__all__ = ["state", "stated"]


def state(desk: Desk, text: Words, day: date, meeting: str | None = None) -> Record:
    """Write the side's statement for a session, or a new version of it, and hand it to the side's officials."""
    said = Stated(side=desk.actor.side, meeting=meeting, day=day, text=text)
    made = put(desk, "statement", said)
    return submit(desk, made.id, made.version)


def stated(desk: Desk, on: date, meeting: str | None = None, after: date | None = None) -> list[Record]:
    """Return the statements for a paper of a day, by day: those for its session, and those without any session.

    Without `meeting` the statements for every session count. What was said until the day `after` is left out, unless
    it is for the paper's session. The other side's are those that it has released.
    """
    found = []
    for r in listing(desk, "statement", official=True):
        said: Stated = r.payload
        here = meeting is not None and said.meeting == meeting
        fits = here or ((meeting is None or said.meeting is None) and (after is None or said.day > after))
        if fits and said.day <= on:
            found.append(r)
    return sorted(found, key=lambda r: (r.payload.day, r.key))
