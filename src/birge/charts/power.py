"""The charts of a water policy: data in, Vega-Lite spec out; words and axis titles come in the reader's language.

`reservoir`  {at, p2.5 … p97.5}                 → a volume over months as shades, between labelled levels
`months`     {at, name, value}                  → bars by month and name, above and below zero
`days`       {day, hour, source, value}, demand → typical days side by side, by source, with demand as a line
`shares`     {group, name, value, tip}          → one bar for each name, grouped, with its value written beside it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from birge.charts.apart import breadth, lines
from birge.charts.frame import framed, through_zero, topped, written
from birge.charts.months import SOURCES
from birge.charts.palette import GREY, INK, SIDES, TARGET

__all__ = ["days", "months", "reservoir", "shares"]

Rows = Sequence[Mapping[str, Any]]
BANDS = (("p2.5", "p97.5", 0.16), ("p10", "p90", 0.3), ("p25", "p75", 0.5))
HEIGHT, BESIDE = 260, 64


def reservoir(
    rows: Rows, levels: Sequence[tuple[float, str]], width: int, title: str, level: str, lang: str = "en"
) -> dict[str, Any]:
    """Return the fan of a volume: `at` is a date (YYYY-MM-DD), `level` names a band with {odds}.

    `levels` (value, label) are ruled, and named below their rule where there is a label.
    """
    import altair as alt

    top = 1.12 * max([*(float(r["p97.5"]) for r in rows), *(v for v, _ in levels)])
    room = 16 + breadth(level.format(odds=95), 12)
    beside = width >= 420
    inner = width - BESIDE - (room if beside else 0)
    x = alt.X("at:T", title=None, axis=alt.Axis(format="%m.%Y", grid=False, tickCount=6 if beside else 3))
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(tickCount=5, **topped(title)))
    base = alt.Chart(alt.InlineData(list(rows)))
    layers: list[Any] = [
        base.mark_area(color=SOURCES[0], opacity=shade).encode(x=x, y=alt.Y(_field(low, ":Q")), y2=_field(high))
        for low, high, shade in BANDS
    ]
    layers.append(base.mark_line(color=SOURCES[0], strokeWidth=2.2, strokeDash=[5, 4]).encode(x=x, y=alt.Y("p50:Q")))
    marks = alt.Chart(alt.InlineData([{"value": v} for v, _ in levels]))
    layers.append(marks.mark_rule(color=TARGET, strokeDash=[4, 3]).encode(y=y))
    first, last = min(str(r["at"]) for r in rows), max(str(r["at"]) for r in rows)
    named = [{"at": first, "value": v, "text": text} for v, text in levels if text]
    layers += written(named, x, y, {"align": "left", "dx": 4, "dy": 12}, TARGET)
    if beside:
        end = next(r for r in rows if r["at"] == last)
        told = [
            {"at": last, "value": float(end[high]), "text": level.format(odds=odds)}
            for (_, high, _), odds in zip(BANDS, (95, 80, 50), strict=True)
        ]
        layers += written(_spread(told, top), x, y, {"align": "left", "dx": 6}, GREY)
    return framed(alt.layer(*layers).properties(width=inner, height=HEIGHT), lang)


def months(
    rows: Rows, order: Sequence[str], width: int, title: str, lang: str = "en", line: Rows = (), name: str = ""
) -> dict[str, Any]:
    """Return bars by month (`at`, a date) for each name in `order`, with `line` {at, value} called `name` over them."""
    import altair as alt

    legend = _legend((*order, name) if name else order, width)
    domain = [*order, *([name] if name else [])]
    scale = alt.Scale(domain=domain, range=[*SOURCES[: len(order)], *([INK] if name else [])])
    color = alt.Color("name:N", scale=scale, legend=legend)
    # February is a tenth shorter than the mean month: its bar must not reach the next one.
    step = max(2.0, 0.9 * (width - BESIDE) / max(len({r["at"] for r in rows}), 1))
    axis = alt.Axis(format="%m.%Y", grid=False, tickCount=6 if width >= 420 else 3)
    x = alt.X("at:T", title=None, scale=alt.Scale(padding=step / 2 + 1), axis=axis)
    sums: dict[tuple[str, bool], float] = {}
    for r in rows:
        side = (str(r["at"]), float(r["value"]) < 0)
        sums[side] = sums.get(side, 0.0) + float(r["value"])
    ends = [*sums.values(), *(float(r["value"]) for r in line), 0.0]
    reach, ticks = through_zero(min(ends), max(ends))
    y = alt.Y("value:Q", scale=alt.Scale(domain=reach, nice=False), axis=alt.Axis(values=ticks, **topped(title)))
    layers = [alt.Chart(alt.InlineData(list(rows))).mark_bar(size=step).encode(x=x, y=y, color=color)]
    if line:
        told = alt.Chart(alt.InlineData([{**r, "name": name} for r in line]))
        layers.append(told.mark_line(strokeWidth=2).encode(x=x, y=y, color=color))
    return framed(alt.layer(*layers).properties(width=width - BESIDE, height=HEIGHT), lang)


def days(
    rows: Rows, demand: Rows, order: Sequence[str], names: Sequence[str], width: int, words: tuple[str, str, str],
    lang: str = "en", span: int = 24,
) -> dict[str, Any]:  # fmt: skip
    """Return the typical days called `names` side by side: MW from `hour` `until` by source, demand as a line.

    `words`: the title of the upright axis, of the hours, and the name of demand. `span` is 24 hours, or 168 for weeks,
    which stand two side by side.
    """
    import altair as alt

    title, hour, line = words
    across = (4 if width >= 420 else 2) // (1 if span == 24 else 2)
    ticks = [0, 6, 12, 18, 24] if span == 24 else list(range(0, span + 1, 24))
    scale = alt.Scale(domain=[*order, line], range=[*SOURCES[: len(order)], INK])
    color = alt.Color("source:N", scale=scale, legend=_legend((*order, line), width))
    every = [*_stacked(rows, order), *({**r, "source": line, "line": 1} for r in demand)]
    axis = alt.Axis(values=ticks, grid=False, format="d")
    x = alt.X("hour:Q", title=hour, scale=alt.Scale(domain=[0, span], nice=False), axis=axis)
    base = alt.Chart(alt.InlineData(every))
    size = (width - BESIDE - 10 * across) / across
    areas = (
        base.transform_filter("datum.line != 1")
        .mark_rect()
        .encode(x=x, x2="until:Q", y=alt.Y("low:Q", title=title, axis=alt.Axis(tickCount=5)), y2="high:Q", color=color)
    )
    need = (
        base.transform_filter("datum.line == 1")
        .mark_line(strokeWidth=2, interpolate="step-after")
        .encode(x=x, y="value:Q", color=color)
    )
    cell = alt.layer(areas, need).properties(width=size, height=150)
    header = alt.Header(title=None, labelFontSize=12, labelColor=GREY)
    made = cell.facet(facet=alt.Facet("day:N", sort=list(names), header=header), columns=across, spacing=10)
    return framed(made, lang)


def shares(rows: Rows, width: int, title: str, lang: str = "en") -> dict[str, Any]:
    """Return a bar for each {group, name, value}, its `text` beside it; a group's name stands above its bars."""
    import altair as alt

    each, line, room = 22, 16, 8
    placed, at, heads = [], 0.0, []
    for group in dict.fromkeys(r["group"] for r in rows):
        at += room - 6
        for text in lines(str(group), 12.5, width - 20, bold=True):
            at += line
            heads.append({"text": text, "at": at})
        at += 6
        for k, r in enumerate(r for r in rows if r["group"] == group):
            placed.append({**r, "at": at + each / 2, "color": SIDES[k] if k < 2 else GREY})
            at += each
    left = 12 + max(breadth(str(r["name"]), 12) for r in rows)
    low, high = min(0.0, *(float(r["value"]) for r in rows)), max(0.0, *(float(r["value"]) for r in rows))
    pad = 0.16 * (high - low or 1.0)
    reach, ticks = through_zero(low - (pad if low < 0 else 0), high + pad)
    scale = alt.Scale(domain=reach, nice=False)
    y = alt.Y("at:Q", scale=alt.Scale(domain=[0, at], reverse=True, nice=False), axis=None)
    x = alt.X("value:Q", title=title, scale=scale, axis=alt.Axis(values=ticks))
    base, over = alt.Chart(alt.InlineData(placed)), alt.Chart(alt.InlineData(heads))
    color = alt.Color("color:N", scale=None)
    layers = [
        base.mark_bar(size=14).encode(x=x, x2=alt.datum(0), y=y, color=color),
        base.mark_text(align="right", dx=-6, fill=INK, fontSize=12).encode(x=alt.value(0), y=y, text="name:N"),
        base.transform_filter("datum.value >= 0").mark_text(align="left", dx=5, fill=INK, fontSize=12)
        .encode(x=x, y=y, text="text:N"),
        base.transform_filter("datum.value < 0").mark_text(align="right", dx=-5, fill=INK, fontSize=12)
        .encode(x=x, y=y, text="text:N"),
        over.mark_text(align="left", baseline="bottom", fill=INK, fontSize=12.5, fontWeight=600)
        .encode(x=alt.value(-left), y=y, text="text:N"),
    ]  # fmt: skip
    return framed(alt.layer(*layers).properties(width=width - left - 20, height=at), lang)


