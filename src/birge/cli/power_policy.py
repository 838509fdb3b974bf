"""`birge power policy`: how long the water lasts, what is missing when, and what a km3 of water is worth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from birge.cli.out import write_folder

__all__ = ["policy_command"]


def policy_command(
    pair: Annotated[str, typer.Option("--pair", help="The two parties as ISO codes.")] = "KAZ-KGZ",
    year: Annotated[int, typer.Option("--year", min=2024, max=2050, help="It begins in January of this year.")] = 2026,
    months: Annotated[int, typer.Option("--months", min=1, max=120, help="Months that are decided.")] = 36,
    hydrology: Annotated[str, typer.Option("--hydrology", help="Inflow of all years: dry, mean or wet.")] = "mean",
    regime: Annotated[str, typer.Option("--regime", help="isolated, purchases, swap (as today) or free.")] = "swap",
    swap_ratio: Annotated[float | None, typer.Option("--swap-ratio", help="MWh returned for one given.")] = None,
    from_volume: Annotated[
        float | None, typer.Option("--from-volume", help="Volume of the lowest reservoir at the start, km3.")
    ] = None,
    caution: Annotated[
        float, typer.Option("--caution", min=0, max=1, help="Weight of the worst fifth of outcomes, 0 to 1.")
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
            "--with", help="A milestone or casa-1000, and the month from which it works: kambarata-first-unit=2028-01."
        ),
    ] = None,
    head: Annotated[
        bool, typer.Option("--head", help="Let the policy know that a fuller reservoir makes more of the same water.")
    ] = False,
    paths: Annotated[int, typer.Option("--paths", min=10, max=2_000, help="Rivers that are drawn.")] = 200,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the drawn rivers.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="A rough policy in a few seconds; its gap is stated.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for JSON, CSV and pictures.")] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the pictures: en, ru, kk or ky.")] = "en",
) -> None:
    """Decide month by month how much water to keep, and say what follows: levels, missing power, purchases, values.

    Stochastic dual dynamic programming; its lower bound, the cost of the policy and the gap are printed. Illustrative.
    """
    from birge.cli.power_exchange import check_language, system_of
    from birge.models.power.answer import Question, answer
    from birge.models.power.case import with_ratio
    from birge.models.power.reading import document
    from birge.report.power_policy import policy_text

    check_language(lang)
    system = with_ratio(system_of(pair), swap_ratio)
    economies = tuple(pair.upper().split("-"))
    price = system.parameters["water-price"]
    rough: dict[str, Any] = {"outcomes": 2, "circle": 24, "close": 0.02} if quick else {}
    asked = Question(
        year,
        months,
        regime,
        hydrology,
        from_volume,
        caution,
        together=not alone,
        built=_built(built or []),
        seed=seed,
        pairs=paths // 2,
        head=head,
        **rough,
    )
    prices = (price.low, price.high) if irrigation else (0.0,)
    found = [document(answer(system, _at(asked, p), economies)) for p in prices]
    if regime == "swap":
        for one in found:
            one["question"]["swap_ratio"] = system.parameters["swap-ratio"].mode
    if out is not None:
        _write(out, found, lang)
    if as_json:
        print(json.dumps(found if irrigation else found[0], indent=2, ensure_ascii=False))
        return
    for one in found:
        print(policy_text(one))


def _at(asked: Any, price: float) -> Any:
    from dataclasses import replace

    return replace(asked, price=price)


def _built(options: list[str]) -> dict[str, tuple[int, int]]:
    """Return milestones by year and month (from 0) of options NAME=YYYY-MM."""
    from birge.errors import InputError, Problem

    made, problems = {}, []
    for option in options:
        name, _, day = option.partition("=")
        year, _, month = day.partition("-")
        if year.isdigit() and month.isdigit() and 1 <= int(month) <= 12:
            made[name] = (int(year), int(month) - 1)
        else:
            problems.append(Problem("--with", "date", f"{option!r}", "write NAME=YYYY-MM"))
    if problems:
        raise InputError(problems)
    return made


def _write(out: Path, found: list[dict[str, Any]], lang: str) -> None:
    from birge.report.power import files_of, policy_drawings
    from birge.texts import translator

    t = translator(lang)
    files: dict[str, str | bytes] = {}
    for one in found:
        place = one["reservoir"].replace("-", " ").title()
        source = t(
            "Factbook tables of power; policy of least expected cost. Spread of the inflow is fitted to six seasons."
        )
        name = f"-water-at-{one['question']['water_price']:g}" if one["question"]["water_price"] else ""
        files[f"policy{name}.json"] = json.dumps(one, indent=2, ensure_ascii=False) + "\n"
        for file, content in files_of(policy_drawings(one, t, place, source)).items():
            stem, _, kind = file.rpartition(".")
            files[f"{stem}{name}.{kind}"] = content
    write_folder(out, files)
