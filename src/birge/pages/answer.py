"""The answer: what each target asks, how far it is, and, where odds may be shown, the odds and what carries them.

`Asked` holds what both sides may read; `Odds`, `Share` and `Delay` are of one side's run and are left out as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from birge.factbook import MirrorYear
from birge.pages.sides import shown
from birge.plan.due import last_status
from birge.plan.schema import Indicator, Plan, State, Target

__all__ = ["Asked", "Delay", "Done", "Odds", "Share", "asked", "delays", "done", "odds", "shares"]


@dataclass(frozen=True)
class Asked:
    """One target: what is to be reached by when on whose statistics, from where, and the newest figure beside it.

    `verified` says whether the newest figure was published by a side or stands in an unverified compilation.
    """

    id: str
    title: str
    kind: str
    unit: str
    year: int
    value: float
    basis: str
    headline: bool
    base_year: int | None = None
    base: float | None = None
    newest_year: int | None = None
    newest: float | None = None
    verified: bool = True


@dataclass(frozen=True)
class Odds:
    """The odds of one target as fractions, money in mn USD; `reason` says why one is not modelled."""

    id: str
    with_plan: float | None
    span: tuple[float, float] | None
    stopped: float | None
    median: float | None
    interval80: tuple[float, float] | None
    projected_from: int | None
    reason: str | None


@dataclass(frozen=True)
class Share:
    """What one measure adds to the headline: mn USD a year on average, 80 of 100 futures, odds as a fraction."""

    id: str
    title: str
    mean: float
    interval80: tuple[float, float]
    odds: float | None
    assumed: bool


@dataclass(frozen=True)
class Delay:
    """An open milestone: its planned date, 10, 50 and 90 of 100 futures, odds of being on time and per month."""

    id: str
    title: str
    planned: date | None
    p10: date | None
    p50: date | None
    p90: date | None
    on_time: float | None
    per_month: float | None


@dataclass(frozen=True)
class Done:
    """How many milestones are done, in progress, not started or stopped, and without any report."""

    done: int
    going: int
    still: int
    silent: int

    @property
    def all(self) -> int:
        """Return the number of milestones."""
        return self.done + self.going + self.still + self.silent


def asked(plan: Plan, lang: str, rows: Sequence[MirrorYear]) -> tuple[Asked, ...]:
    """Return every target, the headline first."""
    found = [_asked(plan, lang, i, t, rows) for i, t in plan.targets()]
    return tuple(sorted(found, key=lambda a: not a.headline))


def _asked(plan: Plan, lang: str, i: Indicator, t: Target, rows: Sequence[MirrorYear]) -> Asked:
    basis = next((shown(p.statistics, lang) for p in plan.parties if p.code == t.basis), "")
    base = max((b for b in i.baseline if b.basis in (None, t.basis)), key=lambda b: b.year, default=None)
    newest = _newest(plan, i, t, rows)
    return Asked(
        id=t.id,
        title=shown(i.title, lang),
        kind=i.kind,
        unit=i.unit,
        year=t.year,
        value=t.value,
        basis=basis,
        headline=t.id == plan.headline,
        base_year=base.year if base else None,
        base=base.value if base else None,
        newest_year=newest[0] if newest else None,
        newest=newest[1] if newest else None,
        verified=newest[2] if newest else True,
    )


def _newest(plan: Plan, i: Indicator, t: Target, rows: Sequence[MirrorYear]) -> tuple[int, float, bool] | None:
    """Return (year, mn USD, published) of the newest turnover on the target's statistics."""
    codes = [p.code for p in plan.parties]
    if i.variable != "trade.flow" or i.select or t.basis not in codes:
        return None
    k = codes.index(t.basis)
    found = [(r.year, v, sure) for r in rows for v, sure in ((r.published[k], True), (r.compiled[k], False)) if v]
    # A published figure goes before a compiled one of the same year.
    return max(found, key=lambda f: (f[0], f[2]), default=None)


def done(plan: Plan, as_of: date) -> Done:
    """Return what was last reported on the milestones, as known on `as_of`."""
    last = [last_status(m.status, as_of) for m in plan.milestones()]
    states = [s.state if s else None for s in last]
    still = sum(s in (State.NOT_STARTED, State.STOPPED) for s in states)
    return Done(states.count(State.DONE), states.count(State.IN_PROGRESS), still, states.count(None))


def odds(document: Mapping[str, Any]) -> tuple[Odds, ...]:
    """Return the odds of every target, from the document of a run."""
    return tuple(
        Odds(
            id=v["id"],
            with_plan=v["odds_with"],
            span=_pair(v["odds_range"]) if v["variants"] else None,
            stopped=v["odds_without"],
            median=v["median"],
            interval80=_pair(v["interval80"]),
            projected_from=v["projected_from"],
            reason=v["reason"],
        )
        for v in document["targets"]
    )


def _pair(span: Sequence[float] | None) -> tuple[float, float] | None:
    return (span[0], span[1]) if span else None


def shares(document: Mapping[str, Any], plan: Plan, lang: str) -> tuple[Share, ...]:
    """Return what each measure adds to the headline, the most first."""
    titles = {m.id: shown(m.title, lang) for m in plan.measures}
    return tuple(
        Share(
            m["id"],
            titles[m["id"]],
            m["mean_musd"],
            (m["interval80_musd"][0], m["interval80_musd"][1]),
            m["shapley_odds"],
            m["assumed"],
        )
        for m in sorted(document["measures"], key=lambda m: -abs(m["mean_musd"]))
        if m["id"] in titles
    )


def delays(document: Mapping[str, Any], plan: Plan, as_of: date, lang: str) -> tuple[Delay, ...]:
    """Return open milestones with a modelled date: those that move the headline first, then by even odds."""
    stones = {m.id: m for m in plan.milestones()}
    finished = {m.id for m in stones.values() if (s := last_status(m.status, as_of)) and s.state is State.DONE}
    rows = [
        Delay(
            m["id"],
            shown(stones[m["id"]].title, lang),
            _day(m["planned"]),
            _day(m["p10"]),
            _day(m["p50"]),
            _day(m["p90"]),
            m["p_on_time"],
            m["odds_gain_per_month"],
        )
        for m in document["milestones"]
        if m["id"] in stones and m["id"] not in finished and m["p50"] is not None
    ]
    return tuple(sorted(rows, key=lambda d: (d.per_month is None, -(d.per_month or 0.0), d.p50 or date.max)))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
