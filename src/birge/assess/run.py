"""Run an assessment and read the odds of every target from the joint ensemble."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from birge.assess.assessment import Assessment, MilestoneOdds, NextFigure, Verdict
from birge.assess.ensemble import Ensemble, Progress, sampled
from birge.assess.joint import Joint
from birge.assess.odds import TargetOdds, interval, measure_shares, needed, smoothed_gain
from birge.assess.shapley import Game
from birge.errors import InputError, Problem
from birge.factbook import Factbook, MirrorYear, Observation, mirror
from birge.factbook.targets import past_targets
from birge.models import outlook, schedule
from birge.models.outlook.evidence import REVISION
from birge.plan.known import known as known_plan
from birge.plan.load import embedded, plan_hash
from birge.plan.scenario import Scenario
from birge.plan.schema import Indicator, Plan, Settlement, Target
from birge.rng import Streams
from birge.units import month_of

__all__ = ["assess"]

Floats = NDArray[np.float64]
MOST = 1_000_000
MOVES = 0.05
"""An unverified figure is named if the headline's odds move by more than this without it."""
CHECKED_YEARS = 3
"""How many of the newest years of figures are checked for that."""
SMALL = 2_000


def assess(
    plan: Plan | None = None,
    draws: int = 10_000,
    seed: int = 1,
    *,
    as_of: date | None = None,
    scenario: Scenario | None = None,
    without: Collection[str] = (),
    factbook: Factbook | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """Assess `plan` (the embedded one if None) as known on `as_of` (today if None): odds, and what is behind them.

    `without` names measures whose effects are off; their milestones stay in the network. Raises InputError for bad
    options and where no figure of the pair's trade is known.
    """
    started = time.perf_counter()
    plan = plan or embedded()
    _check_options(plan, draws, seed, without)
    today = as_of or date.today()
    version, plan = plan_hash(plan), known_plan(plan, today)
    book = factbook or Factbook.embedded()
    tell = progress or (lambda _what, _share: None)
    made = _without(sampled(plan, book, scenario, today, seed, draws, tell), without)
    pair = (plan.parties[0].code, plan.parties[1].code)
    known = book.observations(pair, today)
    newest = _newest(made, mirror(known, pair))
    verdicts = []
    for number, (indicator, target) in enumerate(_known_targets(plan, today)):
        tell("odds", 0.6 + 0.3 * number / max(len(plan.targets()), 1))
        verdicts.append(_verdict(made, indicator, target, newest))
    if not verdicts:
        raise InputError.at(plan.id, "no-targets", f"no target was known on {today}", "assess a later --as-of")
    tell("figures", 0.9)
    head = next((v for v in verdicts if v.target.id == plan.headline), verdicts[0])
    return Assessment(
        plan=plan,
        plan_hash=version,
        as_of=today,
        facts_until=book.facts_until(pair, today) or today,
        seed=seed,
        draws=draws,
        failed_draws=int(made.failed.sum()),
        runtime_s=time.perf_counter() - started,
        scenario=scenario.id if scenario else None,
        counterfactual="stop",
        verdicts=tuple(verdicts),
        headline=head,
        joint=made.joint,
        dates=made.dates,
        unverified=_unverified(made, head.target, known),
        next_figure=_next_figure(made, head.target),
        past_targets=tuple(past_targets(known, pair, today)),
        mirror=tuple(mirror(known, pair)),
        warnings=_warnings(made, head),
    )


def _check_options(plan: Plan, draws: int, seed: int, without: Collection[str]) -> None:
    problems = []
    if not 100 <= draws <= MOST:
        problems.append(Problem("--draws", "draws", f"{draws} draws", f"use 100 to {MOST:,}, such as 10000"))
    if seed < 0:
        problems.append(Problem("--seed", "seed", f"seed {seed}", "use a number from 0"))
    known = {m.id for m in plan.measures}
    problems += [
        Problem(
            "--without",
            "measure-unknown",
            f"there is no measure {w!r}",
            f"use one of {', '.join(sorted(known)) or 'none'}",
        )
        for w in without
        if w not in known
    ]
    if not plan.targets():
        problems.append(Problem(plan.id, "no-targets", "the plan has no target", "add a target to an indicator"))
    if problems:
        raise InputError(problems)


def _known_targets(plan: Plan, today: date) -> list[tuple[Indicator, Target]]:
    return [(i, t) for i, t in plan.targets() if t.known_on is None or t.known_on <= today]


def _without(made: Ensemble, names: Collection[str]) -> Ensemble:
    """Return the ensemble with the steps of `names` switched off."""
    if not names:
        return made
    on = np.array([m not in names for m in made.joint.measures], dtype=np.float64)[None, :, None, None]
    j = made.joint
    return replace(made, joint=replace(j, log=j.log * on, new=j.new * on, recorded=j.recorded * on))


@dataclass(frozen=True)
class _Goal:
    """A target on turnover, after its settlement rule: draws are scaled, the threshold is rounded."""

    year: int
    basis: str
    value: float
    scale: Floats

    def game(self, joint: Joint) -> Game:
        game = joint.game(self.year, self.basis, self.value)
        return replace(
            game,
            base=game.base * self.scale[:, None],
            new=game.new * self.scale[:, None, None],
            fixed=game.fixed * self.scale,
        )


def _goal(made: Ensemble, indicator: Indicator, target: Target) -> _Goal | str:
    """Return the goal, or the reason why the target is not modelled."""
    s: Settlement = target.settlement
    if indicator.kind == "observed":
        return "observed only"
    if indicator.variable != "trade.flow":
        return f"no model writes {indicator.variable}"
    if indicator.select:
        return "only turnover over both directions is modelled"
    if target.basis not in made.joint.reporters:
        return "the target does not say whose statistics count"
    if target.year not in made.joint.years:
        return f"{target.year} is not in the years {made.joint.years[0]}-{made.joint.years[-1]} that are open"
    if s.prices == "real":
        return "no deflator: only nominal targets are modelled"
    if s.electricity == "out":
        return "electricity is not separated from other goods yet"
    value = target.value - (0.5 * 10.0**-s.decimals if s.decimals is not None else 0.0)
    draws = made.joint.draws
    scale = np.ones(draws)
    if s.release == "first_release":
        blocks = [made.streams.at("assess/revision", b).normal(*REVISION, 1_000) for b in range(draws // 1_000 + 1)]
        scale = np.exp(-np.concatenate(blocks)[:draws])
    return _Goal(target.year, target.basis, value, scale)


def _verdict(made: Ensemble, indicator: Indicator, target: Target, newest: dict[str, tuple[int, float]]) -> Verdict:
    if indicator.kind == "milestone":
        return _milestone_verdict(made, indicator, target)
    goal = _goal(made, indicator, target)
    if isinstance(goal, str):
        return Verdict(_unmodelled(indicator, target, goal), (), (), None)
    game = goal.game(made.joint)
    off = np.zeros(len(made.joint.measures), dtype=np.bool_)
    full, base = game.turnover(~off), game.turnover(off)
    odds = {
        n: float((goal.game(made.variant(n)).turnover(~off) >= goal.value).mean())
        for n in outlook.variants(made.outlook)
    }
    y, r = made.joint.years.index(goal.year), made.joint.reporters.index(goal.basis)
    last = made.outlook.inputs.last_data(goal.basis)
    bad = made.failed
    row = TargetOdds(
        id=target.id,
        indicator=indicator.id,
        basis=target.basis,
        year=target.year,
        value=target.value,
        odds_with=float((full >= goal.value).mean()),
        odds_without=float((base >= goal.value).mean()),
        odds_never=float((made.never[:, y, r] * goal.scale >= goal.value).mean()),
        odds_range=(
            min(*odds.values(), float(((full >= goal.value) & ~bad).mean())),
            max(*odds.values(), float(((full >= goal.value) | bad).mean())),
        ),
        variants=odds,
        counterfactual="stop",
        median=float(np.median(full)),
        interval50=interval(full, 0.5),
        interval80=interval(full, 0.8),
        interval95=interval(full, 0.95),
        shortfall_median=float(np.median(np.maximum(goal.value - full, 0.0))),
        simulation_error=float(np.sqrt(np.mean(full >= goal.value) * np.mean(full < goal.value) / len(full))),
        projected_from=last if last is not None and last < made.joint.years[0] else None,
    )
    assumed = {m.id: any(e.assumed for e in m.effects) for m in made.plan.measures}
    acting = {m.id for m in made.plan.measures if m.effects}
    shares = measure_shares(made.joint, game, assumed, made.streams)
    return Verdict(
        row,
        tuple(s for s in shares if s.id == "not-the-plan" or s.id in acting),
        tuple(_milestones(made, goal, full)),
        needed(game, newest.get(goal.basis), goal.year),
    )


def _unmodelled(indicator: Indicator, target: Target, reason: str) -> TargetOdds:
    return TargetOdds(target.id, indicator.id, target.basis, target.year, target.value, reason=reason)


def _milestone_verdict(made: Ensemble, indicator: Indicator, target: Target) -> Verdict:
    """Return the odds that a milestone is done by the end of the target's year."""
    net = made.dates.network
    if target.milestone not in net.ids:
        return Verdict(_unmodelled(indicator, target, "the target names no milestone"), (), (), None)
    finish = made.dates.finish[:, net.ids.index(target.milestone)]
    deadline = month_of(date(target.year + 1, 1, 1))
    met = float((finish < deadline).mean())
    stop = float((schedule.stopped(finish, made.as_of) < deadline).mean())
    row = replace(
        _unmodelled(indicator, target, ""),
        odds_with=met,
        odds_without=stop,
        odds_never=0.0,
        odds_range=(met, met),
        simulation_error=float(np.sqrt(met * (1 - met) / len(finish))),
        reason=None,
    )
    rows = []
    for d in schedule.dates(made.dates, made.as_of):
        gain = None
        if np.isnan(net.fixed[net.ids.index(d.id)]) and d.p50:
            after = schedule.sooner(made.dates, d.id, 1.0, made.as_of)[:, net.ids.index(target.milestone)]
            gain = float((after < deadline).mean()) - met
        rows.append(MilestoneOdds(d.id, d.planned, d.p_on_time, d.p50, d.p80, d.criticality, gain, _why(d)))
    return Verdict(row, (), tuple(rows), None)


def _milestones(made: Ensemble, goal: _Goal, full: Floats) -> list[MilestoneOdds]:
    """Return every milestone with the odds of `goal` that one month is worth."""
    net = made.dates.network
    on = np.ones(len(made.joint.measures), dtype=np.bool_)
    rows = []
    for d in schedule.dates(made.dates, made.as_of):
        gain = None
        if np.isnan(net.fixed[net.ids.index(d.id)]) and d.p50:
            moved = made.moved(d.id, 1.0)
            if moved is not made.joint:
                gain = smoothed_gain(full, goal.game(moved).turnover(on), goal.value, full)
        rows.append(MilestoneOdds(d.id, d.planned, d.p_on_time, d.p50, d.p80, d.criticality, gain, _why(d)))
    return rows


def _why(d: schedule.MilestoneDates) -> str | None:
    return None if d.p50 else "no date and no duration, or stopped"


def _newest(made: Ensemble, rows: Iterable[MirrorYear]) -> dict[str, tuple[int, float]]:
    """Return the newest full-year figure by basis, published or else compiled."""
    found: dict[str, tuple[int, float]] = {}
    for row in rows:
        for k, code in enumerate(made.joint.reporters):
            value = row.published[k] if row.published[k] is not None else row.compiled[k]
            if value is not None:
                found[code] = (row.year, value)
    return found


def _unverified(made: Ensemble, head: TargetOdds, known: Iterable[Observation]) -> dict[str, float]:
    """Return the headline's odds without each unverified figure of the newest years that moves them enough."""
    if head.basis is None or head.odds_with is None:
        return {}
    inputs = made.outlook.inputs
    small = replace(inputs, particles=SMALL)
    doubtful = {o.id for o in known if o.verified != "official"}
    streams = Streams(made.streams.seed, 0, 1_000)
    y, r = made.joint.years.index(head.year), made.joint.reporters.index(head.basis)

    def odds(of: outlook.Inputs) -> float:
        flows = outlook.paths(outlook.posterior(replace(of, end=inputs.end), streams), streams)
        at = of.years.index(head.year)
        return float((flows[:, at, :, r].sum(axis=1) * lift >= head.value).mean())

    n = min(1_000, made.joint.draws)
    lift = np.ones(1_000)
    lift[:n] = (made.joint.turnover()[:n, y, r] / _bare(made)[:n, y, r])[:n]
    base = odds(small)
    moved = {}
    for e in inputs.evidence:
        if e.year > inputs.evidence[-1].year - CHECKED_YEARS and set(e.ids) & doubtful:
            rest = outlook.without(small, frozenset(e.ids))
            if rest is not None and abs(change := odds(rest) - base) > MOVES:
                moved[" + ".join(e.ids)] = float(np.clip(head.odds_with + change, 0.0, 1.0))
    return moved


def _bare(made: Ensemble) -> Floats:
    """Return turnover [draw, year, reporter] of the outlook alone."""
    return np.asarray((made.joint.base / made.joint.kept).sum(axis=2))


def _next_figure(made: Ensemble, head: TargetOdds) -> NextFigure | None:
    """Return the next full-year figure that would move the headline's odds most, by its lowest and highest fifth."""
    if head.basis is None or head.odds_with is None:
        return None
    turnover = made.joint.turnover()
    met = turnover[:, made.joint.years.index(head.year), made.joint.reporters.index(head.basis)] >= head.value
    best = None
    for r, code in enumerate(made.joint.reporters):
        last = made.outlook.inputs.last_data(code)
        year = (last or made.joint.years[0]) + 1
        if year not in made.joint.years or year >= head.year:
            continue
        x = turnover[:, made.joint.years.index(year), r]
        low, high = np.quantile(x, [0.2, 0.8])
        row = NextFigure(code, year, float(low), float(high), float(met[x <= low].mean()), float(met[x >= high].mean()))
        if best is None or row.odds_high - row.odds_low > best.odds_high - best.odds_low:
            best = row
    return best


def _warnings(made: Ensemble, head: Verdict) -> tuple[str, ...]:
    """Return what a reader has to know before the numbers."""
    found = []
    if made.failed.mean() > 0.01:
        found.append(f"{made.failed.sum()} of {made.joint.draws} draws failed")
    if len(made.costs) and float(np.quantile(made.costs.min(axis=1), 0.05)) < -0.15:
        found.append("all measures together cut trade costs by more than the full facilitation package (15 %)")
    if made.clipped:
        found.append(f"a bound of a driver was reached in {made.clipped} draws")
    if head.target.odds_with is not None and head.target.basis:
        y, r = made.joint.years.index(head.target.year), made.joint.reporters.index(head.target.basis)
        low, high = interval(made.joint.turnover()[:, y, r] - made.joint.turnover(plan=False)[:, y, r], 0.8)
        if low < 1 and (low, high) != (0.0, 0.0):
            found.append(f"the whole plan may add nothing: 80 % interval {low:,.0f} to {high:,.0f} mn USD")
    return tuple(found)
