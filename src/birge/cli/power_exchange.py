"""`birge power swap` and `birge power exchange`: which contract is good for both sides, what open lines are worth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from birge.cli.out import write_folder, write_out
from birge.cli.power_asked import (
    AsJson,
    Hydrology,
    Pair,
    Ratio,
    Tables,
    Year,
    exchange_problems,
    given,
    language_problems,
    number,
    refuse,
    sides_of,
    system_asked,
    tried,
    unread,
)

if TYPE_CHECKING:
    from birge.errors import Problem
    from birge.models.power.system import System
    from birge.report.power_contracts import Contracts

__all__ = ["exchange_command", "swap_command"]

SUFFIXES = (".csv", ".json", ".svg", ".png")


def swap_command(
    pair: Pair = "KAZ-KGZ",
    year: Year = 2026,
    hydrology: Hydrology = "mean",
    growth: Annotated[str, typer.Option("--growth", help="Growth of demand: low, mode or high.")] = "mode",
    season: Annotated[str, typer.Option("--season", help="Season of the picture, as named in the text.")] = "today",
    tables: Tables = None,
    slack: Annotated[
        float | None,
        typer.Option(
            "--slack",
            parser=number("--slack", 0, 100, whole=False),
            help="mn USD a year by which the joint cost may lie above its least, up to 100; usually 0.5.",
        ),
    ] = None,
    as_json: AsJson = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write every contract (.csv, .json) or a picture (.svg, .png).")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the picture: en, ru, kk or ky.")] = "en",
) -> None:
    """Print which exchanges of summer for winter power both sides prefer to none, over the price of irrigation water.

    A grid of ratio, GWh given and season. Each side's gain as a range over all years as good for both within the slack:
    surely, cannot be told, or not; a few contracts over inflow and growth of demand as well.
    """
    from birge.models.power.case import case_problems
    from birge.report.power_contracts import contracts_document, contracts_text

    problems = unread(year, slack)
    system = system_asked(pair, tables, problems)
    problems += [*case_problems(system, given(year, 2050), "swap", hydrology), *exchange_problems(system, pair)]
    refuse([*problems, *_check(out, season, growth), *language_problems(lang)])
    assert system is not None
    made = _contracts(system, sides_of(pair), year, hydrology, growth, slack)
    if out is not None:
        write_out(out, _file(made, out, season, lang))
    if as_json:
        _print(contracts_document(made))
    else:
        print(contracts_text(made))


def exchange_command(
    pair: Pair = "KAZ-KGZ",
    year: Year = 2026,
    hydrology: Hydrology = "mean",
    swap_ratio: Ratio = None,
    tables: Tables = None,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for JSON, CSV and pictures.")] = None,
    boundaries: Annotated[
        Path | None, typer.Option("--boundaries", help="Boundaries to draw: GeoJSON or TopoJSON of your own.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the pictures: en, ru, kk or ky.")] = "en",
) -> None:
    """Print what open lines and water for irrigation are worth, against today's exchange and against standing alone.

    By coalition and economy over the price of water, with shares and the core; alone, most of it is missing power.
    """
    from birge.models.power.accounts import GROWTHS
    from birge.models.power.case import HYDROLOGY, case_problems, ratio_problems, with_ratio
    from birge.models.power.exchange import pair_gain
    from birge.models.power.system import observed
    from birge.report.power_exchange import ceiling_text, exchange_document, exchange_text, regimes_text

    problems = [*unread(year, swap_ratio), *language_problems(lang)]
    known = system_asked(pair, tables, problems)
    problems += case_problems(known, given(year, 2050), "free", hydrology)
    if swap_ratio is not None and known is not None and not known.exchanges():
        problems += ratio_problems(given(swap_ratio, 1.0), "purchases")
    lines = tried(lambda: _boundaries(boundaries), problems)
    refuse(problems)
    assert known is not None
    assert lines is not None
    system, sides = with_ratio(known, swap_ratio), sides_of(pair)
    water = system.parameters["water-price"]
    spread = {f"{h}, {g} demand": pair_gain(system, year, water.mode, sides, h, g) for h in HYDROLOGY for g in GROWTHS}
    named = {k: {"gain": v, "of_it_missing_power": u} for k, (v, u) in spread.items()}
    whole = {"pair": pair.upper(), **exchange_document(system, year, sides, hydrology), "pair_today": named}
    alone = whole["by_price"]
    today, ways = [r["today"] for r in alone], [r["regimes"] for r in alone]
    if out is not None:
        write_folder(out, _exchange_files(system, whole, lines, lang))
    if as_json:
        _print(whole)
        return
    print(f"{year}, {hydrology} inflow; illustrative\n")
    print(regimes_text(ways, sides), "\n")
    print(exchange_text(today, "today's exchange"), "\n")
    print(exchange_text(alone, "standing alone"))
    missing = [d.price for n in system.nodes for d in system.curve(n.id)]
    assumed = f"{min(missing):g} to {max(missing):g} USD/MWh"
    print(f"  Standing alone, power is missing at an assumed {assumed}: that is what supplies are worth.\n")
    low, high = min(spread.items(), key=lambda x: x[1]), max(spread.items(), key=lambda x: x[1])
    print(
        f"{pair} against today, water at {water.mode:g}: {low[1][0]:,.0f} ({low[0]}) to {high[1][0]:,.0f} mn USD "
        f"({high[0]}), of it missing power {low[1][1]:,.0f} to {high[1][1]:,.0f}."
    )
    seen = observed(system)
    if "export-power-2022" in seen:
        print(ceiling_text(system, seen))


def _boundaries(path: Path | None) -> list[dict[str, Any]]:
    """Return the lines of a file of boundaries, none without one; raises InputError."""
    from birge.report.freight_map import read_boundaries

    return read_boundaries(path) if path is not None else []


def _exchange_files(
    system: System, whole: dict[str, Any], boundaries: list[dict[str, Any]], lang: str
) -> dict[str, str | bytes]:
    from birge.report.power_exchange import coalitions_csv
    from birge.report.power_files import about, files_of
    from birge.report.power_map import exchange_pictures
    from birge.texts import translator

    t = translator(lang)
    told = about(t, whole["year"], whole["hydrology"])
    return {
        "exchange.json": json.dumps(whole, indent=2, ensure_ascii=False) + "\n",
        "coalitions.csv": coalitions_csv(whole["by_price"]),
        **files_of(exchange_pictures(system, whole, boundaries, t), told),
    }


def _contracts(
    system: System, sides: tuple[str, str], year: int, hydrology: str, growth: str, slack: float | None
) -> Contracts:
    from birge.models.power.accounts import GROWTHS
    from birge.models.power.case import HYDROLOGY
    from birge.models.power.contracts import offers, seasons
    from birge.models.power.slack import SLACK
    from birge.report.power_contracts import Contracts

    water, ratio, cap = (system.parameters[k] for k in ("water-price", "swap-ratio", "swap-cap"))
    among, seen = seasons(system), (cap.low, cap.high)
    slack = SLACK if slack is None else slack
    found = offers(
        system,
        year,
        sides,
        hydrology=hydrology,
        growth=growth,
        among=among,
        slack=slack,
    )
    today = tuple(o for o in found if (o.season, o.ratio) == (among[0].name, ratio.mode) and o.cap in seen)
    cases = {
        (h, g): offers(
            system, year, sides, hydrology=h, growth=g, ratios=sorted({1.0, ratio.mode, 1.6}), caps=seen,
            among=among[:1], slack=slack,
        )
        for h in HYDROLOGY
        for g in GROWTHS
    }  # fmt: skip
    missing = [d.price for n in system.nodes if n.economy in sides for d in system.curve(n.id)]
    prices, costs = (water.low, water.mode, water.high), (min(missing), max(missing))
    return Contracts(sides, year, hydrology, growth, prices, among, found, today, costs, slack, cases)


def _check(out: Path | None, season: str, growth: str) -> list[Problem]:
    """Return what is wrong with the file, the season and the growth."""
    from birge.errors import Problem
    from birge.models.power.accounts import GROWTHS
    from birge.models.power.contracts import SEASONS

    problems = []
    if growth not in GROWTHS:
        problems.append(Problem("--growth", "unknown", f"{growth!r}", f"one of {', '.join(GROWTHS)}"))
    if out is not None and out.suffix.lower() not in SUFFIXES:
        message = f"{out.name} is none of {', '.join(SUFFIXES)}"
        problems.append(Problem("--out", "format-unknown", message, "name one of them"))
    if season not in SEASONS:
        problems.append(Problem("--season", "unknown", f"{season!r}", f"one of {', '.join(SEASONS)}"))
    return problems


def _file(made: Contracts, out: Path, season: str, lang: str) -> str | bytes:
    from birge.report.power_contracts import contracts_csv, contracts_document, contracts_drawing
    from birge.report.power_files import about, picture
    from birge.texts import country, translator

    kind = out.suffix.lower()
    if kind == ".csv":
        return contracts_csv(made)
    if kind == ".json":
        return json.dumps(contracts_document(made), indent=2, ensure_ascii=False)
    t = translator(lang)
    names = {e: country(e, lang) for e in made.pair}
    source = t("Factbook tables of power; least cost of a year that ends with the water it began with.")
    drawing = contracts_drawing(made, season, t, names, source)
    return picture(drawing, kind[1:], about(t, made.year, made.hydrology, growth=made.growth))


def _print(document: object) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
