"""The table as a workbook: one sheet per kind of record, one row per record, one column per field.

Row 1 holds headings in the reader's language, row 2 the names by which the sheet is read back (`measures/title.ru`).
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from birge.errors import InputError, Problem
from birge.plan.schema import Plan
from birge.plan.table.cells import CellError, escaped, exact, shown, understood
from birge.plan.table.fields import Column, Table, tables
from birge.plan.table.rows import Row
from birge.texts import Translator, translator

__all__ = ["read", "write"]

MOST_ROWS = 20_000
MOST_COLUMNS = 500
CELL_LIMIT = 32_767
EPOCH = date(1900, 3, 1)
GREY, HEAD, READ_ONLY = "#7f7f7f", "#d9e2ec", "#eeeeee"
WIDTHS = {"date": 12, "number": 12, "whole": 10, "yes-no": 10, "choice": 16, "text": 24}


def write(plan: Plan, rows: Mapping[str, Sequence[Row]], path: Path, lang: str) -> None:
    """Write the workbook; raises InputError for a text longer than a cell."""
    import xlsxwriter

    t = translator(lang)
    note = plan.origin_note.get(lang)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    problems: list[Problem] = []
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {**options, "in_memory": True}) as book:
        looks = _looks(book, lang)
        _explain(book.add_worksheet(_sheet_name("Columns", t, {})), plan, looks, t)
        names: dict[str, str] = {}
        for table in tables():
            sheet = book.add_worksheet(_sheet_name(table.name, t, names))
            problems += _sheet(sheet, table, rows[table.name], looks, t)
            sheet.set_header(f"&L&8 {_plain(plan.title.get(lang))}&R&8 {_plain(note)}")
            sheet.set_footer("&C&8&A · &P / &N")
        if measures := book.get_worksheet_by_name(names["measures"]):
            measures.activate()
    if problems:
        raise InputError(problems)
    path.write_bytes(packed.getvalue())


def _looks(book: Any, lang: str) -> dict[str, Any]:
    """Return the cell formats by name."""
    day = "yyyy-mm-dd" if lang == "en" else "dd.mm.yyyy"
    base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
    return {
        "text": book.add_format({**base, "text_wrap": True, "num_format": "@"}),
        "number": book.add_format(base),
        "date": book.add_format({**base, "num_format": day}),
        "head": book.add_format({**base, "bold": True, "text_wrap": True, "bg_color": HEAD, "border": 1}),
        "key": book.add_format({**base, "font_size": 7, "font_color": GREY, "bg_color": READ_ONLY}),
        "title": book.add_format({**base, "bold": True, "font_size": 14}),
        "plain": book.add_format(base),
    }


def _sheet_name(name: str, t: Translator, names: dict[str, str]) -> str:
    """Return a sheet's name in the reader's language: at most 31 signs, none twice."""
    shown_name = t("Columns") if name == "Columns" else t.named("table", name)
    clean = re.sub(r"[\[\]:*?/\\']", " ", shown_name)[:31].strip()
    while clean.casefold() in (n.casefold() for n in names.values()):
        clean = f"{clean[:28]} {len(names)}"
    names[name] = clean
    return clean


def heading(table: Table, column: Column, t: Translator) -> str:
    """Return the heading of a column: its fields' names in the reader's language."""
    return ": ".join(t.named("field", part) for part in column.keys)


def _keys(table: Table) -> list[str]:
    """Return the parents' columns and the table's own, as they stand in row 2."""
    return [*(f"{p.rpartition('.')[2]}^" for p in table.parents), *(c.key for c in table.columns)]


def _sheet(sheet: Any, table: Table, rows: Sequence[Row], looks: Mapping[str, Any], t: Translator) -> list[Problem]:
    """Write one table; return what its cells cannot hold."""
    problems: list[Problem] = []
    shift = len(table.parents)
    heads = [t.named("record", p.rpartition(".")[2]) for p in table.parents]
    heads += [heading(table, c, t) for c in table.columns]
    for k, (head, key) in enumerate(zip(heads, _keys(table), strict=True)):
        sheet.write_string(0, k, head, looks["head"])
        sheet.write_string(1, k, f"{table.name}/{key}", looks["key"])
        column = table.columns[k - shift] if k >= shift else None
        sheet.set_column(k, k, _width(column))
        if column and column.shape == "one" and column.kind == "choice":
            words = [t.named("word", w) for w in column.choices]
            if len(",".join(words)) <= 255:
                sheet.data_validation(2, k, 1_000, k, {"validate": "list", "source": words, "ignore_blank": True})
    frozen = next((k + 1 for k, c in enumerate(table.columns) if c.key == table.identity), 0) + shift
    sheet.freeze_panes(2, frozen)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    for r, row in enumerate(rows, 2):
        for k, parent in enumerate(row.parents):
            sheet.write_string(r, k, parent, looks["text"])
        for k, column in enumerate(table.columns, shift):
            text = _cell(sheet, r, k, column, row.values.get(column.key), looks, t)
            if len(text) > CELL_LIMIT:
                message = f"{column.key} has {len(text):,} signs; a cell holds {CELL_LIMIT:,}"
                problems.append(Problem(row.place, "cell-too-long", message, "shorten it, or export to DOCX"))
    return problems


def _width(column: Column | None) -> float:
    if column is None or column.key == "id":
        return 20
    if column.shape != "one":
        return 24
    return 44 if column.keys[0] == "title" else WIDTHS[column.kind]


def _cell(sheet: Any, r: int, k: int, column: Column, value: Any, looks: Mapping[str, Any], t: Translator) -> str:
    """Write one value as the kind of cell that holds it exactly; return its text."""
    single = column.shape == "one" and value is not None
    if single and column.kind in ("number", "whole") and exact(value):
        sheet.write_number(r, k, value, looks["number"])
    elif single and column.kind == "date" and value >= EPOCH:
        sheet.write_datetime(r, k, datetime.combine(value, time()), looks["date"])
    else:
        english = translator("en") if column.kind in ("number", "whole") else t
        text = shown(column, value, english)
        if text:
            sheet.write_string(r, k, text, looks["text"])
        return text
    return ""


def _explain(sheet: Any, plan: Plan, looks: Mapping[str, Any], t: Translator) -> None:
    """Write the first sheet: what the file is, and what each column holds."""
    lines = [(plan.title.get(t.lang), "title"), (plan.origin_note.get(t.lang), "plain")]
    lines.append((t("Change the white cells; leave the grey line under the headings as it is."), "plain"))
    if not t.reviewed:
        own = t("The texts of this form in this language have not been reviewed by a native speaker.")
        lines.append((own, "plain"))
    for r, (text, look) in enumerate(lines):
        sheet.write_string(r, 0, escaped(text), looks[look])
    top = len(lines) + 1
    heads = (t("Sheet"), t("Column"), t("What it holds"), t("Has to be filled"))
    for k, (head, width) in enumerate(zip(heads, (30, 46, 80, 16), strict=True)):
        sheet.write_string(top, k, head, looks["head"])
        sheet.set_column(k, k, width)
    sheet.freeze_panes(top + 1, 0)
    r = top + 1
    for table in tables():
        for parent in table.parents:
            own = t("id of the record to which the row belongs")
            words = (t.named("table", table.name), t.named("record", parent.rpartition(".")[2]), own, t("yes"))
            for k, word in enumerate(words):
                sheet.write_string(r, k, word, looks["text"])
            r += 1
        for column in table.columns:
            needed = t("yes") if column.required else ""
            words = (t.named("table", table.name), heading(table, column, t), _holds(column, t), needed)
            for k, word in enumerate(words):
                sheet.write_string(r, k, word, looks["text"])
            r += 1


def _holds(column: Column, t: Translator) -> str:
    """Return what a cell of the column may say."""
    kinds = {
        "text": t("text"),
        "number": t("number"),
        "whole": t("whole number"),
        "date": t("date"),
        "yes-no": t("yes or no"),
    }
    choices = ", ".join(t.named("word", c) for c in column.choices)
    what = kinds.get(column.kind) or t("one of: {choices}", choices=choices)
    if column.shape == "several":
        what = f"{what}; {t('several of these, with ; between them')}"
    elif column.shape == "pairs":
        what = t("name=value pairs, with ; between them")
    return f"{what}. {column.meaning}" if column.meaning and t.lang == "en" else what


def _plain(text: str) -> str:
    """Return a text for a page header, where & has a meaning, within Excel's 255 signs for the whole line."""
    clean = escaped(text)[:110]
    return (clean if len(clean) + clean.count("&") <= 110 else clean[:55]).replace("&", "&&")


