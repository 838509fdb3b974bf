"""The same grid through PyPSA and linopy: the only module that imports them (extra `power`).

Units become Generators, arcs Links, tanks Stores, draws Loads; the energy of a month, the water that must pass and the
value of what is left are added as constraints of linopy. Logs stay quiet, handlers that the import sets are taken off
again, and no request leaves the machine.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from birge.errors import InputError, SolveError
from birge.models.power.direct import FLOOR, SCALE, Run
from birge.models.power.lp import METHOD
from birge.models.power.parts import Grid

__all__ = ["library", "network", "run_pypsa", "solved"]

OPTIONS: dict[str, Any] = {"threads": 1, "output_flag": False}


def run_pypsa(grid: Grid) -> Run:
    """Return the cheapest year of a grid by PyPSA; raises SolveError unless it is optimal, InputError without PyPSA."""
    return solved(network(grid), grid)


def solved(n: Any, grid: Grid) -> Run:
    """Return the optimum of a network made by `network`; raises SolveError unless it is one."""
    with warnings.catch_warnings(), _silent():
        warnings.simplefilter("ignore")
        status, condition = n.optimize.solve_model(
            solver_name="highs", solver_options={**OPTIONS, "solver": METHOD}, io_api="direct", progress=False
        )
    # PyPSA says ok where a solve ended at its time limit: only optimal is an answer.
    if condition != "optimal":
        raise SolveError(f"PyPSA ended as {status}, {condition}", 0, float("nan"))
    taken = n.model.solver_model.getOptionValue("solver")[1] if n.model.solver_model is not None else METHOD
    if taken != METHOD:
        raise SolveError(f"HiGHS did not take the solver {METHOD}", 0, float("nan"))
    return _read(n, grid)


def network(grid: Grid) -> Any:
    """Return the PyPSA network of a grid with its model made, not solved yet; raises InputError without PyPSA."""
    pypsa = library()
    import pandas as pd

    steps = pd.RangeIndex(len(grid.clock.hours), name="snapshot")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        n = pypsa.Network()
        n.set_snapshots(steps)
        for column in n.snapshot_weightings.columns:
            n.snapshot_weightings[column] = grid.clock.hours

        def table(parts: Any, value: Any) -> Any:
            return pd.DataFrame({x.name: value(x) for x in parts}, index=steps)

        def sizes(parts: Any, letter: str) -> dict[str, Any]:
            return {
                f"{letter}_nom": [x.size for x in parts],
                f"{letter}_nom_min": [x.size for x in parts],
                f"{letter}_nom_max": [max(x.most, x.size) for x in parts],
                f"{letter}_nom_extendable": [x.most > x.size for x in parts],
                "capital_cost": [x.capital * SCALE for x in parts],
            }

        def names(parts: Any) -> list[str]:
            return [x.name for x in parts]

        n.add("Bus", list(grid.buses))
        n.add("Load", names(grid.draws), bus=[d.bus for d in grid.draws], p_set=table(grid.draws, lambda d: d.value))
        n.add(
            "Generator",
            names(grid.units),
            bus=[u.bus for u in grid.units],
            sign=[u.sign for u in grid.units],
            marginal_cost=[u.cost * SCALE for u in grid.units],
            p_min_pu=table(grid.units, lambda u: u.low),
            p_max_pu=table(grid.units, lambda u: u.top),
            **sizes(grid.units, "p"),
        )
        n.add(
            "Link",
            names(grid.arcs),
            bus0=[x.start for x in grid.arcs],
            bus1=[x.end for x in grid.arcs],
            bus2=[x.then for x in grid.arcs],
            efficiency=table(grid.arcs, lambda x: x.efficiency),
            efficiency2=[1.0 if x.then else 0.0 for x in grid.arcs],
            p_max_pu=table(grid.arcs, lambda x: x.top),
            **sizes(grid.arcs, "p"),
        )
        if grid.tanks:
            n.add(
                "Store",
                names(grid.tanks),
                bus=[t.bus for t in grid.tanks],
                e_cyclic=[t.first is None for t in grid.tanks],
                e_initial=[t.first or 0.0 for t in grid.tanks],
                e_min_pu=table(grid.tanks, _floor),
                e_max_pu=table(grid.tanks, lambda t: t.top),
                **sizes(grid.tanks, "e"),
            )
        n.optimize.create_model(include_objective_constant=False, consistency_check=False)
        _months(n, grid)
        _after(n, grid)
    return n


def _months(n: Any, grid: Grid) -> None:
    """Add what bounds a month: energy of plants, water that must pass with its priced gap."""
    import pandas as pd
    import xarray as xr

    m = n.model
    steps = {"snapshot": n.snapshots}
    hours = xr.DataArray(grid.clock.hours, dims="snapshot", coords=steps)
    month = xr.DataArray(grid.clock.month, dims="snapshot", coords=steps, name="month")

    def by_month(component: str, names: list[str]) -> Any:
        return (m.variables[component].sel(name=names) * hours).groupby(month).sum()

    bound = [u for u in grid.units if u.monthly is not None]
    if bound:
        most = xr.DataArray(
            np.stack([u.monthly for u in bound if u.monthly is not None], axis=1),
            dims=("month", "name"),
            coords={"month": np.arange(12), "name": [u.name for u in bound]},
        )
        m.add_constraints(by_month("Generator-p", [u.name for u in bound]) <= most, name="energy-of-months")
    if not grid.needs:
        return
    index = pd.Index([x.name for x in grid.needs], name="need")
    gap = m.add_variables(lower=0, coords=[index], name="need-gap")
    for k, (arcs, units) in enumerate(dict.fromkeys((x.arcs, x.units) for x in grid.needs)):
        own = [x for x in grid.needs if (x.arcs, x.units) == (arcs, units)]
        which = {"need": [x.name for x in own]}
        passed = by_month("Link-p", list(arcs)).sum("name") + by_month("Generator-p", list(units)).sum("name")
        at = xr.DataArray([x.month for x in own], dims="need", coords=which)
        amount = xr.DataArray([x.amount for x in own], dims="need", coords=which)
        left = gap.sel(need=which["need"])
        m.add_constraints(passed.sel(month=at).drop_vars("month") + left >= amount, name=f"needs-{k}")
    cost = xr.DataArray([x.cost * SCALE for x in grid.needs], dims="need", coords={"need": index})
    m.add_objective(m.objective.expression + (gap * cost).sum(), overwrite=True)


def _after(n: Any, grid: Grid) -> None:
    """Add what comes after the last step: a cost above every cut on the last contents."""
    import pandas as pd
    import xarray as xr

    if not grid.worths:
        return
    m, cut = n.model, pd.RangeIndex(len(grid.worths), name="cut")
    names = list(dict.fromkeys(k for w in grid.worths for k in w.slope))
    slope = xr.DataArray(
        [[w.slope.get(k, 0.0) for k in names] for w in grid.worths],
        dims=("cut", "name"),
        coords={"cut": cut, "name": names},
    )
    level = xr.DataArray([w.level for w in grid.worths], dims="cut", coords={"cut": cut})
    future = m.add_variables(lower=FLOOR, name="future")
    last = m.variables["Store-e"].sel(name=names).isel(snapshot=-1)
    m.add_constraints(future - (last * slope).sum("name") >= level, name="worths")
    m.add_objective(m.objective.expression + 1e6 * SCALE * future, overwrite=True)


def _floor(t: Any) -> Any:
    """Return the least level of a tank as a share, at the end what it has to hold."""
    if t.first is None or t.size == 0:
        return t.low
    return np.concatenate([t.low[:-1], [max(t.low[-1], t.last / t.size)]])


def _read(n: Any, grid: Grid) -> Run:
    flow = {u.name: n.generators_t.p[u.name].to_numpy() for u in grid.units}
    flow |= {x.name: n.links_t.p0[x.name].to_numpy() for x in grid.arcs}
    size = {u.name: float(n.generators.p_nom_opt[u.name]) for u in grid.units}
    size |= {x.name: float(n.links.p_nom_opt[x.name]) for x in grid.arcs}
    size |= {t.name: float(n.stores.e_nom_opt[t.name]) for t in grid.tanks}
    gap = n.model.variables["need-gap"].solution.to_series().to_dict() if grid.needs else {}
    return Run(
        float(n.model.objective.value) * SCALE,
        flow,
        {t.name: n.stores_t.e[t.name].to_numpy() for t in grid.tanks},
        size,
        {b: n.buses_t.marginal_price[b].to_numpy() / SCALE for b in grid.buses},
        {str(k): float(v) for k, v in gap.items()},
        float(n.model.variables["future"].solution) if grid.worths else 0.0,
    )


@contextmanager
def _silent() -> Iterator[None]:
    """Keep what HiGHS writes past Python off standard output: its name comes before any option can be set."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def library() -> Any:
    """Return PyPSA, quiet and without requests; raises InputError naming the extra where it is not installed."""
    root = logging.getLogger()
    before = list(root.handlers)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pypsa
    except ImportError as error:
        raise InputError.at(
            "--engine",
            "pypsa-missing",
            f"{error.name} is not installed",
            "pip install 'birge[power]', or --engine highs",
        ) from error
    finally:
        root.handlers[:] = before
    for name in ("pypsa", "linopy"):
        logging.getLogger(name).setLevel(logging.ERROR)
    pypsa.options.general.allow_network_requests = False
    return pypsa
