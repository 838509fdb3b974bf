"""Text for a terminal of any width: wrapped lines with hanging indents, and tables that fold where they do not fit."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Column", "bullet", "paragraph", "table"]

NARROWEST = 18
"""A flexible column is never narrower than this; a table that would need it is folded."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, whether it may wrap, and whether it is aligned to the right."""

    title: str
    flexible: bool = False
    right: bool = False


def paragraph(text: str, width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    """Return `text` wrapped to `width`; a word that is longer stays whole."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def bullet(text: str, width: int) -> list[str]:
    """Return `text` as an indented line whose continuation is indented further."""
    return paragraph(text, width, "  ", "    ")


def table(title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return a heading row that begins with `title`, and the rows under it, indented by two.

    The first column has no heading of its own; a row of one cell is a heading between rows. Where the flexible columns
    would become too narrow, each row is folded: its first cell on a line, the others under it with their headings.
    """
    headed = [Column(title, columns[0].flexible, columns[0].right), *columns[1:]]
    fixed = sum(_need(c, k, rows) for k, c in enumerate(headed) if not c.flexible)
    bends = [k for k, c in enumerate(headed) if c.flexible]
    room = width - fixed - 2 * (len(headed) - 1) - 2
    if room < NARROWEST * len(bends):
        return [title, *_folded(columns, rows, width)]
    widths = {k: _need(c, k, rows) for k, c in enumerate(headed)}
    if sum(widths[k] for k in bends) > room:
        widths.update(_split(rows, bends, room))
    lines = _row([c.title for c in headed], headed, widths, "")
    for row in rows:
        lines += _row(row, headed, widths, "  ") if len(row) > 1 else list(row)
    return lines


def _split(rows: Sequence[Sequence[str]], bends: Sequence[int], room: int) -> dict[int, int]:
    """Return widths for the flexible columns that make the table shortest, nearly equal ones if there are more."""
    if len(bends) != 2:
        return {k: room // len(bends) for k in bends}
    a, b = bends

    def height(left: int) -> tuple[int, int]:
        cells = [(_cell(r[a], left, hanging=True), _cell(r[b], room - left, hanging=False)) for r in rows if len(r) > 1]
        return sum(max(len(x), len(y)) for x, y in cells), abs(room - 2 * left)

    best = min(range(NARROWEST, room - NARROWEST + 1), key=height)
    return {a: best, b: room - best}


def _need(column: Column, k: int, rows: Sequence[Sequence[str]]) -> int:
    title = len(column.title) - (2 if k == 0 else 0)
    return max([title, *(len(row[k]) for row in rows if len(row) > 1)])


def _row(cells: Sequence[str], columns: Sequence[Column], widths: dict[int, int], indent: str) -> list[str]:
    wide = {**widths, 0: widths[0] + 2 - len(indent)}
    parts = [_cell(text, wide[k], hanging=k == 0 and bool(indent)) for k, text in enumerate(cells)]
    lines = []
    for n in range(max(len(p) for p in parts)):
        shown = [p[n] if n < len(p) else "" for p in parts]
        line = "  ".join(t.rjust(wide[k]) if columns[k].right else t.ljust(wide[k]) for k, t in enumerate(shown))
        lines.append(indent + line.rstrip())
    return lines


def _cell(text: str, width: int, *, hanging: bool) -> list[str]:
    if len(text) <= width:
        return [text]
    return paragraph(text, width, "", "  " if hanging else "") or [""]


def _folded(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    lines: list[str] = []
    for row in rows:
        if len(row) == 1:
            lines += row
            continue
        lines += paragraph(row[0], width, "  ", "    ")
        rest = [f"{c.title}: {t}" for c, t in zip(columns[1:], row[1:], strict=True) if t not in ("", "-")]
        lines += paragraph(" · ".join(rest), width, "    ", "    ")
    return lines
