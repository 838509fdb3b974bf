"""What the `birge power` commands are asked for: their common options, and every problem of a command at once.

A number that cannot be read is passed on as its problem, so that it is told with the others. The models name what is
wrong by the parameter (`storage`, `clock`); `refuse` names the option that was typed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from birge.errors import InputError, Problem

if TYPE_CHECKING:
    from birge.models.power.system import System

__all__ = [
    "AsJson",
    "Hydrology",
    "Pair",
    "Ratio",
    "Tables",
    "Year",
    "exchange_problems",
    "given",
    "language_problems",
    "number",
    "refuse",
    "sides_of",
    "system_asked",
    "tried",
    "unread",
]

PLACES = {
    "built": "--with",
    "caution": "--caution",
    "clock": "--hours",
    "engine": "--engine",
    "growth": "--growth",
    "hydrology": "--hydrology",
    "months": "--months",
    "opened": "--open",
    "regime": "--regime",
    "slack": "--near",
    "storage": "--from-volume",
    "swap": "--swap-ratio",
    "water": "--water",
}
"""The option of each parameter that the models name."""
T = TypeVar("T")


def number(
    option: str, low: float, high: float = math.inf, *, whole: bool = True, above: bool = False
) -> Callable[[Any], Any]:
    """Return a reader of a number from `low` (where `above`: over it) to `high`, or of the Problem that it is none."""
    kind = "whole number" if whole else "number"
    span = f"{low:g} or more" if high == math.inf else f"{low:g} to {high:g}"
    span = f"above {low:g}, up to {high:g}" if above else span
    remedy = f"write a {kind}, {span}" if low > -math.inf else f"write a {kind}"

    def read(text: Any) -> Any:
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            return Problem(option, "number", f"{text!r} is no {kind}", remedy)
        if math.isfinite(value) and low <= value <= high and not (above and value == low):
            return value
        return Problem(option, "range", f"{text} is out of range", remedy)

    return read


Pair = Annotated[str, typer.Option("--pair", help="The two parties as ISO codes.")]
Year = Annotated[int, typer.Option("--year", parser=number("--year", 2024, 2050), help="Year that is computed.")]
Hydrology = Annotated[str, typer.Option("--hydrology", help="Inflow of the year: dry, mean or wet.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON document.")]
Tables = Annotated[
    Path | None,
    typer.Option("--tables", help="Folder with power_*.csv of your own, whose rows add to those of Birge."),
]
Ratio = Annotated[
    float | None,
    typer.Option(
        "--swap-ratio",
        parser=number("--swap-ratio", 0, 5, whole=False, above=True),
        help="MWh returned for one given, in today's exchange.",
    ),
]


def unread(*values: object) -> list[Problem]:
    """Return the options that could not be read."""
    return [v for v in values if isinstance(v, Problem)]


def given(value: T, otherwise: T) -> T:
    """Return an option that could be read, else `otherwise`, so that the rest can be checked."""
    return otherwise if isinstance(value, Problem) else value


def tried(make: Callable[[], T], problems: list[Problem]) -> T | None:
    """Return what `make` returns, None where it is refused, whose problems join `problems`."""
    try:
        return make()
    except InputError as error:
        problems += error.problems
        return None


def refuse(problems: Sequence[Problem]) -> None:
    """Raise InputError with all problems, each at the option that was typed, if there are any."""
    if problems:
        raise InputError(dict.fromkeys(replace(p, where=PLACES.get(p.where, p.where)) for p in problems))


def sides_of(pair: str) -> tuple[str, str]:
    """Return the two codes of a pair that was checked."""
    first, second = pair.upper().split("-")
    return first, second


def system_asked(pair: str, folder: Path | None, problems: list[Problem]) -> System | None:
    """Return the power system of a pair, None where there is none, for which problems are added."""
    from birge.models.power import power_system
    from birge.models.power.checked import checked_tables
    from birge.models.power.subsystem import refused
    from birge.models.power.tables import shipped_tables

    of = shipped_tables() if folder is None else tried(lambda: checked_tables(folder), problems)
    if of is None:
        return None
    codes = tuple(c for c in pair.upper().split("-") if c)
    why = refused(of, codes)
    if why is not None:
        problems.append(why)
        return None
    return power_system(codes, of)


def exchange_problems(system: System | None, pair: str, regime: str = "swap") -> list[Problem]:
    """Return whether the exchange contract of the water's side is with another party than the pair's."""
    from birge.models.power.case import swap_contract

    if system is None or regime != "swap" or not system.exchanges():
        return []
    partner, home = system.node(swap_contract(system).partner).economy, system.home().economy
    if partner in pair.upper().split("-"):
        return []
    message = f"the exchange contract of {home} is with {partner}, who is not in {pair.upper()}"
    return [Problem("--pair", "other-partner", message, f"take {partner}-{home}, or another regime where there is one")]


def language_problems(lang: str) -> list[Problem]:
    """Return whether no catalogue has a language."""
    from birge.texts import LANGUAGES

    return [] if lang in LANGUAGES else [Problem("--lang", "unknown", f"{lang!r}", f"one of {', '.join(LANGUAGES)}")]
