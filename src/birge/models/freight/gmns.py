"""Read and write networks as GMNS: a folder with node.csv and link.csv, trips as demand.csv, use in config.csv.

node.csv needs `node_id`, `x_coord`, `y_coord`; link.csv `link_id`, `from_node_id`, `to_node_id`, `directed`. Read as
well: `length`, `free_speed`, `capacity` (vehicles an hour and lane) × `lanes`, `toll`, `name`, `allowed_uses` (a link
with rail but not auto or truck is rail), `zone_id` and `node_type` (centroid: not passed); BPR `alpha`, `beta`. Units
of length and speed are those of config.csv (`long_length`, `speed`), km and km/h where it says nothing. Our own further
fields: `birge_economy`, `birge_class`, `usd_tkm`, `speed_cv` of links; `birge_kind`, `birge_economy` of nodes.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from birge.errors import InputError, Problem
from birge.factbook.network import Link, Network, Node
from birge.factbook.table import Row, Table, number, read_table
from birge.models.freight.assignment import Roads, Trips

__all__ = ["read_gmns", "read_gmns_roads", "read_trips", "write_gmns"]

NODE = ("node_id", "x_coord", "y_coord")
LINK = ("link_id", "from_node_id", "to_node_id", "directed")
DEMAND = ("o_zone_id", "d_zone_id", "volume")
KM = {"km": 1.0, "kilometer": 1.0, "kilometers": 1.0, "m": 0.001, "meter": 0.001, "meters": 0.001}
KM |= {"mi": 1.609344, "mile": 1.609344, "miles": 1.609344}
KMH = {"km/h": 1.0, "kph": 1.0, "kmh": 1.0, "mph": 1.609344}
NEED = {"alpha": 0.15, "beta": 4.0}
USUAL_SPEED = 50.0
USD_TKM = {"road": 0.12, "rail": 0.07}
"""Used where link.csv has no usd_tkm: about the CAREC CPMM means of 2022 (assumed)."""


def read_gmns(folder: str | Path) -> Network:
    """Return the network in `folder` for routes; every place is a city unless `birge_kind` says otherwise.

    Raises InputError naming every bad row.
    """
    nodes, links, units = _tables(Path(folder))
    problems: list[Problem] = []
    made_nodes = []
    for r in nodes.rows:
        x, y = (_number(r, c, problems) for c in ("x_coord", "y_coord"))
        name = r.cells.get("name") or r.cells["node_id"]
        kind = r.cells.get("birge_kind") or "city"
        economy = r.cells.get("birge_economy", "")
        made_nodes.append(Node(r.cells["node_id"], kind, economy, y, x, True, (("en", name),)))
    made_links = []
    for r in links.rows:
        uses = {u.strip().lower() for u in r.cells.get("allowed_uses", "").split(",")}
        mode = "rail" if "rail" in uses and not uses & {"auto", "truck", "car"} else "road"
        km, speed = _length(r, units, problems), _speed(r, units, problems)
        made_links.append(
            Link(
                r.cells["link_id"], r.cells["from_node_id"], r.cells["to_node_id"], mode,
                r.cells.get("birge_economy", ""), r.cells.get("birge_class") or r.cells.get("facility_type", ""),
                km, speed,
                _number(r, "speed_cv", problems, 0.2), _number(r, "usd_tkm", problems, USD_TKM[mode]),
                one_way=_directed(r, problems),
            )
        )  # fmt: skip
    problems += _ends(nodes, links)
    if problems:
        raise InputError(problems)
    return Network(tuple(made_nodes), tuple(made_links))


def read_gmns_roads(folder: str | Path, toll_factor: float = 0.0) -> Roads:
    """Return the network in `folder` with capacities, for equilibrium; time in minutes, capacity an hour.

    `toll_factor` turns a toll into minutes. A link without capacity has no congestion; nodes of `node_type` centroid
    are not passed. Raises InputError naming every bad row.
    """
    nodes, links, units = _tables(Path(folder))
    problems = _ends(nodes, links)
    index = {r.cells["node_id"]: k for k, r in enumerate(nodes.rows)}
    rows: list[tuple[float, ...]] = []
    places = []
    for r in links.rows:
        km, speed = _length(r, units, problems), _speed(r, units, problems)
        lanes = _number(r, "lanes", problems, 1.0)
        capacity = _number(r, "capacity", problems, 0.0) * lanes
        alpha, beta = (_number(r, c, problems, usual) for c, usual in NEED.items())
        ends = [index.get(r.cells[c], -1) for c in ("from_node_id", "to_node_id")]
        if not speed > 0:
            continue
        toll = _number(r, "toll", problems, 0.0) * toll_factor
        row = (km / speed * 60, alpha if capacity > 0 else 0.0, capacity, beta, toll)
        both = [ends] if _directed(r, problems) else [ends, ends[::-1]]
        for a, b in both:
            rows.append((a, b, *row))
            places.append(r.place("link_id"))
    if problems:
        raise InputError(problems)
    table = np.array(rows, dtype=np.float64).reshape(-1, 7)
    closed = [r.cells.get("node_type", "").lower() == "centroid" for r in nodes.rows]
    return Roads(
        tuple(index), ~np.array(closed, dtype=bool), table[:, 0].astype(np.int64), table[:, 1].astype(np.int64),
        table[:, 2].copy(), table[:, 3].copy(), table[:, 4].copy(), table[:, 5].copy(), table[:, 6].copy(),
        tuple(places),
    )  # fmt: skip


def read_trips(path: str | Path, nodes: tuple[str, ...]) -> Trips:
    """Return trips between `nodes` from a CSV with o_zone_id, d_zone_id, volume; raises InputError naming bad rows."""
    table = read_table(Path(path), DEMAND)
    _needed(table, DEMAND)
    index = {n: k for k, n in enumerate(nodes)}
    problems: list[Problem] = []
    found: list[tuple[int, int, float, str]] = []
    for r in table.rows:
        ends = []
        for c in DEMAND[:2]:
            if r.cells[c] not in index:
                message = f"{r.cells[c]!r} is no node of the network"
                problems.append(Problem(r.place(c), "node-unknown", message, "name a node of node.csv"))
            ends.append(index.get(r.cells[c], 0))
        found.append((ends[0], ends[1], _number(r, "volume", problems), r.place("volume")))
    if problems:
        raise InputError(problems)
    return Trips(
        np.array([f[0] for f in found], dtype=np.int64),
        np.array([f[1] for f in found], dtype=np.int64),
        np.array([f[2] for f in found], dtype=np.float64),
        tuple(f[3] for f in found),
    )


def write_gmns(network: Network, folder: Path) -> None:
    """Write node.csv, link.csv and config.csv to `folder`; raises InputError if it cannot be written."""
    node_rows = [
        {"node_id": n.id, "name": n.name(), "x_coord": n.lon, "y_coord": n.lat, "node_type": "", "zone_id": "",
         "birge_kind": n.kind, "birge_economy": n.economy}
        for n in network.nodes
    ]  # fmt: skip
    link_rows = [
        {"link_id": k.id, "from_node_id": k.a, "to_node_id": k.b, "directed": str(k.one_way).lower(), "length": k.km,
         "free_speed": k.speed, "allowed_uses": "rail" if k.mode == "rail" else "truck", "birge_economy": k.economy,
         "birge_class": k.kind, "usd_tkm": k.usd_tkm, "speed_cv": k.cv}
        for k in network.links
    ]  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "node.csv", node_rows)
        _write(folder / "link.csv", link_rows)
        config = {"dataset_name": "birge", "long_length": "km", "speed": "km/h", "crs": "EPSG:4326"}
        _write(folder / "config.csv", [config])
    except OSError as error:
        message = f"{folder}: {error.strerror}"
        raise InputError.at("--out", "folder-unwritable", message, "name another folder") from error


def _write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]) if rows else ["node_id"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _tables(folder: Path) -> tuple[Table, Table, Mapping[str, float]]:
    if not folder.is_dir():
        raise InputError.at(str(folder), "folder-missing", "there is no such folder", "name a folder with node.csv")
    nodes, links = read_table(folder / "node.csv", NODE), read_table(folder / "link.csv", LINK)
    problems = [*_missing(nodes, NODE), *_missing(links, LINK)]
    if problems:
        raise InputError(problems)
    twice = _twice(nodes, "node_id") + _twice(links, "link_id")
    if twice:
        raise InputError(twice)
    units = {"length": 1.0, "speed": 1.0}
    config = folder / "config.csv"
    if config.exists():
        table = read_table(config, ("long_length", "speed"))
        for key, column, known in (("length", "long_length", KM), ("speed", "speed", KMH)):
            said = table.rows[0].cells.get(column, "").lower() if table.rows else ""
            if said and said not in known:
                remedy = f"write one of {', '.join(known)}"
                raise InputError.at(table.rows[0].place(column), "unit-unknown", f"unit {said!r}", remedy)
            units[key] = known.get(said, 1.0)
    return nodes, links, units


def _missing(table: Table, needed: tuple[str, ...]) -> list[Problem]:
    lost = [c for c in needed if c not in table.names]
    return [Problem(table.where, "column-missing", f"there is no column {c}", "add it") for c in lost]


def _needed(table: Table, needed: tuple[str, ...]) -> None:
    problems = _missing(table, needed)
    if problems:
        raise InputError(problems)


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


def _number(r: Row, column: str, problems: list[Problem], usual: float | None = None) -> float:
    text = r.cells.get(column, "")
    if not text and usual is not None:
        return usual
    try:
        return number(text)
    except ValueError as error:
        message = f"{column} {text!r}: {error}"
        problems.append(Problem(r.place(column), "not-a-number", message, "write a number with a point"))
        return 0.0


def _length(r: Row, units: Mapping[str, float], problems: list[Problem]) -> float:
    value = _number(r, "length", problems) * units["length"]
    if value < 0:
        problems.append(Problem(r.place("length"), "negative-length", f"length {value:g} km", "write 0 or more"))
    return value


def _speed(r: Row, units: Mapping[str, float], problems: list[Problem]) -> float:
    value = _number(r, "free_speed", problems, USUAL_SPEED / units["speed"]) * units["speed"]
    if value <= 0:
        problems.append(Problem(r.place("free_speed"), "speed-not-positive", f"speed {value:g}", "write it above 0"))
    return value


def _directed(r: Row, problems: list[Problem]) -> bool:
    text = r.cells["directed"].strip().lower()
    known: Mapping[str, bool] = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}
    if text not in known:
        problems.append(Problem(r.place("directed"), "not-a-boolean", f"directed {text!r}", "write true or false"))
    return known.get(text, True)
