"""Charts of whiskers: a row for each thing, its title and what is told of it above the whisker that shows its range.

`contributions`  {title, low, mean, high, told}            → what each measure adds, 80 % of futures and mean
`milestones`     {title, p10, p50, p90, planned, told}     → when open milestones are done, planned dates as ghosts
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from birge.charts.frame import framed
from birge.charts.palette import GHOST, GREY, HALO, INK

__all__ = ["contributions", "milestones"]

Rows = Sequence[Mapping[str, Any]]
CHARACTER = 6.6
"""Mean width of a character at 12.5 px, for wrapping titles."""
EDGE = 48
"""What stands beside the plot: padding, and half of the axis' last label."""


def contributions(rows: Rows, width: int = 720, lang: str = "en") -> dict[str, Any]:
    """Return what each measure adds in mn USD a year: `rows` {title, low, mean, high, told}."""
    import altair as alt

    ends = [v for r in rows for v in (r["low"], r["mean"], r["high"])]
    scale = alt.Scale(domain=[min(0.0, *ends), max(*ends, 1e-9)], nice=True)
    axis = alt.Axis(orient="bottom", tickCount=5, title=None, format=",.6~g")
    return _whiskers(rows, width, alt.X("low:Q", scale=scale, axis=axis), ("low:Q", "mean:Q", "high:Q"), lang=lang)


def milestones(rows: Rows, width: int = 720, today: str | None = None, lang: str = "en") -> dict[str, Any]:
    """Return when milestones are done: `rows` {title, p10, p50, p90, planned, told} as ISO dates, `today` a rule."""
    import altair as alt

    days = sorted(d for r in rows for d in (r["p10"], r["p90"], r.get("planned"), today) if d)
    years = [f"{y}-01-01" for y in range(int(days[0][:4]), int(days[-1][:4]) + 2)]
    step = 1 if len(years) <= (6 if width < 420 else 14) else 2
    axis = alt.Axis(orient="bottom", values=years[::step], format="%Y", title=None)
    x = alt.X("p10:T", scale=alt.Scale(type="time", domain=[years[0], years[-1]], nice=False), axis=axis)
    return _whiskers(rows, width, x, ("p10:T", "p50:T", "p90:T"), "planned", today, lang)


def _whiskers(
    rows: Rows,
    width: int,
    x: Any,
    fields: tuple[str, str, str],
    ghost: str = "",
    rule: str | None = None,
    lang: str = "en",
) -> dict[str, Any]:
    """Return a row for each of `rows`: its title and what is told of it, and under them a whisker with a dot."""
    import altair as alt

    wide = width >= 420
    inner = width - EDGE
    count = int(inner * (0.7 if wide else 1.0) / CHARACTER)
    data: list[dict[str, Any]] = []
    at = 0.0
    for k, r in enumerate(rows):
        lines = _wrapped(r["title"], count) or [""]
        if not wide:
            lines += _wrapped(r["told"], count)
        own = 16.0 * len(lines)
        data.append({**r, "k": k, "head": at, "at": at + own + 8, "lines": lines})
        at += own + 28
    scale = alt.Scale(domain=[0, max(at, 1.0)], reverse=True, nice=False)
    y = alt.Y("at:Q", scale=scale, axis=None)
    head = alt.Y("head:Q", scale=scale, axis=None)
    base = alt.Chart(alt.InlineData(data))
    _, middle, high = fields
    layers: list[Any] = []
    if rule:
        now = alt.Chart(alt.InlineData([{"day": rule}]))
        layers.append(now.mark_rule(color=GREY, strokeDash=[2, 3]).encode(x=alt.X("day:T")))
    layers.append(base.mark_rule(strokeWidth=7, color=GREY, opacity=0.35, strokeCap="round").encode(x=x, x2=high, y=y))
    if ghost:
        kept = base.transform_filter(f"datum.{ghost} != null")
        layers.append(
            kept.mark_point(shape="diamond", size=90, stroke=GHOST, fill=HALO, strokeWidth=1.8, opacity=1).encode(
                x=f"{ghost}:T", y=y
            )
        )
    said = {"tooltip": "told:N"}
    layers.append(base.mark_circle(size=80, color=INK, opacity=1).encode(x=middle, y=y, **said))
    titles = [
        {"at": d["head"] + 16 * n, "text": line, "title": n < len(d["lines"]) if wide else line in d["title"]}
        for d in data
        for n, line in enumerate(d["lines"])
    ]
    style: dict[str, Any] = {"align": "left", "baseline": "top", "fontSize": 12.5}
    weights: tuple[tuple[bool, str, Any], ...] = ((True, INK, 600), (False, GREY, 400))
    for kind, color, weight in weights:
        some = [t for t in titles if t["title"] == kind]
        if some:
            text = alt.Chart(alt.InlineData(some)).mark_text(fill=color, fontWeight=weight, **style)
            layers.append(text.encode(x=alt.value(0), y=alt.Y("at:Q", scale=scale, axis=None), text="text:N"))
    if wide:
        told = base.mark_text(fill=GREY, **{**style, "align": "right"})
        layers.append(told.encode(x=alt.value(inner), y=head, text="told:N"))
    return framed(
        alt.layer(*layers).properties(width=inner, height=at, padding={"left": 8, "right": 12, "top": 4, "bottom": 8}),
        lang,
    )


def _wrapped(text: str, count: int) -> list[str]:
    return textwrap.wrap(text, count, break_on_hyphens=False)
