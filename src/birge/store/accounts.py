"""Users, grants and what proves who somebody is.

Passwords are kept as argon2id hashes, printed codes as SHA-256 of 80 random bits. The secret of one-time passwords has
to be read again by the server; it is sealed with a key that stands outside of the database (`birge.store.sealing`).
An admin serves one side, and nobody changes their own rights.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import quote

from argon2 import PasswordHasher
from sqlalchemy import delete, insert, select, update

from birge.errors import InputError
from birge.store.access import ROLES, Actor, Grant, Thing
from birge.store.canonical import digest
from birge.store.challenges import ask
from birge.store.desk import Desk
from birge.store.errors import Denied, Missing
from birge.store.security_keys import drop
from birge.store.tables import codes, grants, identities, sessions, users

__all__ = [
    "HASHER",
    "NOBODY",
    "STEP_S",
    "actor",
    "add_user",
    "administer",
    "check_password",
    "code_hash",
    "drop_key",
    "fresh_secret",
    "grant",
    "invite",
    "link",
    "logins",
    "new_codes",
    "new_totp",
    "no_totp",
    "reseal",
    "revoke",
    "set_active",
    "set_password",
    "totp_uri",
    "unlink",
    "unreadable",
]

STEP_S = 30
SHORTEST = 12
INVITED = timedelta(days=3)
HASHER = PasswordHasher()
NOBODY = HASHER.hash(secrets.token_urlsafe(16))


def add_user(desk: Desk, login: str, name: str, side: str, organisation: str | None = None) -> None:
    """Make a user without any right; rights come by `grant`."""
    _administer(desk, side)
    if not re.fullmatch(r"[a-z0-9][a-z0-9.@_-]{0,99}", login):
        raise InputError.at("login", "login", f"{login!r} is no login", "use a-z, 0-9 and . @ _ -")
    if side not in desk.parties:
        told = f"{side!r} is not a side" if side else "no side is named, and both work here"
        raise InputError.at("side", "side", told, f"name {' or '.join(desk.parties)}")
    if desk.connection.execute(select(users.c.login).where(users.c.login == login)).first():
        raise InputError.at("login", "login-taken", f"there is a user {login!r}", "choose another login")
    row = {"login": login, "name": name, "side": side, "organisation": organisation}
    desk.connection.execute(insert(users).values(**row, active=True, totp_step=0, failures=0))
    desk.note("add user", login=login, of=side, name=name, organisation=organisation)


def grant(desk: Desk, login: str, role: str, organisation: str = "", item: str = "") -> None:
    """Give a user a role, for an organisation and an item or for all; nobody gives themselves one."""
    _administer(desk, _side(desk, login), login)
    if role not in ROLES:
        raise InputError.at("role", "role", f"there is no role {role!r}", f"use one of {', '.join(ROLES)}")
    row = {"login": login, "role": role, "organisation": organisation, "item": item}
    if not desk.connection.execute(select(grants).filter_by(**row)).first():
        desk.connection.execute(insert(grants).values(**row))
        desk.note("grant", **row)


def revoke(desk: Desk, login: str, role: str, organisation: str = "", item: str = "") -> None:
    """Take a role away; it holds from the next transaction on."""
    _administer(desk, _side(desk, login), login)
    row = {"login": login, "role": role, "organisation": organisation, "item": item}
    if desk.connection.execute(delete(grants).filter_by(**row)).rowcount:
        desk.note("revoke", **row)


def set_active(desk: Desk, login: str, active: bool) -> None:
    """Let a user in or keep them out; their sessions end at once."""
    _administer(desk, _side(desk, login), login)
    desk.connection.execute(update(users).where(users.c.login == login).values(active=active))
    desk.connection.execute(delete(sessions).where(sessions.c.login == login))
    desk.note("activate" if active else "deactivate", login=login)


def set_password(desk: Desk, login: str, password: str) -> None:
    """Set a password of at least twelve characters; all sessions of the user end."""
    if desk.actor.login != login:
        _administer(desk, _side(desk, login))
    check_password(password)
    values = {"password": HASHER.hash(password), "failures": 0, "locked_until": None}
    desk.connection.execute(update(users).where(users.c.login == login).values(**values))
    desk.connection.execute(delete(sessions).where(sessions.c.login == login))
    desk.note("set password", login=login, proof=digest(str(values["password"])))


def invite(desk: Desk, login: str) -> str:
    """Take a user's password away and return the token, this once, with which they set their own within three days."""
    _administer(desk, _side(desk, login), login)
    token = secrets.token_urlsafe(24)
    ask(desk, "invite", token, "", login, INVITED)
    values = {"password": None, "failures": 0, "locked_until": None}
    desk.connection.execute(update(users).where(users.c.login == login).values(**values))
    desk.connection.execute(delete(sessions).where(sessions.c.login == login))
    desk.note("invite", login=login)
    return token


