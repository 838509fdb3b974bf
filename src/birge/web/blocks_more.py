"""Small pieces that pages share: filters, sources, days, drawings in two widths."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from birge.errors import InputError, Problem
from birge.plan.schema import Source, Text
from birge.texts import Translator
from birge.web.blocks import Cell, Choice, Filter, Picture, Table, Width, said
from birge.web.reader import Reader

__all__ = ["NARROW", "WIDE", "asked", "chosen", "day_cell", "drawn", "num", "pick", "source_cell", "text_cell"]

WIDE, NARROW = 720, 328
"""Px that a drawing has on a wide page and on a phone."""
Spec = Callable[[int], dict[str, Any]]


def pick(view: Reader, name: str, label: str, values: Sequence[tuple[str, str]], usual: str | None = None) -> Filter:
    """Return a filter over `values` (id, label); with `usual`, the value that stands where none is named."""
    now = view.query.get(name, usual or "")
    every = () if usual is not None else (Choice("", view.t("all"), not now),)
    return Filter(name, label, (*every, *(Choice(v, text, v == now) for v, text in values)))


def chosen(view: Reader, name: str, values: Sequence[str], usual: str) -> str:
    """Return the value named in the address if it is one of `values`, else the usual one."""
    now = view.query.get(name, usual)
    return now if now in values else usual


def asked(view: Reader, fields: Mapping[str, tuple[str, Sequence[str], str]]) -> tuple[str, ...]:
    """Return the values named in the address by field (label, values, usual); raises InputError for all unknown."""
    found = {name: view.query.get(name, usual) or usual for name, (_, _, usual) in fields.items()}
    problems = [
        Problem(label, "field-choice", f"{found[name]!r} is not there", f"one of {', '.join(values)}")
        for name, (label, values, _) in fields.items()
        if found[name] not in values
    ]
    if problems:
        raise InputError(problems)
    return tuple(found.values())


def source_cell(source: Source | None) -> Cell:
    """Return a source's title with its link."""
    return Cell(source.title, source.url) if source else Cell("-")


def text_cell(text: Text | str | None, t: Translator) -> Cell:
    """Return a text of the plan, or "-"."""
    if not text:
        return Cell("-")
    return Cell(text) if isinstance(text, str) else said(text, t)


def day_cell(day: date | None, t: Translator) -> Cell:
    """Return a day, or "-"."""
    return Cell(t.date(day) if day else "-", kind="date")


def num(value: float | None, t: Translator, decimals: int = 0) -> Cell:
    """Return a number, or "no data"."""
    if value is None:
        return Cell(t("no data"), kind="n")
    # a little less than nothing is nothing, not "-0"
    shown = round(value, decimals) + 0.0
    return Cell(t.number(shown, decimals), kind="n", value=shown)


def drawn(
    name: str, title: str, told: str, source: str, spec: Spec, lang: str | None = None, table: Table | None = None
) -> Picture:
    """Return a chart that draws itself at both widths from its spec, and the same as a table."""
    px: dict[Width, int] = {"wide": WIDE, "narrow": NARROW}
    made: dict[Width, dict[str, Any]] = {}

    def at(width: Width) -> dict[str, Any]:
        if width not in made:
            made[width] = spec(px[width])
        return made[width]

    def draw(width: Width) -> str:
        return _svg(json.dumps(at(width), sort_keys=True), f"{name}-{width}", title, told)

    return Picture(name, title, draw, told, source, lang, table, at)


@lru_cache(maxsize=256)
def _svg(spec: str, name: str, title: str, told: str) -> str:
    """Return a chart as SVG; the same chart is drawn once, whoever asks."""
    from birge.charts import svg

    return svg(json.loads(spec), name, title, told)
