"""A paper as PDF/UA-1: tagged headings and tables, language and title set, charts with their alternative text.

The template is Typst's; the paper reaches it as JSON, so no text of a plan is ever read as markup.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

from birge.errors import BirgeError
from birge.report.paper_charts import drawn_svg, font_folder
from birge.report.paper_parts import Document, Figure, Heading, Prose, Table, cell_text
from birge.texts import Translator, translator

__all__ = ["as_pdf"]

UNSHOWN = re.compile(r'the text `"(.+?)"` could not be displayed')
REPLACED = "\ufffd"
MOST = 40
"""How many different signs without a glyph are replaced before the paper is given up."""


def as_pdf(document: Document) -> bytes:
    """Return the paper as PDF/UA-1; a sign that no font has becomes the replacement character."""
    import typst

    data = json.dumps(_plain(document), ensure_ascii=False)
    template = (files("birge.report") / "templates" / "paper.typ").read_bytes()
    fonts: list[Any] = [font_folder()]
    for _ in range(MOST):
        # A compiler forgets a template given as bytes after its first use.
        compiler: Any = typst.Compiler(template, font_paths=fonts, ignore_system_fonts=True)
        try:
            made = compiler.compile(format="pdf", pdf_standards=["ua-1"], sys_inputs={"paper": data})
        except typst.TypstError as error:
            found = UNSHOWN.search(str(error))
            if not found or found[1] not in data:
                raise BirgeError(f"the PDF could not be made: {error}") from error
            data = data.replace(found[1], REPLACED)
        else:
            assert isinstance(made, bytes)
            return made
    raise BirgeError("the PDF could not be made: too many signs that no font has")


def _plain(document: Document) -> dict[str, Any]:
    t = translator(document.lang)
    return {
        "lang": document.lang,
        "title": document.title,
        "under": document.under,
        "foot": document.foot,
        "page": document.page,
        "parts": [_part(p, document, t) for p in document.parts],
    }


def _part(part: Any, document: Document, t: Translator) -> dict[str, Any]:
    if isinstance(part, Heading):
        return {"kind": "heading", "text": part.text, "level": part.level}
    if isinstance(part, Prose):
        return {"kind": "prose", "text": part.text, "look": part.look}
    if isinstance(part, Figure):
        svg = drawn_svg(part.spec)
        return {"kind": "figure", "title": part.title, "told": part.told, "svg": svg, "source": part.source}
    assert isinstance(part, Table)
    return {
        "kind": "table",
        "told": part.told,
        "head": [c.title for c in part.columns],
        "widths": [c.width for c in part.columns],
        "right": [c.right for c in part.columns],
        "rows": [_row(row, part, document, t) for row in part.rows],
    }


def _row(row: tuple[Any, ...], table: Table, document: Document, t: Translator) -> list[str]:
    if len(row) == 1:
        return [str(row[0])]
    pairs = zip(row, table.columns, strict=True)
    return [cell_text(value, column, t, document.blank) for value, column in pairs]
