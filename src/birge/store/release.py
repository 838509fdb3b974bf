"""Two installations, exchange by file only: what is shared goes out, what comes in is shown before it is applied.

A package holds, of each shared record, the shared version and nothing else: no draft, no comment, no older version, no
name of a login, no run or scenario that an approver has not shared. It carries the head of the sender's audit chain,
and the newest head of the receiver's chain that the sender holds: a witness against a rewritten chain.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import BaseModel, ValidationError
from sqlalchemy import and_, insert, select, update

from birge.errors import InputError, Problem
from birge.store import audit
from birge.store.access import Thing
from birge.store.agreement import standing_plan
from birge.store.canonical import canonical, digest, plain
from birge.store.desk import Desk
from birge.store.errors import Broken, Denied
from birge.store.evidence import media_of
from birge.store.kinds import KINDS, Confirmation, Head, Meeting, Progress
from birge.store.package import Package, read_package, write_package
from birge.store.tables import files, history, records

__all__ = ["Item", "Receipt", "State", "apply", "receive", "release"]

State = Literal["new", "updated", "equal", "older", "contested", "refused"]
AT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z")
HASH = re.compile(r"^[0-9a-f]{64}\Z")
LARGEST = 2**31
COLUMNS = ("id", "kind", "key", "subject", "side", "version", "published", "retired", "at", "hash")


@dataclass(frozen=True)
class Item:
    """A record of a package beside what is here: `theirs` the package's content, `ours` what stands here, and why."""

    state: State
    id: str
    kind: str
    key: str
    version: int
    theirs: dict[str, Any]
    ours: dict[str, Any] | None = None
    reason: str = ""


@dataclass(frozen=True)
class Receipt:
    """What a package would change. `witness` tells whether the head of our chain that they hold is still in it."""

    package: str
    sender: str
    agreed: str | None
    items: tuple[Item, ...]
    witness: Literal["holds", "broken", "none yet"]
    files: tuple[str, ...]

    def of(self, state: State) -> list[Item]:
        """Return the items in a state."""
        return [i for i in self.items if i.state == state]


@dataclass(frozen=True)
class _Row:
    facts: dict[str, Any]
    payload: BaseModel


def release(desk: Desk, path: Path) -> str:
    """Write all that the actor's side has shared to a package for the other side; returns the package's hash."""
    side = desk.actor.side
    desk.require("share", Thing("plan", side))
    shown = and_(history.c.record == records.c.id, history.c.version == records.c.shared)
    content = (history.c.payload, history.c.hash, history.c.retired, history.c.at)
    query = select(records, *content).join(history, shown).where(records.c.side == side).order_by(records.c.id)
    rows = [r for r in desk.connection.execute(query) if not KINDS[r.kind].private]
    resources: dict[str, bytes | Path] = {}
    index: list[dict[str, Any]] = []
    by_kind: dict[str, list[Any]] = {}
    for r in rows:
        payload = json.loads(r.payload)
        public = r.published == r.shared
        index.append(
            dict(
                zip(
                    COLUMNS,
                    (r.id, r.kind, r.key, r.subject, r.side, r.shared, public, r.retired, r.at, r.hash),
                    strict=True,
                )
            )
        )
        by_kind.setdefault(r.kind, []).append({"id": r.id, "payload": payload})
        for name in _files(KINDS[r.kind].payload.model_validate_json(r.payload)):
            desk.files.read(name)
            resources[f"files/{name}"] = desk.files.path(name)
    resources["data/records.csv"] = _table(index)
    resources |= {f"data/{kind}.json": canonical(found).encode() for kind, found in by_kind.items()}
    head = audit.head(desk.connection)
    stand = standing_plan(desk.connection, desk.now.date())
    facts = {
        "format": 1,
        "content": "release",
        "from": side,
        "parties": "-".join(desk.parties),
        "installation": desk.settings["installation"],
        "agreed": stand.digest if stand and stand.agreed else None,
        "head": {"seq": head.seq, "hash": head.hash},
        "witness": _witness(desk),
    }
    title = f"Released by {side} to {desk.other}"
    name = f"birge-release-{side.lower()}"
    made = write_package(path, name, title, audit.stamp(desk.now), facts, resources)
    desk.note("release", package=made, records=len(rows))
    return made


