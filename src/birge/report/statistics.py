"""The two sides' statistics as text."""

from __future__ import annotations

from collections.abc import Iterable

from birge.factbook import Observation, mirror

__all__ = ["mirror_table"]


def mirror_table(observations: Iterable[Observation], pair: tuple[str, str]) -> str:
    """Return turnover by year in mn USD as each side published it, with the difference; "-" where nothing is known."""
    a, b = pair
    rows = mirror(observations, pair)
    if not rows:
        return f"no full-year figures for {a}-{b}; add some with a factbook of your own"
    lines = [
        "Turnover by year, mn USD (current); compiled = unverified compilation",
        f"{'year':>6}{a:>10}{b:>10}{'difference':>12}{a + ' compiled':>16}{b + ' compiled':>16}",
    ]
    for r in rows:
        gap = "-" if r.difference is None else f"{100 * r.difference:+.0f} %"
        first, second, third, fourth = (_number(v) for v in (*r.published, *r.compiled))
        lines.append(f"{r.year:>6}{first:>10}{second:>10}{gap:>12}{third:>16}{fourth:>16}")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
