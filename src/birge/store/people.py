"""What an admin sees of the accounts of their side: who they are, what they may, how they come in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from birge.store.access import Grant, Thing
from birge.store.audit import stamp
from birge.store.desk import Desk
from birge.store.errors import Denied, Missing
from birge.store.security_keys import SecurityKey, keys_of
from birge.store.tables import codes, grants, identities, users

__all__ = ["Account", "Identity", "account", "people"]


@dataclass(frozen=True)
class Identity:
    """A link to a provider: whom it knows the user as, and whether its second factor counts."""

    issuer: str
    claim: str
    subject: str
    second_factor: bool


@dataclass(frozen=True)
class Account:
    """A user with grants and ways in. No field holds anything that opens a door."""

    login: str
    name: str
    side: str
    organisation: str
    active: bool
    locked: bool
    grants: tuple[Grant, ...]
    password: bool
    app: bool
    codes: int
    keys: tuple[SecurityKey, ...]
    identities: tuple[Identity, ...]


def account(desk: Desk, login: str) -> Account:
    """Return an account: one's own, or one of a side the actor administers."""
    row = desk.connection.execute(select(users).where(users.c.login == login)).first()
    if row is None:
        raise Missing("there is no such account", login=login[:100])
    if login != desk.actor.login and not desk.may("administer", Thing("account", row.side)):
        raise Denied("you may not administer this account")
    held = desk.connection.execute(select(grants).where(grants.c.login == login).order_by(grants.c.role))
    left = select(func.count()).select_from(codes).where(codes.c.login == login)
    links = desk.connection.execute(select(identities).where(identities.c.login == login))
    return Account(
        login=row.login,
        name=row.name,
        side=row.side,
        organisation=row.organisation or "",
        active=row.active,
        locked=row.locked_until is not None and row.locked_until > stamp(desk.now),
        grants=tuple(Grant(g.role, g.organisation, g.item) for g in held),
        password=row.password is not None,
        app=row.totp_sealed is not None,
        codes=int(desk.connection.execute(left).scalar_one()),
        keys=tuple(keys_of(desk, login)),
        identities=tuple(Identity(i.issuer, i.claim, i.subject, i.second_factor) for i in links),
    )


def people(desk: Desk) -> list[Account]:
    """Return the accounts that the actor may administer; raises Denied where there can be none."""
    sides = [s for s in desk.parties if desk.may("administer", Thing("account", s))]
    if not sides:
        raise Denied("you may not administer accounts")
    found = select(users.c.login).where(users.c.side.in_(sides)).order_by(users.c.side, users.c.login)
    return [account(desk, login) for login in desk.connection.execute(found).scalars().all()]
