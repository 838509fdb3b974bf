"""Run the network over all draws, and say what the dates are worth.

Data flow: `network(plan, as_of)` → `draw_block` (durations given the reports) → what is put off (`delayed`) → forward
pass → `Schedule`. The draws are the same with and without a delay, so the difference is the delay and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.kernels.critical_path import critical, forward
from birge.models.schedule.draws import draw_block
from birge.models.schedule.network import Network, network
from birge.models.schedule.shared import fit
from birge.plan.schema import Plan
from birge.rng import Streams, blocks
from birge.spec import Model, World
from birge.units import date_of, month_of

__all__ = [
    "MODEL",
    "Inputs",
    "MilestoneDates",
    "Schedule",
    "dates",
    "in_plan_order",
    "middle_dates",
    "simulate",
    "sooner",
    "stopped",
    "undelayed",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Inputs:
    """The network as known on `as_of`, a month since 2000-01-01."""

    network: Network
    as_of: float


@dataclass(frozen=True)
class Schedule:
    """Finish [draw, milestone] in months since 2000-01-01 (infinity: never), with the durations behind it."""

    network: Network
    finish: Floats
    duration: Floats
    effective: float

    @cached_property
    def tenths(self) -> dict[int, Floats]:
        """Return the finishes [milestone] that 1, 5, 8 and 9 of ten draws do not pass."""
        parts = (1, 5, 8, 9)
        found = np.quantile(self.finish, [p / 10 for p in parts], axis=0, method="inverted_cdf")
        return dict(zip(parts, found, strict=True))

    @cached_property
    def criticality(self) -> Floats:
        """Return in which share of the draws each milestone lies on a critical path."""
        return np.asarray(_critical(self).mean(axis=0))


@dataclass(frozen=True)
class MilestoneDates:
    """What the draws say of one milestone; dates are None beyond any draw or where nothing is modelled."""

    id: str
    planned: date | None
    p_on_time: float | None
    p50: date | None
    p80: date | None
    criticality: float
    age_months: float | None


def simulate(net: Network, streams: Streams, draws: int) -> Schedule:
    """Return `draws` joint finishes of all milestones of `net`."""
    fitted = fit(net)
    made = [(draw_block(net, streams, b, fitted), n) for b, n in blocks(draws)]
    duration = _put_off(net, np.concatenate([m.duration[:n] for m, n in made]))
    return Schedule(net, _forward(net, duration), duration, sum(m.effective * n / len(m.duration) for m, n in made))


def sooner(schedule: Schedule, milestone: str, months: float, as_of: float) -> Floats:
    """Return finishes if `milestone` were done `months` earlier, never before `as_of` nor before it is now known.

    What is done stays; successors move through the network.
    """
    net = schedule.network
    k = net.ids.index(milestone)
    finish = schedule.finish[:, k]
    gain = np.clip(np.where(np.isfinite(finish), finish, 0.0) - as_of - INSTANT, 0.0, months)
    duration = schedule.duration.copy()
    duration[:, k] -= gain
    return _forward(net, duration)


def in_plan_order(net: Network, finish: Floats) -> Floats:
    """Return [draw, milestone] with the milestones in the order of the plan."""
    out = np.empty_like(finish)
    out[:, net.place] = finish
    return out


def stopped(finish: Floats, as_of: float) -> Floats:
    """Return `finish` where nothing that is unfinished at `as_of` ever finishes (the counterfactual `stop`)."""
    return np.where(finish <= as_of, finish, np.inf)


def dates(schedule: Schedule, as_of: float) -> list[MilestoneDates]:
    """Return on-time odds, P50, P80 and criticality of every milestone, and the age of its last report in months."""
    net = schedule.network
    rows = []
    for k, name in enumerate(net.ids):
        finish = schedule.finish[:, k]
        planned = net.planned[k]
        p50, p80 = (float(schedule.tenths[q][k]) for q in (5, 8))
        rows.append(
            MilestoneDates(
                name,
                None if np.isnan(planned) else date_of(planned),
                None if np.isnan(planned) else float((finish < planned + DAY).mean()),
                date_of(p50),
                date_of(p80),
                float(schedule.criticality[k]),
                float(as_of - net.reported[k]) if np.isfinite(net.reported[k]) else None,
            )
        )
    return rows


INSTANT = 1e-6
"""What is unfinished today cannot be done before the next instant."""
DAY = 1 / 31
"""A milestone is on time until the end of its planned day."""


def middle_dates(plan: Plan, as_of: date, draws: int = 1000, seed: int = 1) -> dict[str, date | None]:
    """Return by milestone the day that half of the draws do not pass, as known on `as_of`; None where it has none."""
    made = simulate(network(plan, as_of), Streams(seed), draws)
    return {d.id: d.p50 for d in dates(made, month_of(as_of))}


def undelayed(inputs: Inputs) -> Inputs:
    """Return the same network with nothing put off."""
    none = np.zeros(len(inputs.network.ids))
    return replace(inputs, network=replace(inputs.network, longer=none, moved=none))


def _put_off(net: Network, duration: Floats) -> Floats:
    """Return the durations with what is put off in them.

    A milestone lasts `longer`. One whose measure is moved is not done before it would have been, and the months on top:
    what its measure waits for from outside takes nothing of them away, and along a chain they count once.
    """
    if not net.longer.any() and not net.moved.any():
        return duration
    before, made = _forward(net, duration), duration.copy()
    finish = np.empty_like(before)
    for k in range(len(net.ids)):
        if not np.isnan(net.fixed[k]):
            finish[:, k] = net.fixed[k]
            continue
        start = net.start(k, finish)
        if net.moved[k]:
            begins = np.isfinite(start)
            rest = before[:, k] + net.moved[k] - np.where(begins, start, 0.0)
            made[:, k] = np.where(begins, np.maximum(duration[:, k], rest), duration[:, k])
        made[:, k] += net.longer[k]
        finish[:, k] = start + made[:, k]
    return made


def _forward(net: Network, duration: Floats) -> Floats:
    return np.asarray(forward(duration, net.earliest, net.lag, net.first, net.before, net.fixed))


def _critical(schedule: Schedule) -> NDArray[np.bool_]:
    """Return [draw, milestone]: on the path that sets the finish of some milestone that nothing waits for."""
    net = schedule.network
    ends = sorted(set(range(len(net.ids))) - set(net.before.tolist()))
    on = np.zeros(schedule.finish.shape, dtype=np.bool_)
    for goal in ends:
        on |= critical(schedule.finish, net.earliest, net.lag, net.first, net.before, net.fixed, goal)
    return on & np.isnan(net.fixed)


def setup(plan: Plan, _factbook: Any, _scenario: Any, as_of: date) -> Inputs:
    """Read the plan's network as it was known on `as_of`."""
    return Inputs(network(plan, as_of), month_of(as_of))


def _prepare(inputs: Inputs, _streams: Streams) -> Inputs:
    return inputs


def _run(inputs: Inputs, _world: World, streams: Streams) -> Mapping[str, Floats]:
    """Return the finishes of the bound block."""
    net = inputs.network
    durations = _put_off(net, draw_block(net, streams, streams.block).duration[: streams.draws])
    return {"schedule.finish": in_plan_order(net, _forward(net, durations))}


MODEL: Model[Inputs, Inputs] = Model(
    id="schedule",
    inputs=Inputs,
    reads=(),
    writes=("schedule.finish",),
    setup=setup,
    prepare=_prepare,
    run=_run,
)
