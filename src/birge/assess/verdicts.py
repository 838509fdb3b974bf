"""All there is to say on one target, read from the ensemble."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from birge.assess.delays import DelayCost, finish_cost, turnover_cost
from birge.assess.ensemble import Ensemble
from birge.assess.goals import Goal
from birge.assess.inputs import inputs
from birge.assess.milestones import MilestoneOdds, Sooner, finish_gains, milestone_odds, turnover_gains
from birge.assess.needed import Datum, base_rate, needed
from birge.assess.odds import GroupShare, InputSensitivity, MeasureShare, Needed, TargetOdds, interval
from birge.assess.sensitivity import Ranked, ranked, sensitivities
from birge.assess.shares import group_shares, measure_shares
from birge.models import outlook, schedule
from birge.plan.schema import Indicator, Target
from birge.units import month_of

__all__ = ["Reading", "Verdict", "verdict"]


@dataclass(frozen=True)
class Verdict:
    """All there is to say on one target: its measures, its milestones, what it would take, what it hangs on.

    `delay` is what the delays of the run cost it, None where nothing is put off.
    """

    target: TargetOdds
    measures: tuple[MeasureShare, ...]
    milestones: tuple[MilestoneOdds, ...]
    needed: Needed | None
    groups: tuple[GroupShare, ...] = ()
    sensitivity: tuple[InputSensitivity, ...] = ()
    delay: DelayCost | None = None


class Reading:
    """An ensemble with what the verdicts on all its targets read from it: each is worked out once.

    `newest` are the newest full-year figures by basis.
    """

    def __init__(self, made: Ensemble, newest: Mapping[str, Datum]) -> None:
        self.made, self.newest, self.whole = made, newest, made.whole()

    @cached_property
    def ranked(self) -> tuple[Ranked, ...]:
        """Return the drawn inputs in order."""
        return ranked(inputs(self.whole))

    @cached_property
    def sooner(self) -> Sooner:
        """Return dates of the targets' milestones with another milestone moved."""
        known = self.made.dates.network.ids
        named = dict.fromkeys(t.milestone for _, t in self.made.request.targets() if t.milestone in known)
        return Sooner(self.made, (m for m in named if m is not None))


def verdict(read: Reading, indicator: Indicator, target: Target) -> Verdict:
    """Return the verdict on `target`; what is not modelled has a reason and nothing else."""
    made, whole = read.made, read.whole
    if indicator.kind == "milestone":
        return _on_milestone(read, indicator, target)
    goal = made.goals[target.id]
    if isinstance(goal, str):
        return Verdict(_row(made, indicator, target, goal), (), (), None)
    plan, names, gain = made.request.plan, whole.joint.measures, whole.gain[goal.id]
    game = goal.game(whole.joint, whole.scale(goal))
    datum = _counted(whole, goal, read.newest.get(goal.basis))
    return Verdict(
        replace(_on_turnover(made, whole, indicator, target, goal), base_rate=base_rate(goal, datum)),
        measure_shares(plan, names, game, gain),
        milestone_odds(whole, turnover_gains(whole, goal)),
        needed(game, datum, goal.year),
        group_shares(plan, names, game, gain),
        sensitivities(read.ranked, whole.met(goal)),
        turnover_cost(whole, goal),
    )


def _counted(made: Ensemble, goal: Goal, datum: Datum | None) -> Datum | None:
    """Return the newest figure as it counts for `goal`: less the median of its year's electricity where that is out."""
    if datum is None or goal.electricity:
        return datum
    if datum.year not in made.joint.years:
        return None
    y, r = made.joint.years.index(datum.year), made.joint.reporters.index(goal.basis)
    return replace(datum, value=datum.value - float(np.median(made.electricity["with"][:, y, r])))


def _row(made: Ensemble, indicator: Indicator, target: Target, reason: str | None) -> TargetOdds:
    return TargetOdds(
        target.id,
        indicator.id,
        target.basis,
        target.year,
        target.value,
        counterfactual=made.request.counterfactual,
        reason=reason,
    )


def _on_turnover(made: Ensemble, whole: Ensemble, indicator: Indicator, target: Target, goal: Goal) -> TargetOdds:
    """Return the odds of `goal`; a failed draw is a miss at the lower end of the range and a hit at the upper."""
    full = whole.figure(goal)
    odds = {outlook.CENTRAL: whole.odds(goal)}
    odds |= {n.removeprefix("variant/"): whole.odds(goal, n) for n in whole.turnover if n.startswith("variant/")}
    lost = len(made.failed) / made.request.draws
    met = odds[outlook.CENTRAL]
    last = made.outlook.inputs.last_data(goal.basis)
    short = np.maximum(goal.value - full, 0.0)
    return replace(
        _row(made, indicator, target, None),
        odds_with=met,
        odds_without=whole.odds(goal, made.request.counterfactual),
        odds_never=whole.odds(goal, "never"),
        odds_range=(min(odds.values()) * (1 - lost), max(odds.values()) * (1 - lost) + lost),
        variants=odds,
        median=float(np.median(full)),
        interval50=interval(full, 0.5),
        interval80=interval(full, 0.8),
        interval95=interval(full, 0.95),
        shortfall_median=float(np.median(short)),
        simulation_error=float(np.sqrt(met * (1 - met) / len(full))),
        projected_from=last if last is not None and last < made.joint.years[0] else None,
        odds_stop=whole.odds(goal, "stop"),
        odds_kappa_0=whole.odds(goal, "kappa-0"),
        odds_kappa_1=whole.odds(goal, "kappa-1"),
        odds_independent=whole.odds(goal, "independent"),
        odds_without_assumed=whole.odds(goal, "evidence"),
        shortfall80=interval(short, 0.8),
    )


def _on_milestone(read: Reading, indicator: Indicator, target: Target) -> Verdict:
    """Return the odds that a milestone is done by the end of the target's year; dates fail in no draw."""
    made = read.made
    net = made.dates.network
    if target.milestone not in net.ids:
        return Verdict(_row(made, indicator, target, "the target names no milestone"), (), (), None)
    k = net.ids.index(target.milestone)
    finish, apart = made.dates.finish[:, k], made.apart[:, net.place[k]]
    deadline = month_of(date(target.year + 1, 1, 1))
    met = float((finish < deadline).mean())
    stop = float((schedule.stopped(finish, made.as_of) < deadline).mean())
    row = replace(
        _row(made, indicator, target, None),
        odds_with=met,
        odds_without=stop if made.request.counterfactual == "stop" else 0.0,
        odds_never=0.0,
        odds_range=(met, met),
        simulation_error=float(np.sqrt(met * (1 - met) / len(finish))),
        odds_stop=stop,
        odds_independent=float((apart < deadline).mean()),
    )
    stones = milestone_odds(made, finish_gains(read.sooner, target.milestone, deadline))
    return Verdict(row, (), stones, None, delay=finish_cost(made, k, deadline))
