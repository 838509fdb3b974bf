"""Waits at crossings of a network of one's own: `crossing_waits.csv` in its folder, beside node.csv and link.csv.

Columns `crossing` (a node of kind crossing or complex) and `hours`; as well `direction` (EST-RUS; both if empty),
`regime` (normal if empty), `trucks_day` (a day and direction; empty for hours that do not depend on trucks), `cv` of
the wait. A row without hours says that they are not known. Hours over trucks need today's trucks a day and direction:
`birge_trucks_day` of the crossing in node.csv.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from birge.errors import InputError, Problem
from birge.factbook.network import Node, Passage
from birge.factbook.table import Row, read_table
from birge.models.freight.gmns_tables import BORDERS, Folder, cell_number, missing_columns

__all__ = ["COLUMNS", "FILE", "Knots", "mean_curve", "read_waits"]

FILE = "crossing_waits.csv"
COLUMNS = ("crossing", "direction", "regime", "trucks_day", "hours", "cv")
NEEDED = ("crossing", "hours")
CV = 0.6
"""Used where `cv` is empty: that of most crossings in the factbook (assumed)."""

Knots = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class _Row:
    crossing: str
    direction: str
    regime: str
    trucks: float | None
    hours: float
    cv: float
    place: str


def read_waits(folder: Folder, nodes: Mapping[str, Node]) -> dict[str, Passage]:
    """Return the crossings of `folder` whose waits are known; what is wrong is added to the folder's problems."""
    file, problems = folder.path / FILE, folder.problems
    if not file.exists():
        return {}
    try:
        table = read_table(file, COLUMNS)
    except InputError as error:
        problems.extend(error.problems)
        return {}
    lost = missing_columns(table, NEEDED)
    problems.extend(lost)
    rows = [] if lost else [made for r in table.rows if (made := _row(r, nodes, problems))]
    today = {r.cells["node_id"]: r for r in folder.nodes.rows}
    found = {
        name: _passage(nodes[name], [r for r in rows if r.crossing == name], today[name], problems)
        for name in dict.fromkeys(r.crossing for r in rows)
    }
    return {name: passage for name, passage in found.items() if passage}


def _row(r: Row, nodes: Mapping[str, Node], problems: list[Problem]) -> _Row | None:
    """Return a row with its hours; None where they are empty or the crossing is none."""
    name = r.cells["crossing"]
    node = nodes.get(name)
    if node is None or not node.border:
        message = f"{name!r} is no node of kind {' or '.join(BORDERS)}"
        problems.append(Problem(r.place("crossing"), "crossing-unknown", message, "set its birge_kind in node.csv"))
        return None
    direction = r.cells.get("direction", "")
    ways = _ways(node)
    if direction and direction not in ways:
        message = f"direction {direction!r} at {name}"
        problems.append(Problem(r.place("direction"), "direction-unknown", message, f"write {' or '.join(ways)}"))
        return None
    if not r.cells["hours"]:
        return None
    found = {}
    for column, usual in (("hours", None), ("trucks_day", 0.0), ("cv", CV)):
        found[column] = cell_number(r, column, problems, usual)
        if found[column] < 0:
            message = f"{column} {found[column]:g}"
            problems.append(Problem(r.place(column), "negative-wait", message, "write 0 or more"))
    trucks = found["trucks_day"] if r.cells.get("trucks_day") else None
    regime = r.cells.get("regime") or "normal"
    return _Row(name, direction, regime, trucks, found["hours"], found["cv"], r.place("hours"))


def _passage(node: Node, rows: list[_Row], today: Row, problems: list[Problem]) -> Passage | None:
    """Return a crossing from its rows; None, with problems added, where they do not make curves."""
    before = len(problems)
    groups: dict[tuple[str, str], list[_Row]] = {}
    for r in rows:
        groups.setdefault((r.direction, r.regime), []).append(r)
    curves = {key: _curve(group, problems) for key, group in groups.items()}
    where = rows[0].place
    if len({r.cv for r in rows}) > 1:
        problems.append(Problem(where, "cv-differs", f"{node.id} has several cv", "write one for a crossing"))
    if any(r.trucks is not None for r in rows) and not today.cells.get("birge_trucks_day"):
        message = f"hours of {node.id} depend on trucks, and today's are not known"
        remedy = "write birge_trucks_day of the crossing in node.csv"
        problems.append(Problem(today.place("birge_trucks_day"), "trucks-missing", message, remedy))
    trucks = cell_number(today, "birge_trucks_day", problems, 0.0)
    if trucks < 0:
        message = f"birge_trucks_day {trucks:g}"
        problems.append(Problem(today.place("birge_trucks_day"), "negative-trucks", message, "write 0 or more"))
    both: dict[str, Knots] = {}
    ways = _ways(node)
    for regime in dict.fromkeys(regime for _, regime in curves):
        sides = [curves.get((way, regime)) or curves.get(("", regime)) for way in ways]
        if sides[0] is None or sides[1] is None:
            lost = ways[0] if sides[0] is None else ways[1]
            message = f"{node.id} has no hours of {lost}, {regime}"
            problems.append(Problem(where, "direction-missing", message, "add rows, or leave direction empty for both"))
        else:
            both[regime] = curves.get(("", regime)) or mean_curve(sides[0], sides[1])
    if "normal" not in {regime for _, regime in curves}:
        message = f"{node.id} has no hours of regime normal"
        problems.append(Problem(where, "regime-missing", message, "add rows of normal control"))
    if len(problems) > before:
        return None
    directed = {way: {g: k for (w, g), k in curves.items() if w == way} for way in ways}
    return Passage(node.id, trucks, "", 0.0, both, rows[0].cv, {way: k for way, k in directed.items() if k})


def _curve(rows: list[_Row], problems: list[Problem]) -> Knots:
    """Return hours over trucks of a crossing, direction and regime: a constant, or rows that rise with trucks."""
    if len(rows) == 1 and rows[0].trucks is None:
        return (0.0, rows[0].hours), (1.0, rows[0].hours)
    knots = sorted((r.trucks or 0.0, r.hours) for r in rows)
    message = ""
    if any(r.trucks is None for r in rows):
        message = "more than one row, and not all with trucks_day"
    elif len(rows) == 1:
        message = "one row with trucks_day makes no curve"
    elif len({q for q, _ in knots}) < len(knots):
        message = "the same trucks_day stands twice"
    elif any(b < a for (_, a), (_, b) in pairwise(knots)):
        message = "hours do not rise with trucks"
    if message:
        remedy = "write one row without trucks_day, or several that rise"
        problems.append(Problem(rows[-1].place, "wait-not-monotone", f"{rows[0].crossing}: {message}", remedy))
    return tuple(knots)


def mean_curve(a: Knots, b: Knots) -> Knots:
    """Return the mean of two curves at the trucks of both."""
    ends = Passage("", 0.0, "", 0.0, {"a": a, "b": b}, 0.0)
    trucks = np.unique([q for q, _ in (*a, *b)]).tolist()
    return tuple((q, (ends.hours(q, "a") + ends.hours(q, "b")) / 2) for q in trucks)


def _ways(node: Node) -> tuple[str, str]:
    a, _, b = node.economy.partition("-")
    return f"{a}-{b}", f"{b}-{a}"
