"""A map of corridors without tiles: links as wide as their flow, crossings by wait, a second panel for the border.

Positions are drawn with latitude and longitude scaled by the cosine of the middle latitude. No boundary is drawn unless
the reader gives a file of one. Names of places stand where they touch nothing; the smaller ones are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from birge.charts.apart import Box, Word, apart, breadth
from birge.charts.frame import framed, written
from birge.charts.outlines import nearby
from birge.charts.palette import GHOST, GREY, GRID, INK, RAIL, ROAD
from birge.texts import number

__all__ = ["MapWords", "freight_map"]

WIDTH = 900
SCHEME = ["#2c8a8b", "#c9a227", "#c0453f"]
SMALLEST = {False: 150, True: 40}
"""Thousand people below which a place has no name: on the whole map, and near the border."""
FLOWS, DISCS = (0.7, 9.0), (60, 700)

Rows = Sequence[Mapping[str, Any]]
Frame = tuple[float, float, float, float]


@dataclass(frozen=True)
class MapWords:
    """What a map says beside names: titles of its keys, kinds, and the line of a crossing."""

    tonnes: str = "thousand t a year"
    mode: str = "mode (dashed: planned)"
    places: str = "places"
    wait: str = "wait, h"
    trucks: str = "trucks a day, both ways"
    crossing: str = "{name}: {wait} h, {trucks} trucks a day"
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Words for road, rail, city, gateway, terminal; one that is not there stands for itself."""


