"""What each measure, and each group of them, adds: mn USD, and odds by Shapley values."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from birge.assess.odds import GroupShare, MeasureShare, interval
from birge.assess.shapley import Game, pooled
from birge.plan.schema import Plan

__all__ = ["NOT_THE_PLAN", "group_shares", "measure_shares"]

Floats = NDArray[np.float64]
NOT_THE_PLAN = "not-the-plan"
FIFTH = 0.2


def measure_shares(plan: Plan, names: tuple[str, ...], game: Game, gain: Floats) -> tuple[MeasureShare, ...]:
    """Return "not the plan" and then every measure, most money first; `gain` [draw, measure] as `shapley.gains`."""
    off = np.zeros(len(names), dtype=np.bool_)
    base, full = game.turnover(off), game.turnover(~off)
    before = float((base >= game.value).mean())
    first = MeasureShare(
        id=NOT_THE_PLAN,
        median_musd=float(np.median(base)),
        mean_musd=float(base.mean()),
        interval80_musd=interval(base, 0.8),
        shapley_odds=before,
        shapley_odds_se=float(np.sqrt(before * (1 - before) / len(base))),
        without_odds=float((full - base >= game.value).mean()),
        alone_odds=before,
        assumed=False,
    )
    known = {m.id: m for m in plan.measures}
    rows = []
    for k, name in enumerate(names):
        only, rest = off.copy(), ~off
        only[k], rest[k] = True, False
        without, alone = game.turnover(rest), game.turnover(only)
        step, parts = full - without, pooled(gain[:, [k]])
        rows.append(
            MeasureShare(
                id=name,
                median_musd=float(np.median(step)),
                mean_musd=float(step.mean()),
                interval80_musd=interval(step, 0.8),
                shapley_odds=float(parts.value[0]),
                shapley_odds_se=float(parts.error[0]),
                without_odds=float((without >= game.value).mean()),
                alone_odds=float((alone >= game.value).mean()),
                assumed=any(e.assumed for e in known[name].effects),
                pillar=known[name].pillar,
                spread_odds=_spread(step, gain[:, k]),
            )
        )
    return (first, *sorted(rows, key=lambda r: -abs(r.mean_musd)))


def group_shares(plan: Plan, names: tuple[str, ...], game: Game, gain: Floats) -> tuple[GroupShare, ...]:
    """Return what the whole plan adds, what of it rests on assumed effects and what on evidence, and each pillar."""
    known = {m.id: m for m in plan.measures}
    assumed = {n for n in names if any(e.assumed for e in known[n].effects)}
    groups = [
        ("plan", "plan", names),
        ("assumed", "assumed", tuple(n for n in names if n in assumed)),
        ("evidence", "evidence", tuple(n for n in names if n not in assumed)),
        *((p.id, "pillar", tuple(n for n in names if known[n].pillar == p.id)) for p in plan.pillars),
    ]
    return tuple(_group(g, k, m, names, game, gain) for g, k, m in groups if m)


def _group(
    ident: str, kind: str, members: Iterable[str], names: tuple[str, ...], game: Game, gain: Floats
) -> GroupShare:
    inside = np.isin(names, tuple(members))
    without = game.turnover(~inside)
    step = game.turnover(np.ones(len(names), dtype=np.bool_)) - without
    parts = pooled(gain[:, inside].sum(axis=1, keepdims=True))
    return GroupShare(
        id=ident,
        kind=kind,
        measures=tuple(members),
        median_musd=float(np.median(step)),
        mean_musd=float(step.mean()),
        interval80_musd=interval(step, 0.8),
        shapley_odds=float(parts.value[0]),
        shapley_odds_se=float(parts.error[0]),
        without_odds=float((without >= game.value).mean()),
    )


def _spread(step: Floats, gain: Floats) -> tuple[float, float] | None:
    """Return the mean gain where the measure's own step is in its lowest and its highest fifth; None if it is fixed."""
    low, high = np.quantile(step, [FIFTH, 1 - FIFTH])
    return (float(gain[step <= low].mean()), float(gain[step >= high].mean())) if high > low else None
