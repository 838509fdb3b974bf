"""The plan as data: what a cooperation plan says, in frozen records.

Results chain (OECD-DAC glossary): pillars hold indicators with targets, and measures with milestones;
a measure's effects act on driver Variables (`birge.variables`). Nothing here knows any country or model.
`Plan.model_json_schema()` is the file format; `birge.plan.load` reads it from YAML with line numbers.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Barrier",
    "Baseline",
    "Deadline",
    "Decision",
    "Distribution",
    "Duration",
    "Effect",
    "Event",
    "Indicator",
    "Initiative",
    "Instrument",
    "Measure",
    "Meeting",
    "Milestone",
    "Organisation",
    "Party",
    "Pillar",
    "Plan",
    "RegionPair",
    "Risk",
    "Settlement",
    "Source",
    "State",
    "Status",
    "Target",
    "Text",
]

Day = date
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
Code = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Line = Annotated[str, Field(max_length=2_000)]
Words = Annotated[str, Field(max_length=20_000)]


class Record(BaseModel):
    """A frozen record that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Record):
    """A text in the plan's languages; `unreviewed` names the languages nobody has reviewed yet."""

    en: Annotated[Words, Field(min_length=1)]
    ru: Words | None = None
    kk: Words | None = None
    ky: Words | None = None
    unreviewed: tuple[Literal["en", "ru", "kk", "ky"], ...] = ()

    def get(self, lang: str) -> str:
        """Return the text in `lang`, or in English where there is none."""
        return getattr(self, lang, None) or self.en


class Source(Record):
    """Where a statement comes from."""

    title: Line
    url: Line | None = None
    date: Day | None = None


class Party(Record):
    """One of the two states, in the order of the plan's title; also how its statistics are named."""

    code: Code
    name: Text
    short: Text
    statistics: Text = Field(description="as in: 'as Kazakhstan counts'")


class Organisation(Record):
    """A body that answers for something; `party` is empty for a joint body."""

    id: Id
    name: Text
    party: Code | None = None
    level: Literal["head of state", "government", "ministry", "agency", "region", "parliament", "other"] = "ministry"


class Distribution(Record):
    """An uncertain number: `fixed`, `normal`, `triangular`, `uniform`, `beta` or `lognormal`.

    `fixed` uses value; `normal` mean, sd; `triangular` low, mode, high; `uniform` low, high;
    `beta` mean, sd on 0-1; `lognormal` median, sigma.
    """

    kind: Literal["fixed", "normal", "triangular", "uniform", "beta", "lognormal"]
    value: float | None = None
    mean: float | None = None
    sd: Annotated[float, Field(gt=0)] | None = None
    low: float | None = None
    mode: float | None = None
    high: float | None = None
    median: float | None = None
    sigma: Annotated[float, Field(gt=0)] | None = None


class Effect(Record):
    """What a measure does to a driver Variable, from which milestone, how fast and for how long."""

    driver: str = Field(description="name of a Variable that a plan may act on")
    select: dict[str, str] = Field(default_factory=dict, description="coordinate by dim; an omitted dim means all")
    size: Distribution
    start: Id = Field(alias="from", description="milestone whose finish starts the effect")
    ramp_months: Annotated[float, Field(ge=0)] = 0.0
    end: date | None = None
    half_life_months: Annotated[float, Field(gt=0)] | None = None
    assumed: bool = True
    evidence: str = Field(min_length=1, description="the figure or study it rests on")
    known_on: date | None = None


class State(StrEnum):
    """How far a measure or milestone is, in the words of its last report."""

    NOT_STARTED = "not started"
    IN_PROGRESS = "in progress"
    DONE = "done"
    STOPPED = "stopped"


class Status(Record):
    """One report: the state on the date of the report."""

    state: State
    reported: date
    finished: date | None = None
    note: Text | None = None
    source: Source | None = None
    known_on: date | None = Field(None, description="when it was published, if later than `reported`")