def read(package: io.BytesIO) -> tuple[dict[str, list[Row]], list[Problem]]:
    """Return the rows of every table in the workbook, and what is wrong by sheet and cell."""
    merged = _merged(package)
    package.seek(0)
    rows: dict[str, list[Row]] = {}
    problems: list[Problem] = []
    known = {t.name: t for t in tables()}
    for number, (title, lines) in enumerate(_sheets(package, problems)):
        keys = [str(c.value or "").strip() for c in lines[1]] if len(lines) > 1 else []
        names = {key.partition("/")[0] for key in keys if "/" in key}
        if not names & set(known):
            if number and any(c.value not in (None, "") for line in lines for c in line):
                message = "no grey line with the names of its columns in row 2"
                problems.append(Problem(f"{title}!A2", "sheet-unknown", message, "restore row 2 or delete it"))
            continue
        name = next(n for n in known if n in names)
        if name in rows:
            problems.append(Problem(f"{title}!A2", "sheet-twice", f"{name} has two sheets", "delete one"))
            continue
        for place in merged.get(title, ()):
            problems.append(Problem(f"{title}!{place}", "cells-merged", "cells are merged", "unmerge them"))
        rows[name] = _rows(title, known[name], keys, lines, problems)
    return rows, problems


def _merged(package: io.BytesIO) -> dict[str, list[str]]:
    """Return merged ranges by sheet; the reader of rows does not see them."""
    from xml.etree import ElementTree

    out: dict[str, list[str]] = {}
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    link = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    with zipfile.ZipFile(package) as parts:
        book = ElementTree.fromstring(parts.read("xl/workbook.xml"))
        rels = ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
        files = {r.get("Id"): (r.get("Target") or "").lstrip("/").removeprefix("xl/") for r in rels}
        for sheet in book.iter(f"{space}sheet"):
            part = f"xl/{files.get(sheet.get(link), '')}"
            if part in parts.namelist():
                text = parts.read(part).decode("utf-8", errors="replace")
                out[sheet.get("name", "")] = re.findall(r'<mergeCell\b[^>]*\bref="([A-Z0-9:]+)"', text)
    return out


