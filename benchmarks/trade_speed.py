"""Time the trade model beside gegravity in one run, and print one table (`make bench`).

Peer: gegravity 0.3 on its own 30-country sample, an agreement between Canada and Japan, σ = 5, after PPML estimates
by gme. Its time is in-process: one counterfactual is baseline, experiment and simulation, one draw a trial of
MonteCarloGE. Ours: the kernel on arrays and the public calls on the same costs; random worlds of 100 and 200 economies;
and the assessment's response to 10,000 draws with its error against full solves. BLAS on one thread.
"""

from __future__ import annotations

import contextlib
import io
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from birge.kernels.hat_algebra import HELD, VALUE, solve_batch
from birge.models.trade import Equilibrium, balanced, solve

ROOT = Path(__file__).parents[1]
SAMPLE = (
    Path(os.environ.get("BIRGE_SHARED", ROOT.parent / "shared"))
    / "data"
    / "ge_gravity_samples"
    / "gegravity_sample_data_set.dlm"
)
COSTS = ["pta", "contiguity", "common_language", "lndist", "international"]
PAIR = ("CAN", "JPN")
SIGMA = 5.0
TRIALS = 5
RESCALE = 100
"""Scale of the peer's outward resistances: it solves the sample with this one, and fails with 1 and 10."""


def timed(work: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """Return the median seconds of `repeat` runs and the last result."""
    seconds, made = [], None
    for _ in range(repeat):
        start = time.perf_counter()
        made = work()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)), made


def peer() -> dict[str, Any]:
    """Estimate, solve and draw with gegravity; return its times, costs and results."""
    import gegravity as ge
    import gme
    import pandas as pd

    data = pd.read_csv(SAMPLE)
    names = {"imp_var_name": "importer", "exp_var_name": "exporter", "year_var_name": "year", "trade_var_name": "trade"}
    model = gme.EstimationModel(
        gme.EstimationData(data, **names), lhs_var="trade", rhs_var=COSTS, fixed_effects=[["exporter"], ["importer"]]
    )
    estimate = model.estimate()["all"]
    table = pd.DataFrame(
        {"var": COSTS, "coeff": estimate.params[COSTS].to_numpy(), "ste": estimate.bse[COSTS].to_numpy()}
    )
    covariance = estimate.cov_params().loc[COSTS, COSTS]
    coefficients = ge.CostCoeffs(
        estimates=table, identifier_col="var", coeff_col="coeff", stderr_col="ste", covar_matrix=covariance
    )
    baseline = ge.BaselineData(data, expend_var_name="E", output_var_name="Y", **names)
    shared = {
        "year": "2006",
        "expend_var_name": "E",
        "output_var_name": "Y",
        "cost_coeff_values": coefficients,
        "cost_variables": COSTS,
        "reference_importer": "DEU",
        "sigma": int(SIGMA),
    }
    changed = data.copy()
    changed["year"] = changed["year"].astype(str)
    both = changed["importer"].isin(PAIR) & changed["exporter"].isin(PAIR)
    changed.loc[both & (changed["importer"] != changed["exporter"]), "pta"] = 1

    def one() -> Any:
        made = ge.OneSectorGE(baseline, quiet=True, **shared)
        made.build_baseline(omr_rescale=RESCALE)
        made.define_experiment(changed.copy())
        made.simulate()
        return made

    seconds, made = timed(one, 3)
    monte = ge.MonteCarloGE(baseline, trials=TRIALS, seed=1, **shared)
    start = time.perf_counter()
    monte.run_trials(
        experiment_data=changed.copy(), omr_rescale=RESCALE, quiet=True, result_stats=["mean"], all_results=True
    )
    draw = (time.perf_counter() - start) / TRIALS
    codes = sorted(data["exporter"].unique())
    matrices = {
        v: data.pivot(index="exporter", columns="importer", values=v).loc[codes, codes].to_numpy(float) for v in COSTS
    }
    return {
        "codes": codes,
        "x": matrices,
        "Y": data.groupby("exporter")["Y"].mean()[codes].to_numpy(float),
        "E": data.groupby("importer")["E"].mean()[codes].to_numpy(float),
        "coefficients": table["coeff"].to_numpy(),
        "sample": monte.coeff_sample.set_index("var").loc[COSTS].to_numpy(float).T,
        "one": seconds,
        "draw": draw,
        "failed": monte.num_failed_trials,
        "gdp": made.country_results["GDP change (percent)"].loc[codes].to_numpy(float),
        "draws": np.stack(
            [m.country_results["GDP change (percent)"].loc[codes].to_numpy(float) for m in monte.trial_models]
        )
        if monte.trial_models
        else np.zeros((0, len(codes))),
    }


