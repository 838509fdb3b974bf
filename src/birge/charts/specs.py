"""The charts of an assessment.

Past as points, the future's median dashed, targets labelled; fixed colours for the two sides that favour neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["SIDES", "contributions", "fan", "milestones"]

SIDES = ("#1b6ca8", "#b3631b")
"""Colours of the first and the second side; both readable on white (contrast over 4.5)."""
GREY = "#59636e"
WIDTH = 620


def fan(
    title: str,
    past: Sequence[Mapping[str, Any]],
    bands: Sequence[Mapping[str, Any]],
    targets: Sequence[Mapping[str, Any]],
    color: str,
) -> dict[str, Any]:
    """Return turnover of one side: `past` {year, value, kind}, `bands` {year, level, low, high, median}, `targets`."""
    import altair as alt

    years = [row["year"] for row in (*past, *bands)]
    x = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(domain=[min(years), max(years) + 1], nice=False),
        axis=alt.Axis(format="d", tickMinStep=1, tickCount=16, grid=False),
    )
    y = alt.Y("low:Q", title="bn USD a year, current prices", scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=6))
    base = alt.Chart(alt.InlineData(list(bands)))
    opacity = alt.Opacity(
        "level:O", scale=alt.Scale(domain=[95, 80, 50], range=[0.15, 0.3, 0.5]), legend=alt.Legend(title="interval, %")
    )
    area = base.mark_area(color=color).encode(x=x, y=y, y2="high:Q", opacity=opacity)
    median = (
        base.transform_filter("datum.level == 50").mark_line(color=color, strokeDash=[5, 3]).encode(x=x, y="median:Q")
    )
    seen = alt.Chart(alt.InlineData(list(past)))
    kind = alt.Shape(
        "kind:N",
        scale=alt.Scale(domain=["published", "compiled, unverified"], range=["circle", "cross"]),
        legend=alt.Legend(title="figures"),
    )
    line = seen.mark_point(color=color, filled=True, size=38, opacity=1).encode(x=x, y="value:Q", shape=kind)
    goal = alt.Chart(alt.InlineData(list(targets)))
    rule = goal.mark_point(color="#a4262c", shape="diamond", size=70, filled=True, opacity=1).encode(x=x, y="value:Q")
    text = goal.mark_text(dy=16, color="#a4262c", fontWeight="bold").encode(x=x, y="value:Q", text="label:N")
    return _spec(alt.layer(area, median, line, rule, text).properties(width=WIDTH, height=280, title=title))


def contributions(title: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what each measure adds: `rows` {title, low, mean, high} in mn USD."""
    import altair as alt

    base = alt.Chart(alt.InlineData(list(rows)))
    y = alt.Y("title:N", sort=None, title=None, axis=alt.Axis(labelLimit=300))
    bar = base.mark_rule(strokeWidth=6, color=GREY, opacity=0.4).encode(
        y=y, x=alt.X("low:Q", title="mn USD a year; line: 80 % of futures, dot: mean"), x2="high:Q"
    )
    dot = base.mark_circle(size=70, color=GREY, opacity=1).encode(y=y, x="mean:Q")
    return _spec(alt.layer(bar, dot).properties(width=WIDTH - 280, title=title))


def milestones(title: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return whiskers from P10 to P90 with the planned date: `rows` {title, p10, p50, p90, planned} as ISO dates."""
    import altair as alt

    base = alt.Chart(alt.InlineData(list(rows)))
    y = alt.Y("title:N", sort=None, title=None, axis=alt.Axis(labelLimit=300))
    whisker = base.mark_rule(strokeWidth=6, color=GREY, opacity=0.4).encode(
        y=y, x=alt.X("p10:T", title="line: 80 % of futures, dot: even odds, ring: planned"), x2="p90:T"
    )
    dot = base.mark_circle(size=70, color=GREY, opacity=1).encode(y=y, x="p50:T")
    ring = (
        base.transform_filter("datum.planned != null")
        .mark_point(size=110, color="#a4262c", strokeWidth=2)
        .encode(y=y, x="planned:T")
    )
    return _spec(alt.layer(whisker, dot, ring).properties(width=WIDTH - 280, title=title))


def _spec(chart: Any) -> dict[str, Any]:
    made: dict[str, Any] = (
        chart.configure(font="Noto Sans, DejaVu Sans, Arial, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(gridColor="#e6e8eb", domainColor="#c3c8ce")
        .configure_title(anchor="start", fontSize=14)
        .to_dict()
    )
    return made
