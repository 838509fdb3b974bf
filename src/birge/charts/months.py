"""The charts of the models' pages: data in, Vega-Lite spec out; axis titles come in the reader's language.

`clock`   {hour, value, name, kind}              → a quantity over the hours of a day, today solid, planned dashed
`spread`  {title, name, value, planned}          → one value by title and side, the planned one as a hollow diamond
`stack`   {month, source, value} and demand      → a year month by month by source, demand as a line
`level`   {month, value} between two rules       → a reservoir over the year
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from birge.charts.palette import GREY, GRID, INK, SIDES, TARGET

__all__ = ["SOURCES", "clock", "level", "spread", "stack"]

Rows = Sequence[Mapping[str, Any]]
FONT = "Noto Sans, system-ui, Segoe UI, Roboto, DejaVu Sans, Arial, sans-serif"
SOURCES = ("#2f7f9e", "#79a9c9", "#c28f2c", "#8c6bb1", "#5f8f4e", "#9a6a4f", "#7d8791", "#b5577a")
"""Colours of sources in order, of middle lightness, so that they stand on light and on dark paper."""


def clock(rows: Rows, names: Sequence[str], width: int, title: str, hour: str) -> dict[str, Any]:
    """Return `value` over the hours of a day, a line for each of the two `names`, dashed where `kind` is planned."""
    import altair as alt

    base = alt.Chart(alt.InlineData(list(rows))).encode(
        x=alt.X(
            "hour:Q", title=hour, scale=alt.Scale(domain=[0, 23]), axis=alt.Axis(values=[0, 6, 12, 18, 23], format="d")
        ),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(domainMin=0), axis=alt.Axis(tickCount=5)),
        color=_sides(names),
        strokeDash=alt.StrokeDash(
            "kind:N", scale=alt.Scale(domain=["today", "planned"], range=[[1, 0], [5, 4]]), legend=None
        ),
    )
    return _spec(base.mark_line(strokeWidth=2.2).properties(width=width - 70, height=230))


def spread(rows: Rows, names: Sequence[str], width: int, title: str, order: Sequence[str]) -> dict[str, Any]:
    """Return a dot for each title and side, with `planned` as a hollow diamond where it is known."""
    import altair as alt

    y = alt.Y("title:N", title=None, sort=list(order), axis=alt.Axis(labelLimit=width // 2, ticks=False, domain=False))
    offset = alt.YOffset("name:N", sort=list(names))
    x = alt.X("value:Q", title=title, scale=alt.Scale(domainMin=0), axis=alt.Axis(tickCount=5))
    base = alt.Chart(alt.InlineData(list(rows)))
    stem = base.mark_rule(strokeWidth=2, opacity=0.4).encode(
        x=x, x2=alt.datum(0), y=y, yOffset=offset, color=_sides(names)
    )
    dots = base.mark_circle(size=70, opacity=1).encode(x=x, y=y, yOffset=offset, color=_sides(names))
    after = (
        alt.Chart(alt.InlineData([r for r in rows if r.get("planned") is not None] or [{}]))
        .mark_point(shape="diamond", size=70, strokeWidth=1.8, opacity=1, filled=False)
        .encode(x=alt.X("planned:Q"), y=y, yOffset=offset, color=_sides(names))
    )
    layers = [stem, dots, after] if any(r.get("planned") is not None for r in rows) else [stem, dots]
    count = len(order)
    return _spec(alt.layer(*layers).properties(width=max(120, width - 40 - width // 3), height=max(80, 34 * count)))


def stack(
    rows: Rows, demand: Rows, order: Sequence[str], width: int, title: str, month: str, line: str
) -> dict[str, Any]:
    """Return a year of bars by source in `order`, with demand {month, value} as a line called `line`."""
    import altair as alt

    x = alt.X("month:O", title=month, axis=alt.Axis(labelAngle=0, grid=False))
    scale = alt.Scale(domain=[*order, line], range=[*SOURCES[: len(order)], INK])
    columns = 2 if width < 420 else 4
    legend = alt.Legend(title=None, orient="bottom", columns=columns, labelColor=GREY, labelFontSize=12, labelLimit=400)
    rank = {name: k for k, name in enumerate(order)}
    bars = (
        alt.Chart(alt.InlineData([{**r, "rank": rank[r["source"]]} for r in rows]))
        .mark_bar()
        .encode(
            x=x,
            y=alt.Y("value:Q", title=title, axis=alt.Axis(tickCount=5)),
            color=alt.Color("source:N", scale=scale, legend=legend),
            order=alt.Order("rank:Q"),
        )
    )
    need = (
        alt.Chart(alt.InlineData([{**r, "source": line} for r in demand]))
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=24, color=INK))
        .encode(x=x, y="value:Q", color=alt.Color("source:N", scale=scale, legend=legend))
    )
    return _spec(alt.layer(bars, need).properties(width=width - 80, height=260))


def level(rows: Rows, rules: Sequence[tuple[float, str]], width: int, title: str, month: str) -> dict[str, Any]:
    """Return a level over month ends 0 to 12, between labelled `rules` (value, label)."""
    import altair as alt

    top = 1.08 * max([*(float(r["value"]) for r in rows), *(v for v, _ in rules)])
    x = alt.X(
        "month:Q",
        title=month,
        scale=alt.Scale(domain=[0, 12]),
        axis=alt.Axis(values=list(range(13)), grid=False, format="d"),
    )
    y = alt.Y("value:Q", title=title, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(tickCount=5))
    marks = alt.Chart(alt.InlineData([{"value": v, "label": text, "month": 0.1} for v, text in rules]))
    water = alt.Chart(alt.InlineData(list(rows)))
    layers = [
        water.mark_area(color=SOURCES[0], opacity=0.22).encode(x=x, y=y),
        water.mark_line(color=SOURCES[0], strokeWidth=2.2, point=alt.OverlayMarkDef(size=30, color=SOURCES[0])).encode(
            x=x, y=y
        ),
        marks.mark_rule(color=TARGET, strokeDash=[4, 3]).encode(y="value:Q"),
        marks.mark_text(color=TARGET, align="left", dy=-7, fontSize=12).encode(
            x="month:Q", y="value:Q", text="label:N"
        ),
    ]
    return _spec(alt.layer(*layers).properties(width=width - 70, height=220))


def _sides(names: Sequence[str]) -> Any:
    import altair as alt

    legend = alt.Legend(title=None, orient="top", labelColor=GREY, labelFontSize=12, labelLimit=260, columns=1)
    return alt.Color("name:N", scale=alt.Scale(domain=list(names), range=list(SIDES)), legend=legend)


def _spec(chart: Any) -> dict[str, Any]:
    made: dict[str, Any] = (
        chart.configure(font=FONT, aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            gridColor=GRID,
            domainColor=GREY,
            tickColor=GREY,
            labelColor=GREY,
            titleColor=GREY,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
        )
        .to_dict()
    )
    return {**made, "background": None}
