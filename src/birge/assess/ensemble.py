"""Sample the joint ensemble: dates, outlook and effects of all draws, block by block, through the registered models.

plan ─▶ schedule.finish[draw, milestone] ─┐
factbook ─▶ outlook.flow[draw, year, direction, reporter] ─┼─▶ evaluate ─▶ trade.flow ─▶ Joint
plan, scenario ─▶ trade effects[draw, measure, year, direction] ─┘
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.assess.evaluate import evaluate
from birge.assess.joint import Joint
from birge.factbook import Factbook
from birge.models import outlook, schedule, trade
from birge.models.registry import MODELS
from birge.plan.scenario import Scenario
from birge.plan.schema import Plan
from birge.rng import Streams, blocks
from birge.units import month_of

__all__ = ["Ensemble", "Progress", "sampled"]

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Ensemble:
    """Everything that was sampled, and the prepared models to sample more of it."""

    plan: Plan
    streams: Streams
    as_of: float
    joint: Joint
    never: Floats
    flow: Floats
    dates: schedule.Schedule
    failed: NDArray[np.bool_]
    clipped: int
    costs: Floats
    outlook: outlook.Posterior
    trade: trade.Prepared

    def variant(self, name: str) -> Joint:
        """Return the same ensemble on another outlook: same effects, other flows if the past continues."""
        other = _paths(self.outlook, self.streams, self.joint.draws, name)
        return replace(self.joint, base=self.joint.kept * other)

    def moved(self, milestone: str, months: float) -> Joint:
        """Return the ensemble with `milestone` done `months` sooner, never before `as_of`."""
        before = schedule.in_plan_order(self.dates.network, self.dates.finish)
        after = schedule.in_plan_order(self.dates.network, schedule.sooner(self.dates, milestone, months, self.as_of))
        touched = np.flatnonzero((before != after).any(axis=0))
        rows = tuple(r for r in self.trade.inputs.effects if r.milestone in touched)
        if not rows:
            return self.joint
        part = replace(self.trade, inputs=replace(self.trade.inputs, effects=rows))
        log, new, recorded = (np.copy(x) for x in (self.joint.log, self.joint.new, self.joint.recorded))
        for b, n in blocks(self.joint.draws):
            here = slice(b * 1_000, b * 1_000 + n)
            streams = replace(self.streams, block=b, draws=n)
            old, fresh = (trade.steps(part, x[here], streams) for x in (before, after))
            log[here] += fresh.log - old.log
            new[here] += fresh.new - old.new
            recorded[here] += fresh.recorded - old.recorded
        return replace(self.joint, log=log, new=new, recorded=recorded)


def sampled(
    plan: Plan, book: Factbook, scenario: Scenario | None, as_of: date, seed: int, draws: int, tell: Progress
) -> Ensemble:
    """Sample `draws` joint futures of `plan` as known on `as_of`."""
    root = Streams(seed)
    tell("outlook", 0.0)
    inputs = {m.id: m.setup(plan, book, scenario, as_of) for m in MODELS}
    prepared = {m.id: m.prepare(inputs[m.id], root) for m in MODELS}
    effects: trade.Prepared = prepared["trade"]
    joints, nevers, flows, failures, costs, clipped = [], [], [], [], [], 0
    for b, n in blocks(draws):
        streams = replace(root, block=b, draws=n)
        made = evaluate(MODELS, prepared, {}, streams)
        terms = trade.steps(effects, made.world["schedule.finish"], streams)
        joint, never = _joined(plan, inputs["outlook"], effects, made.world["outlook.flow"], terms)
        joints.append(joint)
        nevers.append(never)
        flows.append(made.world["trade.flow"])
        failures.append(made.failed | ~np.isfinite(made.world["trade.flow"]).all(axis=(1, 2, 3)))
        costs.append(trade.total_cost(effects, streams))
        clipped += terms.clipped
        tell("futures", 0.1 + 0.5 * (b * 1_000 + n) / draws)
    return Ensemble(
        plan,
        root,
        month_of(as_of),
        _pooled(joints),
        np.concatenate(nevers),
        np.concatenate(flows),
        schedule.simulate(inputs["schedule"].network, root, draws),
        np.concatenate(failures),
        clipped,
        np.concatenate(costs),
        prepared["outlook"],
        effects,
    )


def _joined(
    plan: Plan, view: outlook.Inputs, effects: trade.Prepared, flow: Floats, terms: trade.Steps
) -> tuple[Joint, Floats]:
    """Return the block's ensemble, and its turnover [draw, year, reporter] had the plan never been."""
    kept = np.exp(terms.base_log[..., None] + terms.base_recorded[:, :, None, :])
    never = np.exp(terms.never_log[..., None] + terms.never_recorded[:, :, None, :])
    joint = Joint(
        years=effects.inputs.years,
        directions=view.directions,
        reporters=tuple(p.code for p in plan.parties),
        measures=effects.inputs.measures,
        base=flow * kept,
        kept=kept,
        fixed=terms.base_new,
        log=terms.log,
        new=terms.new,
        recorded=terms.recorded,
    )
    return joint, np.asarray((flow * never + terms.never_new[..., None]).sum(axis=2))


def _pooled(parts: list[Joint]) -> Joint:
    first = parts[0]
    arrays = ("base", "kept", "fixed", "log", "new", "recorded")
    joined: dict[str, Any] = {name: np.concatenate([getattr(p, name) for p in parts]) for name in arrays}
    return replace(first, **joined)


def _paths(made: outlook.Posterior, root: Streams, draws: int, name: str) -> Floats:
    return np.concatenate([outlook.paths(made, replace(root, block=b, draws=n), name) for b, n in blocks(draws)])
