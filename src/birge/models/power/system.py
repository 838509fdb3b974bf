"""The power system as data: nodes, plants, lines, reservoirs, projects and parameters, read from the factbook's tables.

Data flow: tables `power_*.csv` → `power_system(economies) → System`, whose parts are plain records. Another pair or
another cascade works by rows alone; where no node belongs to one of the economies there is no system (None).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DAYS",
    "TABLES",
    "Line",
    "Node",
    "Plant",
    "Project",
    "Range",
    "Reservoir",
    "River",
    "Step",
    "System",
    "Zone",
    "observed",
    "power_system",
]

Floats = NDArray[np.float64]
DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.float64)
TABLES = (
    "inflows", "lines", "nodes", "parameters", "plants", "profiles", "projects", "reservoirs", "steps", "zones",
)  # fmt: skip


@dataclass(frozen=True)
class Node:
    """A place with demand (TWh in `year`); costs of missing power in USD/MWh, the first share of it cheaper."""

    id: str
    economy: str
    name: str
    demand_twh: float
    growth_low: float
    growth_mode: float
    growth_high: float
    profile: str
    rationed_share: float
    rationed_cost: float
    unserved_cost: float
    year: int


@dataclass(frozen=True)
class Plant:
    """Capacity of one kind at a node; `profile` bounds each hour (`power`) or a month's energy (`energy`).

    `least`: share of what its profile allows that always runs, for a plant bounded by power (heat, smelters).
    `contract`: empty (always there), `purchase` (only where power is bought by contract), `free` (only on open lines).
    """

    id: str
    node: str
    technology: str
    fuel: str
    mw: float
    profile: str
    limit: str
    least: float
    cost: float
    co2: float
    contract: str
    payee: str


@dataclass(frozen=True)
class Line:
    """A line for both directions, with the share of what enters that is lost."""

    id: str
    from_node: str
    to_node: str
    mw: float
    loss: float


@dataclass(frozen=True)
class Reservoir:
    """A reservoir with the plants below it: TWh per km3 = yield_base + yield_slope × volume.

    `milestone` names the milestone from which on it exists (empty: it does). `inflow_share` is the share of the river
    of the lowest reservoir that passes this one.
    """

    id: str
    node: str
    milestone: str
    upstream_of: str
    mw: float
    full_km3: float
    stop_km3: float
    stop_low_km3: float
    stop_high_km3: float
    yield_base: float
    yield_slope: float
    release_min_m3s: float
    area_base_km2: float
    area_slope_km2: float
    inflow_share: float
    start_km3: float


@dataclass(frozen=True)
class River:
    """Twelve months of a reservoir's river: mean inflow, spread, persistence, evaporation, usual volume, need below.

    `release_km3` is the usual release where the head is linear around it (`month.py`); 0: power at the usual volume.
    """

    inflow_km3: Floats
    spread: Floats
    persistence: Floats
    evaporation_m: Floats
    usual_km3: Floats
    need_km3: Floats
    release_km3: Floats = field(default_factory=lambda: np.zeros(12))


@dataclass(frozen=True)
class Project:
    """Capacity that comes with a milestone of the plan."""

    id: str
    milestone: str
    node: str
    technology: str
    mw: float
    profile: str
    year: int


@dataclass(frozen=True)
class Zone:
    """A partner outside the system that joins at a node, by what the border carries either way, MW.

    `first_year` is 0 for one that is there; one that may be opened later is not there unless a case says so.
    """

    id: str
    economy: str
    node: str
    mw: float
    first_year: int


@dataclass(frozen=True)
class Step:
    """Power that a zone `sells` or `buys` at a price at the border (USD/MWh), in `months` such as 5-9 (empty: all)."""

    id: str
    zone: str
    way: str
    mw: float
    price: float
    months: str

    def there(self, month: int) -> bool:
        """Return whether it is there in a month, 0 to 11."""
        if not self.months:
            return True
        first, last = (int(m) - 1 for m in self.months.split("-"))
        return first <= month <= last if first <= last else month >= first or month <= last


@dataclass(frozen=True)
class Range:
    """A parameter with the ends of its range and its usual value."""

    low: float
    mode: float
    high: float


@dataclass(frozen=True)
class System:
    """Everything that is known of the power systems of some economies and their neighbours in the tables."""

    nodes: tuple[Node, ...]
    plants: tuple[Plant, ...]
    lines: tuple[Line, ...]
    reservoirs: tuple[Reservoir, ...]
    projects: tuple[Project, ...]
    rivers: Mapping[str, River]
    profiles: Mapping[str, Floats]
    parameters: Mapping[str, Range]
    zones: tuple[Zone, ...] = ()
    steps: tuple[Step, ...] = ()

    def node(self, name: str) -> Node:
        """Return the node `name`; raises StopIteration if there is none."""
        return next(n for n in self.nodes if n.id == name)

    def lowest(self) -> Reservoir:
        """Return the lowest reservoir: no other lies below it."""
        return next(r for r in self.reservoirs if not r.upstream_of)

    def home(self) -> Node:
        """Return the node of the lowest reservoir: the side that holds the water."""
        return self.node(self.lowest().node)


def power_system(economies: tuple[str, ...]) -> System | None:
    """Return the system of `economies` with all nodes that lines join to them, None where one of them has no node."""
    nodes = tuple(_record(Node, r) for r in _rows("nodes"))
    if not set(economies) <= {n.economy for n in nodes}:
        return None
    names = {n.id for n in nodes}
    rivers = {r["reservoir"] for r in _rows("inflows")}
    return System(
        nodes,
        tuple(p for p in (_record(Plant, r) for r in _rows("plants")) if p.node in names),
        tuple(_record(Line, r) for r in _rows("lines")),
        tuple(_record(Reservoir, r) for r in _rows("reservoirs")),
        tuple(_record(Project, r) for r in _rows("projects")),
        {name: _river(name) for name in sorted(rivers)},
        _profiles(),
        {r["id"]: Range(float(r["low"]), float(r["mode"]), float(r["high"])) for r in _rows("parameters")},
        tuple(_record(Zone, r) for r in _rows("zones")),
        tuple(_record(Step, r) for r in _rows("steps")),
    )


def observed() -> Mapping[str, tuple[float, int]]:
    """Return what was observed by id: value and year, in the unit of its row."""
    return {r["id"]: (float(r["value"]), int(r["year"])) for r in _rows("observed")}


def _record(kind: Any, row: Mapping[str, str]) -> Any:
    """Return the record of `kind` in a row; numbers where the field is one."""
    convert = {"float": float, "int": int, "str": str}
    return kind(**{f.name: convert[str(f.type)](row[f.name]) for f in fields(kind)})


def _river(name: str) -> River:
    rows = sorted((r for r in _rows("inflows") if r["reservoir"] == name), key=lambda r: int(r["month"]))
    to_km3 = DAYS * 86_400 / 1e9

    def column(key: str) -> Floats:
        return np.array([float(r[key]) for r in rows])

    return River(
        column("inflow_m3s") * to_km3,
        column("spread"),
        column("persistence"),
        column("evaporation_mm") / 1_000,
        column("usual_km3"),
        column("need_m3s") * to_km3,
    )


def _profiles() -> Mapping[str, Floats]:
    """Return [month, hour] by name of the profile."""
    found: dict[str, Floats] = {}
    for row in _rows("profiles"):
        found.setdefault(row["profile"], np.zeros((12, 24)))[int(row["month"]) - 1] = [
            float(v) for v in row["values"].split()
        ]
    return found


@cache
def _rows(table: str) -> tuple[Mapping[str, str], ...]:
    text = (files("birge.factbook") / "tables" / f"power_{table}.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))
