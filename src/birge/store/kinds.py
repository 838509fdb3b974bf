"""What a record can hold: one typed payload per kind, and the few facts that the rules need about each kind.

Where the plan has a record of the same thing, that record is the payload, so that it lies over the plan unchanged
(`birge.store.plans.effective`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from birge.plan.schema import Barrier, Event, Initiative, Instrument, Organisation, Plan, State, Text
from birge.store.canonical import canonical, digest

__all__ = [
    "KINDS",
    "LANGUAGES",
    "Answer",
    "Comment",
    "Confirmation",
    "Council",
    "Entered",
    "Evidence",
    "FollowUp",
    "Head",
    "Kind",
    "Letter",
    "Meeting",
    "Observed",
    "PlanVersion",
    "Point",
    "Progress",
    "RegionPair",
    "Resolution",
    "Round",
    "Run",
    "ScenarioRecord",
    "Signing",
    "Staged",
    "Stated",
    "Translation",
    "Words",
]

Day = date
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
Code = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Number = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$", max_length=20)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Language = Literal["en", "ru", "kk", "ky"]
Line = Annotated[str, Field(min_length=1, max_length=20_000)]
Words = Annotated[dict[Language, Line], Field(min_length=1)]
LANGUAGES: tuple[Language, ...] = ("en", "ru", "kk", "ky")


class Payload(BaseModel):
    """A frozen payload that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PlanVersion(Payload):
    """A version of the plan as canonical JSON, from when on it is to hold, and the hash of the plan that it changes."""

    plan: dict[str, Any]
    effective: Day
    note: Words | None = None
    base: Hash | None = None

    @property
    def digest(self) -> str:
        """Return the hash of the plan: that of `birge.plan.plan_hash`."""
        return digest(canonical(self.plan))

    def read(self) -> Plan:
        """Return the plan; raises pydantic's ValidationError if this release cannot read it."""
        return Plan.model_validate_json(canonical(self.plan), strict=False)


class Confirmation(Payload):
    """A side's word on the content `hash` of a record: confirmed, or sent back with a reason. No legal force."""

    record: str
    hash: Hash
    verdict: Literal["confirmed", "sent back"]
    by: Line
    on: Day
    note: Words | None = None


class Letter(Payload):
    """The letter with which a paper came in."""

    number: Annotated[str, Field(min_length=1, max_length=100)]
    date: Day


class Evidence(Payload):
    """A file that proves a report; the file is kept under its hash."""

    hash: Hash
    name: Annotated[str, Field(min_length=1, max_length=200)]


class Progress(Payload):
    """What a side says of a milestone, measure or decision on a date."""

    item: Id
    reported: Day
    state: State
    finished: Day | None = None
    text: Words | None = None
    organisation: Id | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def by(self) -> str:
        """Return who reports: an organisation, or the side as such."""
        return self.organisation or "side"

    @model_validator(mode="after")
    def _finished(self) -> Progress:
        if (self.state is State.DONE) != (self.finished is not None):
            raise ValueError("'finished' is given with the state 'done', and only with it")
        if self.finished and self.finished > self.reported:
            raise ValueError("finished after it was reported")
        return self


class Council(Payload):
    """A body of the two sides that meets."""

    id: Id
    title: Words
    body: Literal[
        "interstate council", "intergovernmental council", "foreign ministers", "parliaments", "regions", "other"
    ]
    languages: tuple[Language, ...] = Field((), description="the authentic languages of its papers")
    prevailing: Language | None = None


class Point(Payload):
    """A side's wording of a point of the protocol; both sides' wordings equal means agreed."""

    meeting: Id
    number: Number
    text: Words
    owners: tuple[Id, ...] = ()
    due: Day | None = None
    measure: Id | None = None


class Signing(Payload):
    """When and where the paper was signed, by whom for each side, the scan's hash; why an entry was corrected.

    `points` are those of the paper as they were signed: what a side states later, or takes back, changes none of them.
    """

    date: Day
    place: Line
    signatories: dict[Code, Line]
    scan: Hash | None = None
    prevailing: Language | None = None
    correction: Words | None = None
    points: tuple[Point, ...] = ()


class Meeting(Payload):
    """A session of a council, with the dates counted back from it; `withdrawn` says why a signing was taken back."""

    id: Id
    council: Id
    title: Words
    date: Day
    place: Line | None = None
    steps: dict[str, Day] = Field(default_factory=dict)
    signing: Signing | None = None
    withdrawn: Words | None = None


class Stated(Payload):
    """A side's statement for a council's paper: for which session or, without one, of which day; in its own words."""

    side: Code
    meeting: Id | None = None
    day: Day
    text: Words

    @property
    def about(self) -> str:
        """Return the session, or the day, that the statement is for."""
        return self.meeting or self.day.isoformat()


class Resolution(Payload):
    """A decision of a session: owners on each side, due date, follow-up."""

    id: Id
    meeting: Id
    point: Number | None = None
    title: Words
    owners: tuple[Id, ...] = ()
    due: Day | None = None
    measure: Id | None = None
    follow_up: Words | None = None


class FollowUp(Payload):
    """What is to come of an event."""

    text: Words
    owner: Id | None = None
    due: Day | None = None
    done: Day | None = None


