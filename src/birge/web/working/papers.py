"""What a session leaves: decisions, an extract per organisation, the scan of the signed paper; as tables and files."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from birge.errors import InputError
from birge.pages.protocol import authentic_languages, drafted
from birge.store.council import decisions, extracts, meeting_of, points, signing_of
from birge.store.desk import Desk
from birge.store.evidence import media_of
from birge.store.kinds import Meeting
from birge.store.records import listing
from birge.texts import Translator
from birge.web.blocks import Cell, Table
from birge.web.files import MEDIA, attached, table_file
from birge.web.working.refusals import refusal
from birge.web.working.typed import in_words, word_cell
from birge.web.working.visit import Visit, visited

__all__ = ["decisions_table", "extracts_table", "papers_table", "router"]

router = APIRouter(include_in_schema=False)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def decisions_table(desk: Desk, t: Translator, ident: str) -> Table:
    """Return the decisions of a session."""
    rows = tuple(
        (
            Cell(r.payload.point or ""),
            word_cell(r.payload.title, t, f"/{t.lang}/report/{r.payload.id}"),
            Cell(_owners(desk, t, r.payload.owners)),
            Cell(t.date(r.payload.due) if r.payload.due else ""),
            Cell(in_words(r.payload.follow_up, t) or t("add"), f"/{t.lang}/record/{r.id}"),
        )
        for r in decisions(desk, ident)
    )
    head = (t("Point"), t("Decision"), t("Who"), t("Due"), t("Follow-up"))
    return Table("decisions", t("Decisions"), head, rows, empty=t("Points become decisions when the paper is signed."))


def extracts_table(desk: Desk, t: Translator, ident: str) -> Table:
    """Return the organisations with decisions, each with its extract."""
    bodies = desk.organisations
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


def papers_table(desk: Desk, t: Translator, held: Meeting) -> Table:
    """Return the papers of a session: both originals of the draft before signing, the scan after it."""
    rows, signing, told = [], signing_of(desk, held.id), ""
    if signing and signing.scan:
        rows.append((Cell(t("Scan of the signed paper"), f"/{t.lang}/sessions/{held.id}/scan"),))
    if signing is None and points(desk, held.id, only_released=True):
        told = t("What is kept on our side does not stand in the draft protocol.")
        for side in desk.parties:
            name = t("Draft protocol, original of {side} ({kind})", side=t.country(side), kind="DOCX")
            rows.append((Cell(name, f"/{t.lang}/sessions/{held.id}/draft-{side}.docx"),))
        if not authentic_languages(desk, held):
            rows = [(Cell(t("The draft protocol needs the authentic languages of the council.")),)]
    return Table("papers", t("Papers"), (t("What"),), tuple(rows), told, empty=t("nothing is recorded"))


def _draft(visit: Visit, desk: Desk, held: Meeting, side: str) -> Response:
    """Give the original of a side of the draft protocol."""
    from birge.report.protocol import original

    t = visit.t
    if side not in desk.parties or signing_of(desk, held.id) or not authentic_languages(desk, held):
        raise HTTPException(404)
    if not points(desk, held.id, only_released=True):
        raise HTTPException(404)
    try:
        content = original(drafted(desk, held.id), side)
    except InputError as error:
        told = (t("The draft protocol lacks texts in its authentic languages."),)
        return visit.refused(*(refusal(p, t) for p in error.problems)).show(in_words(held.title, t), (), told)
    return attached(content, f"{held.id}-draft-{side}.docx", DOCX)


def _owners(desk: Desk, t: Translator, owners: tuple[str, ...]) -> str:
    """Return the names of organisations."""
    bodies = desk.organisations
    return "; ".join(bodies[o].name.get(t.lang) if o in bodies else o for o in owners)


@router.get("/{lang}/sessions/{ident}/{name}")
def session_file(request: Request, lang: str, ident: str, name: str) -> Response:
    """Give the extract of an organisation, an original of the draft protocol, or the scan of the signed paper."""
    visit = visited(request, lang)
    t = visit.t
    with visit.desk() as desk:
        found = listing(desk, "meeting", key=ident)
        if name == "scan":
            signing = signing_of(desk, ident)
            if signing is None or signing.scan is None:
                raise HTTPException(404)
            content = desk.files.read(signing.scan)
            kind = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpeg"}.get(media_of(content), "bin")
            return attached(content, f"{ident}-scan.{kind}", "application/octet-stream")
        if found and name.startswith("draft-"):
            return _draft(
                visit, desk, meeting_of(desk, ident).payload, name.removeprefix("draft-").removesuffix(".docx")
            )
        body = name.removeprefix("extract-").removesuffix(".xlsx")
        made = extracts(desk, ident).get(body)
        if name != f"extract-{body}.xlsx" or not made:
            raise HTTPException(404)
        names = desk.organisations
        rows = tuple(
            (Cell(d.point or ""), Cell(in_words(d.title, t)), Cell(t.date(d.due) if d.due else "")) for d in made
        )
        title = names[body].name.get(lang) if body in names else body
        table = Table("extract", title, (t("Point"), t("Decision"), t("Due")), rows, f"{title}. {ident}")
    return attached(table_file(table, "xlsx"), f"{ident}-{body}.xlsx", MEDIA["xlsx"])