def _stacked(rows: Rows, order: Sequence[str]) -> list[dict[str, Any]]:
    """Return what each source has of a day's hour, from `low` to `high`, one upon the other in `order`."""
    rank = {name: k for k, name in enumerate(order)}
    below: dict[tuple[Any, Any], float] = {}
    made = []
    for r in sorted(rows, key=lambda r: rank[r["source"]]):
        low = below.get((r["day"], r["hour"]), 0.0)
        below[r["day"], r["hour"]] = low + float(r["value"])
        made.append({**r, "low": low, "high": low + float(r["value"])})
    return made


def _legend(names: Sequence[str], width: int) -> Any:
    import altair as alt

    widest = 32 + max(breadth(name, 12) for name in names)
    return alt.Legend(title=None, orient="bottom", columns=max(1, int(width // widest)))


def _spread(rows: list[dict[str, Any]], top: float) -> list[dict[str, Any]]:
    """Return labels moved up where they would touch the one below."""
    apart, made, below = 15 * top / HEIGHT, [], -1e9
    for r in sorted(rows, key=lambda r: float(r["value"])):
        below = max(float(r["value"]), below + apart)
        made.append({**r, "value": below})
    return made


def _field(name: str, kind: str = "") -> str:
    """Return a field's name as Vega-Lite reads it: a point in it would be a path."""
    return name.replace(".", "\\.") + kind
