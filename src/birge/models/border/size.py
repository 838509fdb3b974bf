"""The cheapest crossing for an asked service, and what waiting costs on the way there.

    design, asked P90 in a share of weeks ─▶ analytic start ─▶ add where it helps most per USD until it is met
      ─▶ take away what is not needed, exchange one for another (paired by common random numbers)
      ─▶ check the cheapest contenders in order of cost, each with a stated error, on runs that no search has seen

The operator's cost is known exactly for every design, so the choice rests on which designs meet the service: with
chance 1 - `error` every contender is judged rightly, up to `tolerance` in the share of weeks. The search itself finds
local optima: no step of one decision, and no exchange of one for another that was tried, is cheaper and enough. A
budget does not enter the search for the cheapest: where that costs more, the answer gives it beside the closest design
within the budget. Shifts of 0 servers are opened together where they begin together; what hours without any server cost
in waiting is told by a run with one server in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.models.border.closed import closed_hours, opened
from birge.models.border.decisions import Decision, decided, decisions, shift_of, values
from birge.models.border.design import Design
from birge.models.border.feasible import Verdict, check
from birge.models.border.sizing import Binding, Closed, Demand, Option, Sizing, Vector
from birge.models.border.start import start
from birge.models.border.tried import Asked, Bench, Tried, demanded

__all__ = ["size"]

Progress = Callable[[str, float], None]
CONTENDERS = 5
"""How many of the cheapest designs that may meet the service are checked."""
WATCHED = 8
"""Of how many decisions the answer says what one step more or less does."""
EXCHANGES = 3
"""How many stations an exchange may strengthen: those with the longest waits."""


def size(
    design: Design,
    asked: Asked,
    *,
    regime: str = "normal",
    only: tuple[str, ...] = (),
    budget: float | None = None,
    demand: tuple[float, ...] = (),
    seed: int = 1,
    replications: int = 2,
    error: float = 0.05,
    tolerance: float = 0.02,
    progress: Progress | None = None,
) -> Sizing:
    """Return the cheapest design for the asked service; deterministic by seed.

    `only` names stations and pools that may change; `budget` (USD a year) bounds the operator's cost; `demand` lists
    levels of arrivals at which it is sized again. Raises InputError where nothing can be decided.
    """
    free = decisions(design, only)
    known = {*(s.id for s in design.stations), *(p.id for p in design.staff)}
    if unknown := [name for name in only if name not in known]:
        raise InputError(
            [
                Problem("--only", "unknown-station", f"there is no {n!r}", f"use: {', '.join(sorted(known))}")
                for n in unknown
            ]
        )
    if not free:
        raise InputError.at("--only", "no-decision", "nothing of these can be decided", "name stations with servers")
    search = _Search(Bench(design, free, asked, regime, seed), replications, progress)
    now = search.try_(values(design, free))
    found = search.run(start(design, free, asked, regime))
    chosen, verdict, judged = _select(search, found, error, tolerance)
    best = chosen or min(search.bench.known.values(), key=lambda t: (search.distance(t), t.usd_year))
    beyond = None
    if budget is not None and best.usd_year > budget:
        beyond, chosen, verdict = chosen, None, None
        best = search.within(budget, best)
    option = search.option
    others = tuple(
        _again(design, free, asked, regime, level, best.chosen, (seed, replications, budget)) for level in demand
    )
    closed = _closed(search, best)
    search.tell(1.0)
    return Sizing(
        design,
        asked,
        regime,
        free,
        option(now),
        option(chosen) if chosen else None,
        verdict,
        option(best),
        tuple(option(t) for t in search.curve()),
        tuple(_binding(search, best)),
        others,
        error,
        tolerance,
        judged,
        search.bench.runs,
        seed,
        budget,
        option(beyond) if beyond else None,
        closed,
    )


class _Search:
    """The paired local search over vectors of decisions."""

    def __init__(self, bench: Bench, replications: int, progress: Progress | None) -> None:
        self.bench, self.replications, self.progress = bench, replications, progress
        self.free, self.asked = bench.free, bench.asked

    def tell(self, share: float) -> None:
        if self.progress is not None:
            self.progress("designs tried", share)

    def try_(self, chosen: Vector) -> Tried:
        found = self.bench.tried(chosen, self.replications)
        n = len(self.bench.known)
        self.tell(n / (n + 3.0 * len(self.free)))
        return found

    def moved(self, chosen: Vector, k: int, steps: int) -> Vector | None:
        """Return the vector with decision `k` moved by steps; None where its limits end."""
        d = self.free[k]
        value = chosen[k] + steps * d.step
        # what stands below its least step already may not go further down, and likewise above
        if not d.least <= value <= d.most:
            return None
        return (*chosen[:k], value, *chosen[k + 1 :])

    def run(self, start: Vector) -> Tried:
        """Return the cheapest vector found that meets the service, or the best where none does."""
        at = self._up(self.try_(start))
        if not at.meets(self.asked):
            return at
        while True:
            better = self._down(at) or self._exchanged(at)
            if better is None:
                return at
            at = better

    def within(self, budget: float, at: Tried) -> Tried:
        """Return the closest to the service within the budget, from `at` down; the cheapest of all where none is."""
        while at.usd_year > budget:
            cost = self.bench.cost
            idle = reversed(self.waiting(at))
            fewer = [v for k in idle if (v := self.moved(at.chosen, k, -1)) is not None and cost(v) < at.usd_year]
            if not fewer:
                return at
            at = min((self.try_(v) for v in fewer[:WATCHED]), key=partial(self._gain, b=at))
        return self._up(at, budget)

    def _up(self, at: Tried, budget: float = np.inf) -> Tried:
        while not at.meets(self.asked):
            moves = [v for k in self.waiting(at) if (v := self.moved(at.chosen, k, 1)) is not None]
            moves = [*moves[: 2 * EXCHANGES], *self.opened(at.chosen)]
            tried = [self.try_(v) for v in moves if self.bench.cost(v) <= budget]
            if not tried:
                return at
            best = max(tried, key=lambda t: self._gain(at, t))
            if self._gain(at, best) <= 0:
                # nothing helps alone: strengthen all that wait at once
                together = at.chosen
                for k in self.waiting(at)[:EXCHANGES]:
                    together = self.moved(together, k, 1) or together
                if together == at.chosen or self.bench.cost(together) > budget:
                    return at
                best = self.try_(together)
            at = best
        return at

    def opened(self, chosen: Vector) -> list[Vector]:
        """Return the vectors with shifts of nobody opened: those that begin at the same time, and all of them."""
        groups: dict[tuple[object, ...], set[int]] = {}
        for k, d in enumerate(self.free):
            if d.kind != "places" and chosen[k] == 0:
                s = shift_of(self.bench.design, d)
                groups.setdefault((s.start, s.hours, s.days), set()).add(k)
        ways = [*groups.values(), set().union(*groups.values())] if len(groups) > 1 else list(groups.values())
        return [tuple(1 if k in way else n for k, n in enumerate(chosen)) for way in ways]

    def _gain(self, a: Tried, b: Tried) -> float:
        """Return how much closer to the service `b` is than `a`, for each USD more."""
        closer = self.distance(a) - self.distance(b)
        return closer / max(b.usd_year - a.usd_year, 1.0)

    def distance(self, t: Tried) -> float:
        late = max(0.0, self.asked.in_share - t.share) + 0.1 * max(0.0, t.p90_h / self.asked.p90_wait_h - 1.0)
        return late + max(0.0, t.stays_away - self.asked.lost)

    def _down(self, at: Tried) -> Tried | None:
        """Take away the dearest that is not needed."""
        cheaper = [v for k in range(len(self.free)) if (v := self.moved(at.chosen, k, -1)) is not None]
        cost = self.bench.cost
        for v in sorted(cheaper, key=cost):
            if cost(v) < at.usd_year:
                found = self.try_(v)
                if found.meets(self.asked):
                    return found
        return None

    def _exchanged(self, at: Tried) -> Tried | None:
        """Give one up and strengthen another for less money."""
        ups = [k for k in self.waiting(at)[:EXCHANGES] if self.moved(at.chosen, k, 1) is not None]
        for k in range(len(self.free)):
            down = self.moved(at.chosen, k, -1)
            for up in ups:
                v = self.moved(down, up, 1) if down is not None and up != k else None
                if v is not None and self.bench.cost(v) < at.usd_year:
                    found = self.try_(v)
                    if found.meets(self.asked):
                        return found
        return None

    def waiting(self, t: Tried) -> list[int]:
        """Return the decisions in order of the hours that trucks wait at what they concern, longest first."""
        assert t.station_wait is not None
        hours = dict(zip([s.id for s in self.bench.design.stations], t.station_wait, strict=True))
        for p in self.bench.design.staff:
            hours[p.id] = sum(hours[s.id] for s in self.bench.design.stations if s.staff == p.id)
        # a lane that is blocked waits for the next station: what binds may stand behind the longest queue
        order = {s.id: k for k, s in enumerate(self.bench.design.stations)}
        after = {name: max([hours[n] for n, k in order.items() if k == order[name] - 1] or [0.0]) for name in order}
        return sorted(
            range(len(self.free)), key=lambda k: -(hours[self.free[k].of] + 0.5 * after.get(self.free[k].of, 0.0))
        )

    def curve(self) -> list[Tried]:
        """Return what was tried and is neither dearer nor slower than another, by cost."""
        found: list[Tried] = []
        for t in sorted(self.bench.known.values(), key=lambda t: (t.usd_year, t.p90_h)):
            if t.stays_away <= self.asked.lost and (not found or t.p90_h < found[-1].p90_h):
                found.append(t)
        return found

    def option(self, t: Tried) -> Option:
        """Return it as a result."""
        low, high = self.bench.design.costs.truck_hour_usd
        hours = t.truck_hours_year
        return Option(t.chosen, t.usd_year, t.p90_h, t.share, t.stays_away, hours, (hours * low, hours * high))


def _select(search: _Search, found: Tried, error: float, tolerance: float) -> tuple[Tried | None, Verdict | None, int]:
    """Return the cheapest contender that is judged to meet the service, with its verdict, and how many were judged."""
    asked, width = search.asked, len(search.bench.design.streams)
    near = [
        t
        for t in search.bench.known.values()
        if t.share >= asked.in_share - 2 * tolerance and t.stays_away <= asked.lost and t.usd_year <= found.usd_year
    ]
    near = sorted(near, key=lambda t: t.usd_year)[-CONTENDERS:]
    # what is judged last is clearly enough: the cheapest that meets it with room
    sure = [t for t in search.bench.known.values() if t.meets(asked) and t.usd_year > found.usd_year]
    near += sorted(sure, key=lambda t: t.usd_year)[:2]
    each = error / max(1, len(near) * width)
    for n, t in enumerate(near):
        said = [_judged(search, t, d, tolerance, each) for d in range(width)]
        if all(v.met for v in said):
            return t, min(said, key=lambda v: v.mean), n + 1
    return None, None, len(near)


def _judged(search: _Search, t: Tried, stream: int, tolerance: float, error: float) -> Verdict:
    def shares(first: int, count: int) -> NDArray[np.float64]:
        return np.array([s[stream] for s in search.bench.apart(t.chosen, first + count)[first:]])

    return check(shares, search.asked.in_share, tolerance, error)


def _binding(search: _Search, at: Tried) -> Iterator[Binding]:
    """Say of the decisions where trucks wait longest what one step does, in order of what a step up saves."""
    rows = []
    for k in search.waiting(at)[:WATCHED]:
        d = search.free[k]
        up, down = search.moved(at.chosen, k, 1), search.moved(at.chosen, k, -1)
        more = search.try_(up) if up is not None else None
        less = search.try_(down) if down is not None else None
        step = (more.usd_year - at.usd_year) if more else (at.usd_year - less.usd_year) if less else 0.0
        better, worse = (t.p90_h if t is not None else None for t in (more, less))
        rows.append(Binding(d, at.chosen[k], better, worse, step))
    yield from sorted(rows, key=lambda b: b.more_p90_h if b.more_p90_h is not None else np.inf)


def _again(
    design: Design,
    free: tuple[Decision, ...],
    asked: Asked,
    regime: str,
    level: float,
    start: Vector,
    how: tuple[int, int, float | None],
) -> Demand:
    """Size at another demand, from the chosen design on; the search alone, without the check."""
    seed, replications, budget = how
    search = _Search(Bench(demanded(design, level), free, asked, regime, seed), replications, None)
    kept = search.try_(start)
    found = search.run(start)
    enough = found.meets(asked) and (budget is None or found.usd_year <= budget)
    return Demand(level, search.option(kept), search.option(found) if enough else None)


def _closed(search: _Search, at: Tried) -> Closed | None:
    """Return what it would bring to have one server where and when `at` has none; None where it never closes."""
    bench = search.bench
    made = decided(bench.design, bench.free, at.chosen)
    hours = closed_hours(made)
    if not hours:
        return None
    always = Bench(opened(made), (), bench.asked, bench.regime.id, bench.seed).tried((), search.replications)
    return Closed(hours, always.p90_h, always.share, always.usd_year - at.usd_year)
