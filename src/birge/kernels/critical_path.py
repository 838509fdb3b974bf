"""Forward and backward pass of an activity network, for many draws at once.

    start[d, k]  = max(earliest[k], max over predecessors j of finish[d, j] + lag[k])
    finish[d, k] = fixed[k] if it is known, else start[d, k] + duration[d, k]

=========  ==========================================================  ==========
symbol     meaning                                                     unit
=========  ==========================================================  ==========
duration   [draw, k] durations, k in topological order                 months
earliest   [k] earliest start, -inf if none                            months
lag        [k] wait after the last predecessor                         months
first,     predecessors of k are before[first[k]:first[k + 1]]         index
before
fixed      [k] known finish, NaN where it is not known                 months
=========  ==========================================================  ==========

Kelley and Walker (1959), Critical-Path Planning and Scheduling.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["critical", "forward"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def forward(duration: Floats, earliest: Floats, lag: Floats, first: Ints, before: Ints, fixed: Floats) -> Floats:
    """Return finish [draw, k]."""
    draws, count = duration.shape
    finish = np.empty((draws, count))
    for d in range(draws):
        for k in range(count):
            if not np.isnan(fixed[k]):
                finish[d, k] = fixed[k]
                continue
            start = earliest[k]
            for i in range(first[k], first[k + 1]):
                start = max(start, finish[d, before[i]] + lag[k])
            finish[d, k] = start + duration[d, k]
    return finish


@njit(cache=True, nogil=True)
def critical(
    finish: Floats, earliest: Floats, lag: Floats, first: Ints, before: Ints, fixed: Floats, goal: int
) -> NDArray[np.bool_]:
    """Return [draw, k]: whether k lies on the path that sets the finish of `goal`."""
    draws, count = finish.shape
    on = np.zeros((draws, count), dtype=np.bool_)
    for d in range(draws):
        k = goal
        while True:
            on[d, k] = True
            if not np.isnan(fixed[k]):
                break
            latest, chosen = earliest[k], -1
            for i in range(first[k], first[k + 1]):
                end = finish[d, before[i]] + lag[k]
                if end >= latest:
                    latest, chosen = end, before[i]
            if chosen < 0:
                break
            k = chosen
    return on
