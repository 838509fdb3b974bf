"""Rows of the power tables: those that ship, and those of a folder that somebody keeps for a pair of their own.

    birge/factbook/tables/power_*.csv ─┐
    FOLDER/power_*.csv                ─┴▶ `read_tables(folder) → Tables`: rows by table, each with its file and line

A row of the folder whose key the table has (`KEYS`) stands in its place, any other row is new, and nothing is taken
away: 0 MW shuts a plant or a line. Of the columns those are needed that the model reads; `unit`, `year` where it is no
figure, `source` and `assumed` are for the reader. What the rows say is checked by `checked.py`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from birge.errors import InputError, Problem

__all__ = ["KEYS", "Row", "Tables", "read_tables", "shipped_tables"]

KEYS: Mapping[str, tuple[str, ...]] = {
    "inflows": ("reservoir", "month"),
    "lines": ("id",),
    "missing": ("id",),
    "nodes": ("id",),
    "observed": ("id",),
    "options": ("id",),
    "pairs": ("pair",),
    "parameters": ("id",),
    "places": ("id",),
    "plants": ("id",),
    "profiles": ("profile", "month"),
    "projects": ("id",),
    "reservoirs": ("id",),
    "steps": ("id",),
    "zones": ("id",),
}
"""What tells the rows of each table apart; a pair is the same in either order."""
FOR_READERS = ("item", "unit", "source", "assumed")


@dataclass(frozen=True)
class Row:
    """A row of a table with its place: file and line, or the name of a table that ships."""

    values: Mapping[str, str]
    where: str

    def __getitem__(self, column: str) -> str:
        return self.values[column]


@dataclass(frozen=True, eq=False)
class Tables:
    """All rows by table; the same only as themselves. `folder` is None where nothing was added."""

    rows: Mapping[str, tuple[Row, ...]]
    folder: Path | None = None

    def __getitem__(self, table: str) -> tuple[Row, ...]:
        return self.rows[table]


@cache
def shipped_tables() -> Tables:
    """Return the tables that ship with Birge."""
    found = {}
    for table in KEYS:
        name = f"power_{table}.csv"
        text = (files("birge.factbook") / "tables" / name).read_text("utf-8")
        found[table] = tuple(Row(r, f"{name} of Birge, line {n}") for n, r in _lines(text))
    return Tables(found)


def read_tables(folder: Path) -> tuple[Tables, list[Problem]]:
    """Return the tables that ship with the rows of `folder` in them, and which of its rows are none.

    Raises InputError with every file that cannot be read as a table.
    """
    known, problems, rows = shipped_tables(), list[Problem](), list[Problem]()
    if not folder.is_dir():
        message = f"{folder} is no folder"
        raise InputError.at("--tables", "folder-unreadable", message, "name a folder with files power_*.csv")
    paths = sorted(folder.glob("power_*.csv"))
    if not paths:
        message = f"{folder} has no file power_*.csv"
        raise InputError.at("--tables", "folder-empty", message, f"write power_NAME.csv, NAME one of {', '.join(KEYS)}")
    found = dict(known.rows)
    for path in paths:
        table = path.stem.removeprefix("power_")
        if table not in KEYS:
            problems.append(Problem(path.name, "table-unknown", "no such table", f"NAME is one of {', '.join(KEYS)}"))
            continue
        try:
            text = path.read_text("utf-8-sig")
        except OSError as error:
            problems.append(Problem(path.name, "file-unreadable", error.strerror or "cannot be read", "let it be read"))
            continue
        except UnicodeDecodeError:
            problems.append(Problem(path.name, "encoding", "the file is not UTF-8", "save it as UTF-8"))
            continue
        if broken := _unreadable(path.name, text):
            problems.append(broken)
            continue
        columns = tuple(known[table][0].values)
        problems += (strange := _header(path.name, table, text, columns))
        own, wrong = _own(path.name, table, text, columns) if not strange else ([], [])
        rows += wrong
        found[table] = _merged(table, known[table], own)
    if problems:
        raise InputError([*problems, *rows])
    return Tables(found, folder), rows


def _lines(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, row) of a table."""
    table = csv.DictReader(io.StringIO(text, newline=""))
    for row in table:
        yield table.line_num, row


def _unreadable(name: str, text: str) -> Problem | None:
    """Return where a file of one's own cannot be read as rows, as with a field that has no end."""
    table = csv.reader(io.StringIO(text, newline=""))
    try:
        for _ in table:
            pass
    except csv.Error as error:
        remedy = f'close every " and keep a field to {csv.field_size_limit():,} characters'
        return Problem(f"{name}, line {table.line_num}", "row-unreadable", str(error), remedy)
    return None


def _header(name: str, table: str, text: str, columns: tuple[str, ...]) -> list[Problem]:
    """Return what is wrong with the columns of a file of one's own."""
    header = next(csv.reader(io.StringIO(text, newline="")), [])
    needed = [
        c for c in columns if c not in FOR_READERS and (c != "year" or table in ("nodes", "projects", "observed"))
    ]
    where, remedy = f"{name}, line 1", f"write the columns {', '.join(needed)}"
    if len(header) == 1 and ";" in header[0]:
        return [
            Problem(where, "separator", "columns are set apart by ;", "set them apart by commas, decimals by points")
        ]
    problems = [Problem(where, "column-missing", f"no column {c!r}", remedy) for c in needed if c not in header]
    problems += [Problem(where, "column-unknown", f"{c!r}", remedy) for c in header if c not in columns]
    problems += [
        Problem(where, "column-twice", f"{c!r} stands twice", "leave one of them out")
        for c in dict.fromkeys(header)
        if header.count(c) > 1
    ]
    return problems


def _own(name: str, table: str, text: str, columns: tuple[str, ...]) -> tuple[list[Row], list[Problem]]:
    """Return the rows of a file of one's own, and which of them are none."""
    problems: list[Problem] = []
    rows: list[Row] = []
    seen: dict[tuple[str, ...], str] = {}
    for line, values in _lines(text):
        at = f"{name}, line {line}"
        if None in values or None in values.values():
            message = "not a value for each column of line 1"
            problems.append(Problem(at, "columns", message, 'one value for a column; text with a comma in "…"'))
            continue
        row = Row({c: (values.get(c) or "").strip() for c in columns}, at)
        key = _key(table, row)
        if key in seen:
            message = f"{' '.join(key)} is in {seen[key]} already"
            problems.append(Problem(at, "row-twice", message, "leave one of them out"))
        seen[key] = at
        rows.append(row)
    return rows, problems


def _merged(table: str, known: tuple[Row, ...], own: list[Row]) -> tuple[Row, ...]:
    mine = {_key(table, r): r for r in own}
    placed = [mine.pop(_key(table, r), r) for r in known]
    return (*placed, *mine.values())


def _key(table: str, row: Row) -> tuple[str, ...]:
    """Return what tells a row from others; a pair is the same in either order."""
    if table == "pairs":
        return ("-".join(sorted(row["pair"].split("-"))),)
    return tuple(row[k] for k in KEYS[table])
