"""Which contracts of exchange both sides prefer to none: ratio × cap × season, and the price of irrigation water.

A contract gives its full cap of summer power and returns `ratio` times as much in winter. Both sides are computed in
one programme, in which the hours within a month suit both; each keeps its own costs, pays for what it buys, and the
other side gains or loses by the water that the contract moves. The giver does not look at irrigation, so one solve
serves every price of water. A contract is compared with the same year without any; what one side sells the other goes
on unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from birge.errors import InputError, Problem
from birge.models.power.accounts import accounts, demand_at
from birge.models.power.case import Swap, case, swap_contract
from birge.models.power.dispatch import Dispatch, Year, read, year_programme
from birge.models.power.exchange import kept, kept_to
from birge.models.power.month import load
from birge.models.power.system import DAYS, System

__all__ = ["CAPS", "RATIOS", "SEASONS", "Offer", "Season", "both_prefer", "carried", "offers", "seasons", "settlement"]

RATIOS = tuple(round(0.8 + 0.1 * k, 1) for k in range(15))
"""MWh returned for one given."""
CAPS = (50.0, 100.0, 161.0, 250.0, 338.0, 500.0, 750.0, 1_000.0)
"""GWh given in a year; 161 to 338 is what was seen."""
SEASONS = ("today", "core-winter", "growing-season", "growing-season-core-winter")
LEAST = 0.01
"""Gain in mn USD a year below which a side is said not to care."""


@dataclass(frozen=True)
class Season:
    """Months 0 to 11 in which power is given and returned."""

    name: str
    give: tuple[int, ...]
    back: tuple[int, ...]


@dataclass(frozen=True)
class Offer:
    """A contract with the gain of each economy against none: power and payments (mn USD), and water (km3 a year).

    `power[e]` leaves irrigation out; `water[e]` is how much less water is missing; `unserved[e]` is the part of `power`
    that is missing power avoided, at its assumed cost.
    """

    season: str
    ratio: float
    cap: float
    power: Mapping[str, float]
    unserved: Mapping[str, float]
    water: Mapping[str, float]

    def gain(self, economy: str, price: float) -> float:
        """Return the gain of an economy (mn USD a year) with irrigation water at `price` mn USD/km3."""
        return self.power[economy] + self.water.get(economy, 0.0) * price

    def break_even(self, economy: str) -> float | None:
        """Return the price of water (mn USD/km3) from which on an economy gains; None where water does not decide."""
        water = self.water.get(economy, 0.0)
        return -self.power[economy] / water if water > 1e-6 and self.power[economy] < 0 else None


def seasons(system: System) -> tuple[Season, ...]:
    """Return the seasons that are compared: as today, the time of irrigation, the four months of greatest demand."""
    today, river = swap_contract(system), system.rivers[system.lowest().id]
    grown = tuple(int(m) for m in np.flatnonzero(river.need_km3 > 0))
    of = case(system, system.home().year, "isolated", members=(system.home().economy,))
    need = [load(system, of, system.home().id, m).sum() for m in range(12)]
    core = set(sorted(range(12), key=lambda m: -need[m])[:4])
    cold = tuple(m for m in (*range(6, 12), *range(6)) if m in core)
    months = ((today.give, today.back), (today.give, cold), (grown, today.back), (grown, cold))
    return tuple(Season(name, give, back) for name, (give, back) in zip(SEASONS, months, strict=True))


def offers(
    system: System,
    year: int,
    pair: tuple[str, str],
    *,
    hydrology: str = "mean",
    growth: str = "mode",
    ratios: Sequence[float] = RATIOS,
    caps: Sequence[float] = CAPS,
    among: Sequence[Season] | None = None,
) -> tuple[Offer, ...]:
    """Return every contract of the grid with what it is worth to each economy; raises InputError for a bad grid.

    Contracts that the line of the exchange cannot carry are left out.
    """
    _check(ratios, caps)
    of = case(system, year, "purchases", members=pair, hydrology=hydrology)
    demand = demand_at(system, year, growth)
    of = of.at(demand={n: demand[n] for n in of.nodes})
    before = kept_to(system, of)
    none, need = accounts(system, before, 0.0), {e: float(v.sum()) for e, v in before.gap.items()}
    sold = {p.id for p in system.plants if p.id in before.generation and p.payee in pair}
    found = []
    for season in among or seasons(system):
        grid = [_contract(system, season, ratio, cap) for ratio in ratios for cap in caps]
        grid = [swap for swap in grid if carried(swap)]
        if not grid:
            continue
        whole = kept(year_programme(system, of.at(swap=grid[0])))
        for m, month in enumerate(whole.months):
            for name in sold:
                whole.solver.bound(month.generation[name], before.generation[name][m], before.generation[name][m])
        for swap in grid:
            made = _solved(whole, swap)
            then = accounts(system, made, 0.0)
            found.append(
                Offer(
                    season.name,
                    swap.ratio,
                    swap.cap,
                    {e: none[e].total - then[e].total for e in pair},
                    {e: none[e].unserved - then[e].unserved for e in pair},
                    {e: need[e] - float(v.sum()) for e, v in made.gap.items()},
                )
            )
    return tuple(found)


def _solved(year: Year, swap: Swap) -> Dispatch:
    """Return the year under another contract of the same season, from the last basis."""
    share = swap.cap / len(swap.give)
    for month in year.months:
        for column in month.returned:
            year.solver.coefficient(month.agreed, int(column), 1.0 / swap.ratio)
        if month.share >= 0:
            year.solver.limit(month.share, share, share)
        year.solver.bound(np.array([month.credit], dtype=np.int32), np.zeros(1), np.array([swap.cap]))
    return read(year)


def both_prefer(found: Sequence[Offer], pair: tuple[str, str], price: float) -> tuple[Offer, ...]:
    """Return the contracts from which both of `pair` gain with irrigation water at `price` mn USD/km3."""
    return tuple(o for o in found if all(o.gain(e, price) > LEAST for e in pair))


def settlement(found: Sequence[Offer], pair: tuple[str, str], price: float) -> Offer | None:
    """Return the contract with the greatest product of gains (Nash 1950), with no payment beside it; None if none."""
    good = both_prefer(found, pair, price)
    return max(good, key=lambda o: o.gain(pair[0], price) * o.gain(pair[1], price), default=None)


def carried(swap: Swap) -> bool:
    """Return whether the line of a contract can carry it in its months, given evenly and returned at any hour."""
    hours = DAYS * 24
    most = swap.line_mw / 1_000
    share = swap.cap / len(swap.give)
    return bool(
        share <= most * hours[list(swap.give)].min() and swap.cap * swap.ratio <= most * hours[list(swap.back)].sum()
    )


def _contract(system: System, season: Season, ratio: float, cap: float) -> Swap:
    return replace(swap_contract(system, ratio, cap), give=season.give, back=season.back, must=True)


def _check(ratios: Sequence[float], caps: Sequence[float]) -> None:
    problems = [
        Problem("ratios", "ratio", f"{r:g} MWh for one", "write ratios above 0, up to 5")
        for r in ratios
        if not 0 < r <= 5
    ]
    problems += [Problem("caps", "cap", f"{c:g} GWh", "write caps above 0") for c in caps if not c > 0]
    if problems:
        raise InputError(problems)
