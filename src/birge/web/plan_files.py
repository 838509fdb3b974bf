"""The plan as files: YAML as the file format has it, XLSX and DOCX as the ministries' table."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from birge.web.api import ERRORS
from birge.web.reader import House
from birge.web.visitor import visitor

__all__ = ["router"]

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
    from birge.plan.write import as_yaml

    house: House = request.app.state.house
    with house.reader(visitor(request).actor, "en", {}) as view:
        content = as_yaml(view.plan).encode()
        return _file(content, view.plan.id, "yaml")


@router.get("/plan.xlsx", response_class=Response)
def xlsx(request: Request, lang: Language = "en") -> Response:
    """Return the plan as the ministries' workbook."""
    return _table(request, lang, "xlsx")


@router.get("/plan.docx", response_class=Response)
def docx(request: Request, lang: Language = "en") -> Response:
    """Return the plan as the ministries' table in Word."""
    return _table(request, lang, "docx")


def _table(request: Request, lang: str, kind: str) -> Response:
    from birge.plan.table import export_table

    house: House = request.app.state.house
    with house.reader(visitor(request).actor, lang, {}) as view:
        plan = view.plan
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan.{kind}"
        export_table(plan, path, lang)
        return _file(path.read_bytes(), plan.id, kind)


def _file(content: bytes, name: str, kind: str) -> Response:
    disposition = f'attachment; filename="{name}.{kind}"'
    return Response(content, media_type=MEDIA[kind], headers={"content-disposition": disposition})
