"""The charts of the models' pages: data in, Vega-Lite spec out; axis titles come in the reader's language.

`clock`   {hour, value, name, kind}              → a quantity over the hours of a day, today solid, planned dashed
`spread`  {title, name, value, planned}          → one value by title and side, the planned one as a hollow diamond
`stack`   {month, source, value} and demand      → a year month by month by source, demand as a line
`level`   {month, value} between two rules       → a reservoir over the year
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from birge.charts.apart import Word, apart, breadth
from birge.charts.frame import framed, topped, written
from birge.charts.palette import INK, SIDES, TARGET

__all__ = ["SOURCES", "clock", "level", "spread", "stack"]

Rows = Sequence[Mapping[str, Any]]
SOURCES = ("#2f7f9e", "#79a9c9", "#c28f2c", "#8c6bb1", "#5f8f4e", "#9a6a4f", "#7d8791", "#b5577a")
"""Colours of sources in order, of middle lightness, so that they stand on light and on dark paper."""
LEVEL = 220
BESIDE, EDGE = 64, 36
"""What stands beside a plot, px: with the labels of an upright axis, and without."""
HEAD, LANE = 26, 15
"""Height of a title above its dots and of each side's lane, px."""


def clock(rows: Rows, names: Sequence[str], width: int, title: str, hour: str, lang: str = "en") -> dict[str, Any]:
    """Return `value` over the hours of a day, a line for each of the two `names`, dashed where `kind` is planned."""
    import altair as alt

    base = alt.Chart(alt.InlineData(list(rows))).encode(
        x=alt.X(
            "hour:Q", title=hour, scale=alt.Scale(domain=[0, 23]), axis=alt.Axis(values=[0, 6, 12, 18, 23], format="d")
        ),
        y=alt.Y("value:Q", scale=alt.Scale(domainMin=0), axis=alt.Axis(tickCount=5, **topped(title))),
        color=_sides(names),
        strokeDash=alt.StrokeDash(
            "kind:N", scale=alt.Scale(domain=["today", "planned"], range=[[1, 0], [5, 4]]), legend=None
        ),
    )
    return framed(base.mark_line(strokeWidth=2.2).properties(width=width - BESIDE, height=230), lang)


def spread(
    rows: Rows, names: Sequence[str], width: int, title: str, order: Sequence[str], lang: str = "en"
) -> dict[str, Any]:
    """Return a dot for each title and side, with `planned` as a hollow diamond where it is known.

    A title stands above its dots, so that a long one has the whole width.
    """
    import altair as alt

    each = HEAD + LANE * len(names)
    lane = {name: k for k, name in enumerate(names)}
    top = {name: k * each for k, name in enumerate(order)}
    placed = [{**r, "at": top[r["title"]] + HEAD + LANE * (lane[r["name"]] + 0.5)} for r in rows]
    scale = alt.Scale(domain=[0, each * len(order)], reverse=True, nice=False)
    y = alt.Y("at:Q", scale=scale, axis=None)
    x = alt.X("value:Q", title=title, scale=alt.Scale(domainMin=0), axis=alt.Axis(tickCount=5))
    base, color = alt.Chart(alt.InlineData(placed)), _sides(names)
    heads = alt.Chart(alt.InlineData([{"title": name, "at": at + HEAD - 5} for name, at in top.items()]))
    layers = [
        base.mark_rule(strokeWidth=2, opacity=0.4).encode(x=x, x2=alt.datum(0), y=y, color=color),
        base.mark_circle(size=70, opacity=1).encode(x=x, y=y, color=color),
        heads.mark_text(align="left", baseline="bottom", fontSize=12.5, fontWeight=600).encode(
            x=alt.value(0), y=y, text="title:N"
        ),
    ]
    after = [r for r in placed if r.get("planned") is not None]
    if after:
        hollow = alt.Chart(alt.InlineData(after)).mark_point(shape="diamond", size=70, strokeWidth=1.8, opacity=1)
        layers.append(hollow.encode(x=alt.X("planned:Q"), y=y, color=color))
    return framed(alt.layer(*layers).properties(width=width - EDGE, height=each * len(order)), lang)


