"""When each milestone is likely to be done, and what a month is worth in the odds of a target."""

from __future__ import annotations

from collections.abc import Callable
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

__all__ = ["MilestoneOdds", "finish_gains", "milestone_odds", "smoothed_gain", "turnover_gains"]

Floats = NDArray[np.float64]
Gain = Callable[[str], tuple[float, float] | None]
TAILS = (0.1, 0.9)


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
        low, high = (float(np.quantile(made.dates.finish[:, k], q, method="inverted_cdf")) for q in TAILS)
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


def finish_gains(made: Ensemble, milestone: str, deadline: float) -> Gain:
    """Return what a month is worth for the target that `milestone` is done before `deadline`."""
    k = made.dates.network.ids.index(milestone)
    return partial(_finish_gain, made, k, deadline)


def _finish_gain(made: Ensemble, k: int, deadline: float, name: str) -> tuple[float, float]:
    after = schedule.sooner(made.dates, name, MONTH, made.as_of)[:, k] < deadline
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
