"""The answer of a policy as plain numbers: one document for what is printed, written, drawn and shipped.

Years of the river are those of hydrologists, October to September. They are ranked by their inflow over all paths: the
driest third, the middle, the wettest third.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.models.power.answer import Answer

__all__ = ["OCTOBER", "THIRDS", "document", "wilson"]

Floats = NDArray[np.float64]
THIRDS = ("dry", "middle", "wet")
OCTOBER = 9
TOUCH = 0.01
"""A volume this close to a level (km3) has reached it."""
SEVERE = 1.0
"""GWh of unserved power in a year or month from which on it counts as such."""


def document(made: Answer) -> dict[str, Any]:
    """Return the answer: GWh, km3, mn USD; odds are shares; months as YYYY-MM."""
    q, run = made.question, made.run
    low = made.system.lowest()
    names = [f"{q.year + k // 12}-{k % 12 + 1:02d}" for k in range(q.months)]
    price = made.system.parameters["water-price"]
    return {
        "question": {
            "year": q.year,
            "months": q.months,
            "regime": q.regime,
            "hydrology": q.hydrology,
            "from_volume": float(run.volume[low.id][0, 0]),
            "caution": q.caution,
            "water_price": q.price,
            "together": q.together,
            "built": {name: f"{y}-{m + 1:02d}" for name, (y, m) in (q.built or {}).items()},
            "head": q.head,
            "seed": q.seed,
            "paths": len(run.cost),
        },
        "reservoir": low.id,
        "full": low.full_km3,
        "levels": list(made.levels),
        "economies": list(_economies(made)),
        "months": [_month(made, k, name) for k, name in enumerate(names)],
        "years": [_year(made, k, (price.low, price.high)) for k in range(-(-q.months // 12))],
        "rivers": _rivers(made),
        "cost": _cost(made),
    }


def wilson(hits: float, paths: int) -> list[float]:
    """Return the 95 % interval of a share of `paths` (Wilson 1927): `hits` is the share that was seen.

    Paths count as independent; that pairs of them have opposite noise makes the interval no narrower than it should be
    for what falls with the river.
    """
    z2 = 1.96**2
    middle = (hits + z2 / (2 * paths)) / (1 + z2 / paths)
    half = 1.96 * float(np.sqrt(hits * (1 - hits) / paths + z2 / (4 * paths**2))) / (1 + z2 / paths)
    return [max(0.0, middle - half), min(1.0, middle + half)]


def _economies(made: Answer) -> dict[str, list[str]]:
    """Return the nodes of each economy that the policy has."""
    found: dict[str, list[str]] = {}
    for name in made.run.missing:
        found.setdefault(made.system.node(name).economy, []).append(name)
    return found


def _of(made: Answer, economy: str, severe: bool = False) -> Floats:
    """Return missing power of an economy, [path, month]; `severe`: only what rationing does not cover."""
    kind = made.run.unserved if severe else made.run.missing
    return np.asarray(sum(kind[n] for n in _economies(made)[economy]))


def _month(made: Answer, k: int, name: str) -> dict[str, Any]:
    run, low = made.run, made.system.lowest().id
    ends = run.volume[low][:, k + 1]
    return {
        "month": name,
        "volume": {f"p{p}": float(np.percentile(ends, p)) for p in (2.5, 10, 25, 50, 75, 90, 97.5)},
        "missing": {
            e: {
                "mean": float(_of(made, e)[:, k].mean()),
                "p90": float(np.percentile(_of(made, e)[:, k], 90)),
                "odds_unserved": float((_of(made, e, True)[:, k] >= SEVERE).mean()),
            }
            for e in _economies(made)
        },
        **{
            kind: float(getattr(run, kind)[:, k].mean())
            for kind in ("hydro", "bought", "paid", "given", "returned", "inflow", "release", "value")
        },
    }


def _year(made: Answer, k: int, price: tuple[float, float]) -> dict[str, Any]:
    run, q = made.run, made.question
    span = slice(12 * k, min(12 * k + 12, q.months))
    ends = run.volume[made.system.lowest().id][:, span.start + 1 : span.stop + 1].min(axis=1)
    dry = {e: float(v[:, span].sum(axis=1).mean()) for e, v in run.dry.items()}
    below = {f"{level:g}": float((ends <= level + TOUCH).mean()) for level in made.levels}
    short = {e: float((_of(made, e, True)[:, span].sum(axis=1) >= SEVERE).mean()) for e in _economies(made)}
    return {
        "year": q.year + k,
        "odds_below": below,
        "odds_below_95": {x: wilson(v, len(ends)) for x, v in below.items()},
        "lowest_mean": float(ends.mean()),
        "missing": {e: float(_of(made, e)[:, span].sum(axis=1).mean()) for e in _economies(made)},
        "odds_unserved": short,
        "odds_unserved_95": {e: wilson(v, len(ends)) for e, v in short.items()},
        "bought": float(run.bought[:, span].sum(axis=1).mean()),
        "paid": float(run.paid[:, span].sum(axis=1).mean()),
        "given": float(run.given[:, span].sum(axis=1).mean()),
        "returned": float(run.returned[:, span].sum(axis=1).mean()),
        "irrigation_missing": dry,
        "irrigation_cost": {e: [p * v for p in price] for e, v in dry.items()},
    }


def _rivers(made: Answer) -> list[dict[str, Any]]:
    """Return missing power by whole hydrological year, economy and third of the inflow."""
    run, q = made.run, made.question
    found = []
    for begin in range(OCTOBER, q.months - 11, 12):
        inflow = run.inflow[:, begin : begin + 12].sum(axis=1)
        rank = np.argsort(np.argsort(inflow, kind="stable"), kind="stable") * 3 // len(inflow)
        for third, name in enumerate(THIRDS):
            paths = rank == third
            found.append(
                {
                    "from": f"{q.year + begin // 12}-{begin % 12 + 1:02d}",
                    "river": name,
                    "inflow": float(inflow[paths].mean()),
                    "missing": {
                        e: float(_of(made, e)[paths, begin : begin + 12].sum(axis=1).mean()) for e in _economies(made)
                    },
                    "odds_unserved": {
                        e: float((_of(made, e, True)[paths, begin : begin + 12].sum(axis=1) >= SEVERE).mean())
                        for e in _economies(made)
                    },
                }
            )
    return found


def _cost(made: Answer) -> dict[str, Any]:
    """Return bound, cost and gap; with caution there is no bound on the mean, and the cost is that of the paths."""
    head = {"head": made.head.adds, "head_error": made.head.error, "head_paths": made.head.paths}
    if made.cost is None:
        return {"cost": float(made.run.cost.mean()), "error": made.run.error, **head}
    c = made.cost
    return {
        "bound": c.bound,
        "cost": c.cost,
        "error": c.error,
        "upper": c.upper,
        "gap": c.gap,
        "horizon": c.own,
        "gap_of_horizon": (c.upper - c.bound) / c.own,
        **head,
    }
