"""Drawings of our own as SVG with attributes only, so that they stand under a CSP without inline styles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from math import ceil
from textwrap import wrap

__all__ = ["Bar", "gantt"]

ROW, LINE, TOP = 28, 16, 30
LETTER = 7.3  # px of an average Cyrillic letter at 12.5 px


@dataclass(frozen=True)
class Bar:
    """A milestone: its title, what is said of it, planned, finished, and when 10, 50, 90 of 100 futures have it."""

    title: str
    told: str
    planned: date | None = None
    finished: date | None = None
    p10: date | None = None
    p50: date | None = None
    p90: date | None = None


def gantt(bars: Sequence[Bar], today: date, width: int, name: str, title: str, told: str) -> str:
    """Return bars from 10 to 90 of 100 futures, even odds as a dot, the planned date as a hollow diamond."""
    days = [d for b in bars for d in (b.planned, b.finished, b.p10, b.p90) if d] + [today]
    first, last = min(days).year, min(max(days).year + 1, min(days).year + 25)
    start, end = date(first, 1, 1), date(last, 1, 1)
    span = max((end - start).days, 1)

    def x(d: date) -> float:
        return round(8 + (width - 16) * min(max((d - start).days / span, 0), 1), 1)

    room = max(int((width - 16) / LETTER), 10)
    titles = [wrap(b.title, room) or [""] for b in bars]
    height = TOP + sum(ROW + LINE * len(lines) for lines in titles) + 6
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="{name}-t {name}-d" font-family="Noto Sans, sans-serif">',
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(told)}</desc>',
    ]
    step = max(1, (last - first + 9) // 10, ceil(40 * (last - first) / width))
    for year in range(first, last + 1, step):
        at = x(date(year, 1, 1))
        parts.append(f'<line x1="{at}" x2="{at}" y1="{TOP - 8}" y2="{height}" stroke="#e2e5e9"/>')
        if at < width - 36:
            parts.append(f'<text x="{at}" y="14" font-size="12" fill="#57606a">{year}</text>')
    at = x(today)
    parts.append(f'<line x1="{at}" x2="{at}" y1="{TOP - 8}" y2="{height}" stroke="#1c2127" stroke-dasharray="2 3"/>')
    y = TOP
    for bar, lines in zip(bars, titles, strict=True):
        parts += _row(bar, lines, y, x, width)
        y += ROW + LINE * len(lines)
    return "".join([*parts, "</svg>"])


def _row(bar: Bar, lines: list[str], y: int, x: Callable[[date], float], width: int) -> list[str]:
    mid = y + LINE * len(lines) + 14
    parts = [f"<g><title>{escape(bar.title)}: {escape(bar.told)}</title>"]
    parts += [
        f'<text x="8" y="{y + 15 + LINE * n}" font-size="12.5" fill="#1c2127">{escape(line)}</text>'
        for n, line in enumerate(lines)
    ]
    parts.append("</g>")
    parts.append(f'<line x1="8" x2="{width - 8}" y1="{mid}" y2="{mid}" stroke="#e2e5e9"/>')
    if bar.finished:
        at = x(bar.finished)
        parts.append(f'<circle cx="{at}" cy="{mid}" r="5" fill="#1b6ca8"/>')
    elif bar.p10 and bar.p90:
        low, high = x(bar.p10), x(bar.p90)
        parts.append(
            f'<line x1="{low}" x2="{max(high, low + 1)}" y1="{mid}" y2="{mid}" stroke="#1b6ca8" stroke-width="5" '
            f'stroke-opacity="0.55"/>'
        )
        if bar.p50:
            parts.append(f'<circle cx="{x(bar.p50)}" cy="{mid}" r="4.5" fill="#1b6ca8"/>')
    if bar.planned:
        at = x(bar.planned)
        parts.append(
            f'<path d="M{at} {mid - 7} L{at + 7} {mid} L{at} {mid + 7} L{at - 7} {mid} Z" fill="none" '
            f'stroke="#a4262c" stroke-width="1.6"/>'
        )
    return parts
