"""Read a plan from any of its files and check it: YAML, or the ministries' table as DOCX or XLSX.

`checked(path)` → Plan, or an InputError with every problem by line, by sheet and cell, or by table and row.
`coordinates` are those of the factbook that effects of a plan may select.
"""

from __future__ import annotations

from pathlib import Path

from birge.errors import InputError
from birge.plan.check import check
from birge.plan.load import parse, text_of
from birge.plan.schema import Plan

__all__ = ["TABLES", "checked", "coordinates"]

TABLES = (".docx", ".xlsx")


def checked(path: Path, onto: Plan | None = None, name: str = "") -> Plan:
    """Read and check a plan; a table's lacking parts are taken from `onto`, `name` is shown for a YAML file.

    Raises InputError with every problem.
    """
    from birge.variables import variables

    if path.suffix.lower() in TABLES:
        from birge.plan.table import import_table

        plan, places = import_table(path, onto)
        if problems := check(plan, places, variables(), coordinates(plan)):
            raise InputError(places.named(p) for p in problems)
        return plan
    plan, lines = parse(text_of(path), name or str(path))
    if problems := check(plan, lines, variables(), coordinates(plan)):
        raise InputError(problems)
    return plan


def coordinates(plan: Plan) -> dict[str, set[str]]:
    """Return the coordinates that effects of a plan may select."""
    from birge.factbook import Factbook
    from birge.factbook.network import corridors

    codes = [p.code for p in plan.parties]
    directions = {f"{a}-{b}" for a in codes for b in codes if a != b}
    crossings = {name for name, _low, _high in Factbook.embedded().crossings((codes[0], codes[1]))}
    opening = set(corridors((codes[0], codes[1])).openings())
    return {"direction": directions, "reporter": set(codes), "crossing": crossings, "opening": opening}
