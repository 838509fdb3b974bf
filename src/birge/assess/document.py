"""The JSON document of an assessment, declared once: the records here give its JSON Schema and check real documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from birge.assess.delays import DelayCost
from birge.assess.fans import FanYear
from birge.assess.figures import NextFigure
from birge.assess.milestones import MilestoneOdds
from birge.assess.odds import GroupShare, InputSensitivity, MeasureShare, Needed, TargetOdds
from birge.assess.supply import PowerAnswer
from birge.factbook.growth import GrowthPart
from birge.factbook.targets import PastTarget

__all__ = ["Document", "Facts", "PerTarget", "plain", "schema"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Facts:
    """The figures that were read: how many, and the SHA-256 over their values and dates of publication."""

    count: int
    hash: str


@dataclass(frozen=True)
class PerTarget:
    """What is said of one target."""

    measures: tuple[MeasureShare, ...]
    milestones: tuple[MilestoneOdds, ...]
    needed: Needed | None
    groups: tuple[GroupShare, ...]
    sensitivity: tuple[InputSensitivity, ...]


@dataclass(frozen=True)
class Document:
    """An assessment. Odds are fractions, money is mn USD, dates are ISO; what is not modelled is null with a `reason`.

    `measures`, `milestones`, `needed`, `groups` and `sensitivity` are for the target that `headline` names; those of
    all targets stand under `by_target`. `delays` are months by measure or milestone, `delay_costs` what they cost each
    target; `fans` are the futures by side and year. `unverified` holds the odds of the headline without each
    unverified figure that moves them by more than 5 of 100. `power` is what the power model says of each year.
    """

    plan: str
    plan_hash: str
    origin: str
    as_of: date
    facts_until: date
    facts: Facts
    seed: int
    draws: int
    failed_draws: int
    runtime_s: float
    scenario: str | None
    counterfactual: str
    without: tuple[str, ...]
    delays: dict[str, float]
    headline: str
    targets: tuple[TargetOdds, ...]
    measures: tuple[MeasureShare, ...]
    milestones: tuple[MilestoneOdds, ...]
    needed: Needed | None
    groups: tuple[GroupShare, ...]
    sensitivity: tuple[InputSensitivity, ...]
    by_target: dict[str, PerTarget]
    delay_costs: dict[str, DelayCost]
    unverified: dict[str, float]
    next_figure: NextFigure | None
    past_targets: tuple[PastTarget, ...]
    fans: tuple[FanYear, ...]
    growth: tuple[GrowthPart, ...]
    power: PowerAnswer | None
    warnings: tuple[str, ...]


def plain(document: Document) -> dict[str, Any]:
    """Return `document` as plain data for JSON."""
    made: dict[str, Any] = _adapter().dump_python(document, mode="json")
    return made


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document: every key is there, and no other."""
    made = _adapter().json_schema(mode="serialization")
    for record in (made, *made["$defs"].values()):
        record["required"] = list(record["properties"])
        record["additionalProperties"] = False
        for field in record["properties"].values():
            field.pop("title", None)
            field.pop("default", None)
    return {"$schema": DIALECT, **made}


@cache
def _adapter() -> TypeAdapter[Document]:
    return TypeAdapter(Document)
