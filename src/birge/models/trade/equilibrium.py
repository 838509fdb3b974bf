"""Labels, checks and errors above the hat-algebra kernel: what changed trade costs do to every economy.

output, spending, access ─▶ balanced ─▶ sales ┐
cost ratios, θ ───────────────────────────────┴▶ solve ─▶ Equilibrium (ratios to the baseline)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem, SolveError
from birge.kernels.hat_algebra import HELD, SHARE, VALUE, solve_batch

__all__ = ["Deficits", "Equilibrium", "balanced", "solve"]

Floats = NDArray[np.float64]
Deficits = Literal["value", "share", "held"]
CLOSURES = {"value": VALUE, "share": SHARE, "held": HELD}


@dataclass(frozen=True)
class Equilibrium:
    """Changes as ratios to the baseline, [draw, …]: wages, sales, price index, welfare (real spending power of output).

    `real_output` is w / P, the change of real GDP; `home_share` the change of the share of home in spending.
    """

    wage: Floats
    sales: Floats
    price: Floats
    real_output: Floats
    home_share: Floats
    iterations: NDArray[np.int64]
    residual: Floats


def solve(
    sales: Floats,
    cost: Floats,
    theta: float | Floats,
    deficits: Deficits = "value",
    tolerance: float = 1e-12,
    limit: int = 2_000,
) -> Equilibrium:
    """Solve for baseline `sales` (with domestic sales) and cost ratios `cost`, each [i, j] or [draw, i, j].

    `theta` is one elasticity or one by draw. `deficits`: kept in money (`value`); spending a fixed ratio of output, up
    to one factor for the whole world, without which deficits would not add up to zero (`share`); or output and
    spending both held at the baseline in money while prices move (`held`, what gegravity 0.3 solves; decision 10).
    Raises InputError for sales or costs that make no sense, SolveError where a draw does not converge.
    """
    tau, made = _batch(cost), _batch(sales)
    elasticity = np.atleast_1d(np.asarray(theta, dtype=np.float64))
    _check(made, tau, elasticity)
    draws = max(len(tau), len(made), len(elasticity))
    elasticity = np.broadcast_to(elasticity, (draws,)).copy()
    power = -elasticity[:, None, None]
    y, e = made.sum(axis=2), made.sum(axis=1)
    pi = made / e[:, None, :]
    kappa = np.exp(power * np.log(tau))
    x, gap, used, status = solve_batch(pi, kappa, y, e, elasticity, CLOSURES[deficits], tolerance, limit)
    _converged(status, used, gap)
    wage = np.exp(x)
    pulled = kappa * np.exp(-elasticity[:, None] * x)[:, :, None]
    phi = np.sum(pi * pulled, axis=1)
    spending = e if deficits == "held" else wage * y + (e - y) if deficits == "value" else wage * e
    if deficits == "share":
        spending = spending * ((wage * y).sum(axis=1) / spending.sum(axis=1))[:, None]
    price = phi ** (-1 / elasticity[:, None])
    home = np.einsum("sii->si", pulled) / phi
    ratio = np.where(made > 0, pulled * (spending / e / phi)[:, None, :], 1.0)
    return Equilibrium(wage, ratio, price, wage / price, home, used, gap)


def balanced(output: Floats, spending: Floats, access: Floats, tolerance: float = 1e-13, limit: int = 20_000) -> Floats:
    """Return sales [draw, i, j] proportional to `access` (τ^-θ) that add up to `output` by row, `spending` by column.

    Structural gravity (Anderson and van Wincoop 2003): X = access × a function of the exporter × one of the importer.
    Where the world's spending is not the world's output (they differ by 0.8 % in gegravity's sample), spending is
    scaled to output, so that only shares of the world matter. Raises InputError and SolveError as `solve` does.
    """
    pull = _batch(access)
    y, e = (np.asarray(v, dtype=np.float64)[None] for v in (output, spending))
    if y.shape != e.shape or pull.shape[1:] != (y.shape[1],) * 2:
        raise InputError(
            [Problem("access", "shape", f"{access.shape}", "economies × economies, as output and spending")]
        )
    if not all(np.isfinite(v).all() and (v > 0).all() for v in (y, e, pull)):
        raise InputError(
            [Problem("access", "not-positive", "a value is missing or not positive", "write values above 0")]
        )
    e = e * (y.sum() / e.sum())
    start = pull * y[:, :, None]
    x, gap, used, status = solve_batch(
        start, np.ones_like(start[:1]), y, e, np.ones(len(start)), HELD, tolerance, limit
    )
    _converged(status, used, gap)
    made = start * np.exp(-x)[:, :, None]
    return np.asarray(made * (e / made.sum(axis=1))[:, None, :])


def _batch(matrix: Floats) -> Floats:
    """Return [draw, i, j], contiguous."""
    full = np.asarray(matrix, dtype=np.float64)
    return np.ascontiguousarray(full if full.ndim == 3 else full[None])


def _converged(status: NDArray[np.int64], used: NDArray[np.int64], gap: Floats) -> None:
    if status.any():
        worst = int(np.argmax(status))
        raise SolveError(f"trade equilibrium of draw {worst} did not converge", int(used[worst]), float(gap[worst]))


def _check(sales: Floats, tau: Floats, theta: Floats) -> None:
    problems = []
    n = sales.shape[-1]
    counts = {len(sales), len(tau), len(theta)} - {1}
    if sales.shape[1:] != (n, n) or tau.shape[1:] != (n, n) or len(counts) > 1:
        problems.append(
            Problem("sales, cost", "shape", f"{sales.shape} and {tau.shape}", "both are economies × economies")
        )
    elif not np.isfinite(sales).all() or (sales < 0).any():
        problems.append(Problem("sales", "sales-negative", "negative or missing sales", "write sales of zero or more"))
    elif (np.einsum("sii->si", sales) <= 0).any():
        problems.append(Problem("sales", "no-domestic-sales", "an economy sells nothing at home", "add domestic sales"))
    if not np.isfinite(tau).all() or (tau <= 0).any():
        problems.append(Problem("cost", "cost-ratio", "a cost ratio is not positive", "1 means no change"))
    if not (theta > 0).all():
        problems.append(Problem("theta", "elasticity", f"θ is {theta.min()}", "write a positive elasticity, such as 4"))
    if problems:
        raise InputError(problems)
