"""A year of the side that holds the water, each row adding up to demand: `birge power dispatch`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from birge.models.power.accounts import GROWTHS, carbon, demand_at
from birge.models.power.balance import bought_carbon, made_by, need, shares, supply
from birge.models.power.case import HYDROLOGY, Case
from birge.models.power.dispatch import Dispatch, dispatch
from birge.models.power.system import System

__all__ = ["dispatch_document", "dispatch_text", "ranges"]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
KINDS = {
    "cascade": "cascade",
    "hydro": "other hydro",
    "coal": "coal, heat",
    "gas": "gas",
    "oil": "oil",
    "nuclear": "nuclear",
    "solar": "solar",
    "wind": "wind",
    "import": "purchases",
    "lines": "lines, net",
    "returned": "returned",
    "given": "given",
    "sold": "sold",
    "rationed": "rationed",
    "missing": "unserved",
}
"""Kinds in the order of the table, by the heads of their columns."""
UNIT = (
    "GWh by month and year, what goes out with a minus: kinds of `supply` add up to demand; volume in km3 at the end "
    "of the month; CO2 in Mt; shares of what is made there"
)


def dispatch_document(
    system: System, made: Dispatch, asked: Mapping[str, Any], spread: Mapping[str, Sequence[float]]
) -> dict[str, Any]:
    """Return the year: what was asked, months that add up, the year, shares, emissions, and ranges over other years."""
    home, low = system.home(), system.lowest()
    of, demand = supply(system, made, [home.id]), need(system, made, [home.id])
    kinds = [k for k in KINDS if k in of] + sorted(k for k in of if k not in KINDS)
    least, most, unknown = bought_carbon(system, made)
    whole = made_by(system, made)
    return {
        **asked,
        "node": home.id,
        "economy": home.economy,
        "reservoir": low.id,
        "unit": UNIT,
        "start_volume": float(made.volume[low.id][0]),
        "months": [
            {
                "month": name,
                "demand": float(demand[m].sum()),
                "supply": {k: float(of[k][m].sum()) for k in kinds},
                "volume": float(made.volume[low.id][m + 1]),
            }
            for m, name in enumerate(MONTHS)
        ],
        "year_total": {"demand": float(demand.sum()), "supply": {k: float(of[k].sum()) for k in kinds}},
        "shares": {e: dict(shares(v)) for e, v in whole.items()},
        "carbon": {
            "plants": carbon(system, made),
            "purchases_least": least,
            "purchases_most": most,
            "purchases_of_unknown_source_gwh": unknown,
        },
        "range": {k: {"low": min(v), "high": max(v)} for k, v in spread.items()},
    }


def ranges(system: System, of: Case, year: int) -> dict[str, list[float]]:
    """Return what the year of the side with the water comes to over inflow and growth of demand."""
    home, low = system.home(), system.lowest()
    found: dict[str, list[float]] = {}
    for growth in GROWTHS:
        demand = demand_at(system, year, growth)
        for hydrology in HYDROLOGY:
            inflow = 1.0 if hydrology == "mean" else system.parameters[hydrology].mode
            made = dispatch(system, of.at(demand={n: demand[n] for n in of.nodes}, inflow=inflow))
            own = {k: float(v.sum()) for k, v in supply(system, made, [home.id]).items()}
            least, most, _ = bought_carbon(system, made)
            row = {
                "demand, GWh": demand[home.id] * 1_000,
                "hydropower of the cascade, GWh": own["cascade"],
                "contracts, GWh": own.get("import", 0.0),
                "over lines net, GWh": own.get("lines", 0.0),
                "missing, GWh": own["missing"] + own["rationed"],
                "lowest volume, km3": float(made.volume[low.id].min()),
                "CO2 of all plants computed, Mt": carbon(system, made),
                "CO2 of what is bought at least, Mt": least,
                "CO2 of what is bought at most, Mt": most,
                "clean share of what is made there": shares(own)["clean"],
            }
            for name, value in row.items():
                found.setdefault(name, []).append(value)
    return found


def dispatch_text(d: Mapping[str, Any], system: System) -> str:
    """Return the document as a table that adds up, and what is said under it."""
    home, low = system.node(d["node"]), system.lowest()
    total = d["year_total"]
    kinds = [k for k, v in total["supply"].items() if any(abs(m["supply"][k]) >= 0.05 for m in d["months"])]
    swap = f", {d['swap_ratio']:g} MWh back for one" if d["swap_ratio"] is not None else ""
    opened = f", open: {', '.join(d['opened'])}" if d["opened"] else ""
    lines = [
        f"{home.name}, {d['year']}, {d['hydrology']} inflow, {d['regime']}{swap}{opened}: GWh, which add up to demand; "
        f"volume of {low.id} at the end of the month, km3. Illustrative.",
        f"{'':>5}{'demand':>10}" + "".join(f"{KINDS.get(k, k):>12}" for k in kinds) + f"{'volume':>9}",
    ]
    for m in d["months"]:
        cells = "".join(f"{m['supply'][k] + 0.0:>12,.1f}" for k in kinds)
        lines.append(f"{m['month']:>5}{m['demand']:>10,.1f}{cells}{m['volume']:>9.1f}")
    lines.append(f"{'Year':>5}{total['demand']:>10,.0f}" + "".join(f"{total['supply'][k]:>12,.0f}" for k in kinds))
    lines.append("\nShares of what is made there: hydropower, sun, wind, nuclear; clean in all:")
    for e, of in d["shares"].items():
        lines.append(
            f"  {e}: {of['hydro']:.3f}, {of['solar']:.3f}, {of['wind']:.3f}, {of['nuclear']:.3f}; {of['clean']:.3f}"
        )
    c = d["carbon"]
    lines.append(f"CO2 of all plants computed {c['plants']:.1f} Mt{_bought(c)}.")
    lines.append("\nOver dry to wet inflow and low to high growth of demand (9 years):")
    lines += [f"  {name}: {_said(name, r, low.stop_km3)}" for name, r in d["range"].items() if r["low"] or r["high"]]
    lines += ["", d["note"]] if d.get("note") else []
    return "\n".join(lines)


def _bought(c: Mapping[str, float]) -> str:
    parts = []
    if c["purchases_most"] > 0:
        parts.append(
            f"for what is bought {c['purchases_least']:.1f} to {c['purchases_most']:.1f} more, by what sellers burn"
        )
    if c["purchases_of_unknown_source_gwh"] >= 0.5:
        parts.append(f"{c['purchases_of_unknown_source_gwh']:,.0f} GWh come from sellers whose plants are not known")
    return "; " + "; ".join(parts) if parts else ""


def _said(name: str, r: Mapping[str, float], stop: float) -> str:
    how = ".3f" if "share" in name else ",.1f"
    low, high = format(r["low"], how), format(r["high"], how)
    if low != high:
        return f"{low} to {high}"
    if name.startswith("lowest volume") and abs(r["low"] - stop) < 0.05:
        return f"{low} in all: a year that repeats itself draws the reservoir down to where plants stop"
    return f"{low} in all"
