"""A paper as plain parts that every writer knows: headings, paragraphs, tables, figures.

`composed(Paper) → Document` (in `paper_text`) says what stands in the paper; PDF, DOCX, XLSX and HTML say how it looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

from birge.texts import Translator

__all__ = ["Cell", "Column", "Document", "Figure", "Heading", "Part", "Prose", "Table", "cell_text"]

Cell: TypeAlias = str | int | float | date | None


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Prose:
    """A paragraph: the `lead` of the paper, a `plain` one or a smaller `note`; `items` make it a list."""

    text: str
    look: Literal["lead", "plain", "note"] = "plain"
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column: its heading, its share of the width, how many decimals its numbers have, whether it is numeric."""

    title: str
    width: float = 1.0
    decimals: int = 0
    right: bool = False


@dataclass(frozen=True)
class Table:
    """A table: `name` (short, for a sheet), what it holds in a sentence, columns, rows.

    A row of one cell is a heading inside the table and spans all columns.
    """

    name: str
    told: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A chart: its title, what it shows in words (read aloud), the spec, and a source line under it."""

    title: str
    told: str
    spec: dict[str, Any]
    source: str


Part: TypeAlias = Heading | Prose | Table | Figure


@dataclass(frozen=True)
class Document:
    """A paper: language, title, lines under it, the line at the foot of every page, and its parts in order.

    `page` is the word for a page, `blank` stands in cells without a value.
    """

    lang: str
    title: str
    under: tuple[str, ...]
    foot: str
    page: str
    parts: tuple[Part, ...]
    blank: str = "-"


def cell_text(value: Cell, column: Column, t: Translator, blank: str = "-") -> str:
    """Return a cell as it is read: numbers and dates in the reader's language, `blank` where there is no value."""
    if value is None:
        return blank
    if isinstance(value, date):
        return t.date(value)
    if isinstance(value, int | float):
        return t.number(value, column.decimals)
    return value
