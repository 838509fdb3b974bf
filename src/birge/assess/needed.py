"""What it would take: the growth, and the factor on all effects, that give even odds and odds of 80 of 100."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from birge.assess.goals import Goal
from birge.assess.odds import BaseRate, Needed
from birge.assess.shapley import Game
from birge.factbook import MirrorYear, macro

__all__ = ["MOST", "Datum", "base_rate", "needed", "newest"]

MOST = 50.0
"""The largest factor on all effects that is tried."""


@dataclass(frozen=True)
class Datum:
    """A full year's turnover on one basis, mn USD, and how it is known."""

    year: int
    value: float
    verified: str


def newest(rows: Iterable[MirrorYear], reporters: tuple[str, str]) -> dict[str, Datum]:
    """Return the newest full-year figure by basis: published, or compiled where nothing was published for the year."""
    found: dict[str, Datum] = {}
    for row in rows:
        for k, code in enumerate(reporters):
            for kind, value in (("unverified compilation", row.compiled[k]), ("published", row.published[k])):
                if value is not None:
                    found[code] = Datum(row.year, value, kind)
    return found


def needed(game: Game, datum: Datum | None, year: int) -> Needed:
    """Return what brings the odds of `game`, an event in `year`, to 50 and to 80 of 100.

    Growth is the yearly growth of the median from `datum`, the spread around the median staying as it is.
    """
    full = game.turnover(np.ones(game.log.shape[1], dtype=np.bool_))
    scale = [_scale(game, odds) for odds in (0.5, 0.8)]
    reasons = []
    if None in scale:
        reasons.append(f"no scaling of the effects up to {MOST:.0f} times reaches these odds")
    if datum is None or year <= datum.year:
        reasons.append("no figure on this basis before the target year")
        return Needed(None, None, None, scale[0], scale[1], "; ".join(reasons))
    span = year - datum.year
    median = float(np.median(full))
    wanted = (median, game.value, median * game.value / float(np.quantile(full, 0.2)))
    growth = [(w / datum.value) ** (1 / span) - 1 for w in wanted]
    return Needed(
        growth_for_odds_50=growth[1],
        growth_for_odds_80=growth[2],
        growth_median=growth[0],
        effect_scale_for_odds_50=scale[0],
        effect_scale_for_odds_80=scale[1],
        reason="; ".join(reasons) or None,
        from_year=datum.year,
        from_value=datum.value,
        from_verified=datum.verified,
        words=f"{100 * growth[1]:.1f} % a year from {datum.value:,.0f} mn USD in {datum.year} ({datum.verified}) "
        f"to {game.value:,.0f} mn USD in {year}; the median future has {100 * growth[0]:.1f} % a year",
    )


def base_rate(goal: Goal, datum: Datum | None) -> BaseRate | None:
    """Return how often pairs of this size grew as fast as it takes from `datum` to `goal`; None where nothing is known.

    Of several sources the one whose windows reach furthest is taken; a target in real USD has no base rate.
    """
    if datum is None or goal.year <= datum.year or goal.price_year is not None:
        return None
    years = goal.year - datum.year
    growth = (goal.value / datum.value) ** (1 / years) - 1
    rows = macro.base_rate(growth, years, datum.value)
    if not rows:
        return None
    source = max(rows, key=lambda r: r.window[1]).source
    rows = [r for r in rows if r.source == source]
    cases = sum(r.pairs for r in rows)
    shares = [r.share for r in rows]
    share = sum(r.share * r.pairs for r in rows) / cases
    span = rows[0].window[1] - rows[0].window[0]
    return BaseRate(share, min(shares), max(shares), cases, span, growth, source)


def _scale(game: Game, odds: float) -> float | None:
    """Return the smallest factor on all effects (0 to `MOST`) that gives `odds`, None if there is none."""
    log, new = game.log.sum(axis=1), game.new.sum(axis=1)

    def at(s: float) -> float:
        return float((game.fixed + (game.base * np.exp(s * log) + s * new).sum(axis=1) >= game.value).mean())

    if at(0.0) >= odds:
        return 0.0
    low = 0.0
    for high in np.geomspace(0.05, MOST, 40):
        if at(float(high)) >= odds:
            break
        low = float(high)
    else:
        return None
    top = float(high)
    for _ in range(30):
        middle = 0.5 * (low + top)
        low, top = (low, middle) if at(middle) >= odds else (middle, top)
    return top
