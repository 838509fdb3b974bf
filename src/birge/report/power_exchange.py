"""What open lines are worth, as text, document and table: `birge power exchange`."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from birge.models.power.exchange import Game, Regime, in_core, nash, regimes, shapley, worth
from birge.models.power.system import System

__all__ = [
    "ceiling_text",
    "coalitions_csv",
    "exchange_document",
    "exchange_text",
    "game_document",
    "regime_document",
    "regimes_text",
]

CEILING = "All power between the two in {year}, {gwh:,.0f} GWh, was worth about {usd:.0f} mn USD at {price:g} USD/MWh."


def exchange_document(system: System, year: int, sides: tuple[str, str], hydrology: str = "mean") -> dict[str, Any]:
    """Return games against standing alone and against today, and the regimes, at each price of irrigation water."""
    water = system.parameters["water-price"]
    rows = [
        {
            **game_document(worth(system, year, p, hydrology)),
            "today": game_document(worth(system, year, p, hydrology, base="swap")),
            "regimes": regime_document(regimes(system, year, p, sides, hydrology)),
        }
        for p in (water.low, water.mode, water.high)
    ]
    return {
        "year": year,
        "hydrology": hydrology,
        "swap_ratio": system.parameters["swap-ratio"].mode if system.exchanges() else None,
        "unit": "mn USD a year; price of irrigation water in mn USD/km3; carbon in Mt CO2; flows in GWh by month; "
        "shares of what is made in an economy; summer_share of the water released",
        "by_price": rows,
    }


def coalitions_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return gains of the exchange as rows: by base, price of water, coalition and economy, with shares and the core.

    `rows` are those of `by_price` in the document of the exchange; mn USD a year.
    """
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(
        ["against", "water_price_mnusd_km3", "coalition", "economy", "gain_of_coalition_mnusd", "missing_power_mnusd",
         "gain_mnusd", "member", "nash_mnusd", "shapley_of_all_mnusd", "in_core"]
    )  # fmt: skip
    for row in rows:
        for against, game in (("today", row["today"]), ("standing alone", row)):
            for name, c in game["coalitions"].items():
                each = [(e, v, 1) for e, v in c["by_economy"].items()] + [
                    (e, v, 0) for e, v in c["felt_outside"].items()
                ]
                for e, gain, member in each:
                    figures = (c["gain"], c["missing_power_avoided"], gain)
                    half = f"{c['nash_each']:.3f}" if member and "nash_each" in c else ""
                    out.writerow(
                        [against, row["price"], name, e, *(f"{v:.3f}" for v in figures), member, half,
                         f"{game['shapley'][e]:.3f}", int(game["in_core"])]
                    )  # fmt: skip
    return text.getvalue()


def game_document(game: Game) -> dict[str, Any]:
    """Return a game: gains by coalition and economy, what is felt outside, shares, whether they lie in the core."""
    shares = shapley(game)
    before = game.carbon[frozenset()]
    named = {"+".join(p for p in game.players if p in c): c for c in game.cost if c}
    return {
        "price": game.price,
        "coalitions": {
            name: {
                "gain": game.gain(c),
                "by_economy": {p: v for p, v in game.gains(c).items() if p in c},
                "missing_power_avoided": game.unserved(c),
                "rest": game.gain(c) - game.unserved(c),
                "felt_outside": dict(game.felt_outside(c)),
                "carbon_change": game.carbon[c] - before,
                "summer_share": game.summer[c],
                **({"nash_each": nash(game.gain(c))[0]} if len(c) == 2 else {}),
            }
            for name, c in named.items()
        },
        "shapley": dict(shares),
        "in_core": in_core(game, shares),
    }


def regime_document(made: Sequence[Regime]) -> list[dict[str, Any]]:
    """Return the regimes with costs by economy, split, and gains against today's exchange."""
    today = next(r for r in made if r.name == "swap")
    return [
        {
            "regime": r.name,
            "cost": {e: {"total": v.total, **asdict(v)} for e, v in r.account.items()},
            "gain_against_today": {e: today.account[e].total - v.total for e, v in r.account.items()},
            "of_it_missing_power": {e: today.account[e].unserved - v.unserved for e, v in r.account.items()},
            "carbon": r.carbon,
            "carbon_change": r.carbon - today.carbon,
            "summer_share": r.summer,
            "shares": {e: dict(v) for e, v in r.shares.items()},
            "traded_by_pair": r.turnover,
            "flows": [{"from": f.start, "to": f.end, "gwh_by_month": [float(v) for v in f.gwh]} for f in r.flows],
        }
        for r in made
    ]


