"""Read an OpenStreetMap extract (.osm XML, also .gz or .bz2): nodes and ways of roads and rails, with their lines.

`read_extract(file) → Extract`; a document type is refused, since an extract has none and entities could fill memory.
"""

from __future__ import annotations

import bz2
import gzip
import math
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from birge.errors import InputError, Problem

__all__ = ["CAPACITY", "SPEED", "Extract", "Way", "read_extract"]

SPEED = {"motorway": 90.0, "trunk": 70.0, "primary": 60.0, "secondary": 50.0, "tertiary": 40.0, "rail": 50.0}
"""Trucks and trains in km/h by class (assumed); classes that are not here are left out."""
CAPACITY = {"motorway": 2000.0, "trunk": 2000.0, "primary": 1500.0, "secondary": 1000.0, "tertiary": 600.0}
"""Vehicles an hour and lane by class: the usual values of MATSim's reader of OpenStreetMap (assumed)."""
LANES = {"motorway": 2.0}
"""Lanes of a direction where `lanes` is no number; 1 for other classes (as MATSim, assumed)."""
CHUNK = 1 << 20
SHOWN = 50


@dataclass(frozen=True)
class Way:
    """A road or rail along nodes `refs`; `one_way` 1 along them, -1 against, 0 both; `lanes` of a direction."""

    id: str
    refs: list[str]
    kind: str
    mode: str
    speed: float
    one_way: int
    lanes: float
    capacity: float
    line: int


@dataclass(frozen=True)
class Extract:
    """Positions (degrees north, east) by node, named places, border controls with their name, and ways."""

    at: dict[str, tuple[float, float]] = field(default_factory=dict)
    named: list[tuple[str, str]] = field(default_factory=list)
    controls: dict[str, str] = field(default_factory=dict)
    ways: list[Way] = field(default_factory=list)


def read_extract(file: Path) -> Extract:
    """Return what is on the roads and rails of `file`; raises InputError naming lines, all problems at once."""
    opener: Any = {".gz": gzip.open, ".bz2": bz2.open}.get(file.suffix, open)
    reader = _Reader(file)
    try:
        with opener(file, "rb") as stream:
            reader.read(stream)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError.at(str(file), "xml-broken", str(error), "save the extract again") from error
    except expat.ExpatError as error:
        where = f"{file}:{error.lineno}"
        message = expat.errors.messages.get(error.code, str(error))
        raise InputError.at(where, "xml-broken", message, "save the extract again, or mend the line") from error
    except OSError as error:
        broken = file.exists() and error.strerror is None
        message, code = error.strerror or str(error), "xml-broken" if broken else "file-unreadable"
        raise InputError.at(str(file), code, message, "name an extract that exists and is whole") from error
    found = reader.found
    problems = reader.problems
    if not found.ways and not problems:
        message = f"no way is highway={', '.join(CAPACITY)} or railway=rail"
        problems.append(Problem(str(file), "no-roads", message, "export an area with roads"))
    problems += _lost(file, found, reader.bad)
    if len(problems) > SHOWN:
        more = Problem(str(file), "more", f"{len(problems) - SHOWN} more problems", "mend these first")
        problems = [*problems[:SHOWN], more]
    if problems:
        raise InputError(problems)
    return found


def _lost(file: Path, found: Extract, bad: set[str]) -> list[Problem]:
    """Return a problem for each way with nodes that are not in the file."""
    problems = []
    for w in found.ways:
        lost = [r for r in dict.fromkeys(w.refs) if r not in found.at and r not in bad]
        if lost:
            count = "1 node that is" if len(lost) == 1 else f"{len(lost)} nodes that are"
            message = f"way {w.id} has {count} not in the file: {', '.join(lost[:5])}"
            remedy = "export whole ways (osmium: --strategy complete_ways)"
            problems.append(Problem(f"{file}:{w.line}", "node-missing", message, remedy))
    return problems


