"""The charts of an assessment: data in, Vega-Lite spec out.

Past solid, future dashed, targets as labelled rules; labels stand at what they name, so there are no legends. Every
chart is drawn for a given width in px, so that a phone gets a drawing of its own instead of a shrunken one.

`fan`            {past, bands, targets} of one side        → turnover with intervals, on a scale shared by both sides
`contributions`  {title, low, mean, high}                  → what each measure adds, 80 % of futures and mean
`milestones`     {title, p10, p50, p90, planned, told}     → when open milestones are done, planned dates as ghosts

Words come from the caller in the reader's language; numbers that a spec writes itself follow `lang`. A row's `tip` is
said where the spec is interactive.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from birge.charts.palette import GHOST, GREY, GRID, HALO, INK, TARGET
from birge.texts import number

__all__ = ["contributions", "fan", "localised", "milestones"]

Rows = Sequence[Mapping[str, Any]]
FONT = "Noto Sans, system-ui, Segoe UI, Roboto, DejaVu Sans, Arial, sans-serif"
CHARACTER = 6.6
"""Mean width of a character at 12.5 px, for wrapping titles."""
OPACITY = {95: 0.16, 80: 0.3, 50: 0.5}


def fan(
    past: Rows,
    bands: Rows,
    targets: Rows,
    color: str,
    width: int = 480,
    top: float | None = None,
    first: int | None = None,
    blank: str = "",
    lang: str = "en",
    level: str = "{odds} of 100",
) -> dict[str, Any]:
    """Return turnover of one side in bn USD a year.

    `past` {year, value, kind: published | compiled, told: its label if not in English}, `bands` {year, level, low,
    high, median}, `targets` {year, value, label, odds}.
    `first` is the first year shown. `top` is the end of the scale; what lies above it is cut there. `blank` names the
    years of the past without a figure, which are hatched; `level` names a band.
    """
    import altair as alt

    height = 300 if width >= 420 else 260
    first = first or min(r["year"] for r in (*past, *bands))
    last = max(r["year"] for r in (*past, *bands, *targets))
    top = top or 1.05 * max([r["high"] for r in bands] + [r["value"] for r in (*past, *targets)])
    x = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(domain=[first - 0.3, last + 0.3], nice=False, zero=False),
        axis=alt.Axis(
            format="d", values=_years(first, last, 5 if width < 420 else 7), grid=False, tickColor=GREY, labelPadding=6
        ),
    )
    axis = alt.Axis(tickCount=5, title=None, domain=False, ticks=False, labelPadding=6)
    y = alt.Y("low:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=axis)
    base = alt.Chart(alt.InlineData(_open(bands, past)))
    shades = alt.Opacity("level:O", scale=alt.Scale(domain=[95, 80, 50], range=list(OPACITY.values())), legend=None)
    room = 60 + 6.2 * max(len(level.format(odds="95 ↑")), 6)
    layers: list[Any] = [
        *_blank(past, bands, first, blank, x),
        base.mark_area(color=color, clip=True).encode(x=x, y=y, y2="high:Q", opacity=shades, detail="level:O"),
        base.transform_filter("datum.level == 50")
        .mark_line(color=color, strokeDash=[5, 4], strokeWidth=2)
        .encode(x=x, y="median:Q"),
        *_past(past, color, x, y),
        *_targets(targets, first, last, x),
        *_labels(bands, last, top, height, x, lang, level),
        *_hover(bands, x, (width - room) / (last - first + 1)),
    ]
    chart = alt.layer(*layers).properties(
        width=width - room, height=height, padding={"left": 4, "right": 4, "top": 8, "bottom": 8}
    )
    return _spec(chart, lang)


def localised(spec: dict[str, Any], lang: str) -> dict[str, Any]:
    """Return the spec with the numbers of its axes and legends in the language's notation."""
    if lang == "en":
        return spec
    sign = {"decimal": ",", "thousands": "\u00a0", "grouping": [3], "currency": ["", ""]}
    return {**spec, "config": {**spec.get("config", {}), "locale": {"number": sign}}}


