"""The files that prove a report: given to whoever may read the report, never shown in the browser."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from birge.store.errors import Missing
from birge.store.evidence import media_of
from birge.store.kinds import KINDS
from birge.store.records import read, versions
from birge.web.files import attached
from birge.web.working.visit import visited

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/record/{ident}/files/{proof}")
def evidence_file(request: Request, lang: str, ident: str, proof: str) -> Response:
    """Give a file of a report by its hash, of the versions of the report that the reader may see."""
    visit = visited(request, lang, anybody=True)
    with visit.desk() as desk:
        record = read(desk, ident)
        if KINDS[record.kind].private:
            raise Missing("there is no such record", id=ident[:64])
        held = [e for v in versions(desk, ident) for e in getattr(v.payload, "evidence", ())]
        found = next((e for e in reversed(held) if e.hash == proof), None)
        if found is None:
            raise Missing("there is no such file", id=proof[:64])
        content = desk.files.read(found.hash)
    headers = {"x-content-type-options": "nosniff", "cache-control": "private, no-store"}
    return attached(content, found.name, media_of(content), **headers)
