"""Write the freight map: figures from a settled study, boundaries from a file of the reader's, a page with a table."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from birge.charts import svg
from birge.charts.freight_map import freight_map
from birge.charts.mirror import png
from birge.errors import InputError
from birge.factbook.table import read_text
from birge.models.freight.flows import link_flows
from birge.models.freight.planned import State

__all__ = ["DISCLAIMER", "MapFigures", "map_figures", "map_of", "read_boundaries", "write_map"]

DISCLAIMER = (
    "Positions are approximate. Lines and names on this map express no opinion on the legal status of any territory "
    "or on the course of a boundary."
)
SUFFIXES = (".svg", ".png", ".html")


def write_map(out: Path, made: State, boundaries: Path | None, language: str = "en") -> None:
    """Write the map to `out`; raises InputError for an unknown format, a bad boundary file or a folder that is none."""
    suffix = out.suffix.lower()
    if suffix not in SUFFIXES:
        message = f"{out.name} is none of {', '.join(SUFFIXES)}"
        raise InputError.at("--out", "format-unknown", message, "name one of them")
    lines = read_boundaries(boundaries) if boundaries else []
    spec, rows = map_of(made, lines, language)
    data = png(spec) if suffix == ".png" else svg(spec).encode()
    if suffix == ".html":
        data = _page(data.decode(), rows).encode()
    try:
        out.write_bytes(data)
    except OSError as error:
        message = f"{out}: {error.strerror}"
        raise InputError.at("--out", "file-unwritable", message, "name a file in a folder that exists") from error


def read_boundaries(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a GeoJSON or TopoJSON file as points {lat, lon, part, order}; raises InputError."""
    try:
        document = json.loads(read_text(path))
        parts = list(_topology(document) if document.get("type") == "Topology" else _geojson(document))
        points = [
            {"lat": float(p[1]), "lon": float(p[0]), "part": k, "order": n}
            for k, part in enumerate(parts)
            for n, p in enumerate(part)
        ]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        message = f"not readable as GeoJSON or TopoJSON: {error}"
        raise InputError.at(
            str(path), "boundaries-broken", message, "save it as GeoJSON in degrees (WGS 84)"
        ) from error
    if not points:
        raise InputError.at(str(path), "boundaries-empty", "no line or polygon is in it", "save it as GeoJSON")
    if any(abs(p["lat"]) > 90 or abs(p["lon"]) > 360 for p in points):
        raise InputError.at(str(path), "not-degrees", "coordinates are no degrees", "save it in WGS 84")
    return points


def _geojson(document: Any) -> Iterator[list[Any]]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        for f in document["features"]:
            yield from _geojson(f)
    elif kind == "Feature":
        if document["geometry"]:
            yield from _geojson(document["geometry"])
    elif kind == "GeometryCollection":
        for part in document["geometries"]:
            yield from _geojson(part)
    elif kind in ("LineString", "MultiLineString", "Polygon", "MultiPolygon"):
        lines = document["coordinates"]
        if kind == "LineString":
            yield lines
        elif kind == "MultiPolygon":
            for polygon in lines:
                yield from polygon
        else:
            yield from lines


def _topology(document: Any) -> Iterator[list[Any]]:
    """Yield every arc once; deltas are summed where the file has a transform."""
    move = document.get("transform")
    for arc in document["arcs"]:
        points = np.array([p[:2] for p in arc], dtype=np.float64)
        if move:
            points = np.cumsum(points, axis=0) * move["scale"] + move["translate"]
        yield points.tolist()


