"""A map of corridors without tiles: links as wide as their flow, crossings by wait, a second panel for the border.

Positions are drawn with latitude and longitude scaled by the cosine of the middle latitude. No boundary is drawn unless
the reader gives a file of one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["freight_map"]

ROAD, RAIL, GREY = "#8a6d3b", "#4b5a8a", "#8a929b"
WIDTH = 900
SCHEME = ["#2c7a7b", "#c9a227", "#a4262c"]


def freight_map(
    title: str,
    subtitle: str,
    links: Sequence[Mapping[str, Any]],
    places: Sequence[Mapping[str, Any]],
    crossings: Sequence[Mapping[str, Any]],
    boundaries: Sequence[Mapping[str, Any]],
    note: str,
) -> dict[str, Any]:
    """Return the map of `links` {lat, lon, lat2, lon2, mode, planned, tonnes}, `places` {lat, lon, name, size, kind},
    `crossings` {lat, lon, name, number, wait, trucks} and `boundaries` {lat, lon, part, order}.

    Tonnes are in thousands a year, waits in hours, trucks a day both ways; `note` stands below.
    """
    import altair as alt

    whole = _box([*places, *crossings], 0.6)
    border = _shaped(_box(crossings, 0.35), 0.34)
    panels = [
        _panel(whole, links, places, crossings, _near(boundaries, whole), False),
        _panel(border, links, places, crossings, _near(boundaries, border), True),
        _key(crossings),
        _foot(note),
    ]
    made: dict[str, Any] = (
        alt.vconcat(*panels, spacing=10)
        .properties(title=alt.TitleParams(title, subtitle=subtitle.split("\n"), anchor="start", fontSize=15))
        .configure(font="Noto Sans, DejaVu Sans, Arial, sans-serif", background="white")
        .to_dict()
    )
    return made


def _panel(
    box: tuple[float, float, float, float],
    links: Sequence[Mapping[str, Any]],
    places: Sequence[Mapping[str, Any]],
    crossings: Sequence[Mapping[str, Any]],
    boundaries: Sequence[Mapping[str, Any]],
    near: bool,
) -> Any:
    import altair as alt

    south, west, north, east = box
    squeeze = math.cos(math.radians((south + north) / 2))
    height = WIDTH * (north - south) / ((east - west) * squeeze)
    across, up = (alt.Scale(domain=list(d), nice=False, zero=False) for d in ((west, east), (south, north)))
    at = {"x": alt.X("lon:Q", scale=across, axis=None), "y": alt.Y("lat:Q", scale=up, axis=None)}
    layers = []
    if boundaries:
        lines = alt.Chart(alt.InlineData(list(boundaries))).mark_line(color="#b9bfc6", strokeWidth=1, clip=True)
        layers.append(lines.encode(**at, detail="part:N", order="order:Q"))
    width = alt.StrokeWidth(
        "tonnes:Q",
        scale=alt.Scale(type="sqrt", range=[0.7, 9], domain=[0, max(1.0, *(k["tonnes"] for k in links))]),
        legend=None if near else alt.Legend(title="thousand t a year", format=",.0f", symbolStrokeColor=GREY),
    )
    for planned, dash in ((False, [1, 0]), (True, [5, 4])):
        color = alt.Color(
            "mode:N",
            scale=alt.Scale(domain=["road", "rail"], range=[ROAD, RAIL]),
            legend=None if near or planned else alt.Legend(title="mode (dashed: planned)", symbolStrokeWidth=3),
        )
        rows = [k for k in links if bool(k["planned"]) == planned]
        if rows:
            rule = alt.Chart(alt.InlineData(rows)).mark_rule(opacity=0.8, strokeDash=dash, clip=True, strokeCap="round")
            layers.append(rule.encode(**at, x2="lon2:Q", y2="lat2:Q", strokeWidth=width, color=color))
    inside = [p for p in places if west <= p["lon"] <= east and south <= p["lat"] <= north]
    towns = alt.Chart(alt.InlineData(inside))
    shape = alt.Shape(
        "kind:N",
        scale=alt.Scale(domain=["city", "gateway", "terminal"], range=["circle", "diamond", "square"]),
        legend=None if near else alt.Legend(title="places"),
    )
    layers.append(
        towns.mark_point(filled=True, color="#30363d", size=34, opacity=1, clip=True).encode(**at, shape=shape)
    )
    named = alt.Chart(alt.InlineData([p for p in inside if p["size"] >= (40 if near else 150)]))
    layers.append(named.mark_text(dy=-9, fontSize=10, color="#30363d", clip=True).encode(**at, text="name:N"))
    layers += _waits(at, crossings, near)
    return (
        alt.layer(*layers)
        .properties(width=WIDTH, height=height, view=alt.ViewBackground(stroke="#d8dce0"))
        .resolve_scale(color="independent")
    )


def _waits(at: Mapping[str, Any], crossings: Sequence[Mapping[str, Any]], near: bool) -> list[Any]:
    """Return crossings as discs coloured by wait, with their numbers in the near panel."""
    import altair as alt

    data = alt.Chart(alt.InlineData(list(crossings)))
    wait = alt.Color(
        "wait:Q",
        scale=alt.Scale(range=SCHEME, domain=[1, 6, 24], clamp=True),
        legend=alt.Legend(title="wait, h", format=".0f") if near else None,
    )
    size = alt.Size(
        "trucks:Q",
        scale=alt.Scale(range=[40, 700], domain=[0, max(1.0, *(c["trucks"] for c in crossings))]),
        legend=alt.Legend(title="trucks a day, both ways", format=",.0f") if near else None,
    )
    marks = [data.mark_point(filled=True, opacity=0.75, clip=True).encode(**at, color=wait, size=size)]
    if near:
        marks.append(data.mark_text(dy=19, fontSize=12, fontWeight="bold", clip=True).encode(**at, text="number:N"))
    return marks


def _key(crossings: Sequence[Mapping[str, Any]]) -> Any:
    """Return the numbered crossings with both names, waits and trucks, in two columns."""
    import altair as alt

    half = (len(crossings) + 1) // 2
    rows = [
        {
            "x": WIDTH / 2 * ((int(c["number"]) - 1) // half),
            "y": 14 * ((int(c["number"]) - 1) % half) + 8,
            "text": f"{c['number']}  {c['name']}: {c['wait']:.1f} h, {c['trucks']:.0f} trucks a day",
        }
        for c in crossings
    ]
    x, y = (alt.Scale(domain=[0, d], nice=False, zero=False) for d in (WIDTH, 14 * half + 8))
    text = alt.Chart(alt.InlineData(rows)).mark_text(align="left", fontSize=12, color="#1f2328")
    places = {"x": alt.X("x:Q", scale=x, axis=None), "y": alt.Y("y:Q", scale=y, axis=None, sort="descending")}
    return text.encode(**places, text="text:N").properties(
        width=WIDTH, height=14 * half + 8, view=alt.ViewBackground(stroke=None)
    )


def _foot(note: str) -> Any:
    import altair as alt

    foot = alt.Chart(alt.InlineData([{}])).mark_text(align="left", fontSize=11, color="#59636e", lineBreak="\n")
    foot = foot.encode(text=alt.value(note), x=alt.value(0), y=alt.value(8))
    return foot.properties(width=WIDTH, height=34, view=alt.ViewBackground(stroke=None))


def _near(boundaries: Sequence[Mapping[str, Any]], box: tuple[float, float, float, float]) -> list[dict[str, Any]]:
    """Return the runs of points within three degrees of the box, each as a part of its own."""
    south, west, north, east = box
    kept: list[dict[str, Any]] = []
    part, last = 0, (-1, -1)
    for p in boundaries:
        if not (west - 3 <= p["lon"] <= east + 3 and south - 3 <= p["lat"] <= north + 3):
            continue
        if (p["part"], p["order"] - 1) != last:
            part += 1
        last = (p["part"], p["order"])
        kept.append({**p, "part": part})
    return kept


def _shaped(box: tuple[float, float, float, float], ratio: float) -> tuple[float, float, float, float]:
    """Return the box, made taller if its height over width is below `ratio`."""
    south, west, north, east = box
    middle = (south + north) / 2
    tall = (east - west) * math.cos(math.radians(middle)) * ratio
    half = max(north - south, tall) / 2
    return middle - half, west, middle + half, east


def _box(rows: Sequence[Mapping[str, Any]], margin: float) -> tuple[float, float, float, float]:
    """Return south, west, north, east with a margin in degrees."""
    lat, lon = [float(r["lat"]) for r in rows], [float(r["lon"]) for r in rows]
    return min(lat) - margin, min(lon) - margin, max(lat) + margin, max(lon) + margin
