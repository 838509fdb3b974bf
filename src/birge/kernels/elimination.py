"""A few linear equations inside a kernel, by elimination with the largest pivot.

By hand: a call of LAPACK takes as long for so few, and 10 seconds to compile.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["eliminate"]

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def eliminate(a: Floats, b: Floats) -> None:
    """Put the solution of a few equations a y = b into `b` [n], by the largest pivot; `a` [n, n] is used up."""
    size = b.size
    for k in range(size):
        top = k
        for i in range(k + 1, size):
            if abs(a[i, k]) > abs(a[top, k]):
                top = i
        if top != k:
            for j in range(k, size):
                a[k, j], a[top, j] = a[top, j], a[k, j]
            b[k], b[top] = b[top], b[k]
        for i in range(k + 1, size):
            if a[i, k] != 0.0:
                share = a[i, k] / a[k, k]
                for j in range(k + 1, size):
                    a[i, j] -= share * a[k, j]
                b[i] -= share * b[k]
    for k in range(size - 1, -1, -1):
        for j in range(k + 1, size):
            b[k] -= a[k, j] * b[j]
        b[k] /= a[k, k]
