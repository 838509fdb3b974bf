"""What stands in a printed paper, read back by another library than the one that looks at its structure."""

from __future__ import annotations

import re

from pypdfium2 import PdfDocument

__all__ = ["sheets", "words"]

BROKEN = re.compile(r"[\ufffe\x02]\s*|(?<=\S)-\r?\n")


def sheets(content: bytes) -> list[str]:
    """Return the text of every sheet of a PDF, white space as one blank."""
    paper = PdfDocument(content)
    try:
        # a word that goes on in the next line behind its hyphen; PDFium tells some of them by marks of its own
        told = (BROKEN.sub("-", page.get_textpage().get_text_bounded()) for page in paper)
        return [re.sub(r"\s+", " ", text) for text in told]
    finally:
        paper.close()


def words(content: bytes) -> str:
    """Return the text of a PDF."""
    return " ".join(sheets(content))
