"""The design of a crossing or a complex, as data: stations, shifts, routes, arrivals. `read` takes it from YAML.

A design has stations and streams. A stream is a direction's traffic: how many trucks come and when, their kinds of
goods, and the stations they pass in order, some with a share below 1 (scanning). Stations may be used by several
streams and may share staff. `Design.model_json_schema()` is the file format; `template` writes an example. Every part
says its `source`; `assumed: true` marks what no source states.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from birge.errors import InputError, Problem
from birge.models.border.check import problems
from birge.plan.load import Lines, misfit, parsed, text_of

__all__ = [
    "NORMAL",
    "Appointments",
    "Arrivals",
    "Balking",
    "Breakdowns",
    "Costs",
    "Design",
    "Goods",
    "Regime",
    "Service",
    "Shift",
    "Staff",
    "Station",
    "Step",
    "Stream",
    "Train",
    "parse_design",
    "read_design",
]

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$", max_length=64)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, le=1e9)]
Amount = Annotated[float, Field(ge=0, le=1e9)]
Servers = Annotated[int, Field(ge=0, le=10_000)]
Clock = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Days = tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...]
WEEK: Days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
REMEDY = "compare with `birge border new`, or with docs/reference/border-design.md"


class Record(BaseModel):
    """A frozen record that refuses unknown fields and numbers that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Sourced(Record):
    """What says where its figures come from, and whether they are assumed."""

    source: str = ""
    assumed: bool = False


class Service(Record):
    """How long a service takes: mean in minutes, coefficient of variation where the distribution has one.

    `lognormal` and `hyperexponential` take `cv`, `erlang` takes `shape`, `uniform` and `triangular` take `low` and
    `high` (minutes) and have their mean between them.
    """

    kind: Literal["fixed", "exponential", "erlang", "lognormal", "hyperexponential", "uniform", "triangular"]
    mean_min: Positive
    cv: float | None = Field(default=None, gt=0, le=20)
    shape: int | None = Field(default=None, ge=1, le=16)
    low_min: float | None = Field(default=None, ge=0)
    high_min: float | None = Field(default=None, gt=0)

    @property
    def scv(self) -> float:
        """Squared coefficient of variation."""
        if self.kind == "fixed":
            return 0.0
        if self.kind == "erlang":
            return 1.0 / (self.shape or 1)
        if self.kind in ("lognormal", "hyperexponential"):
            return (self.cv or 1.0) ** 2
        if self.kind in ("uniform", "triangular"):
            low, high = self.low_min or 0.0, self.high_min or 0.0
            if self.kind == "uniform":
                return (high - low) ** 2 / 12 / self.mean_min**2
            mode = 3 * self.mean_min - low - high
            return (low**2 + high**2 + mode**2 - low * high - low * mode - high * mode) / 18 / self.mean_min**2
        return 1.0


class Shift(Record):
    """Servers from an hour on: `start` as HH:MM, for `hours`, on `days`."""

    start: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    hours: float = Field(gt=0, le=24)
    servers: Servers
    days: Days = WEEK


class Breakdowns(Sourced):
    """Every server of the station fails now and then: mean hours between failures, mean hours of repair."""

    between_h: Positive
    repair_h: Positive

    @property
    def up(self) -> float:
        """Share of the time in which a server works."""
        return self.between_h / (self.between_h + self.repair_h)


class Staff(Sourced):
    """People that several stations share: each service needs one of them."""

    id: Id
    shifts: tuple[Shift, ...] = Field(min_length=1)
    usd_hour: Amount = 0.0


class Station(Sourced):
    """A place where trucks wait for a server and are served.

    `places` is the room to wait in front of it, without limit if left out: a truck that finds it full stays where it
    was served and blocks that server. `hand_over` names what happens when a shift ends.
    """

    id: Id
    service: Service
    by_goods: dict[Id, Service] = Field(default_factory=dict)
    shifts: tuple[Shift, ...] = Field(min_length=1)
    hand_over: Literal["relieve", "overlap", "suspend", "restart", "last-entry"] = "relieve"
    places: int | None = Field(default=None, ge=0, le=100_000)
    breakdowns: Breakdowns | None = None
    staff: Id | None = None
    usd_server_hour: Amount = 0.0
    usd_server_year: Amount = 0.0
    usd_place_year: Amount = 0.0
    most_servers: Servers | None = None


