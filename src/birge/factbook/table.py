"""Open a table of the user's own, CSV or XLSX, as rows of text that know their line or cell.

A CSV may be separated by comma, semicolon or tab and be UTF-8 or UTF-16 with its mark; with semicolons or tabs a
decimal comma is read (Excel in Russian and many other languages writes both). What is too large is refused before it is
read or unpacked. `read_table(file, known) → Table`; `number(text, comma)` and `day(text)` read what people write.
"""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from birge.errors import InputError

__all__ = ["MAX_BYTES", "MAX_ROWS", "Row", "Table", "day", "number", "read_table", "read_text"]

MAX_BYTES = 100_000_000
"""The largest table that is opened, unpacked."""
MAX_ROWS = 200_000
"""The most rows that are read: 200 years of both flows of 500 pairs."""
UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Row:
    """The cells of a row by column, and where the cell of a column stands."""

    cells: dict[str, str]
    place: Callable[[str], str]


@dataclass(frozen=True)
class Table:
    """Column names in order, where they stand, whether numbers may have a decimal comma, and the rows."""

    where: str
    names: list[str]
    comma: bool
    rows: list[Row]


def read_table(file: Path, known: Collection[str]) -> Table:
    """Read the table `file`; `known` column names tell its separator.

    Raises InputError for what cannot be opened, is too large, or is not a table.
    """
    if file.suffix.lower() in (".xlsx", ".xlsm"):
        return _xlsx(file)
    if file.suffix.lower() == ".xls":
        raise InputError.at(str(file), "format-old", "the XLS format is not read", "save it as XLSX or CSV")
    return _csv(file, known)


def read_text(file: Path) -> str:
    """Return the text of `file`; raises InputError if it is too large, missing, or in an unknown encoding."""
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise _too_large(file, size)
        data = file.read_bytes()
    except OSError as error:
        message = error.strerror or str(error)
        raise InputError.at(str(file), "file-unreadable", message, "name a file that exists") from error
    try:
        return data.decode("utf-16" if data[:2] in UTF16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        remedy = "save it as UTF-8 (in Excel: CSV UTF-8)"
        message = f"byte {error.start} is not {error.encoding.upper()}"
        raise InputError.at(str(file), "not-utf-8", message, remedy) from error


def number(text: str, comma: bool = False) -> float:
    """Return the finite number in `text`; raises ValueError, also where a comma could mean two things.

    Spaces between groups of three digits are dropped. `comma`: a comma is the decimal sign.
    """
    plain = re.sub(r"(?<=\d)[\s\u00a0\u202f](?=\d{3}(\D|$))", "", text.strip())
    if "," in plain:
        if plain.count(",") > 1 or "." in plain or (not comma and re.search(r",\d{3}$", plain)):
            raise ValueError("a comma may be a decimal sign or a separator of thousands")
        plain = plain.replace(",", ".")
    if not re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?|[+-]?\.\d+", plain.replace("\u2212", "-")):
        raise ValueError("not a number")
    value = float(plain.replace("\u2212", "-"))
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


def day(text: str) -> date:
    """Return the date written as 2025-02-25 or 25.02.2025; raises ValueError."""
    dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text)
    if dotted:
        return date(int(dotted[3]), int(dotted[2]), int(dotted[1]))
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError("not a date")
    return date.fromisoformat(text)


def _csv(file: Path, known: Collection[str]) -> Table:
    text = read_text(file)
    first = text.lstrip().partition("\n")[0]
    mark = max(",;\t", key=lambda m: len({_name(n) for n in first.split(m)} & set(known)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    rows: list[Row] = []
    names: list[str] = []
    top = f"{file}:1"
    try:
        for cells in reader:
            if not names:
                names = [_name(c) for c in cells]
                top = f"{file}:{reader.line_num}"
                _check_names(top, names)
            elif any(c.strip() for c in cells):
                rows.append(_csv_row(file, reader.line_num, names, cells))
                _check_count(file, len(rows))
    except csv.Error as error:
        where = f"{file}:{reader.line_num}"
        raise InputError.at(where, "csv-broken", str(error), "check quotation marks; save the table again") from error
    return Table(top, names, mark != ",", rows)


def _csv_row(file: Path, line: int, names: list[str], cells: list[str]) -> Row:
    where = f"{file}:{line}"
    if any(c.strip() for c in cells[len(names) :]):
        message = f"the row has {len(cells)} cells, the first row {len(names)}"
        raise InputError.at(
            where, "row-too-long", message, "quote text that holds the separator; write 1285.8, not 1285,8"
        )
    return Row(dict.fromkeys(names, "") | dict(zip(names, map(str.strip, cells), strict=False)), lambda _: where)


def _xlsx(file: Path) -> Table:
    from openpyxl import load_workbook

    try:
        if file.stat().st_size > MAX_BYTES:
            raise _too_large(file, file.stat().st_size)
        with zipfile.ZipFile(file) as archive:
            size = sum(i.file_size for i in archive.infolist())
        if size > MAX_BYTES:
            raise _too_large(file, size)
        # Our own handle: a workbook that fails half-way leaves the one it opened itself open.
        with file.open("rb") as handle, closing(load_workbook(handle, read_only=True, data_only=True)) as book:
            sheet = book.worksheets[0]
            # A stray cell far away would pad every row to the full width that the file declares.
            sheet.reset_dimensions()
            return _sheet(file, sheet)
    except (OSError, zipfile.BadZipFile, KeyError, IndexError, ValueError, TypeError, SyntaxError) as error:
        message = "not a readable XLSX file" if file.exists() else "there is no such file"
        raise InputError.at(str(file), "file-unreadable", message, "save it as XLSX or CSV") from error


def _sheet(file: Path, sheet: Any) -> Table:
    from openpyxl.utils import get_column_letter

    names: list[str] = []
    rows: list[Row] = []
    for number_, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if number_ == 1:
            names = [_name(_cell(v)) for v in cells]
            _check_names(f"{file}!{sheet.title}!A1", names)
        elif any(v is not None and v != "" for v in cells):
            letters = {n: get_column_letter(c) for c, n in enumerate(names, 1)}

            def place(name: str, at: int = number_, letters: dict[str, str] = letters) -> str:
                return f"{file}!{sheet.title}!{letters.get(name, 'A')}{at}"

            rows.append(Row(dict.fromkeys(names, "") | dict(zip(names, map(_cell, cells), strict=False)), place))
            _check_count(file, len(rows))
    return Table(f"{file}!{sheet.title}!A1", names, False, rows)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _name(text: str) -> str:
    return text.strip().strip('"').strip()


def _check_names(where: str, names: list[str]) -> None:
    twice = sorted({n for n in names if n and names.count(n) > 1})
    if twice:
        raise InputError.at(where, "column-twice", f"{', '.join(twice)} stands twice", "keep one of them")


def _check_count(file: Path, count: int) -> None:
    if count > MAX_ROWS:
        raise InputError.at(str(file), "too-many-rows", f"more than {MAX_ROWS:,} rows", "keep the rows of the pair")


def _too_large(file: Path, size: int) -> InputError:
    message = f"{size / 1e6:,.0f} MB unpacked, more than {MAX_BYTES / 1e6:,.0f}"
    return InputError.at(str(file), "file-too-large", message, "keep the rows of the pair, or split the table")
