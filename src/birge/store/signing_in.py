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
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Row, delete, insert, select, update

from birge.store.accounts import (
    HASHER,
    NOBODY,
    STEP_S,
    check_password,
    code_hash,
    fresh_secret,
    new_totp,
    set_password,
)
from birge.store.audit import stamp
from birge.store.canonical import digest
from birge.store.challenges import ask, peek, take
from birge.store.desk import Desk
from birge.store.registry import OPERATOR, Registry
from birge.store.security_keys import Site, answered, question
from birge.store.tables import codes, identities, sessions, users

__all__ = [
    "accept",
    "begin_app",
    "confirm_app",
    "key_question",
    "one_time_password",
    "own_sessions",
    "proved",
    "renewed",
    "resume",
    "second_factor",
    "second_factor_by_key",
    "sign_in",
    "sign_in_by_provider",
    "sign_out",
    "sign_out_others",
]

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
FAILURES = 5
LOCKED = timedelta(minutes=15)
ENROL = timedelta(minutes=10)
FRESH = timedelta(minutes=10)
STRONG = ("phr", "phrh", "http://schemas.openid.net/pape/policies/2007/06/multi-factor")


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
    secret = desk.seal.open(user.login, user.totp_sealed) if user.totp_sealed else None
    if _totp_fits(desk, user.login, secret, user.totp_step, code):
        return _stepped_up(desk, session, user.login, "one-time password")
    if _code_fits(desk, user.login, code):
        return _stepped_up(desk, session, user.login, "printed code")
    _failed(desk, user.login, user.failures)
    return None


def key_question(desk: Desk, session: str, site: Site) -> str | None:
    """Return what a browser asks a security key of this session's user; None where there is no session or no key."""
    row = _session(desk, session)
    return question(desk, row.login, session, site) if row is not None else None


def second_factor_by_key(desk: Desk, session: str, site: Site, answer: str) -> str | None:
    """Step a session up by a security key; returns its new id, None if the answer does not fit."""
    row = _session(desk, session)
    if row is None:
        return None
    user = desk.connection.execute(select(users).where(users.c.login == row.login)).one()
    if user.locked_until is not None and user.locked_until > stamp(desk.now):
        return None
    if not answered(desk, user.login, session, site, answer):
        _failed(desk, user.login, user.failures)
        return None
    return _stepped_up(desk, session, user.login, "security key")