class Goods(Record):
    """A kind of goods: its share of the stream and its priority (0 first)."""

    id: Id
    share: Share
    priority: int = Field(default=1, ge=0, le=7)


class Step(Record):
    """A station on the way, and which share of the trucks stops there."""

    station: Id
    share: Share = 1.0
    by_goods: dict[Id, Share] = Field(default_factory=dict)


class Train(Record):
    """Wagons or trucks that come together at fixed times of the week."""

    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    at: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    count: int = Field(ge=1, le=500)


class Arrivals(Sourced):
    """Trucks a day on average over the year, with factors by month, weekday (from Monday) and hour; or a trace.

    A trace is a list of hours since 1 January 0:00, none before it; `trains` come in addition to `per_day`.
    """

    per_day: float = Field(default=0.0, ge=0, le=100_000)
    by_month: tuple[Amount, ...] = Field(default=(1.0,) * 12, min_length=12, max_length=12)
    by_weekday: tuple[Amount, ...] = Field(default=(1.0,) * 7, min_length=7, max_length=7)
    by_hour: tuple[Amount, ...] = Field(default=(1.0,) * 24, min_length=24, max_length=24)
    trace: tuple[Amount, ...] = ()
    trains: tuple[Train, ...] = ()


class Balking(Sourced):
    """Trucks that see more than `from_queue` waiting stay away: P(join) = exp(-(queue - from_queue) / scale).

    They are lost to the design, or drive `hours` to the stream `to`, of the same direction, and come there without a
    slot; whether one joins is drawn there anew by that stream's rule. A truck comes to no stream twice.
    """

    from_queue: int = Field(ge=0)
    scale: Positive
    to: Id | None = None
    hours: Amount = 0.0


class Appointments(Sourced):
    """Booked arrival beside the live queue.

    A share of trucks books the first slot with a free place within `horizon_days`, others queue as they come. Slots are
    offered while every station that all trucks of the stream pass has servers, and only within `hours` if these are
    given: from and to, over midnight if the second is the earlier. A booked truck comes at its slot plus a normal delay
    (mean `late_min`, `spread_min`), or not at all; one later than `tolerance_min` after its slot joins the live queue,
    takes the next free slot, or is turned away.
    """

    slot_min: float = Field(ge=1, le=1440)
    quota: int = Field(ge=1, le=100_000)
    hours: tuple[Clock, Clock] | None = None
    share: Share
    horizon_days: float = Field(default=14, gt=0, le=120)
    late_min: float = 0.0
    spread_min: Amount = 0.0
    no_show: Share = 0.0
    tolerance_min: Amount = 60.0
    late_rule: Literal["live", "next-slot", "turned-away"] = "live"
    priority: int = Field(default=0, ge=0, le=7)


class Stream(Record):
    """The traffic of a direction: arrivals, goods, the way through the stations.

    A `wagon` burns nothing while it waits, and its hours are no truck's; both are counted apart.
    """

    id: Id
    vehicle: Literal["truck", "wagon"] = "truck"
    direction: Id | None = None
    arrivals: Arrivals
    goods: tuple[Goods, ...] = Field(default=(Goods(id="general", share=1.0),), min_length=1)
    route: tuple[Step, ...] = Field(min_length=1)
    balking: Balking | None = None
    appointments: Appointments | None = None


class Regime(Sourced):
    """A way of control: services take longer by `service` (by station, or all), shares of steps are replaced."""

    id: Id
    service: float = Field(default=1.0, gt=0, le=100)
    stations: dict[Id, Positive] = Field(default_factory=dict)
    shares: dict[Id, Share] = Field(default_factory=dict)

    def slows(self, station: str) -> float:
        """Return by how much services at a station take longer."""
        return self.service * self.stations.get(station, 1.0)

    def share(self, step: Step, goods: str) -> float:
        """Return the share of trucks with a kind of goods that stop at a step."""
        return self.shares.get(step.station, step.by_goods.get(goods, step.share))


NORMAL = Regime(id="normal")


class Period(Sourced):
    """Days of the year, from the first to the last, in which a regime holds; the same days of every simulated year."""

    regime: Id
    first_day: int = Field(ge=1, le=365)
    last_day: int = Field(ge=1, le=365)


