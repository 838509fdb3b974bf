"""`birge power hours`: a year by hours, with the water kept to the year by months or valued by the policy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from birge.cli.out import write_folder
from birge.cli.power_asked import (
    AsJson,
    Hydrology,
    Pair,
    Tables,
    Year,
    given,
    language_problems,
    number,
    refuse,
    system_asked,
    tried,
    unread,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from birge.errors import Problem
    from birge.models.power.system import System

__all__ = ["Series", "hours_command", "series_asked"]

Series = Annotated[
    Path | None, typer.Option("--series", help="CSV of 8,760 hours that replace profiles, a column each.")
]


def hours_command(
    pair: Pair = "KAZ-KGZ",
    year: Year = 2026,
    hydrology: Hydrology = "mean",
    regime: Annotated[str, typer.Option("--regime", help="isolated, purchases or free.")] = "free",
    water: Annotated[
        str, typer.Option("--water", help="cyclic, targets (of the year by months) or values (of the policy).")
    ] = "values",
    from_volume: Annotated[
        float | None,
        typer.Option(
            "--from-volume",
            parser=number("--from-volume", 0, whole=False),
            help="Volume of the lowest reservoir at the start, km3 (not with cyclic).",
        ),
    ] = None,
    hours: Annotated[str, typer.Option("--hours", help="typical (12 days of 24), three-hourly or hourly.")] = "typical",
    engine: Annotated[str, typer.Option("--engine", help="highs, or pypsa (extra power).")] = "highs",
    series: Series = None,
    opened: Annotated[
        list[str] | None, typer.Option("--open", help="A partner that buys besides today's: casa-1000, from 2028 on.")
    ] = None,
    tables: Tables = None,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for JSON, CSV and pictures.")] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the pictures: en, ru, kk or ky.")] = "en",
) -> None:
    """Print a year by hours: what is made, prices by node, missing power, and how the reservoir is used.

    The water ends as it began, is kept to the year by months, or is left at what the policy says it is worth. With
    --regime isolated or purchases the side that holds the water stands by itself.
    """
    from birge.models.power import case
    from birge.models.power.case import case_problems
    from birge.models.power.clock import clock, clock_problems
    from birge.models.power.hours import by_hours, hours_problems
    from birge.report.power_hours import hours_document, hours_text

    problems = [*unread(year, from_volume), *language_problems(lang), *clock_problems(hours)]
    known = system_asked(pair, tables, problems)
    problems += case_problems(known, given(year, 2050), regime, hydrology, opened=tuple(opened or ()))
    main, volume = [known.lowest()] if known else [], given(from_volume, None)
    first = {r.id: volume for r in main} if volume is not None else None
    problems += hours_problems(main, water, engine, regime, first)
    profiles = series_asked(series, known, problems)
    refuse(problems)
    assert known is not None
    system, steps = known, clock(hours, profiles)
    members = None if regime == "free" else (system.home().economy,)
    of = case(system, year, regime, members=members, hydrology=hydrology, opened=tuple(opened or ()))
    start = {system.lowest().id: from_volume} if from_volume is not None else None
    made = by_hours(system, of, steps, water, start=start, engine=engine)
    asked = {"year": year, "hydrology": hydrology, "regime": regime, "hours": hours, "engine": engine, "water": water}
    asked |= {"opened": list(of.zones)}
    document = hours_document(made, asked)
    if out is not None:
        from birge.report.power import source_said
        from birge.report.power_files import about, files_of
        from birge.report.power_hours import hours_drawing
        from birge.texts import translator

        t = translator(lang)
        source = source_said(system, t, t("Factbook tables of power; least cost of a year by hours."))
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        drawing = hours_drawing(system, made, system.home().economy, t, source)
        write_folder(out, {"hours.json": text, **files_of([drawing], about(t, year, hydrology, regime))})
    print(json.dumps(document, indent=2, ensure_ascii=False) if as_json else hours_text(document, system))


def series_asked(
    series: Path | None, system: System | None, problems: list[Problem]
) -> Mapping[str, NDArray[np.float64]] | None:
    """Return the profiles of a file, None without one or where it is wrong, for which problems are added."""
    from birge.models.power.series import read_series

    return tried(lambda: read_series(series, system), problems) if series is not None else None
