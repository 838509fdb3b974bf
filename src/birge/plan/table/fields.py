"""The tables of a plan, derived from its schema: one per kind of record, one column per field that holds a value.

A list of records is a table of its own (`measures.milestones`), joined to its parents by their ids, and so are records
by name (`region_pairs.regions`), whose name is the column `key`; a record inside a record becomes columns with a path
(`deadline.text.ru`). Whatever the schema gains shows up here without a change.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Literal

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from birge.plan.schema import Plan, Record

__all__ = ["KEY", "Column", "Table", "table", "tables"]

Kind = Literal["text", "number", "whole", "date", "yes-no", "choice"]
Shape = Literal["one", "several", "pairs"]
KEY = "key"


@dataclass(frozen=True)
class Column:
    """A field that holds a value: its path by field names, its key by file names, and what a cell of it may say."""

    path: tuple[str, ...]
    key: str
    kind: Kind
    shape: Shape
    choices: tuple[str, ...]
    optional: bool
    required: bool
    default: Any
    meaning: str

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the path by names as they stand in a plan file."""
        return tuple(self.key.split("."))

    def of(self, record: Record | None) -> Any:
        """Return the value in `record`, None where a part on the way is absent."""
        value: Any = record
        for name in self.path:
            value = None if value is None else getattr(value, name)
        return value


@dataclass(frozen=True)
class Table:
    """All records of one kind: its name, its columns, and the field by which others refer to its records."""

    name: str
    model: type[Record]
    columns: tuple[Column, ...]
    identity: str | None
    parents: tuple[str, ...]
    by_name: bool = False

    @property
    def field(self) -> str:
        """Return the name of the list in the parent record."""
        return self.name.rpartition(".")[2]

    @property
    def parent(self) -> str:
        """Return the name of the parent's table; `plan` for the lists of the plan itself."""
        return self.name.rpartition(".")[0] or "plan"

    def column(self, key: str) -> Column | None:
        """Return the column with `key`."""
        return next((c for c in self.columns if c.key == key), None)


@cache
def tables() -> tuple[Table, ...]:
    """Return every table of a plan, parents before children, the plan's own fields first."""
    out: list[Table] = []
    _add("plan", Plan, (), out)
    return tuple(out)


def table(name: str) -> Table:
    """Return the table called `name`."""
    return next(t for t in tables() if t.name == name)


def _add(name: str, model: type[Record], parents: tuple[str, ...], out: list[Table], by_name: bool = False) -> None:
    columns: list[Column] = []
    children: list[tuple[str, type[Record], bool]] = []
    if by_name:
        columns.append(Column((), KEY, "text", "one", (), False, True, None, ""))
    for field, info in model.model_fields.items():
        named = _named(info.annotation)
        inner = named if named is not None else _several(info.annotation)
        if isinstance(inner, type) and issubclass(inner, Record):
            children.append((field, inner, named is not None))
        else:
            columns.extend(_columns((field,), (info.alias or field,), info, True))
    known = KEY if by_name else next((n for n in ("id", "code") if n in model.model_fields), None)
    identity = known if name != "plan" else None
    if children and identity is None and name != "plan":
        raise TypeError(f"{model.__name__} holds records and needs an id, so that they can refer to it")
    out.append(Table(name, model, tuple(columns), identity, parents, by_name))
    for field, inner, keyed in children:
        below = field if name == "plan" else f"{name}.{field}"
        _add(below, inner, (*parents, name) if name != "plan" else (), out, keyed)


def _columns(path: tuple[str, ...], keys: tuple[str, ...], info: FieldInfo, needed: bool) -> list[Column]:
    bare, optional = _without_none(info.annotation)
    needed = needed and info.is_required() and not optional
    if isinstance(bare, type) and issubclass(bare, Record):
        made = [
            column
            for name, inner in bare.model_fields.items()
            for column in _columns((*path, name), (*keys, inner.alias or name), inner, needed)
        ]
        if optional and not any(f.is_required() for f in bare.model_fields.values()):
            raise TypeError(f"{bare.__name__} may be left out and needs a field that may not, to tell the two apart")
        return made
    shape: Shape = "one"
    inner: Any = bare
    if (several := _several(bare)) is not None:
        shape, inner = "several", several
    elif typing.get_origin(bare) is dict:
        shape, inner = "pairs", _plain(typing.get_args(bare)[1])
    kind, choices = _kind(inner, ".".join(keys))
    default = None if info.is_required() else info.get_default(call_default_factory=True)
    default = None if default is PydanticUndefined else default
    return [Column(path, ".".join(keys), kind, shape, choices, optional, needed, default, info.description or "")]


def _kind(annotation: Any, key: str) -> tuple[Kind, tuple[str, ...]]:
    if typing.get_origin(annotation) is Literal:
        words = typing.get_args(annotation)
        return ("choice", words) if all(isinstance(w, str) for w in words) else ("whole", ())
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return "choice", tuple(w.value for w in annotation)
    kinds: dict[Any, Kind] = {bool: "yes-no", int: "whole", float: "number", date: "date", str: "text"}
    if annotation in kinds:
        return kinds[annotation], ()
    raise TypeError(f"{key}: a table has no cell for {annotation}")


def _plain(annotation: Any) -> Any:
    """Take the notes off an annotated type."""
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    return annotation


def _without_none(annotation: Any) -> tuple[Any, bool]:
    annotation = _plain(annotation)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        inner = [a for a in typing.get_args(annotation) if a is not types.NoneType]
        if len(inner) == 1:
            return _plain(inner[0]), True
    return annotation, False


def _several(annotation: Any) -> Any:
    """Return what a tuple of any length holds, None for anything else."""
    annotation = _plain(annotation)
    return _plain(typing.get_args(annotation)[0]) if typing.get_origin(annotation) is tuple else None


def _named(annotation: Any) -> Any:
    """Return what a mapping from names holds, None for anything else."""
    annotation = _plain(annotation)
    return _plain(typing.get_args(annotation)[1]) if typing.get_origin(annotation) is dict else None
