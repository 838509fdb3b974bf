"""The two sides in the order of a reader: own side first in a side's papers, otherwise as in the plan's title."""

from __future__ import annotations

from dataclasses import dataclass

from birge.plan.schema import Plan, Text

__all__ = ["Side", "marked", "shown", "sides"]


@dataclass(frozen=True)
class Side:
    """One side: its code, its names, whose statistics in words, and its place in the plan's title (0 or 1)."""

    code: str
    name: str
    short: str
    statistics: str
    place: int


def sides(plan: Plan, lang: str, own: str | None = None) -> tuple[Side, Side]:
    """Return both sides, `own` (a code of the plan) first, or in the title's order where it is None."""
    made = [
        Side(p.code, shown(p.name, lang), shown(p.short, lang), shown(p.statistics, lang), k)
        for k, p in enumerate(plan.parties)
    ]
    first, second = sorted(made, key=lambda s: (s.code != own, s.place))
    return first, second


def shown(text: Text | None, lang: str) -> str:
    """Return `text` in `lang`; in English with "(en)" behind it where there is none, so that it is seen."""
    if text is None:
        return ""
    own = getattr(text, lang, None)
    return str(own) if own else marked(text.en)


def marked(text: str) -> str:
    """Return an English text with "(en)" behind it; one that stands in for English says its own language already."""
    return text if text.endswith((" (ru)", " (kk)", " (ky)")) else f"{text} (en)"
