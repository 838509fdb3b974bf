"""Whose figures carry the answer: the odds without each unverified one, and the next one that would move them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from birge.assess.ensemble import Ensemble
from birge.assess.goals import Goal

__all__ = ["MOVES", "NextFigure", "next_figure", "unverified"]

MOVES = 0.05
"""An unverified figure is named if the odds move by more than this without it."""


@dataclass(frozen=True)
class NextFigure:
    """A figure that is not known yet, and the headline's odds if it comes in its lowest or highest fifth (mn USD)."""

    reporter: str
    year: int
    low: float
    high: float
    odds_low: float
    odds_high: float


def unverified(made: Ensemble, goal: Goal, odds: float) -> dict[str, float]:
    """Return the odds without each unverified figure of the newest years that moves `odds` by more than `MOVES`."""
    found = {n.removeprefix("figure/"): made.odds(goal, n) for n in made.turnover if n.startswith("figure/")}
    return {name: other for name, other in found.items() if abs(other - odds) > MOVES}


def next_figure(made: Ensemble, goal: Goal) -> NextFigure | None:
    """Return the next full-year figure that would move the odds most, by its lowest and highest fifth."""
    turnover = made.turnover["with"]
    met = made.met(goal)
    found = []
    for r, code in enumerate(made.joint.reporters):
        year = (made.outlook.inputs.last_data(code) or made.joint.years[0]) + 1
        if year not in made.joint.years or year >= goal.year:
            continue
        x = turnover[:, made.joint.years.index(year), r]
        low, high = np.quantile(x, [0.2, 0.8])
        odds = float(met[x <= low].mean()), float(met[x >= high].mean())
        found.append(NextFigure(code, year, float(low), float(high), *odds))
    return max(found, key=lambda f: f.odds_high - f.odds_low, default=None)
