"""Which drawn inputs the odds hang on, read from the draws that are there: no further runs.

For input x and the event M (the target is met): the odds where x lies in its lowest and in its highest fifth, their
difference with its binomial error, and Wilcoxon's rank test of x between draws that meet the target and draws that miss
it, with ties (Mann and Whitney 1947; Saltelli et al. 2008, Global Sensitivity Analysis, ch. 5, Monte Carlo filtering).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from birge.assess.odds import InputSensitivity
from birge.spec import Draw

__all__ = ["FIFTH", "sensitivities"]

Floats = NDArray[np.float64]
FIFTH = 0.2


def sensitivities(inputs: Iterable[Draw], met: NDArray[np.bool_]) -> tuple[InputSensitivity, ...]:
    """Return how the odds of `met` [draw] go with every input that varies, the strongest first."""
    rows = [_one(x, met) for x in inputs if x.value.min() < x.value.max()]
    return tuple(sorted(rows, key=lambda r: -abs(r.difference)))


def _one(x: Draw, met: NDArray[np.bool_]) -> InputSensitivity:
    order = np.argsort(x.value, kind="stable")
    count = max(int(FIFTH * len(met)), 1)
    low, high = order[:count], order[-count:]
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
        z=_rank_test(x.value, met),
    )


def _rank_test(value: Floats, met: NDArray[np.bool_]) -> float:
    """Return the standardised rank sum of `value` over draws that meet the target; 0 where all do or none does."""
    n, k = len(met), int(met.sum())
    if k in (0, n):
        return 0.0
    _, place, ties = np.unique(value, return_inverse=True, return_counts=True)
    rank = (np.cumsum(ties) - (ties - 1) / 2)[place]
    tied = float((ties.astype(np.float64) ** 3 - ties).sum()) / (n * (n - 1))
    spread = k * (n - k) / 12 * (n + 1 - tied)
    return float((rank[met].sum() - k * (n + 1) / 2) / np.sqrt(spread))
