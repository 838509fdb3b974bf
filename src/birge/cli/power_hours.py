"""`birge power hours`: a year by hours, with the water kept to the year by months or valued by the policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from birge.cli.out import write_folder
from birge.cli.power_exchange import check_language, system_of

if TYPE_CHECKING:
    from birge.models.power.clock import Clock
    from birge.models.power.system import System

__all__ = ["clock_of", "hours_command"]


def hours_command(
    pair: Annotated[str, typer.Option("--pair", help="The two parties as ISO codes.")] = "KAZ-KGZ",
    year: Annotated[int, typer.Option("--year", min=2024, max=2050, help="Year that is computed.")] = 2026,
    hydrology: Annotated[str, typer.Option("--hydrology", help="Inflow of the year: dry, mean or wet.")] = "mean",
    regime: Annotated[str, typer.Option("--regime", help="isolated, purchases or free.")] = "free",
    water: Annotated[
        str, typer.Option("--water", help="cyclic, targets (of the year by months) or values (of the policy).")
    ] = "values",
    from_volume: Annotated[
        float | None,
        typer.Option("--from-volume", help="Volume of the lowest reservoir at the start, km3 (not with cyclic)."),
    ] = None,
    hours: Annotated[str, typer.Option("--hours", help="typical (12 days of 24), three-hourly or hourly.")] = "typical",
    engine: Annotated[str, typer.Option("--engine", help="highs, or pypsa (extra power).")] = "highs",
    series: Annotated[
        Path | None, typer.Option("--series", help="CSV of 8,760 hours that replace profiles, a column each.")
    ] = None,
    opened: Annotated[
        list[str] | None, typer.Option("--open", help="A partner that buys besides today's: casa-1000, from 2028 on.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for JSON, CSV and pictures.")] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the pictures: en, ru, kk or ky.")] = "en",
) -> None:
    """Print a year by hours: what is made, prices by node, missing power, and how the reservoir is used.

    The water ends as it began, is kept to the year by months, or is left at what the policy says it is worth. With
    --regime isolated or purchases the side that holds the water stands by itself.
    """
    from birge.models.power import case
    from birge.models.power.hours import by_hours
    from birge.report.power_hours import hours_document, hours_text

    check_language(lang)
    system = system_of(pair)
    steps = clock_of(system, hours, series)
    members = None if regime == "free" else (system.home().economy,)
    of = case(system, year, regime, members=members, hydrology=hydrology, opened=tuple(opened or ()))
    start = {system.lowest().id: from_volume} if from_volume is not None else None
    made = by_hours(system, of, steps, water, start=start, engine=engine)
    asked = {"year": year, "hydrology": hydrology, "regime": regime, "hours": hours, "engine": engine, "water": water}
    asked |= {"opened": list(of.zones)}
    document = hours_document(made, asked)
    if out is not None:
        from birge.report.power import files_of
        from birge.report.power_hours import hours_drawing
        from birge.texts import translator

        t = translator(lang)
        source = t("Factbook tables of power; least cost of a year by hours.")
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        drawing = hours_drawing(system, made, system.home().economy, t, source)
        write_folder(out, {"hours.json": text, **files_of([drawing])})
    print(json.dumps(document, indent=2, ensure_ascii=False) if as_json else hours_text(document, system))


def clock_of(system: System, hours: str, series: Path | None) -> Clock:
    """Return the clock of two options; raises InputError for what is unknown or no series."""
    from birge.errors import InputError
    from birge.models.power.clock import clock, read_series

    known = read_series(series) if series is not None else {}
    strange = [n for n in known if n not in system.profiles]
    if strange:
        message, names = f"no profile {', '.join(strange)}", ", ".join(sorted(system.profiles))
        raise InputError.at("--series", "unknown", message, f"name columns among {names}")
    return clock(hours, known)
