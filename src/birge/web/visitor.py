"""Who asks: the session behind a cookie, or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request

from birge.store.access import Actor
from birge.store.accounts import actor
from birge.store.canonical import digest
from birge.store.registry import ANYONE, OPERATOR
from birge.store.signing_in import IDLE, LONGEST, resume
from birge.store.tables import sessions
from birge.web.reader import House, holder

__all__ = ["COOKIE", "FORM", "Visitor", "visitor"]

COOKIE, FORM = "__Host-birge", "__Host-birge-form"
TOUCH = timedelta(minutes=1)


@dataclass(frozen=True)
class Visitor:
    """The actor, the session, and whether somebody has signed in."""

    actor: Actor
    session: str = ""
    signed_in: bool = False


def visitor(request: Request) -> Visitor:
    """Return who asks; a session that has ended is nobody's."""
    house: House = request.app.state.house
    session = request.cookies.get(COOKIE, "")
    if session and len(session) < 200:
        login = _login(house, session)
        if login:
            with house.registry.view(OPERATOR) as desk:
                return Visitor(actor(desk, login), session, True)
        return Visitor(ANYONE if not house.settings.alone else holder(house.registry, house.settings), session)
    return Visitor(holder(house.registry, house.settings))


def _login(house: House, session: str) -> str | None:
    """Return whose session it is; its use is written down once a minute, not at every look at a page."""
    from birge.store.audit import stamp

    with house.registry.view(OPERATOR) as desk:
        row = desk.connection.execute(sessions.select().where(sessions.c.hash == digest(session))).first()
        if row is None or not row.second_factor:
            return None
        now = desk.now
        if row.seen < stamp(now - IDLE) or row.started < stamp(now - LONGEST):
            return None
        if row.seen > stamp(now - TOUCH):
            return str(row.login)
    with house.registry.desk(OPERATOR) as desk:
        return resume(desk, session)
