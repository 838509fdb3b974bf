"""The plan as the ministries' own table, out to DOCX and XLSX and back without loss.

Data flow: Plan → `rows.spread` → rows by table → `xlsx.write` | `docx.write` → a person edits → `files.opened` (size,
kind, unpacked size) → `xlsx.read` | `docx.read` → rows with the place of every cell → `rows.made` → Plan, or an
InputError with every problem by sheet and cell, or by table and row.

`export_table(plan, path, lang)` and `import_table(path, onto)` are the two doors.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from birge.errors import InputError, Problem
from birge.plan.table.fields import tables
from birge.plan.table.files import opened
from birge.plan.table.rows import Places, Row, made, spread

if TYPE_CHECKING:
    from birge.plan.schema import Plan

__all__ = ["FORMATS", "export_table", "import_table"]

FORMATS = ("docx", "xlsx")


def export_table(plan: Plan, path: Path, lang: str = "en") -> None:
    """Write `plan` as a table to `path`, whose ending (.docx or .xlsx) is the format.

    Raises InputError for another ending, for what a cell cannot hold, and where the file cannot be written.
    """
    if path.suffix.lower() not in (".docx", ".xlsx"):
        raise InputError.at(str(path), "format", f"{path.suffix or 'no ending'!r} is no table", "end it .docx or .xlsx")
    rows = spread(plan)
    _refuse_doubles(rows)
    try:
        if path.suffix.lower() == ".xlsx":
            from birge.plan.table import xlsx

            xlsx.write(plan, rows, path, lang)
        else:
            from birge.plan.table import docx

            docx.write(plan, rows, path, lang)
    except OSError as error:
        remedy = "name a file in a folder that exists"
        raise InputError.at(str(path), "file-unwritable", error.strerror or str(error), remedy) from error


def import_table(path: Path, onto: Plan | None = None) -> tuple[Plan, Places]:
    """Read a plan from a table; tables that the file lacks are taken from `onto`.

    Raises InputError with every problem by sheet and cell (XLSX), or by table and row (DOCX).
    """
    base = spread(onto) if onto is not None else None
    with opened(path) as (kind, package):
        if kind == "xlsx":
            from birge.plan.table import xlsx

            rows, problems = xlsx.read(package)
        else:
            from birge.plan.table import docx

            rows, problems = docx.read(package, base)
    if base is not None and not rows:
        what = "the file holds no table of a plan"
        raise InputError.at(path.name, "table-none", what, "take the plan as a file, change that one and send it back")
    whole: dict[str, list[Row]] = {}
    for t in tables():
        if t.name in rows:
            whole[t.name] = rows[t.name]
        elif base is not None:
            whole[t.name] = base[t.name]
        else:
            whole[t.name] = []
            missing = f"the file has no table {t.name}"
            remedy = "export it again, or name the plan that it changes with --onto"
            problems.append(Problem(path.name, "table-missing", missing, remedy))
    if any(p.code == "table-missing" for p in problems):
        raise InputError(problems)
    return made(whole, problems)


def _refuse_doubles(rows: dict[str, list[Row]]) -> None:
    """Refuse a plan whose records cannot be told apart in a table."""
    problems: list[Problem] = []
    for t in (t for t in tables() if t.identity):
        seen: set[tuple[str, ...]] = set()
        for row in rows[t.name]:
            key = (*row.parents, str(row.values[t.identity or ""]))
            if key in seen:
                problems.append(Problem(row.place, "id-twice", f"{key[-1]!r} stands twice", "give each its own id"))
            seen.add(key)
    if problems:
        raise InputError(problems)
