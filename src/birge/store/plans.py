"""Plan versions: draft, send, propose, confirm, the plan that holds and the effective plan of a date.

A change is first a draft, which only its own side reads: `draft` → its differences from what it follows (`precedes`) →
`send` or `drop`. `propose` does the first and the last at once.

A change is made on the newest agreed version, also where its day is still to come (`basis`), and may not hold before
it. Once another one is agreed it is `outdated`: it is neither sent nor confirmed, so nothing agreed is lost.

effective(date) = the plan that holds + what both sides reported until then, in the texts reviewed until then. It is a
plain `birge.plan.Plan`, so the assessment reads a registry as it reads a file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

from pydantic import ValidationError

from birge.errors import InputError, Problem
from birge.plan.load import plan_hash
from birge.plan.schema import Decision, Meeting, Plan, Source, State, Status, Text
from birge.store.access import Thing
from birge.store.agreement import PlanStand, plan_stands, standing_plan
from birge.store.canonical import plain
from birge.store.desk import Desk
from birge.store.errors import Denied, Missing
from birge.store.kinds import KINDS, LANGUAGES, Confirmation, PlanVersion, Words
from birge.store.own import own, put
from birge.store.records import Record, create, edit, listing, read, retire, share, submit, thing
from birge.store.texts import reviewed

__all__ = [
    "basis",
    "confirm",
    "draft",
    "drop",
    "effective",
    "holding",
    "outdated",
    "precedes",
    "propose",
    "rivals",
    "seen_plan",
    "send",
    "stands",
]

Made = TypeVar("Made")
log = logging.getLogger("birge.store")


def propose(desk: Desk, plan: Plan, effective_from: date, note: Words | None = None) -> Record:
    """Propose a plan version to both sides: it is submitted and shared, and holds when both sides confirm it.

    Raises InputError for a day before that of a version that is agreed.
    """
    if problems := _early(desk, effective_from):
        raise InputError(problems)
    made = _written(desk, plan, effective_from, note)
    return send(desk, made.id, made.version)


def draft(desk: Desk, plan: Plan, effective_from: date, note: Words | None = None) -> Record:
    """Write a change of the newest agreed plan as a draft, to be looked at before it is sent.

    Raises InputError where the plan is as that one, and for a day before that of a version that is agreed.
    """
    desk.require("write", Thing("plan", desk.actor.side, frozenset({"plan"}), author=desk.actor.login))
    stand, problems = basis(desk), []
    if plan_hash(plan) == stand.digest:
        message = f"nothing differs from the plan effective from {stand.effective}"
        problems.append(Problem("plan", "no-change", message, "change something"))
    problems += _early(desk, effective_from)
    if problems:
        raise InputError(problems)
    made = PlanVersion(plan=plan.canonical(), effective=effective_from, note=note, base=stand.digest)
    mine = own(desk, "plan", KINDS["plan"].key_of(made))
    if mine is not None and not mine.draft:
        raise InputError.at("plan", "proposed", "the same change is proposed already", "wait for both sides' word")
    if mine is not None:
        return edit(desk, mine.id, mine.newest, made)
    return _written(desk, plan, effective_from, note)


def send(desk: Desk, ident: str, seen: int) -> Record:
    """Hand a draft to both sides; raises InputError where another version was agreed meanwhile."""
    _current(desk, read(desk, ident))
    return share(desk, submit(desk, ident, seen).id, seen)


def drop(desk: Desk, ident: str, seen: int) -> Record:
    """Take back a draft that nobody else has read; raises Denied for a version that was proposed."""
    if read(desk, ident).submitted:
        raise Denied("what was proposed is not dropped: the other side may send it back")
    return retire(desk, ident, seen)


def _written(desk: Desk, plan: Plan, effective_from: date, note: Words | None) -> Record:
    if {p.code for p in plan.parties} != set(desk.parties):
        found = "-".join(p.code for p in plan.parties)
        raise InputError.at(
            "parties", "parties", f"the plan is of {found}", f"this registry is of {'-'.join(desk.parties)}"
        )
    base = next((s.digest for s in _newest(desk)), None)
    return create(desk, "plan", PlanVersion(plan=plan.canonical(), effective=effective_from, note=note, base=base))


def _newest(desk: Desk) -> list[PlanStand]:
    """Return the agreed versions that the actor may see, the newest first; where none is agreed, all."""
    seen = stands(desk)
    return [s for s in seen if s.agreed] or seen


def _early(desk: Desk, effective_from: date) -> list[Problem]:
    """Refuse a day before that of an agreed version, for the later one would undo what is changed."""
    latest = next((s.effective for s in stands(desk) if s.agreed), effective_from)
    if effective_from >= latest:
        return []
    message = f"a version from {latest} is agreed already"
    return [Problem("effective", "effective-early", message, "name that day or a later one")]


def holding(desk: Desk) -> PlanStand:
    """Return the plan version that holds today; raises Missing where there is none that the actor may see."""
    stand = standing_plan(desk.connection, desk.now.date())
    if stand is None or stand.record not in {s.record for s in stands(desk)}:
        raise Missing("there is no plan in this registry: import one")
    return stand


def basis(desk: Desk) -> PlanStand:
    """Return the version that a change is made on: the newest agreed one, also where its day is still to come."""
    return next(iter(_newest(desk)), None) or holding(desk)


def outdated(desk: Desk, record: Record) -> PlanStand | None:
    """Return the newest agreed version where a version that is not agreed does not rest on it; else None."""
    agreed = [s for s in stands(desk) if s.agreed]
    if not agreed or record.id in {s.record for s in agreed}:
        return None
    made, newest = record.payload, agreed[0]
    # versions written before `base` was: the newest agreed one of their day
    old = next((s.digest for s in agreed if (s.effective, s.at) <= (made.effective, record.at)), None)
    fits = newest.digest in (made.base or old, made.digest) and newest.effective <= made.effective
    return None if fits else newest


def rivals(desk: Desk, record: Record) -> list[PlanStand]:
    """Return the other versions that wait for both sides' word: only one of them can become agreed."""
    by_id = {r.id: r for r in listing(desk, "plan", official=True) if r.id != record.id}
    waits = [s for s in stands(desk) if s.record in by_id and not s.agreed and not s.sent_back]
    return [s for s in waits if outdated(desk, by_id[s.record]) is None]


