"""Which drawn inputs the odds hang on, read from the draws that are there: no further runs.

For input x and the event M (the target is met): the odds where x lies in its lowest and in its highest fifth, their
difference with its binomial error, and Wilcoxon's rank test of x between draws that meet the target and draws that miss
it, with ties (Mann and Whitney 1947; Saltelli et al. 2008, Global Sensitivity Analysis, ch. 5, Monte Carlo filtering).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.assess.odds import InputSensitivity
from birge.spec import Draw

__all__ = ["FIFTH", "Ranked", "ranked", "sensitivities"]

Floats = NDArray[np.float64]
FIFTH = 0.2


@dataclass(frozen=True)
class Ranked:
    """An input with its lowest and highest fifth (places of draws), rank [draw] with ties, and the correction for ties.

    Those are the same for every target.
    """

    input: Draw
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    rank: Floats
    tied: float


def ranked(inputs: Iterable[Draw]) -> tuple[Ranked, ...]:
    """Return every input that varies with its ranks."""
    return tuple(_ranked(x) for x in inputs if x.value.min() < x.value.max())


def _ranked(x: Draw) -> Ranked:
    n = len(x.value)
    order = np.argsort(x.value, kind="stable")
    count = max(int(FIFTH * n), 1)
    # draws in order, the numbers of those that are equal, and the middle of their places
    placed = x.value[order]
    starts = np.flatnonzero(np.concatenate([[True], placed[1:] != placed[:-1]]))
    ties = np.diff(np.append(starts, n))
    rank = np.empty(n)
    rank[order] = np.repeat(np.cumsum(ties) - (ties - 1) / 2, ties)
    tied = float((ties.astype(np.float64) ** 3 - ties).sum()) / (n * (n - 1))
    return Ranked(x, order[:count], order[-count:], rank, tied)


def sensitivities(inputs: Iterable[Ranked], met: NDArray[np.bool_]) -> tuple[InputSensitivity, ...]:
    """Return how the odds of `met` [draw] go with every input, the strongest first."""
    return tuple(sorted((_one(x, met) for x in inputs), key=lambda r: -abs(r.difference)))


def _one(r: Ranked, met: NDArray[np.bool_]) -> InputSensitivity:
    x, low, high, count = r.input, r.low, r.high, len(r.low)
    a, b = float(met[low].mean()), float(met[high].mean())
    return InputSensitivity(
        id=x.id,
        meaning=x.meaning,
        unit=x.unit,
        assumed=x.assumed,
        low=float(np.quantile(x.value[low], 0.5, method="lower")),
        high=float(np.quantile(x.value[high], 0.5, method="lower")),
        odds_low=a,
        odds_high=b,
        difference=b - a,
        se=float(np.sqrt((a * (1 - a) + b * (1 - b)) / count)),
        z=_rank_test(r, met),
    )


def _rank_test(r: Ranked, met: NDArray[np.bool_]) -> float:
    """Return the standardised rank sum of an input over draws that meet the target; 0 where all do or none does."""
    n, k = len(met), int(met.sum())
    if k in (0, n):
        return 0.0
    spread = k * (n - k) / 12 * (n + 1 - r.tied)
    return float((r.rank[met].sum() - k * (n + 1) / 2) / np.sqrt(spread))
