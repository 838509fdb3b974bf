"""Where words on a drawing stand so that none touches another.

Each word tries the places around its mark in its own order and takes the first that is free and inside the frame. One
that finds none is left out, unless it must be said: then it takes the place where it covers least.

All lengths are px from the top left of the plot; a box is (left, top, right, bottom).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Box", "Word", "apart", "breadth", "lines"]

Box = tuple[float, float, float, float]
BROAD, SLIM = frozenset("ЖМШЩЫЮФжмшщыюфMWmw@%"), frozenset(" .,:;-'|ilIj()1")
SHARES = (0.9, 0.61, 0.38)
"""Breadth of broad letters of Noto Sans, of most, and of slim ones as a share of the type size, rounded up."""
BOLD = 1.08
TALL = 1.2
"""Height of a line as a share of the type size."""


@dataclass(frozen=True)
class Word:
    """A word for a mark at x, y: how far it stands off, the places it tries in order, and whether it must be said.

    Where none of the places is free it tries those of the marks `also`.
    """

    text: str
    x: float
    y: float
    off: float = 8.0
    places: tuple[str, ...] = ("e", "w", "n", "s", "ne", "nw", "se", "sw")
    size: float = 12.0
    bold: bool = False
    must: bool = False
    also: tuple[tuple[float, float], ...] = ()


def breadth(text: str, size: float, bold: bool = False) -> float:
    """Return about how many px a text is broad."""
    broad, usual, slim = SHARES
    letters = sum(broad if c in BROAD else slim if c in SLIM else usual for c in text)
    return letters * size * (BOLD if bold else 1.0)


def lines(text: str, size: float, most: float, bold: bool = False) -> list[str]:
    """Return a text in lines that are no broader than `most`, px; a single word may be."""
    made = [""]
    for word in text.split():
        longer = f"{made[-1]} {word}".strip()
        if made[-1] and breadth(longer, size, bold) > most:
            made.append(word)
        else:
            made[-1] = longer
    return made


def apart(words: Sequence[Word], frame: Box, taken: Sequence[Box] = ()) -> list[tuple[float, float] | None]:
    """Return the middle of each word, None for one that is left out; `taken` are boxes that no word may cover."""
    full = list(taken)
    found: list[tuple[float, float] | None] = []
    for word in words:
        tried = [box for box in _places(word) if _inside(box, frame)]
        free = next((box for box in tried if not any(_shared(box, other) for other in full)), None)
        if free is None and word.must and tried:
            free = min(tried, key=lambda box: sum(_shared(box, other) for other in full))
        found.append(None if free is None else ((free[0] + free[2]) / 2, (free[1] + free[3]) / 2))
        if free is not None:
            full.append(free)
    return found


def _places(word: Word) -> Iterator[Box]:
    half, tall = breadth(word.text, word.size, word.bold) / 2, word.size * TALL / 2
    for mark in ((word.x, word.y), *word.also):
        for place in word.places:
            side = ("e" in place) - ("w" in place)
            down = ("s" in place) - ("n" in place)
            # a corner place begins above or below its mark, so that a long word stays near
            x = mark[0] + side * (half if down else half + word.off)
            y = mark[1] + down * (tall + word.off * (0.7 if side else 1.0))
            yield x - half, y - tall, x + half, y + tall


def _inside(box: Box, frame: Box) -> bool:
    return box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]


def _shared(a: Box, b: Box) -> float:
    """Return the area that two boxes share."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return across * down if across > 0 and down > 0 else 0.0
