"""One block of draws: all that is sampled and evaluated for up to 1,000 joint futures, a pure function of its number.

dates ─┬─▶ evaluate (all registered models) ─▶ flow, terms of the measures ─▶ Joint ─▶ Shapley gains by goal
       ├─▶ the same draws under another κ, other outlooks, without common factors, on evidence only ─▶ turnover
       ├─▶ the same draws with nothing put off, where something is ─▶ turnover
       └─▶ each open milestone a month sooner ─▶ turnover
Electricity comes from the power model by the same dates (`birge.assess.electricity`), goods from the outlook less it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.assess.electricity import Power
from birge.assess.evaluate import Evaluated, evaluate, starts
from birge.assess.goals import Goal
from birge.assess.joint import Joint
from birge.assess.shapley import gains
from birge.models import outlook, schedule, trade
from birge.models.registry import MODELS
from birge.rng import Streams

__all__ = ["MONTH", "SETTLED", "Drawn", "Job", "Lost", "Piece"]

Floats = NDArray[np.float64]
SETTLED = 1e-6
"""Relative change under which a draw of the coupled models has settled."""
MONTH = 1.0
"""By how many months a milestone is moved."""


@dataclass(frozen=True)
class Piece:
    """A block's number, size and dates, and its finishes [draw, milestone in plan order] without shared factors.

    `on_time` are its finishes [draw, milestone in plan order] with nothing put off, None where nothing is.
    """

    block: int
    draws: int
    dates: schedule.Schedule
    apart: Floats
    on_time: Floats | None = None


@dataclass(frozen=True)
class Drawn:
    """What a block yields; `turnover` [draw, year, reporter] by name, `gain` [draw, measure] by goal.

    `error` holds why a draw failed, by its place in the block; `electricity` [draw, year, reporter] what of turnover is
    electricity, by the same names where it differs from `with`; `power` what the power model says of each year.
    """

    joint: Joint
    flow: Floats
    turnover: Mapping[str, Floats]
    moved: Mapping[str, Floats]
    gain: Mapping[str, Floats]
    error: Mapping[int, str]
    cost: Floats
    clipped: int
    electricity: Mapping[str, Floats]
    power: Mapping[str, Floats]


@dataclass(frozen=True)
class Lost:
    """A block in which a model raised: all its draws have failed."""

    block: int
    draws: int
    error: str


@dataclass(frozen=True)
class Job:
    """All that a block needs beyond its number; a value that can travel to another process.

    `off` are measures whose effects are off, `outlooks` other outlooks by name as (posterior, variant), `movable` the
    milestones that are moved.
    """

    prepared: Mapping[str, Any]
    root: Streams
    as_of: float
    counterfactual: str
    off: frozenset[str]
    evidence: frozenset[str]
    outlooks: Mapping[str, tuple[outlook.Posterior, str]]
    goals: tuple[Goal, ...]
    movable: tuple[str, ...]

    def __call__(self, piece: Piece) -> Drawn | Lost:
        """Return the block, or what a model raised in it."""
        try:
            return self.drawn(piece)
        except Exception as error:  # noqa: BLE001  a worker's boundary: the draws are rows with their error
            return Lost(piece.block, piece.draws, f"{type(error).__name__}: {error}")

    def drawn(self, piece: Piece) -> Drawn:
        """Return the block; raises what a model raises."""
        streams = replace(self.root, block=piece.block, draws=piece.draws)
        effects: trade.Prepared = self.prepared["trade"]
        finish = schedule.in_plan_order(piece.dates.network, piece.dates.finish)
        made = self._evaluated(finish, streams)
        supplied = Power(self.prepared["power"], streams, finish, self.as_of, self.off, made.world["power.trade"])
        flow = trade.goods(made.world["outlook.flow"], made.world["power.trade"])
        freight = made.world["freight.cost"] if effects.inputs.corridors else None
        terms = trade.steps(effects, finish, streams, freight=freight)
        stop = self._joint(flow, terms, supplied)
        joint = self._never(flow, terms, finish, streams, freight, supplied) if self.counterfactual == "never" else stop
        never = supplied.none().sum(axis=2)
        turnover = {"with": joint.turnover(), "stop": stop.turnover(plan=False), "never": _never(flow, terms) + never}
        electricity = {"with": joint.electricity(), "stop": stop.electricity(plan=False), "never": never}
        if piece.on_time is not None:
            turnover["undelayed"], electricity["undelayed"] = self._undelayed(piece.on_time, streams)
        electricity["independent"] = electricity["with"] + supplied.change(piece.apart)
        bands = self._bands(flow, finish, piece.apart, streams, freight)
        turnover |= {n: x + electricity.get(n, electricity["with"]) for n, x in bands.items()}
        for name, (posterior, variant) in self.outlooks.items():
            paths = trade.goods(outlook.paths(posterior, streams, variant), made.world["power.trade"])
            turnover[name] = stop.turnover(base=stop.kept * paths)
        moved, shifted = self._moved(stop, piece.dates, streams, freight, supplied)
        gain = {
            g.id: gains(g.game(joint, g.scale(self.prepared["outlook"], streams)), streams.at("assess/shapley"))
            for g in self.goals
        }
        return Drawn(
            joint,
            made.world["trade.flow"],
            turnover,
            moved,
            gain,
            _errors(made.failed, made.residual, made.world["trade.flow"], turnover),
            trade.total_cost(effects, streams, freight),
            terms.clipped,
            electricity | shifted,
            supplied.told(made.world),
        )

    def _evaluated(self, finish: Floats, streams: Streams) -> Evaluated:
        """Return the world of all models but the schedule at the dates `finish`, which were drawn before."""
        world = {**starts(streams.draws), "schedule.finish": finish}
        others = [m for m in MODELS if m.id != schedule.MODEL.id]
        return evaluate(others, self.prepared, world, streams, tolerance=SETTLED)

    def _joint(self, flow: Floats, terms: trade.Steps, supplied: Power) -> Joint:
        """Return the ensemble whose measures step from "stopped at `as_of`" to "with the plan"."""
        effects: trade.Prepared = self.prepared["trade"]
        kept = np.exp(terms.base_log[..., None] + terms.base_recorded[:, :, None, :])
        names = effects.inputs.measures
        acting = sorted({r.measure for r in effects.inputs.effects if r.measure >= 0} | set(supplied.acting))
        on = np.array([names[k] not in self.off for k in acting], dtype=np.float64)[None, :, None, None]
        shape = (len(flow), len(effects.inputs.years), 2, 2)
        power, step = supplied.steps(tuple(acting), shape, supplied.stopped)
        return Joint(
            years=effects.inputs.years,
            directions=self.prepared["outlook"].inputs.directions,
            reporters=effects.inputs.parties,
            measures=tuple(names[k] for k in acting),
            base=flow * kept,
            kept=kept,
            fixed=terms.base_new,
            log=terms.log[:, acting] * on,
            new=terms.new[:, acting] * on,
            recorded=terms.recorded[:, acting] * on,
            power=power,
            power_step=step * on[..., None],
        )

    def _never(
        self,
        flow: Floats,
        terms: trade.Steps,
        finish: Floats,
        streams: Streams,
        freight: Floats | None,
        supplied: Power,
    ) -> Joint:
        """Return the ensemble whose measures step from "the plan had never been" to "with the plan"."""
        effects: trade.Prepared = self.prepared["trade"]
        joint = self._joint(flow, terms, supplied)
        acting = tuple(effects.inputs.measures.index(m) for m in joint.measures)
        none, joined = supplied.steps(acting, joint.power.shape, np.full_like(finish, np.inf))
        on = np.array([m not in self.off for m in joint.measures], dtype=np.float64)[None, :, None, None, None]
        kept = np.exp(terms.never_log[..., None] + terms.never_recorded[:, :, None, :])
        steps = {k: np.zeros_like(getattr(joint, k)) for k in ("log", "new", "recorded")}
        for k, name in enumerate(joint.measures):
            if name in self.off:
                continue
            own = tuple(r for r in effects.inputs.effects if r.measure == effects.inputs.measures.index(name))
            part = trade.steps(
                replace(effects, inputs=replace(effects.inputs, effects=own)),
                finish,
                streams,
                freight=freight,
                drawn=trade.draws(effects, streams),
            )
            for kind, step in steps.items():
                whole = getattr(part, kind).sum(axis=1) + getattr(part, f"base_{kind}")
                step[:, k] = whole - getattr(part, f"never_{kind}")
        steps |= {"power": none, "power_step": joined * on}
        return replace(joint, base=flow * kept, kept=kept, fixed=terms.never_new, **steps)

    def _bands(
        self, flow: Floats, finish: Floats, apart: Floats, streams: Streams, freight: Floats | None
    ) -> dict[str, Floats]:
        """Return turnover of goods at both ends of κ, without common factors, with effects that rest on evidence."""
        effects: trade.Prepared = self.prepared["trade"]
        rows = tuple(r for r in effects.inputs.effects if r.measure < 0 or r.name in self.evidence)
        firm = replace(effects, inputs=replace(effects.inputs, effects=rows))
        made = {
            "kappa-0": trade.steps(effects, finish, streams, kappa=0.0, freight=freight),
            "kappa-1": trade.steps(effects, finish, streams, kappa=1.0, freight=freight),
            "independent": trade.steps(effects, apart, streams, independent=True, freight=freight),
            "evidence": trade.steps(firm, finish, streams, freight=freight, drawn=trade.draws(effects, streams)),
        }
        return {name: _with(flow, terms, self._off(effects)) for name, terms in made.items()}

    def _undelayed(self, finish: Floats, streams: Streams) -> tuple[Floats, Floats]:
        """Return turnover on time and what of it is electricity, of the same draws.

        Waits and trade settle anew, as later trucks wait elsewhere.
        """
        effects: trade.Prepared = self.prepared["trade"]
        made = self._evaluated(finish, streams)
        freight = made.world["freight.cost"] if effects.inputs.corridors else None
        terms = trade.steps(effects, finish, streams, freight=freight)
        supplied = Power(self.prepared["power"], streams, finish, self.as_of, self.off, made.world["power.trade"])
        flow = trade.goods(made.world["outlook.flow"], made.world["power.trade"])
        joint = self._joint(flow, terms, supplied)
        return joint.turnover(), joint.electricity()

    def _off(self, effects: trade.Prepared) -> Floats:
        return np.array([m not in self.off for m in effects.inputs.measures], dtype=np.float64)[None, :, None, None]

    def _moved(
        self, joint: Joint, dates: schedule.Schedule, streams: Streams, freight: Floats | None, supplied: Power
    ) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """Return turnover with each movable milestone a month sooner, where that moves anything, and its electricity.

        The latter under `moved/NAME`, where the power model has the milestone.
        """
        effects: trade.Prepared = self.prepared["trade"]
        before = schedule.in_plan_order(dates.network, dates.finish)
        whole, made, shifted = joint.turnover(), {}, {}
        ways = {}  # by the rows that move: what they add at the dates as they are
        for name in self.movable:
            sooner = schedule.sooner(dates, name, MONTH, self.as_of)
            after = schedule.in_plan_order(dates.network, sooner)
            touched = np.flatnonzero((before != after).any(axis=0))
            rows = tuple(
                r
                for r in effects.inputs.effects
                if r.milestone in touched and effects.inputs.measures[r.measure] not in self.off
            )
            brings = supplied.brings(touched)
            if not rows and not brings:
                continue
            if rows and rows not in ways:
                ways[rows] = trade.moved(effects, rows, before, streams, freight)
            made[name] = whole
            if rows:
                fresh = trade.moved(effects, rows, after, streams, freight)
                # the share κ in the trend stays where it was: a month sooner is not in anybody's past
                made[name] = _shifted(joint, {k: x - ways[rows][k] for k, x in fresh.items()})
            if brings:
                more = supplied.change(after)
                shifted[f"moved/{name}"] = joint.electricity() + more
                made[name] = made[name] + more
        return made, shifted


def _with(flow: Floats, terms: trade.Steps, on: Floats) -> Floats:
    """Return turnover [draw, year, reporter] of `terms` with the measures `on`."""
    log = terms.base_log + (terms.log * on).sum(axis=1)
    recorded = terms.base_recorded + (terms.recorded * on).sum(axis=1)
    new = terms.base_new + (terms.new * on).sum(axis=1)
    return np.asarray((flow * np.exp(log[..., None] + recorded[:, :, None, :]) + new[..., None]).sum(axis=2))


def _never(flow: Floats, terms: trade.Steps) -> Floats:
    """Return turnover [draw, year, reporter] had the plan never been."""
    kept = np.exp(terms.never_log[..., None] + terms.never_recorded[:, :, None, :])
    return np.asarray((flow * kept + terms.never_new[..., None]).sum(axis=2))


def _shifted(joint: Joint, shift: Mapping[str, Floats]) -> Floats:
    """Return turnover with `shift` added to the terms of all measures together."""
    log, recorded, new = (joint.together[k] + shift[k] for k in ("log", "recorded", "new"))
    new = joint.fixed + new
    flow = joint.base * np.exp(log[..., None] + recorded[:, :, None, :])
    return np.asarray((flow + new[..., None]).sum(axis=2) + joint.electricity())


def _errors(
    failed: NDArray[np.bool_], residual: Floats, flow: Floats, turnover: Mapping[str, Floats]
) -> dict[int, str]:
    """Return why a draw has no answer, by its place in the block."""
    finite = np.isfinite(flow).all(axis=(1, 2, 3))
    for x in turnover.values():
        finite &= np.isfinite(x).all(axis=(1, 2))
    errors = {int(d): "a flow is not a number" for d in np.flatnonzero(~finite)}
    for d in np.flatnonzero(failed):
        errors.setdefault(int(d), f"no fixed point: residual {residual[d]:.2g}")
    return errors
