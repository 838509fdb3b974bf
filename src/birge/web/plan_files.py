"""The plan as files: YAML as the file format has it, XLSX and DOCX as the ministries' table."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from birge.plan.schema import Plan
from birge.web.api import ERRORS
from birge.web.files import attached
from birge.web.reader import House
from birge.web.visitor import visitor

__all__ = ["plan_file", "router"]

router = APIRouter(tags=["files"], responses=ERRORS)
MEDIA = {
    "yaml": "application/yaml; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
Language = Annotated[str, Query(pattern="^(en|ru|kk|ky)$", description="language of headings and texts")]


@router.get("/plan.yaml", response_class=Response)
def yaml(request: Request) -> Response:
    """Return the plan as known today as YAML, ready for `birge assess`."""
    return _known(request, "en", "yaml")


@router.get("/plan.xlsx", response_class=Response)
def xlsx(request: Request, lang: Language = "en") -> Response:
    """Return the plan as the ministries' workbook."""
    return _known(request, lang, "xlsx")


@router.get("/plan.docx", response_class=Response)
def docx(request: Request, lang: Language = "en") -> Response:
    """Return the plan as the ministries' table in Word."""
    return _known(request, lang, "docx")


def _known(request: Request, lang: str, kind: str) -> Response:
    house: House = request.app.state.house
    with house.reader(visitor(request).actor, lang, {}) as view:
        plan = view.plan
    return plan_file(plan, f"{plan.id}.{kind}", lang)


def plan_file(plan: Plan, name: str, lang: str) -> Response:
    """Answer a plan as a file to keep: YAML, or the ministries' table in a language, as the end of `name` says."""
    from birge.plan.table import export_table
    from birge.plan.write import as_yaml

    kind = name.rpartition(".")[2]
    if kind == "yaml":
        return attached(as_yaml(plan).encode(), name, MEDIA[kind])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan.{kind}"
        export_table(plan, path, lang)
        return attached(path.read_bytes(), name, MEDIA[kind])