def compare(found: dict[str, Any]) -> None:
    """Solve the peer's worlds and print ratios."""
    access, cost = world(found, found["coefficients"][None])
    sales = balanced(found["Y"], found["E"], access)
    solve(sales, cost, SIGMA - 1, "held")
    y, e = sales.sum(2), sales.sum(1)
    pi, kappa, theta = sales / e[:, None], cost**-4.0, np.array([SIGMA - 1])
    arrays, _ = timed(lambda: solve_batch(pi, kappa, y, e, theta, HELD, 1e-10, 2000), 201)
    exact, _ = timed(lambda: solve_batch(pi, kappa, y, e, theta, VALUE, 1e-10, 2000), 201)
    public, made = timed(lambda: solve(sales, cost, SIGMA - 1, "held"), 201)
    whole, _ = timed(lambda: solve(balanced(found["Y"], found["E"], access), cost, SIGMA - 1, "held"), 51)
    gap = np.abs(100 * (made.real_output[0] - 1) - found["gdp"]).max()
    rows = [
        ("gegravity, one counterfactual", found["one"], 1.0),
        ("ours, kernel on arrays, same closure", arrays, found["one"] / arrays),
        ("ours, kernel on arrays, deficits in money", exact, found["one"] / exact),
        ("ours, public call `solve`", public, found["one"] / public),
        ("ours, `balanced` and `solve`", whole, found["one"] / whole),
    ]
    drawn = np.tile(found["sample"], (200, 1))
    many, last = timed(lambda: draws(found, world(found, drawn)), 3)
    each = many / len(drawn)
    rows += [
        ("gegravity, a draw of MonteCarloGE", found["draw"], 1.0),
        ("ours, a draw: `balanced` and `solve` in one call", each, found["draw"] / each),
    ]
    print("| | seconds | times faster |\n|---|---|---|")
    for name, seconds, ratio in rows:
        print(f"| {name} | {seconds:.6f} | {ratio:,.0f} |")
    print(f"\nlargest difference in real GDP, per cent: {gap:.1e} (one counterfactual)", end="")
    if len(found["draws"]):
        ours = 100 * (last.real_output[: len(found["draws"])] - 1)
        print(f", {np.abs(ours - found['draws']).max():.1e} ({len(found['draws'])} draws)", end="")
    print(f"; gegravity failed in {found['failed']} of {TRIALS} draws\n")


def world(found: dict[str, Any], coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return access and the cost ratio of the agreement [draw, i, j] for coefficients [draw, cost]."""
    i, j = (found["codes"].index(c) for c in PAIR)
    access = np.exp(np.einsum("sv,vij->sij", coefficients, np.stack([found["x"][v] for v in COSTS])))
    cost = np.ones_like(access)
    cost[:, i, j] = cost[:, j, i] = np.exp(coefficients[:, 0] / (1 - SIGMA))
    return access, cost


def draws(found: dict[str, Any], made: tuple[np.ndarray, np.ndarray]) -> Equilibrium:
    """Solve the peer's closure for every draw."""
    access, cost = made
    return solve(balanced(found["Y"], found["E"], access), cost, SIGMA - 1, "held", 1e-10)


def random_world(n: int, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return sales of `n` economies and cost ratios [draw, i, j]."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 1.5, n)
    sales = np.outer(size, size) * rng.lognormal(0, 0.8, (n, n)) * 0.05
    sales[np.diag_indices(n)] = size * size.sum()
    cost = np.exp(rng.normal(0, 0.1, (draws, n, n)))
    cost[:, np.arange(n), np.arange(n)] = 1
    return sales, cost


def sizes() -> None:
    """Print times by the number of economies."""
    print("| economies | draws | ms a draw, kernel | ms a draw, `solve` | iterations | largest residual |")
    print("|---|---|---|---|---|---|")
    for n, draws in ((30, 500), (100, 100), (200, 50)):
        sales, cost = random_world(n, draws, n)
        y, e = sales.sum(1)[None], sales.sum(0)[None]
        pi, kappa, theta = sales[None] / e[:, None], cost**-4.0, np.full(draws, 4.0)
        arrays, _ = timed(lambda p=pi, k=kappa, a=y, b=e, t=theta: solve_batch(p, k, a, b, t, VALUE, 1e-10, 2000), 5)
        public, made = timed(lambda s=sales, c=cost: solve(s, c, 4.0, "value", 1e-10), 5)
        print(
            f"| {n} | {draws} | {1e3 * arrays / draws:.3f} | {1e3 * public / draws:.3f} "
            f"| {np.median(made.iterations):.0f} | {made.residual.max():.0e} |"
        )
    print()


def main() -> None:
    """Print every table."""
    from trade_response import response

    warnings.simplefilter("ignore")
    if SAMPLE.exists():
        with contextlib.redirect_stdout(io.StringIO()):
            found = peer()
        compare(found)
    else:
        print("gegravity's sample is not there: ../shared/data/ge_gravity_samples\n")
    sizes()
    response()


if __name__ == "__main__":
    main()
