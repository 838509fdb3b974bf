"""How long a text of a record may be: shorter than a text of the plan, over which it is laid with a mark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from birge.errors import Problem
from birge.store.canonical import plain

__all__ = ["LONGEST", "too_long"]

LONGEST = 19_900
"""Letters of a text that people write. A plan takes 20,000, and a text that stands in for English gets its language."""
WHOLE = ("plan", "run", "scenario")
"""Kinds that hold a document, which has bounds of its own."""


def too_long(kind: str, payload: BaseModel) -> list[Problem]:
    """Return a problem for every text of a payload that is longer than what is taken."""
    if kind in WHOLE:
        return []
    return [
        Problem(where, "text-length", f"{size:,} letters, over {LONGEST:,}", "shorten it")
        for where, size in _sizes(plain(payload))
        if size > LONGEST
    ]


def _sizes(value: Any, where: str = "") -> Iterator[tuple[str, int]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _sizes(inner, f"{where}.{name}" if where else str(name))
    elif isinstance(value, list | tuple):
        for n, inner in enumerate(value):
            yield from _sizes(inner, f"{where}.{n}")
    elif isinstance(value, str):
        yield where, len(value)
