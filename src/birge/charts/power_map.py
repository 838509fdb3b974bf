"""A map of an exchange of power: places, and arrows between them as broad as their flow, a panel for each season.

`places` {name, lat, lon} and, by panel, `flows` {lat, lon, lat2, lon2, value, text}. The two ways between two places
stand side by side. Positions are scaled by the cosine of the middle latitude; no boundary is drawn unless one is given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from birge.charts.apart import Word, apart, breadth
from birge.charts.frame import framed, written
from birge.charts.outlines import nearby
from birge.charts.palette import GHOST, GRID, INK, SIDES

__all__ = ["power_map"]

Rows = Sequence[Mapping[str, Any]]
Point = tuple[float, float]
MARGIN = 1.6
"""Degrees around the outermost places."""
ROOM, BROADEST, HEAD = 13.0, 11.0, 9.0
"""Px that an arrow ends before a place, its greatest breadth, and what its head adds."""
ALONG = (0.5, 0.35, 0.65, 0.2, 0.8)
"""Where along a shaft its number may stand."""
BESIDE = 420
"""Px from which on panels stand side by side."""


def power_map(
    places: Rows, panels: Mapping[str, Rows], boundaries: Rows, width: int, lang: str = "en"
) -> dict[str, Any]:
    """Return a panel for each name in `panels` with its flows; `boundaries` are {lat, lon, part, order}."""
    import altair as alt

    columns = min(len(panels), 2 if width >= BESIDE else 1)
    inner = (width - 20) / columns - 10
    box = _box(places)
    most = max((float(f["value"]) for rows in panels.values() for f in rows), default=1.0)
    made = [_panel(name, places, rows, boundaries, box, inner, most) for name, rows in panels.items()]
    return framed((alt.hconcat if columns == 2 else alt.vconcat)(*made, spacing=10), lang)


def _panel(
    name: str, places: Rows, flows: Rows, boundaries: Rows, box: tuple[float, float, float, float], width: float,
    most: float,
) -> Any:  # fmt: skip
    import altair as alt

    south, west, north, east = box
    height = width * (north - south) / ((east - west) * math.cos(math.radians((south + north) / 2)))

    def at(lat: float, lon: float) -> Point:
        return (lon - west) / (east - west) * width, (north - lat) / (north - south) * height

    x = alt.X("x:Q", scale=alt.Scale(domain=[0, width], nice=False, zero=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[height, 0], nice=False, zero=False), axis=None)
    layers = []
    near = [{**b, **_xy(at(b["lat"], b["lon"]))} for b in nearby(boundaries, box)]
    if near:
        line = alt.Chart(alt.InlineData(near)).mark_line(color=GHOST, opacity=0.6, strokeWidth=1, clip=True)
        layers.append(line.encode(x=x, y=y, detail="part:N", order="order:Q"))
    ways = {(f["lat"], f["lon"], f["lat2"], f["lon2"]) for f in flows}
    arrows = [
        _arrow(f, at(f["lat"], f["lon"]), at(f["lat2"], f["lon2"]),
               (f["lat2"], f["lon2"], f["lat"], f["lon"]) in ways, most)
        for f in flows
    ]  # fmt: skip
    if arrows:
        base = alt.Chart(alt.InlineData(arrows))
        stroke = alt.StrokeWidth("broad:Q", scale=None, legend=None)
        shafts = base.mark_rule(color=SIDES[0], opacity=0.75, clip=True)
        layers.append(shafts.encode(x=x, y=y, x2="x2:Q", y2="y2:Q", strokeWidth=stroke))
        heads = base.mark_point(shape="triangle-up", filled=True, color=SIDES[0], opacity=1, clip=True)
        size, angle = alt.Size("head:Q", scale=None, legend=None), alt.Angle("angle:Q", scale=None, legend=None)
        layers.append(
            heads.encode(x=alt.X("tip_x:Q", axis=None), y=alt.Y("tip_y:Q", axis=None), size=size, angle=angle)
        )
    marks = [{**_xy(at(p["lat"], p["lon"])), "name": p["name"]} for p in places]
    discs = alt.Chart(alt.InlineData(marks)).mark_circle(color=INK, size=70, opacity=1)
    layers.append(discs.encode(x=x, y=y))
    beside = ("e", "w", "ne", "nw", "se", "sw", "n", "s")
    words = [Word(a["text"], a["marks"][0][0], a["marks"][0][1], 5, beside, must=True, also=a["marks"][1:])
             for a in arrows]  # fmt: skip
    named = [Word(m["name"], m["x"], m["y"], 8, ("e", "n", "s", "w", "se", "sw", "ne", "nw"), bold=True, must=True)
             for m in marks]  # fmt: skip
    taken = [(m["x"] - 5, m["y"] - 5, m["x"] + 5, m["y"] + 5) for m in marks]
    taken += [box for a in arrows for box in _along(a)]
    found = apart([*named, *words], (2, 2, width - 2, height - 2), taken)
    for bold in (True, False):
        rows = [
            {"x": place[0], "y": place[1], "text": word.text}
            for word, place in zip([*named, *words], found, strict=True)
            if place is not None and word.bold == bold
        ]
        style = {"fontSize": 12, **({"fontWeight": "bold"} if bold else {})}
        layers += written(rows, x, y, style, INK) if rows else []
    title = alt.TitleParams(name, anchor="start", fontSize=13, color=INK)
    view = alt.ViewBackground(stroke=GRID)
    return alt.layer(*layers).properties(width=width, height=height, view=view, title=title)


def _arrow(flow: Mapping[str, Any], start: Point, end: Point, both: bool, most: float) -> dict[str, Any]:
    """Return the shaft, head and label of a flow in px; where both ways carry power each stands to its right."""
    broad = 0.8 + (BROADEST - 0.8) * float(flow["value"]) / most
    dx, dy = end[0] - start[0], end[1] - start[1]
    far = math.hypot(dx, dy)
    ux, uy = dx / far, dy / far
    side = (BROADEST / 2 + 2) if both else 0.0
    ox, oy = -uy * side, ux * side
    head = broad + HEAD
    tip = (end[0] - ux * ROOM + ox - ux * head / 2, end[1] - uy * ROOM + oy - uy * head / 2)
    first = (start[0] + ux * ROOM + ox, start[1] + uy * ROOM + oy)
    return {
        "x": first[0], "y": first[1], "x2": tip[0], "y2": tip[1], "broad": broad,
        "tip_x": tip[0], "tip_y": tip[1], "head": head * head,
        "angle": math.degrees(math.atan2(uy, ux)) + 90, "text": flow["text"],
        # the number stands at the middle, else further along
        "marks": tuple(
            (first[0] + t * (tip[0] - first[0]) + ox, first[1] + t * (tip[1] - first[1]) + oy) for t in ALONG
        ),
    }  # fmt: skip


def _along(arrow: Mapping[str, Any]) -> list[tuple[float, float, float, float]]:
    """Return boxes along a shaft that no word may cover."""
    half = arrow["broad"] / 2 + 1
    made = []
    for k in range(41):
        px = arrow["x"] + (arrow["x2"] - arrow["x"]) * k / 40
        py = arrow["y"] + (arrow["y2"] - arrow["y"]) * k / 40
        made.append((px - half, py - half, px + half, py + half))
    return made


def _xy(point: Point) -> dict[str, float]:
    return {"x": point[0], "y": point[1]}


def _box(places: Rows) -> tuple[float, float, float, float]:
    """Return south, west, north, east with room for names."""
    lat, lon = [float(p["lat"]) for p in places], [float(p["lon"]) for p in places]
    wide = MARGIN + max(breadth(str(p["name"]), 12) for p in places) / 60
    return min(lat) - MARGIN, min(lon) - wide, max(lat) + MARGIN, max(lon) + wide
