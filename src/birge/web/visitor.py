"""Who asks: the session behind a cookie, or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request

from birge.store.access import Actor
from birge.store.accounts import actor
from birge.store.audit import stamp
from birge.store.canonical import digest
from birge.store.errors import Denied
from birge.store.registry import OPERATOR
from birge.store.signing_in import IDLE, LONGEST, resume
from birge.store.tables import sessions
from birge.web.reader import House, holder, holding

__all__ = ["COOKIE", "FORM", "Visitor", "visitor"]

COOKIE, FORM = "__Host-birge", "__Host-birge-form"
TOUCH = timedelta(minutes=1)


@dataclass(frozen=True)
class Visitor:
    """The actor, the session, and whether somebody has signed in."""

    actor: Actor
    session: str = ""
    signed_in: bool = False

    def admitted(self) -> Visitor:
        """Return this visitor; raises Denied where nobody has signed in."""
        if not self.signed_in:
            raise Denied("sign in first")
        return self


def visitor(request: Request) -> Visitor:
    """Return who asks; a session that has ended is nobody's. The session's use is written down once a minute."""
    house: House = request.app.state.house
    session = request.cookies.get(COOKIE, "")
    if not session or len(session) >= 200:
        return Visitor(holder(house.registry, house.settings))
    with house.registry.view(OPERATOR) as desk:
        row = desk.connection.execute(sessions.select().where(sessions.c.hash == digest(session))).first()
        now = desk.now
        ended = row is None or row.seen < stamp(now - IDLE) or row.started < stamp(now - LONGEST)
        if row is None or ended or not row.second_factor:
            return Visitor(holding(desk, house.settings), session)
        found = Visitor(actor(desk, row.login), session, True)
    if row.seen <= stamp(now - TOUCH):
        with house.registry.desk(OPERATOR) as desk:
            if resume(desk, session) is None:
                return Visitor(holding(desk, house.settings), session)
    return found