@dataclass(frozen=True)
class _Panel:
    """A rectangle of the map: degrees south, west, north, east over `width` px."""

    box: Frame
    width: float

    @property
    def height(self) -> float:
        south, west, north, east = self.box
        return self.width * (north - south) / ((east - west) * math.cos(math.radians((south + north) / 2)))

    def at(self, row: Mapping[str, Any]) -> tuple[float, float]:
        """Return where a place stands, px from the top left."""
        south, west, north, east = self.box
        across = (row["lon"] - west) / (east - west) * self.width
        return across, (north - row["lat"]) / (north - south) * self.height

    def back(self, x: float, y: float) -> dict[str, float]:
        """Return the degrees of a place in px."""
        south, west, north, east = self.box
        lon = west + x / self.width * (east - west)
        return {"lon": lon, "lat": north - y / self.height * (north - south)}

    def square(self, row: Mapping[str, Any], half: float) -> Box:
        """Return the box of a mark, px."""
        x, y = self.at(row)
        return x - half, y - half, x + half, y + half

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Return whether a place is inside."""
        south, west, north, east = self.box
        return bool(west <= row["lon"] <= east and south <= row["lat"] <= north)


def freight_map(
    title: str,
    subtitle: str,
    links: Rows,
    places: Rows,
    crossings: Rows,
    boundaries: Rows,
    note: str,
    width: int = WIDTH,
    words: MapWords | None = None,
    lang: str = "en",
) -> dict[str, Any]:
    """Return the map of `links` {lat, lon, lat2, lon2, mode, planned, tonnes}, `places` {lat, lon, name, size, kind},
    `crossings` {lat, lon, name, number, wait, trucks} and `boundaries` {lat, lon, part, order}.

    Tonnes are in thousands a year, waits in hours, trucks a day both ways; `note` stands below. Without a title the
    map stands on a page, which gives it title, note and paper.
    """
    import altair as alt

    said = words or MapWords()
    inner = width - 8
    whole = _Panel(_box([*places, *crossings], 0.6), inner)
    border = _Panel(_shaped(_box(crossings, 0.35), 0.34 if width >= 420 else 0.62), inner)
    panels = [
        _drawn(whole, links, places, crossings, nearby(boundaries, whole.box), False, said),
        _drawn(border, links, places, crossings, nearby(boundaries, border.box), True, said),
        _key(crossings, inner, said, lang),
    ]
    if note:
        panels.append(_foot(note, inner))
    chart = alt.vconcat(*panels, spacing=10)
    chart = chart.resolve_scale(color="independent", size="independent", shape="independent", strokeWidth="independent")
    if title:
        told = subtitle.split("\n")
        chart = chart.properties(title=alt.TitleParams(title, subtitle=told, anchor="start", fontSize=15))
    made = framed(chart, lang)
    # the schema allows no more than an expression here, Vega a layout
    below = {"anchor": "start", "direction": "vertical", "margin": 10, "bounds": "full"}
    made["config"]["legend"]["layout"] = {"bottom": below}
    return {**made, "background": "white"} if title else made


def _drawn(
    panel: _Panel, links: Rows, places: Rows, crossings: Rows, boundaries: Rows, near: bool, words: MapWords
) -> Any:
    import altair as alt

    south, west, north, east = panel.box
    across, up = (alt.Scale(domain=list(d), nice=False, zero=False) for d in ((west, east), (south, north)))
    at = {"x": alt.X("lon:Q", scale=across, axis=None), "y": alt.Y("lat:Q", scale=up, axis=None)}
    layers = []
    if boundaries:
        lines = alt.Chart(alt.InlineData(list(boundaries))).mark_line(
            color=GHOST, opacity=0.6, strokeWidth=1, clip=True
        )
        layers.append(lines.encode(**at, detail="part:N", order="order:Q"))
    layers += _links(at, links, near, words)
    inside = [p for p in places if panel.holds(p)]
    named = {k: words.kinds.get(k, k) for k in ("city", "gateway", "terminal")}
    shape = alt.Shape(
        "kind:N",
        scale=alt.Scale(domain=list(named.values()), range=["circle", "diamond", "square"]),
        legend=None if near else _legend(words.places, symbolFillColor=GREY, columns=_columns(named, panel.width)),
    )
    towns = alt.Chart(alt.InlineData([{**p, "kind": named.get(p["kind"], p["kind"])} for p in inside]))
    layers.append(towns.mark_point(filled=True, color=INK, size=34, opacity=1, clip=True).encode(**at, shape=shape))
    layers += _discs(at, crossings, near, words)
    for bold, rows in _names(panel, inside, crossings, near).items():
        style = {"fontSize": 12, **({"fontWeight": "bold"} if bold else {})}
        layers += written(rows, at["x"], at["y"], style, INK)
    view = alt.ViewBackground(stroke=GRID)
    return (
        alt.layer(*layers)
        .properties(width=panel.width, height=panel.height, view=view)
        .resolve_scale(color="independent")
    )


def _links(at: Mapping[str, Any], links: Rows, near: bool, words: MapWords) -> list[Any]:
    """Return roads and railways as wide as the tonnes they carry, planned ones dashed."""
    import altair as alt

    width = alt.StrokeWidth(
        "tonnes:Q",
        scale=alt.Scale(type="sqrt", range=list(FLOWS), domain=[0, max(1.0, *(k["tonnes"] for k in links))]),
        legend=None if near else _legend(words.tonnes, format=",.0f", tickCount=4),
    )
    modes = [words.kinds.get(m, m) for m in ("road", "rail")]
    legend = None if near else _legend(words.mode, symbolStrokeWidth=3, symbolType="stroke")
    layers = []
    for planned, dash in ((False, [1, 0]), (True, [5, 4])):
        rows = [{**k, "mode": words.kinds.get(k["mode"], k["mode"])} for k in links if bool(k["planned"]) == planned]
        if rows:
            scale = alt.Scale(domain=modes, range=[ROAD, RAIL])
            color = alt.Color("mode:N", scale=scale, legend=None if planned else legend)
            rule = alt.Chart(alt.InlineData(rows)).mark_rule(opacity=0.8, strokeDash=dash, clip=True, strokeCap="round")
            layers.append(rule.encode(**at, x2="lon2:Q", y2="lat2:Q", strokeWidth=width, color=color))
    return layers


def _discs(at: Mapping[str, Any], crossings: Rows, near: bool, words: MapWords) -> list[Any]:
    """Return crossings as discs as large as their trucks, coloured by wait."""
    import altair as alt

    wait = alt.Color(
        "wait:Q",
        scale=alt.Scale(range=SCHEME, domain=[1, 6, 24], clamp=True),
        legend=_legend(words.wait, format=".0f", gradientLength=120, direction="horizontal") if near else None,
    )
    size = alt.Size(
        "trucks:Q",
        scale=alt.Scale(range=list(DISCS), domain=[0, _most(crossings)]),
        legend=_legend(words.trucks, format=",.0f", tickCount=4, symbolFillColor=GREY) if near else None,
    )
    data = alt.Chart(alt.InlineData(list(crossings)))
    return [data.mark_point(filled=True, opacity=0.85, clip=True).encode(**at, color=wait, size=size)]


def _most(crossings: Rows) -> float:
    return max(1.0, *(float(c["trucks"]) for c in crossings))


def _names(panel: _Panel, places: Rows, crossings: Rows, near: bool) -> dict[bool, list[dict[str, Any]]]:
    """Return numbers of crossings (bold, near the border only) and names of places where they touch nothing."""
    area = {c["number"]: DISCS[0] + (DISCS[1] - DISCS[0]) * c["trucks"] / _most(crossings) for c in crossings}
    half = {number: math.sqrt(a / math.pi) for number, a in area.items()}
    numbered = [
        Word(c["number"], *panel.at(c), half[c["number"]] + 1, ("s", "n", "e", "w", "se", "nw"), bold=True, must=True)
        for c in crossings
        if near
    ]
    large = sorted((p for p in places if p["size"] >= SMALLEST[near]), key=lambda p: -p["size"])
    towns = [Word(p["name"], *panel.at(p), 5, ("n", "s", "e", "w", "ne", "nw", "se", "sw")) for p in large]
    full = [panel.square(p, 4) for p in large]
    full += [panel.square(c, half[c["number"]]) for c in crossings]
    found = apart([*numbered, *towns], (2, 2, panel.width - 2, panel.height - 2), full)
    rows: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for word, place in zip([*numbered, *towns], found, strict=True):
        if place is not None:
            rows[word.bold].append({**panel.back(*place), "text": word.text})
    return {bold: named for bold, named in rows.items() if named}


def _columns(named: Mapping[str, str], width: float) -> int:
    """Return how many columns of a key have room."""
    return max(1, int(width // (30 + max(breadth(word, 12) for word in named.values()))))


def _legend(title: str, **options: Any) -> Any:
    import altair as alt

    return alt.Legend(title=title, orient="bottom", **options)


def _key(crossings: Rows, width: float, words: MapWords, lang: str) -> Any:
    """Return the numbered crossings with both names, waits and trucks, in as many columns as have room."""
    import altair as alt

    told = [
        f"{c['number']}  "
        + words.crossing.format(name=c["name"], wait=number(c["wait"], lang, 1), trucks=number(c["trucks"], lang))
        for c in crossings
    ]
    columns = 2 if width > 14 * max(map(len, told), default=0) else 1
    half = -(-len(told) // columns)
    rows = [{"x": width / columns * (k // half), "y": 17 * (k % half) + 8, "text": text} for k, text in enumerate(told)]
    height = 17 * half + 8
    x, y = (alt.Scale(domain=[0, d], nice=False, zero=False) for d in (width, height))
    text = alt.Chart(alt.InlineData(rows)).mark_text(align="left", fontSize=12)
    place = {"x": alt.X("x:Q", scale=x, axis=None), "y": alt.Y("y:Q", scale=y, axis=None, sort="descending")}
    return text.encode(**place, text="text:N").properties(
        width=width, height=height, view=alt.ViewBackground(stroke=None)
    )


def _foot(note: str, width: float) -> Any:
    import altair as alt

    foot = alt.Chart(alt.InlineData([{}])).mark_text(align="left", fontSize=11, color=GREY, lineBreak="\n")
    foot = foot.encode(text=alt.value(note), x=alt.value(0), y=alt.value(8))
    return foot.properties(width=width, height=34, view=alt.ViewBackground(stroke=None))


def _shaped(box: Frame, ratio: float) -> Frame:
    """Return the box, made taller if its height over width is below `ratio`."""
    south, west, north, east = box
    middle = (south + north) / 2
    tall = (east - west) * math.cos(math.radians(middle)) * ratio
    half = max(north - south, tall) / 2
    return middle - half, west, middle + half, east


def _box(rows: Rows, margin: float) -> Frame:
    """Return south, west, north, east with a margin in degrees."""
    lat, lon = [float(r["lat"]) for r in rows], [float(r["lon"]) for r in rows]
    return min(lat) - margin, min(lon) - margin, max(lat) + margin, max(lon) + margin
