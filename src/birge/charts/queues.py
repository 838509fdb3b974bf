"""Charts of a simulated and of a sized crossing: data in, Vega-Lite spec out.

`hours`     {stream, hour, low, median, high, mean}   → trucks in the queue over the hours of a day, a panel a stream
`used`      {station, used, blocked}                  → share of servers' time in use, and held by a truck that stays
`tradeoff`  {wait, cost, kind, told} and the asked    → yearly cost of the operator over the wait it buys
`demand`    {level, kept, told} and the asked wait    → the wait of one design as more trucks come
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from birge.charts.frame import framed, topped, written
from birge.charts.palette import GREY, HALO, INK, SIDES, TARGET

__all__ = ["demand", "hours", "tradeoff", "used"]

Rows = Sequence[Mapping[str, Any]]
BESIDE = 76
"""What stands beside a plot with the labels of an upright axis, px."""
PANEL = 150
ROW = 38


def hours(rows: Rows, streams: Sequence[str], width: int, title: str, hour: str, lang: str = "en") -> dict[str, Any]:
    """Return the median of the queue over the hours of a day in its band, and the mean as a dashed line."""
    import altair as alt

    ticks = alt.Axis(values=[0, 6, 12, 18, 23], format="d")
    panels = []
    for k, stream in enumerate(streams):
        own = [r for r in rows if r["stream"] == stream]
        x = alt.X("hour:Q", title=hour if k == len(streams) - 1 else None, scale=alt.Scale(domain=[0, 23]), axis=ticks)
        y = alt.Y("low:Q", scale=alt.Scale(domainMin=0), axis=alt.Axis(tickCount=4, **topped(f"{stream}: {title}")))
        base = alt.Chart(alt.InlineData(own)).encode(x=x)
        color = SIDES[k % len(SIDES)]
        layers = alt.layer(
            base.mark_area(color=color, opacity=0.25).encode(y=y, y2="high:Q"),
            base.mark_line(color=color, strokeWidth=2.2).encode(y="median:Q"),
            base.mark_line(color=color, strokeWidth=1.4, strokeDash=[4, 4]).encode(y="mean:Q"),
        )
        panels.append(layers.properties(width=width - BESIDE, height=PANEL))
    return framed(
        alt.vconcat(*panels, spacing=34).properties(padding={"left": 4, "right": 12, "top": 4, "bottom": 4}), lang
    )


def used(rows: Rows, names: tuple[str, str], width: int, lang: str = "en") -> dict[str, Any]:
    """Return a bar for each station: time in use, then time held by a truck that cannot go on; `names` of the two."""
    import altair as alt

    inner = width - 36
    data = [
        {"at": ROW * k + 24, "end": at + value, "start": at, "part": names[n], **r}
        for k, r in enumerate(rows)
        for n, (at, value) in enumerate(((0.0, r["used"]), (r["used"], r["blocked"])))
    ]
    heads = [{"at": ROW * k + 14, "text": r["station"], "told": f"{100 * r['used']:.0f} %"} for k, r in enumerate(rows)]
    y = alt.Y("at:Q", scale=alt.Scale(domain=[0, ROW * len(rows)], reverse=True, nice=False), axis=None)
    x = alt.X("start:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", tickCount=5, title=None))
    color = alt.Color(
        "part:N", scale=alt.Scale(domain=list(names), range=[SIDES[0], TARGET]),
        legend=alt.Legend(title=None, orient="top", symbolType="square"),
    )  # fmt: skip
    bars = alt.Chart(alt.InlineData(data)).mark_rule(strokeWidth=12).encode(x=x, x2="end:Q", y=y, color=color)
    left = written(heads, alt.value(0), y, {"align": "left", "baseline": "bottom"}, INK)
    right = written(heads, alt.value(inner), y, {"align": "right", "baseline": "bottom"}, GREY, "told")
    return framed(alt.layer(bars, *left, *right).properties(width=inner, height=ROW * len(rows)), lang)


def tradeoff(rows: Rows, asked: float, width: int, titles: tuple[str, str, str], lang: str = "en") -> dict[str, Any]:
    """Return cost over wait: `kind` is tried, now or chosen; `titles` of the wait, the cost and the asked wait."""
    import altair as alt

    waits, costs = ([float(r[k]) for r in rows] for k in ("wait", "cost"))
    room = 0.16 * max(max(costs) - min(costs), 0.01 * max(costs))
    last = 1.08 * max(*waits, asked)
    scale = alt.Scale(domain=[min(costs) - room, max(costs) + room], nice=False)
    x = alt.X("wait:Q", title=titles[0], scale=alt.Scale(domain=[0, last]), axis=alt.Axis(tickCount=6, format="~g"))
    y = alt.Y("cost:Q", scale=scale, axis=alt.Axis(tickCount=5, format=".2~f", **topped(titles[1])))
    tried = sorted((r for r in rows if r["kind"] == "tried"), key=lambda r: float(r["wait"]))
    base = alt.Chart(alt.InlineData(tried))
    rule = [{"wait": asked, "text": titles[2]}]
    named = [r for r in rows if r["kind"] != "tried"]
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=["now", "chosen"], range=["diamond", "circle"]), legend=None)
    left = [r for r in named if float(r["wait"]) <= 0.55 * last]
    right = [r for r in named if float(r["wait"]) > 0.55 * last]
    layers = [
        alt.Chart(alt.InlineData(rule)).mark_rule(color=TARGET, strokeDash=[5, 4], strokeWidth=1.6).encode(x=x),
        base.mark_line(color=SIDES[0], strokeWidth=1.8, interpolate="step-after").encode(x=x, y=y),
        base.mark_circle(color=SIDES[0], size=46, opacity=1).encode(x=x, y=y, tooltip="told:N"),
        alt.Chart(alt.InlineData(named))
        .mark_point(size=150, stroke=INK, strokeWidth=2.2, fill=HALO, opacity=1)
        .encode(x=x, y=y, shape=shape),
        *(written(left, x, y, {"align": "left", "dx": 10, "dy": -13}, INK) if left else ()),
        *(written(right, x, y, {"align": "right", "dx": -10, "dy": 14}, INK) if right else ()),
        *written(rule, x, alt.value(8), {"align": "left", "dx": 6}, TARGET),
    ]
    return framed(alt.layer(*layers).properties(width=width - BESIDE, height=270, padding=8), lang)


def demand(rows: Rows, asked: float, width: int, titles: tuple[str, str, str], lang: str = "en") -> dict[str, Any]:
    """Return the wait of one design over demand; `titles` of demand, of the wait, and of the asked wait."""
    import altair as alt

    top = 1.15 * max([asked, *(float(r["kept"]) for r in rows)])
    base = alt.Chart(alt.InlineData(sorted(rows, key=lambda r: float(r["level"]))))
    x = alt.X("level:Q", title=titles[0], scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5, format="~g"))
    y = alt.Y("kept:Q", scale=alt.Scale(domain=[0, top]), axis=alt.Axis(tickCount=5, **topped(titles[1])))
    rule = alt.Chart(alt.InlineData([{"kept": asked}]))
    label = written(
        [{"kept": asked, "text": titles[2]}], alt.value(4), alt.Y("kept:Q"), {"align": "left", "dy": 10}, TARGET
    )
    layers = [
        rule.mark_rule(color=TARGET, strokeDash=[5, 4], strokeWidth=1.6).encode(y=alt.Y("kept:Q")),
        base.mark_line(color=SIDES[0], strokeWidth=1.8).encode(x=x, y=y),
        base.mark_circle(color=SIDES[0], size=60, opacity=1).encode(x=x, y=y, tooltip="told:N"),
        *label,
    ]
    return framed(alt.layer(*layers).properties(width=width - BESIDE, height=200, padding=8), lang)
