"""What it pays to build, in words and as a document: `birge power expand`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from birge.models.power.expand import Expansion, State
from birge.models.power.system import System

__all__ = ["expand_document", "expand_text"]

CLOCKS = {"typical": "12 typical days of 24 hours", "three-hourly": "every third hour", "hourly": "every hour"}
ENGINE = {"highs": "HiGHS", "pypsa": "PyPSA with HiGHS"}


def expand_text(e: Expansion, system: System, hydrology: str, price: float) -> str:
    """Return the answer: cost and missing power before and after, what is built, whole projects, near optima."""
    a, b = e.before, e.after
    lines = [
        f"{e.year}, {hydrology} inflow, irrigation water at {price:g} mn USD/km3, open lines; {CLOCKS[e.clock]}, "
        f"{ENGINE[e.engine]}; illustrative.",
        f"With the plants of the tables and nothing more: {a.cost:,.0f} mn USD a year, of it missing power "
        f"{a.missing_cost:,.0f} at its assumed cost.",
        f"With what pays to build: {b.cost:,.0f}, what is built included; of it missing power {b.missing_cost:,.0f}.",
        "",
        f"{'':<22}{'before':>12}{'after':>12}",
    ]
    for economy in a.missing:
        lines.append(
            f"{economy + ', missing GWh':<22}{a.missing[economy].sum():>12,.0f}{b.missing[economy].sum():>12,.0f}"
        )
    lines.append(f"{'clean share':<22}{a.clean:>12.2f}{b.clean:>12.2f}")
    lines.append(f"{'Mt CO2':<22}{a.carbon:>12.1f}{b.carbon:>12.1f}")
    plan = [o for o in e.offered if o.milestone and not o.whole]
    lines += ["", "Of the plan (MW built of MW offered by then):"]
    lines += [f"  {o.id:<20}{e.built[o.id]:>8,.0f} of {o.mw:,.0f}" for o in plan]
    lines.append("Besides:")
    for o in e.offered:
        if not o.milestone and not o.whole and e.built[o.id] >= 0.5:
            store = f", {e.stored[o.id]:,.0f} MWh" if o.id in e.stored else ""
            lines.append(f"  {o.id:<20}{e.built[o.id]:>8,.0f} of {o.mw:,.0f}{store}")
    if e.whole:
        lines += ["", "Built in full or not, each by itself on top of that (mn USD a year):"]
    for w in e.whole:
        verdict = "pays" if w.saves > w.costs else "does not pay by itself"
        lines.append(f"  {w.id:<20}saves {w.saves:,.0f}, costs {w.costs:,.0f}: {verdict}; CO2 {w.carbon:+.1f} Mt")
    if e.near:
        lines += ["", f"Nearly as cheap, within {100 * e.slack:g} % of the least cost (MW):"]
        for n in e.near:
            must = "always built" if n.least >= 0.5 else "can be left out"
            lines.append(f"  {n.group:<20}{n.least:>8,.0f} to {n.most:,.0f} ({n.best:,.0f} in the cheapest; {must})")
    rate = system.parameters["discount"].mode
    lines += [
        "",
        f"Investment as a yearly payment at {100 * rate:g} % over the life of each; costs, limits and dates of the "
        "table of options, many assumed. Nothing retires; days of a month are alike unless --series gives hours, which "
        "flatters wind.",
    ]
    return "\n".join(lines)


def expand_document(e: Expansion, hydrology: str, price: float) -> dict[str, Any]:
    """Return the same as a document."""
    return {
        "year": e.year,
        "hydrology": hydrology,
        "water_price": price,
        "clock": e.clock,
        "engine": e.engine,
        "unit": "mn USD a year; TWh; GWh by month; Mt CO2; MW, MWh",
        "before": _state(e.before),
        "after": _state(e.after),
        "built": [
            {
                "option": o.id,
                "milestone": o.milestone or None,
                "node": o.node,
                "technology": o.technology,
                "mw": e.built[o.id],
                "of": o.mw,
                **({"mwh": e.stored[o.id]} if o.id in e.stored else {}),
            }
            for o in e.offered
            if not o.whole
        ],
        "whole": [{"option": w.id, "saves": w.saves, "costs": w.costs, "carbon_change": w.carbon} for w in e.whole],
        "near": {"slack": e.slack, "groups": [vars(n) for n in e.near]} if e.near else None,
    }


def _state(s: State) -> Mapping[str, Any]:
    return {
        "cost": s.cost,
        "missing_power_cost": s.missing_cost,
        "made": {k: dict(v) for k, v in s.made.items()},
        "carbon": s.carbon,
        "clean_share": s.clean,
        "missing_by_month": {k: [float(x) for x in v] for k, v in s.missing.items()},
    }
