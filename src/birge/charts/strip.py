"""Odds as small drawings for a line of text: 100 dots, or a strip as wide as its place.

Positions on a strip are per cent, so that its marks never shrink.
"""

from __future__ import annotations

from html import escape

__all__ = ["dots", "odds_strip"]


def odds_strip(odds: float, span: tuple[float, float] | None, other: float | None, told: str) -> str:
    """Return odds on a scale from 0 to 100: a dot, the range over outlooks as a bar, another value as a tick."""
    marks = ['<line class="rail" x1="0%" x2="100%" y1="50%" y2="50%"/>']
    marks += [f'<line class="grid" x1="{at}%" x2="{at}%" y1="25%" y2="75%"/>' for at in (0, 50, 100)]
    if span:
        low, high = (100 * v for v in span)
        marks.append(f'<line class="span" x1="{low:.1f}%" x2="{high:.1f}%" y1="50%" y2="50%"/>')
    if other is not None:
        marks.append(f'<line class="tick" x1="{100 * other:.1f}%" x2="{100 * other:.1f}%" y1="12%" y2="88%"/>')
    marks.append(f'<circle class="dot" cx="{100 * odds:.1f}%" cy="50%" r="6"/>')
    return f'<svg class="strip" role="img" aria-label="{escape(told)}">{"".join(marks)}</svg>'


def dots(odds: float, span: tuple[float, float] | None, told: str) -> str:
    """Return 100 dots, as many filled as futures of 100 reach the target; those up to the range's end are ringed."""
    full = round(100 * odds)
    most = max(full, round(100 * span[1])) if span else full
    marks = []
    for k in range(100):
        kind = "full" if k < full else "range" if k < most else "rest"
        marks.append(f'<circle class="{kind}" cx="{5 + 10 * (k % 10)}" cy="{5 + 10 * (k // 10)}" r="3.4"/>')
    return f'<svg class="dots" viewBox="0 0 100 100" role="img" aria-label="{escape(told)}">{"".join(marks)}</svg>'
