"""Draw the finish of every milestone and condition it on what was reported.

A duration is PERT(low, mode, high; λ = 4) × the factor of its kind of work × shared factors of its owner and its
side, plus the months of discrete risks. The last report says "not finished by r", so every draw must have T > r:
`TRIES` own durations are drawn, the first that satisfies it is taken, and whole draws are then resampled in
proportion to the share of tries that did. That restores the joint law of shared factors and predecessors (the
estimated weight is unbiased: Andrieu and Roberts 2009; sequential resampling: Gordon, Salmond and Smith 1993).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.errors import SolveError
from birge.models.schedule.network import Network
from birge.plan.distribution import sample
from birge.plan.schema import Duration, Risk
from birge.rng import BLOCK, Streams

__all__ = ["CLASSES", "SHARED_SIGMA", "TRIES", "Block", "ClassFactor", "draw_block", "duration_of"]

Floats = NDArray[np.float64]
TRIES = 64
SHARED_SIGMA = 0.15
"""Log standard deviation of the factor shared by an owner's milestones, and of a side's: assumed."""


@dataclass(frozen=True)
class ClassFactor:
    """How far durations of a kind of work run over: lognormal with `median` and `sigma`, with its evidence."""

    median: float
    sigma: float
    evidence: str
    assumed: bool = True


LOCAL = (
    "direction from Almaty-Bishkek road (7.2 years from appraisal to completion) and customs modernisation "
    "(8.2 years); 8.5 % of large projects are on cost and time (Flyvbjerg and Gardner 2023); size assumed"
)
CLASSES = {
    "building": ClassFactor(1.35, 0.35, LOCAL),
    "procurement": ClassFactor(1.25, 0.35, "no durations of this kind found; assumed"),
    "ratification": ClassFactor(1.15, 0.35, "15 months for the complex and for the alliance treaty; spread assumed"),
    "system": ClassFactor(1.25, 0.35, "no durations of this kind found; assumed"),
    "document": ClassFactor(1.15, 0.30, "no durations of this kind found; assumed"),
    "event": ClassFactor(1.00, 0.05, "events are held near their date or not at all; assumed"),
}


@dataclass(frozen=True)
class Block:
    """One block of draws: `duration` [draw, milestone] in months, and the effective number of draws."""

    duration: Floats
    effective: float


def draw_block(net: Network, streams: Streams, block: int) -> Block:
    """Draw the durations of one block of 1,000; fixed and unmodelled milestones have duration 0.

    Raises SolveError where no draw can satisfy a report, naming the milestone.
    """
    rng = {k: streams.at(f"schedule/{name}", block) for k, name in enumerate(net.ids)}
    shared = _shared(net, streams, block)
    duration = np.zeros((BLOCK, len(net.ids)))
    finish = np.empty((BLOCK, len(net.ids)))
    weight = np.ones(BLOCK)
    for k in range(len(net.ids)):
        if not np.isnan(net.fixed[k]):
            finish[:, k] = net.fixed[k]
            continue
        before = net.before[net.first[k] : net.first[k + 1]]
        start = np.full(BLOCK, net.earliest[k])
        if len(before):
            start = np.maximum(start, finish[:, before].max(axis=1) + net.lag[k])
        heard = bool(np.isfinite(net.reported[k]))
        own = _own(net, k, rng[k], TRIES if heard else 1) * shared[k][:, None] + _delay(net, k, streams, block)[:, None]
        pick = np.zeros(BLOCK, dtype=np.int64)
        if heard:
            ok = start[:, None] + own > net.reported[k]
            pick = ok.argmax(axis=1)
            weight *= ok.mean(axis=1)
            if not weight.any():
                raise SolveError(f"no draw of {net.ids[k]} lasts until its last report", TRIES, float("nan"))
        duration[:, k] = own[np.arange(BLOCK), pick]
        finish[:, k] = start + duration[:, k]
    return Block(duration[_resampled(weight, streams, block)], float(weight.sum() ** 2 / (weight**2).sum()))


def duration_of(net: Network, k: int) -> Duration | None:
    """Return the three-point duration of milestone k: as given, else around the planned date, else None.

    Without a duration the months from its start (at the latest known end of what it waits for) to the planned date
    are the mode, 0.8 of them the low and 1.6 the high value: assumed.
    """
    given = net.durations[k]
    if given is not None or np.isnan(net.planned[k]):
        return given
    before = net.before[net.first[k] : net.first[k + 1]]
    known = [net.earliest[k], *net.planned[before], *net.fixed[before]]
    start = max((x for x in known if np.isfinite(x)), default=net.planned[k] - 1)
    mode = max(float(net.planned[k] - start), 0.5)
    return Duration(low=0.8 * mode, mode=mode, high=1.6 * mode)


def _own(net: Network, k: int, rng: np.random.Generator, tries: int) -> Floats:
    """Return [draw, try]: the milestone's own duration, before shared factors; infinity if not modelled."""
    d = duration_of(net, k)
    if d is None:
        return np.full((BLOCK, tries), np.inf)
    factor = CLASSES[d.work]
    shape = (BLOCK, tries)
    if d.high > d.low:
        a, b = 1 + 4 * (d.mode - d.low) / (d.high - d.low), 1 + 4 * (d.high - d.mode) / (d.high - d.low)
        base = d.low + (d.high - d.low) * rng.beta(a, b, shape)
    else:
        base = np.full(shape, d.mode)
    return base * (factor.median * np.exp(factor.sigma * rng.standard_normal(shape)))


def _shared(net: Network, streams: Streams, block: int) -> list[Floats]:
    """Return the factor shared with the other milestones of the same owner and side, by milestone."""
    made: dict[str, Floats] = {"": np.ones(BLOCK)}
    for name in {*(f"owner/{o}" for o in net.owners if o), *(f"side/{s}" for s in net.sides if s)}:
        made[name] = np.exp(SHARED_SIGMA * streams.at(f"schedule/{name}", block).standard_normal(BLOCK))
    return [
        made[f"owner/{o}" if o else ""] * made[f"side/{s}" if s else ""]
        for o, s in zip(net.owners, net.sides, strict=True)
    ]


def _delay(net: Network, k: int, streams: Streams, block: int) -> Floats:
    """Return the months that discrete risks add to milestone k."""
    total = np.zeros(BLOCK)
    for risk in net.risks:
        if risk.milestone == net.ids[k]:
            total += _risk(risk, streams.at(f"schedule/risk/{risk.id}", block))
    return total


def _risk(risk: Risk, rng: np.random.Generator) -> Floats:
    """Return the delay of one risk: it strikes again after each strike, `repeats` times at most."""
    strikes = np.cumprod(rng.random((BLOCK, risk.repeats)) < risk.probability, axis=1)
    return np.asarray((strikes * np.maximum(sample(risk.delay_months, rng, (BLOCK, risk.repeats)), 0.0)).sum(axis=1))


def _resampled(weight: Floats, streams: Streams, block: int) -> NDArray[np.int64]:
    """Return the draws to keep: all of them with equal weights, else systematic resampling in random order."""
    if (weight == weight[0]).all():
        return np.arange(BLOCK)
    rng = streams.at("schedule/resample", block)
    place = (rng.random() + np.arange(BLOCK)) / BLOCK
    chosen = np.searchsorted(np.cumsum(weight) / weight.sum(), place).clip(max=BLOCK - 1)
    return np.asarray(rng.permutation(chosen), dtype=np.int64)