class Staged(Payload):
    """An event of the programme and its follow-up."""

    event: Event
    organisers: tuple[Id, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()


class RegionPair(Payload):
    """Two regions or cities that work together."""

    id: Id
    title: Text
    regions: dict[Code, Line]
    since: Day | None = None
    instrument: Id | None = None
    note: Words | None = None


class Observed(Payload):
    """A figure a side published: each vintage is a record of its own."""

    flow: Annotated[str, Field(pattern=r"^([A-Z]{3}-[A-Z]{3}|turnover)$")]
    year: Annotated[int, Field(ge=1900, le=2200)]
    months: tuple[Annotated[int, Field(ge=1, le=12)], Annotated[int, Field(ge=1, le=12)]] = (1, 12)
    reporter: Code
    value: float
    unit: Line = "mn USD"
    published: Day
    vintage: Literal["preliminary", "revised", "not known"]
    valuation: Literal["f.o.b.", "c.i.f.", "not known"] = "not known"
    source: Line
    note: Line | None = None


class Run(Payload):
    """An assessment: on which plan, data, seed and release, and its document. Internal until released."""

    plan_hash: Hash
    as_of: Day
    seed: int
    draws: Annotated[int, Field(ge=1)]
    release: Line
    data: dict[str, str] = Field(default_factory=dict, description="vintage of each data set")
    scenario: str | None = None
    document: dict[str, Any]

    @property
    def digest(self) -> str:
        """Return the hash of the document."""
        return digest(canonical(self.document))


class ScenarioRecord(Payload):
    """A scenario as written by an analyst."""

    id: Id
    document: dict[str, Any]


class Comment(Payload):
    """A remark among a side's own people; never leaves the side."""

    id: Line
    on: Line
    text: Line


class Translation(Payload):
    """A text of a record in a language: machine texts are shown as such, reviewed ones name their reader."""

    of: str
    field: Annotated[str, Field(pattern=r"^[a-z_.]+$", max_length=60)]
    lang: Language
    text: Line
    state: Literal["draft", "machine", "reviewed"]
    source: Hash = Field(description="hash of the text it was made from; another hash there now means stale")
    reader: Line | None = None

    @model_validator(mode="after")
    def _reader(self) -> Translation:
        if self.state == "reviewed" and not self.reader:
            raise ValueError("a reviewed text names its reader")
        return self


class Round(Payload):
    """A reporting round: which organisations of the side are asked, until when, when they were reminded."""

    id: Id
    meeting: Id | None = None
    opened: Day
    closes: Day
    organisations: tuple[Id, ...]
    reminded: tuple[date, ...] = ()
    closed: Day | None = None


class Entered(Payload):
    """A report as it was entered: on which item, its record, and the letter it came with."""

    item: Id
    record: str
    letter: Letter


class Answer(Payload):
    """An organisation's answer in a round: its newest letter and workbook, and every report entered.

    Letters are a side's own correspondence, so they stand here, where nothing goes out, and not in the reports.
    """

    round: Id
    organisation: Id
    letter: Letter
    entered: Day
    reports: tuple[Entered, ...]
    file: Evidence

    @property
    def items(self) -> tuple[str, ...]:
        """Return the items that were answered."""
        return tuple(r.item for r in self.reports)


class Head(Payload):
    """The head of the other side's audit chain, as its package stated it."""

    seq: Annotated[int, Field(ge=0)]
    hash: Hash
    package: Hash


@dataclass(frozen=True)
class Kind:
    """Facts about a kind: its payload, the action that writes it, and how key and subject are made from a payload.

    `private` never leaves its side; `internal` leaves it only by an approver and is public only when both sides agree;
    `own` names the field that has to be the side's own code.
    """

    payload: type[BaseModel]
    key: str
    subject: str
    write: str = "write"
    private: bool = False
    internal: bool = False
    own: str | None = None

    def key_of(self, payload: BaseModel) -> str:
        """Return the key: what makes two statements be about the same matter."""
        return self.key.format(p=payload)

    def subject_of(self, payload: BaseModel) -> str:
        """Return the item or record that the payload is about."""
        return self.subject.format(p=payload)


KINDS: Mapping[str, Kind] = {
    "answer": Kind(Answer, "{p.round}:{p.organisation}", "{p.round}", private=True),
    "barrier": Kind(Barrier, "{p.id}", "{p.id}"),
    "comment": Kind(Comment, "{p.id}", "{p.on}", "comment", private=True),
    "confirmation": Kind(Confirmation, "{p.record}:{p.hash}", "{p.record}", "judge"),
    "council": Kind(Council, "{p.id}", "{p.id}"),
    "decision": Kind(Resolution, "{p.id}", "{p.meeting}"),
    "event": Kind(Staged, "{p.event.id}", "{p.event.id}"),
    "head": Kind(Head, "{p.seq}:{p.hash}", "{p.package}", "receive", private=True),
    "initiative": Kind(Initiative, "{p.id}", "{p.id}"),
    "instrument": Kind(Instrument, "{p.id}", "{p.id}"),
    "meeting": Kind(Meeting, "{p.id}", "{p.council}"),
    "observation": Kind(
        Observed,
        "{p.flow}:{p.year}:{p.months[0]}-{p.months[1]}:{p.unit}:{p.published}",
        "{p.flow}",
        "figure",
        own="reporter",
    ),
    "organisation": Kind(Organisation, "{p.id}", "{p.id}"),
    "plan": Kind(PlanVersion, "{p.digest}:{p.effective}", "plan"),
    "point": Kind(Point, "{p.meeting}:{p.number}", "{p.meeting}"),
    "progress": Kind(Progress, "{p.item}@{p.reported}:{p.by}", "{p.item}", "report"),
    "region-pair": Kind(RegionPair, "{p.id}", "{p.id}"),
    "round": Kind(Round, "{p.id}", "{p.meeting}", private=True),
    "run": Kind(Run, "{p.digest}", "{p.plan_hash}", "run", internal=True),
    "scenario": Kind(ScenarioRecord, "{p.id}", "{p.id}", "run", internal=True),
    "statement": Kind(Stated, "{p.about}:{p.side}", "{p.about}", own="side"),
    "text": Kind(Translation, "{p.of}:{p.field}:{p.lang}", "{p.of}"),
}
