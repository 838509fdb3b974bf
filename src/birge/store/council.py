"""The council cycle: dates counted back from a session, points agreed or contested, decisions and extracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from birge.errors import InputError, Problem
from birge.store.agreement import known_organisations
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.evidence import media_of
from birge.store.kinds import LANGUAGES, Council, Meeting, Point, Resolution, Signing, Words
from birge.store.own import own, put
from birge.store.records import Record, create, edit, listing, released, share, submit, take_back, versions

__all__ = [
    "STEPS",
    "PointStand",
    "Step",
    "calendar",
    "convene",
    "decisions",
    "extracts",
    "meeting_of",
    "missed",
    "move",
    "points",
    "sign",
    "signing_of",
    "steps",
    "unsign",
    "withdraw",
]

STEPS: Mapping[str, int] = {"request": -30, "consolidation": -14, "exchange": -10, "closed": -3, "extracts": 10}
SCANS = ("application/pdf", "image/png", "image/jpeg")


@dataclass(frozen=True)
class Step:
    """A date of the cycle: of which meeting, which step, when, and whether it differs from the default."""

    meeting: str
    step: str
    day: date
    edited: bool


@dataclass(frozen=True)
class PointStand:
    """A point of the protocol: both sides' wordings, whether they are one, and else the fields that differ.

    It is `kept` where the own side's wording is not, or not as it is now, released to the other side. Once the paper is
    signed its wording is agreed (`signed`) whatever a side has stated since, on a machine that the signing had not
    reached: such sides are `late`, and so is a point that the signed paper does not have.
    """

    number: str
    state: Literal["agreed", "contested", "one side", "kept", "late"]
    by_side: dict[str, Record]
    differs: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    signed: Point | None = None

    @property
    def agreed(self) -> Point | None:
        """The wording that holds for both sides; None where there is none."""
        if self.state != "agreed":
            return None
        return self.signed or next(r.payload for r in self.by_side.values())


def steps(session: date, edited: Mapping[str, date] | None = None) -> dict[str, date]:
    """Return the dates of the cycle of a session; those `edited` stay as they are."""
    made = {name: session + timedelta(days=days) for name, days in STEPS.items()}
    return made | dict(edited or {})


def missed(desk: Desk, meeting: Record) -> dict[str, date]:
    """Return the dates before a session that were over already when they were set, at its convening or a move."""
    held: Meeting = meeting.payload
    found, history = {}, versions(desk, meeting.id)[::-1]
    for name, day in held.steps.items():
        written = meeting.at
        for v in history:
            if v.retired or v.payload.date != held.date or v.payload.steps.get(name) != day:
                break
            written = v.at
        if day < min(date.fromisoformat(written[:10]), held.date):
            found[name] = day
    return found


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


def points(desk: Desk, meeting: str, only_released: bool = False) -> list[PointStand]:
    """Return the points of a protocol by number: agreed where both sides state the same.

    The own side's are as submitted, or with `only_released` as the other side reads them, without those kept back.
    """
    by_number: dict[str, dict[str, Record]] = {}
    kept = set()
    for r in listing(desk, "point", subject=meeting, official=True):
        out = released(desk, r)
        if r != out:
            kept.add(r.payload.number)
        if (found := out if only_released else r) is not None:
            by_number.setdefault(r.payload.number, {})[r.side] = found
    if (signer := _signer(desk, meeting)) is not None:
        return [*_as_signed(signer.payload.signing, by_number)]
    made = []
    for number in sorted(by_number, key=_in_order):
        sides = by_number[number]
        differs = _differ(*(r.payload for r in sides.values())) if len(sides) > 1 else ()
        state: Literal["agreed", "contested", "one side", "kept"]
        state = "one side" if len(sides) < 2 else "contested" if differs else "agreed"
        made.append(PointStand(number, "kept" if number in kept and not only_released else state, sides, differs))
    return made


def _as_signed(signing: Signing, by_number: Mapping[str, dict[str, Record]]) -> Iterator[PointStand]:
    """Yield the points of the signed paper, and those that it does not have."""
    paper = {p.number: p for p in signing.points}
    for number in sorted({*paper, *by_number}, key=_in_order):
        sides = by_number.get(number, {})
        if number not in paper:
            yield PointStand(number, "late", sides)
            continue
        late = tuple(side for side, r in sides.items() if _differ(paper[number], r.payload))
        yield PointStand(number, "agreed", sides, (), late, paper[number])


def _in_order(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("."))


def _signer(desk: Desk, meeting: str) -> Record | None:
    """Return the session with the entry of its signing that counts here: the own side's, else the other's."""
    found = [r for r in listing(desk, "meeting", key=meeting, official=True) if r.payload.signing]
    return next(iter(sorted(found, key=lambda r: r.side != desk.actor.side)), None)


def _entered(desk: Desk, signer: Record) -> list[Record]:
    """Return the decisions that a side's entry of a signing made of the points."""
    ident = signer.payload.id
    made = {_decision(ident, p.number) for p in signer.payload.signing.points}
    return [r for r in listing(desk, "decision", subject=ident) if r.side == signer.side and r.payload.id in made]


