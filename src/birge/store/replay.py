"""What the audit chain says of accounts, files and settings, replayed and held against what stands there.

Passwords, secrets and codes stand in the chain as the SHA-256 of what is kept of them, which is random itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from birge.store.canonical import digest
from birge.store.errors import StoreError
from birge.store.evidence import Files
from birge.store.tables import codes, files, grants, identities, security_keys, settings, users

__all__ = ["Finding", "changed_files", "replay"]

UNKNOWN = "?"
SET = {"set password": "password", "set second factor": "totp_sealed"}
GONE = {"invite": "password", "drop second factor": "totp_sealed"}


@dataclass(frozen=True)
class Finding:
    """A row that is not as it was written: where, and what is wrong with it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def replay(connection: Connection, entries: list[dict[str, Any]]) -> Iterator[Finding]:
    """Yield every setting, user, code, grant and file that is not as the chain says."""
    yield from _settings(connection, entries)
    yield from _users(connection, entries)
    yield from _codes(connection, entries)
    yield from _grants(connection, entries)
    yield from _keys(connection, entries)
    yield from _links(connection, entries)
    yield from _files(connection, entries)


def changed_files(connection: Connection, kept: Files) -> Iterator[Finding]:
    """Yield every file that is gone, or is not what its name says."""
    for row in connection.execute(select(files).order_by(files.c.hash)):
        try:
            kept.read(row.hash)
        except StoreError as error:
            yield Finding(f"file {row.hash}", str(error))


def _settings(connection: Connection, entries: list[dict[str, Any]]) -> Iterator[Finding]:
    said = next((e for e in entries if e.get("action") == "found"), {})
    written = {"installation": said.get("installation"), "side": said.get("of"), "parties": said.get("parties")}
    present = {r.name: r.value for r in connection.execute(select(settings))}
    yield from _compared("setting {}", {k: (v,) for k, v in written.items()}, {k: (v,) for k, v in present.items()})


def _users(connection: Connection, entries: list[dict[str, Any]]) -> Iterator[Finding]:
    """Replay accounts: name, side, organisation, whether they are let in, and what proves who they are."""
    written: dict[str, dict[str, Any]] = {}
    for e in entries:
        action, login = e.get("action"), str(e.get("login"))
        if action == "add user":
            named = {n: e.get(n, UNKNOWN) for n in ("name", "organisation")}
            written[login] = {**named, "side": e.get("of"), "active": True, "password": None, "totp_sealed": None}
        elif login in written and action in ("activate", "deactivate"):
            written[login]["active"] = action == "activate"
        elif login in written and action in SET:
            written[login][SET[action]] = e.get("proof", UNKNOWN)
        elif login in written and action in GONE:
            written[login][GONE[action]] = None
        elif action == "reseal":
            for one in written.values():
                one["totp_sealed"] = UNKNOWN if one["totp_sealed"] else None
    for row in connection.execute(select(users).order_by(users.c.login)):
        expected = written.pop(row.login, None)
        if expected is None:
            yield Finding(f"user {row.login}", "was never added")
            continue
        stands = {n: getattr(row, n) for n in ("name", "organisation", "side", "active")}
        # an export holds neither, so that none is left to be changed
        stands |= {n: digest(v) if (v := getattr(row, n)) is not None else None for n in SET.values()}
        wrong = [
            n for n, v in stands.items() if expected[n] not in (UNKNOWN, v) and not (n in SET.values() and v is None)
        ]
        if wrong:
            yield Finding(f"user {row.login}", f"{', '.join(sorted(wrong))} differs from what was written")
    for login in written:
        yield Finding(f"user {login}", "was added and is missing")


def _codes(connection: Connection, entries: list[dict[str, Any]]) -> Iterator[Finding]:
    """Codes that were used are gone; what stands there has to be among those that were made last."""
    made = {str(e.get("login")): set(e.get("codes", ())) for e in entries if e.get("action") == "set codes"}
    for row in connection.execute(select(codes).order_by(codes.c.login, codes.c.hash)):
        if row.hash not in made.get(row.login, ()):
            yield Finding(f"codes {row.login}", "a code was never made")


def _grants(connection: Connection, entries: list[dict[str, Any]]) -> Iterator[Finding]:
    """Replay grants and revocations; what stands there and was never granted is found."""
    written: set[tuple[str, ...]] = set()
    for e in entries:
        if e.get("action") in ("grant", "revoke"):
            row = tuple(str(e.get(n)) for n in ("login", "role", "organisation", "item"))
            (written.add if e["action"] == "grant" else written.discard)(row)
    present = {tuple(str(v) for v in row) for row in connection.execute(select(grants))}
    for row in sorted(present ^ written):
        what = "was never granted" if row in present else "was granted and is missing"
        yield Finding(f"grant {row[0]} {row[1]}", what)


def _keys(connection: Connection, entries: list[dict[str, Any]]) -> Iterator[Finding]:
    """Replay security keys; when one was last used and its counter change at every sign-in."""
    written: dict[str, Any] = {}
    for e in entries:
        if e.get("action") == "add security key":
            written[str(e.get("key"))] = (e.get("login"), e.get("proof"), e.get("added"))
        elif e.get("action") == "remove security key":
            written.pop(str(e.get("key")), None)
    rows = connection.execute(select(security_keys))
    present = {r.id: (r.login, digest(f"{r.name} {r.public_key}"), r.added) for r in rows}
    yield from _compared("security key {}", written, present)


def _links(connection: Connection, entries: list[dict[str, Any]]) -> Iterator[Finding]:
    """Replay links to providers of sign-ins."""
    written: dict[str, Any] = {}
    for e in entries:
        name = f"{e.get('issuer')} {e.get('subject')}"
        if e.get("action") == "link":
            written[name] = (e.get("login"), e.get("claim"), e.get("counts"))
        elif e.get("action") == "unlink":
            written.pop(name, None)
    rows = connection.execute(select(identities))
    present = {f"{r.issuer} {r.subject}": (r.login, r.claim, r.second_factor) for r in rows}
    yield from _compared("link {}", written, present)


def _files(connection: Connection, entries: Iterable[dict[str, Any]]) -> Iterator[Finding]:
    attached = [e for e in entries if e.get("action") == "attach"]
    written = {str(e.get("file")): (e.get("size"), e.get("media")) for e in attached}
    present = {r.hash: (r.size, r.media) for r in connection.execute(select(files))}
    yield from _compared("file {}", written, present)


def _compared(where: str, written: Mapping[str, Any], present: Mapping[str, Any]) -> Iterator[Finding]:
    for name in sorted(written.keys() | present.keys()):
        if name not in written:
            yield Finding(where.format(name), "no audit entry speaks of it")
        elif name not in present:
            yield Finding(where.format(name), "missing")
        elif written[name] != present[name]:
            yield Finding(where.format(name), "differs from what was written")
