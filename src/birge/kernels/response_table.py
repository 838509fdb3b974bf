"""Reading a table of solved cases: multilinear on a grid of four axes, with what options add on a coarser grid.

    y[n, o] = Σ_c w_c(x[n]) main[c, o] + Σ_k s[n, k] Σ_c w'_c(x[n]) shift[c, k, o],    c over the 16 corners around x

w are the weights of multilinear interpolation (Press et al. 2007, Numerical Recipes, 3.6); beyond an axis, its end.

========  =====================================================================  =======================
array     meaning                                                                shape
========  =====================================================================  =======================
at        places x on the four axes, in the units of each                        [n, 4]
share     how much of each option is there, 0 to 1 or beyond                     [n, k]
main      outputs of the cases without options                                   [a, b, c, d, o]
shift     what each option adds to the outputs at its full size                  [a', b', c', d', k, o]
made      the answer; as many outputs as it has columns are read                 [n, o']
========  =====================================================================  =======================
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["respond"]

Floats = NDArray[np.float64]
Axes = tuple[Floats, Floats, Floats, Floats]


@njit(cache=True, nogil=True)
def _place(axis: Floats, x: float) -> Any:
    """Return the lower neighbour of x on an axis and its share of the way to the next one."""
    last = len(axis) - 1
    if last == 0 or x <= axis[0]:
        return 0, 0.0
    if x >= axis[last]:
        return last - 1, 1.0
    k = 0
    while axis[k + 1] < x:
        k += 1
    return k, (x - axis[k]) / (axis[k + 1] - axis[k])


@njit(cache=True, nogil=True)
def respond(
    at: Floats, share: Floats, axes: Axes, main: Floats, coarse: Axes, shift: Floats, made: Floats
) -> None:  # pragma: no cover - compiled
    """Write the outputs at the places `at` into `made`."""
    outputs, options = made.shape[1], share.shape[1]
    low = np.zeros(4, np.int64)
    part = np.zeros(4)
    for n in range(len(at)):
        made[n] = 0.0
        for level in range(2):
            on = axes if level == 0 else coarse
            low[0], part[0] = _place(on[0], at[n, 0])
            low[1], part[1] = _place(on[1], at[n, 1])
            low[2], part[2] = _place(on[2], at[n, 2])
            low[3], part[3] = _place(on[3], at[n, 3])
            for corner in range(16):
                weight = 1.0
                for a in range(4):
                    weight *= part[a] if corner >> a & 1 else 1.0 - part[a]
                if weight == 0.0:
                    continue
                i, j = low[0] + (corner & 1), low[1] + (corner >> 1 & 1)
                k, m = low[2] + (corner >> 2 & 1), low[3] + (corner >> 3 & 1)
                if level == 0:
                    for o in range(outputs):
                        made[n, o] += weight * main[i, j, k, m, o]
                    continue
                for q in range(options):
                    scale = weight * share[n, q]
                    if scale != 0.0:
                        for o in range(outputs):
                            made[n, o] += scale * shift[i, j, k, m, q, o]