class _Reader:
    """Handlers of a parser that keep what is needed of nodes and ways."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.found = Extract()
        self.problems: list[Problem] = []
        self.bad: set[str] = set()
        self.open = ""
        self.line = 0
        self.attributes: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.refs: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    def read(self, stream: IO[bytes]) -> None:
        """Read the whole stream; raises expat.ExpatError."""
        while block := stream.read(CHUNK):
            self.parser.Parse(block, False)
        self.parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        where = f"{self.file}:{self.parser.CurrentLineNumber}"
        message = "a document type or entities are not read"
        raise InputError.at(where, "xml-doctype", message, "save the extract as plain OSM XML")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("node", "way"):
            self.open, self.attributes, self.tags, self.refs = tag, attributes, {}, []
            self.line = self.parser.CurrentLineNumber
        elif tag == "tag" and self.open:
            self.tags[attributes.get("k", "")] = attributes.get("v", "")
        elif tag == "nd" and self.open == "way":
            self.refs.append(attributes.get("ref", ""))

    def _end(self, tag: str) -> None:
        if tag == self.open == "node":
            self._node()
        elif tag == self.open == "way":
            way = _way(self.attributes.get("id", ""), self.tags, self.refs, self.line)
            if way is not None:
                self.found.ways.append(way)
        if tag in ("node", "way"):
            self.open = ""

    def _node(self) -> None:
        name = self.attributes.get("id", "")
        lat, lon = (self._degrees(name, key, most) for key, most in (("lat", 90.0), ("lon", 180.0)))
        if lat is None or lon is None:
            self.bad.add(name)
            return
        self.found.at[name] = (lat, lon)
        title = self.tags.get("name:en") or self.tags.get("name", "")
        if self.tags.get("place") in ("city", "town", "village") and title:
            self.found.named.append((title, name))
        if self.tags.get("barrier") == "border_control":
            self.found.controls[name] = title

    def _degrees(self, node: str, key: str, most: float) -> float | None:
        text = self.attributes.get(key, "")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if abs(value) <= most:
            return value
        message = f"node {node}: {key} {text!r} is not within ±{most:g} degrees"
        self.problems.append(Problem(f"{self.file}:{self.line}", "not-degrees", message, "export the extract again"))
        return None


def _closed(tags: dict[str, str]) -> bool:
    """Return whether trucks may not use a way: the tag that says most of them counts."""
    said = next((tags[key] for key in ("hgv", "motor_vehicle", "vehicle", "access") if key in tags), "yes")
    return said in ("no", "private", "agricultural", "forestry")


def _way(name: str, tags: dict[str, str], refs: list[str], line: int) -> Way | None:
    kind = re.sub(r"_link$", "", tags.get("highway", ""))
    if tags.get("railway") == "rail" and not tags.get("service"):
        kind = "rail"
    if kind not in SPEED or len(refs) < 2 or _closed(tags):
        return None
    limit = re.fullmatch(r"(\d+)( km/h| mph)?", tags.get("maxspeed", ""))
    speed = SPEED[kind]
    if limit and int(limit[1]) > 0:
        speed = min(int(limit[1]) * (1.609344 if limit[2] == " mph" else 1.0), 90.0)
    if kind == "rail":
        return Way(name, refs, kind, "rail", speed, 0, 0.0, 0.0, line)
    around = tags.get("junction") in ("roundabout", "circular")
    said = tags.get("oneway", "yes" if kind == "motorway" or around else "no")
    one_way = {"yes": 1, "1": 1, "true": 1, "-1": -1}.get(said, 0)
    counted = int(tags["lanes"]) if re.fullmatch(r"[1-9]\d?", tags.get("lanes", "")) else 0
    # `lanes` counts both directions of a road that leads both ways.
    lanes = counted if one_way else max(counted / 2, 1.0) if counted else 0.0
    return Way(name, refs, kind, "road", speed, one_way, lanes or LANES.get(kind, 1.0), CAPACITY[kind], line)
