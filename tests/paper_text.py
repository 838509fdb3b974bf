"""What stands in a printed paper, read back by another library than the one that looks at its structure."""

from __future__ import annotations

import re

from pypdfium2 import PdfDocument

__all__ = ["sheets", "words"]


def sheets(content: bytes) -> list[str]:
    """Return the text of every sheet of a PDF, white space as one blank."""
    paper = PdfDocument(content)
    try:
        return [re.sub(r"\s+", " ", page.get_textpage().get_text_bounded()) for page in paper]
    finally:
        paper.close()


def words(content: bytes) -> str:
    """Return the text of a PDF."""
    return " ".join(sheets(content))
