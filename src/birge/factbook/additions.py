"""What new observations do to those that are known: new periods, later prints, the same again, and what conflicts.

Statements compare if reporter, flow and period are the same and both are levels. Later prints of a figure differ by
up to 7 % here, so a difference of more than `CONFLICT` is shown as one to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from birge.factbook.observation import Observation

__all__ = ["CONFLICT", "Addition", "additions"]

CONFLICT = 0.10
SAME = 0.0005
LEVELS = ("annual", "part", "rounded")


@dataclass(frozen=True)
class Addition:
    """A new observation, what it is, the known statements it meets (newest first), and whether its id replaces one."""

    observation: Observation
    kind: Literal["new period", "other print", "same", "conflict", "beside", "not used"]
    known: tuple[Observation, ...]
    replaces: bool = False

    @property
    def change(self) -> float | None:
        """Return the difference from the newest known figure as a fraction of it."""
        return self.observation.value / self.known[0].value - 1 if self.known else None


def additions(known: Iterable[Observation], new: Iterable[Observation], pair: tuple[str, str]) -> list[Addition]:
    """Return what each of `new` is to `known`, in order of time.

    `beside`: growth and lower bounds, which stand beside levels; `not used`: no side of the pair counts, or derived.
    """
    levels: dict[tuple[object, ...], list[Observation]] = {}
    known = tuple(known)
    names = {o.id: o for o in known}
    for o in known:
        if o.kind in LEVELS and not o.derived and o.over:
            levels.setdefault(_key(o), []).append(o)
    found = []
    for o in sorted(new, key=lambda o: (o.year, o.months, o.flow, o.reporter or "", o.published)):
        met = tuple(sorted(levels.get(_key(o), []), key=lambda k: (k.published, k.id), reverse=True))
        found.append(Addition(o, _kind(o, met, pair), met, names.get(o.id, o) != o))
    return found


def _key(o: Observation) -> tuple[object, ...]:
    return frozenset(o.pair), o.year, o.months, o.flow, o.reporter


def _kind(
    o: Observation, met: tuple[Observation, ...], pair: tuple[str, str]
) -> Literal["new period", "other print", "same", "conflict", "beside", "not used"]:
    if o.derived or set(o.pair) != set(pair) or (o.reporter is not None and o.reporter not in pair):
        return "not used"
    if o.kind not in LEVELS:
        return "beside"
    if not met:
        return "new period"
    change = abs(o.value / met[0].value - 1) if met[0].value else float("inf")
    if change > CONFLICT:
        return "conflict"
    return "same" if change < SAME else "other print"
