"""`birge power policy`: how long the water lasts, what is missing when, and what a km3 of water is worth."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
        typer.Option("--with", help="A milestone and the month from which it works: kambarata-first-unit=2028-01."),
    ] = None,
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
    from birge.cli.power_exchange import system_of
    from birge.models.power.answer import Question, answer
    from birge.models.power.reading import document

    system = system_of(pair)
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
        **rough,
    )
    prices = (price.low, price.high) if irrigation else (0.0,)
    found = [document(answer(system, _at(asked, p), economies)) for p in prices]
    if out is not None:
        _write(out, found, lang)
    if as_json:
        print(json.dumps(found if irrigation else found[0], indent=2, ensure_ascii=False))
        return
    for one in found:
        print("\n".join(_words(one)))


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


def _words(d: Mapping[str, Any]) -> list[str]:
    """Return the answer as sentences and two small tables."""
    q, place = d["question"], d["reservoir"].replace("-", " ").title()
    who = "both sides count" if q["together"] else "only the side with the water counts"
    said = f"irrigation water that is missing at {q['water_price']:g} mn USD/km3" if q["water_price"] else ""
    lines = [
        f"{place} from {q['from_volume']:g} km3 in January {q['year']}, {q['months']} months, {q['hydrology']} inflow, "
        f"{q['regime']}; {who}{'; ' + said if said else ''}. Illustrative.",
        "",
        "Odds of 100 futures that the water falls to a level at which plants are said to stop:",
    ]
    for y in d["years"]:
        odds = ", ".join(f"{k} km3: {100 * v:.0f}" for k, v in y["odds_below"].items())
        lines.append(f"  {y['year']}: {odds}; lowest on average {y['lowest_mean']:.1f} km3")
    lines += ["", "Missing power, and odds of 100 that rationing does not cover it:"]
    for y in d["years"]:
        each = ", ".join(
            f"{c} {v:,.0f} GWh ({100 * y['odds_unserved'][c]:.0f} of 100)" for c, v in y["missing"].items()
        )
        lines.append(f"  {y['year']}: {each}")
    for r in d["rivers"]:
        each = ", ".join(f"{c} {v:,.0f} GWh ({100 * r['odds_unserved'][c]:.0f})" for c, v in r["missing"].items())
        lines.append(f"  from {r['from']}, {r['river']} third of rivers ({r['inflow']:.1f} km3): {each}")
    lines += ["", "Bought, and what it costs; given and returned; irrigation water missing over its price range:"]
    for y in d["years"]:
        dry = ", ".join(
            f"{c} {v:.1f} km3 ({y['irrigation_cost'][c][0]:.0f} to {y['irrigation_cost'][c][1]:.0f} mn USD)"
            for c, v in y["irrigation_missing"].items()
        )
        lines.append(
            f"  {y['year']}: {y['bought']:,.0f} GWh for {y['paid']:,.0f} mn USD; {y['given']:,.0f} and "
            f"{y['returned']:,.0f} GWh; {dry}"
        )
    codes = list(d["economies"])
    lines += ["", "Month by month: water left (km3: 10 %, middle, 90 %), value of water (mn USD/km3), missing GWh"]
    lines.append(f"{'':>9}{'10 %':>8}{'50 %':>8}{'90 %':>8}{'value':>8}" + "".join(f"{c:>8}" for c in codes))
    for m in d["months"]:
        v = m["volume"]
        lines.append(
            f"{m['month']:>9}{v['p10']:>8.1f}{v['p50']:>8.1f}{v['p90']:>8.1f}{m['value']:>8,.0f}"
            + "".join(f"{m['missing'][c]['mean']:>8,.0f}" for c in codes)
        )
    return [*lines, "", *_cost(d["cost"])]


def _cost(c: Mapping[str, float]) -> list[str]:
    head = (
        f"The yield at the water level of the moment, which no bound covers, adds {100 * c['head']:+.1f} % to the cost."
    )
    if "bound" not in c:
        return [
            f"Cost {c['cost']:,.0f} mn USD with what follows, standard error {c['error']:,.0f}; with caution no bound "
            "speaks of the mean cost.",
            head,
        ]
    return [
        f"Lower bound {c['bound']:,.0f} mn USD, cost of the policy {c['cost']:,.0f}, standard error {c['error']:.1f}: "
        f"its upper 95 % limit lies {100 * c['gap']:.2f} % above the bound, {100 * c['gap_of_horizon']:.1f} % of the "
        f"{c['horizon']:,.0f} that the months themselves cost.",
        head,
    ]


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
