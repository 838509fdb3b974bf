"""A year by hours as text, document and picture: `birge power hours`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from birge.charts.power import days
from birge.models.power.balance import shares
from birge.models.power.hours import Hours
from birge.models.power.system import System
from birge.report.power import Drawing, source_names
from birge.report.power_expand import CLOCKS, ENGINE
from birge.texts import Translator

__all__ = ["hours_document", "hours_drawing", "hours_text"]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SEASONS = (0, 3, 6, 9)
WATERS = {
    "cyclic": "the year ends with the water it began with",
    "targets": "month ends hold the water of the year by months",
    "values": "what is left in December is worth what the policy says",
}


def hours_document(made: Hours, question: Mapping[str, Any]) -> dict[str, Any]:
    """Return the year: mn USD, TWh, Mt CO2, GWh; by month km3, USD/MWh and the value of water in mn USD/km3."""
    s = made.state
    return {
        **question,
        "unit": "mn USD a year; TWh; Mt CO2; GWh, USD/MWh and mn USD/km3 by month; km3 at both ends of months; "
        "shares of what is made in an economy",
        "cost": made.run.cost - made.run.future,
        "cost_to_come": made.run.future if made.grid.worths else None,
        "missing_power_cost": s.missing_cost,
        "made": {k: dict(v) for k, v in s.made.items()},
        "carbon": s.carbon,
        "clean_share": s.clean,
        "shares": {e: dict(shares(v)) for e, v in s.made.items()},
        "missing_by_month": {k: [float(x) for x in v] for k, v in s.missing.items()},
        "volume": {k: [float(x) for x in v] for k, v in made.volume.items()},
        "price_by_month": {k: [float(x) for x in v] for k, v in made.price.items()},
        "water_value_by_month": {k: [float(x) for x in v] for k, v in made.worth.items()},
    }


def hours_text(d: Mapping[str, Any], system: System) -> str:
    """Return the document as a head line, what is made, and a table by month."""
    places = {r.id: r.id.replace("-", " ").title() for r in system.reservoirs}
    lines = [
        f"{d['year']}, {d['hydrology']} inflow, {d['regime']}; {CLOCKS[d['hours']]}, {ENGINE[d['engine']]}; "
        f"{WATERS[d['water']]}. Illustrative.",
        f"Cost {d['cost']:,.0f} mn USD, of it missing power {d['missing_power_cost']:,.0f} at its assumed cost; "
        f"{d['carbon']:.1f} Mt CO2; clean share {d['clean_share']:.2f}.",
    ]
    if d["cost_to_come"] is not None:
        lines.append(f"What comes after, by the policy: {d['cost_to_come']:,.0f} mn USD, discounted.")
    for economy, of in d["made"].items():
        parts = ", ".join(f"{k} {v:.1f}" for k, v in sorted(of.items(), key=lambda x: -x[1]) if v >= 0.05)
        lines.append(f"  {economy}, TWh: {parts}")
    lines += ["", "Month by month: volume at its end (km3), value of water (mn USD/km3), USD/MWh by node, missing GWh"]
    head = [f"{places[r]:>12}{'value':>9}" for r in d["volume"]] + [f"{n:>9}" for n in d["price_by_month"]]
    lines.append(f"{'':>6}" + "".join(head) + "".join(f"{f'{e} GWh':>9}" for e in d["missing_by_month"]))
    for m, name in enumerate(MONTHS):
        row = "".join(f"{d['volume'][r][m + 1]:>12.2f}{d['water_value_by_month'][r][m]:>9.1f}" for r in d["volume"])
        row += "".join(f"{v[m]:>9.1f}" for v in d["price_by_month"].values())
        row += "".join(f"{v[m]:>9,.0f}" for v in d["missing_by_month"].values())
        lines.append(f"{name:>6}{row}")
    return "\n".join(lines)


def hours_drawing(system: System, made: Hours, economy: str, t: Translator, source: str) -> Drawing:
    """Return four typical days of the nodes of `economy`, or four weeks where days are told apart, MW by source."""
    clock = made.grid.clock
    span = 24 if clock.name == "typical" else 168
    names = source_names(t, system.lowest().id.replace("-", " ").title())
    nodes = {n.id for n in system.nodes if n.economy == economy}
    kinds = _kinds(made, nodes)
    load = sum((d.value for d in made.grid.draws if d.bus in nodes), np.zeros(len(clock.hours)))
    words = [t("January"), t("April"), t("July"), t("October")]
    rows: list[dict[str, Any]] = []
    demand: list[dict[str, Any]] = []
    table: list[tuple[str | float, ...]] = []
    for m, day in zip(SEASONS, words, strict=True):
        steps = np.flatnonzero(clock.month == m)
        if span == 168:
            steps = steps[14 * 24 // clock.width : 21 * 24 // clock.width]
        for k, step in enumerate(steps):
            hour, until = k * clock.width, (k + 1) * clock.width
            parts = {kind: float(v[step]) for kind, v in kinds.items() if kind in names}
            rows += [
                {"day": day, "hour": hour, "until": until, "source": names[kind], "value": v}
                for kind, v in parts.items()
            ]
            demand.append({"day": day, "hour": hour, "value": float(load[step])})
            table.append((day, f"{hour}-{until}", *(round(parts.get(k, 0.0), 1) for k in names), round(load[step], 1)))
        demand.append({**demand[-1], "hour": span})
    order = [n for n in names.values() if any(r["source"] == n and abs(r["value"]) > 0.5 for r in rows)]
    rows = [r for r in rows if r["source"] in order]
    top = max(demand, key=lambda r: float(r["value"]))
    told = t("Highest load of these days: {mw} MW in {month}.", mw=t.number(float(top["value"])), month=top["day"])
    line = t("demand")
    return Drawing(
        "days" if span == 24 else "weeks",
        t("Typical days by source")
        if span == 24
        else t("Four weeks by source, from the 15th of the month")
        if clock.series
        else t("Four weeks by source: every day of a month is alike"),
        told,
        source,
        lambda w: days(rows, demand, order, words, w, (t("MW"), t("hour"), line), t.lang, span),
        (t("month"), t("hour"), *(f"{n}, {t.named('unit', 'MW')}" for n in (*names.values(), line))),
        tuple(table),
    )


def _kinds(made: Hours, nodes: set[str]) -> dict[str, Any]:
    """Return MW of every step by kind of source, net of what lines take out of `nodes`."""
    g = made.grid
    found: dict[str, Any] = {}

    def add(kind: str, value: Any) -> None:
        found[kind] = found.get(kind, 0.0) + value

    for u in g.units:
        if u.bus in nodes:
            add(u.technology, u.sign * made.run.flow[u.name])
    for x in g.arcs:
        flow, inside = made.run.flow[x.name], (x.start in nodes, x.end in nodes)
        if x.name.endswith("-turbines") and inside[1]:
            add("cascade", x.efficiency * flow)
        elif inside[0] != inside[1]:
            add("lines", x.efficiency * flow if inside[1] else -flow)
    return found
