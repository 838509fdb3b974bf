"""What the delays of a run cost a target: the same draws with and without them, draw by draw.

with the plan, as asked ──┐
                          ├─▶ difference in every draw ─▶ `DelayCost`: change of the odds, its error, change of turnover
with nothing put off ─────┘
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.assess.ensemble import Ensemble
from birge.assess.goals import Goal

__all__ = ["DelayCost", "finish_cost", "turnover_cost"]

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class DelayCost:
    """The odds with nothing put off, how the delays change them, and the mean change of turnover in the target's year.

    Both runs share every draw, so `odds_change_se` is the simulation error of the difference, not of two odds;
    turnover is in mn USD, null for a target on a milestone.
    """

    odds_undelayed: float
    odds_change: float
    odds_change_se: float
    turnover_change_musd: float | None = None


def turnover_cost(whole: Ensemble, goal: Goal) -> DelayCost | None:
    """Return what the delays cost a target on turnover; None where nothing is put off."""
    if "undelayed" not in whole.turnover:
        return None
    change = whole.figure(goal) - whole.figure(goal, "undelayed")
    return _cost(whole.met(goal), whole.met(goal, "undelayed"), float(change.mean()))


def finish_cost(made: Ensemble, k: int, deadline: float) -> DelayCost | None:
    """Return what the delays cost the target that milestone k is done before `deadline`."""
    if made.undelayed is None:
        return None
    return _cost(made.dates.finish[:, k] < deadline, made.undelayed[:, k] < deadline)


def _cost(met: Bools, before: Bools, turnover: float | None = None) -> DelayCost:
    change = met.astype(np.float64) - before
    error = float(change.std() / np.sqrt(len(change)))
    return DelayCost(float(before.mean()), float(change.mean()), error, turnover)
