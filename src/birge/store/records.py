"""Records: create, edit, submit, share, publish, read. Every rule of the registry stands here once.

A record's owner is one side. Its newest version may be a draft; the other side reads the version that is shared,
everyone the one that is published. Editing never changes what is out. Each write and its audit entry are one
transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid4

from pydantic import BaseModel, ValidationError
from sqlalchemy import Row, Select, and_, insert, select, update

from birge.errors import InputError, Problem
from birge.store.access import Thing, reach
from birge.store.agreement import agreed_on, known_organisations
from birge.store.audit import stamp
from birge.store.canonical import canonical, digest, plain
from birge.store.desk import Desk
from birge.store.errors import Conflict, Denied, Missing
from birge.store.kinds import KINDS, Comment, Confirmation, Observed, Progress
from birge.store.lengths import too_long
from birge.store.order import misordered
from birge.store.tables import history, records

__all__ = [
    "Record",
    "create",
    "edit",
    "listing",
    "load_payload",
    "publish",
    "read",
    "released",
    "retire",
    "share",
    "submit",
    "take_back",
    "thing",
    "versions",
]

Mark = Literal["submit", "share", "publish"]
BODIES = ("owners", "answers", "organisers", "organisations")
COLUMNS = ("submitted", "shared", "published")


@dataclass(frozen=True)
class Record:
    """One version of a record, and how far the record has gone.

    `version` is the one read, `newest` the last there is; `submitted`, `shared` and `published` name the version that
    the own side's officials, the other side and everyone read (0: none).
    """

    id: str
    kind: str
    key: str
    subject: str
    side: str
    version: int
    newest: int
    submitted: int
    shared: int
    published: int
    payload: Any
    hash: str
    retired: bool
    author: str
    at: str

    @property
    def level(self) -> Literal["own side", "both sides", "public"]:
        """Return the widest circle that some version has reached."""
        return "public" if self.published else "both sides" if self.shared else "own side"

    @property
    def draft(self) -> bool:
        """Return whether this version is not submitted."""
        return self.version > self.submitted


def create(desk: Desk, kind: str, payload: BaseModel, ident: str | None = None) -> Record:
    """Write version 1 of a record of the actor's side, a draft.

    Writing the same content under the same `ident` again returns what is there, so a repeated request doubles nothing.
    Where the side has taken its statement on the matter back, this is the next version of it.

    Raises Denied without the right, and Conflict if the side has a statement on the same matter already.
    """
    facts = _kind(kind)
    _fits(desk, kind, payload)
    _unsigned(desk, kind, payload)
    given, ident = ident, str(UUID(ident)) if ident else str(uuid4())
    key, subject = facts.key_of(payload), facts.subject_of(payload)
    if len(key) > 200:
        raise InputError.at("key", "key-length", f"{key[:60]}… is longer than 200", "use shorter ids")
    made = Record(ident, kind, key, subject, desk.actor.side, 1, 1, 0, 0, 0, payload, "", False, desk.actor.login, "")
    desk.require(facts.write, thing(desk, made))
    there = _newest(desk, and_(records.c.kind == kind, records.c.side == desk.actor.side, records.c.key == key))
    there = there or _newest(desk, records.c.id == ident)
    if there is not None:
        if there.id == ident and canonical(plain(there.payload)) == canonical(plain(payload)):
            return there
        if given is None and there.retired:
            return edit(desk, there.id, there.newest, payload)
        if there.side != desk.actor.side:
            raise Denied("this id belongs to a record of the other side", id=ident)
        raise Conflict(
            f"{kind} {key} has version {there.newest} by {there.author}",
            plain(payload),
            plain(there.payload),
            there.newest,
        )
    row = {"id": ident, "kind": kind, "key": key, "subject": subject, "side": desk.actor.side, "version": 1}
    desk.connection.execute(insert(records).values(**row, submitted=0, shared=0, published=0))
    return _write(desk, made, "create")


def edit(desk: Desk, ident: str, seen: int, payload: BaseModel) -> Record:
    """Write a new version of a record whose newest version the actor has `seen`; it is a draft until submitted.

    Raises Conflict with both versions if somebody else wrote one meanwhile.
    """
    return _next(desk, ident, seen, payload, False)


def retire(desk: Desk, ident: str, seen: int) -> Record:
    """Take a record back by a new version that says so; what it held stays in its history."""
    return _next(desk, ident, seen, None, True)


def take_back(desk: Desk, ident: str, seen: int) -> Record:
    """Take a record back wherever it had gone, as far as the actor may: to the officials, the other side, everyone.

    Where only an approver may tell everyone, the public reads it until one has made public that it was taken back.
    """
    before = read(desk, ident)
    made = retire(desk, ident, seen)
    made = submit(desk, made.id, made.version)
    for mark, gone in (("share", before.shared), ("publish", before.published)):
        if gone and desk.may(mark, thing(desk, made)):
            made = share(desk, made.id, made.version) if mark == "share" else publish(desk, made.id, made.version)
    return made


def submit(desk: Desk, ident: str, seen: int) -> Record:
    """Hand the newest version to the own side's officials."""
    return _mark(desk, ident, seen, "submit")


