"""`birge power`: a year of water and electricity, and what exchange is worth to each side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from birge.cli.out import write_folder
from birge.cli.power_asked import AsJson, Hydrology, Pair, Ratio, Tables, Year, language_problems
from birge.cli.power_exchange import exchange_command, swap_command
from birge.cli.power_expand import expand_command
from birge.cli.power_hours import hours_command
from birge.cli.power_policy import policy_command

if TYPE_CHECKING:
    from birge.models.power import Dispatch
    from birge.models.power.system import System

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Water, electricity and what their exchange is worth. Illustrative, for analysts.",
)

app.command("swap")(swap_command)
app.command("exchange")(exchange_command)
app.command("expand")(expand_command)
app.command("hours")(hours_command)
app.command("policy")(policy_command)


@app.command("dispatch")
def dispatch_command(
    pair: Pair = "KAZ-KGZ",
    year: Year = 2026,
    hydrology: Hydrology = "mean",
    regime: Annotated[str, typer.Option("--regime", help="isolated, purchases, swap (as today) or free.")] = "swap",
    swap_ratio: Ratio = None,
    opened: Annotated[
        list[str] | None, typer.Option("--open", help="A partner that buys besides today's: casa-1000, from 2028 on.")
    ] = None,
    tables: Tables = None,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for JSON, CSV and pictures.")] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the pictures: en, ru, kk or ky.")] = "en",
) -> None:
    """Print the year of the side that holds the water, month by month, as a year that repeats itself.

    GWh by source, purchases, given and returned, rationed and unserved, which add up to demand; volume in km3.
    """
    from birge.models.power import case, dispatch, swap_contract
    from birge.report.power_dispatch import dispatch_document, dispatch_text, ranges

    system = _asked(pair, tables, year, hydrology, regime, swap_ratio, tuple(opened or ()), lang)
    contract = swap_contract(system, swap_ratio) if regime == "swap" else None
    members = None if regime == "free" else (system.home().economy,)
    of = case(system, year, regime, members=members, hydrology=hydrology, swap=contract, opened=tuple(opened or ()))
    made = dispatch(system, of)
    asked = {
        "pair": pair.upper(),
        "year": year,
        "hydrology": hydrology,
        "regime": regime,
        "swap_ratio": of.swap.ratio if of.swap else None,
        "opened": list(opened or ()),
        "note": _beyond(system, pair, year),
    }
    document = dispatch_document(system, made, asked, ranges(system, of, year))
    if out is not None:
        _write(out, system, made, document, lang)
    print(json.dumps(document, indent=2, ensure_ascii=False) if as_json else dispatch_text(document, system))


def _asked(
    pair: str,
    tables: Path | None,
    year: int,
    hydrology: str,
    regime: str,
    ratio: float | None,
    opened: tuple[str, ...],
    lang: str,
) -> System:
    """Return the system of a year; raises InputError with everything that is wrong with the options."""
    from birge.cli.power_asked import exchange_problems, given, refuse, system_asked, unread
    from birge.models.power.case import case_problems, ratio_problems

    problems = unread(year, ratio)
    system = system_asked(pair, tables, problems)
    problems += case_problems(system, given(year, 2050), regime, hydrology, opened=opened)
    problems += [*ratio_problems(given(ratio, 1.0), regime), *exchange_problems(system, pair, regime)]
    refuse([*problems, *language_problems(lang)])
    assert system is not None
    return system


def _beyond(system: System, pair: str, year: int) -> str | None:
    """Return what a year after the last target of the pair's plan (or its last project) leaves out, None before it."""
    from birge.plan import embedded

    plan = embedded()
    last = max((p.year for p in system.projects), default=0)
    if {p.code for p in plan.parties} == set(pair.upper().split("-")):
        last = max([last, plan.end, *(t.year for _, t in plan.targets())])
    if not last or year <= last:
        return None
    return (
        f"{year} lies after {last}, the last year that is planned: nothing is built beyond the plan, contracts go on "
        "as today, and demand grows as usual, so that the year says what standing still would mean."
    )


def _write(out: Path, system: System, made: Dispatch, document: dict[str, Any], lang: str) -> None:
    from birge.report.power import dispatch_drawings, source_names, source_said
    from birge.report.power_files import about, files_of
    from birge.texts import translator

    t, home = translator(lang), system.home()
    names = source_names(t, system.lowest().id.replace("-", " ").title())
    source = t("Factbook tables of power; least cost of a year that ends with the water it began with.")
    drawings = dispatch_drawings(system, made, home.economy, names, t, source_said(system, t, source))
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    told = about(t, document["year"], document["hydrology"], document["regime"])
    write_folder(out, {"dispatch.json": text, **files_of(drawings, told)})
