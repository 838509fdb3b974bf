"""General equilibrium of trade in changes: exact hat algebra of a one-sector Armington model, batched.

    X'[i, j] = π[i, j] (w[i] τ[i, j])^-θ / Σ_k π[k, j] (w[k] τ[k, j])^-θ · E'[j]
    w[i] Y[i] = Σ_j X'[i, j],     E'[j] = w[j] Y[j] + D[j]   or   E'[j] = w[j] E[j]

=======  =====================================================================  =========
symbol   meaning                                                                shape
=======  =====================================================================  =========
π        share of exporter i in the spending of importer j                      [i, j]
Y, E, D  output, spending, deficit E - Y; in money, or as shares of the world   [i]
w        change of wages (of output prices), world output kept                  [draw, i]
kappa    τ^-θ of changed trade costs                                            [draw, i, j]
θ        trade elasticity                                                       scalar
=======  =====================================================================  =========

Dekle, Eaton and Kortum (2008), IMF Staff Papers 55(3), equations 5-7. The wage map
``w ← (sales / Y)^(1/(1+θ)) w^(θ/(1+θ))`` is accelerated by Anderson mixing of depth 4 on log w.
Status: 0 solved, 1 no convergence, 2 not a number.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["DEPTH", "solve_batch"]

Floats = NDArray[np.float64]
DEPTH = 4


@njit(cache=True, nogil=True)
def _map(
    x: Floats, pi: Floats, kappa: Floats, y: Floats, e: Floats, d: Floats, theta: float, value: bool, out: Floats
) -> float:
    """Write the next log wages to `out`; return the largest relative gap between sales and output."""
    n = len(x)
    a = np.exp(-theta * x)
    total, world = 0.0, 0.0
    sales = np.zeros(n)
    for j in range(n):
        phi = 0.0
        for i in range(n):
            phi += pi[i, j] * a[i] * kappa[i, j]
        spending = np.exp(x[j]) * y[j] + d[j] if value else np.exp(x[j]) * e[j]
        for i in range(n):
            sales[i] += pi[i, j] * a[i] * kappa[i, j] / phi * spending
    gap = 0.0
    for i in range(n):
        gap = max(gap, abs(sales[i] / (np.exp(x[i]) * y[i]) - 1.0))
        out[i] = (np.log(sales[i] / y[i]) + theta * x[i]) / (1.0 + theta)
        total += np.exp(out[i]) * y[i]
        world += y[i]
    shift = np.log(total / world)
    for i in range(n):
        out[i] -= shift
    return gap


@njit(cache=True, nogil=True)
def solve_batch(
    pi: Floats, kappa: Floats, y: Floats, e: Floats, theta: float, value: bool, tolerance: float, limit: int
) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Return log w [draw, i], the last gap, the iterations and the status of every draw."""
    draws, n = kappa.shape[0], len(y)
    d = e - y
    wages = np.zeros((draws, n))
    gaps = np.zeros(draws)
    used = np.zeros(draws, dtype=np.int64)
    status = np.ones(draws, dtype=np.int64)
    for s in range(draws):
        x = np.zeros(n)
        g = np.zeros(n)
        xs = np.zeros((DEPTH + 1, n))
        fs = np.zeros((DEPTH + 1, n))
        held = 0
        for it in range(limit):
            gap = _map(x, pi, kappa[s], y, e, d, theta, value, g)
            gaps[s], used[s] = gap, it + 1
            if not np.isfinite(gap):
                status[s] = 2
                break
            if gap <= tolerance:
                status[s] = 0
                break
            for h in range(DEPTH, 0, -1):
                xs[h] = xs[h - 1]
                fs[h] = fs[h - 1]
            xs[0] = x
            fs[0] = g - x
            held = min(held + 1, DEPTH + 1)
            x = _mixed(xs, fs, held)
        wages[s] = x
    return wages, gaps, used, status


@njit(cache=True, nogil=True)
def _mixed(xs: Floats, fs: Floats, held: int) -> Floats:
    """Return the Anderson step from the last `held` points and residuals."""
    m = held - 1
    x = xs[0] + fs[0]
    if m == 0:
        return x
    a = np.zeros((m, m))
    b = np.zeros(m)
    trace = 0.0
    for p in range(m):
        dp = fs[0] - fs[p + 1]
        b[p] = np.dot(dp, fs[0])
        for q in range(m):
            a[p, q] = np.dot(dp, fs[0] - fs[q + 1])
        trace += a[p, p]
    for p in range(m):
        a[p, p] += 1e-12 * trace + 1e-300
    c = np.linalg.solve(a, b)
    for p in range(m):
        x -= c[p] * (xs[0] + fs[0] - xs[p + 1] - fs[p + 1])
    return x
