"""The two sides' statistics beside each other as a chart: turnover above, the difference in per cent below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from birge.charts.apart import Word, apart, breadth
from birge.charts.frame import framed, topped
from birge.charts.palette import GREY, SIDES

__all__ = ["AXES", "mirror_chart", "png"]

WIDTH = 700
AXES = ("bn USD a year, current prices", "difference, %")
CROSS = "M-1,-1L1,1M-1,1L1,-1"
COMPILED = "datum.kind == 'compiled, unverified'"
PUBLISHED = "datum.kind == 'published'"
NEAR = 0.07
"""Labels closer than this share of the axis are moved apart."""
UPPER, LOWER = 260, 120


def mirror_chart(
    title: str,
    names: tuple[str, str],
    points: Sequence[Mapping[str, Any]],
    differences: Sequence[Mapping[str, Any]],
    source: str,
    width: int = WIDTH,
    axes: tuple[str, str] = AXES,
    lang: str = "en",
) -> dict[str, Any]:
    """Return the chart of `points` {year, side, value, kind, low, high} and `differences` {year, value, kind, label}.

    Values are bn USD, differences per cent of the second side's figure; `side` is a name, `low` and `high` the rounding
    of a figure, `kind` `published` (dots) or `compiled, unverified` (crosses). Without differences: no lower panel.
    `axes` are the titles of the two axes. Without a title the chart stands on a page, which gives it title and paper.
    """
    import altair as alt

    first, last = min(p["year"] for p in points), max(p["year"] for p in points)
    room = 20 + max(breadth(n, 12, bold=True) for n in names)
    across = (first - 0.8, last + 0.8, width - room - 44)
    x = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(domain=list(across[:2]), nice=False),
        axis=alt.Axis(format="d", values=_ticks(first, last, 14 if width >= 420 else 5), grid=False, labelFlush=False),
    )
    panels = [_turnover(x, names, points, axes[0]).properties(width=across[2])]
    if differences:
        panels.append(_difference(x, across, differences, axes[1]).properties(width=across[2]))
    chart = alt.vconcat(*panels, spacing=8)
    if not title:
        return framed(chart, lang)
    chart = chart.properties(title=alt.TitleParams(title, subtitle=source.split("\n"), anchor="start", fontSize=14))
    return {**framed(chart, lang), "background": "white"}


def _turnover(x: Any, names: tuple[str, str], points: Sequence[Mapping[str, Any]], title: str) -> Any:
    import altair as alt

    top = max(p["high"] for p in points)
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[0, 1.06 * top], nice=False),
        axis=alt.Axis(tickCount=6, **topped(title)),
    )
    color = alt.Color("side:N", scale=alt.Scale(domain=list(names), range=list(SIDES)), legend=None)
    seen = alt.Chart(alt.InlineData(list(points))).encode(x=x, y=y, color=color)
    line = seen.transform_filter(COMPILED).mark_line(strokeWidth=1, opacity=0.5)
    crosses = seen.transform_filter(COMPILED).mark_point(shape=CROSS, size=26, strokeWidth=1.6, opacity=1)
    whisker = (
        seen.transform_filter("datum.high > datum.low")
        .mark_rule(strokeWidth=2, opacity=0.5)
        .encode(y="low:Q", y2="high:Q")
    )
    dots = seen.transform_filter(PUBLISHED).mark_circle(size=58, opacity=1)
    labels = (
        alt.Chart(alt.InlineData(_labels(names, points)))
        .mark_text(align="left", dx=9, fontSize=12, fontWeight="bold")
        .encode(x=x, y="at:Q", text="side:N", color=color)
    )
    return alt.layer(line, whisker, crosses, dots, labels).properties(height=UPPER)


def _difference(
    x: Any, across: tuple[float, float, float], differences: Sequence[Mapping[str, Any]], title: str
) -> Any:
    import altair as alt

    values = [d["value"] for d in differences]
    low, high = 1.25 * min(0.0, *values) - 1, 1.25 * max(0.0, *values) + 1
    # The minus sign of axis labels is missing from some fonts, and the fallback is bold and slanted.
    axis = alt.Axis(tickCount=4, labelExpr="replace(datum.label, '\u2212', '-')", **topped(title))
    y = alt.Y("value:Q", scale=alt.Scale(domain=[low, high], nice=False), axis=axis)
    below = alt.Chart(alt.InlineData(list(differences))).encode(x=x, y=y)
    stems = below.mark_rule(color=GREY, strokeWidth=2, opacity=0.4).encode(y2=alt.datum(0))
    crosses = below.transform_filter(COMPILED).mark_point(shape=CROSS, size=26, strokeWidth=1.6, color=GREY, opacity=1)
    dots = below.transform_filter(PUBLISHED).mark_circle(size=58, color=GREY, opacity=1)
    zero = alt.Chart(alt.InlineData([{"value": 0}])).mark_rule(color=GREY, opacity=0.4).encode(y="value:Q")
    told = _figures(differences, across, (low, high))
    figures = alt.Chart(alt.InlineData(told)).mark_text(fill=GREY, fontSize=12).encode(x=x, y="value:Q", text="text:N")
    return alt.layer(zero, stems, crosses, dots, figures).properties(height=LOWER)


def _figures(
    differences: Sequence[Mapping[str, Any]], across: tuple[float, float, float], up: tuple[float, float]
) -> list[dict[str, Any]]:
    """Return the differences in words where they touch neither each other nor a mark, the newest first."""
    step, rise = across[2] / (across[1] - across[0]), LOWER / (up[1] - up[0])
    rows = sorted(differences, key=lambda d: -d["year"])
    marks = [((d["year"] - across[0]) * step, (up[1] - d["value"]) * rise) for d in rows]
    outward = (("n", "e", "w", "ne", "nw"), ("s", "e", "w", "se", "sw"))
    words = [
        Word(d["label"], *at, places=outward[d["value"] < 0], must=not k)
        for k, (d, at) in enumerate(zip(rows, marks, strict=True))
    ]
    stems = [(x - 4, min(y, up[1] * rise) - 4, x + 4, max(y, up[1] * rise) + 4) for x, y in marks]
    found = apart(words, (0, 0, across[2] + 30, LOWER), stems)
    return [
        {"year": across[0] + at[0] / step, "value": up[1] - at[1] / rise, "text": word.text}
        for word, at in zip(words, found, strict=True)
        if at is not None
    ]


def png(spec: dict[str, Any], scale: float = 2.0) -> bytes:
    """Return the chart as PNG, `scale` pixels a point."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(spec, scale=scale))


def _ticks(first: int, last: int, most: int) -> list[int]:
    step = next(s for s in (1, 2, 5, 10, 20, 50) if (last - first) / s <= most)
    return [y for y in range(first, last + 1) if y % step == 0 or step == 1]


def _labels(names: tuple[str, str], points: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each side's name beside its newest figure, moved apart where they would touch."""
    top = max(p["high"] for p in points)
    found = []
    for name in names:
        own = [p for p in points if p["side"] == name]
        if own:
            newest = max(own, key=lambda p: (p["year"], p["kind"] == "published"))
            found.append({"side": name, "year": newest["year"], "at": newest["value"]})
    if len(found) == 2 and abs(found[0]["at"] - found[1]["at"]) < NEAR * top:
        upper, lower = sorted(found, key=lambda f: -f["at"])
        middle = (upper["at"] + lower["at"]) / 2
        upper["at"], lower["at"] = middle + NEAR * top / 2, middle - NEAR * top / 2
    return found