REGIMES = {
    "isolated": "standing alone",
    "swap": "today's exchange",
    "free": "open lines",
    "swap-planned": "today's exchange, planned reservoirs",
    "free-planned": "open lines, planned reservoirs",
}


def regimes_text(rows: Sequence[Sequence[dict[str, Any]]], pair: tuple[str, str]) -> str:
    """Return gains against today's exchange by regime, over the prices of water (one list of regimes for each)."""
    economies = list(rows[0][0]["cost"])
    lines = [
        "Gain against today's exchange, mn USD a year over the price of irrigation water (of it missing power, at its",
        "assumed cost); CO2 in Mt against today; power traded by the pair in mn USD at the contract price:",
        f"{'':<38}" + "".join(f"{e:>26}" for e in economies) + f"{'CO2':>14}{'-'.join(pair):>12}",
    ]
    for k, first in enumerate(rows[0]):
        own = [made[k] for made in rows]
        cells = ""
        for e in economies:
            gain, part = (_span([r[key][e] for r in own]) for key in ("gain_against_today", "of_it_missing_power"))
            cells += f"{f'{gain} ({part})':>26}"
        carbon, traded = (
            _span([r[key] for r in own], f) for key, f in (("carbon_change", "+.1f"), ("traded_by_pair", ",.0f"))
        )
        lines.append(f"{REGIMES[first['regime']]:<38}{cells}{carbon:>14}{traded:>12}")
    lines.append(
        "Contracts are kept to even where the seller lacks power itself. Planned reservoirs count without their cost."
    )
    return "\n".join(lines)


def exchange_text(rows: Sequence[dict[str, Any]], against: str) -> str:
    """Return gains by coalition, shares and the core, over the prices of water (one game for each)."""
    lines = [f"Gain of opening lines against {against}, mn USD a year over the price of irrigation water:"]
    for name in rows[0]["coalitions"]:
        own = [r["coalitions"][name] for r in rows]
        by = ", ".join(f"{e} {_span([r['by_economy'][e] for r in own])}" for e in own[0]["by_economy"])
        felt = ", ".join(f"{e} {_span([r['felt_outside'][e] for r in own])}" for e in own[0]["felt_outside"])
        lines.append(
            f"  {name:<14}{_span([r['gain'] for r in own])}: missing power avoided "
            f"{_span([r['missing_power_avoided'] for r in own])}, the rest {_span([r['rest'] for r in own])}; "
            f"CO2 {_span([r['carbon_change'] for r in own], '+.1f')} Mt"
        )
        nash_each = f"; half each (Nash) {_span([r['nash_each'] for r in own])}" if "nash_each" in own[0] else ""
        lines.append(
            f"                before payments {by}{nash_each}"
            + (f"; felt by the river and lines: {felt}" if felt else "")
        )
    shares = ", ".join(f"{e} {_span([r['shapley'][e] for r in rows])}" for e in rows[0]["shapley"])
    lines.append(f"  Shapley shares: {shares}")
    kept = [r["price"] for r in rows if r["in_core"]]
    if len(kept) == len(rows):
        lines.append("  They lie in the core: no pair would gain more on its own.")
    elif kept:
        where = ", ".join(f"{p:g}" for p in kept)
        lines.append(f"  They lie in the core only with water at {where}; else a pair would gain more.")
    else:
        lines.append("  They lie outside the core: at least one pair would gain more on its own.")
    return "\n".join(lines)


def ceiling_text(system: System, seen: Mapping[str, tuple[float, int]]) -> str:
    """Return what all power between the pair was worth in the year that was observed."""
    (gwh, year), price = seen["export-power-2022"], system.parameters["contract-price"].mode
    return CEILING.format(year=year, gwh=gwh, usd=gwh * price / 1_000, price=price)


def _span(values: Sequence[float], how: str = ",.0f") -> str:
    low, high = (format(v, how) for v in (min(values), max(values)))
    low, high = (("0" + v[2:] if v in ("-0", "+0") else v) for v in (low, high))
    return low if low == high else f"{low} to {high}"
