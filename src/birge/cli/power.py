"""`birge power`: a year of water and electricity, and what exchange is worth to each side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from birge.models.power.exchange import Game
    from birge.models.power.system import System

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Water, electricity and what their exchange is worth. Illustrative, for analysts.",
)

Pair = Annotated[str, typer.Option("--pair", help="The two parties as ISO codes.")]
Year = Annotated[int, typer.Option("--year", min=2024, max=2050, help="Year that is computed.")]
Hydrology = Annotated[str, typer.Option("--hydrology", help="Inflow of the year: dry, mean or wet.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON document.")]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@app.command("dispatch")
def dispatch_command(
    pair: Pair = "KAZ-KGZ",
    year: Year = 2026,
    hydrology: Hydrology = "mean",
    regime: Annotated[str, typer.Option("--regime", help="isolated, purchases, swap (as today) or free.")] = "swap",
    swap_ratio: Annotated[float | None, typer.Option("--swap-ratio", help="MWh returned for one given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the year of the side that holds the water, month by month, as a year that repeats itself.

    GWh: demand, hydropower of the cascade, contracts, missing power, given and returned; volume at the end in km3.
    """
    from birge.models.power import case, dispatch, swap_contract
    from birge.models.power.month import load

    system = _system(pair)
    home = system.home()
    contract = swap_contract(system, swap_ratio)
    members = None if regime == "free" else (home.economy,)
    of = case(system, year, regime, members=members, hydrology=hydrology, swap=contract)
    made = dispatch(system, of)
    lowest = next(r.id for r in system.reservoirs if not r.upstream_of)
    imports = [
        p.id for p in system.plants if p.technology == "import" and p.node == home.id and p.id in made.generation
    ]
    rows = []
    for m, name in enumerate(MONTHS):
        rows.append(
            {
                "month": name,
                "demand": float(load(system, of, home.id, m).sum()),
                "hydropower": float(made.hydro[lowest][m].sum()),
                "contracts": float(sum(made.generation[i][m].sum() for i in imports)),
                "missing": float((made.missing[home.id] + made.rationed[home.id])[m].sum()),
                "given": float(made.given[m].sum()),
                "returned": float(made.returned[m].sum()),
                "volume": float(made.volume[lowest][m + 1]),
            }
        )
    if as_json:
        _print({"year": year, "regime": regime, "hydrology": hydrology, "node": home.id, "months": rows})
        return
    print(f"{home.name}, {year}, {hydrology} inflow, {regime}: GWh; volume of {lowest} at the end of the month, km3")
    print("".join(f"{k:>12}" for k in rows[0]))
    for row in rows:
        print("".join(f"{v:>12}" if isinstance(v, str) else f"{v:>12,.1f}" for v in row.values()))


@app.command("exchange")
def exchange_command(
    pair: Pair = "KAZ-KGZ", year: Year = 2026, hydrology: Hydrology = "mean", as_json: AsJson = False
) -> None:
    """Print what open lines and water for irrigation are worth together, and shares of it, over the price of water.

    Against standing alone, where missing power is dear: most of the gain is power that is no longer missing.
    """
    from birge.models.power.exchange import worth

    system = _system(pair)
    price = system.parameters["water-price"]
    rows = [_worth(worth(system, year, p, hydrology)) for p in (price.low, price.mode, price.high)]
    if as_json:
        _print({"year": year, "hydrology": hydrology, "unit": "mn USD a year", "by_price": rows})
        return
    print(f"{year}, {hydrology} inflow: mn USD a year against standing alone; illustrative")
    for row in rows:
        print(f"\nirrigation water at {row['price']:g} mn USD/km3")
        for name, r in row["coalitions"].items():
            felt = ", ".join(f"{k} {v:+,.0f}" for k, v in r["felt_outside"].items())
            outside = f"; outside: {felt}" if felt else ""
            print(f"  {name:<14} gain {r['gain']:>8,.0f}   CO2 {r['carbon_change']:+.1f} Mt{outside}")
        print("  Shapley shares: " + ", ".join(f"{k} {v:,.0f}" for k, v in row["shapley"].items()))
        kept = "no pair" if row["in_core"] else "at least one pair"
        print(f"  {kept} would gain more on its own")


def _worth(game: Game) -> dict[str, Any]:
    from birge.models.power.exchange import in_core, shapley

    shares = shapley(game)
    alone = game.carbon[frozenset()]
    named = {"+".join(p for p in game.players if p in c): c for c in game.cost if c}
    return {
        "price": game.price,
        "coalitions": {
            name: {
                "gain": game.gain(c),
                "felt_outside": dict(game.felt_outside(c)),
                "carbon_change": game.carbon[c] - alone,
                "summer_share": game.summer[c],
            }
            for name, c in named.items()
        },
        "shapley": dict(shares),
        "in_core": in_core(game, shares),
    }


def _system(pair: str) -> System:
    from birge.errors import InputError
    from birge.models.power import power_system

    codes = tuple(pair.upper().split("-"))
    found = power_system(codes) if len(codes) == 2 else None
    if found is None:
        raise InputError.at("--pair", "no-power-system", f"no power system of {pair} in the tables", "use KAZ-KGZ")
    return found


def _print(document: object) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