def map_of(
    made: State, boundaries: list[dict[str, Any]], language: str = "en"
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the map of a state with names of places in `language`, and its crossings with waits and trucks."""
    figures = map_figures(made, language)
    (a, b), year = made.study.pair, made.study.year
    subtitle = (
        f"Trade of {a} and {b} by road and rail, {year}: modelled tonnes on links, trucks a day and mean waits at "
        "crossings (other trucks included).\nMost waits and shares by crossing are assumed until counts are published; "
        f"residual {figures.residual:.0e} h, flow conserved within {figures.balance:.0e}."
    )
    note = (
        DISCLAIMER
        + "\nSources: factbook tables network_nodes, network_links, crossing_waits; towns: GeoNames, CC BY 4.0."
    )
    title = "Corridors, flows and waits"
    drawn = freight_map(title, subtitle, figures.links, figures.places, figures.open, boundaries, note)
    return drawn, figures.crossings


@dataclass(frozen=True)
class MapFigures:
    """What a map shows: links, places, crossings (planned ones too), and how well the model has settled."""

    links: list[dict[str, Any]]
    places: list[dict[str, Any]]
    crossings: list[dict[str, Any]]
    residual: float
    balance: float

    @property
    def open(self) -> list[dict[str, Any]]:
        """The crossings that are drawn, numbered by their trucks, those with most first."""
        return sorted((c for c in self.crossings if not c["planned"]), key=lambda c: int(c["number"]))


def map_figures(made: State, language: str = "en") -> MapFigures:
    """Return what a map of a state shows."""
    market, settled, opened, net = made.market, made.settled, made.opened, made.study.network
    flows = link_flows(market, settled, made.study.pair, opened)
    nodes = {n.id: n for n in net.nodes}
    links = [
        {
            "lat": nodes[k.a].lat, "lon": nodes[k.a].lon, "lat2": nodes[k.b].lat, "lon2": nodes[k.b].lon,
            "mode": k.mode, "planned": bool(k.milestone) and k.milestone not in opened, "tonnes": float(t) / 1000,
        }
        for k, t in zip(net.links, flows.tonnes, strict=True)
    ]  # fmt: skip
    kinds = {"city": "city", "gateway": "gateway", "terminal": "terminal", "station": "terminal"}
    places = [
        {"lat": n.lat, "lon": n.lon, "name": n.name(language), "size": n.population, "kind": kinds[n.kind]}
        for n in net.nodes
        if n.kind in kinds
    ]
    rows: list[dict[str, Any]] = []
    for k, name in enumerate(market.crossings):
        passage = net.passages.get(name)
        if passage is None:
            continue
        shut = bool(passage.opening) and passage.opening not in opened
        wait, trucks = float(settled.waits[k].mean()), float(settled.trucks[k].sum())
        both = nodes[name].name(language)
        rows.append(
            {
                "lat": nodes[name].lat, "lon": nodes[name].lon, "name": both, "wait": wait, "trucks": trucks,
                "planned": shut,
            }
        )  # fmt: skip
    drawn = [r for r in rows if not r["planned"]]
    for k, r in enumerate(sorted(drawn, key=lambda r: float(r["trucks"]), reverse=True), 1):
        r["number"] = str(k)
    return MapFigures(links, places, rows, settled.residual, flows.balance)


def _page(picture: str, rows: list[dict[str, Any]]) -> str:
    """Return a page without scripts: the picture and the crossings as a table."""
    cells = "".join(
        f"<tr><td>{html.escape(r['name'])}</td>"
        + ("<td colspan=2>planned</td>" if r["planned"] else f"<td>{r['wait']:.1f}</td><td>{r['trucks']:.0f}</td>")
        + "</tr>"
        for r in sorted(rows, key=lambda r: -r["trucks"])
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<title>Corridors, flows and waits</title><style>body{font:15px/1.5 'Noto Sans',Arial,sans-serif;margin:1rem;"
        "max-width:1100px}svg{max-width:100%;height:auto}table{border-collapse:collapse}td,th{padding:.2rem .8rem;"
        "border-bottom:1px solid #d8dce0;text-align:left}</style>"
        f"{picture}<table><tr><th>crossing<th>mean wait, h<th>trucks a day, both ways</tr>{cells}</table>"
        f"<p>{html.escape(DISCLAIMER)}</p></html>\n"
    )