def _sheets(package: io.BytesIO, problems: list[Problem]) -> list[tuple[str, list[Sequence[Any]]]]:
    """Return the cells of every sheet, row by row."""
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what other programs put in that no table needs
        book = load_workbook(package, read_only=True, data_only=False)
        return [(sheet.title, _lines(sheet, problems)) for sheet in book.worksheets]


def _lines(sheet: Any, problems: list[Problem]) -> list[Sequence[Any]]:
    sheet.reset_dimensions()
    lines: list[Sequence[Any]] = []
    for line in sheet.iter_rows(max_col=MOST_COLUMNS):
        if len(lines) == MOST_ROWS:
            message, remedy = f"more than {MOST_ROWS:,} rows", "delete empty rows below"
            problems.append(Problem(f"{sheet.title}!A{MOST_ROWS}", "sheet-too-long", message, remedy))
            break
        cells = list(line)
        while cells and cells[-1].value in (None, ""):
            cells.pop()  # a row padded to its last column costs more than all there is to read
        lines.append(cells)
    return lines


def _rows(
    title: str, table: Table, keys: Sequence[str], lines: Sequence[Sequence[Any]], problems: list[Problem]
) -> list[Row]:
    wanted = [f"{table.name}/{k}" for k in _keys(table)]
    where = {key: k for k, key in reversed(list(enumerate(keys))) if key}
    for key in (k for k in wanted if k not in where):
        remedy = "restore it from a fresh export, with its grey name in row 2"
        problems.append(Problem(f"{title}!2:2", "column-missing", f"the column {key} is gone", remedy))
    for k, key in enumerate(keys):
        if key and (key not in wanted or where[key] != k):
            what = "stands twice" if key in wanted else "is not a column of this sheet"
            problems.append(Problem(f"{title}!{_name(k)}2", "column-unknown", f"{key} {what}", "delete the column"))
    out: list[Row] = []
    for number, line in enumerate(lines[2:], 3):
        cells = [(k, c) for k, c in enumerate(line) if c.value not in (None, "")]
        if not cells:
            continue
        for k, _cell in cells:
            if k >= len(keys) or not keys[k]:
                message = "a value in a column without a name"
                problems.append(
                    Problem(f"{title}!{_name(k)}{number}", "column-unnamed", message, "move it or delete it")
                )
        out.append(_row(title, table, where, line, number, problems))
    return out


