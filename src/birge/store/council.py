"""The council cycle: dates counted back from a session, points agreed or contested, decisions and extracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from birge.errors import InputError, Problem
from birge.store.agreement import known_organisations
from birge.store.canonical import canonical, plain
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.kinds import Council, Meeting, Point, Resolution, Signing
from birge.store.own import own, put
from birge.store.records import Record, create, edit, listing, share, submit

__all__ = [
    "STEPS",
    "PointStand",
    "Step",
    "calendar",
    "convene",
    "extracts",
    "meeting_of",
    "move",
    "points",
    "sign",
    "steps",
]

STEPS: Mapping[str, int] = {"request": -30, "consolidation": -14, "exchange": -10, "closed": -3, "extracts": 10}


@dataclass(frozen=True)
class Step:
    """A date of the cycle: of which meeting, which step, when, and whether it differs from the default."""

    meeting: str
    step: str
    day: date
    edited: bool


@dataclass(frozen=True)
class PointStand:
    """A point of the protocol: both sides' wordings, and whether they are one."""

    number: str
    state: Literal["agreed", "contested", "one side"]
    by_side: dict[str, Record]


def steps(session: date, edited: Mapping[str, date] | None = None) -> dict[str, date]:
    """Return the dates of the cycle of a session; those `edited` stay as they are."""
    made = {name: session + timedelta(days=days) for name, days in STEPS.items()}
    return made | dict(edited or {})


def convene(desk: Desk, meeting: Meeting) -> Record:
    """Write a session with its dates, those given kept, and hand it to the side's officials."""
    _council(desk, meeting.council)
    made = create(desk, "meeting", meeting.model_copy(update={"steps": steps(meeting.date, meeting.steps)}))
    return submit(desk, made.id, made.version)


def move(desk: Desk, ident: str, to: date, edited: Mapping[str, date] | None = None) -> Record:
    """Move a session; dates that nobody edited move with it, and those in `edited` are set."""
    record = _own(desk, ident)
    held: Meeting = record.payload
    default = steps(held.date)
    kept = {name: day for name, day in held.steps.items() if day != default.get(name)}
    moved = held.model_copy(update={"date": to, "steps": steps(to, {**kept, **(edited or {})})})
    made = edit(desk, record.id, record.newest, moved)
    return submit(desk, made.id, made.version)


def calendar(desk: Desk) -> list[Step]:
    """Return all dates of the own side's sessions in order."""
    found = []
    for r in listing(desk, "meeting", official=True):
        if r.side == desk.actor.side:
            default = steps(r.payload.date)
            found += [Step(r.payload.id, name, day, day != default.get(name)) for name, day in r.payload.steps.items()]
            found.append(Step(r.payload.id, "session", r.payload.date, False))
    return sorted(found, key=lambda s: (s.day, s.meeting, s.step))


def points(desk: Desk, meeting: str) -> list[PointStand]:
    """Return the points of a protocol by number: agreed where both sides state the same."""
    by_number: dict[str, dict[str, Record]] = {}
    for r in listing(desk, "point", subject=meeting, official=True):
        by_number.setdefault(r.payload.number, {})[r.side] = r
    found = []
    for number in sorted(by_number, key=lambda n: tuple(int(part) for part in n.split("."))):
        sides = by_number[number]
        same = len({canonical(plain(r.payload)) for r in sides.values()}) == 1
        state: Literal["agreed", "contested", "one side"]
        state = "one side" if len(sides) < 2 else "agreed" if same else "contested"
        found.append(PointStand(number, state, sides))
    return found


def meeting_of(desk: Desk, meeting: str) -> Record:
    """Return a session as the own side states it, else as the other side does; raises Missing if there is none."""
    found = listing(desk, "meeting", key=meeting, official=True)
    for r in sorted(found, key=lambda r: r.side != desk.actor.side):
        return r
    raise Missing(f"there is no meeting {meeting!r}", id=meeting)


def sign(desk: Desk, meeting: str, signing: Signing) -> list[Record]:
    """Enter that the protocol was signed on paper; its points become decisions, released to the other side.

    Raises InputError with every point that is not agreed, and where the signatories of a side are missing.
    """
    record = _own(desk, meeting)
    stands = points(desk, meeting)
    problems = [
        Problem(f"{meeting}:{p.number}", "point-open", f"is {p.state}", "agree on one wording first")
        for p in stands
        if p.state != "agreed"
    ]
    missing = [side for side in desk.parties if side not in signing.signatories]
    problems += [Problem(f"{meeting}:signatories", "signatory", f"none of {s}", "name who signed") for s in missing]
    if not stands:
        problems.append(Problem(meeting, "no-points", "the protocol has no points", "enter its points first"))
    if signing.date > desk.now.date():
        problems.append(Problem("date", "future", f"{signing.date} is not yet", "enter it when it was signed"))
    if problems:
        raise InputError(problems)
    if signing.scan is not None:
        desk.files.read(signing.scan)
    made = edit(desk, record.id, record.newest, record.payload.model_copy(update={"signing": signing}))
    share(desk, submit(desk, made.id, made.version).id, made.version)
    return [_decide(desk, meeting, p.by_side[desk.actor.side].payload) for p in stands]


def extracts(desk: Desk, meeting: str) -> dict[str, list[Resolution]]:
    """Return, for each organisation of the own side and each joint one, the decisions it has to carry out."""
    bodies = {name: o.party for name, o in known_organisations(desk.connection, desk.now.date()).items()}
    found: dict[str, list[Resolution]] = {}
    for r in listing(desk, "decision", subject=meeting, official=True):
        if r.side != desk.actor.side:
            continue
        for owner in r.payload.owners:
            if bodies.get(owner) in (None, desk.actor.side):
                found.setdefault(owner, []).append(r.payload)
    return found


def _decide(desk: Desk, meeting: str, point: Point) -> Record:
    decision = Resolution(
        id=f"{meeting}-{point.number.replace('.', '-')}",
        meeting=meeting,
        point=point.number,
        title=point.text,
        owners=point.owners,
        due=point.due,
        measure=point.measure,
    )
    made = put(desk, "decision", decision)
    submit(desk, made.id, made.version)
    return share(desk, made.id, made.version)


def _own(desk: Desk, meeting: str) -> Record:
    found = own(desk, "meeting", meeting)
    if found is not None:
        return found
    raise Missing(f"there is no meeting {meeting!r} of ours", id=meeting)


def _council(desk: Desk, council: str) -> Council:
    for r in listing(desk, "council", key=council):
        held: Council = r.payload
        return held
    raise Missing(f"there is no council {council!r}: create it first", id=council)
