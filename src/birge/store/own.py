"""The own side's record of a key: what it says now, and writing it anew or as a new version."""

from __future__ import annotations

from pydantic import BaseModel

from birge.store.desk import Desk
from birge.store.kinds import KINDS
from birge.store.records import Record, create, edit, listing

__all__ = ["own", "put"]


def own(desk: Desk, kind: str, key: str) -> Record | None:
    """Return the own side's record of a kind with this key, None where there is none."""
    return next((r for r in listing(desk, kind, key=key) if r.side == desk.actor.side), None)


def put(desk: Desk, kind: str, payload: BaseModel) -> Record:
    """Write a new version over the own side's record with the key of `payload`, or its first one; not submitted."""
    there = own(desk, kind, KINDS[kind].key_of(payload))
    return create(desk, kind, payload) if there is None else edit(desk, there.id, there.newest, payload)