class Deadline(Record):
    """A deadline as written, and the date it falls on if it has one."""

    text: Text
    kind: Literal["date", "quarter", "year", "annually", "permanently", "during", "none"]
    due: date | None = None
    known_on: date | None = Field(None, description="when it became public, if later than its measure")


class Duration(Record):
    """Three-point duration in months (PERT) and the reference class of its kind of work."""

    low: Annotated[float, Field(gt=0)]
    mode: Annotated[float, Field(gt=0)]
    high: Annotated[float, Field(gt=0)]
    work: Literal["building", "procurement", "ratification", "document", "system", "event"] = "document"
    assumed: bool = True


class Milestone(Record):
    """A dated step; `after` are the milestones that have to finish first, `lag_months` after them."""

    id: Id
    title: Text
    planned: date | None = None
    start: date | None = Field(None, description="earliest start, or when the work began")
    after: tuple[Id, ...] = ()
    lag_months: Annotated[float, Field(ge=0)] = 0.0
    duration: Duration | None = None
    owner: Id | None = None
    side: Code | None = None
    instrument: Id | None = Field(None, description="paper whose signing, ratification or entry into force it is")
    status: tuple[Status, ...] = ()
    source: Source | None = None
    known_on: date | None = Field(None, description="when it became public, if later than its measure")


class Measure(Record):
    """An item of the plan, as agreed."""

    id: Id
    number: str
    pillar: Id
    title: Text
    form: Text | None = Field(None, description="form of completion")
    responsible: tuple[Id, ...] = ()
    co_responsible: tuple[Id, ...] = ()
    deadline: Deadline
    cost_musd: Annotated[float, Field(ge=0)] | None = None
    cost_note: str | None = None
    funds: Text | None = None
    origin: Literal["published", "reconstructed"]
    milestones: tuple[Milestone, ...] = ()
    effects: tuple[Effect, ...] = ()
    status: tuple[Status, ...] = ()
    sources: tuple[Source, ...] = ()
    known_on: date | None = Field(None, description="when it became public, if not on the date of its sources")


class Risk(Record):
    """A discrete risk: with `probability` it delays `milestone` by `delay_months`, `repeats` times at most."""

    id: Id
    title: Text
    milestone: Id
    probability: Annotated[float, Field(ge=0, le=1)]
    delay_months: Distribution
    repeats: Annotated[int, Field(ge=1, le=10)] = 1
    assumed: bool = True
    evidence: str


class Settlement(Record):
    """How it is decided whether a target was met."""

    release: Literal["first_release", "after_12_months"] = "after_12_months"
    valuation: Literal["as published", "f.o.b.", "c.i.f."] = "as published"
    prices: Literal["nominal", "real"] = "nominal"
    decimals: Annotated[int, Field(ge=0)] | None = Field(None, description="rounding in the target's unit")
    electricity: Literal["in", "out"] = "in"
    assumed: bool = True


class Baseline(Record):
    """The value a target starts from."""

    year: int
    value: float
    basis: Code | None = None
    source: Source


class Target(Record):
    """A value to be reached by a year, on somebody's statistics (`basis`), under a settlement rule."""

    id: Id
    year: Annotated[int, Field(ge=1900, le=2200)]
    value: float
    basis: Code | None = None
    milestone: Id | None = Field(None, description="for 'done by a date' indicators")
    settlement: Settlement = Settlement()
    known_on: date | None = None
    source: Source


class Indicator(Record):
    """What is measured: a Variable summed over dims, milestones done by a date, or observed only."""

    id: Id
    pillar: Id
    title: Text
    kind: Literal["variable", "milestone", "observed"]
    unit: str
    variable: str | None = None
    select: dict[str, str] = Field(default_factory=dict)
    baseline: tuple[Baseline, ...] = ()
    targets: tuple[Target, ...] = ()
    sources: tuple[Source, ...] = ()


