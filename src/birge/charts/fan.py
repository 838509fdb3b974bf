"""Turnover of one side over the years: past solid, futures as shades with a dashed median, targets as labelled rules.

Labels stand at what they name, so there are no legends, and none touches another. A phone gets a drawing of its own
width instead of a shrunken one. Words come from the caller in the reader's language; numbers that a spec writes itself
follow `lang`. A row's `tip` is said where the spec is interactive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from birge.charts.apart import Box, Word, apart
from birge.charts.frame import framed, written
from birge.charts.palette import GHOST, GREY, GRID, HALO, INK, TARGET
from birge.texts import number

__all__ = ["fan"]

Rows = Sequence[Mapping[str, Any]]
SIZE = 12.5
OPACITY = {95: 0.16, 80: 0.3, 50: 0.5}


@dataclass(frozen=True)
class _Plot:
    """The plot's field: years from `first` to `last` over `width` px, values from 0 to `top` over `height` px."""

    first: float
    last: float
    top: float
    width: float
    height: float

    def at(self, year: float, value: float) -> tuple[float, float]:
        """Return where a year and a value stand, px from the top left."""
        along = (year - self.first) / (self.last - self.first)
        return along * self.width, (1 - min(value / self.top, 1)) * self.height

    def back(self, x: float, y: float) -> dict[str, float]:
        """Return the year and the value that stand at a place."""
        year = self.first + x / self.width * (self.last - self.first)
        return {"year": year, "value": (1 - y / self.height) * self.top}

    def box(self, year: float, value: float, half: float) -> Box:
        """Return the box of a mark."""
        x, y = self.at(year, value)
        return x - half, y - half, x + half, y + half


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
    ghosts: Rows = (),
) -> dict[str, Any]:
    """Return turnover of one side in bn USD a year.

    `past` {year, value, kind: published | compiled, told: its label if not in English}, `bands` {year, level, low,
    high, median}, `targets` {year, value, label, odds}, `ghosts` the medians of earlier runs {year, value, run, label}.
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
        *_ghosts(ghosts, x),
        *_past(past, color, x),
        *_targets(targets, first, x),
        *_words(past, targets, ghosts, _Plot(first - 0.3, last + 0.3, top, width - room, height), x),
        *_labels(bands, last, top, height, x, lang, level),
        *_hover(bands, x, (width - room) / (last - first + 1)),
    ]
    chart = alt.layer(*layers).properties(
        width=width - room, height=height, padding={"left": 4, "right": 4, "top": 8, "bottom": 8}
    )
    return framed(chart, lang)


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
    base = alt.Chart(alt.InlineData(rows)).mark_rule(color=GREY, opacity=0, strokeWidth=round(step, 1))
    return [base.encode(x=x, tooltip="tip:N")]


def _years(first: int, last: int, most: int) -> list[int]:
    step = next(s for s in (1, 2, 5, 10, 20, 50) if (last - first) / s <= most)
    return [year for year in range(first, last + 1) if (last - year) % step == 0]


def _ghosts(ghosts: Rows, x: Any) -> list[Any]:
    """Return the medians of earlier runs as thin grey lines."""
    import altair as alt

    if not ghosts:
        return []
    base = alt.Chart(alt.InlineData(list(ghosts)))
    line = base.mark_line(color=GHOST, strokeWidth=1.3, strokeDash=[2, 2], clip=True)
    return [line.encode(x=x, y="value:Q", detail="run:N")]


def _past(past: Rows, color: str, x: Any) -> list[Any]:
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
    return [line, ring, dot]


def _targets(targets: Rows, first: int, x: Any) -> list[Any]:
    """Return a rule for each value aimed at, with a diamond in its year."""
    import altair as alt

    if not targets:
        return []
    layers: list[Any] = []
    for value, until in _aims(targets).items():
        rule = alt.Chart(alt.InlineData([{"year": first - 0.3, "end": until, "value": value}]))
        layers.append(rule.mark_rule(color=TARGET, strokeWidth=1.5).encode(x=x, x2="end:Q", y="value:Q"))
    points = alt.Chart(alt.InlineData(list(targets)))
    layers.append(
        points.mark_point(shape="diamond", size=90, filled=True, color=TARGET, opacity=1).encode(x=x, y="value:Q")
    )
    return layers


def _aims(targets: Rows) -> dict[float, int]:
    """Return the values aimed at and the last year of each."""
    return {v: max(t["year"] for t in targets if t["value"] == v) for v in sorted({t["value"] for t in targets})}


def _words(past: Rows, targets: Rows, ghosts: Rows, plot: _Plot, x: Any) -> list[Any]:
    """Return what is written into the plot: odds, targets, the newest figures, the dates of earlier runs."""
    said: list[tuple[Word, str]] = []
    bold: dict[str, Any] = {"size": SIZE, "bold": True, "must": True}
    for t in sorted(targets, key=lambda t: t["year"]):
        place = Word(t["odds"], *plot.at(t["year"], t["value"]), 10, ("s", "n", "sw", "nw", "w", "se", "ne"), **bold)
        said.append((place, TARGET))
    for value in _aims(targets):
        label = next(t["label"] for t in targets if t["value"] == value)
        said.append((Word(label, 2, plot.at(plot.first, value)[1], 4, ("ne", "se"), **bold), TARGET))
    newest = {r["kind"]: r for r in sorted(past, key=lambda r: r["year"])}
    for kind, order, doubt in (
        ("published", ("se", "s", "ne", "e", "sw", "nw", "n", "w"), ""),
        ("compiled", ("nw", "w", "sw", "n", "s", "ne", "se"), ", unverified"),
    ):
        r = newest.get(kind)
        if r and (kind == "published" or r["year"] > newest.get("published", {"year": 0})["year"]):
            told = r.get("told") or f"{r['value']:.2f} in {r['year']}{doubt}"
            said.append((Word(told, *plot.at(r["year"], r["value"]), 9, order, SIZE, must=True), INK))
    ends = {g["run"]: g for g in sorted(ghosts, key=lambda g: g["year"])}
    for g in ends.values():
        said.append((Word(g["label"], *plot.at(g["year"], g["value"]), 3, ("nw", "sw", "w"), 12), GREY))
    marks = [plot.box(r["year"], r["value"], 5) for r in past] + [plot.box(t["year"], t["value"], 7) for t in targets]
    for value, until in _aims(targets).items():
        end, level = plot.at(until, value)
        marks.append((0, level - 1, end, level + 1))
    found = apart([w for w, _ in said], (0, 0, plot.width + 12, plot.height), marks)
    layers: list[Any] = []
    for (word, ink), at in zip(said, found, strict=True):
        if at is not None:
            style = {"fontWeight": 700} if word.bold else {}
            layers += written([{**plot.back(*at), "text": word.text}], x, "value:Q", style, ink)
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
        *written([r for r in rows if "strong" not in r], x, "value:Q", {"align": "left", "dx": 8}, GREY, halo=False),
        *written([rows[-1]], x, "value:Q", {"align": "left", "dx": 8, "fontWeight": 700}, INK, halo=False),
    ]
