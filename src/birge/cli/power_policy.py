"""`birge power policy`: how long the water lasts, what is missing when, and what a km3 of water is worth."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from birge.cli.out import write_folder
from birge.cli.power_asked import (
    AsJson,
    Pair,
    Ratio,
    Tables,
    exchange_problems,
    given,
    language_problems,
    number,
    refuse,
    system_asked,
    unread,
)

if TYPE_CHECKING:
    from birge.errors import Problem
    from birge.models.power.system import System

__all__ = ["policy_command"]

UNIT = (
    "GWh by month and year; volumes, inflow and release in km3; paid and costs in mn USD; value of water and its price "
    "in mn USD/km3; odds as shares of the paths"
)


def policy_command(
    pair: Pair = "KAZ-KGZ",
    year: Annotated[
        int, typer.Option("--year", parser=number("--year", 2024, 2050), help="It begins in January of this year.")
    ] = 2026,
    months: Annotated[
        int, typer.Option("--months", parser=number("--months", 1, 120), help="Months that are decided.")
    ] = 36,
    hydrology: Annotated[str, typer.Option("--hydrology", help="Inflow of all years: dry, mean or wet.")] = "mean",
    regime: Annotated[str, typer.Option("--regime", help="isolated, purchases, swap (as today) or free.")] = "swap",
    swap_ratio: Ratio = None,
    from_volume: Annotated[
        float | None,
        typer.Option(
            "--from-volume",
            parser=number("--from-volume", 0, whole=False),
            help="Volume of the lowest reservoir at the start, km3.",
        ),
    ] = None,
    caution: Annotated[
        float,
        typer.Option(
            "--caution",
            parser=number("--caution", 0, 1, whole=False),
            help="Weight of the worst fifth of outcomes, 0 to 1.",
        ),
    ] = 0.0,
    irrigation: Annotated[
        bool, typer.Option("--irrigation", help="Count missing irrigation water, at both ends of its price.")
    ] = False,
    alone: Annotated[
        bool, typer.Option("--alone", help="Count the cost of the side with the water only, not of both.")
    ] = False,
    built: Annotated[
        list[str] | None,
        typer.Option(
            "--with", help="A milestone or casa-1000, and the month from which it works: kambarata-first-unit=2033-01."
        ),
    ] = None,
    head: Annotated[
        bool, typer.Option("--head", help="Let the policy know that a fuller reservoir makes more of the same water.")
    ] = False,
    paths: Annotated[
        int, typer.Option("--paths", parser=number("--paths", 10, 2_000), help="Rivers that are drawn.")
    ] = 200,
    seed: Annotated[
        int, typer.Option("--seed", parser=number("--seed", -math.inf), help="Seed of the drawn rivers.")
    ] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="A rough policy in a few seconds; its gap is stated.")] = False,
    tables: Tables = None,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for JSON, CSV and pictures.")] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the pictures: en, ru, kk or ky.")] = "en",
) -> None:
    """Decide month by month how much water to keep, and say what follows: levels, missing power, purchases, values.

    Stochastic dual dynamic programming; its lower bound, the cost of the policy and the gap are printed. Illustrative.
    """
    from dataclasses import replace

    from birge.models.power.answer import Question, answer, question_problems
    from birge.models.power.case import ratio_problems, with_ratio
    from birge.models.power.reading import document
    from birge.report.power_policy import policy_text

    problems = [*unread(year, months, swap_ratio, from_volume, caution, paths, seed), *language_problems(lang)]
    rough: dict[str, Any] = {"outcomes": 2, "circle": 24, "close": 0.02} if quick else {}
    asked = Question(
        given(year, 2050),
        given(months, 1),
        regime,
        hydrology,
        given(from_volume, None),
        caution,
        together=not alone,
        built=_built(built or [], problems),
        seed=seed,
        pairs=given(paths, 10) // 2,
        head=head,
        **rough,
    )
    known = system_asked(pair, tables, problems)
    problems += [*question_problems(known, asked), *ratio_problems(given(swap_ratio, 1.0), regime)]
    refuse([*problems, *exchange_problems(known, pair, regime)])
    assert known is not None
    system, economies = with_ratio(known, swap_ratio), tuple(pair.upper().split("-"))
    price = system.parameters["water-price"]
    prices = (price.low, price.high) if irrigation else (0.0,)
    found = [document(answer(system, replace(asked, price=p), economies)) for p in prices]
    whole = {
        "pair": pair.upper(),
        "swap_ratio": system.parameters["swap-ratio"].mode if regime == "swap" else None,
        "unit": UNIT,
        "by_price": found,
    }
    if out is not None:
        _write(out, system, whole, lang)
    if as_json:
        print(json.dumps(whole, indent=2, ensure_ascii=False))
        return
    for one in found:
        print(policy_text(one))


def _built(options: list[str], problems: list[Problem]) -> dict[str, tuple[int, int]]:
    """Return milestones by year and month (from 0) of options NAME=YYYY-MM; what is none is added to `problems`."""
    from birge.errors import Problem

    made = {}
    for option in options:
        name, _, day = option.partition("=")
        year, _, month = day.partition("-")
        if name in made:
            problems.append(Problem("--with", "twice", f"{name} has two dates", "name it once"))
        elif year.isdigit() and month.isdigit() and 1 <= int(month) <= 12:
            made[name] = (int(year), int(month) - 1)
        else:
            problems.append(Problem("--with", "date", f"{option!r}", "write NAME=YYYY-MM"))
    return made


def _write(out: Path, system: System, whole: dict[str, Any], lang: str) -> None:
    from birge.report.power import policy_drawings, source_said
    from birge.report.power_files import about, files_of
    from birge.texts import translator

    t = translator(lang)
    files: dict[str, str | bytes] = {}
    for one in whole["by_price"]:
        place = one["reservoir"].replace("-", " ").title()
        source = t(
            "Factbook tables of power; policy of least expected cost. Spread of the inflow is fitted to six seasons."
        )
        source = source_said(system, t, source)
        name = f"-water-at-{one['question']['water_price']:g}" if one["question"]["water_price"] else ""
        own = {**whole, "by_price": [one]}
        files[f"policy{name}.json"] = json.dumps(own, indent=2, ensure_ascii=False) + "\n"
        q = one["question"]
        said = (
            [t("irrigation water at {price} mn USD/km³", price=t.number(q["water_price"]))] if q["water_price"] else []
        )
        told = about(t, q["year"], q["hydrology"], q["regime"], more=said)
        for file, content in files_of(policy_drawings(one, t, place, source), told).items():
            stem, _, kind = file.rpartition(".")
            files[f"{stem}{name}.{kind}"] = content
    write_folder(out, files)
