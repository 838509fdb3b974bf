"""What the freight model says, as text and as a document: routes, corridors, a measure at a crossing, an assignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from birge.factbook.network import Network
from birge.models.freight import Assignment, Costs, Effect, Goods, Graph, Indicators, Roads, Route, indicators, legs
from birge.models.freight.planned import AtWork
from birge.plan.crossing import HOURS, OPENING
from birge.report.words import plural

__all__ = [
    "assignment_document",
    "assignment_text",
    "corridor_document",
    "corridor_text",
    "effect_document",
    "effect_text",
    "own_waits_text",
    "planned_text",
    "route_document",
    "route_text",
]

ROWS: tuple[tuple[str, str, str], ...] = (
    ("km", "length, km", ",.0f"),
    ("share_rail", "by rail, of 100 t", ".0f"),
    ("hours", "hours, mean", ".1f"),
    ("p50", "hours, P50", ".1f"),
    ("p95", "hours, P95", ".1f"),
    ("reliability", "reliability, P95 / P50", ".2f"),
    ("tfi1", "TFI1: hours at crossings", ".1f"),
    ("tfi2", "TFI2: USD at crossings, a truck", ".0f"),
    ("tfi3", "TFI3: USD per 500 km per 20 t", ",.0f"),
    ("swd", "TFI4, SWD: km/h with delay", ".1f"),
    ("swod", "SWOD: km/h without delay", ".1f"),
    ("money", "money, USD a tonne", ".1f"),
    ("cost", "generalised cost, USD a tonne", ".1f"),
    ("co2_t", "emissions, kg CO2e a tonne", ".1f"),
    ("co2_tkm", "emissions, g CO2e a t-km", ".0f"),
)


def route_text(
    g: Graph, found: Sequence[Route], goods: Goods, costs: Costs, language: str = "en", most: int = 5
) -> str:
    """Return the alternatives with their legs, the most used first."""
    lines = [f"{goods.name}: worth {goods.value:,.0f} USD a tonne; an hour costs {goods.hour:.2f} USD a tonne"]
    for r in found[:most]:
        i = indicators(r, goods, costs, _cv(g.network, r))
        via = f"through {g.network.node(r.crossing).name(language)}" if r.crossing else "through no crossing"
        lines.append(
            f"{r.share * 100:3.0f} of 100 t  by {r.mode} {via}: {r.km:,.0f} km; P50 {i.p50:.1f} h, P95 {i.p95:.1f} h; "
            f"{r.money:.1f} USD a tonne, with time {r.cost:.1f}; {i.co2_t:.1f} kg CO2e a tonne"
        )
        for leg in legs(g, r):
            start, end = (g.network.node(n).name(language) for n in (leg.start, leg.end))
            place = f"{start} → {end}" if leg.km else start
            km = f"{leg.km:,.0f} km, " if leg.km else ""
            lines.append(f"              {leg.kind:<8} {place}: {km}{leg.hours:.1f} h, {leg.money:.1f} USD a tonne")
    rest = sum(r.share for r in found[most:])
    if rest > 0.005:
        lines.append(f"{rest * 100:3.0f} of 100 t  by {plural(len(found) - most, 'further way')}; --all shows them")
    return "\n".join(lines)


def own_waits_text(network: Network, found: Sequence[Route]) -> str:
    """Return whose waits count at crossings passed by road on a network of one's own, or where none is known."""
    passed = dict.fromkeys(r.crossing for r in found if r.crossing and r.mode == "road")
    unknown = [network.node(c).name() for c in passed if c not in network.passages]
    if unknown:
        return f"no wait is known at {', '.join(unknown)}, 0 h counted (give hours in crossing_waits.csv)"
    return "waits of crossing_waits.csv at today's trucks" if passed else "no crossing is passed"


def route_document(g: Graph, found: Sequence[Route], goods: Goods, costs: Costs) -> dict[str, Any]:
    """Return the alternatives as a JSON document."""
    rows = [
        {
            "mode": r.mode,
            "crossing": r.crossing or None,
            "share": r.share,
            "wait_h": r.wait,
            "legs": [asdict(leg) for leg in legs(g, r)],
            **asdict(indicators(r, goods, costs, _cv(g.network, r))),
        }
        for r in found
    ]
    return {"goods": asdict(goods), "routes": rows}


def corridor_text(columns: Sequence[tuple[str, Mapping[str, Indicators]]]) -> str:
    """Return a table of indicators by road, by rail and over all ways, a column for each state of the network."""
    modes = [m for m in ("road", "rail", "all") if any(m in found for _, found in columns)]
    if len(modes) == 2:
        modes.pop()
    width = max(9, *(len(name) + 2 for name, _ in columns))
    words = {"road": "by road", "rail": "by rail", "all": "all ways"}
    lines = [
        " " * 32 + "".join(f"{words[m]:>{width * len(columns)}}" for m in modes),
        " " * 32 + "".join(f"{name:>{width}}" for name, _ in columns) * len(modes),
    ]
    for field, label, form in ROWS:
        if field == "share_rail" and len(modes) == 1:
            continue
        scale = 1000.0 if field == "co2_tkm" else 100.0 if field == "share_rail" else 1.0
        line = ""
        for m in modes:
            for _, found in columns:
                # no fee is known by rail, and the share by rail is one of all ways
                there = m in found and (field, m) not in (
                    ("share_rail", "road"),
                    ("share_rail", "rail"),
                    ("tfi2", "rail"),
                )
                line += f"{format(float(getattr(found[m], field)) * scale, form) if there else '-':>{width}}"
        lines.append(f"{label:<32}{line}".rstrip())
    return "\n".join(lines)


