"""How `birge assess` and `birge report` take their plan from a registry whose URL is given, and keep the run there."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from birge.cli.registry import sit_down

if TYPE_CHECKING:
    from birge.assess.assessment import Assessment
    from birge.factbook import Factbook
    from birge.pages.registered import Held

__all__ = ["RegistryUrl", "from_registry", "held_at", "keep_run"]

RegistryUrl = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="BIRGE_URL",
        help="Take plan, figures and runs from the registry at this URL, as --user sees them.",
    ),
]


def from_registry(ctx: typer.Context, plan: Path | None) -> bool:
    """Return whether a registry is meant; a plan file goes before `BIRGE_URL`, and beside --url it is refused."""
    from birge.errors import InputError

    given = ctx.get_parameter_source("url")
    if plan is not None and given is not None and given.name == "COMMANDLINE":
        raise InputError.at("--url", "two-plans", "a plan file and a registry are named", "leave one of them out")
    return bool(ctx.params["url"]) and plan is None


def held_at(url: str, files: Path | None, who: str, day: date, book: Factbook, joint: bool = False) -> Held:
    """Return the plan and the figures of the registry as `who` sees them on a date; `joint`: only what is released."""
    from birge.pages.registered import held, jointly

    with sit_down(url, files, who, writes=False) as desk:
        return held(jointly(desk) if joint else desk, day, book)


def keep_run(url: str, files: Path | None, who: str, made: Assessment) -> str:
    """Keep a finished run in the registry, if `who` may; returns how it is cited, or nothing."""
    from birge.pages.registered import kept
    from birge.report.passport import version

    with sit_down(url, files, who) as desk:
        run = kept(desk, made, version())
    return f"Run {run.id} is kept in the registry; it is your side's own until an approver releases it." if run else ""
