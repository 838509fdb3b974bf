"""The audit chain: append, walk, locate what was changed.

Entry n is canonical JSON that holds the hash of entry n-1; its own hash is the SHA-256 of that text. Entry 0 names the
installation. A chain alone does not stop a full rewrite: the two sides exchange heads (`birge.store.release`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from birge.store.canonical import canonical, digest
from birge.store.evidence import Files
from birge.store.kinds import KINDS
from birge.store.replay import Finding, changed_files, replay
from birge.store.tables import audit, history, records

__all__ = ["Finding", "HeadOfDay", "append", "head", "heads", "holds", "stamp", "verify"]


@dataclass(frozen=True)
class HeadOfDay:
    """The last entry of a day: its number and hash stand for everything before."""

    day: str
    seq: int
    hash: str


def stamp(now: datetime) -> str:
    """Return a time in UTC as the registry writes it."""
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def append(connection: Connection, at: datetime, user: str, side: str, action: str, **facts: Any) -> int:
    """Add an entry in the running transaction and return its number."""
    last = connection.execute(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.hash) if last else (0, "")
    entry = {"seq": seq, "at": stamp(at), "user": user, "side": side, "action": action, "previous": previous, **facts}
    text = canonical(entry)
    connection.execute(insert(audit).values(seq=seq, entry=text, hash=digest(text)))
    return seq


def head(connection: Connection) -> HeadOfDay:
    """Return the newest entry's number and hash."""
    row = connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(1)).one()
    return HeadOfDay(json.loads(row.entry)["at"][:10], row.seq, row.hash)


def holds(connection: Connection, seq: int, expected: str) -> bool:
    """Return whether entry `seq` of the chain has the hash that somebody else holds of it."""
    return bool(connection.execute(select(audit.c.hash).where(audit.c.seq == seq)).scalar() == expected)


def heads(connection: Connection) -> list[HeadOfDay]:
    """Return the head of every day on which something was written."""
    days: dict[str, HeadOfDay] = {}
    for row in connection.execute(select(audit).order_by(audit.c.seq)):
        day = json.loads(row.entry)["at"][:10]
        days[day] = HeadOfDay(day, row.seq, row.hash)
    return list(days.values())


def verify(connection: Connection, kept: Files | None = None) -> list[Finding]:
    """Return every row that is not as it was written, by table and key, and of the files `kept` those that changed.

    Sessions and the counters of failed sign-ins come and go, and the chain does not hold them.
    """
    findings: list[Finding] = []
    entries = list(_chain(connection, findings))
    findings += _contents(connection, entries)
    findings += replay(connection, entries)
    findings += changed_files(connection, kept) if kept else ()
    return findings


def _chain(connection: Connection, findings: list[Finding]) -> Iterator[dict[str, Any]]:
    """Yield the entries that can be read, and note the ones that break the chain."""
    expected, previous, before = 0, "", ""
    for row in connection.execute(select(audit).order_by(audit.c.seq)):
        where = f"audit {row.seq}"
        if row.seq != expected:
            what = "missing" if row.seq == expected + 1 else f"missing, with all up to {row.seq - 1}"
            findings.append(Finding(f"audit {expected}", what))
            previous = ""
        intact = digest(row.entry) == row.hash
        if not intact:
            findings.append(Finding(where, "its text does not have its hash"))
        entry = _read(row.entry)
        if intact and entry.get("seq") != row.seq:
            findings.append(Finding(where, f"was written as entry {entry.get('seq')}"))
        if intact and previous and entry.get("previous") != previous:
            findings.append(Finding(before, f"the entry after it holds another hash ({where})"))
        expected, previous, before = row.seq + 1, row.hash, where
        if entry:
            yield entry
    if expected == 0:
        findings.append(Finding("audit 0", "missing: the chain is empty"))


def _contents(connection: Connection, entries: list[dict[str, Any]]) -> Iterator[Finding]:
    content: dict[tuple[str, int], tuple[Any, ...]] = {}
    marks: dict[str, list[int]] = {}
    names: dict[str, tuple[Any, ...]] = {}
    subjects: dict[str, str] = {}
    for e in entries:
        record = e.get("record")
        if record is None:
            continue
        if "content" in e:
            written = tuple(e.get(n) for n in ("content", "retired", "author", "written"))
            content[record, e.get("version", 0)] = written
        marks[record] = e.get("marks", [])
        names[record] = tuple(e.get(n) for n in ("kind", "key", "owner"))
    for row in connection.execute(select(history).order_by(history.c.record, history.c.version)):
        where = f"history {row.record} version {row.version}"
        known = content.pop((row.record, row.version), None)
        if known is None:
            yield Finding(where, "no audit entry speaks of it")
        elif (digest(row.payload), row.retired, row.author, row.at) != known or row.hash != known[0]:
            yield Finding(where, "differs from what was written")
        else:
            kind = KINDS.get(names[row.record][0])
            if kind is not None:
                subjects[row.record] = kind.subject_of(kind.payload.model_validate_json(row.payload))
    for record, version in content:
        yield Finding(f"history {record} version {version}", "missing")
    for row in connection.execute(select(records).order_by(records.c.id)):
        known_marks = marks.pop(row.id, None)
        if known_marks is None:
            yield Finding(f"record {row.id}", "no audit entry speaks of it")
        elif known_marks != [row.version, row.submitted, row.shared, row.published]:
            yield Finding(f"record {row.id}", "its version or marks differ from what was written")
        elif names[row.id] != (row.kind, row.key, row.side):
            yield Finding(f"record {row.id}", "its kind, key or side differs from what was written")
        elif row.id in subjects and subjects[row.id] != row.subject:
            yield Finding(f"record {row.id}", "its subject is not that of its content")
    for record in marks:
        yield Finding(f"record {record}", "missing")


def _read(text: str) -> dict[str, Any]:
    """Read an entry; empty if somebody made it unreadable."""
    try:
        entry = json.loads(text)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
