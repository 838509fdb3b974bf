"""Read networks as GMNS: a folder with node.csv and link.csv, trips as demand.csv, use in config.csv.

node.csv needs `node_id`, `x_coord`, `y_coord`; link.csv `link_id`, `from_node_id`, `to_node_id`, `directed`, `length`.
Read as well: `free_speed`, `capacity` (vehicles an hour and lane; empty for no limit) × `lanes`, `toll`, `name`,
`allowed_uses` (empty or with auto, car or truck: road; with rail and none of these: rail; else left out), `zone_id`
(what trips name) and `node_type` (centroid: not passed); BPR `alpha`, `beta`. Units of length and speed are those of
config.csv (`long_length`, `speed`), km and km/h where it says nothing; positions are degrees unless its `crs` says
otherwise. Our own further fields: `birge_economy`, `birge_class`, `usd_tkm`, `speed_cv` of links; `birge_kind`,
`birge_economy`, `birge_trucks_day` of nodes; and the table `crossing_waits.csv`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from birge.errors import InputError, Problem
from birge.factbook.network import Link, Network, Node
from birge.factbook.table import Row, read_table
from birge.models.freight.assignment import Roads, Trips
from birge.models.freight.crossing_waits import read_waits
from birge.models.freight.gmns_tables import DEMAND, Folder, cell_number, missing_columns, open_gmns
from birge.models.freight.zones import Ends

__all__ = ["USD_TKM", "read_gmns", "read_gmns_roads", "read_trips"]

NEED = {"alpha": 0.15, "beta": 4.0}
USD_TKM = {"road": 0.12, "rail": 0.07}
"""Used where link.csv has no usd_tkm: about the CAREC CPMM means of 2022 (assumed)."""


def read_gmns(folder: str | Path) -> Network:
    """Return the network in `folder` for routes; every place is a city unless `birge_kind` says otherwise.

    Raises InputError naming every bad row.
    """
    made = open_gmns(Path(folder))
    nodes = {r.cells["node_id"]: _node(made, r) for r in made.nodes.rows}
    links = [k for r in made.links.rows if (k := _link(made, r, nodes))]
    passages = read_waits(made, nodes)
    made.done()
    return Network(tuple(nodes.values()), tuple(links), passages)


def read_gmns_roads(folder: str | Path, toll_factor: float = 0.0) -> Roads:
    """Return the network in `folder` with capacities, for equilibrium; time in minutes, capacity an hour.

    `toll_factor` turns a toll into minutes. A link without capacity has no congestion; nodes of `node_type` centroid
    are not passed; links that neither cars nor trucks may use are left out. Raises InputError naming every bad row.
    """
    made = open_gmns(Path(folder))
    index = {r.cells["node_id"]: k for k, r in enumerate(made.nodes.rows)}
    for r in made.nodes.rows:
        made.position(r)
    rows: list[tuple[float, ...]] = []
    places = []
    for r in made.links.rows:
        if made.mode(r) != "road":
            continue
        km, speed, capacity = made.length(r), made.speed(r), made.capacity(r)
        alpha, beta = (made.number(r, c, usual) for c, usual in NEED.items())
        toll = made.number(r, "toll", 0.0) * toll_factor
        ends = [index.get(r.cells[c], -1) for c in ("from_node_id", "to_node_id")]
        one_way = made.directed(r)
        if not speed > 0:
            continue
        row = (km / speed * 60, alpha if capacity > 0 else 0.0, capacity, beta, toll)
        for a, b in [ends] if one_way else [ends, ends[::-1]]:
            rows.append((a, b, *row))
            places.append(r.place("link_id"))
    made.done()
    table = np.array(rows, dtype=np.float64).reshape(-1, 7)
    closed = [r.cells.get("node_type", "").lower() == "centroid" for r in made.nodes.rows]
    return Roads(
        tuple(index), ~np.array(closed, dtype=bool), table[:, 0].astype(np.int64), table[:, 1].astype(np.int64),
        table[:, 2].copy(), table[:, 3].copy(), table[:, 4].copy(), table[:, 5].copy(), table[:, 6].copy(),
        tuple(places), zones=_zones(made.nodes.rows),
    )  # fmt: skip


def read_trips(path: str | Path, ends: Ends) -> Trips:
    """Return trips from a CSV with o_zone_id, d_zone_id, volume; raises InputError naming bad rows."""
    table = read_table(Path(path), DEMAND)
    problems = missing_columns(table, DEMAND)
    if problems:
        raise InputError(problems)
    found: list[tuple[int, int, float, str]] = []
    for r in table.rows:
        a, b = (ends.number(r.cells[c], r.place(c), problems) for c in DEMAND[:2])
        found.append((a or 0, b or 0, cell_number(r, "volume", problems), r.place("volume")))
    if problems:
        raise InputError(problems)
    return Trips(
        np.array([f[0] for f in found], dtype=np.int64),
        np.array([f[1] for f in found], dtype=np.int64),
        np.array([f[2] for f in found], dtype=np.float64),
        tuple(f[3] for f in found),
    )


def _node(made: Folder, r: Row) -> Node:
    x, y = made.position(r)
    kind = made.kind(r)
    name = r.cells.get("name") or r.cells["node_id"]
    return Node(r.cells["node_id"], kind, made.economy(r, kind), y, x, True, (("en", name),))


def _link(made: Folder, r: Row, nodes: dict[str, Node]) -> Link | None:
    """Return the link of a row; None where neither trucks nor trains may use it."""
    mode = made.mode(r)
    if not mode:
        return None
    km, speed, economy, one_way = made.length(r), made.speed(r), made.economy(r), made.directed(r)
    capacity = made.capacity(r) if mode == "road" else 0.0
    usd_tkm, cv = made.number(r, "usd_tkm", USD_TKM[mode]), made.number(r, "speed_cv", 0.2)
    for column, value in (("usd_tkm", usd_tkm), ("speed_cv", cv)):
        if value < 0:
            made.problems.append(Problem(r.place(column), "negative-cost", f"{column} {value:g}", "write 0 or more"))
    ends = r.cells["from_node_id"], r.cells["to_node_id"]
    for node in (nodes.get(e) for e in ends):
        sides = node.economy.split("-") if node and node.border else []
        if len(sides) == 2 and economy not in sides:
            message = f"the link meets the crossing {node.id if node else ''}, and its birge_economy is {economy!r}"
            remedy = f"write the side it lies in: {' or '.join(sides)}"
            made.problems.append(Problem(r.place("birge_economy"), "side-unknown", message, remedy))
    kind = r.cells.get("birge_class") or r.cells.get("facility_type", "")
    lanes = made.number(r, "lanes", 1.0) if capacity else 0.0
    each = capacity / lanes if lanes > 0 else 0.0
    return Link(
        r.cells["link_id"], *ends, mode, economy, kind, km, speed, cv, usd_tkm,
        one_way=one_way, lanes=lanes, capacity=each,
    )  # fmt: skip


def _zones(rows: Sequence[Row]) -> dict[str, tuple[int, ...]]:
    """Return the nodes of each zone, by their number."""
    found: dict[str, tuple[int, ...]] = {}
    for k, r in enumerate(rows):
        zone = r.cells.get("zone_id", "")
        if zone:
            found[zone] = (*found.get(zone, ()), k)
    return found