def planned_text(
    network: Network, opened: Sequence[str], found: Sequence[AtWork], on: date | None, language: str = "en"
) -> str:
    """Return what of the plan the second column counts, by middle dates, and what begins too late for it."""
    if not found:
        return f"with the plan: {', '.join(opened) or 'nothing'} open"
    until = f"begun by {on} at middle dates" if on else "all of it, whatever its date"
    lines = [f"with the plan, {until}; measures at the mean of their size:"]
    width = max(len(w.measure) for w in found)
    lines += [_work_line(network, w, width, language) for w in found if w.counts]
    if not any(w.counts for w in found):
        lines.append("  nothing")
    late = [w for w in found if not w.counts]
    if late:
        lines += ["not counted, as it begins later:", *(_work_line(network, w, width, language) for w in late)]
    return "\n".join(lines)


def _work_line(network: Network, w: AtWork, width: int, language: str) -> str:
    what = f"opens {', '.join(w.effect.opens)}"
    if w.effect.driver != OPENING:
        where = network.node(w.effect.crossing).name(language) if w.effect.crossing else "every crossing"
        way = f", {w.effect.direction}" if w.effect.direction else ""
        size = f"{w.size:+.2f} h" if w.effect.driver == HOURS else f"serves {w.size:.2f} times as many trucks"
        what = f"{where}{way}: {size}"
    begins = w.begins.isoformat() if w.begins else "no date"
    return f"  {w.measure:<{width}}  {begins:<10}  {what}{' (assumed)' if w.assumed else ''}"


def corridor_document(
    columns: Sequence[tuple[str, Mapping[str, Indicators]]], opened: Sequence[str], found: Sequence[AtWork]
) -> dict[str, object]:
    """Return the indicators by state and mode, and the plan's effects on crossings and links with those that count."""
    made: dict[str, object] = {name.replace(" ", "_"): {m: asdict(i) for m, i in by.items()} for name, by in columns}
    measures = [
        {
            "measure": w.measure,
            "driver": w.effect.driver,
            "crossing": w.effect.crossing or None,
            "direction": w.effect.direction or None,
            "opens": list(w.effect.opens),
            "size": w.size,
            "milestone": w.milestone,
            "begins": w.begins.isoformat() if w.begins else None,
            "assumed": w.assumed,
            "counts": w.counts,
        }
        for w in found
    ]
    return made | {"opened": list(opened), "measures": measures}


def effect_text(effect: Effect, crossings: Sequence[str], network: Network, crossing: str, hours: float) -> str:
    """Return Δτ by section and direction, and what the waits did."""
    at = list(crossings).index(crossing)
    name = network.node(crossing).name()
    lines = [f"{name}: {hours:+g} h both ways"]
    for k, flow in enumerate(effect.total):
        before, after = effect.before, effect.after
        lines.append(
            f"{flow}: wait {before.waits[at, k]:.1f} → {after.waits[at, k]:.1f} h, "
            f"trucks a day {before.trucks[at, k]:.0f} → {after.trucks[at, k]:.0f}; "
            f"trade cost {effect.total[flow][1] * 100:+.3f} % of value once the queue has answered "
            f"({effect.total[flow][0] * 100:+.3f} % if it did not)"
        )
        lines.append("  section   USD a tonne   Δ USD a tonne   Δ trade cost, %   if the queue did not answer, %")
        lines += [
            f"  {r.section:<7} {r.value:>13,.0f} {r.settled:>15.3f} {r.settled_share * 100:>17.4f} "
            f"{r.held_share * 100:>31.4f}"
            for r in effect.rows
            if r.flow == flow
        ]
    lines.append(f"residual of waits {max(effect.before.residual, effect.after.residual):.1e} h")
    return "\n".join(lines)


def effect_document(effect: Effect) -> dict[str, Any]:
    """Return the effect as a JSON document."""
    return {
        "rows": [asdict(r) | {"held_share": r.held_share, "settled_share": r.settled_share} for r in effect.rows],
        "total": {f: {"held": a, "settled": b} for f, (a, b) in effect.total.items()},
        "residual_h": max(effect.before.residual, effect.after.residual),
    }


def assignment_text(roads: Roads, made: Assignment, most: int = 10) -> str:
    """Return the checks and the links whose time rose most."""
    rise = made.cost / (roads.free + roads.fixed).clip(1e-300)
    worst = sorted(range(rise.size), key=lambda a: -made.flow[a] * (made.cost[a] - roads.free[a] - roads.fixed[a]))
    lines = [
        f"relative gap {made.gap:.1e} after {made.iterations} iterations; objective {made.objective:,.2f}",
        f"flow is conserved within {made.balance:.1e} of all trips; vehicle time {made.total:,.2f}",
        "Flow and time are in the units of the files; links by the time that congestion costs on them:",
        "link                flow        time    time / free",
    ]
    lines += [
        f"{roads.nodes[roads.tail[a]]:>6} → {roads.nodes[roads.head[a]]:<6} {made.flow[a]:>10,.1f} "
        f"{made.cost[a]:>11.3f} {rise[a]:>14.2f}"
        for a in worst[:most]
    ]
    return "\n".join(lines)


def assignment_document(roads: Roads, made: Assignment) -> dict[str, Any]:
    """Return flows and times as a JSON document."""
    return {
        "gap": made.gap,
        "iterations": made.iterations,
        "objective": made.objective,
        "balance": made.balance,
        "links": [
            {"from": roads.nodes[a], "to": roads.nodes[b], "flow": float(v), "time": float(c)}
            for a, b, v, c in zip(roads.tail, roads.head, made.flow, made.cost, strict=True)
        ],
    }


def _cv(network: Network, r: Route) -> float:
    return network.passages[r.crossing].cv if r.crossing in network.passages else 0.0
