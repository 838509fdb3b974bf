"""What contracts and open lines are worth, as text, document and table: `birge power swap` and `exchange`."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from birge.models.power.contracts import Offer, Season, both_prefer, settlement
from birge.models.power.exchange import Game, Regime, in_core, nash, shapley
from birge.models.power.system import System

__all__ = [
    "Contracts",
    "ceiling_text",
    "coalitions_csv",
    "contracts_csv",
    "contracts_document",
    "contracts_spec",
    "contracts_text",
    "exchange_text",
    "game_document",
    "regime_document",
    "regimes_text",
]

CEILING = "All power between the two in {year}, {gwh:,.0f} GWh, was worth about {usd:.0f} mn USD at {price:g} USD/MWh."


@dataclass(frozen=True)
class Contracts:
    """A grid of contracts with what it was computed for.

    `today` has today's contract at its usual ratio and the caps that were seen; `missing` is the least and the greatest
    cost of missing power, USD/MWh (assumed).
    """

    pair: tuple[str, str]
    year: int
    hydrology: str
    growth: str
    prices: tuple[float, ...]
    seasons: tuple[Season, ...]
    found: tuple[Offer, ...]
    today: tuple[Offer, ...]
    missing: tuple[float, float]


def contracts_text(made: Contracts) -> str:
    """Return the ratios that both sides prefer to none by season, cap and price of water, and today's contract."""
    first, second = made.pair
    lines = [
        f"{made.year}, {made.hydrology} inflow, demand growth {made.growth}: contracts that {first} and {second} both "
        "prefer to none; illustrative.",
        "MWh returned for one given, by GWh given a year (in full) and the price of irrigation water (mn USD/km3).",
    ]
    for season in made.seasons:
        lines.append(f"\ngiven in {_months(season.give)}, returned in {_months(season.back)} ({season.name})")
        lines.append(f"{'GWh':>8}" + "".join(f"{f'at {p:g}':>26}" for p in made.prices))
        own = [o for o in made.found if o.season == season.name]
        for cap in dict.fromkeys(o.cap for o in own):
            cells = [
                _runs([o.ratio for o in both_prefer(own, made.pair, p) if o.cap == cap], made) for p in made.prices
            ]
            lines.append(f"{cap:>8,.0f}" + "".join(f"{c:>26}" for c in cells))
    lines.append("")
    for o in made.today:
        lines.append(_today(o, made))
    for p in made.prices:
        best = settlement(made.found, made.pair, p)
        if best is None:
            lines.append(f"Water at {p:g}: no contract of the grid is good for both.")
        else:
            gains = ", ".join(f"{e} {best.gain(e, p):+,.1f}" for e in made.pair)
            lines.append(
                f"Water at {p:g}: the greatest product of gains (Nash) at {best.ratio:g} for one, {best.cap:,.0f} GWh, "
                f"{best.season}: {gains} mn USD a year."
            )
    lines.append(
        f"Missing power avoided stands at its assumed cost ({made.missing[0]:g} to {made.missing[1]:g} USD/MWh). "
        "No money changes hands beside the contract; what others feel by the river is in the document (--json)."
    )
    return "\n".join(lines)


def contracts_document(made: Contracts) -> dict[str, Any]:
    """Return every contract with gains by price, the sets that both prefer, and today's contract."""
    return {
        "pair": list(made.pair),
        "year": made.year,
        "hydrology": made.hydrology,
        "growth": made.growth,
        "unit": "mn USD a year against no exchange; water in km3 a year less missing",
        "prices": list(made.prices),
        "seasons": [
            {"name": s.name, "give": [m + 1 for m in s.give], "return": [m + 1 for m in s.back]} for s in made.seasons
        ],
        "contracts": [_offer(o, made) for o in made.found],
        "both_prefer": {
            f"{p:g}": [
                {"season": o.season, "ratio": o.ratio, "cap": o.cap} for o in both_prefer(made.found, made.pair, p)
            ]
            for p in made.prices
        },
        "nash": {
            f"{p:g}": _offer(o, made) if (o := settlement(made.found, made.pair, p)) else None for p in made.prices
        },
        "today": [_offer(o, made) for o in made.today],
    }


