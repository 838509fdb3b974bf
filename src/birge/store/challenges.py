"""Questions that count once: kept on the server, bound to who was asked, gone when answered or after some minutes.

A challenge of a security key is bound to its session, the state of a sign-in at a provider to the browser's cookie, an
invitation to nobody but its holder. Only SHA-256 of what was handed out is kept.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, insert, select

from birge.store.audit import stamp
from birge.store.canonical import digest
from birge.store.desk import Desk
from birge.store.tables import challenges

__all__ = ["ask", "peek", "take"]


def ask(desk: Desk, purpose: str, token: str, bound: str, secret: str, lasts: timedelta) -> None:
    """Keep a question; an earlier one for the same purpose, token and holder no longer counts."""
    now = stamp(desk.now)
    desk.connection.execute(
        delete(challenges).where((challenges.c.hash == _name(purpose, token, bound)) | (challenges.c.until < now))
    )
    row = {"hash": _name(purpose, token, bound), "secret": secret, "until": stamp(desk.now + lasts)}
    desk.connection.execute(insert(challenges).values(**row))


def take(desk: Desk, purpose: str, token: str, bound: str) -> str | None:
    """Return what was kept with a question, this once; None where there is none, or it is too late."""
    gone = delete(challenges).where(challenges.c.hash == _name(purpose, token, bound))
    row = desk.connection.execute(gone.returning(challenges.c.secret, challenges.c.until)).first()
    return str(row.secret) if row is not None and row.until >= stamp(desk.now) else None


def peek(desk: Desk, purpose: str, token: str, bound: str) -> str | None:
    """Return what was kept with a question and leave it standing."""
    row = desk.connection.execute(select(challenges).where(challenges.c.hash == _name(purpose, token, bound))).first()
    return str(row.secret) if row is not None and row.until >= stamp(desk.now) else None


def _name(purpose: str, token: str, bound: str) -> str:
    return digest(f"{purpose}\n{token}\n{bound}")
