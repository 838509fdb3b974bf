"""What a policy says to who asks whether the lights stay on: odds, missing power, purchases, the value of water.

Data flow: `Question` → `answer(system, question, economies) → Answer`, which `reading.py` turns into plain numbers:
  1. a quick policy gives the volumes that are met, which set the yields (the head) month by month; where the policy is
     to know the head, a second one, and power is linear in volume and release around what it meets;
  2. the policy is trained, its cost measured against the bound, its paths simulated;
  3. the same paths at the yield of the moment say what the head leaves that no bound covers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.models.power.case import Case, case, case_problems, too_early
from birge.models.power.policy import Policy, Setup, train
from birge.models.power.simulate import Measured, Simulation, measure, simulate
from birge.models.power.system import System
from birge.rng import Streams

__all__ = ["Answer", "Head", "Question", "answer", "cases_of", "head_of", "headed", "policy_of", "question_problems"]

Floats = NDArray[np.float64]
QUICK = {"outcomes": 2, "circle": 24, "tail": 96, "sweeps": 20}
"""How the policy is trained whose volumes set the head."""
HEAD_PAIRS = 100
"""Pairs of paths, at least, on which the head is measured: of 20, its standard error is 0.9 % of the cost of a year."""
HEADED = 2
"""How often: a policy that sees the head keeps more water, around which power is then linear."""


@dataclass(frozen=True)
class Question:
    """What is asked: `months` from January of `year`, with the volume (km3) of the lowest reservoir at its start.

    `together`: the cost of both sides counts, else that of the side with the water. `price` of irrigation water that is
    missing in mn USD/km3 (0: not counted). `built`: milestones, and zones that open, by the year and month (from 0)
    from which they work. `head`: the policy knows that a fuller reservoir makes more of the same water.
    """

    year: int
    months: int = 36
    regime: str = "swap"
    hydrology: str = "mean"
    volume: float | None = None
    caution: float = 0.0
    price: float = 0.0
    together: bool = True
    built: Mapping[str, tuple[int, int]] | None = None
    seed: int = 1
    pairs: int = 100
    blocks: int = 4
    outcomes: int = 4
    circle: int = 48
    close: float = 0.0
    head: bool = False


@dataclass(frozen=True)
class Head:
    """What the yield of the moment adds to the cost, as a share of the horizon's own, with its standard error.

    Measured on `paths` pairs of paths with the same rivers, one with either yield; the water that is left at the end
    counts at what the policy says it is worth, since a path with less power draws more of it down.
    """

    adds: float
    error: float
    paths: int


@dataclass(frozen=True)
class Answer:
    """A policy that was trained, what it costs (None with caution, where no bound speaks of it), and its paths.

    `head`: what the yield of the moment adds to the cost. `levels` (km3, rising): those at which plants are said to
    stop; the model lets the volume fall to the first of them.
    """

    question: Question
    policy: Policy
    cost: Measured | None
    run: Simulation
    head: Head
    levels: tuple[float, ...]

    @property
    def system(self) -> System:
        """System with the head at the volumes that are met."""
        return self.policy.system


def answer(system: System, question: Question, economies: tuple[str, ...]) -> Answer:
    """Return the answer for the side with the water, or for `economies` together; raises InputError for what is odd."""
    known, policy = system.lowest(), policy_of(system, question, economies)
    cost = measure(policy, 30, Streams(question.seed)) if not question.caution else None
    whole = simulate(policy, max(question.pairs, HEAD_PAIRS), Streams(question.seed))
    true = simulate(policy, max(question.pairs, HEAD_PAIRS), Streams(question.seed), true_head=True)
    head = head_of(whole, true)
    run = whole.first(2 * question.pairs)
    levels = sorted({known.stop_low_km3, known.stop_km3, known.stop_high_km3})
    return Answer(question, policy, cost, run, head, tuple(levels))


def head_of(usual: Simulation, true: Simulation) -> Head:
    """Return what the yield of the moment adds on the paths of two runs over the same rivers."""
    own = usual.own.sum(axis=1).mean()
    added = (true.cost - usual.cost).reshape(-1, 2).mean(axis=1) / own
    return Head(float(added.mean()), float(added.std(ddof=1) / np.sqrt(len(added))), 2 * len(added))


def policy_of(system: System, question: Question, economies: tuple[str, ...]) -> Policy:
    """Return the policy of `answer`: its volume may fall to the lowest level that is said to stop plants."""
    floor = tuple(replace(r, stop_km3=min(r.stop_km3, r.stop_low_km3)) for r in system.reservoirs)
    system = replace(system, reservoirs=floor)
    cases = cases_of(system, question, economies)
    low = system.lowest()
    held = [r for r in system.reservoirs if r.id in cases[0].reservoirs]
    start = {r.id: r.stop_km3 if r.milestone else r.start_km3 for r in held}
    start[low.id] = low.start_km3 if question.volume is None else question.volume
    # Where thermal plants of both sides are counted, water decides over a small part of the cost.
    close = question.close or (0.001 if question.together else 0.006)
    setup = Setup(
        start,
        outcomes=question.outcomes,
        circle=question.circle,
        close=close,
        discount=system.parameters["discount"].mode,
        caution=question.caution,
        seed=question.seed,
        # What works in the last December works ever after, with usual rivers.
        after=cases[-1].at(inflow=1.0, online={k: np.full(12, v[-1]) for k, v in cases[-1].online.items()}),
    )
    for _ in range(HEADED if question.head else 1):
        quick = train(system, cases, replace(setup, **QUICK))  # type: ignore[arg-type]
        system = headed(system, simulate(quick, 20, Streams(question.seed)), question.head)
    return train(system, cases, setup)


def cases_of(system: System, question: Question, economies: tuple[str, ...]) -> list[Case]:
    """Return the case of every month that is asked about."""
    built = dict(question.built or {})
    if problems := question_problems(system, question):
        raise InputError(problems)
    members = economies if question.together else (system.home().economy,)
    water = dict.fromkeys(system.irrigated(), question.price)
    made = []
    for k in range(0, question.months, 12):
        year = question.year + k // 12
        of = case(
            system,
            year,
            question.regime,
            members=members,
            hydrology=question.hydrology,
            milestones=tuple(built),
            blocks=question.blocks,
        )
        waits = {p.id: p.milestone for p in system.projects} | {r.id: r.milestone for r in system.reservoirs}
        online = dict(of.online) | {x: _from(built[m], year) for x, m in waits.items() if m in built}
        of = of.at(online=online, water=water if question.price else {})
        opened = {z.id: built[z.id] for z in system.zones if z.id in built and z.node in of.nodes}
        made += [
            of.at(zones=(*of.zones, *(z for z, begin in opened.items() if (year, m) >= begin)))
            for m in range(min(12, question.months - k))
        ]
    return made


def question_problems(system: System | None, q: Question) -> list[Problem]:
    """Return everything that is wrong with a question; without a system what can be said without one."""
    problems = case_problems(system, q.year, q.regime, q.hydrology, q.blocks)
    if not q.together and q.regime == "free":
        message = "with the cost of one side alone no line is open"
        problems.append(
            Problem("regime", "alone", message, "count both sides (no --alone), or take isolated, purchases or swap")
        )
    if not 1 <= q.months <= 120:
        problems.append(Problem("months", "range", f"{q.months} months", "write 1 to 120"))
    if system is None:
        return problems
    known = {p.milestone for p in system.projects} | {r.milestone for r in system.reservoirs if r.milestone}
    known |= {z.id for z in system.zones if z.first_year}
    for name in q.built or {}:
        if name not in known:
            problems.append(Problem("built", "milestone-unknown", f"{name!r}", f"one of {', '.join(sorted(known))}"))
    problems += too_early(system, "built", {name: begin[0] for name, begin in (q.built or {}).items()})
    r = system.lowest()
    least = min(r.stop_km3, r.stop_low_km3)
    if q.volume is not None and not least <= q.volume <= r.full_km3:
        told = f"from {least:g} to {r.full_km3:g} km3; {least:g} is the lowest level that is said to stop plants"
        problems.append(Problem("storage", "volume", f"{q.volume:g} km3 in {r.id}", told))
    return problems


def headed(system: System, run: Simulation, seen: bool = True) -> System:
    """Return `system` with the usual volume of each month, which sets the yield, at the mean of what `run` meets.

    `seen`: power is linear in volume and release around both means, so that the policy knows what a fuller reservoir
    makes; one above the lowest of its river is at the yield of its mean volume. A reservoir whose yield does not depend
    on its volume stays as it is.
    """
    rivers, above = dict(system.rivers), dict(system.usual)
    for name, volume in run.volume.items():
        r = next(x for x in system.reservoirs if x.id == name)
        if r.yield_slope:
            months = range(min(12, volume.shape[1] - 1))
            usual, release = system.usual_km3(r).copy(), np.zeros(12)
            for m in months:
                usual[m] = volume[:, :-1][:, m::12].mean()
                release[m] = run.turbined[name][:, m::12].mean() if seen else 0.0
            if name in rivers:
                rivers[name] = replace(rivers[name], usual_km3=usual, release_km3=release)
            else:
                above[name] = usual
    return replace(system, rivers=rivers, usual=above)


def _from(begin: tuple[int, int], year: int) -> Floats:
    """Return the share of each month of `year` in which what begins at (year, month from 0) works."""
    return np.array([float((year, m) >= begin) for m in range(12)])
