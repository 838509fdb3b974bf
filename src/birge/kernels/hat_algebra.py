"""General equilibrium of trade in changes: exact hat algebra of a one-sector Armington model, batched.

    X'[i, j] = π[i, j] (w[i] τ[i, j])^-θ / Σ_k π[k, j] (w[k] τ[k, j])^-θ · E'[j]
    w[i] Y[i] = Σ_j X'[i, j]
    E'[j] = w[j] Y[j] + D[j]  (VALUE)   or   E'[j] = s w[j] E[j], s = Σ w Y / Σ w E  (SHARE)

HELD keeps output and spending at the baseline and lets prices alone move: Y[i] = Σ_j X'[i, j], E'[j] = E[j]. It is the
system that gegravity 0.3 solves, and with π = the access of j to i it is also the balancing of structural gravity.

=======  =====================================================================  =========
symbol   meaning                                                                shape
=======  =====================================================================  =========
π        share of exporter i in the spending of importer j, any scale by j      [1 or draw, i, j]
Y, E, D  output, spending, deficit E - Y; in money, or as shares of the world   [1 or draw, i]
w        change of wages (of output prices), world output kept                  [draw, i]
kappa    τ^-θ of changed trade costs                                            [1 or draw, i, j]
θ        trade elasticity                                                       [draw]
=======  =====================================================================  =========

Dekle, Eaton and Kortum (2008), IMF Staff Papers 55(3), equations 5-7. The map ``log w ← log w + s log(sales / output)``
is accelerated by Anderson mixing of depth 4; s is the inverse of the Jacobian's diagonal at w = 1, damped: where home
shares are high, far more than the usual 1/(1+θ). A draw on which that fails is solved again with short steps and no
mixing. The compiler may reorder sums and nothing else, so that not-a-number is still seen.
Status: 0 solved, 1 no convergence, 2 not a number.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from birge.kernels.elimination import eliminate

__all__ = ["DEPTH", "HELD", "SHARE", "VALUE", "solve_batch"]

Floats = NDArray[np.float64]
DEPTH = 4
DAMPING = 0.6
VALUE, SHARE, HELD = 0, 1, 2


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _map(x: Floats, pull: Floats, y: Floats, e: Floats, theta: float, closure: int, step: Floats, out: Floats) -> float:
    """Write the next log wages to `out`; return the largest relative gap between sales and output.

    `pull` is π τ^-θ with importers as rows.
    """
    n = len(x)
    w = np.exp(x)
    a = np.exp(-theta * x)
    scale = np.sum(w * y) / np.sum(w * e) if closure == SHARE else 1.0
    sales = np.zeros(n)
    for j in range(n):
        phi = 0.0
        for i in range(n):
            phi += pull[j, i] * a[i]
        spending = e[j]
        if closure == VALUE:
            spending += (w[j] - 1.0) * y[j]
        elif closure == SHARE:
            spending *= scale * w[j]
        spending /= phi
        for i in range(n):
            sales[i] += pull[j, i] * spending
    gap, total, world = 0.0, 0.0, 0.0
    for i in range(n):
        ratio = sales[i] * a[i] / y[i]
        if closure != HELD:
            ratio /= w[i]
        if not np.isfinite(ratio) or ratio <= 0.0:
            return np.nan
        gap = max(gap, abs(ratio - 1.0))
        out[i] = x[i] + step[i] * np.log(ratio)
        total += np.exp(out[i]) * y[i]
        world += y[i]
    out -= np.log(total / world)
    return gap


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _steps(pull: Floats, y: Floats, e: Floats, theta: float, closure: int, out: Floats) -> None:
    """Write to `out` how far log w moves for a gap of sales, by the diagonal of the Jacobian at w = 1, damped."""
    n = len(y)
    sold = np.zeros(n)
    slope = np.zeros(n)
    for j in range(n):
        phi = 0.0
        for i in range(n):
            phi += pull[j, i]
        for i in range(n):
            share = pull[j, i] / phi
            sold[i] += share * e[j]
            slope[i] += share * e[j] * theta * (1.0 - share)
        if closure != HELD:
            slope[j] -= pull[j, j] / phi * (y[j] if closure == VALUE else e[j])
    for i in range(n):
        fall = slope[i] / sold[i] + (0.0 if closure == HELD else 1.0)
        out[i] = DAMPING / max(fall, 0.05)


@njit(cache=True, nogil=True)
def solve_batch(
    pi: Floats, kappa: Floats, y: Floats, e: Floats, theta: Floats, closure: int, tolerance: float, limit: int
) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Return log w [draw, i], the last gap, the iterations and the status of every draw."""
    draws, n = len(theta), y.shape[1]
    wages = np.zeros((draws, n))
    gaps = np.zeros(draws)
    used = np.zeros(draws, dtype=np.int64)
    status = np.ones(draws, dtype=np.int64)
    pull = np.zeros((n, n))
    step = np.zeros(n)
    for s in range(draws):
        p, k, b = s % pi.shape[0], s % kappa.shape[0], s % y.shape[0]
        for j in range(n):
            for i in range(n):
                pull[j, i] = pi[p, i, j] * kappa[k, i, j]
        _steps(pull, y[b], e[b], theta[s], closure, step)
        gaps[s], used[s], status[s] = _solve(
            pull, y[b], e[b], theta[s], closure, step, DEPTH, tolerance, limit, wages[s]
        )
        if status[s] != 0:
            step = np.minimum(step, 1.0 / (1.0 + theta[s]))
            gaps[s], more, status[s] = _solve(pull, y[b], e[b], theta[s], closure, step, 0, tolerance, limit, wages[s])
            used[s] += more
    return wages, gaps, used, status