def share(desk: Desk, ident: str, seen: int) -> Record:
    """Release the submitted version to the other side; what is out is not taken back, only followed by a newer one."""
    return _mark(desk, ident, seen, "share")


def publish(desk: Desk, ident: str, seen: int) -> Record:
    """Release the shared version to everyone; an internal kind needs the other side's confirmation of its content."""
    return _mark(desk, ident, seen, "publish")


def read(desk: Desk, ident: str) -> Record:
    """Return the newest version that the actor may see; raises Missing if there is none."""
    found = _seen(desk, records.c.id == ident)
    if not found:
        raise Missing(f"there is no record {ident} here", id=ident)
    return found[0]


def versions(desk: Desk, ident: str) -> list[Record]:
    """Return all versions of a record of the own side, oldest first; of the other's, the one the actor may see."""
    shown = read(desk, ident)
    if reach(desk.actor, thing(desk, shown)) != "own side":
        return [shown]
    query = _query(records.c.id == ident).order_by(history.c.version)
    return [_record(row) for row in desk.connection.execute(query)]


def released(desk: Desk, record: Record) -> Record | None:
    """Return a record of the own side as the other side reads it; None where that is not at all."""
    if record.side != desk.actor.side or record.version == record.shared:
        return record if record.shared and not record.retired else None
    row = desk.connection.execute(_query(and_(records.c.id == record.id, history.c.version == record.shared))).first()
    return _record(row) if row and not row.retired else None


def listing(
    desk: Desk, kind: str, subject: str | None = None, key: str | None = None, official: bool = False
) -> list[Record]:
    """Return the records of a kind that the actor may see, by side and key; retired ones are left out.

    With `official` the own side's drafts are left out too: every record is read at its submitted version.
    """
    where = records.c.kind == kind
    if subject is not None:
        where = and_(where, records.c.subject == subject)
    if key is not None:
        where = and_(where, records.c.key == key)
    order = {side: n for n, side in enumerate(desk.parties)}
    shown = [r for r in _seen(desk, where, official) if not r.retired]
    return sorted(shown, key=lambda r: (order.get(r.side, 2), r.key))


def thing(desk: Desk, record: Record) -> Thing:
    """Return what the access rules need to know of a record."""
    place = desk.places.get(record.subject)
    items = frozenset({record.subject, record.key})
    bodies: frozenset[str] = frozenset()
    if place is not None:
        items, bodies = items | place.items, place.organisations
    elif record.kind == "comment":
        items, bodies = _discussed(desk, record, items)
    elif record.kind in ("barrier", "decision"):
        bodies = frozenset(getattr(record.payload, "answers", ()) or getattr(record.payload, "owners", ()))
    out = (record.shared > 0, record.published > 0)
    return Thing(record.kind, record.side, items, bodies, record.author, *out, _asked(record))


