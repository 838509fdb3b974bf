"""A council's paper as a file: `write_paper(Paper, path, form)` in PDF/UA, Word, Excel or HTML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from birge.errors import InputError
from birge.pages.paper import Paper
from birge.report.paper_parts import Document
from birge.report.paper_text import composed

__all__ = ["FORMATS", "rendered", "write_paper"]

FORMATS = ("pdf", "docx", "xlsx", "html")


def rendered(paper: Paper, form: str) -> bytes:
    """Return the paper in `form`, one of `FORMATS`; raises ValueError for another."""
    if form not in FORMATS:
        raise ValueError(f"{form!r} is none of {', '.join(FORMATS)}")
    return _writer(form)(composed(paper))


def _writer(form: str) -> Callable[[Document], bytes]:
    """Return the writer of a format; each brings a library that only it needs."""
    if form == "pdf":
        from birge.report.paper_pdf import as_pdf

        return as_pdf
    if form == "docx":
        from birge.report.paper_docx import as_docx

        return as_docx
    if form == "xlsx":
        from birge.report.paper_xlsx import as_xlsx

        return as_xlsx
    from birge.report.paper_html import as_html

    return as_html


def write_paper(paper: Paper, path: Path, form: str) -> Path:
    """Write the paper to `path`; raises InputError where it cannot be written."""
    made = rendered(paper, form)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made)
    except OSError as error:
        remedy = "name a file in a folder that can be written to"
        raise InputError.at("--out", "file-unwritable", f"{path}: {error.strerror}", remedy) from error
    return path
