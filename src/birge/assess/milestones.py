"""When each milestone is likely to be done, and what a month is worth in the odds of a target."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from birge.assess.block import MONTH
from birge.assess.ensemble import Ensemble
from birge.assess.goals import Goal
from birge.models import schedule
from birge.units import date_of

__all__ = ["MilestoneOdds", "Sooner", "finish_gains", "milestone_odds", "smoothed_gain", "turnover_gains"]

Floats = NDArray[np.float64]
Gain = Callable[[str], tuple[float, float] | None]
TAILS = (1, 9)
"""Tenths of the draws."""


@dataclass(frozen=True)
class MilestoneOdds:
    """When a milestone is likely to be done, and what a month earlier is worth in odds.

    A month earlier moves what waits for it through the network, and nothing before `as_of`. `reported` is the date of
    the last report, `report_age_months` how old it is; p10 to p90 are null where such a draw never ends.
    """

    id: str
    planned: date | None
    p_on_time: float | None
    p50: date | None
    p80: date | None
    criticality: float
    odds_gain_per_month: float | None
    reason: str | None = None
    p10: date | None = None
    p90: date | None = None
    reported: date | None = None
    report_age_months: float | None = None
    odds_gain_per_month_se: float | None = None


def milestone_odds(made: Ensemble, gain: Gain) -> tuple[MilestoneOdds, ...]:
    """Return every milestone, with the odds and the error that `gain` gives for it."""
    net = made.dates.network
    rows = []
    for d in schedule.dates(made.dates, made.as_of):
        k = net.ids.index(d.id)
        low, high = (float(made.dates.tenths[q][k]) for q in TAILS)
        worth = gain(d.id) if np.isnan(net.fixed[k]) and d.p50 else None
        rows.append(
            MilestoneOdds(
                id=d.id,
                planned=d.planned,
                p_on_time=d.p_on_time,
                p50=d.p50,
                p80=d.p80,
                criticality=d.criticality,
                odds_gain_per_month=worth[0] if worth else None,
                reason=_why(bool(d.p50), bool(np.isnan(net.fixed[k])), worth is not None),
                p10=date_of(low),
                p90=date_of(high),
                reported=date_of(net.reported[k]) if np.isfinite(net.reported[k]) else None,
                report_age_months=d.age_months,
                odds_gain_per_month_se=worth[1] if worth else None,
            )
        )
    return tuple(rows)


def _why(dated: bool, is_open: bool, moves: bool) -> str | None:
    if not dated:
        return "no date and no duration, or stopped"
    return None if moves or not is_open else "no effect on this target waits for it"


def turnover_gains(made: Ensemble, goal: Goal) -> Gain:
    """Return what a month is worth for a target on turnover."""
    before, scale = made.figure(goal), made.scale(goal)

    def gain(name: str) -> tuple[float, float] | None:
        if name not in made.moved:
            return None
        return smoothed_gain(before, made.counted(goal, made.moved[name], f"moved/{name}") * scale, goal.value)

    return gain


class Sooner:
    """Finishes of some milestones [draw, milestone] with another one a month sooner; each is worked out once."""

    def __init__(self, made: Ensemble, milestones: Iterable[str]) -> None:
        self.made = made
        self.places = {m: k for k, m in enumerate(milestones)}
        self._columns = [made.dates.network.ids.index(m) for m in self.places]
        self._kept: dict[str, Floats] = {}

    def finish(self, milestone: str, moved: str) -> Floats:
        """Return when `milestone` is done [draw] with `moved` a month sooner."""
        if moved not in self._kept:
            whole = schedule.sooner(self.made.dates, moved, MONTH, self.made.as_of)
            self._kept[moved] = whole[:, self._columns]
        return self._kept[moved][:, self.places[milestone]]


def finish_gains(sooner: Sooner, milestone: str, deadline: float) -> Gain:
    """Return what a month is worth for the target that `milestone` is done before `deadline`."""
    return partial(_finish_gain, sooner, milestone, deadline)


def _finish_gain(sooner: Sooner, milestone: str, deadline: float, name: str) -> tuple[float, float]:
    made = sooner.made
    k = made.dates.network.ids.index(milestone)
    after = sooner.finish(milestone, name) < deadline
    change = after.astype(np.float64) - (made.dates.finish[:, k] < deadline)
    return float(change.mean()), float(change.std() / np.sqrt(len(change)))


def smoothed_gain(before: Floats, after: Floats, value: float) -> tuple[float, float]:
    """Return the change of the odds from `before` to `after`, both turnover by draw, and its simulation error.

    A month is worth less than one draw in a thousand, so the step at `value` is smoothed: the distance to the
    target in logs is divided by a bandwidth (Silverman's rule on `before`) and passed through the logistic.
    """
    spread = np.log(before)
    h = max(0.9 * float(spread.std()) * len(spread) ** -0.2, 1e-6)

    def odds(x: Floats) -> Floats:
        return np.asarray(expit(1.702 * (np.log(x) - np.log(value)) / h))

    change = odds(after) - odds(before)
    return float(change.mean()), float(change.std() / np.sqrt(len(change)))
