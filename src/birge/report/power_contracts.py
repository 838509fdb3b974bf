"""Which contracts of exchange are good for both, as text, document, table and picture: `birge power swap`."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from birge.charts.contracts import contract_plane
from birge.models.power.contracts import CLASSES, Offer, Season, settlement
from birge.report.power import Drawing
from birge.texts import Translator

__all__ = ["Contracts", "contracts_csv", "contracts_document", "contracts_drawing", "contracts_text"]


@dataclass(frozen=True)
class Contracts:
    """A grid of contracts with what it was computed for.

    `today` has today's contract at its usual ratio and the caps that were seen; `missing` is the least and the greatest
    cost of missing power, USD/MWh (assumed); `slack` mn USD a year of the joint cost; `cases` a few contracts of the
    first season by (hydrology, growth of demand).
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
    slack: float
    cases: Mapping[tuple[str, str], tuple[Offer, ...]]


def contracts_text(made: Contracts) -> str:
    """Return the ratios that both sides prefer to none by season, cap and price of water, and today's contract."""
    first, second = made.pair
    lines = [
        f"{made.year}, {made.hydrology} inflow, demand growth {made.growth}: contracts that {first} and {second} both "
        "prefer to none; illustrative.",
        "MWh returned for one given, by GWh given a year (in full) and the price of irrigation water (mn USD/km3):",
        "ratios from which both surely gain, in brackets all from which they may. The least joint cost leaves open who",
        f"bears it: surely means in every year whose joint cost lies at most {made.slack:g} mn USD above the least.",
    ]
    for season in made.seasons:
        lines.append(f"\ngiven in {_months(season.give)}, returned in {_months(season.back)} ({season.name})")
        lines.append(f"{'GWh':>8}" + "".join(f"{f'at {p:g}':>26}" for p in made.prices))
        own = [o for o in made.found if o.season == season.name]
        for cap in dict.fromkeys(o.cap for o in own):
            cells = [_cell([o for o in own if o.cap == cap], made, p) for p in made.prices]
            lines.append(f"{cap:>8,.0f}" + "".join(f"{c:>26}" for c in cells))
    lines.append("")
    lines += [_today(o, made) for o in made.today]
    for p in made.prices:
        best = settlement(made.found, made.pair, p)
        if best is None:
            lines.append(f"Water at {p:g}: from no contract of the grid do both surely gain.")
        else:
            gains = ", ".join(f"{e} {_range(best.gains(e, p))}" for e in made.pair)
            lines.append(
                f"Water at {p:g}: the greatest product of least gains (Nash) at {best.ratio:g} for one, "
                f"{best.cap:,.0f} GWh, {best.season}: {gains} mn USD a year."
            )
    lines += _cases(made)
    lines.append(
        f"Missing power avoided stands at its assumed cost ({made.missing[0]:g} to {made.missing[1]:g} USD/MWh). "
        "No money changes hands beside the contract; what others feel by the river is in the document (--json)."
    )
    return "\n".join(lines)


def contracts_document(made: Contracts) -> dict[str, Any]:
    """Return every contract with gains by price, what can be said of both, today's contract, and other years."""

    def sets(kind: str) -> dict[str, Any]:
        return {
            f"{p:g}": [
                {"season": o.season, "ratio": o.ratio, "cap": o.cap} for o in made.found if o.both(made.pair, p) == kind
            ]
            for p in made.prices
        }

    return {
        "pair": list(made.pair),
        "year": made.year,
        "hydrology": made.hydrology,
        "growth": made.growth,
        "slack": made.slack,
        "unit": "mn USD a year against no exchange; slack in mn USD a year of the joint cost; water in km3 a year less "
        "missing, its price in mn USD/km3; cap in GWh a year; ratio in MWh returned for one given",
        "prices": list(made.prices),
        "seasons": [
            {"name": s.name, "give": [m + 1 for m in s.give], "return": [m + 1 for m in s.back]} for s in made.seasons
        ],
        "contracts": [_offer(o, made) for o in made.found],
        "both_prefer": sets(CLASSES[0]),
        "cannot_be_told": sets(CLASSES[1]),
        "nash": {
            f"{p:g}": _offer(o, made) if (o := settlement(made.found, made.pair, p)) else None for p in made.prices
        },
        "today": [_offer(o, made) for o in made.today],
        "cases": [
            {"hydrology": h, "growth": g, "contracts": [_offer(o, made) for o in found]}
            for (h, g), found in made.cases.items()
        ],
    }


