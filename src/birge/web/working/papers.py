"""What a session leaves: decisions, an extract per organisation, the scan of the signed paper; as tables and files."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from birge.store.agreement import known_organisations
from birge.store.council import extracts
from birge.store.desk import Desk
from birge.store.kinds import Meeting
from birge.store.records import listing
from birge.texts import Translator
from birge.web.blocks import Cell, Table
from birge.web.files import MEDIA, attached, table_file
from birge.web.working.typed import in_words
from birge.web.working.visit import visited

__all__ = ["decisions_table", "extracts_table", "papers_table", "router"]

router = APIRouter(include_in_schema=False)


def decisions_table(desk: Desk, t: Translator, ident: str) -> Table:
    """Return the own side's decisions of a session."""
    rows = tuple(
        (
            Cell(r.payload.point or ""),
            Cell(in_words(r.payload.title, t), f"/{t.lang}/report/{r.payload.id}"),
            Cell(", ".join(r.payload.owners)),
            Cell(t.date(r.payload.due) if r.payload.due else ""),
            Cell(in_words(r.payload.follow_up, t) or t("add"), f"/{t.lang}/record/{r.id}"),
        )
        for r in listing(desk, "decision", subject=ident)
        if r.side == desk.actor.side
    )
    head = (t("Point"), t("Decision"), t("Who"), t("Due"), t("Follow-up"))
    return Table("decisions", t("Decisions"), head, rows, empty=t("Points become decisions when the paper is signed."))


def extracts_table(desk: Desk, t: Translator, ident: str) -> Table:
    """Return the organisations with decisions, each with its extract."""
    bodies = known_organisations(desk.connection, desk.now.date(), desk.actor.side)
    rows = tuple(
        (
            Cell(bodies[body].name.get(t.lang) if body in bodies else body),
            Cell(str(len(found)), kind="n"),
            Cell("XLSX", f"/{t.lang}/sessions/{ident}/extract-{body}.xlsx"),
        )
        for body, found in extracts(desk, ident).items()
    )
    head = (t("Organisation"), t("Decisions"), t("Extract"))
    return Table("extracts", t("Extracts"), head, rows, empty=t("nothing is recorded"))


def papers_table(t: Translator, held: Meeting) -> Table:
    """Return the papers of a session; other papers get their row here."""
    rows = []
    if held.signing and held.signing.scan:
        rows.append((Cell(t("Scan of the signed paper"), f"/{t.lang}/sessions/{held.id}/scan"),))
    return Table("papers", t("Papers"), (t("What"),), tuple(rows), empty=t("nothing is recorded"))


@router.get("/{lang}/sessions/{ident}/{name}")
def session_file(request: Request, lang: str, ident: str, name: str) -> Response:
    """Give the extract of an organisation, or the scan of the signed paper."""
    visit = visited(request, lang)
    t = visit.t
    with visit.desk() as desk:
        found = listing(desk, "meeting", key=ident)
        if name == "scan":
            scans = [r.payload.signing.scan for r in found if r.payload.signing and r.payload.signing.scan]
            if not scans:
                raise HTTPException(404)
            content = desk.files.read(scans[0])
            kind = "pdf" if content.startswith(b"%PDF-") else "png" if content.startswith(b"\x89PNG") else "bin"
            return attached(content, f"{ident}-scan.{kind}", "application/octet-stream")
        body = name.removeprefix("extract-").removesuffix(".xlsx")
        decisions = extracts(desk, ident).get(body)
        if name != f"extract-{body}.xlsx" or not decisions:
            raise HTTPException(404)
        names = known_organisations(desk.connection, desk.now.date(), desk.actor.side)
        rows = tuple(
            (Cell(d.point or ""), Cell(in_words(d.title, t)), Cell(t.date(d.due) if d.due else "")) for d in decisions
        )
        title = names[body].name.get(lang) if body in names else body
        table = Table("extract", title, (t("Point"), t("Decision"), t("Due")), rows, f"{title}. {ident}")
    return attached(table_file(table, "xlsx"), f"{ident}-{body}.xlsx", MEDIA["xlsx"])
