"""When to keep water and when to let it go: stochastic dual dynamic programming by month (Pereira and Pinto 1991).

State, in this order: volume of each reservoir, credit of the exchange contract, anomaly of the inflow. Each month is a
programme of `stage.py`, whose cost to come is a maximum of cuts.

Data flow: `train(system, cases, Setup) → Policy`:
  1. twelve months of the last year in a circle (`circle.py`) give the value of what is left after the horizon;
  2. the months of the horizon get cuts at states spread over the whole range, backward, once;
  3. sweeps: forward along a drawn river, backward over the states it met, until the gap on the way is small.
`Policy.bound` is a lower bound on the expected cost of the convex model with that value at its end (risk neutral);
`simulate.py` runs the policy and measures its cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.models.power.case import Case
from birge.models.power.circle import Rounds, cuts_at, settle, spread
from birge.models.power.dispatch import Cut
from birge.models.power.inflow import noise_values, step
from birge.models.power.stage import Cuts, Risk, Stage, stage
from birge.models.power.system import System
from birge.rng import Streams

__all__ = ["Policy", "Setup", "Stage", "train", "water_values"]

Floats = NDArray[np.float64]
FIRST = 4
"""The horizon begins with cuts at one state for this many of the circle: sweeps go where states are needed."""
LOOKED = 20
"""Sweeps over which the gap on the way is averaged, and between which cuts are selected."""


@dataclass(frozen=True)
class Setup:
    """How a policy is made.

    `circle` states stand for each month after the horizon, `tail` months are gone back over at most, until the shape
    moves by less than the share `still` in a year. At most `sweeps` sweeps; they end when the mean gap on the way is
    below `close` of the bound. `caution` (0 to 1) weighs the mean of the worst outcomes (parameter `cvar-share`).
    `seconds` bounds each solve of a programme; one that reaches it is an error. `after` is the year that repeats after
    the horizon, the last case if it is left out.
    """

    start: Mapping[str, float]
    start_month: int = 0
    credit: float = 0.0
    anomaly: float = 0.0
    outcomes: int = 6
    circle: int = 80
    tail: int = 480
    still: float = 0.002
    sweeps: int = 400
    close: float = 0.006
    discount: float = 0.06
    caution: float = 0.0
    terminal: bool = True
    seed: int = 1
    seconds: float = float("inf")
    after: Case | None = None


@dataclass(frozen=True)
class Policy:
    """A trained policy: months of the horizon, the circle after it, the lower bound by sweep (mn USD)."""

    system: System
    setup: Setup
    horizon: tuple[Stage, ...]
    circle: tuple[Stage, ...]
    bounds: tuple[float, ...]
    rounds: Rounds

    @property
    def bound(self) -> float:
        """Lower bound on the expected cost of the horizon and what follows, mn USD; risk-averse with caution."""
        return self.bounds[-1]

    @property
    def first(self) -> Floats:
        """State before the first month."""
        return _first(self.setup, self.horizon[0].case)

    def cuts(self, month: int) -> list[Cut]:
        """Return the cuts on cost after calendar `month` (0-11) in the circle, at a usual inflow."""
        at = next(s for s in self.circle if s.month == month)
        names = at.case.reservoirs
        return [
            (float(level), dict(zip(names, map(float, slope), strict=False)), float(slope[len(names)]))
            for level, slope in zip(at.cuts.level, at.cuts.slope, strict=True)
        ]


def train(system: System, cases: Sequence[Case], setup: Setup) -> Policy:
    """Return the policy for `cases`, one per month from `setup.start_month` on; the last one repeats for ever after."""
    _check(system, cases, setup)
    beta = (1 + setup.discount) ** (-1 / 12)
    after = (setup.start_month + len(cases)) % 12
    circle, rounds = (
        _circle(system, setup.after or cases[-1], setup, after, beta) if setup.terminal else ((), Rounds(0, 0.0))
    )
    horizon = tuple(
        _stage(system, c, (setup.start_month + k) % 12, beta, setup, setup.outcomes) for k, c in enumerate(cases)
    )
    if circle:
        horizon[-1].add(circle[-1].cuts)
    else:
        horizon[-1].end()
    states = [spread(system, s.case, max(setup.circle // FIRST, 2), s.month) for s in horizon]
    for k in range(len(horizon) - 1, 0, -1):
        horizon[k - 1].add(cuts_at(horizon[k], states[k])[1])
    bounds = _sweeps(horizon, setup, states)
    return Policy(system, setup, horizon, circle, tuple(bounds), rounds)


def water_values(policy: Policy, volumes: Sequence[float], reservoir: int = 0) -> Floats:
    """Return the value of water (mn USD/km3) at the end of each month of the circle, [month, volume].

    It is the mean over half a km3 on both sides, since cuts have corners. Other reservoirs stand at their first volume,
    credit and anomaly at 0.
    """
    found = np.zeros((12, len(volumes)))
    for at in policy.circle:
        name = at.case.reservoirs[reservoir]
        r = next(x for x in policy.system.reservoirs if x.id == name)
        ends = [np.clip(np.array(volumes) + side, r.stop_km3, r.full_km3) for side in (-0.5, 0.5)]
        base = np.tile(_first(policy.setup, at.case), (len(volumes), 1))
        base[:, len(at.case.reservoirs) :] = 0.0
        costs = []
        for volume in ends:
            base[:, reservoir] = volume
            costs.append(at.cuts.at(base).max(axis=0))
        found[at.month] = (costs[0] - costs[1]) / (ends[1] - ends[0])
    return found


def _stage(system: System, case: Case, month: int, beta: float, setup: Setup, outcomes: int) -> Stage:
    risk = Risk(setup.caution, system.parameters["cvar-share"].mode)
    return stage(system, case, month, beta, outcomes, risk, setup.seconds)


def _first(setup: Setup, case: Case) -> Floats:
    return np.array([*(setup.start[n] for n in case.reservoirs), setup.credit if case.swap else 0.0, setup.anomaly])


def _circle(system: System, case: Case, setup: Setup, after: int, beta: float) -> tuple[tuple[Stage, ...], Rounds]:
    """Return the twelve months that follow the horizon for ever, and how their rounds ended."""
    months = [(after + k) % 12 for k in range(12)]
    states = [spread(system, case, setup.circle, m) for m in months]
    size = states[0].shape[1]
    last, left, done = Cuts(np.zeros(1), np.zeros((1, size))), setup.tail // 12, 0
    # Two outcomes keep the variance and cost a quarter; all outcomes go on from where they end.
    for outcomes in dict.fromkeys((min(2, setup.outcomes), setup.outcomes)):
        circle = tuple(_stage(system, case, m, beta, setup, outcomes) for m in months)
        circle[-1].add(last)
        share = left if outcomes == setup.outcomes else left - min(left // 2, 12)
        found = settle(circle, states, share, setup.still, beta)
        last, left, done = circle[-1].cuts, left - found.done, done + found.done
    return circle, Rounds(done, found.moved)


def _sweeps(horizon: Sequence[Stage], setup: Setup, states: Sequence[Floats]) -> list[float]:
    """Sweep the horizon; return the bound after each sweep."""
    rng = Streams(setup.seed).at("power/policy")
    met = [list(s) for s in states]
    bounds: list[float] = []
    gaps: list[float] = []
    for n in range(setup.sweeps):
        path, told = _forward(horizon, _first(setup, horizon[0].case), setup, rng)
        gap = 0.0
        for k in range(len(horizon) - 1, 0, -1):
            value, cut = cuts_at(horizon[k], path[k][None])
            horizon[k - 1].add(cut)
            met[k].append(path[k])
            gap += horizon[0].factor ** k * (float(value[0]) - told[k])
        # Cuts that were left out are still true of the cost: the best bound so far is one.
        bounds.append(max([horizon[0].expected(path[0])[0], *bounds[-1:]]))
        gaps.append(gap)
        if (n + 1) % LOOKED == 0:
            if np.mean(gaps[-LOOKED:]) <= setup.close * abs(bounds[-1]):
                break
            for k in range(1, len(horizon)):
                horizon[k - 1].select(np.stack(met[k]))
    return bounds


def _forward(
    horizon: Sequence[Stage], first: Floats, setup: Setup, rng: np.random.Generator
) -> tuple[list[Floats], list[float]]:
    """Return the states before each month along one drawn river, and the cost to come that was expected there."""
    states, told = [first], [0.0]
    noise = noise_values(setup.outcomes)
    for at in horizon[:-1]:
        s = at.solve(states[-1], float(step(at.river, at.month, float(states[-1][-1]), rng.choice(noise))))
        states.append(at.after(s))
        told.append(float(s.value[at.future]))
    return states, told


def _check(system: System, cases: Sequence[Case], setup: Setup) -> None:
    problems = []
    if not cases:
        problems.append(Problem("months", "empty", "no month", "write at least one"))
    if setup.tail < 12 or setup.outcomes < 1 or setup.sweeps < 1:
        problems.append(Problem("policy", "setup", "tail, outcomes or sweeps too small", "at least 12, 1 and 1"))
    if not 0 <= setup.caution <= 1:
        problems.append(Problem("caution", "share", f"{setup.caution:g}", "write a share from 0 to 1"))
    for r in system.reservoirs:
        if cases and r.id in cases[0].reservoirs and not r.stop_km3 <= setup.start.get(r.id, -1) <= r.full_km3:
            message = f"{setup.start.get(r.id)} km3 in {r.id}"
            problems.append(Problem("storage", "volume", message, f"from {r.stop_km3:g} to {r.full_km3:g} km3"))
    if problems:
        raise InputError(problems)
