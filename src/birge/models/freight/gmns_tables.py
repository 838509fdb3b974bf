"""The tables of a GMNS folder, opened and checked cell by cell: node.csv, link.csv, and the units of config.csv.

`open_gmns(folder) → Folder` with rows, km and km/h per unit, and every problem found; readers of cells add theirs to
`Folder.problems` and go on, so that all that is wrong is said at once: `Folder.done()` raises what was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from birge.errors import InputError, Problem
from birge.factbook.codes import iso3
from birge.factbook.table import Row, Table, number, read_table

__all__ = ["DEMAND", "KINDS", "LINK", "NODE", "Folder", "cell_number", "missing_columns", "open_gmns"]

NODE = ("node_id", "x_coord", "y_coord")
LINK = ("link_id", "from_node_id", "to_node_id", "directed", "length")
DEMAND = ("o_zone_id", "d_zone_id", "volume")
KINDS = ("city", "crossing", "complex", "terminal", "station", "gateway", "junction")
BORDERS = ("crossing", "complex")
KM = {"km": 1.0, "kilometer": 1.0, "kilometers": 1.0, "m": 0.001, "meter": 0.001, "meters": 0.001}
KM |= {"mi": 1.609344, "mile": 1.609344, "miles": 1.609344}
KMH = {"km/h": 1.0, "kph": 1.0, "kmh": 1.0, "mph": 1.609344}
DEGREES = ("", "epsg:4326", "4326", "wgs84", "wgs 84", "wgs-84", "crs84", "ogc:crs84")
ROAD_USES = {"auto", "car", "truck", "hgv", "lorry", "vehicle", "vehicles", "motor_vehicle", "all", "sov", "hov"}
ROAD_USES |= {"hov2", "hov3"}
OTHER_USES = {"walk", "foot", "ped", "pedestrian", "bike", "bicycle", "cycle", "bus", "transit", "tram", "metro"}
USUAL_SPEED = 50.0


@dataclass(frozen=True)
class Folder:
    """Rows of nodes and links, what a unit of length and speed is in km and km/h, whether positions are degrees."""

    path: Path
    nodes: Table
    links: Table
    units: Mapping[str, float]
    degrees: bool
    problems: list[Problem] = field(default_factory=list)

    def done(self) -> None:
        """Raise InputError with the problems found; nothing where there are none."""
        if self.problems:
            raise InputError(dict.fromkeys(self.problems))

    def number(self, r: Row, column: str, usual: float | None = None) -> float:
        """Return the number in a cell, `usual` where it is empty."""
        return cell_number(r, column, self.problems, usual)

    def length(self, r: Row) -> float:
        """Return km of a link."""
        value = self.number(r, "length") * self.units["length"]
        if value < 0:
            self._add(r, "length", "negative-length", f"length {value:g} km", "write 0 or more")
        return value

    def speed(self, r: Row) -> float:
        """Return km/h of a link; 50 where the cell is empty (assumed)."""
        value = self.number(r, "free_speed", USUAL_SPEED / self.units["speed"]) * self.units["speed"]
        if value <= 0:
            self._add(r, "free_speed", "speed-not-positive", f"speed {value:g}", "write it above 0")
        return value

    def capacity(self, r: Row) -> float:
        """Return vehicles an hour over all lanes of a direction, 0 for no limit: an empty cell, and nothing else."""
        remedy = "write it above 0; leave it empty where there is no limit, and a closed link out"
        found = []
        for column in ("capacity", "lanes"):
            value = self.number(r, column, 1.0)
            if not value > 0:
                self._add(r, column, f"{column}-not-positive", f"{column} {value:g}", remedy)
            found.append(value)
        return found[0] * found[1] if r.cells.get("capacity") else 0.0

    def directed(self, r: Row) -> bool:
        """Return whether a link leads one way only."""
        text = r.cells["directed"].strip().lower()
        known: Mapping[str, bool] = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}
        if text not in known:
            self._add(r, "directed", "not-a-boolean", f"directed {text!r}", "write true or false")
        return known.get(text, True)

    def mode(self, r: Row) -> str:
        """Return road, rail, or "" for a link that neither trucks and cars nor trains may use."""
        text = r.cells.get("allowed_uses", "").lower().replace(";", ",")
        uses = {u.strip() for u in text.split(",") if u.strip()}
        unknown = sorted(uses - ROAD_USES - OTHER_USES - {"rail"})
        if unknown and not uses & ROAD_USES:
            remedy = "write auto, truck, rail, walk, bike or bus, separated by commas, or leave it empty for all"
            self._add(r, "allowed_uses", "use-unknown", f"allowed_uses {', '.join(unknown)}", remedy)
        if not uses or uses & ROAD_USES or unknown:
            return "road"
        return "rail" if "rail" in uses else ""

    def position(self, r: Row) -> tuple[float, float]:
        """Return degrees east and north, or what the file has where config.csv names another `crs`."""
        found = []
        for column, most in (("x_coord", 180.0), ("y_coord", 90.0)):
            value = self.number(r, column)
            if self.degrees and abs(value) > most:
                remedy = "write degrees, longitude in x_coord; name another reference system as crs in config.csv"
                self._add(r, column, "not-degrees", f"{column} {value:g} is not within ±{most:g}", remedy)
            found.append(value)
        return found[0], found[1]

    def kind(self, r: Row) -> str:
        """Return what a node is; a city where nothing is said."""
        kind = r.cells.get("birge_kind", "") or "city"
        if kind not in KINDS:
            self._add(r, "birge_kind", "kind-unknown", f"birge_kind {kind!r}", f"write one of {', '.join(KINDS)}")
        return kind

    def economy(self, r: Row, kind: str = "") -> str:
        """Return the territory of a node or link, "" for none; of a crossing the two that it joins."""
        text = r.cells.get("birge_economy", "")
        if kind and kind not in KINDS:
            return text
        codes = text.split("-") if kind in BORDERS else [text] if text else []
        unknown = [c for c in codes if iso3(c) != c]
        if unknown or (kind in BORDERS and (len(codes) != 2 or codes[0] == codes[1])):
            wanted = "two codes of ISO 3166-1, such as EST-RUS" if kind in BORDERS else "a code of ISO 3166-1, as EST"
            message = f"birge_economy {text!r} of {'a ' + kind if kind else 'a link'}"
            self._add(r, "birge_economy", "economy-unknown", message, f"write {wanted}")
        return text

    def _add(self, r: Row, column: str, code: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(r.place(column), code, message, remedy))


def open_gmns(path: Path) -> Folder:
    """Return the tables of the folder `path`, with ends of links and doubled ids checked.

    Raises InputError, all problems at once, where a table or a needed column is missing, or a unit is unknown.
    """
    if not path.is_dir():
        raise InputError.at(str(path), "folder-missing", "there is no such folder", "name a folder with node.csv")
    problems: list[Problem] = []
    tables = {}
    for name, needed in (("node", NODE), ("link", LINK)):
        try:
            tables[name] = read_table(path / f"{name}.csv", needed)
            problems += missing_columns(tables[name], needed)
        except InputError as error:
            problems += error.problems
    units, degrees = _config(path / "config.csv", problems)
    if problems:
        raise InputError(problems)
    made = Folder(path, tables["node"], tables["link"], units, degrees)
    made.problems.extend(_twice(made.nodes, "node_id") + _twice(made.links, "link_id") + _ends(made.nodes, made.links))
    return made


def missing_columns(table: Table, needed: tuple[str, ...]) -> list[Problem]:
    """Return a problem for each column of `needed` that the table has not."""
    lost = [c for c in needed if c not in table.names]
    return [Problem(table.where, "column-missing", f"there is no column {c}", "add it") for c in lost]


def cell_number(r: Row, column: str, problems: list[Problem], usual: float | None = None) -> float:
    """Return the number in a cell, `usual` where it is empty; what is none is added to `problems`."""
    text = r.cells.get(column, "")
    if not text and usual is not None:
        return usual
    try:
        return number(text)
    except ValueError as error:
        message = f"{column} {text!r}: {error}" if text else f"{column} is empty"
        problems.append(Problem(r.place(column), "not-a-number", message, "write a number with a point"))
        return 0.0


def _config(file: Path, problems: list[Problem]) -> tuple[Mapping[str, float], bool]:
    units, degrees = {"length": 1.0, "speed": 1.0}, True
    if not file.exists():
        return units, degrees
    try:
        table = read_table(file, ("long_length", "speed"))
    except InputError as error:
        problems += error.problems
        return units, degrees
    for r in table.rows[:1]:
        for key, column, known in (("length", "long_length", KM), ("speed", "speed", KMH)):
            said = r.cells.get(column, "").lower()
            if said and said not in known:
                message, remedy = f"{column} {said!r} is no unit that is read", f"write one of {', '.join(known)}"
                problems.append(Problem(r.place(column), "unit-unknown", message, remedy))
            units[key] = known.get(said, 1.0)
        degrees = r.cells.get("crs", "").strip().lower() in DEGREES
    return units, degrees


def _twice(table: Table, column: str) -> list[Problem]:
    seen: set[str] = set()
    found = []
    for r in table.rows:
        if r.cells[column] in seen:
            message = f"{column} {r.cells[column]} stands twice"
            found.append(Problem(r.place(column), "id-twice", message, "give each row its own"))
        seen.add(r.cells[column])
    return found


def _ends(nodes: Table, links: Table) -> list[Problem]:
    known = {r.cells["node_id"] for r in nodes.rows}
    return [
        Problem(r.place(c), "node-unknown", f"node {r.cells[c]!r} is not in node.csv", "add it, or mend the number")
        for r in links.rows
        for c in ("from_node_id", "to_node_id")
        if r.cells[c] not in known
    ]
