"""Sample the joint ensemble, block by block, through the registered models.

plan ─▶ schedule.finish[draw, milestone] ─┐
factbook ─▶ outlook.flow[draw, year, direction, reporter] ─┼─▶ evaluate ─▶ trade.flow ─▶ Joint
plan, scenario ─▶ trade effects[draw, measure, year, direction] ─┘

`sampled(request, …) → Ensemble`: one `Job` (`birge.assess.block`) over all blocks, on threads or any executor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from birge.assess.block import Drawn, Job, Lost, Piece
from birge.assess.executors import WORKERS, over_blocks
from birge.assess.goals import Goal, goal
from birge.assess.joint import Joint
from birge.errors import SolveError
from birge.factbook import Factbook
from birge.models import outlook, schedule, trade
from birge.models.power import Prepared as Supply
from birge.models.registry import MODELS
from birge.plan.scenario import Scenario
from birge.plan.schema import Indicator, Plan, Target
from birge.rng import BLOCK, Streams, blocks
from birge.units import month_of

__all__ = ["MOST_FAILED", "Counterfactual", "Ensemble", "Progress", "Request", "sampled"]

Floats = NDArray[np.float64]
Counterfactual = Literal["stop", "never"]
Progress = Callable[[str, float], None]
MOST_FAILED = 0.01
"""Share of failed draws above which there is no answer."""
CHECKED_YEARS = 3
"""How many of the newest years of figures are checked for unverified ones that carry the answer."""


@dataclass(frozen=True)
class Request:
    """What is asked: a plan as known on a date, how many draws, what is switched; `delays` are months by item."""

    plan: Plan
    book: Factbook
    as_of: date
    draws: int
    seed: int = 1
    scenario: Scenario | None = None
    counterfactual: Counterfactual = "stop"
    without: tuple[str, ...] = ()
    delays: Mapping[str, float] = field(default_factory=dict)

    @property
    def pair(self) -> tuple[str, str]:
        """Return the codes of the two parties."""
        return self.plan.parties[0].code, self.plan.parties[1].code

    def targets(self) -> list[tuple[Indicator, Target]]:
        """Return the targets that were known on the date."""
        return [(i, t) for i, t in self.plan.targets() if t.known_on is None or t.known_on <= self.as_of]


@dataclass(frozen=True)
class Ensemble:
    """Everything that was sampled. Arrays hold all draws; `failed` says why a draw has no answer.

    `turnover` [draw, year, reporter] by name: `with`, `stop`, `never`, `kappa-0`, `kappa-1`, `independent`, `evidence`,
    `variant/NAME`, `figure/IDS`, and `undelayed` where something is put off; `moved` by milestone; `gain`
    [draw, measure] by target. `electricity` [draw, year, reporter] is what of turnover is electricity, by the same
    names where it is not that of `with`, `moved/NAME` by milestone; `power` what the power model says of each year.
    `undelayed` holds the finishes with nothing put off, None where nothing is.
    """

    request: Request
    root: Streams
    joint: Joint
    flow: Floats
    turnover: Mapping[str, Floats]
    moved: Mapping[str, Floats]
    gain: Mapping[str, Floats]
    dates: schedule.Schedule
    apart: Floats
    undelayed: Floats | None
    failed: Mapping[int, str]
    cost: Floats
    clipped: int
    goals: Mapping[str, Goal | str]
    outlook: outlook.Posterior
    effects: trade.Prepared
    electricity: Mapping[str, Floats]
    power: Mapping[str, Floats]
    supply: Supply

    @property
    def as_of(self) -> float:
        """Return the date in months since 2000-01-01."""
        return month_of(self.request.as_of)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Return which of all draws have an answer."""
        mask = np.ones(self.request.draws, dtype=np.bool_)
        mask[list(self.failed)] = False
        return mask

    def scale(self, goal: Goal) -> Floats:
        """Return what settled turnover [draw] is multiplied by to give the figure that counts for `goal`."""
        scale = goal.scales(self.outlook, self.root, self.request.draws)
        return scale if len(scale) == self.joint.draws else scale[self.kept]

    def figure(self, goal: Goal, name: str = "with") -> Floats:
        """Return the figure [draw] that counts for `goal` in the ensemble `name`."""
        return np.asarray(self.counted(goal, self.turnover[name], name) * self.scale(goal))

    def counted(self, goal: Goal, turnover: Floats, name: str) -> Floats:
        """Return what of `turnover` [draw, year, reporter] of the ensemble `name` counts: power in it, or left out."""
        y, r = self.joint.years.index(goal.year), self.joint.reporters.index(goal.basis)
        if goal.electricity:
            return np.asarray(turnover[:, y, r])
        return np.asarray(turnover[:, y, r] - self.electricity.get(name, self.electricity["with"])[:, y, r])

    def met(self, goal: Goal, name: str = "with") -> NDArray[np.bool_]:
        """Return in which draws `goal` is met in the ensemble `name`."""
        return np.asarray(self.figure(goal, name) >= goal.value)

    def odds(self, goal: Goal, name: str = "with") -> float:
        """Return the share of draws in which `goal` is met in the ensemble `name`."""
        return float(self.met(goal, name).mean())

    def whole(self) -> Ensemble:
        """Return the ensemble of the draws that have an answer."""
        if not self.failed:
            return self
        keep = self.kept

        def cut(of: Mapping[str, Floats]) -> dict[str, Floats]:
            return {k: v[keep] for k, v in of.items()}

        arrays: dict[str, Any] = {n: getattr(self.joint, n)[keep] for n in ARRAYS}
        dates = replace(self.dates, finish=self.dates.finish[keep], duration=self.dates.duration[keep])
        return replace(
            self,
            joint=replace(self.joint, **arrays),
            flow=self.flow[keep],
            turnover=cut(self.turnover),
            moved=cut(self.moved),
            gain=cut(self.gain),
            dates=dates,
            apart=self.apart[keep],
            undelayed=None if self.undelayed is None else self.undelayed[keep],
            cost=self.cost[keep],
            electricity=cut(self.electricity),
            power=cut(self.power),
        )


