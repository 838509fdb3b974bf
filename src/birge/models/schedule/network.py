"""The plan's milestones as an activity network, as known on a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from birge.plan.due import last_status
from birge.plan.schema import Duration, Milestone, Plan, Risk, State
from birge.units import month_of

__all__ = ["Network", "delayed", "network"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Network:
    """Milestones in topological order; times in months since 2000-01-01, NaN where not known.

    `place` is each milestone's place in the plan. `fixed` is the finish of what is done, infinity for what was
    stopped; `reported` the date of the last report that says "not finished", -inf without one. `longer` and `moved` are
    months that a milestone is put off: by itself, and with its whole measure (`delayed`).
    """

    ids: tuple[str, ...]
    place: Ints
    planned: Floats
    fixed: Floats
    earliest: Floats
    reported: Floats
    lag: Floats
    first: Ints
    before: Ints
    durations: tuple[Duration | None, ...]
    owners: tuple[str | None, ...]
    sides: tuple[str | None, ...]
    risks: tuple[Risk, ...]
    longer: Floats
    moved: Floats

    def start(self, k: int, finish: Floats) -> Floats:
        """Return the start [draw] of milestone k, where those before it have the `finish` [draw, milestone]."""
        before = self.before[self.first[k] : self.first[k + 1]]
        start = np.full(len(finish), self.earliest[k])
        return np.maximum(start, finish[:, before].max(axis=1) + self.lag[k]) if len(before) else start


def network(plan: Plan, as_of: date) -> Network:
    """Return the network of `plan` with only the reports that were known on `as_of`."""
    steps = _sorted(plan.milestones())
    index = {m.id: k for k, m in enumerate(steps)}
    where = {m.id: k for k, m in enumerate(plan.milestones())}
    begin = month_of(date(plan.start, 1, 1))
    fixed, earliest, reported = [], [], []
    for m in steps:
        last = last_status(m.status, as_of)
        state = last.state if last else None
        done = (last.finished or last.reported) if last and state is State.DONE else None
        fixed.append(month_of(done) if done else np.inf if state is State.STOPPED else np.nan)
        earliest.append(month_of(m.start) if m.start else -np.inf if m.after else begin)
        reported.append(month_of(last.reported) if last and done is None else -np.inf)
    before = [[index[a] for a in m.after] for m in steps]
    return Network(
        ids=tuple(m.id for m in steps),
        place=np.array([where[m.id] for m in steps], dtype=np.int64),
        planned=np.array([month_of(m.planned) if m.planned else np.nan for m in steps]),
        fixed=np.array(fixed, dtype=np.float64),
        earliest=np.array(earliest, dtype=np.float64),
        reported=np.array(reported, dtype=np.float64),
        lag=np.array([m.lag_months for m in steps], dtype=np.float64),
        first=np.cumsum([0, *(len(b) for b in before)]).astype(np.int64),
        before=np.array([j for b in before for j in b], dtype=np.int64),
        durations=tuple(m.duration for m in steps),
        owners=tuple(m.owner for m in steps),
        sides=tuple(m.side for m in steps),
        risks=plan.risks,
        longer=np.zeros(len(steps)),
        moved=np.zeros(len(steps)),
    )


def delayed(net: Network, plan: Plan, delays: Mapping[str, float]) -> Network:
    """Return `net` with milestones, or all milestones of a measure, put off by months (`birge.plan.delays`)."""
    longer, moved = net.longer.copy(), net.moved.copy()
    index = {name: k for k, name in enumerate(net.ids)}
    measures = {m.id: [index[s.id] for s in m.milestones] for m in plan.measures}
    for item, months in delays.items():
        if item in measures:
            moved[measures[item]] += months
        else:
            longer[index[item]] += months
    return replace(net, longer=longer, moved=moved)


def _sorted(steps: tuple[Milestone, ...]) -> list[Milestone]:
    """Order milestones so that each comes after those it waits for; the plan's order breaks ties."""
    by_id = {m.id: m for m in steps}
    seen: dict[str, Milestone] = {}

    def visit(m: Milestone) -> None:
        if m.id not in seen:
            for other in m.after:
                visit(by_id[other])
            seen[m.id] = m

    for m in steps:
        visit(m)
    return list(seen.values())