def contracts_csv(made: Contracts) -> str:
    """Return every contract as a row: gains of both sides by power, water and price, and who prefers it to none."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    a, b = made.pair
    out.writerow(
        ["season", "ratio", "cap_gwh", "water_price_mnusd_km3"]
        + [f"{kind}_{e}" for e in made.pair for kind in ("gain_mnusd", "power_mnusd", "unserved_mnusd", "water_km3")]
        + ["prefers"]
    )
    for o in made.found:
        for p in made.prices:
            row: list[Any] = [o.season, o.ratio, o.cap, p]
            for e in made.pair:
                row += [f"{v:.4f}" for v in (o.gain(e, p), o.power[e], o.unserved[e], o.water.get(e, 0.0))]
            out.writerow([*row, _who(o, p, (a, b), ("both", a, b, "neither"))])
    return text.getvalue()


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


def contracts_spec(made: Contracts, season: str = "today") -> dict[str, Any]:
    """Return the picture of one season: ratio × cap, a panel for each price of water, today's contract ringed."""
    from birge.charts.contracts import contract_plane

    a, b = made.pair
    words = ("both gain", f"only {a} gains", f"only {b} gains", "neither gains")
    rows = [
        {
            "ratio": o.ratio,
            "cap": o.cap,
            "panel": f"irrigation water at {p:g} mn USD/km3",
            "who": _who(o, p, made.pair, words),
        }
        for p in made.prices
        for o in made.found
        if o.season == season
    ]
    today = [{"ratio": o.ratio, "cap": o.cap} for o in made.today]
    return contract_plane(rows, words, today, "MWh returned for one given (ring: today)", "GWh given a year")


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


def _offer(o: Offer, made: Contracts) -> dict[str, Any]:
    return {
        "season": o.season,
        "ratio": o.ratio,
        "cap": o.cap,
        "power": dict(o.power),
        "missing_power_avoided": dict(o.unserved),
        "water": dict(o.water),
        "gain": {f"{p:g}": {e: o.gain(e, p) for e in made.pair} for p in made.prices},
        "felt_outside": {f"{p:g}": {e: w * p for e, w in o.water.items() if e not in made.pair} for p in made.prices},
    }


def _today(o: Offer, made: Contracts) -> str:
    a, b = made.pair
    words = ("good for both", f"good for {a} only", f"good for {b} only", "good for neither")
    who = ", ".join(f"at {p:g} {_who(o, p, made.pair, words)}" for p in made.prices)
    parts = "; ".join(
        f"{e} {o.power[e]:+,.1f} by power (missing power avoided {o.unserved[e]:+,.1f})"
        + (f" and {o.water[e]:+.2f} km3 of water" if e in o.water else "")
        for e in made.pair
    )
    turns = [f"{e} gains from {v:,.0f} mn USD/km3 on" for e in made.pair if (v := o.break_even(e)) is not None]
    return f"Today, {o.ratio:g} for one, {o.cap:,.0f} GWh: {who}. {parts}" + (
        f"; {', '.join(turns)}." if turns else "."
    )


def _who(o: Offer, price: float, pair: tuple[str, str], words: tuple[str, str, str, str]) -> str:
    a, b = (bool(both_prefer((o,), (e, e), price)) for e in pair)
    return words[0] if a and b else words[1] if a else words[2] if b else words[3]


def _runs(good: Sequence[float], made: Contracts) -> str:
    """Return ratios as runs of neighbours in the grid: "1 to 1.4, 1.7"."""
    grid = list(dict.fromkeys(o.ratio for o in made.found))
    runs: list[list[float]] = []
    for r in good:
        if runs and grid.index(r) == grid.index(runs[-1][-1]) + 1:
            runs[-1].append(r)
        else:
            runs.append([r])
    return ", ".join(f"{x[0]:g} to {x[-1]:g}" if len(x) > 1 else f"{x[0]:g}" for x in runs) or "none"


def _span(values: Sequence[float], how: str = ",.0f") -> str:
    low, high = (format(v, how) for v in (min(values), max(values)))
    low, high = (("0" + v[2:] if v in ("-0", "+0") else v) for v in (low, high))
    return low if low == high else f"{low} to {high}"


def _months(months: Sequence[int]) -> str:
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{names[months[0]]}-{names[months[-1]]}"
