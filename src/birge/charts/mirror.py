"""The two sides' statistics beside each other as a chart: turnover above, the difference in per cent below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from birge.charts.palette import SIDES

__all__ = ["mirror_chart", "png"]

GREY = "#59636e"
WIDTH = 620
CROSS = "M-1,-1L1,1M-1,1L1,-1"
COMPILED = "datum.kind == 'compiled, unverified'"
PUBLISHED = "datum.kind == 'published'"
NEAR = 0.07
"""Labels closer than this share of the axis are moved apart."""


def mirror_chart(
    title: str,
    names: tuple[str, str],
    points: Sequence[Mapping[str, Any]],
    differences: Sequence[Mapping[str, Any]],
    source: str,
) -> dict[str, Any]:
    """Return the chart of `points` {year, side, value, kind, low, high} and `differences` {year, value, kind, label}.

    Values are bn USD, differences per cent of the second side's figure; `side` is a name, `low` and `high` the rounding
    of a figure, `kind` `published` (dots) or `compiled, unverified` (crosses). Without differences: no lower panel.
    """
    import altair as alt

    first, last = min(p["year"] for p in points), max(p["year"] for p in points)
    x = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(domain=[first - 0.8, last + (last - first) * 0.16 + 1], nice=False),
        axis=alt.Axis(format="d", values=_ticks(first, last), grid=False, labelFlush=False),
    )
    panels = [_turnover(x, names, points)]
    if differences:
        panels.append(_difference(x, differences))
    made: dict[str, Any] = (
        alt.vconcat(*panels, spacing=8)
        .properties(title=alt.TitleParams(title, subtitle=source.split("\n"), anchor="start", fontSize=14))
        .configure(font="Noto Sans, DejaVu Sans, Arial, sans-serif", background="white")
        .configure_view(stroke=None)
        .configure_axis(gridColor="#e6e8eb", domainColor="#c3c8ce")
        .to_dict()
    )
    return made


def _turnover(x: Any, names: tuple[str, str], points: Sequence[Mapping[str, Any]]) -> Any:
    import altair as alt

    top = max(p["high"] for p in points)
    y = alt.Y(
        "value:Q",
        title="bn USD a year, current prices",
        scale=alt.Scale(domain=[0, 1.06 * top], nice=False),
        axis=alt.Axis(tickCount=6),
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
    return alt.layer(line, whisker, crosses, dots, labels).properties(width=WIDTH, height=260)


def _difference(x: Any, differences: Sequence[Mapping[str, Any]]) -> Any:
    import altair as alt

    # The minus sign of axis labels is missing from some fonts, and the fallback is bold and slanted.
    axis = alt.Axis(tickCount=4, labelExpr="replace(datum.label, '\u2212', '-')")
    y = alt.Y("value:Q", title="difference, %", scale=alt.Scale(zero=True), axis=axis)
    below = alt.Chart(alt.InlineData(list(differences))).encode(x=x, y=y)
    stems = below.mark_rule(color=GREY, strokeWidth=2, opacity=0.4).encode(y2=alt.datum(0))
    crosses = below.transform_filter(COMPILED).mark_point(shape=CROSS, size=26, strokeWidth=1.6, color=GREY, opacity=1)
    dots = below.transform_filter(PUBLISHED).mark_circle(size=58, color=GREY, opacity=1)
    # Beside its mark: on the right where no other year follows at once.
    free = {d["year"] for d in differences} - {d["year"] - 1 for d in differences}
    text = below.mark_text(color=GREY, fontSize=11, align="left", dx=7).encode(text="label:N")
    beside = below.mark_text(color=GREY, fontSize=11, align="right", dx=-7).encode(text="label:N")
    last = f"indexof({sorted(free)}, datum.year)"
    figures = [text.transform_filter(f"{last} >= 0"), beside.transform_filter(f"{last} < 0")]
    zero = alt.Chart(alt.InlineData([{"value": 0}])).mark_rule(color="#c3c8ce").encode(y="value:Q")
    return alt.layer(zero, stems, crosses, dots, *figures).properties(width=WIDTH, height=110)


def png(spec: dict[str, Any], scale: float = 2.0) -> bytes:
    """Return the chart as PNG, `scale` pixels a point."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(spec, scale=scale))


def _ticks(first: int, last: int) -> list[int]:
    step = next(s for s in (1, 2, 5, 10, 20) if (last - first) / s <= 14)
    return [y for y in range(first, last + 1) if y % step == 0 or step == 1]


def _labels(names: tuple[str, str], points: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each side's name beside its newest figure, moved apart where they would touch."""
    top = max((p["value"] for p in points), default=0.0)
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