def _decision(meeting: str, number: str) -> str:
    return f"{meeting}-{number.replace('.', '-')}"


def _differ(mine: Point, theirs: Point) -> tuple[str, ...]:
    """Return the fields in which two wordings differ: `text.kk`, `owners`, `due`, `measure`; in any order of owners."""
    found = [f"text.{x}" for x in LANGUAGES if mine.text.get(x) != theirs.text.get(x)]
    found += ["owners"] if set(mine.owners) != set(theirs.owners) else []
    return (*found, *(name for name in ("due", "measure") if getattr(mine, name) != getattr(theirs, name)))


def withdraw(desk: Desk, meeting: str, number: str, seen: int | None = None) -> Record:
    """Take back the own side's wording of a point; the other side sees it no more. Its history stays.

    Raises Missing where there is none, and Denied once the protocol is signed.
    """
    mine = own(desk, "point", f"{meeting}:{number}")
    if mine is None:
        raise Missing(f"our side has no wording of point {number} of {meeting!r}", id=meeting)
    return take_back(desk, mine.id, mine.newest if seen is None else seen)


def signing_of(desk: Desk, meeting: str) -> Signing | None:
    """Return how a protocol was signed, as the own side entered it, else as the other side did; None before that."""
    signer = _signer(desk, meeting)
    return signer.payload.signing if signer else None


def meeting_of(desk: Desk, meeting: str) -> Record:
    """Return a session as the own side states it, else as the other side does; raises Missing if there is none."""
    found = listing(desk, "meeting", key=meeting, official=True)
    for r in sorted(found, key=lambda r: r.side != desk.actor.side):
        return r
    raise Missing(f"there is no meeting {meeting!r}", id=meeting)


def sign(desk: Desk, meeting: str, signing: Signing) -> list[Record]:
    """Enter that the protocol was signed on paper; every released point becomes a decision of the own side.

    Where the other side has entered the signing already, the points are those of its entry: it is the same paper. What
    was entered before is corrected by its own side with a reason (`correction`): the decisions stay, the former entry
    stays in the record's history.

    Raises InputError with every point that is not agreed where nobody has entered the signing, where the signatories of
    a side are missing, for a day before the session's, for a scan that is none, and for a second entry without a
    reason.
    """
    record = _own(desk, meeting)
    held: Meeting = record.payload
    stands = points(desk, meeting, only_released=True)
    problems = [] if signing_of(desk, meeting) else _open_points(meeting, stands)
    missing = [side for side in desk.parties if side not in signing.signatories]
    problems += [Problem(f"{meeting}:signatories", "signatory", f"none of {s}", "name who signed") for s in missing]
    if signing.date > desk.now.date():
        problems.append(Problem("date", "future", f"{signing.date} is not yet", "enter it when it was signed"))
    if signing.date < held.date:
        message = f"{signing.date} is before the session on {held.date}"
        problems.append(Problem("date", "before-session", message, "correct the day, or move the session first"))
    if held.signing and not signing.correction:
        message = f"it was entered already as signed on {held.signing.date}"
        problems.append(Problem("correction", "signed-already", message, "say why it is corrected"))
    if signing.scan is not None and media_of(desk.files.read(signing.scan)) not in SCANS:
        problems.append(
            Problem("scan", "scan-kind", "it is none of 'PDF', 'PNG', 'JPEG'", "send the scan as one of these")
        )
    if problems:
        raise InputError(problems)
    paper = held.signing.points if held.signing else tuple(p.agreed for p in stands if p.agreed)
    entered = signing.model_copy(update={"points": paper})
    made = edit(desk, record.id, record.newest, held.model_copy(update={"signing": entered, "withdrawn": None}))
    if held.signing is None:
        decided = [_decide(desk, meeting, p) for p in paper]
    else:
        decided = [r for r in decisions(desk, meeting) if r.side == desk.actor.side]
    share(desk, submit(desk, made.id, made.version).id, made.version)
    return decided