def _row(
    title: str, table: Table, where: Mapping[str, int], line: Sequence[Any], number: int, problems: list[Problem]
) -> Row:
    def cell(key: str) -> tuple[Any, str]:
        k = where.get(f"{table.name}/{key}")
        held = line[k] if k is not None and k < len(line) else None
        return held, f"{title}!{_name(k or 0)}{number}"

    parents = []
    for parent in table.parents:
        held, place = cell(f"{parent.rpartition('.')[2]}^")
        if getattr(held, "data_type", "") == "f":
            problems.append(Problem(place, "formula", "the cell holds a formula", "write the value itself"))
        parents.append(str(held.value).strip() if held is not None and held.value is not None else "")
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for column in table.columns:
        held, place = cell(column.key)
        places[column.key] = place
        try:
            values[column.key] = _value(column, held)
        except CellError as error:
            problems.append(Problem(place, error.code, f"{column.key}: {error.message}", error.remedy))
    return Row(tuple(parents), values, f"{title}!A{number}", places)


def _value(column: Column, cell: Any) -> Any:
    """Return the value of a cell; raises CellError."""
    value = cell.value if cell is not None else None
    if value is None:
        return understood(column, "")
    if getattr(cell, "data_type", "") == "f":
        # what it shows is not always kept in the file, and would be taken for nothing
        raise CellError("formula", "the cell holds a formula", "write the value itself")
    if getattr(cell, "data_type", "") == "e":
        raise CellError("cell-error", f"the cell shows {value}", "write the value itself")
    if column.shape == "one" and column.kind in ("number", "whole"):
        if isinstance(value, str) and value.strip():
            number = understood(column, value)
            if exact(number):
                raise CellError("number-as-text", f"{value!r} is text", "make the cell a number and type it again")
            return number
        if isinstance(value, bool | datetime | date | time):
            raise CellError("number", f"{value} is not a number", "write digits only, such as 12 or 12.5")
        if isinstance(value, float) and column.kind == "whole" and value.is_integer():
            return int(value)
        return value if not isinstance(value, str) else understood(column, value)
    if isinstance(value, datetime):
        value = value.date().isoformat() if value.time() == time() else value.isoformat()
    elif isinstance(value, bool):
        value = "yes" if value else "no"
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    return understood(column, str(value))


def _name(k: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(k + 1)
