"""The pictures of a simulated and of a sized crossing, each with what it shows in words and its table.

`simulation_drawings`, `sizing_drawings` → Drawings; `page` puts them into one file that needs no network, and
`pictures` gives each as SVG that stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from birge.charts import contributions, svg
from birge.charts.palette import HALO
from birge.charts.queues import demand, hours, tradeoff, used
from birge.models.border import Simulation, Sizing
from birge.models.border.sizing import Option
from birge.report.border_size import decision_name
from birge.report.drawings import NARROW, WIDE, Drawing

__all__ = ["page", "pictures", "simulation_drawings", "sizing_drawings"]


def simulation_drawings(made: Simulation) -> dict[str, Drawing]:
    """Return the queue by hour and the use of stations, by the name of their file."""
    rows: list[dict[str, Any]] = [
        {"stream": name, "hour": h, "mean": v[0], "low": v[1], "median": v[2], "high": v[3]}
        for name, band in made.queue_by_clock.items()
        for h, v in enumerate(band.tolist())
    ]
    streams = list(made.queue_by_clock)
    worst = max(rows, key=lambda r: float(r["mean"]))
    told = (
        f"Trucks in the queue by hour of the day over {made.replications} × {made.days} simulated days: median and "
        f"mean (dashed), and between which numbers 80 of 100 such hours lie. Longest at {worst['hour']}:00, "
        f"{worst['stream']}: {worst['mean']:.0f} trucks on average."
    )
    table = [
        (f"{r['hour']:02d}:00", str(r["stream"]), *(f"{r[k]:.1f}" for k in ("low", "median", "mean", "high")))
        for r in rows
    ]
    head = ("Hour", "Direction", "10 of 100 below", "Median", "Mean", "10 of 100 above")
    queue = _drawing(
        "Trucks in the queue",
        told,
        "queue",
        lambda w: hours(rows, streams, w, "trucks in the queue", "hour"),
        head,
        table,
    )
    stations: list[dict[str, Any]] = [
        {"station": name, "used": share, "blocked": made.blocked[name], "wait": made.station_wait[name]}
        for name, share in sorted(made.utilisation.items(), key=lambda p: -p[1])
    ]
    first = stations[0]
    said = (
        "Share of the time of servers on shift that is in use, and that is held by a truck which cannot go on. "
        f"The most is {first['station']}, {100 * first['used']:.0f} %."
    )
    use = _drawing(
        "Use of the stations", said, "stations",
        lambda w: used(stations, ("in use", "held by a truck that cannot go on"), w),
        ("Station", "In use, %", "Held, %", "Wait there, h"),
        [
            (str(r["station"]), f"{100 * r['used']:.1f}", f"{100 * r['blocked']:.1f}", f"{r['wait']:.2f}")
            for r in stations
        ],
    )  # fmt: skip
    return {"queue": queue, "stations": use}


def sizing_drawings(made: Sizing) -> dict[str, Drawing]:
    """Return cost against wait, what binds, and, where it was asked for, how the wait moves with demand."""
    best = made.chosen or made.best
    rows = [_point(o, "tried") for o in made.curve]
    rows += [_point(made.now, "now"), _point(best, "chosen", "sized" if made.chosen else "closest")]
    asked = made.asked.p90_wait_h
    told = (
        f"What the operator pays a year over the wait that nine of ten trucks stay under, of the designs on the way. "
        f"Now: {_said(made.now)}. {'Sized' if made.chosen else 'Closest that was tried'}: {_said(best)}. "
        f"Asked: {asked:g} h in {100 * made.asked.in_share:g} % of weeks; a cheaper design on this side of {asked:g} h "
        "keeps it in fewer weeks or turns trucks away."
    )
    titles = ("P90 of the wait, h", "operator, mn USD a year", f"asked: {asked:g} h")
    head = (
        "Design",
        "P90 of the wait, h",
        "Operator, mn USD a year",
        "Weeks that meet it, %",
        "Trucks that stay away, %",
    )
    table = [
        (name, f"{o.p90_h:.2f}", f"{o.operator_usd_year / 1e6:.3f}", f"{100 * o.share:.0f}", f"{100 * o.lost:.1f}")
        for name, o in (*(("tried", o) for o in made.curve), ("now", made.now), ("sized", best))
    ]
    found = {
        "cost-wait": _drawing(
            "Cost against wait", told, "cost-wait", lambda w: tradeoff(rows, asked, w, titles), head, table
        )
    }
    binding = [b for b in made.binding if b.more_p90_h is not None or b.less_p90_h is not None]
    if binding:
        ends: list[dict[str, Any]] = [
            {
                "title": f"{decision_name(made, b.decision)}: {b.now}",
                "low": min(best.p90_h, b.more_p90_h if b.more_p90_h is not None else best.p90_h),
                "mean": best.p90_h,
                "high": max(best.p90_h, b.less_p90_h if b.less_p90_h is not None else best.p90_h),
                "told": f"one more {_hours(b.more_p90_h)}, one less {_hours(b.less_p90_h)}",
            }
            for b in binding
        ]
        most = max(ends, key=lambda r: float(r["high"]) - float(r["low"]))
        said = (
            "P90 of the wait in h with one more and with one less of each decision, beside that of the design (dot). "
            f"What moves it most: {most['title']}."
        )
        cells = [
            (str(r["title"]), _hours(b.more_p90_h), _hours(b.less_p90_h), f"{b.step_usd_year:,.0f}")
            for r, b in zip(ends, binding, strict=True)
        ]
        names = ("Decision", "One more: P90", "One less: P90", "USD a year")
        found["binding"] = _drawing("What binds", said, "binding", lambda w: contributions(ends, w), names, cells)
    if made.demand:
        moves: list[dict[str, Any]] = [{"level": 1.0, "kept": best.p90_h, "told": f"{best.p90_h:.1f} h"}]
        moves += [{"level": d.level, "kept": d.kept.p90_h, "told": f"{d.kept.p90_h:.1f} h"} for d in made.demand]
        each = ", ".join(f"{d.kept.p90_h:.1f} h at {d.level:g} times the trucks" for d in made.demand)
        said = f"P90 of the wait of this design as demand moves: {best.p90_h:.1f} h today, {each}."
        names = ("Demand, times", "P90 of this design, h", "Weeks that meet it, %", "Sized again, mn USD a year")
        cells = [
            (
                f"{d.level:g}", f"{d.kept.p90_h:.1f}", f"{100 * d.kept.share:.0f}",
                f"{d.sized.operator_usd_year / 1e6:.2f}" if d.sized else "none that was tried is enough",
            )
            for d in made.demand
        ]  # fmt: skip
        axes = ("trucks, times those of today", "P90 of the wait, h", f"asked: {asked:g} h")
        found["demand"] = _drawing(
            "How the wait moves with demand", said, "demand", lambda w: demand(moves, asked, w, axes), names, cells
        )
    return found


def page(title: str, lead: str, source: str, drawings: Sequence[Drawing]) -> str:
    """Return one HTML file with all drawings, their tables and the `source` line; it needs no network."""
    from jinja2 import Environment, PackageLoader

    made = Environment(loader=PackageLoader("birge.report", "templates"), autoescape=True).get_template("pictures.html")
    return made.render(title=title, lead=lead, source=source, drawings=drawings)


def pictures(drawings: dict[str, Drawing], source: str) -> dict[str, str]:
    """Return each drawing as SVG on paper of its own, by file name; its description says what it shows and whence."""
    return {f"{name}.svg": _alone(d.wide, source) for name, d in drawings.items()}


def _alone(text: str, source: str) -> str:
    from html import escape

    text = re.sub(r"(\d+\.\d{2})\d+", r"\1", text)
    paper = f' {escape(source)}</desc><rect width="100%" height="100%" fill="{HALO}"/>'
    return text.replace("</desc>", paper, 1) + "\n"


def _point(o: Option, kind: str, text: str = "") -> dict[str, Any]:
    return {
        "wait": o.p90_h, "cost": o.operator_usd_year / 1e6, "kind": kind, "told": _said(o),
        "text": f"{text or kind}: {_said(o)}",
    }  # fmt: skip


def _said(o: Option) -> str:
    return f"{o.operator_usd_year / 1e6:.2f} mn USD, {o.p90_h:.1f} h"


def _hours(x: float | None) -> str:
    return "not possible" if x is None else f"{x:.1f} h"


def _drawing(
    title: str,
    told: str,
    name: str,
    spec: Callable[[int], dict[str, Any]],
    head: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
) -> Drawing:
    wide, narrow = (svg(spec(w), f"{name}-{kind}", title, told) for kind, w in (("wide", WIDE), ("narrow", NARROW)))
    return Drawing(title, told, wide, narrow, head, tuple(rows))