def receive(desk: Desk, path: Path) -> Receipt:
    """Read a package of the other side and say what is new, updated, equal and contested; nothing is changed.

    Raises Broken for a damaged package and InputError for one that speaks for somebody else or holds what it may not.
    """
    package, rows = _read(desk, path)
    items = tuple(_compare(desk, row) for row in rows)
    known = package.facts.get("witness")
    witness: Literal["holds", "broken", "none yet"] = "none yet"
    if isinstance(known, dict) and isinstance(known.get("seq"), int) and 0 <= known["seq"] < LARGEST:
        witness = "holds" if audit.holds(desk.connection, known["seq"], str(known.get("hash"))) else "broken"
    carried = tuple(n.removeprefix("files/") for n in package.names if n.startswith("files/"))
    return Receipt(package.hash, package.facts["from"], package.facts.get("agreed"), items, witness, carried)


def apply(desk: Desk, path: Path) -> Receipt:
    """Take in what is new, updated or contested of a package; our own records are never changed by it."""
    desk.require("receive", Thing("plan", desk.actor.side))
    receipt = receive(desk, path)
    if refused := receipt.of("refused"):
        raise InputError(Problem(f"{i.kind} {i.key}", "refused", i.reason, "ask the other side") for i in refused)
    package, rows = _read(desk, path)
    for name in receipt.files:
        content = package.bytes(f"files/{name}")
        media = media_of(content)
        desk.files.write(name, content)
        if not desk.connection.execute(select(files.c.hash).where(files.c.hash == name)).first():
            desk.connection.execute(insert(files).values(hash=name, size=len(content), media=media))
            desk.note("attach", file=name, size=len(content), media=media)
    wanted = {i.id for i in receipt.items if i.state in ("new", "updated", "contested")}
    for row in rows:
        if row.facts["id"] in wanted:
            _take(desk, row)
    _keep_head(desk, package)
    desk.forget()
    desk.note("receive package", package=package.hash, records=len(wanted), sender=receipt.sender)
    return receipt


