"""Users, grants and what proves who somebody is.

Passwords are kept as argon2id hashes, printed codes as SHA-256 of 80 random bits. The secret of the one-time password
has to be readable by the server; who reads the database reads it.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable

from argon2 import PasswordHasher
from sqlalchemy import delete, insert, select, update

from birge.errors import InputError
from birge.store.access import ROLES, Actor, Grant, Thing
from birge.store.canonical import digest
from birge.store.desk import Desk
from birge.store.errors import Denied, Missing
from birge.store.tables import codes, grants, sessions, users

__all__ = [
    "HASHER",
    "NOBODY",
    "STEP_S",
    "actor",
    "add_user",
    "code_hash",
    "grant",
    "logins",
    "new_codes",
    "new_totp",
    "revoke",
    "set_active",
    "set_password",
]

STEP_S = 30
SHORTEST = 12
HASHER = PasswordHasher()
NOBODY = HASHER.hash(secrets.token_urlsafe(16))


def add_user(desk: Desk, login: str, name: str, side: str, organisation: str | None = None) -> None:
    """Make a user without any right; rights come by `grant`."""
    _administer(desk, side)
    if not re.fullmatch(r"[a-z0-9][a-z0-9.@_-]{0,99}", login):
        raise InputError.at("login", "login", f"{login!r} is no login", "use a-z, 0-9 and . @ _ -")
    if side not in desk.parties:
        raise InputError.at("side", "side", f"{side!r} is not a side", f"use {' or '.join(desk.parties)}")
    if desk.connection.execute(select(users.c.login).where(users.c.login == login)).first():
        raise InputError.at("login", "login-taken", f"there is a user {login!r}", "choose another login")
    row = {"login": login, "name": name, "side": side, "organisation": organisation}
    desk.connection.execute(insert(users).values(**row, active=True, totp_step=0, failures=0))
    desk.note("add user", login=login, of=side, name=name, organisation=organisation)


def grant(desk: Desk, login: str, role: str, organisation: str = "", item: str = "") -> None:
    """Give a user a role, for an organisation and an item or for all."""
    _administer(desk, _side(desk, login))
    if role not in ROLES:
        raise InputError.at("role", "role", f"there is no role {role!r}", f"use one of {', '.join(ROLES)}")
    row = {"login": login, "role": role, "organisation": organisation, "item": item}
    if not desk.connection.execute(select(grants).filter_by(**row)).first():
        desk.connection.execute(insert(grants).values(**row))
        desk.note("grant", **row)


def revoke(desk: Desk, login: str, role: str, organisation: str = "", item: str = "") -> None:
    """Take a role away; it holds from the next transaction on."""
    _administer(desk, _side(desk, login))
    row = {"login": login, "role": role, "organisation": organisation, "item": item}
    if desk.connection.execute(delete(grants).filter_by(**row)).rowcount:
        desk.note("revoke", **row)


def set_active(desk: Desk, login: str, active: bool) -> None:
    """Let a user in or keep them out; their sessions end at once."""
    _administer(desk, _side(desk, login))
    desk.connection.execute(update(users).where(users.c.login == login).values(active=active))
    desk.connection.execute(delete(sessions).where(sessions.c.login == login))
    desk.note("activate" if active else "deactivate", login=login)


def set_password(desk: Desk, login: str, password: str) -> None:
    """Set a password of at least twelve characters; all sessions of the user end."""
    if desk.actor.login != login:
        _administer(desk, _side(desk, login))
    if len(password) < SHORTEST or len(password) > 1000:
        raise InputError.at("password", "password", f"shorter than {SHORTEST} characters", "use a longer one")
    values = {"password": HASHER.hash(password), "failures": 0, "locked_until": None}
    desk.connection.execute(update(users).where(users.c.login == login).values(**values))
    desk.connection.execute(delete(sessions).where(sessions.c.login == login))
    desk.note("set password", login=login, proof=digest(str(values["password"])))


def new_totp(desk: Desk, login: str) -> str:
    """Make a new secret for one-time passwords (RFC 6238) and return it as the URI that an app reads."""
    if desk.actor.login != login:
        _administer(desk, _side(desk, login))
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    desk.connection.execute(update(users).where(users.c.login == login).values(totp=secret, totp_step=0))
    desk.note("set second factor", login=login, proof=digest(secret))
    return f"otpauth://totp/Birge:{login}?secret={secret}&issuer=Birge&algorithm=SHA1&digits=6&period={STEP_S}"


def new_codes(desk: Desk, login: str, count: int = 10) -> list[str]:
    """Make one-time codes to be printed and return them, this once; older ones no longer work."""
    if desk.actor.login != login:
        _administer(desk, _side(desk, login))
    made = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(count)]
    desk.connection.execute(delete(codes).where(codes.c.login == login))
    kept = sorted(code_hash(login, c) for c in made)
    desk.connection.execute(insert(codes), [{"login": login, "hash": h} for h in kept])
    desk.note("set codes", login=login, count=count, codes=kept)
    return ["-".join(c[i : i + 4] for i in range(0, 16, 4)) for c in made]


def actor(desk: Desk, login: str) -> Actor:
    """Return a user with their grants as they stand now; raises Missing for an unknown or inactive login."""
    row = desk.connection.execute(select(users).where(users.c.login == login)).first()
    if row is None or not row.active:
        raise Missing(f"there is no active user {login!r}", login=login)
    held = desk.connection.execute(select(grants).where(grants.c.login == login))
    return Actor(row.login, row.name, row.side, tuple(Grant(g.role, g.organisation, g.item) for g in held))


def _administer(desk: Desk, side: str) -> None:
    if not desk.may("administer", Thing("account", side)):
        raise Denied(f"{desk.actor.name} may not administer the accounts of {side}", side=side)


def _side(desk: Desk, login: str) -> str:
    side = desk.connection.execute(select(users.c.side).where(users.c.login == login)).scalar()
    if side is None:
        raise Missing(f"there is no user {login!r}", login=login)
    return str(side)


def logins(desk: Desk) -> Iterable[tuple[str, str, str, str]]:
    """Return login, name, side and roles of every user the actor may administer."""
    for row in desk.connection.execute(select(users).order_by(users.c.side, users.c.login)):
        if desk.may("administer", Thing("account", row.side)):
            held = desk.connection.execute(select(grants).where(grants.c.login == row.login).order_by(grants.c.role))
            roles = ", ".join("/".join(p for p in (g.role, g.organisation, g.item) if p) for g in held)
            yield row.login, row.name, row.side, roles or "no role"


def code_hash(login: str, code: str) -> str:
    """Return how a printed code is kept."""
    return digest(f"{login}:{code.replace('-', '')}")
