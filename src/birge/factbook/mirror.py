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

Both = tuple[float | None, float | None]


@dataclass(frozen=True)
class MirrorYear:
    """Turnover of one year in mn USD as each reporter published it, and as a compilation has it.

    `rounding` is half the last digit of each published figure in mn USD, 0 for one that is not rounded.
    """

    year: int
    published: Both
    compiled: Both
    rounding: tuple[float, float] = (0.0, 0.0)

    @property
    def difference(self) -> float | None:
        """Return how far the first side's published figure lies above the second's, as a fraction of the second's."""
        return _over(self.published)

    @property
    def settled(self) -> Both:
        """Return each side's compiled figure, which has later prints, or else the published one."""
        a, b = (p if c is None else c for p, c in zip(self.published, self.compiled, strict=True))
        return a, b

    @property
    def settled_difference(self) -> float | None:
        """Return the difference as in `difference`, between the figures in `settled`."""
        return _over(self.settled)


def mirror(observations: Iterable[Observation], pair: tuple[str, str]) -> list[MirrorYear]:
    """Return one row for each year in which either side, or a compilation for it, has a full-year figure."""
    usable = [o for o in observations if _usable(o)]
    rows = []
    for year in sorted({o.year for o in usable}):
        here = [o for o in usable if o.year == year]
        stated = [o for o in here if o.verified != "unverified compilation"]
        other = [o for o in here if o.verified == "unverified compilation"]
        found = [_turnover([o for o in stated if o.reporter == side], pair) for side in pair]
        compiled = [_turnover([o for o in other if o.reporter == side], pair) for side in pair]
        row = MirrorYear(
            year,
            (found[0][0], found[1][0]),
            (compiled[0][0], compiled[1][0]),
            (found[0][1], found[1][1]),
        )
        if any(v is not None for v in (*row.published, *row.compiled)):
            rows.append(row)
    return rows


def _over(both: Both) -> float | None:
    first, second = both
    return None if first is None or not second else first / second - 1


def _usable(o: Observation) -> bool:
    whole = o.months == (1, 12) and o.kind in ("annual", "rounded")
    return whole and not o.derived and o.published > date(o.year, 12, 31)


def _turnover(own: Sequence[Observation], pair: tuple[str, str]) -> tuple[float | None, float]:
    """Return turnover and half its last digit."""
    whole = _newest(own, "turnover")
    parts = [whole] if whole else [_newest(own, f"{x}-{y}") for x, y in (pair, pair[::-1])]
    found = [p for p in parts if p is not None]
    if len(found) < len(parts):
        return None, 0.0
    return sum(p.value for p in found), sum(p.step or 0.0 for p in found) / 2


def _newest(own: Sequence[Observation], flow: str) -> Observation | None:
    rows = [o for o in own if o.flow == flow]
    return max(rows, key=lambda o: (o.published, o.id)) if rows else None