def stack(
    rows: Rows,
    demand: Rows,
    order: Sequence[str],
    width: int,
    title: str,
    month: str,
    line: str,
    lang: str = "en",
) -> dict[str, Any]:
    """Return a year of bars by source in `order`, with demand {month, value} as a line called `line`."""
    import altair as alt

    x = alt.X("month:O", title=month, axis=alt.Axis(labelAngle=0, grid=False))
    scale = alt.Scale(domain=[*order, line], range=[*SOURCES[: len(order)], INK])
    widest = 32 + max(breadth(name, 12) for name in (*order, line))
    legend = alt.Legend(title=None, orient="bottom", columns=max(1, int(width // widest)))
    rank = {name: k for k, name in enumerate(order)}
    bars = (
        alt.Chart(alt.InlineData([{**r, "rank": rank[r["source"]]} for r in rows]))
        .mark_bar()
        .encode(
            x=x,
            y=alt.Y("value:Q", axis=alt.Axis(tickCount=5, **topped(title))),
            color=alt.Color("source:N", scale=scale, legend=legend),
            order=alt.Order("rank:Q"),
        )
    )
    need = (
        alt.Chart(alt.InlineData([{**r, "source": line} for r in demand]))
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=24, color=INK))
        .encode(x=x, y="value:Q", color=alt.Color("source:N", scale=scale, legend=legend))
    )
    return framed(alt.layer(bars, need).properties(width=width - BESIDE, height=260), lang)


def level(
    rows: Rows, rules: Sequence[tuple[float, str]], width: int, title: str, month: str, lang: str = "en"
) -> dict[str, Any]:
    """Return a level over month ends 0 to 12, between labelled `rules` (value, label)."""
    import altair as alt

    top = 1.08 * max([*(float(r["value"]) for r in rows), *(v for v, _ in rules)])
    x = alt.X(
        "month:Q",
        title=month,
        scale=alt.Scale(domain=[0, 12]),
        axis=alt.Axis(values=list(range(13)), grid=False, format="d"),
    )
    axis = alt.Axis(tickCount=5, **topped(title))
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=axis)
    marks = alt.Chart(alt.InlineData([{"value": v} for v, _ in rules]))
    water = alt.Chart(alt.InlineData(list(rows)))
    named = _named(rows, rules, top, width - BESIDE)
    layers = [
        water.mark_area(color=SOURCES[0], opacity=0.22).encode(x=x, y=y),
        water.mark_line(color=SOURCES[0], strokeWidth=2.2, point=alt.OverlayMarkDef(size=30, color=SOURCES[0])).encode(
            x=x, y=y
        ),
        marks.mark_rule(color=TARGET, strokeDash=[4, 3]).encode(y="value:Q"),
        *written(named, x, y, {"fontSize": 12}, TARGET),
    ]
    return framed(alt.layer(*layers).properties(width=width - BESIDE, height=LEVEL), lang)


def _named(rows: Rows, rules: Sequence[tuple[float, str]], top: float, width: float) -> list[dict[str, Any]]:
    """Return the labels of the rules, each above or below its rule at the end where it is off the water's line."""
    step, rise = width / 12, LEVEL / top
    line = [(float(r["month"]) * step, (top - float(r["value"])) * rise) for r in rows]
    dots = [(a[0] + (b[0] - a[0]) * k / 8, a[1] + (b[1] - a[1]) * k / 8) for a, b in pairwise(line) for k in range(9)]
    full = [(x - 2, y - 3, x + 2, y + 3) for x, y in dots]
    frame = (0.0, -20.0, width, float(LEVEL))
    made = []
    for value, text in rules:
        left = Word(text, 2, (top - value) * rise, 4, ("ne", "se"))
        right = replace(left, x=width - 2, places=("nw", "sw"))
        tries = (apart([word], frame, full)[0] for word in (left, right, replace(left, must=True)))
        at = next((at for at in tries if at is not None), None)
        if at is not None:
            made.append({"month": at[0] / step, "value": top - at[1] / rise, "text": text})
    return made


def _sides(names: Sequence[str]) -> Any:
    import altair as alt

    legend = alt.Legend(title=None, orient="top", columns=1, offset=24, symbolOpacity=1)
    return alt.Color("name:N", scale=alt.Scale(domain=list(names), range=list(SIDES)), legend=legend)