def _open(bands: Rows, past: Rows) -> list[Mapping[str, Any]]:
    """Return the bands, begun at the newest figure of the past where the year before the first open one has one."""
    begun = min((b["year"] for b in bands), default=0) - 1
    newest = [r for r in past if r["year"] == begun]
    if not newest:
        return list(bands)
    value = max(newest, key=lambda r: r["kind"] == "published")["value"]
    levels = sorted({b["level"] for b in bands})
    start = [{"year": begun, "level": k, "low": value, "high": value, "median": value} for k in levels]
    return [*start, *bands]


def _blank(past: Rows, bands: Rows, first: int, name: str, x: Any) -> list[Any]:
    """Return years of the past without a figure as grey fields, with their name in the longest run of them."""
    import altair as alt

    until = min((b["year"] for b in bands), default=max((r["year"] for r in past), default=first))
    known = {r["year"] for r in past}
    runs: list[list[float]] = []
    for year in (y for y in range(first, until) if y not in known):
        if runs and runs[-1][1] == year - 0.5:
            runs[-1][1] = year + 0.5
        else:
            runs.append([year - 0.5, year + 0.5])
    if not name or not runs:
        return []
    rows = [{"year": max(a, first - 0.3), "end": b, "middle": (a + b) / 2} for a, b in runs]
    base = alt.Chart(alt.InlineData(rows))
    field = base.mark_rect(color=GRID, opacity=0.45).encode(x=x, x2="end:Q", y=alt.value(0), y2=alt.value("height"))
    longest = max(rows, key=lambda r: r["end"] - r["year"])
    if longest["end"] - longest["year"] < 2:
        return [field]
    told = alt.Chart(alt.InlineData([{**longest, "text": name}]))
    text = told.mark_text(fill=GREY, fontSize=11.5, baseline="bottom", dy=-6)
    return [field, text.encode(x=alt.X("middle:Q"), y=alt.value("height"), text="text:N")]


def _hover(bands: Rows, x: Any, step: float) -> list[Any]:
    """Return an unseen rule a year that says the year's futures; nothing on paper."""
    import altair as alt

    rows = [b for b in bands if b["level"] == 80 and b.get("tip")]
    if not rows:
        return []
    base = alt.Chart(alt.InlineData(rows)).mark_rule(opacity=0, strokeWidth=round(step, 1))
    return [base.encode(x=x, tooltip="tip:N")]


def _years(first: int, last: int, most: int) -> list[int]:
    step = next(s for s in (1, 2, 5, 10, 20, 50) if (last - first) / s <= most)
    return [year for year in range(first, last + 1) if (last - year) % step == 0]


def _past(past: Rows, color: str, x: Any, y: Any) -> list[Any]:
    """Return the past: a solid line through years that follow each other, filled dots published, rings unverified."""
    import altair as alt

    if not past:
        return []
    rows = []
    for kind in ("compiled", "published"):
        run, before = 0, None
        for r in sorted((r for r in past if r["kind"] == kind), key=lambda r: r["year"]):
            run += before is not None and r["year"] != before + 1
            before = r["year"]
            rows.append({**r, "run": f"{kind} {run}"})
    base = alt.Chart(alt.InlineData(rows))
    line = base.mark_line(color=color, strokeWidth=2).encode(x=x, y=alt.Y("value:Q"), detail="run:N")
    ring = (
        base.transform_filter("datum.kind == 'compiled'")
        .mark_point(color=color, fill=HALO, size=30, strokeWidth=1.5, opacity=1)
        .encode(x=x, y="value:Q")
    )
    dot = (
        base.transform_filter("datum.kind == 'published'")
        .mark_point(color=color, filled=True, size=46, opacity=1)
        .encode(x=x, y="value:Q")
    )
    texts: list[Any] = []
    newest = {r["kind"]: r for r in sorted(rows, key=lambda r: r["year"])}
    for kind, style, doubt in (
        ("compiled", {"align": "right", "dx": -7, "dy": -9}, ", unverified"),
        ("published", {"align": "left", "dx": 2, "dy": 21}, ""),
    ):
        r = newest.get(kind, {})
        if r and (kind == "published" or r["year"] > newest.get("published", {"year": 0})["year"]):
            told = r.get("told") or f"{r['value']:.2f} in {r['year']}{doubt}"
            texts += _text([{**r, "text": told}], x, "value:Q", style, INK)
    return [line, ring, dot, *texts]