def unsign(desk: Desk, meeting: str, reason: Words, seen: int | None = None) -> Record:
    """Withdraw the own side's entry that a protocol was signed: it was entered in error, there is no such paper.

    The session is as before, with the `reason`; the decisions that the entry made are taken back, and the points are
    open again unless the other side has entered the signing too, whose entry is its own. All of it stays in the
    history, and goes to the other side with the next package. `seen` is the version of the session that was read.

    Raises Missing for a session that is not the own side's, InputError where nothing was entered, and where somebody
    has reported on one of the decisions already: then the paper was at work, and its entry is corrected instead.
    """
    record = _own(desk, meeting)
    held: Meeting = record.payload
    if held.signing is None:
        raise InputError.at(meeting, "not-signed", "no signing was entered by our side", "there is nothing to withdraw")
    made = _entered(desk, record)
    reported = {p.payload.item for p in listing(desk, "progress")}
    problems = [
        Problem(r.key, "decision-reported", f"{r.key!r} has a report already", "correct the entry instead")
        for r in made
        if r.key in reported
    ]
    if problems:
        raise InputError(problems)
    open_again = held.model_copy(update={"signing": None, "withdrawn": reason})
    gone = edit(desk, record.id, record.newest if seen is None else seen, open_again)
    for r in made:
        take_back(desk, r.id, r.newest)
    return share(desk, submit(desk, gone.id, gone.version).id, gone.version)


def _open_points(meeting: str, stands: list[PointStand]) -> list[Problem]:
    if not stands:
        return [Problem(meeting, "no-points", "the protocol has no points", "enter its points first")]
    return [
        Problem(f"{meeting}:{p.number}", "point-open", f"is {p.state}{_where(p)}", "agree on one wording first")
        for p in stands
        if p.state != "agreed"
    ]


def _where(stand: PointStand) -> str:
    return f" in {', '.join(stand.differs)}" if stand.differs else ""


def decisions(desk: Desk, meeting: str) -> list[Record]:
    """Return the decisions of a session in the order of its points: the own side's record of each, else the other's."""
    found: dict[str, Record] = {}
    for r in listing(desk, "decision", subject=meeting, official=True):
        if r.key not in found or r.side == desk.actor.side:
            found[r.key] = r
    return sorted(found.values(), key=lambda r: (*_in_order(r.payload.point or "0"), r.key))


def extracts(desk: Desk, meeting: str) -> dict[str, list[Resolution]]:
    """Return, for each organisation of the own side and each joint one, the decisions it has to carry out."""
    bodies = {name: o.party for name, o in known_organisations(desk.connection, desk.now.date()).items()}
    found: dict[str, list[Resolution]] = {}
    for r in decisions(desk, meeting):
        for owner in r.payload.owners:
            if bodies.get(owner) in (None, desk.actor.side):
                found.setdefault(owner, []).append(r.payload)
    return found


def _decide(desk: Desk, meeting: str, point: Point) -> Record:
    decision = Resolution(
        id=_decision(meeting, point.number),
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
