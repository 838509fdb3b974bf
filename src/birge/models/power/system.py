"""The power system as data: nodes, plants, lines, reservoirs, projects and parameters, read from the factbook's tables.

Data flow: tables `power_*.csv` → `power_system(economies, tables) → System`, of plain records. Another pair or another
cascade works by rows alone (`tables.py`, `subsystem.py`); where one of the economies has no node, or neither
holds water, there is no system (None).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.models.power.subsystem import SHARE, economies_of, parameters_of, rivers_of, terms_of, water_of
from birge.models.power.tables import Row, Tables, shipped_tables

__all__ = [
    "DAYS",
    "TABLES",
    "Deficit",
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
    "inflows", "lines", "missing", "nodes", "parameters", "plants", "profiles", "projects", "reservoirs", "steps",
    "zones",
)  # fmt: skip


@dataclass(frozen=True)
class Node:
    """A place with demand (TWh in `year`); `curve` says what missing power costs there."""

    id: str
    economy: str
    name: str
    demand_twh: float
    growth_low: float
    growth_mode: float
    growth_high: float
    profile: str
    curve: str
    year: int


@dataclass(frozen=True)
class Deficit:
    """A step of what missing power costs: `share` of the load of an hour at `price` (USD/MWh), the dearer the deeper.

    `kind` is `rationed` (cut by plan) or `unserved` (beyond it). The last step of a curve has all that is left.
    """

    curve: str
    share: float
    price: float
    kind: str


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
    """Everything that is known of the power systems of some economies and their neighbours in the tables.

    The first reservoir is the main one, the lowest of its river; the first line of its node is that of the exchange.
    `tables` are those it was read from (None: it was cut to what some cases read). `usual` has usual volumes [12] of
    reservoirs above the lowest of a river, where they are known; the tables give the volume they start with.
    """

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
    deficits: tuple[Deficit, ...] = ()
    tables: Tables | None = field(default=None, repr=False, compare=False)
    usual: Mapping[str, Floats] = field(default_factory=dict)

    def node(self, name: str) -> Node:
        """Return the node `name`; raises StopIteration if there is none."""
        return next(n for n in self.nodes if n.id == name)

    def curve(self, node: str) -> tuple[Deficit, ...]:
        """Return the steps of missing power at a node, the cheapest first."""
        name = self.node(node).curve
        return tuple(d for d in self.deficits if d.curve == name)

    def rationed_share(self, node: str) -> float:
        """Return the share of a node's load that rationing covers; what is missing beyond it is unserved."""
        return sum(d.share for d in self.curve(node) if d.kind == "rationed")

    def lowest(self) -> Reservoir:
        """Return the lowest reservoir of the main river: the first below which no other lies."""
        return next(r for r in self.reservoirs if not r.upstream_of)

    def home(self) -> Node:
        """Return the node of the lowest reservoir: the side that holds the water."""
        return self.node(self.lowest().node)

    def river(self, reservoir: Reservoir) -> River:
        """Return the river of a reservoir: that of the lowest one below it."""
        return self.rivers[self._down(reservoir)[-1]]

    def usual_km3(self, reservoir: Reservoir) -> Floats:
        """Return the usual volume [12] of a reservoir, at which its yield and its evaporation are taken."""
        if reservoir.id in self.rivers:
            return self.rivers[reservoir.id].usual_km3
        return self.usual.get(reservoir.id, np.full(12, reservoir.start_km3))

    def below(self, reservoir: Reservoir, held: Collection[str]) -> str:
        """Return the next reservoir of `held` below one, empty where there is none."""
        return next((n for n in self._down(reservoir)[1:] if n in held), "")

    def passes(self, reservoir: Reservoir, held: Collection[str]) -> float:
        """Return the share of its river that reaches a reservoir other than through one of `held` above it."""
        above = (u for u in self.reservoirs if u.id in held and self.below(u, held) == reservoir.id)
        return float(reservoir.inflow_share - sum(u.inflow_share for u in above))

    def shares(self, reservoir: Reservoir) -> Mapping[str, Range]:
        """Return the share of each economy in what the lowest reservoir of a river releases for irrigation."""
        main, found = reservoir.id == self.lowest().id, {}
        for name, of in self.parameters.items():
            economy, _, place = name.removeprefix(SHARE).partition("@")
            if name.startswith(SHARE) and place == ("" if main else reservoir.id):
                found[economy] = of
        return found

    def irrigated(self) -> tuple[str, ...]:
        """Return the economies that take water for irrigation from any river."""
        return tuple(dict.fromkeys(e for r in self.reservoirs if not r.upstream_of for e in self.shares(r)))

    def exchanges(self) -> bool:
        """Return whether there is a contract that exchanges summer for winter power."""
        return "swap-ratio" in self.parameters

    def _down(self, reservoir: Reservoir) -> list[str]:
        """Return a reservoir and those below it, down the river."""
        down, found = {r.id: r.upstream_of for r in self.reservoirs}, [reservoir.id]
        while down.get(found[-1]):
            found.append(down[found[-1]])
        return found