def _current(desk: Desk, record: Record) -> None:
    """Refuse a version that would undo another one agreed meanwhile."""
    if (newest := outdated(desk, record)) is not None:
        message = f"it rests on an older plan: a version from {newest.effective} was agreed meanwhile"
        raise InputError.at("plan", "outdated", message, "make the change anew on that version")


def precedes(desk: Desk, record: Record) -> Plan | None:
    """Return the plan that a version changes: its base, else the newest before it, agreed if there is one."""
    if (base := record.payload.base) is not None:
        known = next((s.plan for s in stands(desk) if s.digest == base), None)
        if known is not None:
            return known
    mine = (record.payload.effective, record.at)
    before = [s for s in stands(desk) if s.record != record.id and (s.effective, s.at) <= mine]
    agreed = [s for s in before if s.agreed]
    return next((s.plan for s in agreed or before), None)


def confirm(desk: Desk, ident: str, sent_back: bool = False, note: Words | None = None) -> Record:
    """Confirm the version of a record that the actor sees, or send it back; the word goes to the other side.

    Raises InputError for a plan version that rests on an older one than the newest agreed. Where each side has a
    machine of its own, also while the own side has confirmed another one that waits: else two could become agreed.
    """
    about = read(desk, ident)
    desk.require("confirm", thing(desk, about))
    if sent_back and not note:
        raise InputError.at("note", "reason", "it is sent back without a reason", "write why")
    if about.kind == "plan" and not sent_back:
        _current(desk, about)
        waits = [s for s in rivals(desk, about) if desk.side and desk.actor.side in s.confirmed]
        if waits:
            message = (
                f"our side has confirmed another version, from {waits[0].effective}, that waits for the other's word"
            )
            raise InputError.at("plan", "rival", message, "send that one back first, or wait")
    verdict = "sent back" if sent_back else "confirmed"
    said = Confirmation(
        record=about.id, hash=about.hash, verdict=verdict, by=desk.actor.name, on=desk.now.date(), note=note
    )
    made = put(desk, "confirmation", said)
    submit(desk, made.id, made.version)
    return share(desk, made.id, made.version)


def stands(desk: Desk) -> list[PlanStand]:
    """Return every plan version that the actor may see, with who has confirmed it, newest first."""
    seen = {r.id for r in listing(desk, "plan", official=True)}
    return [s for s in plan_stands(desk.connection) if s.record in seen]


def seen_plan(desk: Desk, on: date) -> PlanStand | None:
    """Return the plan that holds on a date as far as the actor may see it: an older one while a newer is not theirs."""
    seen = stands(desk)
    return next(iter([s for s in seen if s.agreed and s.effective <= on] or seen), None)


def effective(desk: Desk, on: date, stand: PlanStand | None = None, unfit: list[Record] | None = None) -> Plan:
    """Return the plan that holds on a date, or `stand`, with what was reported until then.

    A record that the plan cannot take is left out, logged and added to `unfit`: one record must not hide the plan.

    Raises Missing if there is none.
    """
    unfit = [] if unfit is None else unfit
    stand = stand or standing_plan(desk.connection, on)
    if stand is None:
        raise Missing("there is no plan in this registry: import one")
    data = plain(stand.plan)
    reports = _reports(desk, on, unfit)
    for measure in data.get("measures", ()):
        _add(measure, reports)
        for milestone in measure.get("milestones", ()):
            _add(milestone, reports)
    for meeting in data.get("meetings", ()):
        for decision in meeting.get("decisions", ()):
            _add(decision, reports)
    for kind, name in (
        ("barrier", "barriers"),
        ("initiative", "initiatives"),
        ("instrument", "instruments"),
        ("organisation", "organisations"),
    ):
        data[name] = _laid_over(data.get(name, ()), (plain(r.payload) for r in _by(desk, kind, on)))
    data["events"] = _laid_over(data.get("events", ()), (plain(r.payload.event) for r in _by(desk, "event", on)))
    data["meetings"] = _meetings(desk, data.get("meetings", ()), reports, on, unfit)
    reviewed(desk, data, on)
    return Plan.model_validate(data)