def _asked(record: Record) -> frozenset[str]:
    """Return the organisations that a round asks, or that gave an answer in it."""
    if record.kind == "round":
        return frozenset(record.payload.organisations)
    return frozenset({record.payload.organisation}) if record.kind == "answer" else frozenset()


def _discussed(desk: Desk, comment: Record, items: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return where a comment on a record belongs: where that record does, if the actor may see it."""
    try:
        about = thing(desk, read(desk, comment.subject))
    except Missing:
        return items, frozenset()
    return items | about.items, about.organisations


def _kind(kind: str) -> Any:
    if kind not in KINDS:
        raise InputError.at("kind", "kind", f"there is no kind {kind!r}", f"use one of {', '.join(KINDS)}")
    return KINDS[kind]


def _fits(desk: Desk, kind: str, payload: BaseModel) -> None:
    """Refuse a payload that is of another kind or speaks for the other side."""
    facts = KINDS[kind]
    if type(payload) is not facts.payload:
        raise InputError.at(kind, "payload", f"{type(payload).__name__} is no {kind}", f"use {facts.payload.__name__}")
    if facts.own and getattr(payload, facts.own) != desk.actor.side:
        if kind == "statement":
            raise Denied(f"only {getattr(payload, facts.own)} states its own words", kind=kind)
        raise Denied(f"only {getattr(payload, facts.own)} enters its own figures", kind=kind)
    if problems := [*too_long(kind, payload), *misordered(payload)]:
        raise InputError(problems)
    _references(desk, payload)
    if isinstance(payload, Progress):
        place = desk.places.get(payload.item)
        if place is None:
            raise InputError.at(
                "item", "unknown-item", f"the plan has no item {payload.item!r}", "name an item of the plan"
            )
        if place.side not in (None, desk.actor.side):
            raise Denied(f"{payload.item} is for {place.side} to report", kind=kind)
        for e in payload.evidence:
            desk.files.read(e.hash)
    if isinstance(payload, Confirmation):
        _confirmable(desk, payload)
    if isinstance(payload, Observed):
        if payload.months[0] > payload.months[1]:
            raise InputError.at("months", "months", "the first month is after the last", "swap them")
        if payload.flow != "turnover" and set(payload.flow.split("-")) != set(desk.parties):
            raise InputError.at("flow", "flow", f"{payload.flow!r} is not between the two sides", "name the two sides")
    if isinstance(payload, Comment) and not payload.on:
        raise InputError.at("on", "comment", "a comment is on something", "name a record or an item")


def _unsigned(desk: Desk, kind: str, payload: BaseModel) -> None:
    """Refuse a word on a point of a protocol that is signed: what was signed stays as it is."""
    if kind == "point":
        meeting: str = getattr(payload, "meeting", "")
        if any(r.payload.signing for r in listing(desk, "meeting", key=meeting, official=True)):
            raise Denied(f"the protocol of {meeting} is signed: its points stand as they were signed", kind=kind)


def _references(desk: Desk, payload: BaseModel) -> None:
    """Refuse a payload that names an organisation or a measure that the plan does not know."""
    named = {o for field in BODIES for o in getattr(payload, field, None) or ()}
    if isinstance(payload, Progress) and payload.organisation:
        named.add(payload.organisation)
    unknown = sorted(named - set(known_organisations(desk.connection, desk.now.date()))) if named else []
    problems = [
        Problem(o, "unknown-reference", f"there is no organisation {o!r}", "add it, or use an id of the plan")
        for o in unknown
    ]
    measure = getattr(payload, "measure", None)
    if measure is not None and measure not in desk.places:
        text = f"the plan has no measure {measure!r}"
        problems.append(Problem(measure, "unknown-reference", text, "use an id of the plan"))
    if problems:
        raise InputError(problems)


def _confirmable(desk: Desk, payload: Confirmation) -> None:
    """A confirmation is for a version that is out, by somebody who did not write it."""
    about = read(desk, payload.record)
    if about.draft or about.retired:
        raise Denied(f"{about.kind} {about.key} is not submitted", id=about.id)
    if about.hash != payload.hash:
        raise Conflict(
            f"{about.kind} {about.key} is now version {about.version}",
            plain(payload),
            plain(about.payload),
            about.version,
        )
    desk.require("confirm", thing(desk, about))
    wrote = {
        row.author for row in desk.connection.execute(select(history.c.author).where(history.c.record == about.id))
    }
    if about.side == desk.actor.side and desk.actor.login in wrote:
        raise Denied(f"{desk.actor.name} wrote this and cannot confirm it", id=about.id)


def _query(where: Any) -> Select[Any]:
    content = (history.c.payload, history.c.hash, history.c.retired, history.c.author, history.c.at)
    written = history.c.version.label("written")
    return select(records, written, *content).join(history, history.c.record == records.c.id).where(where)


def _newest(desk: Desk, where: Any) -> Record | None:
    """Return a record at its newest version whoever may see it; for the services' own checks."""
    row = desk.connection.execute(_query(and_(where, history.c.version == records.c.version))).first()
    return _record(row) if row else None


def _seen(desk: Desk, where: Any, official: bool = False) -> list[Record]:
    """Return each record at the version that the actor may see."""
    marks = (records.c.version, records.c.submitted, records.c.shared, records.c.published)
    found: dict[str, dict[int, Record]] = {}
    for row in desk.connection.execute(_query(and_(where, history.c.version.in_(marks)))):
        record = _record(row)
        found.setdefault(record.id, {})[record.version] = record
    shown = []
    for by_version in found.values():
        last = by_version[max(by_version)]
        own = last.submitted if official else last.newest
        circles = {"own side": own, "officials": last.submitted, "both sides": last.shared, "public": last.published}
        circle = reach(desk.actor, thing(desk, last))
        if circle is not None and circles[circle]:
            shown.append(by_version[circles[circle]])
    return shown


def _record(row: Row[Any]) -> Record:
    return Record(
        id=row.id,
        kind=row.kind,
        key=row.key,
        subject=row.subject,
        side=row.side,
        version=row.written,
        newest=row.version,
        submitted=row.submitted,
        shared=row.shared,
        published=row.published,
        payload=KINDS[row.kind].payload.model_validate_json(row.payload),
        hash=row.hash,
        retired=row.retired,
        author=row.author,
        at=row.at,
    )


def _own(desk: Desk, ident: str, seen: int, mine: Any) -> Record:
    """Return the actor's own record at its newest version; Conflict if that is not the one `seen`."""
    record = read(desk, ident)
    if record.side != desk.actor.side:
        raise Denied(f"this {record.kind} belongs to {record.side}", id=ident)
    if record.newest != seen:
        raise Conflict(
            f"{record.kind} {record.key} is now version {record.newest} by {record.author}",
            mine,
            plain(record.payload),
            record.newest,
        )
    return record


def _next(desk: Desk, ident: str, seen: int, payload: BaseModel | None, retired: bool) -> Record:
    record = _own(desk, ident, seen, plain(payload) if payload else None)
    if record.kind == "confirmation" and agreed_on(desk.connection, record.subject):
        raise Denied("both sides have confirmed this; a new version has to replace it", id=record.subject)
    facts = KINDS[record.kind]
    payload = payload or record.payload
    desk.require(facts.write, thing(desk, record))
    _unsigned(desk, record.kind, payload)
    if not retired:
        _fits(desk, record.kind, payload)
        if facts.key_of(payload) != record.key or facts.subject_of(payload) != record.subject:
            raise InputError.at(
                record.key, "key-changed", "the new version is about another matter", "create a new record"
            )
    changed = desk.connection.execute(
        update(records).where(records.c.id == ident, records.c.version == seen).values(version=seen + 1)
    )
    if changed.rowcount != 1:
        raise Conflict(f"{record.kind} {record.key} was changed meanwhile", plain(payload), plain(record.payload), seen)
    values = {**_fields(record), "version": seen + 1, "newest": seen + 1, "payload": payload, "retired": retired}
    return _write(desk, Record(**values), "retire" if retired else "edit")


def _fields(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _write(desk: Desk, record: Record, action: str) -> Record:
    """Write the content of a version and its audit entry."""
    text = canonical(plain(record.payload))
    values = {**_fields(record), "hash": digest(text), "author": desk.actor.login, "at": stamp(desk.now)}
    written = Record(**values)
    desk.connection.execute(
        insert(history).values(
            record=written.id,
            version=written.version,
            payload=text,
            hash=written.hash,
            retired=written.retired,
            author=written.author,
            at=written.at,
        )
    )
    content = {"content": written.hash, "retired": written.retired, "author": written.author, "written": written.at}
    _audit(desk, written, action, **content)
    return written


def _audit(desk: Desk, record: Record, action: str, **facts: Any) -> None:
    if record.kind in ("plan", "confirmation", "decision", "organisation"):
        desk.forget()
    desk.note(
        action,
        record=record.id,
        kind=record.kind,
        key=record.key,
        owner=record.side,
        version=record.version,
        marks=[record.newest, record.submitted, record.shared, record.published],
        **facts,
    )


def _mark(desk: Desk, ident: str, seen: int, mark: Mark) -> Record:
    record = _own(desk, ident, seen, None)
    desk.require(mark, thing(desk, record))
    if mark != "publish":
        _unsigned(desk, record.kind, record.payload)
    place = ("submit", "share", "publish").index(mark)
    source = (record.version, record.submitted, record.shared)[place]
    if source == 0:
        raise Denied(f"{record.kind} {record.key} has to be {COLUMNS[place - 1]} first", id=ident)
    if mark == "publish" and KINDS[record.kind].internal:
        _both_agree(desk, record)
    column = COLUMNS[place]
    if getattr(record, column) == source:
        return record
    changed = desk.connection.execute(
        update(records).where(records.c.id == ident, records.c.version == seen).values({column: source})
    )
    if changed.rowcount != 1:
        raise Conflict(f"{record.kind} {record.key} was changed meanwhile", None, plain(record.payload), seen)
    marked = Record(**{**_fields(record), column: source})
    _audit(desk, marked, mark)
    return marked


def _both_agree(desk: Desk, record: Record) -> None:
    """An internal kind is public only when the other side has confirmed the very content that is shared."""
    shared = next(r for r in versions(desk, record.id) if r.version == record.shared)
    said = listing(desk, "confirmation", record.id, official=True)
    if not any(
        c.side != record.side and c.payload.hash == shared.hash and c.payload.verdict == "confirmed" for c in said
    ):
        raise Denied(f"{record.kind} {record.key} is public only when both sides agree", id=record.id)


def _problems(error: ValidationError, where: str) -> Iterator[Problem]:
    """Turn a refused payload into problems with their fields."""
    for e in error.errors():
        name = ".".join(str(part) for part in e["loc"]) or where
        yield Problem(f"{where}:{name}", f"field-{e['type']}", e["msg"], "correct this field")


def load_payload(kind: str, data: Any, where: str) -> BaseModel:
    """Read a payload of a kind from plain data; raises InputError with every wrong field."""
    try:
        payload: BaseModel = _kind(kind).payload.model_validate_json(json.dumps(data))
    except ValidationError as error:
        raise InputError(_problems(error, where)) from error
    return payload
