"""Signing in: a password, then a second factor; sessions that are opaque, rotate and end.

A session id changes at every step up of rights, ends after half an hour without use and after twelve hours in any case.
Only its SHA-256 is kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime, timedelta
from typing import Any

from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Row, delete, insert, select, update

from birge.store.accounts import HASHER, NOBODY, STEP_S, code_hash
from birge.store.audit import stamp
from birge.store.canonical import digest
from birge.store.desk import Desk
from birge.store.registry import OPERATOR, Registry
from birge.store.tables import codes, sessions, users

__all__ = ["one_time_password", "resume", "second_factor", "sign_in", "sign_out"]

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
FAILURES = 5
LOCKED = timedelta(minutes=15)


def one_time_password(secret: str, at: datetime, drift: int = 0) -> str:
    """Return the six digits for a secret at a time (RFC 6238, SHA-1, 30 s)."""
    counter = int(at.timestamp()) // STEP_S + drift
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    start = mac[-1] & 15
    number = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def sign_in(registry: Registry, login: str, password: str) -> str | None:
    """Start a session by password and return its id; None if it does not fit, without saying why.

    The session has no rights before `second_factor`. Five failures lock the login for a quarter of an hour.
    """
    held = select(users.c.password).where(users.c.login == login)
    with registry.view(OPERATOR) as desk:
        kept = desk.connection.execute(held).scalar()
    fits = _fits(
        kept or NOBODY, password
    )  # in no transaction: it takes a tenth of a second, and others write meanwhile
    with registry.desk(OPERATOR) as desk:
        row = desk.connection.execute(select(users).where(users.c.login == login)).first()
        if row is None or (row.locked_until is not None and row.locked_until > stamp(desk.now)):
            return None
        if not fits or not row.active or kept is None or row.password != kept:
            _failed(desk, login, row.failures)
            return None
        return _start(desk, login, False)


def second_factor(desk: Desk, session: str, code: str) -> str | None:
    """Step a session up by a one-time password or a printed code; returns its new id, None if it does not fit."""
    row = _session(desk, session)
    if row is None:
        return None
    user = desk.connection.execute(select(users).where(users.c.login == row.login)).one()
    if user.locked_until is not None and user.locked_until > stamp(desk.now):
        return None
    code = code.strip().lower()
    if not (_totp_fits(desk, user.login, user.totp, user.totp_step, code) or _code_fits(desk, user.login, code)):
        _failed(desk, user.login, user.failures)
        return None
    desk.connection.execute(update(users).where(users.c.login == user.login).values(failures=0, locked_until=None))
    desk.connection.execute(delete(sessions).where(sessions.c.hash == digest(session)))
    desk.note("sign in", login=user.login)
    return _start(desk, user.login, True)


def resume(desk: Desk, session: str) -> str | None:
    """Return the login of a session with both factors and note its use; None if it has ended."""
    row = _session(desk, session)
    if row is None or not row.second_factor:
        return None
    desk.connection.execute(update(sessions).where(sessions.c.hash == row.hash).values(seen=stamp(desk.now)))
    return str(row.login)


def sign_out(desk: Desk, session: str) -> None:
    """End a session."""
    desk.connection.execute(delete(sessions).where(sessions.c.hash == digest(session)))


def _fits(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _failed(desk: Desk, login: str, failures: int) -> None:
    values: dict[str, object] = {"failures": failures + 1}
    if failures + 1 >= FAILURES:
        values = {"failures": 0, "locked_until": stamp(desk.now + LOCKED)}
    desk.connection.execute(update(users).where(users.c.login == login).values(**values))
    desk.note("sign-in failed", login=login)


def _start(desk: Desk, login: str, second: bool) -> str:
    session = secrets.token_urlsafe(32)
    at = stamp(desk.now)
    row = {"hash": digest(session), "login": login, "second_factor": second, "started": at, "seen": at}
    desk.connection.execute(insert(sessions).values(**row))
    return session


def _session(desk: Desk, session: str) -> Row[Any] | None:
    row = desk.connection.execute(select(sessions).where(sessions.c.hash == digest(session))).first()
    if row is None:
        return None
    if row.seen < stamp(desk.now - IDLE) or row.started < stamp(desk.now - LONGEST):
        desk.connection.execute(delete(sessions).where(sessions.c.hash == row.hash))
        return None
    return row


def _totp_fits(desk: Desk, login: str, secret: str | None, last: int, code: str) -> bool:
    """A one-time password counts once: the step it belongs to has to be later than the last one used."""
    if not secret:
        return False
    for drift in (-1, 0, 1):
        step = int(desk.now.timestamp()) // STEP_S + drift
        if step > last and hmac.compare_digest(one_time_password(secret, desk.now, drift).encode(), code.encode()):
            desk.connection.execute(update(users).where(users.c.login == login).values(totp_step=step))
            return True
    return False


def _code_fits(desk: Desk, login: str, code: str) -> bool:
    gone = delete(codes).where(codes.c.login == login, codes.c.hash == code_hash(login, code))
    return desk.connection.execute(gone).rowcount == 1
