"""What changed between two versions of a plan, in words and by record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from birge.plan.schema import Plan

__all__ = ["Change", "compare"]


@dataclass(frozen=True)
class Change:
    """One difference: where (records by id), added, removed or changed, and the two values."""

    where: str
    kind: Literal["added", "removed", "changed"]
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.kind == "changed":
            return f"{self.where}: {_word(self.before)} → {_word(self.after)}"
        return f"{self.where}: {self.kind} ({_word(self.after if self.kind == 'added' else self.before)})"


def compare(before: Plan, after: Plan) -> list[Change]:
    """Return every difference from `before` to `after`; records are matched by id, so their order does not count."""
    return list(_changes("", before.canonical(), after.canonical()))


def _changes(where: str, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            place = f"{where}.{key}" if where else str(key)
            if key not in after:
                yield Change(place, "removed", before[key], None)
            elif key not in before:
                yield Change(place, "added", None, after[key])
            else:
                yield from _changes(place, before[key], after[key])
    elif _keyed(before) and _keyed(after) and (before or after):
        yield from _changes(where, {r["id"]: r for r in before}, {r["id"]: r for r in after})
    elif before != after:
        yield Change(where, "changed", before, after)


def _keyed(value: Any) -> bool:
    """Return whether `value` is a list of records with ids."""
    return isinstance(value, list) and all(isinstance(r, Mapping) and "id" in r for r in value)


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        title = value.get("title")
        return str(
            title["en"] if isinstance(title, Mapping) else title or ", ".join(f"{k} {v}" for k, v in value.items())
        )
    if isinstance(value, list):
        return "; ".join(_word(v) for v in value) or "nothing"
    return str(value)
