"""Run an assessment and read the odds of every target from the joint ensemble.

`assess(plan, draws, seed, …) → Assessment`: `Request` ─▶ `sampled` ─▶ `Ensemble` ─▶ one `Verdict` per target.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import date

import numpy as np

from birge.assess.assessment import Assessment
from birge.assess.ensemble import Counterfactual, Ensemble, Progress, Request, sampled
from birge.assess.executors import WORKERS
from birge.assess.figures import next_figure, unverified
from birge.assess.goals import Goal
from birge.assess.needed import newest
from birge.assess.odds import interval
from birge.assess.supply import supply
from birge.assess.verdicts import Reading, Verdict, verdict
from birge.errors import InputError, Problem
from birge.factbook import Factbook, Observation, mirror
from birge.factbook.growth import GrowthPart, growth_split
from birge.factbook.targets import past_targets
from birge.plan.check import effect_problems
from birge.plan.delays import delay_problems
from birge.plan.known import known as known_plan
from birge.plan.load import embedded, plan_hash
from birge.plan.scenario import Scenario
from birge.plan.schema import Plan
from birge.variables import variables

__all__ = ["assess"]

FEWEST, MOST = 100, 200_000
MOST_WORKERS = 256
GROWTH_YEARS = 4
"""Over how many years up to the newest figure growth is split."""
AHEAD_YEARS = 3
"""How far after the last known figure a date in the future may lie."""


def assess(
    plan: Plan | None = None,
    draws: int = 10_000,
    seed: int = 1,
    *,
    as_of: date | None = None,
    scenario: Scenario | None = None,
    without: Iterable[str] = (),
    delays: Mapping[str, float] | None = None,
    counterfactual: Counterfactual = "stop",
    factbook: Factbook | None = None,
    progress: Progress | None = None,
    workers: int = WORKERS,
    executor: Executor | None = None,
) -> Assessment:
    """Assess `plan` (the embedded one if None) as known on `as_of` (today if None): odds, and what is behind them.

    `without` names measures whose effects are off; their milestones stay in the network. `delays` are months by which
    measures or milestones are put off, in the same draws (`birge.plan.delays`). `counterfactual` is what the plan is
    compared with: it `stop`s on `as_of`, or it had `never` been. Blocks of 1,000 draws run on `workers` threads or on
    `executor`, with the same numbers. Raises InputError for bad options and where no figure of the pair's trade is
    known, SolveError where more than 1 % of the draws fail.
    """
    started = time.perf_counter()
    plan = plan or embedded()
    today = as_of or date.today()
    request = Request(
        plan,
        factbook or Factbook.embedded(),
        today,
        draws,
        seed,
        scenario,
        counterfactual,
        tuple(without),
        {item: float(months) for item, months in (delays or {}).items() if months != 0},
    )
    _check(request, workers)
    version, plan = plan_hash(plan), known_plan(plan, today)
    request = replace(request, plan=plan)
    tell = progress or (lambda _what, _share: None)
    made = sampled(request, tell, workers, executor)
    tell("odds", 0.9)
    known = request.book.observations(request.pair, today)
    rows = mirror(known, request.pair)
    data = newest(rows, request.pair)
    read = Reading(made, data)
    verdicts = tuple(verdict(read, i, t) for i, t in request.targets())
    head = next((v for v in verdicts if v.target.id == plan.headline), verdicts[0])
    goal, whole = made.goals[head.target.id], read.whole
    tell("done", 1.0)
    return Assessment(
        plan=plan,
        plan_hash=version,
        as_of=today,
        facts_until=request.book.facts_until(request.pair, today) or today,
        facts_hash=_facts_hash(known),
        seed=seed,
        draws=draws,
        failed_draws=len(made.failed),
        failed=dict(made.failed),
        runtime_s=time.perf_counter() - started,
        scenario=scenario.id if scenario else None,
        counterfactual=counterfactual,
        without=request.without,
        delays=dict(request.delays),
        verdicts=verdicts,
        headline=head,
        joint=made.joint,
        never=made.turnover["never"],
        dates=made.dates,
        unverified=unverified(whole, goal, whole.odds(goal)) if isinstance(goal, Goal) else {},
        next_figure=next_figure(whole, goal) if isinstance(goal, Goal) else None,
        past_targets=tuple(past_targets(known, request.pair, today)),
        mirror=tuple(rows),
        vintages={o.id: o.published for o in known},
        warnings=_warnings(whole, head, goal),
        growth=_growth(request, known),
        power=supply(whole),
    )


def _check(request: Request, workers: int) -> None:
    """Raise InputError with everything that is wrong with the options."""
    plan, draws, seed = request.plan, request.draws, request.seed
    problems = []
    if isinstance(draws, bool) or not isinstance(draws, int) or not FEWEST <= draws <= MOST:
        problems.append(Problem("--draws", "draws", f"{draws} draws", f"use {FEWEST} to {MOST:,}, such as 10000"))
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        problems.append(Problem("--seed", "seed", f"seed {seed}", "use a whole number from 0"))
    if not 1 <= workers <= MOST_WORKERS:
        problems.append(Problem("--workers", "workers", f"{workers} workers", f"use 1 to {MOST_WORKERS}"))
    if request.counterfactual not in ("stop", "never"):
        problems.append(
            Problem("--counterfactual", "counterfactual", f"{request.counterfactual!r}", "use stop or never")
        )
    known = {m.id for m in plan.measures}
    names = ", ".join(sorted(known)) or "none: the plan has no measures"
    problems += [
        Problem("--without", "measure-unknown", f"there is no measure {w!r}", f"use one of {names}")
        for w in request.without
        if w not in known
    ]
    problems += delay_problems(known_plan(plan, request.as_of), request.delays, request.as_of)
    problems += _check_dates(request)
    problems += _check_scenario(request)
    if problems:
        raise InputError(problems)


def _check_dates(request: Request) -> Iterable[Problem]:
    plan, today = request.plan, request.as_of
    if not plan.targets():
        yield Problem(plan.id, "no-targets", "the plan has no target", "add a target to an indicator")
        return
    if not request.targets():
        first = min(t.known_on for _, t in plan.targets() if t.known_on)
        yield Problem("--as-of", "no-targets", f"no target was known on {today}", f"use {first} or later")
    until = request.book.facts_until(request.pair, today)
    if until and today > date.today() and today.year > until.year + AHEAD_YEARS:
        yield Problem(
            "--as-of",
            "date-future",
            f"{today} lies in the future, {today.year - until.year} years after the last known figure ({until})",
            "use today or an earlier date",
        )


def _check_scenario(request: Request) -> Iterable[Problem]:
    if request.scenario is None:
        return
    a, b = request.pair
    crossings = {name for name, _low, _high in request.book.crossings(request.pair)}
    known = {"direction": {f"{a}-{b}", f"{b}-{a}"}, "reporter": {a, b}, "crossing": crossings}
    for n, effect in enumerate(request.scenario.effects, 1):
        for _, code, message, remedy in effect_problems((), request.scenario.id, effect, variables(), known):
            yield Problem(f"scenario {request.scenario.id}, effect {n}", code, message, remedy)


def _facts_hash(known: Iterable[Observation]) -> str:
    """Return the SHA-256 of the figures the run has read, with their vintages."""
    rows = sorted((o.id, o.value, o.unit, o.published.isoformat(), o.verified) for o in known)
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def _growth(request: Request, known: Sequence[Observation]) -> tuple[GrowthPart, ...]:
    """Return how the growth of the newest years splits."""
    rows = mirror(known, request.pair)
    if not rows:
        return ()
    last = max(r.year for r in rows)
    return growth_split(known, request.pair, last - GROWTH_YEARS, last, request.as_of)


def _warnings(made: Ensemble, head: Verdict, goal: Goal | str) -> tuple[str, ...]:
    """Return what a reader has to know before the numbers."""
    found = []
    lost = made.request.draws - made.joint.draws
    if lost:
        found.append(f"{lost} of {made.request.draws} draws failed; the range of the odds holds both ways they may go")
    if made.request.plan.headline != head.target.id:
        found.append(
            f"the plan's headline {made.request.plan.headline} was not known on {made.request.as_of}; "
            f"{head.target.id} stands in its place"
        )
    if len(made.cost) and float(np.quantile(made.cost.min(axis=1), 0.05)) < -0.15:
        found.append("all measures together cut trade costs by more than the full facilitation package (15 %)")
    if made.clipped:
        found.append(f"a bound of a driver was reached in {made.clipped} draws")
    if isinstance(goal, Goal) and made.joint.measures:
        low, high = interval(made.figure(goal) - made.figure(goal, made.request.counterfactual), 0.8)
        if low < 1 and (low, high) != (0.0, 0.0):
            acting, count = len(made.joint.measures), len(made.request.plan.measures)
            found.append(
                f"what can be modelled of the plan, {acting} of {count} measures, may add nothing: 80 % interval "
                f"{low:,.0f} to {high:,.0f} mn USD; the others are not modelled, which is not to say without effect"
            )
    return tuple(found)
