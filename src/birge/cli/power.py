"""`birge power`: a year of water and electricity, and what exchange is worth to each side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from birge.cli.out import write_folder
from birge.cli.power_asked import AsJson, Hydrology, Pair, Ratio, Tables, Year
from birge.cli.power_exchange import exchange_command, swap_command
from birge.cli.power_expand import expand_command
from birge.cli.power_hours import hours_command
from birge.cli.power_policy import policy_command

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from birge.models.power import Dispatch
    from birge.models.power.case import Case
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
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


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
) -> None:
    """Print the year of the side that holds the water, month by month, as a year that repeats itself.

    GWh: demand, hydropower of the cascade, contracts, missing power, given and returned; volume at the end in km3.
    """
    from birge.models.power import case, dispatch, swap_contract
    from birge.models.power.month import load

    system = _asked(pair, tables, year, hydrology, regime, swap_ratio, tuple(opened or ()))
    home = system.home()
    contract = swap_contract(system, swap_ratio) if regime == "swap" else None
    members = None if regime == "free" else (home.economy,)
    of = case(system, year, regime, members=members, hydrology=hydrology, swap=contract, opened=tuple(opened or ()))
    made = dispatch(system, of)
    lowest = system.lowest().id
    here = {z.id for z in system.zones if z.node == home.id}
    bought = [x for x in system.steps if x.zone in here and x.id in made.traded]
    imports = [
        p.id for p in system.plants if p.technology == "import" and p.node == home.id and p.id in made.generation
    ]
    sold = [made.traded[x.id] for x in bought if x.way == "buys"]
    rows = []
    for m, name in enumerate(MONTHS):
        rows.append(
            {
                "month": name,
                "demand": float(load(system, of, home.id, m).sum()),
                "hydropower": float(_hydropower(system, made)[m].sum()),
                "contracts": float(sum(made.generation[i][m].sum() for i in imports)),
                **({"sold": float(sum(v[m].sum() for v in sold))} if sold else {}),
                "missing": float((made.missing[home.id] + made.rationed[home.id])[m].sum()),
                "given": float(made.given[m].sum()),
                "returned": float(made.returned[m].sum()),
                "volume": float(made.volume[lowest][m + 1]),
            }
        )
    spread = _spread(system, of, year)
    document = {
        "year": year,
        "regime": regime,
        "hydrology": hydrology,
        "node": home.id,
        "months": rows,
        "range": {k: {"low": min(v), "high": max(v)} for k, v in spread.items()},
        "note": _beyond(system, pair, year),
    }
    if out is not None:
        _write(out, system, made, document)
    if as_json:
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return
    print(f"{home.name}, {year}, {hydrology} inflow, {regime}: GWh; volume of {lowest} at the end of the month, km3")
    print("".join(f"{k:>12}" for k in rows[0]))
    for row in rows:
        print("".join(f"{v:>12}" if isinstance(v, str) else f"{v:>12,.1f}" for v in row.values()))
    print("\nOver dry to wet inflow and low to high growth of demand:")
    for name, values in spread.items():
        print(f"  {name}: {min(values):,.1f} to {max(values):,.1f}")
    if document["note"]:
        print(f"\n{document['note']}")


def _asked(
    pair: str,
    tables: Path | None,
    year: int,
    hydrology: str,
    regime: str,
    ratio: float | None,
    opened: tuple[str, ...],
) -> System:
    """Return the system of a year; raises InputError with everything that is wrong with the options."""
    from birge.cli.power_asked import exchange_problems, given, refuse, system_asked, unread
    from birge.models.power.case import case_problems, ratio_problems

    problems = unread(year, ratio)
    system = system_asked(pair, tables, problems)
    problems += case_problems(system, given(year, 2050), regime, hydrology, opened=opened)
    problems += [*ratio_problems(given(ratio, 1.0), regime), *exchange_problems(system, pair, regime)]
    refuse(problems)
    assert system is not None
    return system


def _hydropower(system: System, made: Dispatch) -> NDArray[np.float64]:
    """Return GWh [month, block] of all reservoirs at the node that holds the water."""
    import numpy as np

    here = [r.id for r in system.reservoirs if r.node == system.home().id and r.id in made.hydro]
    return np.asarray(sum(made.hydro[name] for name in here))


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


def _spread(system: System, of: Case, year: int) -> dict[str, list[float]]:
    """Return what the year of the side with the water comes to over inflow and growth of demand."""
    from birge.models.power import dispatch
    from birge.models.power.accounts import GROWTHS, carbon, demand_at
    from birge.models.power.case import HYDROLOGY

    home = system.home()
    lowest = system.lowest().id
    imports = [p.id for p in system.plants if p.technology == "import" and p.node == home.id]
    found: dict[str, list[float]] = {}
    for growth in GROWTHS:
        demand = demand_at(system, year, growth)
        for hydrology in HYDROLOGY:
            inflow = 1.0 if hydrology == "mean" else system.parameters[hydrology].mode
            made = dispatch(system, of.at(demand={n: demand[n] for n in of.nodes}, inflow=inflow))
            row = {
                "demand, GWh": demand[home.id] * 1_000,
                "hydropower of the cascade, GWh": float(_hydropower(system, made).sum()),
                "contracts, GWh": float(sum(made.generation[i].sum() for i in imports if i in made.generation)),
                "missing, GWh": float((made.missing[home.id] + made.rationed[home.id]).sum()),
                "lowest volume, km3": float(made.volume[lowest].min()),
                "CO2 of all plants computed, Mt": carbon(system, made),
            }
            for name, value in row.items():
                found.setdefault(name, []).append(value)
    return found


def _write(out: Path, system: System, made: Dispatch, document: dict[str, Any]) -> None:
    from birge.report.power import dispatch_drawings, files_of, source_names, source_said
    from birge.texts import translator

    t, home = translator("en"), system.home()
    lowest = system.lowest().id
    names = source_names(t, lowest.replace("-", " ").title())
    source = t("Factbook tables of power; least cost of a year that ends with the water it began with.")
    source = source_said(system, t, source)
    drawings = dispatch_drawings(system, made, home.economy, names, t, source)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    write_folder(out, {"dispatch.json": text, **files_of(drawings)})
