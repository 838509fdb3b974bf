"""How long work takes: reference classes, the size of shared factors, and durations nobody stated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv

from birge.models.schedule.network import Network
from birge.plan.schema import Duration

__all__ = ["BINS", "CLASSES", "SHARED_SIGMA", "ClassFactor", "PertBins", "duration_of", "pert_bins", "pert_shape"]

Floats = NDArray[np.float64]
BINS = 64

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


@dataclass(frozen=True)
class PertBins:
    """A PERT distribution cut into bins of equal width: middle value and mass of each, and the way to draw in one."""

    duration: Duration
    middle: Floats
    mass: Floats
    edges: Floats

    def within(self, pick: NDArray[np.int64], u: Floats) -> Floats:
        """Return PERT values in the bins `pick`, at the shares `u` of their mass."""
        d = self.duration
        if d.high == d.low:
            return np.full(len(u), d.mode)
        level = self.edges[pick] + u * self.mass[pick]
        value = d.low + (d.high - d.low) * betaincinv(*pert_shape(d), level)
        half = (d.high - d.low) / BINS / 2
        return np.asarray(np.clip(value, self.middle[pick] - half, self.middle[pick] + half))


def pert_shape(d: Duration) -> tuple[float, float]:
    """Return the two shapes of the beta behind PERT(low, mode, high), λ = 4."""
    width = d.high - d.low
    return 1 + 4 * (d.mode - d.low) / width, 1 + 4 * (d.high - d.mode) / width


def pert_bins(d: Duration) -> PertBins:
    """Return `d` in `BINS` bins, in one if it is a single number."""
    if d.high == d.low:
        return PertBins(d, np.array([d.mode]), np.ones(1), np.zeros(1))
    x = np.linspace(0.0, 1.0, BINS + 1)
    edges = betainc(*pert_shape(d), x)
    return PertBins(d, d.low + (d.high - d.low) * (x[1:] + x[:-1]) / 2, np.diff(edges), edges[:-1])
