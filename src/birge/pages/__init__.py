"""What pages and papers show, as frozen records: texts in the reader's language, numbers and dates as they are.

Data flow: Plan + Factbook (+ Assessment) ─▶ `paper(Wanted)` ─▶ `Paper` ─▶ a page of the web or a printed paper. How a
number or a date is written belongs to the reader's face; whose words, which order and what may be shown is decided
here, so that no face can show what another one hides.
"""

from __future__ import annotations

from birge.pages.paper import Paper, Wanted, paper
from birge.pages.protocol import Draft, Party, Point

__all__ = ["Draft", "Paper", "Party", "Point", "Wanted", "paper"]
