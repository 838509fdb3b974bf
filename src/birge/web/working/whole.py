"""A plan version as a whole, for who decides on it: as files, and the first one with a table of its measures."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from birge.store.desk import Desk
from birge.store.plans import precedes
from birge.store.records import Record, read
from birge.store.undone import undone
from birge.texts import Translator
from birge.web.blocks import Cell, Table, organisations, said
from birge.web.plan_files import plan_file
from birge.web.working.visit import visited

__all__ = ["router", "set_back", "whole"]

router = APIRouter(include_in_schema=False)
KINDS = ("xlsx", "docx", "yaml")


def whole(desk: Desk, t: Translator, record: Record) -> tuple[Table, ...]:
    """Return the addresses of a version's files; of the first one, which changes nothing, its measures too."""
    links = tuple(Cell(f"plan.{k}", f"/{t.lang}/confirm/{record.id}/plan.{k}") for k in KINDS)
    files = Table("files", t("The whole version as a file"), tuple(k.upper() for k in KINDS), (links,))
    return (files,) if precedes(desk, record) else (_measures(t, record), files)


def set_back(desk: Desk, t: Translator, record: Record) -> tuple[Table, ...]:
    """Return, before all else, the agreed changes that a version would undo, as a file taken before them does."""
    from birge.plan.told import differences

    found = undone(desk, record)
    if found is None:
        return ()
    older, newest, back = found
    rows = tuple(
        (Cell(name), Cell(d.what or d.sentence), Cell(d.before or "-"), Cell(d.after or "-"))
        for name, changed in differences(newest, back, t.lang)
        for d in changed
    )
    title = t("Look here first: these agreed changes would be undone")
    told = t(
        "It says what the version from {day} said; a file taken before the newer one does.", day=t.date(older.effective)
    )
    head = (t("Record"), t("What"), t("Stands now"), t("Proposed"))
    return (Table("undone", title, head, rows, told),)


def _measures(t: Translator, record: Record) -> Table:
    plan = record.payload.read()
    rows = tuple(
        (
            Cell(m.number),
            said(m.title, t),
            said(m.deadline.text, t),
            organisations(plan, m.responsible + m.co_responsible, t),
        )
        for m in plan.measures
    )
    head = (t("Number"), t("Measure"), t("Deadline"), t("Responsible"))
    return Table("measures", t("Measures"), head, rows, empty=t("nothing is recorded"))


@router.get("/{lang}/confirm/{ident}/{name}")
def version_file(request: Request, lang: str, ident: str, name: str) -> Response:
    """Give a plan version as a file: the ministries' table in the page's language, or YAML."""
    visit = visited(request, lang)
    kind = name.removeprefix("plan.")
    if name != f"plan.{kind}" or kind not in KINDS:
        raise HTTPException(404)
    with visit.desk() as desk:
        record = read(desk, ident)
        if record.kind != "plan":
            raise HTTPException(404)
        plan = record.payload.read()
    return plan_file(plan, f"{plan.id}-{record.payload.digest[:12]}.{kind}", lang)
