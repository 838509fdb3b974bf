"""The two sides' statistics beside each other: turnover by year, and the difference.

A side's turnover of a year is its newest published full-year figure for turnover; where there is none, the sum
of its newest full-year figures for the two directions. Derived rows, growth rates, one-sided statements and
figures published before their year was over do not enter. Unverified compilations stand in a column of their
own and never replace a published figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from birge.factbook.observation import Observation

__all__ = ["MirrorYear", "mirror"]


@dataclass(frozen=True)
class MirrorYear:
    """Turnover of one year in mn USD as each reporter published it, and as a compilation has it."""

    year: int
    published: tuple[float | None, float | None]
    compiled: tuple[float | None, float | None]

    @property
    def difference(self) -> float | None:
        """Return how far the first side's figure lies above the second's, as a fraction of the second's."""
        first, second = self.published
        return None if first is None or second is None else first / second - 1


def mirror(observations: Iterable[Observation], pair: tuple[str, str]) -> list[MirrorYear]:
    """Return one row for each year in which either side, or a compilation for it, has a full-year figure."""
    usable = [o for o in observations if _usable(o)]
    rows = []
    for year in sorted({o.year for o in usable}):
        here = [o for o in usable if o.year == year]
        stated = [o for o in here if o.verified != "unverified compilation"]
        other = [o for o in here if o.verified == "unverified compilation"]
        row = MirrorYear(year, _both(stated, pair), _both(other, pair))
        if any(v is not None for v in (*row.published, *row.compiled)):
            rows.append(row)
    return rows


def _usable(o: Observation) -> bool:
    whole = o.months == (1, 12) and o.kind in ("annual", "rounded")
    return whole and not o.derived and o.published > date(o.year, 12, 31)


def _both(observations: Sequence[Observation], pair: tuple[str, str]) -> tuple[float | None, float | None]:
    a, b = pair
    return _turnover([o for o in observations if o.reporter == a], pair), _turnover(
        [o for o in observations if o.reporter == b], pair
    )


def _turnover(own: Sequence[Observation], pair: tuple[str, str]) -> float | None:
    whole = _newest(own, "turnover")
    if whole is not None:
        return whole
    parts = [_newest(own, f"{x}-{y}") for x, y in (pair, pair[::-1])]
    found = [p for p in parts if p is not None]
    return sum(found) if len(found) == 2 else None


def _newest(own: Sequence[Observation], flow: str) -> float | None:
    rows = [o for o in own if o.flow == flow]
    return max(rows, key=lambda o: (o.published, o.id)).value if rows else None