def _targets(targets: Rows, first: int, last: int, x: Any) -> list[Any]:
    """Return a labelled rule for each value aimed at, with a diamond and the odds in its year."""
    import altair as alt

    if not targets:
        return []
    layers: list[Any] = []
    for value in sorted({t["value"] for t in targets}):
        here = [t for t in targets if t["value"] == value]
        rule = [{"year": first - 0.3, "end": max(t["year"] for t in here), "value": value, "text": here[0]["label"]}]
        goal = alt.Chart(alt.InlineData(rule))
        layers.append(goal.mark_rule(color=TARGET, strokeWidth=1.5).encode(x=x, x2="end:Q", y="value:Q"))
        layers += _text(rule, x, "value:Q", {"align": "left", "dx": 2, "dy": -8, "fontWeight": 600}, TARGET)
    points = alt.Chart(alt.InlineData(list(targets)))
    layers.append(
        points.mark_point(shape="diamond", size=90, filled=True, color=TARGET, opacity=1).encode(x=x, y="value:Q")
    )
    for k, t in enumerate(sorted(targets, key=lambda t: t["year"])):
        side = {"align": "right", "dx": 6} if t["year"] == last else {}
        layers += _text([t], x, "value:Q", {"dy": -16 if k % 2 else 17, "fontWeight": 700, **side}, TARGET, "odds")
    return layers


def _labels(bands: Rows, last: int, top: float, height: int, x: Any, lang: str, name: str) -> list[Any]:
    """Return the names of the bands at their right end, moved apart where they would touch."""
    end = {r["level"]: r for r in bands if r["year"] == last}
    if not end:
        return []
    rows = [
        {
            "year": last,
            "value": min(r["high"], top),
            "text": name.format(odds=level) + (" ↑" if r["high"] > top else ""),
        }
        for level, r in sorted(end.items(), reverse=True)
    ]
    middle = end[50]["median"]
    rows.append({"year": last, "value": min(middle, top), "text": number(middle, lang, 1), "strong": True})
    apart, floor = 14 * top / height, top * (1 - 4 / height)
    for row in rows:
        row["value"] = floor = min(row["value"], floor)
        floor -= apart
    return [
        *_text([r for r in rows if "strong" not in r], x, "value:Q", {"align": "left", "dx": 8}, GREY, halo=False),
        *_text([rows[-1]], x, "value:Q", {"align": "left", "dx": 8, "fontWeight": 700}, INK, halo=False),
    ]


def _text(
    rows: Rows, x: Any, y: Any, style: dict[str, Any], color: str, field: str = "text", *, halo: bool = True
) -> list[Any]:
    """Return a text mark, over a halo of the paper's colour where it may cross a line."""
    import altair as alt

    base = alt.Chart(alt.InlineData(list(rows)))
    style = {"fontSize": 12.5, **style}
    under = base.mark_text(stroke=HALO, strokeWidth=4, fill=HALO, strokeJoin="round", **style)
    over = base.mark_text(fill=color, **style)
    return [m.encode(x=x, y=y, text=f"{field}:N") for m in ((under, over) if halo else (over,))]


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
    inner = width - 24
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
    return _spec(
        alt.layer(*layers).properties(width=inner, height=at, padding={"left": 8, "right": 12, "top": 4, "bottom": 8}),
        lang,
    )


def _wrapped(text: str, count: int) -> list[str]:
    return textwrap.wrap(text, count, break_on_hyphens=False)


def _spec(chart: Any, lang: str) -> dict[str, Any]:
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
    return localised({**made, "background": None}, lang)