@njit(cache=True, nogil=True)
def _solve(
    pull: Floats,
    y: Floats,
    e: Floats,
    theta: float,
    closure: int,
    step: Floats,
    depth: int,
    tolerance: float,
    limit: int,
    out: Floats,
) -> tuple[float, int, int]:
    """Write log w of one draw to `out`; return the last gap, the iterations and the status."""
    n = len(y)
    x = np.zeros(n)
    g = np.zeros(n)
    xs = np.zeros((depth + 1, n))
    fs = np.zeros((depth + 1, n))
    held, gap, used, status = 0, np.inf, 0, 1
    for _ in range(limit):
        gap = _map(x, pull, y, e, theta, closure, step, g)
        used += 1
        if not np.isfinite(gap):
            status = 2
            break
        if gap <= tolerance:
            status = 0
            break
        # element by element: a copy of rows takes seconds to compile
        for h in range(depth, 0, -1):
            for i in range(n):
                xs[h, i], fs[h, i] = xs[h - 1, i], fs[h - 1, i]
        for i in range(n):
            xs[0, i], fs[0, i] = x[i], g[i] - x[i]
        held = min(held + 1, depth + 1)
        x = _mixed(xs, fs, held)
    for i in range(n):
        out[i] = x[i]
    return gap, used, status


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _mixed(xs: Floats, fs: Floats, held: int) -> Floats:
    """Return the Anderson step from the last `held` points and residuals."""
    m, n = held - 1, xs.shape[1]
    x = xs[0] + fs[0]
    if m == 0:
        return x
    a = np.zeros((m, m))
    b = np.zeros(m)
    trace = 0.0
    for p in range(m):
        for i in range(n):
            b[p] += (fs[0, i] - fs[p + 1, i]) * fs[0, i]
        for q in range(m):
            for i in range(n):
                a[p, q] += (fs[0, i] - fs[p + 1, i]) * (fs[0, i] - fs[q + 1, i])
        trace += a[p, p]
    for p in range(m):
        a[p, p] += 1e-12 * trace + 1e-300
    eliminate(a, b)
    for p in range(m):
        for i in range(n):
            x[i] -= b[p] * (xs[0, i] + fs[0, i] - xs[p + 1, i] - fs[p + 1, i])
    return x
