"""`birge plan`: check, show and what is due."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from birge.plan import Plan

__all__ = ["app", "checked"]

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Check and show a plan; what is due.")

File = Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="Plan file (YAML); the embedded plan if left out.")]
Language = Annotated[str, typer.Option("--lang", help="Language of titles: en, ru, kk or ky.")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Use only what was known on this date; today if left out."),
]


@app.command("check")
def check_command(path: File = None) -> None:
    """Report every problem of a plan, each with file, line, code and remedy."""
    plan = checked(path)
    remarks = sum(not m.responsible and not m.co_responsible for m in plan.measures)
    print(f"{plan.title.en}: no problems; {len(plan.measures)} measures, {remarks} without a named organisation")


@app.command()
def show(path: File = None, lang: Language = "en", as_of: AsOf = None) -> None:
    """Print the plan by pillar, with its targets and the last word on each milestone."""
    from birge.report.overview import overview

    print(overview(checked(path), _day(as_of), _language(lang)))


@app.command("due")
def due_command(
    path: File = None,
    lang: Language = "en",
    as_of: AsOf = None,
    organisation: Annotated[
        str | None, typer.Option("--organisation", metavar="ID", help="Only items of this organisation.")
    ] = None,
    pillar: Annotated[str | None, typer.Option("--pillar", metavar="ID", help="Only items of this pillar.")] = None,
    side: Annotated[
        str | None, typer.Option("--side", metavar="CODE", help="Only items of this party, such as KAZ.")
    ] = None,
) -> None:
    """Print the next five items, those past their date, and those on which there is no word."""
    from birge.plan.due import Only
    from birge.report.overview import due_list

    only = Only(organisation, pillar, side.upper() if side else None)
    print(due_list(checked(path), _day(as_of), _language(lang), only))


@app.command("compare")
def compare_command(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="The earlier plan file.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="The later plan file.")],
    lang: Language = "en",
) -> None:
    """Print what changed from one version of a plan to another; records are matched by their ids."""
    from birge.report.overview import change_list

    print(change_list(checked(before), checked(after), _language(lang)))


def _day(as_of: datetime | None) -> date:
    return as_of.date() if as_of else date.today()


def _language(lang: str) -> str:
    from birge.errors import InputError

    if lang not in ("en", "ru", "kk", "ky"):
        raise InputError.at("--lang", "language", f"{lang!r} is not a language of the plan", "use en, ru, kk or ky")
    return lang


def checked(path: Path | None) -> Plan:
    """Load and check a plan; raises InputError with every problem."""
    from birge.errors import InputError
    from birge.factbook import Factbook
    from birge.plan import check, load
    from birge.plan.load import embedded_path
    from birge.variables import variables

    plan, lines = load(path or embedded_path())
    codes = [p.code for p in plan.parties]
    directions = {f"{a}-{b}" for a in codes for b in codes if a != b}
    crossings = {name for name, _low, _high in Factbook.embedded().crossings((codes[0], codes[1]))}
    known = {"direction": directions, "reporter": set(codes), "crossing": crossings}
    problems = check(plan, lines, variables(), known)
    if problems:
        raise InputError(problems)
    return plan
