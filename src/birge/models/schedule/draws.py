"""Draw the finish of every milestone and condition it on what was reported.

A duration is PERT(low, mode, high; λ = 4) × the factor of its kind of work × shared factors of its owner and its
side, plus the months of discrete risks. The last report says "not finished by r", so every draw must have T > r.
Given the rest, the PERT value is drawn with more draws where lasting that long is likelier, the factor of the kind of
work from its tail beyond r, however far out, and the draw is weighted by the probability that this leaves out. Shared
factors come from a normal fitted to what the reports say of them (`birge.models.schedule.shared`), weighted back to
their prior. Draws are then resampled by weight (Rubin 1988), separately in groups of milestones that are independent
of each other, so that a report moves only what it says something about.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri_exp

from birge.models.schedule.factors import CLASSES, SHARED_SIGMA, duration_of, pert_bins, pert_shape
from birge.models.schedule.network import Network
from birge.models.schedule.shared import Shared, fit
from birge.plan.distribution import sample
from birge.plan.schema import Risk
from birge.rng import BLOCK, Streams

__all__ = ["Block", "draw_block"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """One block of draws: `duration` [draw, milestone] in months, and the effective number in its worst group."""

    duration: Floats
    effective: float


def draw_block(net: Network, streams: Streams, block: int, fitted: Shared | None = None) -> Block:
    """Draw the durations of one block of 1,000; fixed milestones have duration 0, unmodelled ones infinity.

    `fitted` is `fit(net)`, which is the same for all blocks.
    """
    fitted = fitted or fit(net)
    shared, group_weight = _shared(net, fitted, streams, block)
    duration = np.zeros((BLOCK, len(net.ids)))
    finish = np.empty((BLOCK, len(net.ids)))
    for k, name in enumerate(net.ids):
        if not np.isnan(net.fixed[k]):
            finish[:, k] = net.fixed[k]
            continue
        start = net.start(k, finish)
        rng, delay = streams.at(f"schedule/{name}", block), _delay(net, k, streams, block)
        if np.isfinite(net.reported[k]):
            rest = net.reported[k] - start
            own, tail = _tail(net, k, rng, rest - delay, shared[:, k])
            group_weight[fitted.group[k]] += tail
            # rounding must not carry a draw from the tail back to the report
            duration[:, k] = np.maximum(own + delay, rest + 1e-9)
        else:
            duration[:, k] = _own(net, k, rng) * np.exp(shared[:, k]) + delay
        finish[:, k] = start + duration[:, k]
    effective = float(BLOCK)
    for g, logs in sorted(group_weight.items()):
        weight = np.exp(logs - logs.max())
        members = np.flatnonzero(fitted.group == g)
        kept = _resampled(weight, streams.at(f"schedule/resample/{min(net.ids[k] for k in members)}", block))
        duration[:, members] = duration[np.ix_(kept, members)]
        effective = min(effective, float(weight.sum() ** 2 / (weight**2).sum()))
    return Block(duration, effective)


def _own(net: Network, k: int, rng: np.random.Generator) -> Floats:
    """Return the milestone's own durations, before shared factors; infinity if not modelled."""
    d = duration_of(net, k)
    if d is None:
        return np.full(BLOCK, np.inf)
    factor = CLASSES[d.work]
    base = d.low + (d.high - d.low) * rng.beta(*pert_shape(d), BLOCK) if d.high > d.low else np.full(BLOCK, d.mode)
    return base * (factor.median * np.exp(factor.sigma * rng.standard_normal(BLOCK)))


def _tail(net: Network, k: int, rng: np.random.Generator, beyond: Floats, shared: Floats) -> tuple[Floats, Floats]:
    """Return durations that exceed `beyond`, and the log of their weights.

    PERT values come from bins of equal width, chosen by mass × survival at the middle; within a bin by its own law.
    """
    d = duration_of(net, k)
    if d is None:
        return np.full(BLOCK, np.inf), np.zeros(BLOCK)
    factor, bins = CLASSES[d.work], pert_bins(d)
    with np.errstate(divide="ignore"):
        bound = np.log(np.maximum(beyond, 0.0)) - np.log(factor.median) - shared
        share = np.log(bins.mass) + log_ndtr((np.log(bins.middle) - bound[:, None]) / factor.sigma)
    top = share.max(axis=1, keepdims=True)
    steps = np.exp(share - top).cumsum(axis=1)
    total = top[:, 0] + np.log(steps[:, -1])
    pick = (steps > rng.random((BLOCK, 1)) * steps[:, -1:]).argmax(axis=1)
    base = np.log(bins.within(pick, rng.random(BLOCK)))
    survival = log_ndtr((base - bound) / factor.sigma)
    above = -ndtri_exp(np.log1p(-rng.random(BLOCK)) + survival)
    own = np.exp(base + np.log(factor.median) + shared + factor.sigma * above)
    return own, survival + total - share[np.arange(BLOCK), pick] + np.log(bins.mass[pick])


def _shared(net: Network, fitted: Shared, streams: Streams, block: int) -> tuple[Floats, dict[int, Floats]]:
    """Return the log of the shared factors [draw, milestone], and the log weight of each group that has a report."""
    normal = np.empty((BLOCK, len(fitted.names)))
    for f, name in enumerate(fitted.names):
        normal[:, f] = streams.at(f"schedule/{name}", block).standard_normal(BLOCK)
    value = fitted.mean + normal @ fitted.root.T
    weight = {}
    for g in sorted(set(fitted.group[np.isfinite(net.reported) & np.isnan(net.fixed)].tolist())):
        its = fitted.factor_group == g
        weight[g] = 0.5 * ((normal[:, its] ** 2).sum(axis=1) - ((value[:, its] / SHARED_SIGMA) ** 2).sum(axis=1))
    return value @ fitted.loads.T, weight


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


def _resampled(weight: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the draws to keep by systematic resampling; a draw that survives keeps its place."""
    if (weight == weight[0]).all():
        return np.arange(BLOCK)
    order = rng.permutation(BLOCK)
    edges = np.cumsum(weight[order])
    place = (rng.random() + np.arange(BLOCK)) / BLOCK * edges[-1]
    count = np.zeros(BLOCK, dtype=np.int64)
    np.add.at(count, order[np.searchsorted(edges, place).clip(max=BLOCK - 1)], 1)
    kept = np.arange(BLOCK)
    kept[count == 0] = rng.permutation(np.repeat(np.arange(BLOCK), np.maximum(count - 1, 0)))
    return kept
