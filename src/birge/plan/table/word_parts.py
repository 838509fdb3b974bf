"""Pieces of a Word document as plain values: runs, cells, tables written to XML, and the text of cells read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape

__all__ = ["Cell", "Line", "Run", "cell_lines", "is_merged", "rows_of", "table_xml"]

Look = Literal["plain", "bold", "grey", "hidden"]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LOOKS = {
    "plain": '<w:sz w:val="17"/>',
    "bold": '<w:b/><w:sz w:val="17"/>',
    "grey": '<w:color w:val="767676"/><w:sz w:val="13"/>',
    "hidden": '<w:vanish/><w:sz w:val="13"/>',
}
BREAKS = {"\n": "<w:br/>", "\t": "<w:tab/>"}


@dataclass(frozen=True)
class Run:
    """A piece of text in one look; `hidden` is there for the machine and shown to nobody."""

    text: str
    look: Look = "plain"


@dataclass(frozen=True)
class Line:
    """One paragraph of a cell as it was read: what a reader sees, and what is hidden."""

    text: str
    hidden: str = ""


Cell = Sequence[Sequence[Run]]


def table_xml(widths: Sequence[int], head: Sequence[Cell], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a bordered table whose first row repeats on every page; a row of one cell spans all columns.

    Widths are in twentieths of a point.
    """
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:color="A0A0A0"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    parts = [
        f'<w:tbl {NAMESPACE}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{sides}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>',
        _row(head, widths, "<w:cantSplit/><w:tblHeader/>", "D9E2EC"),
    ]
    parts += [_row(row, widths, "", "EEF2F6" if len(row) == 1 and len(widths) > 1 else "") for row in rows]
    return "".join([*parts, "</w:tbl>"])


def _row(cells: Sequence[Cell], widths: Sequence[int], properties: str, fill: str) -> str:
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    span = f'<w:gridSpan w:val="{len(widths)}"/>' if len(cells) == 1 and len(widths) > 1 else ""
    room = [sum(widths)] if span else widths
    made = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{w}" w:type="dxa"/>{span}{shade}</w:tcPr>{_paragraphs(cell)}</w:tc>'
        for cell, w in zip(cells, room, strict=True)
    )
    return f"<w:tr><w:trPr>{properties}</w:trPr>{made}</w:tr>" if properties else f"<w:tr>{made}</w:tr>"


def _paragraphs(cell: Cell) -> str:
    space = '<w:pPr><w:spacing w:before="0" w:after="20"/></w:pPr>'
    return "".join(f"<w:p>{space}{''.join(map(_run, runs))}</w:p>" for runs in cell or [[]])


def _run(run: Run) -> str:
    if not run.text:
        return ""
    inside = "".join(
        BREAKS.get(piece) or f'<w:t xml:space="preserve">{escape(piece)}</w:t>' for piece in _pieces(run.text)
    )
    return f"<w:r><w:rPr>{LOOKS[run.look]}</w:rPr>{inside}</w:r>"


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for k, sign in enumerate(text):
        if sign in BREAKS:
            if k > start:
                yield text[start:k]
            yield sign
            start = k + 1
    if start < len(text):
        yield text[start:]


def rows_of(table: Any) -> list[list[Any]]:
    """Return the cells of every row of a table element, rows deleted under tracked changes left out."""
    return [
        list(row.iter(f"{W}tc"))
        for row in table.iter(f"{W}tr")
        if row.find(f"{W}trPr/{W}del") is None and _owner(row) is table
    ]


def _owner(row: Any) -> Any:
    """Return the table that a row stands in."""
    return next(a for a in row.iterancestors() if a.tag == f"{W}tbl")


def is_merged(cell: Any) -> bool:
    """Return whether a cell spans columns or rows."""
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    wide = span is not None and span.get(f"{W}val") not in (None, "1")
    return wide or cell.find(f"{W}tcPr/{W}vMerge") is not None


def cell_lines(cell: Any) -> list[Line]:
    """Return the paragraphs of a cell that hold something; text deleted under tracked changes is left out."""
    lines = []
    for paragraph in cell.iter(f"{W}p"):
        seen: list[str] = []
        hidden: list[str] = []
        for run in paragraph.iter(f"{W}r"):
            if any(a.tag == f"{W}moveFrom" for a in run.iterancestors()):
                continue
            off = run.find(f"{W}rPr/{W}vanish")
            into = hidden if off is not None and off.get(f"{W}val") not in ("0", "false") else seen
            into.extend(_text(part) for part in run)
        line = Line("".join(seen), "".join(hidden).strip())
        if line.text.strip() or line.hidden:
            lines.append(line)
    return lines


def _text(part: Any) -> str:
    if part.tag == f"{W}t":
        return part.text or ""
    return {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": "\t", f"{W}noBreakHyphen": "\u2011"}.get(part.tag, "")
