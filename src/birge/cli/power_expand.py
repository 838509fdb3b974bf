"""`birge power expand`: what it pays to build by a year, and what else is nearly as cheap."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from birge.cli.out import write_out
from birge.cli.power_asked import AsJson, Hydrology, Pair, Tables, given, number, refuse, system_asked, unread
from birge.cli.power_hours import Series, series_asked

__all__ = ["expand_command"]


def expand_command(
    pair: Pair = "KAZ-KGZ",
    year: Annotated[
        int, typer.Option("--year", parser=number("--year", 2026, 2050), help="Year by which it is built.")
    ] = 2030,
    hydrology: Hydrology = "mean",
    growth: Annotated[str, typer.Option("--growth", help="Growth of demand: low, mode or high.")] = "mode",
    hours: Annotated[str, typer.Option("--hours", help="typical (12 days of 24), three-hourly or hourly.")] = "typical",
    engine: Annotated[str, typer.Option("--engine", help="highs, or pypsa (extra power).")] = "highs",
    near: Annotated[
        float,
        typer.Option(
            "--near",
            parser=number("--near", 0, 50, whole=False),
            help="Per cent above the least cost that are near.",
        ),
    ] = 0,
    targets: Annotated[bool, typer.Option("--targets", help="Keep the volumes of the year by months.")] = False,
    series: Series = None,
    tables: Tables = None,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write the JSON document to a file.")] = None,
) -> None:
    """Print what it pays to build with open lines: projects of the plan as dated options, and further plants.

    A dam, a reactor and a link to another market are built in full or not, each by itself. --near 2 says what else is
    within 2 % of the least cost.
    """
    from birge.models.power.case import case_problems
    from birge.models.power.clock import clock, clock_problems
    from birge.models.power.expand import expand, expand_problems
    from birge.report.power_expand import expand_document, expand_text

    problems = unread(year, near)
    system = system_asked(pair, tables, problems)
    problems += [*case_problems(system, given(year, 2050), "free", hydrology), *clock_problems(hours)]
    problems += expand_problems(growth, engine, given(near, 0.0) / 100)
    profiles = series_asked(series, system, problems)
    refuse(problems)
    assert system is not None
    steps = clock(hours, profiles)
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
