"""What might happen from outside: named changes of driver Variables from a date on, for some months."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator

from birge.errors import InputError
from birge.plan.load import misfit, parsed
from birge.plan.schema import Distribution, Id, Plan, Record, Text

__all__ = ["Scenario", "ScenarioEffect", "fitting", "load_scenario", "scenario_names"]


class ScenarioEffect(Record):
    """A change of a driver for `months` from `start`; its evidence is shown with every result."""

    driver: str
    select: dict[str, str] = Field(default_factory=dict)
    size: Distribution
    start: date
    months: Annotated[float, Field(gt=0)]
    evidence: Text

    @field_validator("evidence", mode="before")
    @classmethod
    def _plain(cls, said: object) -> object:
        """Take a plain text as English."""
        return {"en": said} if isinstance(said, str) else said


class Scenario(Record):
    """A named scenario; `{CODE}` in its title stands for the name that the plan gives that party."""

    id: Id
    title: Text
    effects: tuple[ScenarioEffect, ...]

    def named(self, plan: Plan) -> Text:
        """Return the title with the parties named as the plan names them, in each language."""
        said = self.title.model_dump(exclude_none=True)
        for lang in said.keys() - {"unreviewed"}:
            for party in plan.parties:
                said[lang] = said[lang].replace(f"{{{party.code}}}", party.short.get(lang))
        return Text.model_validate(said)

    def fits(self, plan: Plan) -> bool:
        """Return whether all that it speaks of in directions and reporters is of the plan's two parties."""
        codes = {p.code for p in plan.parties}
        return all(
            set(e.select.get("direction", "").split("-")) | {e.select.get("reporter", "")} <= codes | {""}
            for e in self.effects
        )


def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios that ship with Birge."""
    return tuple(sorted(p.stem for p in _folder().glob("*.yaml")))


def fitting(plan: Plan) -> tuple[str, ...]:
    """Return the names of the scenarios that ship with Birge and speak of the plan's pair."""
    return tuple(name for name in scenario_names() if load_scenario(name).fits(plan))


def load_scenario(name: str | Path) -> Scenario:
    """Read a scenario by name or from a YAML file.

    Raises InputError for a name that does not exist and for every problem in the file.
    """
    known = _folder() / f"{name}.yaml"
    path = known if known.exists() else Path(name)
    if not path.exists():
        names = ", ".join(scenario_names())
        raise InputError.at(
            "--scenario", "scenario-unknown", f"no scenario {str(name)!r}", f"use {names} or a YAML file"
        )
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "the file is not UTF-8"
        raise InputError.at(str(path), "file-unreadable", why, "name a YAML file saved as UTF-8") from error
    data, lines = parsed(text, str(path))
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        raise misfit(error, lines, "scenario", "correct it") from error


def _folder() -> Path:
    return Path(__file__).parent / "scenarios"