def _table(index: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(index)
    return out.getvalue().encode()


def _files(payload: BaseModel) -> Iterable[str]:
    if isinstance(payload, Progress):
        yield from (e.hash for e in payload.evidence)
    if isinstance(payload, Meeting) and payload.signing and payload.signing.scan:
        yield payload.signing.scan


def _witness(desk: Desk) -> dict[str, Any] | None:
    """Return the newest head of the other side's chain that this installation holds."""
    where = and_(records.c.kind == "head", records.c.side == desk.other)
    query = select(history.c.payload).join(records, history.c.record == records.c.id).where(where)
    held = [json.loads(r.payload) for r in desk.connection.execute(query)]
    newest = max(held, key=lambda h: int(h["seq"]), default=None)
    return {"seq": newest["seq"], "hash": newest["hash"]} if newest else None


def _read(desk: Desk, path: Path) -> tuple[Package, list[_Row]]:
    """Read a release of the other side and check each record against what a release may hold."""
    if not desk.side:
        raise Denied("a joint server holds both sides' records and receives no packages")
    package = read_package(path, "release")
    facts = package.facts
    problems = []
    if facts.get("parties") != "-".join(desk.parties):
        problems.append(Problem(str(path), "package-pair", f"is of {facts.get('parties')}", "receive one of this pair"))
    if facts.get("from") != desk.other or facts.get("installation") == desk.settings["installation"]:
        problems.append(
            Problem(str(path), "package-side", f"is from {facts.get('from')}", f"receive one from {desk.other}")
        )
    if problems:
        raise InputError(problems)
    seq, stated = package.head
    if not 0 <= seq < LARGEST or not HASH.match(stated):
        raise Broken(f"{path}: states no head of a chain")
    contents = {(k, str(r.get("id"))): r.get("payload") for k in KINDS for r in package.rows(f"data/{k}.json")}
    expected = {"data/records.csv", *(f"data/{k}.json" for k in KINDS)}
    for name in package.names:
        if name not in expected and not name.startswith("files/"):
            problems.append(
                Problem(f"{path}: {name}", "unknown-resource", "a release holds no such thing", "ask again")
            )
    rows = []
    table = csv.DictReader(io.StringIO(package.text("data/records.csv")), strict=True)
    for number, line in enumerate(_lines(path, table), start=2):
        where = f"{path}: data/records.csv:{number}"
        try:
            rows.append(_row(desk, line, contents.pop((line["kind"], line["id"]), None)))
        except ValidationError as error:
            what = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            problems.append(Problem(where, "content", what, "ask the other side for a new package"))
        except (ValueError, TypeError) as error:
            problems.append(Problem(where, "record", str(error), "ask the other side for a new package"))
    problems += [Problem(str(path), "not-listed", f"{k} {i} is not in the index", "ask again") for k, i in contents]
    if problems:
        raise InputError(problems)
    return package, rows


def _lines(path: Path, table: csv.DictReader[str]) -> list[dict[str, str]]:
    """Return the lines of the index; raises Broken where it is no table of these columns."""
    try:
        if tuple(table.fieldnames or ()) != COLUMNS:
            raise Broken(f"{path}: data/records.csv has other columns than expected")
        lines = list(table)
    except csv.Error as error:
        raise Broken(f"{path}: data/records.csv is no table") from error
    if any(None in line or None in line.values() for line in lines):
        raise Broken(f"{path}: data/records.csv has a line of another length")
    return lines


def _row(desk: Desk, line: dict[str, str], content: Any) -> _Row:
    """Check one record: it is the sender's, of a kind that goes out, and is what its index says."""
    kind = KINDS.get(line["kind"])
    if kind is None or kind.private:
        raise ValueError(f"a release holds no {line['kind']!r}")
    if line["side"] != desk.other:
        raise ValueError(f"belongs to {line['side']}, not to the sender")
    if content is None:
        raise ValueError("its content is missing")
    payload: BaseModel = kind.payload.model_validate_json(json.dumps(content))
    text = canonical(plain(payload))
    if digest(text) != line["hash"]:
        raise ValueError("its content does not have its hash")
    if kind.key_of(payload) != line["key"] or kind.subject_of(payload) != line["subject"]:
        raise ValueError("its key is not that of its content")
    if kind.own and getattr(payload, kind.own) != desk.other:
        raise ValueError("states figures of another side")
    if isinstance(payload, Progress):
        place = desk.places.get(payload.item)
        if place is not None and place.side == desk.actor.side:
            raise ValueError(f"reports on {payload.item}, which is ours to report")
    facts: dict[str, Any] = {
        **{n: line[n] for n in ("id", "kind", "key", "subject", "side", "at", "hash")},
        "id": str(UUID(line["id"])),
        "version": int(line["version"]),
        "published": line["published"] == "True",
        "retired": line["retired"] == "True",
    }
    if (
        not 1 <= facts["version"] < LARGEST
        or not AT.match(facts["at"])
        or len(facts["key"]) > 200
        or len(facts["subject"]) > 200
    ):
        raise ValueError("its version, time or key is not as it should be")
    return _Row(facts, payload)


def _held(desk: Desk, where: Any, version: Any) -> Any:
    query = select(records, history.c.payload, history.c.hash, history.c.retired)
    shown = and_(history.c.record == records.c.id, history.c.version == version)
    return desk.connection.execute(query.join(history, shown).where(where)).first()


def _compare(desk: Desk, row: _Row) -> Item:
    f = row.facts
    theirs = plain(row.payload)
    base = (f["id"], f["kind"], f["key"], f["version"], theirs)
    held = _held(desk, records.c.id == f["id"], records.c.version)
    if held is None:
        same = and_(records.c.kind == f["kind"], records.c.side == f["side"], records.c.key == f["key"])
        if _held(desk, same, records.c.version) is not None:
            return Item("refused", *base, reason="this matter came before under another id")
        return _contest(desk, row, Item("new", *base))
    before = json.loads(held.payload)
    if held.side != f["side"]:
        return Item("refused", *base, ours=None, reason="this id belongs to one of our records")
    if held.version > f["version"]:
        return Item("older", *base, ours=before, reason=f"version {held.version} is here already")
    if held.version == f["version"]:
        if (held.hash, held.retired) != (f["hash"], f["retired"]):
            return Item("refused", *base, ours=before, reason="this version came before with another content")
        if f["published"] and not held.published:
            return Item("updated", *base, ours=before, reason="is public now")
        return Item("equal", *base, ours=before)
    return _contest(desk, row, Item("updated", *base, ours=before))


def _contest(desk: Desk, row: _Row, item: Item) -> Item:
    """Return the item as contested if our own statement on the same matter is another one, or it sends ours back."""
    side, kind = desk.actor.side, item.kind
    if isinstance(row.payload, Confirmation):
        if row.payload.verdict == "sent back" and not row.facts["retired"]:
            about = _held(desk, records.c.id == row.payload.record, records.c.version)
            ours = json.loads(about.payload) if about else None
            return Item("contested", item.id, kind, item.key, item.version, item.theirs, ours, "sent back")
        return item
    mine = and_(records.c.kind == kind, records.c.side == side)
    if isinstance(row.payload, Progress):
        query = select(history.c.payload).join(
            records, and_(history.c.record == records.c.id, history.c.version == records.c.submitted)
        )
        where = and_(mine, records.c.subject == row.payload.item, ~history.c.retired)
        ours = [json.loads(r.payload) for r in desk.connection.execute(query.where(where))]
        last = max(ours, key=lambda p: str(p["reported"]), default=None)
        if last is not None and last["state"] != row.payload.state:
            reason = f"our last report says {last['state']}"
            return Item("contested", item.id, kind, item.key, item.version, item.theirs, last, reason)
        return item
    own = _held(desk, and_(mine, records.c.key == item.key), records.c.submitted)
    if own is not None and not own.retired and json.loads(own.payload) != item.theirs:
        stated = json.loads(own.payload)
        return Item("contested", item.id, kind, item.key, item.version, item.theirs, stated, "our statement is another")
    return item


def _take(desk: Desk, row: _Row) -> None:
    """Write a received version as the other side's, with its audit entry."""
    f = row.facts
    version = f["version"]
    held = desk.connection.execute(select(records).where(records.c.id == f["id"])).first()
    published = version if f["published"] else (held.published if held else 0)
    marks = {"version": version, "submitted": version, "shared": version, "published": published}
    names = {n: f[n] for n in ("id", "kind", "key", "subject", "side")}
    if held is None:
        desk.connection.execute(insert(records).values(**names, **marks))
    else:
        desk.connection.execute(update(records).where(records.c.id == f["id"]).values(**marks))
    content: dict[str, Any] = {}
    if held is None or held.version < version:
        row_of = {"record": f["id"], "version": version, "payload": canonical(plain(row.payload)), "hash": f["hash"]}
        author = {"retired": f["retired"], "author": f["side"], "at": f["at"]}
        desk.connection.execute(insert(history).values(**row_of, **author))
        content = {"content": f["hash"], "retired": f["retired"], "author": f["side"], "written": f["at"]}
    desk.note(
        "receive",
        record=f["id"],
        kind=f["kind"],
        key=f["key"],
        owner=f["side"],
        version=version,
        marks=list(marks.values()),
        **content,
    )


def _keep_head(desk: Desk, package: Package) -> None:
    """Keep the head of the sender's chain, so that we can witness it later."""
    seq, stated = package.head
    head = Head(seq=seq, hash=stated, package=package.hash)
    kind = KINDS["head"]
    ident = str(uuid5(NAMESPACE_OID, f"{package.facts['installation']}:{head.seq}:{head.hash}"))
    if desk.connection.execute(select(records.c.id).where(records.c.id == ident)).first():
        return
    facts = {
        "id": ident,
        "kind": "head",
        "key": kind.key_of(head),
        "subject": kind.subject_of(head),
        "side": package.facts["from"],
        "at": audit.stamp(desk.now),
        "hash": digest(canonical(plain(head))),
        "version": 1,
        "published": False,
        "retired": False,
    }
    _take(desk, _Row(facts, head))
