"""`birge power expand`: what it pays to build by a year, and what else is nearly as cheap."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from birge.cli.out import write_out
from birge.cli.power_exchange import system_of
from birge.cli.power_hours import clock_of

__all__ = ["expand_command"]


def expand_command(
    pair: Annotated[str, typer.Option("--pair", help="The two parties as ISO codes.")] = "KAZ-KGZ",
    year: Annotated[int, typer.Option("--year", min=2026, max=2050, help="Year by which it is built.")] = 2030,
    hydrology: Annotated[str, typer.Option("--hydrology", help="Inflow of the year: dry, mean or wet.")] = "mean",
    growth: Annotated[str, typer.Option("--growth", help="Growth of demand: low, mode or high.")] = "mode",
    hours: Annotated[str, typer.Option("--hours", help="typical (12 days of 24), three-hourly or hourly.")] = "typical",
    engine: Annotated[str, typer.Option("--engine", help="highs, or pypsa (extra power).")] = "highs",
    near: Annotated[
        float, typer.Option("--near", min=0, max=50, help="Per cent above the least cost that are near.")
    ] = 0,
    targets: Annotated[bool, typer.Option("--targets", help="Keep the volumes of the year by months.")] = False,
    series: Annotated[
        Path | None, typer.Option("--series", help="CSV of 8,760 hours that replace profiles, a column each.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write the JSON document to a file.")] = None,
) -> None:
    """Print what it pays to build with open lines: projects of the plan as dated options, and further plants.

    A dam, a reactor and a link to another market are built in full or not, each by itself. --near 2 says what else is
    within 2 % of the least cost.
    """
    from birge.errors import InputError, Problem
    from birge.models.power.accounts import GROWTHS
    from birge.models.power.expand import expand
    from birge.report.power_expand import expand_document, expand_text

    system = system_of(pair)
    if growth not in GROWTHS:
        raise InputError([Problem("--growth", "unknown", f"{growth!r}", f"one of {', '.join(GROWTHS)}")])
    steps = clock_of(system, hours, series)
    price = system.parameters["water-price"].mode
    made = expand(
        system,
        year,
        steps,
        hydrology=hydrology,
        growth=growth,
        price=price,
        engine=engine,
        slack=near / 100,
        targets=targets,
    )
    document = json.dumps(expand_document(made, hydrology, price), indent=2, ensure_ascii=False)
    if out is not None:
        write_out(out, document)
    print(document if as_json else expand_text(made, system, hydrology, price))
