"""What stands beside a report: the files that prove it."""

from __future__ import annotations

from birge.store.records import Record
from birge.texts import Translator
from birge.web.blocks import Cell

__all__ = ["files_of"]


def files_of(record: Record, t: Translator) -> tuple[Cell, ...]:
    """Return the files of a report, each with the address that gives it."""
    proofs = getattr(record.payload, "evidence", ())
    return tuple(Cell(e.name, f"/{t.lang}/record/{record.id}/files/{e.hash}") for e in proofs)