def sign_in_by_provider(desk: Desk, issuer: str, claims: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Start a session for whom a provider vouches; returns its id and whether it has both factors.

    `claims` have been verified. Only a link that an admin made counts: by `sub`, or by an address that the provider
    says it has verified. The second factor is ours, unless the link says that the provider's counts and it states one
    (RFC 8176).
    """
    email = claims.get("email") if claims.get("email_verified") is True else None
    found = None
    for claim, subject in (("sub", claims.get("sub")), ("email", email)):
        if found is None and isinstance(subject, str) and subject:
            row = {"issuer": issuer, "claim": claim, "subject": subject.lower() if claim == "email" else subject}
            found = desk.connection.execute(select(identities).filter_by(**row)).first()
    if found is None:
        desk.note("sign-in failed", issuer=issuer, subject=str(claims.get("sub"))[:255])
        return None
    user = desk.connection.execute(select(users).where(users.c.login == found.login)).one()
    if not user.active or (user.locked_until is not None and user.locked_until > stamp(desk.now)):
        return None
    methods = claims.get("amr")
    strong = (isinstance(methods, list) and "mfa" in methods) or claims.get("acr") in STRONG
    if found.second_factor and strong:
        desk.note("sign in", login=user.login, by="provider")
        return _start(desk, user.login, True), True
    return _start(desk, user.login, False), False


def accept(desk: Desk, token: str, password: str) -> str | None:
    """Set the password of whom a token invites, and return the login; None where the token is used or too old."""
    check_password(password)
    login = take(desk, "invite", token, "")
    if login is None:
        return None
    values: dict[str, Any] = {"password": HASHER.hash(password), "failures": 0, "locked_until": None}
    desk.connection.execute(update(users).where(users.c.login == login).values(**values))
    desk.note("set password", login=login, proof=digest(values["password"]))
    return login


def proved(registry: Registry, session: str, password: str) -> bool:
    """Return whether who holds a session is still its user: by password, or, without one, by a fresh sign-in."""
    with registry.view(OPERATOR) as desk:
        row = desk.connection.execute(
            select(sessions.c.login, sessions.c.started, users.c.password, users.c.locked_until)
            .join(users, users.c.login == sessions.c.login)
            .where(sessions.c.hash == digest(session), sessions.c.second_factor, users.c.active)
        ).first()
        now = desk.now
    if row is None or (row.locked_until is not None and row.locked_until > stamp(now)):
        return False
    if row.password is None:
        return bool(row.started >= stamp(now - FRESH))
    if _fits(row.password, password):
        return True
    with registry.desk(OPERATOR) as desk:
        failures = desk.connection.execute(select(users.c.failures).where(users.c.login == row.login)).scalar_one()
        _failed(desk, row.login, failures)
    return False


def begin_app(desk: Desk, session: str) -> str:
    """Return a new secret for the actor's app; it counts from the moment `confirm_app` saw a code made with it."""
    secret = fresh_secret()
    ask(desk, "app", "", session, desk.seal.seal(desk.actor.login, secret), ENROL)
    return secret


def confirm_app(desk: Desk, session: str, code: str) -> bool:
    """Take the actor's new secret into use if `code` was made with it; that code does not count again."""
    sealed = peek(desk, "app", "", session)
    secret = desk.seal.open(desk.actor.login, sealed) if sealed else None
    if secret is None:
        return False
    for drift in (-1, 0, 1):
        if hmac.compare_digest(one_time_password(secret, desk.now, drift).encode(), code.strip().encode()):
            take(desk, "app", "", session)
            new_totp(desk, desk.actor.login, secret, int(desk.now.timestamp()) // STEP_S + drift)
            return True
    return False


def own_sessions(desk: Desk, session: str) -> list[tuple[str, str, bool]]:
    """Return when each session of the actor started and was last used, and whether it is this one; newest first."""
    found = select(sessions).where(sessions.c.login == desk.actor.login, sessions.c.second_factor)
    rows = desk.connection.execute(found.order_by(sessions.c.seen.desc()))
    return [
        (r.started, r.seen, r.hash == digest(session))
        for r in rows
        if r.seen >= stamp(desk.now - IDLE) and r.started >= stamp(desk.now - LONGEST)
    ]


def sign_out_others(desk: Desk, session: str) -> None:
    """End all sessions of the actor but this one."""
    others = delete(sessions).where(sessions.c.login == desk.actor.login, sessions.c.hash != digest(session))
    desk.note("sign out elsewhere", login=desk.actor.login, count=desk.connection.execute(others).rowcount)


def renewed(desk: Desk, password: str) -> str:
    """Set the actor's password, end all their sessions and return a new one."""
    set_password(desk, desk.actor.login, password)
    return _start(desk, desk.actor.login, True)


def _totp_fits(desk: Desk, login: str, secret: str | None, last: int, code: str) -> bool:
    """Return whether a one-time password counts: its step has to be later than the last one used, and is now used."""
    if not secret:
        return False
    for drift in (-1, 0, 1):
        step = int(desk.now.timestamp()) // STEP_S + drift
        if step > last and hmac.compare_digest(one_time_password(secret, desk.now, drift).encode(), code.encode()):
            desk.connection.execute(update(users).where(users.c.login == login).values(totp_step=step))
            return True
    return False


def _stepped_up(desk: Desk, session: str, login: str, by: str) -> str:
    desk.connection.execute(update(users).where(users.c.login == login).values(failures=0, locked_until=None))
    desk.connection.execute(delete(sessions).where(sessions.c.hash == digest(session)))
    desk.note("sign in", login=login, by=by)
    return _start(desk, login, True)


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


def _code_fits(desk: Desk, login: str, code: str) -> bool:
    gone = delete(codes).where(codes.c.login == login, codes.c.hash == code_hash(login, code))
    return desk.connection.execute(gone).rowcount == 1
