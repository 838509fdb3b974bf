"""Tables and drawings as files: CSV, XLSX, JSON, SVG, PNG. Text that looks like a formula is text."""

from __future__ import annotations

import csv
import io
import json
import re
from urllib.parse import quote

from fastapi.responses import Response

from birge.web.blocks import Cell, Picture, Table

__all__ = ["MEDIA", "attached", "picture_file", "table_file"]

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
}
VIEW = re.compile(r'viewBox="([-\d.]+)[ ,]+([-\d.]+)[ ,]+([\d.]+)[ ,]+([\d.]+)"')
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _safe(text: str) -> str:
    """Return text that a spreadsheet does not take for a formula; numbers stay as they are."""
    if text.startswith(FORMULA) and not _number(text):
        return "'" + text
    return text


def _number(text: str) -> bool:
    try:
        float(text.replace(",", "").replace("\u00a0", "").removesuffix("%").strip())
    except ValueError:
        return text == "-"
    return True


def _figure(cell: Cell) -> str | float:
    """Return what a file has of a cell: its number where it tells one."""
    if cell.value is None:
        return cell.text
    return int(cell.value) if float(cell.value).is_integer() else cell.value


def table_file(table: Table, kind: str) -> bytes:
    """Return a table as a file of a kind; numbers are numbers, whatever notation the page has."""
    rows: list[list[str | float]] = [[_figure(c) for c in row] for row in table.rows]
    if kind == "csv":
        out = io.StringIO()
        csv.writer(out).writerows(
            [[_safe(h) for h in table.head], *([_safe(v) if isinstance(v, str) else v for v in row] for row in rows)]
        )
        return b"\xef\xbb\xbf" + out.getvalue().encode()
    if kind == "json":
        document = {"title": table.title, "source": table.source, "columns": table.head, "rows": rows}
        return json.dumps(document, ensure_ascii=False, indent=1).encode()
    import xlsxwriter

    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    bold, wrap = (
        book.add_format({"bold": True, "text_wrap": True}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    every: list[list[str | float]] = [[*table.head], *rows]
    for n, row in enumerate(every):
        for k, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(n, k, cell, bold if n == 0 else wrap)
            else:
                sheet.write_number(n, k, cell, wrap)
    if table.source:
        sheet.write_string(len(rows) + 2, 0, table.source)
    sheet.set_column(0, len(table.head), 24)
    sheet.freeze_panes(1, 0)
    book.close()
    return packed.getvalue()


def picture_file(picture: Picture, kind: str) -> bytes:
    """Return a drawing as SVG, or as PNG on white: dark viewers and slides would swallow its black letters."""
    if kind == "svg":
        return picture.wide.encode()
    import vl_convert

    return bytes(vl_convert.svg_to_png(_white(picture.wide), scale=2))


def _white(drawing: str) -> str:
    """Return an SVG with a white sheet behind it."""
    start = drawing.index(">", drawing.index("<svg")) + 1
    box = VIEW.search(drawing[:start])
    x, y, wide, high = box.groups() if box else ("0", "0", "100%", "100%")
    sheet = f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" fill="#fff"/>'
    return f"{drawing[:start]}{sheet}{drawing[start:]}"


def attached(content: bytes, name: str, media: str, **headers: str) -> Response:
    """Answer a file to keep, under its name in any letters; `headers` stand beside."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    kept = f'attachment; filename="{plain}"'
    if plain != name:
        kept += f"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=media, headers={"content-disposition": kept, **headers})
