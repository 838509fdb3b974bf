"""What stands beside a report: the files that prove it, and who sent it back."""

from __future__ import annotations

from collections.abc import Mapping

from birge.store.objections import Objections, against
from birge.store.records import Record
from birge.texts import Translator
from birge.web.blocks import Cell

__all__ = ["files_of", "sent_back"]


def files_of(record: Record, t: Translator) -> tuple[Cell, ...]:
    """Return the files of a report, each with the address that gives it."""
    proofs = getattr(record.payload, "evidence", ())
    return tuple(Cell(e.name, f"/{t.lang}/record/{record.id}/files/{e.hash}") for e in proofs)


def sent_back(record: Record, found: Objections, t: Translator, names: Mapping[str, str]) -> str:
    """Return who sent this version of a record back and why; nothing where nobody did. `names` are the sides'."""
    words = []
    for c in against(record, found):
        note = c.payload.note or {}
        reason = note.get(t.lang) or "; ".join(note.values()) or t("no reason is given")
        words.append(t("sent back by {side}: {reason}", side=names.get(c.side, c.side), reason=reason))
    return "; ".join(words)
