"""What the reports say of the factors that milestones of an owner, and of a side, share.

A report "not finished by r" has probability P(own > r - start) given the shared factors, so their posterior is their
normal prior times one survival function per report. It is log-concave but for the PERT; a normal at its mode, a little
wider than its curvature (`WIDER`), is where they are drawn, and weights make up the difference. Starts enter at the
median path here: this decides only how many draws count, never their law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, logsumexp

from birge.models.schedule.factors import CLASSES, SHARED_SIGMA, duration_of, pert_bins
from birge.models.schedule.network import Network

__all__ = ["WIDER", "Shared", "fit"]

Floats = NDArray[np.float64]
WIDER = 1.15
STEP = 1e-4


@dataclass(frozen=True)
class Shared:
    """Factors by name: `loads` [milestone, factor], where they are drawn (mean + root · normal), and who is tied.

    Milestones with the same number in `group` share factors or a report that depends on both; groups are independent.
    """

    names: tuple[str, ...]
    loads: Floats
    mean: Floats
    root: Floats
    group: NDArray[np.int64]
    factor_group: NDArray[np.int64]


@dataclass(frozen=True)
class _Report:
    """One report: log months beyond the start, log PERT values × class median and their mass, log sd, loads."""

    bound: float
    centre: Floats
    mass: Floats
    sigma: float
    load: Floats

    def log_survival(self, x: Floats | float) -> Floats:
        """Return log P(not finished) where the log of the shared factors is `x`."""
        z = (self.centre + np.asarray(x)[..., None] - self.bound) / self.sigma
        return np.asarray(logsumexp(log_ndtr(z), b=self.mass, axis=-1))


def fit(net: Network) -> Shared:
    """Return the shared factors of `net` and the normal they are drawn from."""
    pairs = [
        [f"{kind}/{x}" for kind, x in (("owner", o), ("side", s)) if x]
        for o, s in zip(net.owners, net.sides, strict=True)
    ]
    names = tuple(sorted({n for p in pairs for n in p}))
    loads = np.array([[float(n in p) for n in names] for p in pairs]).reshape(len(pairs), len(names))
    group = _groups(net, pairs)
    owner = [int(group[loads[:, f].argmax()]) for f in range(len(names))]
    reports = [r for r in _reports(net, loads) if r.load.any()]
    mean, precision = np.zeros(len(names)), np.eye(len(names)) / SHARED_SIGMA**2
    for _ in range(50):
        slope, bend = _derivatives(reports, mean)
        precision = np.diag(np.full(len(names), SHARED_SIGMA**-2)) - bend
        change = np.linalg.solve(precision, slope - mean / SHARED_SIGMA**2)
        mean = mean + change * min(1.0, SHARED_SIGMA / max(float(np.abs(change).max(initial=0.0)), 1e-12))
        if np.abs(change).max(initial=0.0) < 1e-9:
            break
    root = np.eye(len(names)) * SHARED_SIGMA
    told = np.flatnonzero([any(r.load[f] for r in reports) for f in range(len(names))])
    if len(told):
        root[np.ix_(told, told)] = WIDER * np.linalg.cholesky(np.linalg.inv(precision[np.ix_(told, told)]))
    return Shared(names, loads, mean, root, group, np.array(owner, dtype=np.int64))


def _derivatives(reports: list[_Report], mean: Floats) -> tuple[Floats, Floats]:
    """Return the gradient and the curvature (never positive) of the reports' log probability."""
    slope, bend = np.zeros(len(mean)), np.zeros((len(mean), len(mean)))
    for r in reports:
        down, here, up = r.log_survival(float(r.load @ mean) + np.array([-STEP, 0.0, STEP]))
        slope += r.load * (up - down) / (2 * STEP)
        bend += np.outer(r.load, r.load) * min((up - 2 * here + down) / STEP**2, 0.0)
    return slope, bend


def _reports(net: Network, loads: Floats) -> list[_Report]:
    """Return the reports that tell something, with starts on the path of median durations."""
    finish = np.empty(len(net.ids))
    found = []
    for k in range(len(net.ids)):
        before = net.before[net.first[k] : net.first[k + 1]]
        start = max([net.earliest[k], *(finish[before] + net.lag[k])])
        d = duration_of(net, k)
        if not np.isnan(net.fixed[k]) or d is None:
            finish[k] = np.inf if np.isnan(net.fixed[k]) else net.fixed[k]
            continue
        bins, factor = pert_bins(d), CLASSES[d.work]
        finish[k] = max(start + float(bins.middle @ bins.mass) * factor.median, net.reported[k])
        if start < net.reported[k] < np.inf:
            bound, centre = np.log(net.reported[k] - start), np.log(bins.middle * factor.median)
            found.append(_Report(float(bound), centre, bins.mass, factor.sigma, loads[k]))
    return found


def _groups(net: Network, pairs: list[list[str]]) -> NDArray[np.int64]:
    """Number the milestones so that those tied by a shared factor or by a report downstream have the same number."""
    group = list(range(len(net.ids)))

    def tie(i: int, j: int) -> None:
        old, new = group[j], group[i]
        if old != new:
            group[:] = [new if x == old else x for x in group]

    first: dict[str, int] = {}
    for k, pair in enumerate(pairs):
        for name in pair:
            tie(first.setdefault(name, k), k)
    for k in np.flatnonzero(np.isfinite(net.reported) & np.isnan(net.fixed)).tolist():
        waiting, seen = [k], {k}
        while waiting:
            i = waiting.pop()
            for j in net.before[net.first[i] : net.first[i + 1]].tolist():
                if j not in seen and np.isnan(net.fixed[j]):
                    seen.add(j)
                    waiting.append(j)
                    tie(k, j)
    return np.array(group, dtype=np.int64)
