"""Write networks as GMNS: one made by Birge, or a checked folder again in km and km/h, with all that it holds."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from birge.errors import InputError
from birge.factbook.network import Link, Network, Node, Passage
from birge.factbook.table import Row, Table, read_table
from birge.models.freight.crossing_waits import COLUMNS, FILE, Knots, mean_curve
from birge.models.freight.gmns_tables import open_gmns

__all__ = ["copy_gmns", "template_of", "write_gmns"]

UNITS = {"long_length": "km", "speed": "km/h"}
TABLES = ("node.csv", "link.csv", "config.csv", FILE)


def write_gmns(network: Network, folder: Path) -> None:
    """Write node.csv, link.csv and config.csv to `folder`, and crossing_waits.csv where there are crossings.

    Waits that are not known get a row without hours, to be filled. Raises InputError if it cannot be written.
    """
    trucks = {name: p.trucks or "" for name, p in network.passages.items()}
    node_rows: list[dict[str, object]] = [
        {"node_id": n.id, "name": n.name(), "x_coord": n.lon, "y_coord": n.lat, "node_type": "", "zone_id": "",
         "birge_kind": n.kind, "birge_economy": n.economy, "birge_trucks_day": trucks.get(n.id, "")}
        for n in network.nodes
    ]  # fmt: skip
    link_rows: list[dict[str, object]] = [
        {"link_id": k.id, "from_node_id": k.a, "to_node_id": k.b, "directed": str(k.one_way).lower(), "length": k.km,
         "free_speed": k.speed, "lanes": k.lanes or "", "capacity": k.capacity or "",
         "allowed_uses": "rail" if k.mode == "rail" else "auto,truck", "birge_economy": k.economy,
         "birge_class": k.kind, "usd_tkm": k.usd_tkm, "speed_cv": k.cv}
        for k in network.links
    ]  # fmt: skip
    config: dict[str, object] = {"dataset_name": "birge", **UNITS, "crs": "EPSG:4326"}
    _save(folder, {"node.csv": node_rows, "link.csv": link_rows, "config.csv": [config], FILE: _waits(network)})


def copy_gmns(source: Path, folder: Path, network: Network) -> tuple[str, ...]:
    """Write the tables of `source` to `folder` in km and km/h, every column kept, and say which files are not copied.

    `network` is what `read_gmns` made of it: crossings whose waits are not known get a row without hours.
    Raises InputError if it cannot be written.
    """
    made = open_gmns(source)
    scale = {"length": made.units["length"], "free_speed": made.units["speed"]}
    links = [
        dict(r.cells) | {c: made.number(r, c) * k for c, k in scale.items() if r.cells.get(c) and k != 1.0}
        for r in made.links.rows
    ]
    config: dict[str, object] = {"dataset_name": source.name, "crs": "EPSG:4326"}
    waits = _waits(network)
    for name in ("config.csv", FILE):
        if (source / name).exists():
            rows = _cells(read_table(source / name, COLUMNS))
            if name == FILE:
                known = {str(r["crossing"]) for r in rows}
                waits = rows + [r for r in waits if str(r["crossing"]) not in known]
            elif rows:
                config = rows[0]
    nodes = [dict[str, object](r.cells) for r in made.nodes.rows]
    _save(folder, {"node.csv": nodes, "link.csv": links, "config.csv": [config | UNITS], FILE: waits})
    return tuple(sorted(f.name for f in source.iterdir() if f.is_file() and f.name not in TABLES))


def template_of(pair: tuple[str, str]) -> Network:
    """Return a network to begin with: two cities and a crossing with waits by direction; every figure is made up."""
    a, b = pair
    nodes = (
        Node("1", "city", a, 0.0, 0.0, True, (("en", "Alfa"),)),
        Node("2", "crossing", f"{a}-{b}", 0.0, 0.5, True, (("en", "Bridge"),)),
        Node("3", "city", b, 0.0, 1.0, True, (("en", "Beta"),)),
    )
    links = (
        Link("1", "1", "2", "road", a, "primary", 60.0, 60.0, 0.2, 0.12, lanes=1.0, capacity=1500.0),
        Link("2", "2", "3", "road", b, "primary", 60.0, 60.0, 0.2, 0.12, lanes=1.0, capacity=1500.0),
    )
    there, back = ((0.0, 1.0), (100.0, 3.0), (200.0, 12.0)), ((0.0, 2.0), (1.0, 2.0))
    directed: dict[str, dict[str, Knots]] = {f"{a}-{b}": {"normal": there}, f"{b}-{a}": {"normal": back}}
    waits = Passage("2", 100.0, "", 0.0, {"normal": mean_curve(there, back)}, 0.6, directed)
    return Network(nodes, links, {"2": waits})


def _cells(table: Table) -> list[dict[str, object]]:
    rows: Sequence[Row] = table.rows
    return [dict(r.cells) for r in rows]


def _waits(network: Network) -> list[dict[str, object]]:
    """Return rows of waits at crossings by road; without hours where they are not known."""
    made: list[dict[str, object]] = []
    joined = {end for k in network.links if k.mode == "road" for end in (k.a, k.b)}
    for n in network.nodes:
        if not n.border or n.id not in joined:
            continue
        p = network.passages.get(n.id)
        if p is None:
            made += [_wait(n, way, "normal", "", "", "") for way in (n.economy, "-".join(n.economy.split("-")[::-1]))]
            continue
        directed = {regime for curves in p.directed.values() for regime in curves}
        both = {regime: knots for regime, knots in p.curves.items() if regime not in directed}
        for way, curves in (("", both), *p.directed.items()):
            for regime, knots in curves.items():
                constant = knots[0][1] == knots[-1][1]
                made += [
                    _wait(n, way, regime, "" if constant else q, h, p.cv) for q, h in (knots[:1] if constant else knots)
                ]
    return made


def _wait(n: Node, direction: str, regime: str, trucks: object, hours: object, cv: object) -> dict[str, object]:
    return dict(zip(COLUMNS, (n.id, direction, regime, trucks, hours, cv), strict=True))


def _save(folder: Path, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in tables.items():
            if not rows and name == FILE:
                continue
            with (folder / name).open("w", encoding="utf-8", newline="") as stream:
                columns = list(dict.fromkeys(c for r in rows for c in r))
                writer = csv.DictWriter(stream, columns or ["node_id"], lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
    except OSError as error:
        message = f"{folder}: {error.strerror}"
        raise InputError.at("--out", "folder-unwritable", message, "name another folder") from error
