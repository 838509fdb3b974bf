"""Make a network from an OpenStreetMap extract of the user's own (.osm XML, also .gz or .bz2).

Ways with `highway` or `railway=rail` are cut where they meet or end; what lies between two cuts is one link with its
length along the way. Speed is `maxspeed` where it is a number, else by class (assumed). Places with a name become
nodes' names. OpenStreetMap is © OpenStreetMap contributors, ODbL 1.0: what is made from it stays under that licence.
"""

from __future__ import annotations

import bz2
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

import numpy as np

from birge.errors import InputError
from birge.factbook.network import Link, Network, Node

__all__ = ["read_osm"]

SPEED = {"motorway": 90.0, "trunk": 70.0, "primary": 60.0, "secondary": 50.0, "tertiary": 40.0, "rail": 50.0}
"""Trucks and trains in km/h by class (assumed); classes that are not here are left out."""
USD_TKM = {"road": 0.12, "rail": 0.07}
NEAR_KM = 5.0


@dataclass(frozen=True)
class _Way:
    id: str
    refs: list[str]
    kind: str
    mode: str
    speed: float
    one_way: int


def read_osm(path: str | Path, economy: str = "") -> Network:
    """Return the network of the extract; `economy` is the territory all links count to.

    Raises InputError for a file that cannot be read, is PBF, holds no roads or rails, or refers to missing nodes.
    """
    file = Path(path)
    if file.name.endswith(".pbf"):
        remedy = "convert it first: osmium cat extract.osm.pbf -o extract.osm"
        raise InputError.at(str(file), "format-not-read", "PBF is not read, only OSM XML", remedy)
    at: dict[str, tuple[float, float]] = {}
    named: list[tuple[str, float, float]] = []
    ways: list[_Way] = []
    try:
        for element in _elements(file):
            if element.tag == "node":
                at[element.attrib["id"]] = (float(element.attrib["lat"]), float(element.attrib["lon"]))
                tags = _tags(element)
                if tags.get("place") in ("city", "town", "village") and tags.get("name"):
                    named.append((tags.get("name:en") or tags["name"], *at[element.attrib["id"]]))
            elif element.tag == "way":
                way = _way(element)
                if way is not None:
                    ways.append(way)
    except (ElementTree.ParseError, KeyError, ValueError, OSError, EOFError) as error:
        raise InputError.at(str(file), "xml-broken", f"{error}", "export the extract again") from error
    if not ways:
        message = f"no way is highway={', '.join(k for k in SPEED if k != 'rail')} or railway=rail"
        raise InputError.at(str(file), "no-roads", message, "export an area with roads")
    lost = [(w.id, r) for w in ways for r in w.refs if r not in at]
    if lost:
        message = f"way {lost[0][0]} and {len(lost) - 1} more refer to nodes that are not in the file"
        raise InputError.at(str(file), "node-missing", message, "export whole ways (osmium: --strategy complete_ways)")
    return _network(ways, at, named, economy)


def _elements(file: Path) -> Iterator[Any]:
    opener: Any = {".gz": gzip.open, ".bz2": bz2.open}.get(file.suffix, open)
    try:
        stream: IO[bytes] = opener(file, "rb")
    except OSError as error:
        message = error.strerror or str(error)
        raise InputError.at(str(file), "file-unreadable", message, "name a file that exists") from error
    with stream:
        steps = ElementTree.iterparse(stream, events=("start", "end"))
        _, root = next(steps)
        for event, element in steps:
            if event == "end" and element.tag in ("node", "way", "relation"):
                yield element
                root.clear()


def _tags(element: Any) -> dict[str, str]:
    return {t.attrib["k"]: t.attrib["v"] for t in element.iter("tag")}


def _way(element: Any) -> _Way | None:
    tags = _tags(element)
    kind = re.sub(r"_link$", "", tags.get("highway", ""))
    if tags.get("railway") == "rail" and not tags.get("service"):
        kind = "rail"
    refs = [n.attrib["ref"] for n in element.iter("nd")]
    if kind not in SPEED or len(refs) < 2:
        return None
    limit = re.fullmatch(r"(\d+)( km/h| mph)?", tags.get("maxspeed", ""))
    speed = SPEED[kind]
    if limit and int(limit[1]) > 0:
        speed = min(int(limit[1]) * (1.609344 if limit[2] == " mph" else 1.0), 90.0)
    said = tags.get("oneway", "yes" if kind == "motorway" else "no")
    one_way = {"yes": 1, "1": 1, "true": 1, "-1": -1}.get(said, 0) if kind != "rail" else 0
    return _Way(element.attrib["id"], refs, kind, "rail" if kind == "rail" else "road", speed, one_way)


def _network(
    ways: list[_Way], at: dict[str, tuple[float, float]], named: list[tuple[str, float, float]], economy: str
) -> Network:
    uses = Counter(r for w in ways for r in w.refs)
    links: list[Link] = []
    ends: dict[str, None] = {}
    for w in ways:
        refs = w.refs[::-1] if w.one_way < 0 else w.refs
        start, km = 0, 0.0
        for k in range(1, len(refs)):
            km += _km(at[refs[k - 1]], at[refs[k]])
            if k == len(refs) - 1 or uses[refs[k]] > 1:
                a, b = refs[start], refs[k]
                if a != b:
                    ends |= {a: None, b: None}
                    links.append(
                        Link(
                            f"{w.id}-{start}", a, b, w.mode, economy, w.kind, km, w.speed, 0.2, USD_TKM[w.mode],
                            assumed=True, source="OpenStreetMap contributors (ODbL 1.0)", one_way=w.one_way != 0,
                        )
                    )  # fmt: skip
                start, km = k, 0.0
    names = _names(list(ends), at, named)
    nodes = tuple(
        Node(r, "city" if r in names else "junction", economy, *at[r], True, (("en", names.get(r, r)),)) for r in ends
    )
    return Network(nodes, tuple(links))


def _names(
    ends: list[str], at: dict[str, tuple[float, float]], named: list[tuple[str, float, float]]
) -> dict[str, str]:
    """Give each named place to the end of a link nearest to it, within 5 km; a node keeps its first name."""
    found: dict[str, str] = {}
    spots = np.array([at[r] for r in ends])
    for name, lat, lon in named:
        far = np.hypot(spots[:, 0] - lat, (spots[:, 1] - lon) * np.cos(np.radians(lat))) * 111.2
        k = int(far.argmin())
        if far[k] <= NEAR_KM:
            found.setdefault(ends[k], name)
    return found


def _km(a: tuple[float, float], b: tuple[float, float]) -> float:
    p, q, r, s = np.radians([*a, *b])
    root = np.sin((r - p) / 2) ** 2 + np.cos(p) * np.cos(r) * np.sin((s - q) / 2) ** 2
    return float(2 * 6371.0 * np.arcsin(np.sqrt(root)))