ARRAYS = ("base", "kept", "fixed", "log", "new", "recorded", "power", "power_step")


def sampled(
    request: Request, tell: Progress | None = None, workers: int = WORKERS, executor: Executor | None = None
) -> Ensemble:
    """Sample the joint futures that `request` asks for; the same numbers whatever runs the blocks.

    Raises SolveError where more than 1 % of the draws fail.
    """
    tell = tell or (lambda _what, _share: None)
    plan, root = request.plan, Streams(request.seed)
    tell("outlook", 0.0)
    inputs = {m.id: m.setup(plan, request.book, request.scenario, request.as_of) for m in MODELS}
    if request.delays:
        late = schedule.delayed(inputs["schedule"].network, plan, request.delays)
        inputs["schedule"] = replace(inputs["schedule"], network=late)
    net = inputs["schedule"].network
    nets = [net, _apart(net), *((schedule.undelayed(inputs["schedule"]).network,) if request.delays else ())]
    with ThreadPoolExecutor(workers, thread_name_prefix="birge") as pool:
        paths = [pool.submit(schedule.simulate, x, root, request.draws) for x in nets]
        prepared = {m.id: m.prepare(inputs[m.id], root) for m in MODELS}
        made: outlook.Posterior = prepared["outlook"]
        tell("dates", 0.05)
        outlooks = _outlooks(made, request, root)
        dates, independent, *rest = (p.result() for p in paths)
    effects: trade.Prepared = prepared["trade"]
    apart = schedule.in_plan_order(net, independent.finish)
    undelayed = rest[0].finish if rest else None
    on_time = schedule.in_plan_order(net, undelayed) if undelayed is not None else None
    goals = {t.id: goal(i, t, made, prepared["power"].coming is not None) for i, t in request.targets()}
    job = Job(
        prepared=prepared,
        root=root,
        as_of=month_of(request.as_of),
        counterfactual=request.counterfactual,
        off=frozenset(request.without),
        evidence=frozenset(f"{m.id}/{n}" for m in plan.measures for n, e in enumerate(m.effects) if not e.assumed),
        outlooks=outlooks,
        goals=tuple(g for g in goals.values() if isinstance(g, Goal)),
        movable=_movable(dates),
    )
    pieces = [_piece(b, n, dates, apart, on_time) for b, n in blocks(request.draws)]
    parts: list[Drawn | Lost] = []
    for part in over_blocks(job, pieces, workers, executor):
        parts.append(part)
        tell("futures", 0.1 + 0.8 * len(parts) / len(pieces))
    whole, failed = _found(parts, request.draws)
    return Ensemble(
        request=request,
        root=root,
        joint=_pooled([p.joint for p in whole]),
        flow=np.concatenate([p.flow for p in whole]),
        turnover=_stacked([p.turnover for p in whole]),
        moved=_moved(whole),
        gain=_stacked([p.gain for p in whole]),
        dates=dates,
        apart=apart,
        undelayed=undelayed,
        failed=failed,
        cost=np.concatenate([p.cost for p in whole]),
        clipped=sum(p.clipped for p in whole),
        goals=goals,
        outlook=made,
        effects=effects,
        electricity=_stacked([p.electricity for p in whole]),
        power=_stacked([p.power for p in whole]),
        supply=prepared["power"],
    )