class Costs(Sourced):
    """What an hour of waiting costs a carrier, and what idling burns; ranges as [low, high]."""

    truck_hour_usd: tuple[Amount, Amount] = (0.0, 0.0)
    idling_l_h: tuple[Amount, Amount] = (1.7, 3.0)
    idling_share: tuple[Share, Share] = (0.0, 1.0)
    co2_kg_l: Amount = 2.63


class Design(Record):
    """A crossing, or a complex beside it.

    On the days of `calendar` its regime holds, on all others the one a run is asked for; services that have begun end
    as they began.
    """

    id: Id
    title: str
    note: str = ""
    staff: tuple[Staff, ...] = ()
    stations: tuple[Station, ...] = Field(min_length=1)
    streams: tuple[Stream, ...] = Field(min_length=1)
    regimes: tuple[Regime, ...] = ()
    calendar: tuple[Period, ...] = ()
    costs: Costs = Costs()

    def station(self, name: str) -> Station:
        """Return the station with the id `name`."""
        return next(s for s in self.stations if s.id == name)

    def regime(self, name: str) -> Regime:
        """Return the regime `name`; `normal` is always there."""
        return next((r for r in self.regimes if r.id == name), NORMAL)

    def control(self, regime: str) -> str:
        """Return in words how control goes over the year of a run under `regime`."""
        days = [f"{p.regime} on days {p.first_day}-{p.last_day}" for p in self.calendar]
        return ", ".join([regime, *days])

    def assumptions(self) -> list[str]:
        """Return the name of every part that is marked as assumed."""
        parts: list[tuple[str, Sourced | None]] = [(f"station {s.id}", s) for s in self.stations]
        parts += [(f"breakdowns of {s.id}", s.breakdowns) for s in self.stations]
        parts += [(f"staff {s.id}", s) for s in self.staff]
        for s in self.streams:
            parts += [(f"{n} of {s.id}", p) for n, p in (("arrivals", s.arrivals), ("balking", s.balking))]
            parts += [(f"appointments of {s.id}", s.appointments)]
        parts += [(f"regime {r.id}", r) for r in self.regimes] + [("costs", self.costs)]
        parts += [(f"days {p.first_day}-{p.last_day} of {p.regime}", p) for p in self.calendar]
        return [name for name, part in parts if part is not None and part.assumed]


def read_design(path: str | Path) -> Design:
    """Read and check the design in the YAML file `path`.

    Raises InputError with every problem, each with file and line.
    """
    return parse_design(text_of(path), str(path))


def parse_design(text: str, name: str) -> Design:
    """Read and check a design from `text`; `name` is shown in problems."""
    data, lines = parsed(text, name, "design", REMEDY)
    try:
        design = Design.model_validate(data)
    except ValidationError as error:
        refused = misfit(error, lines, "design", REMEDY)
        raise InputError(sorted([*refused.problems, *_of_the_rest(data, error, lines)], key=_place)) from error
    found = problems(design, lines.at)
    if found:
        raise InputError(sorted(found, key=_place))
    return design


def _of_the_rest(data: dict[str, Any], error: ValidationError, lines: Lines) -> list[Problem]:
    """Return the problems of what the schema does not refuse, so that one reading names them all."""
    bad = {e["loc"][:2] for e in error.errors()}
    rest: dict[str, Any] = {}
    kept: dict[str | int, list[int]] = {}
    lost: list[str] = []
    for field, value in data.items():
        if isinstance(value, tuple):
            kept[field] = [k for k in range(len(value)) if (field, k) not in bad]
            rest[field] = tuple(value[k] for k in kept[field])
            lost += [repr(v.get("id")) for k, v in enumerate(value) if (field, k) in bad and isinstance(v, dict)]
        elif not any(b[0] == field for b in bad):
            rest[field] = value
    try:
        design = Design.model_validate({"id": "x", "title": "x", **rest})
    except ValidationError:
        return []

    def at(path: tuple[str | int, ...]) -> str:
        first = (path[0], kept[path[0]][int(path[1])]) if len(path) > 1 and path[0] in kept else path[:2]
        return lines.at((*first, *path[2:]))

    # a part that names one which is refused itself is not wrong for that; loads are those of all parts
    return [
        p
        for p in problems(design, at)
        if p.code != "unstable" and not (p.code == "unknown-reference" and any(name in p.message for name in lost))
    ]


def _place(p: Problem) -> tuple[int, str]:
    tail = p.where.rsplit(":", 1)[-1]
    return int(tail) if tail.isdigit() else 0, p.message