def _by(desk: Desk, kind: str, on: date) -> list[Record]:
    """Return what was submitted until the end of a day, the own side's statements last, so that they lie on top."""
    found = [r for r in listing(desk, kind, official=True) if r.at[:10] <= on.isoformat()]
    return sorted(found, key=lambda r: (r.side == desk.actor.side, r.at))


def _fitting(record: Record, make: Callable[[], Made], unfit: list[Record]) -> Made | None:
    """Return what a record makes in the plan, None where the plan cannot take it."""
    try:
        return make()
    except ValidationError as error:
        where = "; ".join(".".join(map(str, e["loc"])) + f" {e['type']}" for e in error.errors())
        log.warning("%s %s of %s is not laid over the plan: %s", record.kind, record.id, record.side, where)
        unfit.append(record)
        return None


def _reports(desk: Desk, on: date, unfit: list[Record]) -> dict[str, list[Status]]:
    """Return both sides' reports by item, oldest first; of two on one day the first counts, so `done` comes last."""
    found: dict[str, list[Status]] = {}
    for r in _by(desk, "progress", on):
        if (status := _fitting(r, lambda r=r: _status(r), unfit)) is not None:  # type: ignore[misc]
            found.setdefault(r.payload.item, []).append(status)
    for item in found.values():
        item.sort(key=lambda s: (s.reported, s.state is State.DONE))
    return found


def _status(record: Record) -> Status:
    said = record.payload
    return Status(
        state=said.state,
        reported=said.reported,
        finished=said.finished,
        note=_text(said.text) if said.text else None,
        source=Source(title=f"report of {record.side}", date=said.reported),
        known_on=max(date.fromisoformat(record.at[:10]), said.reported),
    )


def _add(item: dict[str, Any], reports: dict[str, list[Status]]) -> None:
    if item["id"] in reports:
        item["status"] = [*(plain(s) for s in reports[item["id"]]), *item.get("status", ())]


def _laid_over(base: Iterable[dict[str, Any]], newer: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    merged = {r["id"]: r for r in base}
    merged.update({r["id"]: r for r in newer})
    return list(merged.values())


def _meetings(
    desk: Desk, base: Iterable[dict[str, Any]], reports: dict[str, list[Status]], on: date, unfit: list[Record]
) -> list[dict[str, Any]]:
    """Return the plan's meetings, and the councils' sessions with their decisions."""
    merged = {m["id"]: m for m in base}
    bodies = {r.payload.id: r.payload.body for r in _by(desk, "council", on)}
    for r in _by(desk, "meeting", on):
        if (made := _fitting(r, lambda r=r: _session(r, bodies), unfit)) is not None:  # type: ignore[misc]
            decided = list(merged.get(r.payload.id, {}).get("decisions", ()))
            merged[r.payload.id] = {**plain(made), "decisions": decided}
    for r in sorted(_by(desk, "decision", on), key=_point):
        said = r.payload
        if said.meeting not in merged:
            continue
        if (point := _fitting(r, lambda r=r: _decided(r, reports), unfit)) is not None:  # type: ignore[misc]
            listed = merged[said.meeting].get("decisions", ())
            merged[said.meeting]["decisions"] = _laid_over(listed, [plain(point)])
    return list(merged.values())


def _session(record: Record, bodies: dict[str, str]) -> Meeting:
    held = record.payload
    return Meeting(
        id=held.id,
        title=_text(held.title),
        body=bodies.get(held.council, "other"),
        date=held.date,
        year=held.date.year,
        place=held.place,
        source=Source(title="the registry"),
    )


def _decided(record: Record, reports: dict[str, list[Status]]) -> Decision:
    said = record.payload
    return Decision(
        id=said.id,
        title=_text(said.title),
        owners=said.owners,
        due=said.due,
        measure=said.measure,
        status=tuple(reports.get(said.id, ())),
    )


def _point(record: Record) -> tuple[int, ...]:
    """Return the number of a decision's point, by which a protocol is read."""
    return tuple(int(part) for part in (record.payload.point or "0").split("."))


def _text(words: Words) -> Text:
    """Return the words as a text of the plan; where there is no English, another language with its code stands in."""
    lang = next(x for x in LANGUAGES if x in words)
    return Text.model_validate({"en": f"{words[lang]} ({lang})", **words})