class Pillar(Record):
    """A part of the plan, such as trade or energy."""

    id: Id
    title: Text


class Instrument(Record):
    """A treaty, agreement, protocol or roadmap, and how far it is on each side."""

    id: Id
    title: Text
    kind: Literal["treaty", "agreement", "protocol", "roadmap", "memorandum", "plan", "law"]
    initialled: date | None = None
    signed: date | None = None
    ratified: dict[Code, date] = Field(default_factory=dict)
    in_force: date | None = None
    note: Text | None = None
    source: Source


class Decision(Record):
    """What a meeting decided: who has to do what by when."""

    id: Id
    title: Text
    owners: tuple[Id, ...] = ()
    due: date | None = None
    measure: Id | None = None
    status: tuple[Status, ...] = ()
    source: Source | None = None


class Meeting(Record):
    """A session of a council, a visit, a consultation."""

    id: Id
    title: Text
    body: Literal[
        "interstate council",
        "intergovernmental council",
        "foreign ministers",
        "parliaments",
        "regions",
        "other",
    ]
    date: Day | None = None
    year: int
    place: str | None = None
    decisions: tuple[Decision, ...] = ()
    source: Source


class Event(Record):
    """An item of the cultural and humanitarian programme."""

    id: Id
    title: Text
    kind: Literal["culture", "cinema", "youth", "sport", "education", "science", "monument", "regions"]
    start: date | None = None
    end: date | None = None
    year: int
    place: str | None = None
    attendance: Annotated[int, Field(ge=0)] | None = None
    pillar: Id | None = Field(None, description="the pillar it belongs to, for calendars by pillar")
    source: Source


class Barrier(Record):
    """A barrier to trade or movement: who met it, where, who must answer, until when."""

    id: Id
    title: Text
    since: date | None = None
    removed: date | None = None
    crossing: str | None = None
    product: str | None = None
    answers: tuple[Id, ...] = ()
    due: date | None = None
    source: Source


class Initiative(Record):
    """A joint initiative on a multilateral platform."""

    id: Id
    title: Text
    forum: str
    proposer: Code | None = None
    supported: Literal["yes", "no", "not known"] = "not known"
    outcome: Text | None = None
    source: Source


class RegionPair(Record):
    """Two regions or cities, one on each side, that are tied to each other."""

    id: Id
    kind: Literal["twin cities", "neighbours", "agreement"]
    regions: dict[Code, Text] = Field(min_length=2, max_length=2, description="name by party")
    since: date | None = None
    crossing: str | None = None
    source: Source


class Plan(Record):
    """A whole cooperation plan. `headline` names the target whose odds come first."""

    schema_version: Literal[1] = 1
    id: Id
    title: Text
    origin: Literal["published", "reconstructed"]
    origin_note: Text
    parties: Annotated[tuple[Party, ...], Field(min_length=2, max_length=2)]
    start: int
    end: int
    languages: tuple[Literal["en", "ru", "kk", "ky"], ...] = ("en",)
    currency: str = "USD"
    customs_union: bool = False
    headline: Id
    pillars: tuple[Pillar, ...]
    organisations: tuple[Organisation, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    measures: tuple[Measure, ...] = ()
    risks: tuple[Risk, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    events: tuple[Event, ...] = ()
    barriers: tuple[Barrier, ...] = ()
    initiatives: tuple[Initiative, ...] = ()
    region_pairs: tuple[RegionPair, ...] = ()

    def milestones(self) -> tuple[Milestone, ...]:
        """Return all milestones in the order of the measures."""
        return tuple(m for measure in self.measures for m in measure.milestones)

    def targets(self) -> tuple[tuple[Indicator, Target], ...]:
        """Return all targets with their indicators."""
        return tuple((i, t) for i in self.indicators for t in i.targets)

    def canonical(self) -> dict[str, Any]:
        """Return the plan as plain data with sorted keys' aliases, the basis of its hash."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
