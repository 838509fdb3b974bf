"""A paper as a workbook: a sheet per table, numbers and dates as such, text always as text."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

from birge.report.paper_parts import Document, Heading, Prose, Table

__all__ = ["as_xlsx"]

WIDTH = 16
LONGEST = 31
"""Excel's limit for the name of a sheet."""


def as_xlsx(paper: Document) -> bytes:
    """Return the paper as XLSX; the first sheet has its words, each other one a table."""
    import xlsxwriter

    stream = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(stream, safe) as book:
        book.set_properties({"title": paper.title, "author": "Birge"})
        looks = _Looks(book, paper.lang)
        used: set[str] = set()
        _words(book.add_worksheet(_name(paper.page, used)), paper, looks)
        for table in (p for p in paper.parts if isinstance(p, Table)):
            _table(book.add_worksheet(_name(table.name, used)), table, paper, looks)
    return stream.getvalue()


class _Looks:
    """The formats of a workbook."""

    def __init__(self, book: Any, lang: str) -> None:
        base = {"font_name": "Noto Sans", "font_size": 10, "valign": "top"}
        day = "yyyy-mm-dd" if lang == "en" else "dd.mm.yyyy"
        self.text = book.add_format({**base, "text_wrap": True})
        self.title = book.add_format({**base, "bold": True, "font_size": 14})
        self.strong = book.add_format({**base, "bold": True, "text_wrap": True})
        self.head = book.add_format({**base, "bold": True, "text_wrap": True, "bg_color": "#EEF1F4", "bottom": 1})
        self.day = book.add_format({**base, "num_format": day, "align": "left"})
        forms = ("#,##0", "#,##0.0", "#,##0.00", "#,##0.000")
        self.numbers = [book.add_format({**base, "num_format": form}) for form in forms]


def _name(wanted: str, used: set[str]) -> str:
    """Return a name that Excel takes: no brackets and slashes, 31 characters, each once whatever its case."""
    clean = re.sub(r"[\[\]:*?/\\]", " ", wanted).strip("' ")[:LONGEST] or "-"
    name, k = clean, 1
    while name.casefold() in used:
        k += 1
        name = f"{clean[: LONGEST - len(str(k)) - 1]} {k}"
    used.add(name.casefold())
    return name


def _words(sheet: Any, paper: Document, looks: _Looks) -> None:
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, paper.title, looks.title)
    row = 1
    for line in paper.under:
        sheet.write_string(row, 0, line, looks.text)
        row += 1
    for part in paper.parts:
        if isinstance(part, Heading | Prose):
            sheet.write_string(row, 0, part.text, looks.strong if isinstance(part, Heading) else looks.text)
            row += 1
    _set_up(sheet, paper)


def _table(sheet: Any, table: Table, paper: Document, looks: _Looks) -> None:
    sheet.write_string(0, 0, table.told, looks.strong)
    last = len(table.columns) - 1
    for k, column in enumerate(table.columns):
        sheet.set_column(k, k, max(10, WIDTH * column.width))
        sheet.write_string(1, k, column.title, looks.head)
    for r, row in enumerate(table.rows, 2):
        if len(row) == 1:
            sheet.merge_range(r, 0, r, last, "", looks.strong)
            sheet.write_string(r, 0, str(row[0]), looks.strong)
            continue
        for k, (value, column) in enumerate(zip(row, table.columns, strict=True)):
            if value is None:
                sheet.write_string(r, k, paper.blank, looks.text)
            elif isinstance(value, date):
                sheet.write_datetime(r, k, value, looks.day)
            elif isinstance(value, int | float):
                sheet.write_number(r, k, value, looks.numbers[min(column.decimals, 3)])
            else:
                sheet.write_string(r, k, value, looks.text)
    sheet.freeze_panes(2, 0)
    sheet.repeat_rows(0, 1)
    _set_up(sheet, paper)


def _set_up(sheet: Any, paper: Document) -> None:
    """Print A4 across, as wide as the page, with the note and the page number at the foot of each."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    # In a footer & begins a command and 255 characters are the limit.
    sheet.set_footer(f"&L&8{paper.foot.replace('&', '&&')[:200]}&R&8{paper.page} &P / &N")