def _apart(net: schedule.Network) -> schedule.Network:
    """Return the network in which every milestone has an owner and a side of its own: nothing is shared."""

    def own(names: tuple[str | None, ...]) -> tuple[str | None, ...]:
        return tuple(f"{n}/{k}" if n else None for k, n in zip(net.ids, names, strict=True))

    return replace(net, owners=own(net.owners), sides=own(net.sides))


def _movable(dates: schedule.Schedule) -> tuple[str, ...]:
    """Return the milestones that are open and have a date in some draw."""
    net = dates.network
    return tuple(
        name
        for k, name in enumerate(net.ids)
        if np.isnan(net.fixed[k]) and np.isfinite(dates.finish[:, k]).mean() >= 0.5
    )


def _outlooks(made: outlook.Posterior, request: Request, root: Streams) -> dict[str, tuple[outlook.Posterior, str]]:
    """Return the named variants, and the outlook without each unverified figure of the newest years."""
    found = {f"variant/{n}": (made, n) for n in outlook.variants(made) if n != outlook.CENTRAL}
    known = request.book.observations(request.pair, request.as_of)
    doubtful = {o.id for o in known if o.verified != "official"}
    inputs = made.inputs
    newest = max(e.year for e in inputs.evidence)
    since = newest - CHECKED_YEARS + 1
    figures = {
        " + ".join(e.ids): frozenset(e.ids) for e in inputs.evidence if e.year >= since and set(e.ids) & doubtful
    }
    if len(figures) > 1:
        figures[f"all {len(figures)} unverified figures since {since}"] = frozenset().union(*figures.values())
    for name, ids in figures.items():
        rest = outlook.without(inputs, ids)
        if rest is not None:
            found[f"figure/{name}"] = (outlook.posterior(rest, root), outlook.CENTRAL)
    return found


def _piece(block: int, count: int, dates: schedule.Schedule, apart: Floats, on_time: Floats | None) -> Piece:
    """Return what is drawn for `count` draws of a block."""
    here = slice(block * BLOCK, block * BLOCK + count)
    own = replace(dates, finish=dates.finish[here], duration=dates.duration[here])
    return Piece(block, count, own, apart[here], None if on_time is None else on_time[here])


def _found(parts: Sequence[Drawn | Lost], draws: int) -> tuple[list[Drawn], dict[int, str]]:
    """Return all blocks, lost ones as rows of NaN, and why each failed draw failed.

    Raises SolveError where too many did.
    """
    failed: dict[int, str] = {}
    for b, part in enumerate(parts):
        if isinstance(part, Lost):
            failed |= {b * 1_000 + d: part.error for d in range(part.draws)}
        else:
            failed |= {b * 1_000 + d: why for d, why in part.error.items()}
    if len(failed) > MOST_FAILED * draws:
        first = min(failed)
        raise SolveError(
            f"{len(failed):,} of {draws:,} draws failed, more than 1 %; the first is draw {first}: {failed[first]}",
            0,
            float("nan"),
        )
    pattern = next(p for p in parts if isinstance(p, Drawn))
    return [p if isinstance(p, Drawn) else _blank(pattern, p.draws) for p in parts], failed


def _blank(like: Drawn, draws: int) -> Drawn:
    """Return a block of `draws` rows of NaN with the shapes of `like`."""

    def empty(x: Floats) -> Floats:
        return np.full((draws, *x.shape[1:]), np.nan)

    def each(of: Mapping[str, Floats]) -> dict[str, Floats]:
        return {k: empty(v) for k, v in of.items()}

    joint: dict[str, Any] = {n: empty(getattr(like.joint, n)) for n in ARRAYS}
    made: dict[str, Any] = {f.name: getattr(like, f.name) for f in fields(like)}
    made |= {k: each(made[k]) for k in ("turnover", "moved", "gain", "electricity", "power")}
    made |= {"joint": replace(like.joint, **joint), "flow": empty(like.flow), "cost": empty(like.cost)}
    return Drawn(**(made | {"error": {}, "clipped": 0}))


def _pooled(parts: Sequence[Joint]) -> Joint:
    joined: dict[str, Any] = {name: np.concatenate([getattr(p, name) for p in parts]) for name in ARRAYS}
    return replace(parts[0], **joined)


def _stacked(parts: Iterable[Mapping[str, Floats]]) -> dict[str, Floats]:
    """Join the blocks by name; where a block has none of a name, nothing moved there and it is as with the plan."""
    rows = list(parts)
    return {
        n: np.concatenate([r[n] if n in r else r["with"] for r in rows])
        for n in dict.fromkeys(k for r in rows for k in r)
    }


def _moved(parts: Sequence[Drawn]) -> dict[str, Floats]:
    """Return turnover by moved milestone; a block in which nothing moved has the turnover with the plan."""
    names = dict.fromkeys(n for p in parts for n in p.moved)
    return {n: np.concatenate([p.moved.get(n, p.turnover["with"]) for p in parts]) for n in names}