def power_system(economies: tuple[str, ...], tables: Tables | None = None) -> System | None:
    """Return the system of `economies` with whom lines and the main river join to them, by `tables` or those that ship.

    None where one of them has no node, or none of them holds water that `power_pairs` names.
    """
    of = tables or shipped_tables()
    water = water_of(of, economies)
    if water is None or not set(economies) <= {r["economy"] for r in of["nodes"]}:
        return None
    inside = economies_of(of, economies, water)
    nodes = tuple(_record(Node, r) for r in of["nodes"] if r["economy"] in inside)
    names = {n.id for n in nodes}
    at = {r["id"]: r["node"] for r in of["reservoirs"]}
    rivers = {low: held for low, held in rivers_of(of).items() if {at[r] for r in held} <= names}
    held = {r for river in rivers.values() for r in river}
    reservoirs = [_record(Reservoir, r) for r in of["reservoirs"] if r["id"] in held]
    lines = [_record(Line, r) for r in of["lines"] if {r["from_node"], r["to_node"]} <= names]
    contract, known = {at[water.reservoir], water.partner}, parameters_of(of, water, set(rivers) - {water.reservoir})
    zones = tuple(_record(Zone, r) for r in of["zones"] if r["node"] in names)
    return System(
        nodes,
        tuple(_record(Plant, r) for r in of["plants"] if r["node"] in names),
        tuple(
            _first(
                lines,
                lambda x: {x.from_node, x.to_node} == contract,
                lambda x: at[water.reservoir] in (x.from_node, x.to_node),
            )
        ),
        tuple(sorted(reservoirs, key=lambda r: r.id != water.reservoir)),
        tuple(_record(Project, r) for r in of["projects"] if r["node"] in names),
        {name: _river(of, name) for name in sorted(rivers)},
        _profiles(of),
        {k: Range(float(r["low"]), float(r["mode"]), float(r["high"])) for k, r in known.items()},
        zones,
        tuple(_record(Step, r) for r in of["steps"] if r["zone"] in {z.id for z in zones}),
        tuple(sorted((_record(Deficit, r) for r in of["missing"]), key=lambda d: d.price)),
        of,
    )


def observed(system: System | None = None) -> Mapping[str, tuple[float, int]]:
    """Return what was observed by id: value and year, in the unit of its row; of the river of `system` if it is given.

    Rows `x@TERMS` are those of the terms in `power_pairs`, rows without a place those of empty terms.
    """
    of = (system.tables if system else None) or shipped_tables()
    terms = terms_of(of, system.lowest().id) if system else ""
    rows = ((r["id"].partition("@"), r) for r in of["observed"])
    return {name: (float(r["value"]), int(r["year"])) for (name, _, place), r in rows if place == terms}


def _first(rows: list[Any], it: Any, among: Any) -> list[Any]:
    """Return `rows` with the one that is `it` in the place of the first that is `among` them; else as they stand."""
    chosen = next((x for x in rows if it(x)), None)
    ahead = next((k for k, x in enumerate(rows) if among(x)), None)
    if chosen is None or ahead is None or rows[ahead] is chosen:
        return rows
    left = [x for x in rows if x is not chosen]
    return [*left[:ahead], chosen, *left[ahead:]]


def _record(kind: Any, row: Row) -> Any:
    """Return the record of `kind` in a row; numbers where the field is one."""
    convert = {"float": float, "int": int, "str": str}
    return kind(**{f.name: convert[str(f.type)](row[f.name]) for f in fields(kind)})


def _river(of: Tables, name: str) -> River:
    rows = sorted((r for r in of["inflows"] if r["reservoir"] == name), key=lambda r: int(r["month"]))
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


def _profiles(of: Tables) -> Mapping[str, Floats]:
    """Return [month, hour] by name of the profile."""
    found: dict[str, Floats] = {}
    for row in of["profiles"]:
        found.setdefault(row["profile"], np.zeros((12, 24)))[int(row["month"]) - 1] = [
            float(v) for v in row["values"].split()
        ]
    return found
