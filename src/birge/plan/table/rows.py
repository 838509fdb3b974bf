"""A plan as rows of tables, and rows as a plan; whoever reads a file says where each cell stands.

`spread` lays a plan out, `gather` puts rows together into nested plain data with the place of every value, `made`
validates them into a Plan. Everything wrong is reported at once, by place, and nothing is half-applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from birge.errors import InputError, Problem
from birge.plan.load import Lines, Path_
from birge.plan.schema import Plan, Record
from birge.plan.table.fields import KEY, Column, Table, table, tables

__all__ = ["Places", "Row", "gather", "made", "spread"]

Rows = dict[str, list["Row"]]


@dataclass(frozen=True)
class Row:
    """One record: the ids of its parents, its values by column key, and where it and its cells stand.

    A key that is absent takes the schema's default; None is an empty cell.
    """

    parents: tuple[str, ...]
    values: Mapping[str, Any]
    place: str = ""
    places: Mapping[str, str] = field(default_factory=dict)

    def at(self, key: str) -> str:
        """Return where the cell of `key` stands, or where the row does."""
        return self.places.get(key, self.place)


def spread(plan: Plan) -> Rows:
    """Return the rows of every table of `plan`."""
    out: Rows = {t.name: [] for t in tables()}
    _spread(table("plan"), plan, (), out, "the plan")
    return out


def _spread(t: Table, record: Record, parents: tuple[str, ...], out: Rows, place: str, name: str | None = None) -> None:
    values = {c.key: name if c.key == KEY else c.of(record) for c in t.columns}
    out[t.name].append(Row(parents, values, place))
    below = (*parents, str(values[t.identity])) if t.identity else ()
    for child in (c for c in tables() if c.parent == t.name and c.name != "plan"):
        held = getattr(record, child.field)
        items = held.items() if child.by_name else ((None, item) for item in held)
        for k, (key, item) in enumerate(items, 1):
            _spread(child, item, below, out, f"{place}, {child.name} {k}", key)


class Places(Lines):
    """Where every value of gathered data came from, for the checks that ask for a line."""

    def __init__(self) -> None:
        super().__init__("cell", None)
        self.by_path: dict[Path_, str] = {}
        self._order: dict[str, int] = {}

    def add(self, path: Path_, place: str) -> None:
        """Remember that the value at `path` stands at `place`."""
        self.by_path[path] = place
        self._order.setdefault(place, len(self._order) + 1)

    def place(self, path: Path_) -> str:
        """Return where the value at `path` stands: itself, a part of it, or what holds it."""
        if path in self.by_path:
            return self.by_path[path]
        inside = (place for known, place in self.by_path.items() if known[: len(path)] == path)
        if (found := next(inside, None)) is not None and path:
            return found
        return self.place(path[:-1]) if path else "the file"

    def at(self, path: Path_) -> str:
        """Return a number for the place, in the form `cell:N` that checks sort by; `named` turns it back."""
        return f"cell:{self._order.get(self.place(path), 0)}"

    def named(self, problem: Problem) -> Problem:
        """Return a check's problem with its place in words."""
        number = int(problem.where.rpartition(":")[2])
        place = next((p for p, n in self._order.items() if n == number), "the file")
        return Problem(place, problem.code, problem.message, problem.remedy)


def gather(rows: Mapping[str, Sequence[Row]]) -> tuple[dict[str, Any], Places, list[Problem]]:
    """Return nested plain data, its places, and what is wrong with ids: rows twice, parents that do not exist."""
    root: dict[str, Any] = {}
    places = Places()
    problems: list[Problem] = []
    holders: dict[tuple[str, tuple[str, ...]], tuple[dict[str, Any], Path_]] = {("plan", ()): (root, ())}
    for t in tables():
        seen: set[tuple[str, ...]] = set()
        for row in rows[t.name]:
            held = holders.get((t.parent, row.parents))
            if held is None:
                who = " / ".join(row.parents) or "nothing"
                problems.append(
                    Problem(row.place, "parent-unknown", f"the row belongs to {who}, which is not there", "name its id")
                )
                continue
            data, path = held
            if t.by_name:
                key = str(row.values.get(KEY) or "")
                path = (*path, t.field, key)
                data = data.setdefault(t.field, {}).setdefault(key, {})
            elif t.name != "plan":
                group = data.setdefault(t.field, [])
                path = (*path, t.field, len(group))
                data = {}
                group.append(data)
            _fill(t, row, data, path, places)
            name = row.values.get(t.identity) if t.identity else None
            if name is None:
                continue
            ids = (*row.parents, str(name))
            if ids in seen:
                problems.append(Problem(row.at(str(t.identity)), "row-twice", f"{name!r} stands twice", "delete one"))
            seen.add(ids)
            holders.setdefault((t.name, ids), (data, path))
    return root, places, problems


def _fill(t: Table, row: Row, data: dict[str, Any], path: Path_, places: Places) -> None:
    places.add(path, row.place)
    own = [c for c in t.columns if c.key != KEY]
    for column in own:
        places.add((*path, *column.keys), row.at(column.key))
    present = {c.keys[:k] for c in own for k in range(len(c.keys)) if _filled(row.values.get(c.key))}
    for column in own:
        if column.key not in row.values or not (len(column.keys) == 1 or column.keys[:-1] in present):
            continue
        value = _empty(column) if row.values[column.key] is None else row.values[column.key]
        if value is None and not column.optional:
            continue
        inner = data
        for name in column.keys[:-1]:
            inner = inner.setdefault(name, {})
        inner[column.keys[-1]] = value


def _empty(column: Column) -> Any:
    return {"one": None, "several": (), "pairs": {}}[column.shape]


def _filled(value: Any) -> bool:
    return value is not None and value not in ((), {})


def made(rows: Mapping[str, Sequence[Row]], found: Iterable[Problem] = ()) -> tuple[Plan, Places]:
    """Return the plan that `rows` hold; raises InputError with `found` and everything else that is wrong."""
    data, places, problems = gather(rows)
    problems = [*found, *problems]
    told = {p.where for p in problems}
    try:
        plan = Plan.model_validate(data)
    except ValidationError as error:
        for e in error.errors():
            where = places.place(e["loc"])
            if where not in told:
                name = ".".join(str(k) for k in e["loc"] if not isinstance(k, int))
                missing = e["type"] == "missing"
                problems.append(
                    Problem(
                        where,
                        "missing" if missing else f"plan-{e['type']}",
                        f"{name} is missing" if missing else f"{name}: {e['msg']}",
                        "fill the cell" if missing else "correct the cell",
                    )
                )
        raise InputError(problems) from error
    if problems:
        raise InputError(problems)
    return plan, places