def contracts_csv(made: Contracts) -> str:
    """Return every contract as a row by price of water: least and most gain of each side, and what can be said."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(
        ["season", "ratio", "cap_gwh", "water_price_mnusd_km3"]
        + [
            f"{kind}_{e}"
            for e in made.pair
            for kind in (
                "least_gain_mnusd", "most_gain_mnusd", "least_by_power_mnusd", "most_by_power_mnusd",
                "unserved_mnusd", "least_water_km3", "most_water_km3", "gains",
            )
        ]
        + ["both_gain"]
    )  # fmt: skip
    for o in made.found:
        for p in made.prices:
            row: list[Any] = [o.season, o.ratio, o.cap, p]
            for e in made.pair:
                figures = (*o.gains(e, p), *o.by_power(e), o.unserved[e], *o.by_water(e))
                row += [*(f"{v:.4f}" for v in figures), o.side(e, p)]
            out.writerow([*row, o.both(made.pair, p)])
    return text.getvalue()


def contracts_drawing(made: Contracts, season: str, t: Translator, names: Mapping[str, str], source: str) -> Drawing:
    """Return the picture of one season: ratio × cap, a panel for each price of water, today's contract ringed.

    `names` has the two sides as the reader calls them.
    """
    words = {
        CLASSES[0]: t("both surely gain"),
        CLASSES[1]: t("cannot be told"),
        CLASSES[2]: t("at least one does not gain"),
    }
    own = [o for o in made.found if o.season == season]
    panels = {p: t("irrigation water at {price} mn USD/km³", price=t.number(p)) for p in made.prices}
    rows = [
        {"ratio": o.ratio, "cap": o.cap, "panel": panels[p], "who": words[o.both(made.pair, p)]}
        for p in made.prices
        for o in own
    ]
    today = [{"ratio": o.ratio, "cap": o.cap} for o in made.today]
    axes = (t("MWh returned for one given (ring: today)"), t("GWh given a year"))
    of = next(s for s in made.seasons if s.name == season)
    title = t(
        "Contracts that both sides prefer to none, {year}: given in months {give}, returned in {back}",
        year=made.year,
        give=_numbers(of.give),
        back=_numbers(of.back),
    )
    told = t(
        "Who gains in every year whose joint cost lies at most {slack} mn USD above the least.",
        slack=t.number(made.slack, 1),
    )

    def spec(width: int) -> dict[str, Any]:
        return contract_plane(rows, tuple(words.values()), today, *axes, width, t.lang)

    ends = (t("least gain, mn USD"), t("most gain, mn USD"))
    head = (
        t("Price of irrigation water, mn USD/km³"),
        *axes,
        *(f"{n}: {x}" for n in names.values() for x in ends),
        t("both sides"),
    )
    table: tuple[tuple[str | float, ...], ...] = tuple(
        (p, o.ratio, o.cap, *(round(v, 2) for e in made.pair for v in o.gains(e, p)), words[o.both(made.pair, p)])
        for p in made.prices
        for o in own
    )
    return Drawing("contracts", title, told, f"{told} {source}", spec, head, table)


def _offer(o: Offer, made: Contracts) -> dict[str, Any]:
    return {
        "season": o.season,
        "ratio": o.ratio,
        "cap": o.cap,
        "power": {e: _ends(o.by_power(e)) | {"least_joint_cost": o.near[0].power[e]} for e in made.pair},
        "missing_power_avoided": dict(o.unserved),
        "water": {e: _ends(o.by_water(e)) | {"least_joint_cost": v} for e, v in o.near[0].water.items()},
        "gain": {f"{p:g}": {e: _ends(o.gains(e, p)) for e in made.pair} for p in made.prices},
        "gains": {f"{p:g}": {e: o.side(e, p) for e in made.pair} for p in made.prices},
        "both_gain": {f"{p:g}": o.both(made.pair, p) for p in made.prices},
        "felt_outside": {
            f"{p:g}": {e: _ends((low * p, high * p)) for e in o.near[0].water if e not in made.pair
                       for low, high in (o.by_water(e),)}
            for p in made.prices
        },
    }  # fmt: skip


def _ends(of: tuple[float, float]) -> dict[str, float]:
    return {"least": of[0], "most": of[1]}


def _today(o: Offer, made: Contracts) -> str:
    who = ", ".join(f"at {p:g} {_said(o, p, made)}" for p in made.prices)
    parts = "; ".join(
        f"{e} {_range(o.by_power(e))} by power (missing power avoided {_range((o.unserved[e],) * 2)})"
        + (f" and {_range(o.by_water(e), '+.2f')} km3 of water" if e in o.near[0].water else "")
        for e in made.pair
    )
    turns = [_turns(e, turn, max(made.prices)) for e in made.pair if (turn := o.turns(e, max(made.prices))) is not None]
    return f"Today, {o.ratio:g} for one, {o.cap:,.0f} GWh: {who}. {'; '.join([parts, *turns])}."


def _turns(economy: str, turn: tuple[float | None, float | None], highest: float) -> str:
    may, sure = turn
    if may is None:
        return f"{economy} does not gain with water at {highest:,.0f} mn USD/km3"
    if sure is None:
        return f"{economy} may gain from {may:,.0f} mn USD/km3 on and surely gains at none up to {highest:,.0f}"
    return f"{economy} may gain from {may:,.0f} and surely gains from {sure:,.0f} mn USD/km3 on, up to {highest:,.0f}"


def _said(o: Offer, price: float, made: Contracts) -> str:
    kind = o.both(made.pair, price)
    if kind == CLASSES[0]:
        return "surely good for both"
    if kind == CLASSES[1]:
        return "it cannot be told"
    losers = [e for e in made.pair if o.side(e, price) == CLASSES[2]]
    return f"not good for {' and '.join(losers)}"


def _cases(made: Contracts) -> list[str]:
    """Return a line for each contract that was computed over inflow and growth of demand."""
    if not made.cases:
        return []
    every = list(made.cases.values())
    counts = "of the cases both surely gain / it cannot be told / not"
    lines = [
        f"Over dry to wet inflow and low to high growth ({len(every)} cases; {made.seasons[0].name}): {counts}; gains "
        f"with water at {made.prices[len(made.prices) // 2]:g}:"
    ]
    middle = made.prices[len(made.prices) // 2]
    for o in every[0]:
        kin = [x for found in every for x in found if (x.ratio, x.cap) == (o.ratio, o.cap)]
        told = ", ".join(
            f"at {p:g} {'/'.join(str(sum(x.both(made.pair, p) == c for x in kin)) for c in CLASSES)}"
            for p in made.prices
        )
        ends = ", ".join(
            f"{e} {_range((min(x.gains(e, middle)[0] for x in kin), max(x.gains(e, middle)[1] for x in kin)))}"
            for e in made.pair
        )
        lines.append(f"  {o.ratio:g} for one, {o.cap:,.0f} GWh: {told}; {ends} mn USD")
    return lines


def _cell(own: Sequence[Offer], made: Contracts, price: float) -> str:
    sure = _runs([o.ratio for o in own if o.both(made.pair, price) == CLASSES[0]], made)
    open_ = _runs([o.ratio for o in own if o.both(made.pair, price) != CLASSES[2]], made)
    return sure if sure == open_ else f"{sure} ({open_})"


def _runs(good: Sequence[float], made: Contracts) -> str:
    """Return ratios as runs of neighbours in the grid: "1 to 1.4, 1.7"."""
    grid = sorted({o.ratio for o in made.found})
    runs: list[list[float]] = []
    for r in good:
        if runs and grid.index(r) == grid.index(runs[-1][-1]) + 1:
            runs[-1].append(r)
        else:
            runs.append([r])
    return ", ".join(f"{x[0]:g} to {x[-1]:g}" if len(x) > 1 else f"{x[0]:g}" for x in runs) or "none"


def _range(of: tuple[float, ...], how: str = "+,.1f") -> str:
    low, high = (format(round(v, 3) + 0.0, how) for v in of)
    low, high = (v[1:] if float(v.replace(",", "")) == 0 else v for v in (low, high))
    return low if low == high else f"{low} to {high}"


def _numbers(months: Sequence[int]) -> str:
    return f"{months[0] + 1}-{months[-1] + 1}"


def _months(months: Sequence[int]) -> str:
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{names[months[0]]}-{names[months[-1]]}"