def totp_uri(login: str, secret: str) -> str:
    """Return a secret as the URI that an app reads; digits, period and hash are the usual ones (RFC 6238)."""
    return f"otpauth://totp/Birge:{quote(login)}?secret={secret}&issuer=Birge"


def fresh_secret() -> str:
    """Return a new secret for one-time passwords."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def new_totp(desk: Desk, login: str, secret: str | None = None, step: int = 0) -> str:
    """Set a secret for one-time passwords and return it as a URI; steps up to `step` no longer count."""
    if desk.actor.login != login:
        _administer(desk, _side(desk, login))
    secret = secret or fresh_secret()
    values = {"totp_sealed": desk.seal.seal(login, secret), "totp_step": step}
    desk.connection.execute(update(users).where(users.c.login == login).values(**values))
    desk.note("set second factor", login=login, proof=digest(str(values["totp_sealed"])))
    return totp_uri(login, secret)


def no_totp(desk: Desk, login: str) -> None:
    """Take the one-time passwords of a user away, as after the loss of a telephone."""
    if desk.actor.login != login:
        _administer(desk, _side(desk, login))
    desk.connection.execute(update(users).where(users.c.login == login).values(totp_sealed=None))
    desk.note("drop second factor", login=login)


def drop_key(desk: Desk, login: str, ident: str) -> None:
    """Remove a security key of a user."""
    if desk.actor.login != login:
        _administer(desk, _side(desk, login))
    drop(desk, login, ident)


def link(desk: Desk, login: str, issuer: str, subject: str, claim: str = "sub", second_factor: bool = False) -> None:
    """Let a user come in by a provider, known there by its `sub` or by an address the provider has verified.

    `second_factor` says that the provider's own second factor counts, where it states one.
    """
    _administer(desk, _side(desk, login), login)
    if claim not in ("sub", "email"):
        raise InputError.at("claim", "claim", f"{claim!r} names nobody", "use sub or email")
    if not issuer.startswith(("https://", "http://")) or not 0 < len(subject) <= 255 or len(issuer) > 500:
        raise InputError.at("issuer", "issuer", "no issuer or no subject", "write the issuer's https address")
    row = {"issuer": issuer, "claim": claim, "subject": subject.lower() if claim == "email" else subject}
    if desk.connection.execute(select(identities).filter_by(**row)).first():
        raise InputError.at("subject", "subject-taken", f"{subject!r} is linked already", "unlink it first")
    desk.connection.execute(insert(identities).values(**row, login=login, second_factor=second_factor))
    desk.note("link", login=login, counts=second_factor, **row)


def unlink(desk: Desk, login: str, issuer: str, subject: str) -> None:
    """Take the link to a provider away."""
    _administer(desk, _side(desk, login), login)
    row = {"login": login, "issuer": issuer, "subject": subject}
    if desk.connection.execute(delete(identities).filter_by(**row)).rowcount:
        desk.note("unlink", **row)


def unreadable(desk: Desk) -> list[str]:
    """Return the logins whose secret no key here opens."""
    held = select(users.c.login, users.c.totp_sealed).where(users.c.totp_sealed.is_not(None)).order_by(users.c.login)
    return [r.login for r in desk.connection.execute(held) if desk.seal.open(r.login, r.totp_sealed) is None]


def reseal(desk: Desk) -> list[str]:
    """Seal all secrets with the newest key; returns the logins whose secret was lost with an older key and is gone."""
    if not desk.actor.operator:
        raise Denied("the key is the operator's")
    lost = unreadable(desk)
    held = select(users.c.login, users.c.totp_sealed).where(users.c.totp_sealed.is_not(None))
    for row in desk.connection.execute(held).all():
        secret = desk.seal.open(row.login, row.totp_sealed)
        sealed = desk.seal.seal(row.login, secret) if secret is not None else None
        desk.connection.execute(update(users).where(users.c.login == row.login).values(totp_sealed=sealed))
    desk.note("reseal", lost=lost)
    return lost


def check_password(password: str) -> None:
    """Raise InputError for a password that is too short, or longer than a kilobyte."""
    if len(password) < SHORTEST or len(password) > 1000:
        raise InputError.at("password", "password", f"shorter than {SHORTEST} characters", "use a longer one")


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


def administer(desk: Desk, login: str) -> None:
    """Raise Denied unless the actor administers another's account."""
    _administer(desk, _side(desk, login), login)


def _administer(desk: Desk, side: str, login: str = "") -> None:
    """Raise Denied unless the actor administers a side; with a login, also where it is the actor's own."""
    if login and login == desk.actor.login:
        raise Denied("nobody changes their own rights: ask another admin", login=login)
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
