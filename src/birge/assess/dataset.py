"""A whole run as one xarray Dataset, and as a netCDF file.

| variable | dims | unit |
|---|---|---|
| turnover_with, turnover_without, turnover_never | draw, year, reporter | mn USD/year |
| flow_if_past_continues | draw, year, direction, reporter | mn USD/year, without electricity where power has a model |
| electricity | draw, year, reporter | mn USD/year, part of turnover_with |
| effect_log, effect_new | draw, measure, year, direction | log points, mn USD/year |
| effect_recorded | draw, measure, year, reporter | log points |
| finish | draw, milestone | months since 2000-01 |
| failed | draw | 1 if the draw has no answer |
| odds_… and median | target | fraction, mn USD |
| variant_odds | target, variant | fraction |
| shapley_odds, shapley_odds_se, median_musd | target, measure | fraction, mn USD |
| odds_gain_per_month | target, milestone | fraction per month |
"""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from birge.errors import InputError

if TYPE_CHECKING:
    from birge.assess.assessment import Assessment

__all__ = ["dataset", "write"]

Floats = NDArray[np.float64]
MONEY = {"unit": "mn USD/year"}
SHARE = {"unit": "fraction"}
OF_TARGET = (
    "odds_with",
    "odds_without",
    "odds_stop",
    "odds_never",
    "odds_kappa_0",
    "odds_kappa_1",
    "odds_independent",
    "odds_without_assumed",
    "median",
)
OF_MEASURE = {"shapley_odds": SHARE, "shapley_odds_se": SHARE, "median_musd": {"unit": "mn USD/year"}}


def dataset(run: Assessment) -> xr.Dataset:
    """Return the whole run; a failed draw is NaN in turnover and has its mark in `failed`."""
    joint, targets = run.joint, [v.target for v in run.verdicts]
    failed = np.isin(np.arange(run.draws), list(run.failed))
    cell = ("draw", "year", "reporter")
    step = ("draw", "measure", "year")
    variants = list(dict.fromkeys(n for t in targets for n in t.variants))

    def answered(x: Floats) -> Floats:
        return np.where(failed.reshape(-1, *[1] * (x.ndim - 1)), np.nan, x)

    made: dict[str, Any] = {
        "turnover_with": (cell, answered(joint.turnover()), MONEY),
        "turnover_without": (cell, answered(joint.turnover(plan=False)), MONEY),
        "turnover_never": (cell, answered(run.never), MONEY),
        "flow_if_past_continues": (("draw", "year", "direction", "reporter"), joint.base / joint.kept, MONEY),
        "electricity": (cell, answered(joint.electricity()), MONEY),
        "effect_log": ((*step, "direction"), joint.log, {"unit": "log points"}),
        "effect_new": ((*step, "direction"), joint.new, MONEY),
        "effect_recorded": ((*step, "reporter"), joint.recorded, {"unit": "log points"}),
        "finish": (("draw", "milestone"), run.dates.finish, {"unit": "months since 2000-01; infinity: never"}),
        "failed": (("draw",), failed.astype(np.int8), {"unit": "1: the draw has no answer"}),
        "variant_odds": (
            ("target", "variant"),
            _table([[t.variants.get(n) for n in variants] for t in targets]),
            SHARE,
        ),
    }
    for name in OF_TARGET:
        unit = MONEY if name == "median" else SHARE
        made[name] = (("target",), _table([[getattr(t, name)] for t in targets])[:, 0], unit)
    for name, unit in OF_MEASURE.items():
        rows = [{m.id: getattr(m, name) for m in v.measures} for v in run.verdicts]
        made[name] = (("target", "measure"), _table([[r.get(m) for m in joint.measures] for r in rows]), unit)
    gains = [{m.id: m.odds_gain_per_month for m in v.milestones} for v in run.verdicts]
    net = run.dates.network.ids
    made["odds_gain_per_month"] = (
        ("target", "milestone"),
        _table([[g.get(m) for m in net] for g in gains]),
        {"unit": "fraction/month"},
    )
    coords = {
        "year": list(joint.years),
        "reporter": list(joint.reporters),
        "direction": list(joint.directions),
        "measure": np.array(joint.measures, dtype=object),
        "milestone": np.array(net, dtype=object),
        "target": [t.id for t in targets],
        "variant": np.array(variants, dtype=object),
        "basis": ("target", [t.basis or "" for t in targets]),
        "target_year": ("target", [t.year for t in targets]),
        "target_value": ("target", [t.value for t in targets]),
    }
    return xr.Dataset(made, coords=coords, attrs=_attributes(run))


def _table(rows: list[list[float | None]]) -> Floats:
    """Return numbers, NaN for what is not modelled."""
    width = len(rows[0]) if rows else 0
    return np.array([[np.nan if x is None else x for x in r] for r in rows], dtype=np.float64).reshape(-1, width)


def _attributes(run: Assessment) -> dict[str, Any]:
    """Return what it takes to make the run again."""
    return {
        "title": f"{run.plan.title.en}: assessment as of {run.as_of}",
        "plan": run.plan.id,
        "plan_hash": run.plan_hash,
        "origin": run.plan.origin,
        "as_of": run.as_of.isoformat(),
        "facts_until": run.facts_until.isoformat(),
        "facts_hash": run.facts_hash,
        "vintages": json.dumps({k: v.isoformat() for k, v in run.vintages.items()}, ensure_ascii=False),
        "seed": run.seed,
        "draws": run.draws,
        "scenario": run.scenario or "",
        "counterfactual": run.counterfactual,
        "without": ", ".join(run.without),
        "delays": json.dumps(run.delays),
        "errors": json.dumps({str(k): v for k, v in run.failed.items()}, ensure_ascii=False),
        "birge_version": _version(),
    }


def _version() -> str:
    try:
        return version("birge")
    except PackageNotFoundError:
        return "not installed"


def write(data: xr.Dataset, path: str) -> None:
    """Write `data` as netCDF 3; the terms of the measures in single precision, all else in double.

    Raises InputError if `path` cannot be written.
    """
    small = {n: {"dtype": "float32"} for n in ("effect_log", "effect_new", "effect_recorded")}
    empty = [d for d, size in data.sizes.items() if size == 0]
    try:
        data.drop_dims(empty).to_netcdf(path, engine="scipy", encoding={n: e for n, e in small.items() if n in data})
    except OSError as error:
        raise InputError.at(
            path, "file-unwritable", error.strerror or str(error), "name a file in a folder that exists"
        ) from error
