"""Labels, checks and errors above the hat-algebra kernel: what changed trade costs do to every economy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem, SolveError
from birge.kernels.hat_algebra import solve_batch

__all__ = ["Equilibrium", "solve"]

Floats = NDArray[np.float64]


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
    theta: float,
    deficits: Literal["value", "share"] = "value",
    tolerance: float = 1e-12,
    limit: int = 2_000,
) -> Equilibrium:
    """Solve for baseline `sales` [i, j] (with domestic sales) and cost ratios `cost` [draw, i, j] or [i, j].

    `deficits`: kept in money (`value`), or as a fixed ratio of spending to output (`share`). Raises InputError for
    sales or costs that make no sense, SolveError where a draw does not converge.
    """
    tau = np.atleast_3d(cost) if cost.ndim == 3 else cost[None]
    _check(sales, tau, theta)
    y, e = sales.sum(axis=1), sales.sum(axis=0)
    pi = sales / e
    kappa = tau**-theta
    x, gap, used, status = solve_batch(
        np.ascontiguousarray(pi), np.ascontiguousarray(kappa), y, e, theta, deficits == "value", tolerance, limit
    )
    if status.any():
        worst = int(np.argmax(status))
        raise SolveError(f"trade equilibrium of draw {worst} did not converge", int(used[worst]), float(gap[worst]))
    wage = np.exp(x)
    weight = pi * wage[:, :, None] ** -theta * kappa
    phi = weight.sum(axis=1)
    spending = wage * y + (e - y) if deficits == "value" else wage * e
    made = weight / phi[:, None, :] * spending[:, None, :]
    price = phi ** (-1 / theta)
    home = np.einsum("sii->si", weight) / phi / np.diag(pi)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(sales > 0, made / sales, 1.0)
    return Equilibrium(wage, ratio, price, wage / price, home, used, gap)


def _check(sales: Floats, tau: Floats, theta: float) -> None:
    problems = []
    n = len(sales)
    if sales.shape != (n, n) or tau.shape[1:] != (n, n):
        problems.append(
            Problem("sales, cost", "shape", f"{sales.shape} and {tau.shape}", "both are economies × economies")
        )
    elif not np.isfinite(sales).all() or (sales < 0).any():
        problems.append(Problem("sales", "sales-negative", "negative or missing sales", "write sales of zero or more"))
    elif (np.diag(sales) <= 0).any():
        problems.append(Problem("sales", "no-domestic-sales", "an economy sells nothing at home", "add domestic sales"))
    if not np.isfinite(tau).all() or (tau <= 0).any():
        problems.append(Problem("cost", "cost-ratio", "a cost ratio is not positive", "1 means no change"))
    if not theta > 0:
        problems.append(Problem("theta", "elasticity", f"θ is {theta}", "write a positive elasticity, such as 4"))
    if problems:
        raise InputError(problems)
