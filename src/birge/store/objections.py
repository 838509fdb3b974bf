"""Objections: who sent which version of a record back, and why."""

from __future__ import annotations

from collections.abc import Mapping

from birge.store.desk import Desk
from birge.store.records import Record, listing

__all__ = ["Objections", "against", "objections"]

Objections = Mapping[tuple[str, str], list[Record]]
"""The words with which versions were sent back, by record and hash of the version."""


def objections(desk: Desk) -> Objections:
    """Return the words with which versions of records were sent back, as far as the actor may see them."""
    found: dict[tuple[str, str], list[Record]] = {}
    for c in listing(desk, "confirmation", official=True):
        if c.payload.verdict == "sent back":
            found.setdefault((c.payload.record, c.payload.hash), []).append(c)
    return found


def against(record: Record, found: Objections) -> list[Record]:
    """Return the words against a record that still stand: a newer version has none yet."""
    return found.get((record.id, record.hash), [])
