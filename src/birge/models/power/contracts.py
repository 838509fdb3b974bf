"""Which contracts of exchange both sides prefer to none: ratio × cap × season, and the price of irrigation water.

A contract gives its full cap of summer power and returns `ratio` times as much in winter. Both sides are computed in
one programme, in which the hours within a month suit both; each keeps its own costs, pays for what it buys, and the
other side gains or loses by the water that the contract moves. The giver does not look at irrigation, so one solve
serves every price of water. A contract is compared with the same year without any; what one side sells the other goes
on unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from birge.errors import InputError, Problem
from birge.models.power.accounts import accounts, demand_at
from birge.models.power.case import Swap, case, swap_contract
from birge.models.power.dispatch import Year, read, year_programme
from birge.models.power.exchange import kept, kept_to
from birge.models.power.month import load
from birge.models.power.slack import SLACK, Ends, Point
from birge.models.power.system import DAYS, System

__all__ = [
    "CAPS",
    "CLASSES",
    "RATIOS",
    "SEASONS",
    "Offer",
    "Season",
    "both_prefer",
    "carried",
    "grid",
    "offers",
    "seasons",
    "settlement",
    "widened",
]

RATIOS = tuple(round(0.8 + 0.1 * k, 1) for k in range(15))
"""MWh returned for one given."""
CAPS = (50.0, 100.0, 250.0, 500.0, 750.0, 1_000.0)
"""GWh given in a year, of any pair; `grid` adds those that were seen between two."""
SEASONS = ("today", "core-winter", "growing-season", "growing-season-core-winter")
LEAST = 0.01
"""Gain in mn USD a year below which a side is said not to care."""
CLASSES = ("surely", "cannot be told", "not")
"""What can be said of a gain within the slack of the joint cost."""


@dataclass(frozen=True)
class Season:
    """Months 0 to 11 in which power is given and returned."""

    name: str
    give: tuple[int, ...]
    back: tuple[int, ...]


@dataclass(frozen=True)
class Offer:
    """A contract with the gain of each economy against none, in the years that are as good for both within the slack.

    `near` are those years: gain by power and payments (mn USD; irrigation left out) and how much less water is missing
    (km3 a year), by economy; the first has the least cost of both together. `unserved[e]` is the part of its gain that
    is missing power avoided, at its assumed cost. `low[e]` and `high[e]` are the years over which its least and most
    gain are taken: besides its own those of contracts that cannot be better, or worse, for it (see `widened`).
    """

    season: str
    ratio: float
    cap: float
    near: tuple[Point, ...]
    unserved: Mapping[str, float]
    low: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    high: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)

    def gains(self, economy: str, price: float) -> tuple[float, float]:
        """Return the least and the most gain (mn USD a year) with irrigation water at `price` mn USD/km3."""

        def every(years: tuple[Point, ...]) -> list[float]:
            return [x.power[economy] + x.water.get(economy, 0.0) * price for x in years]

        return min(every(self.low.get(economy, self.near))), max(every(self.high.get(economy, self.near)))

    def by_power(self, economy: str) -> tuple[float, float]:
        """Return the least and the most gain by power alone, mn USD a year."""
        return self.gains(economy, 0.0)

    def by_water(self, economy: str) -> tuple[float, float]:
        """Return by how much less water is missing for irrigation at least and at most, km3 a year."""
        every = [x.water.get(economy, 0.0) for x in self.near]
        return min(every), max(every)

    def turns(self, economy: str, highest: float) -> tuple[float | None, float | None] | None:
        """Return the prices of water (mn USD/km3) from which on an economy may gain and surely does, up to `highest`.

        A price is None where none up to `highest` does it: a year that costs it more power and brings no water stays
        one at any price. The whole is None where water plays no part, or the economy surely gains at any price.
        """
        low, high = (_lines_of(of.get(economy, self.near), economy) for of in (self.low, self.high))
        from_low, from_high = ([_rises(*line, highest) for line in lines] for lines in (low, high))
        sure = None if None in from_low else max(x for x in from_low if x is not None)
        if sure == 0 or not any(water for _, water in low):
            return None
        may = min((x for x in from_high if x is not None), default=None)
        # A year that is good while water is cheap bridges the prices below.
        if may is not None and any(p >= 0 and p + w * may >= 0 for p, w in high):
            may = 0.0
        return may, sure

    def side(self, economy: str, price: float) -> str:
        """Return one of CLASSES: the economy gains surely, it cannot be told, it does not."""
        least, most = self.gains(economy, price)
        return CLASSES[0] if least > LEAST else CLASSES[1] if most > LEAST else CLASSES[2]

    def both(self, pair: tuple[str, str], price: float) -> str:
        """Return one of CLASSES for both: each gains surely, at least one surely does not, or it cannot be told."""
        return max((self.side(e, price) for e in pair), key=CLASSES.index)


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


def grid(system: System) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the ratios and caps (GWh) that are looked at for a pair: the usual ones, its own ratio, its caps seen."""
    ratio, cap = system.parameters["swap-ratio"], system.parameters["swap-cap"]
    return tuple(sorted({*RATIOS, ratio.mode})), tuple(sorted({*CAPS, cap.low, cap.high}))


def offers(
    system: System,
    year: int,
    pair: tuple[str, str],
    *,
    hydrology: str = "mean",
    growth: str = "mode",
    ratios: Sequence[float] | None = None,
    caps: Sequence[float] | None = None,
    among: Sequence[Season] | None = None,
    slack: float = SLACK,
) -> tuple[Offer, ...]:
    """Return every contract of the grid with what it is worth to each economy; raises InputError for a bad grid.

    `ratios` and `caps` are those of `grid` where none are given.
    The joint cost of the year with a contract may lie `slack` (mn USD) above its least; the year without one has its
    least cost. Contracts that the line of the exchange cannot carry are left out.
    """
    usual_ratios, usual_caps = grid(system)
    ratios, caps = usual_ratios if ratios is None else ratios, usual_caps if caps is None else caps
    _check(ratios, caps, slack)
    of = case(system, year, "purchases", members=pair, hydrology=hydrology)
    demand = demand_at(system, year, growth)
    of = of.at(demand={n: demand[n] for n in of.nodes})
    before, price = kept_to(system, of), system.parameters["water-price"]
    none, low = accounts(system, before, 0.0), system.lowest().id
    sold = {p.id for p in system.plants if p.id in before.generation and p.payee in pair}
    found = []
    for season in among or seasons(system):
        every = [_contract(system, season, ratio, cap) for ratio in ratios for cap in caps]
        every = [swap for swap in every if carried(swap)]
        if not every:
            continue
        whole = kept(year_programme(system, of.at(swap=every[0])))
        for m, month in enumerate(whole.months):
            for name in sold:
                whole.solver.bound(month.generation[name], before.generation[name][m], before.generation[name][m])
        ends = Ends(system, whole, pair, (price.low, price.mode, price.high), sold)
        need = {e: w.short(before.release[low] + before.spill[low]) for e, w in ends.water.items()}
        for swap in every:
            _put(whole, swap)
            then = accounts(system, read(whole), 0.0)
            # the years around it have the yields of the best one
            near = ends.around(whole.solver.solve(), slack)
            # What one side sells the other is the same in all years of a contract, and so is what is paid for it.
            paid = {e: then[e].total - near[0].power[e] for e in pair}
            found.append(
                Offer(
                    season.name,
                    swap.ratio,
                    swap.cap,
                    tuple(
                        Point(
                            {e: none[e].total - paid[e] - x.power[e] for e in pair},
                            {e: need[e] - v for e, v in x.water.items()},
                        )
                        for x in near
                    ),
                    {e: none[e].unserved - then[e].unserved for e in pair},
                )
            )
    economy = {n.id: n.economy for n in system.nodes}
    return widened(found, system.home().economy, economy[swap_contract(system).partner])


def widened(found: Sequence[Offer], giver: str, returner: str) -> tuple[Offer, ...]:
    """Return the offers with ranges in which more returned is never better for who returns, nor worse for who gives.

    For the same power given, what returns more can look better for who returns it, since the hours suit both
    together and not each. That is the hours and not the contract: the least gain of who returns is no more than
    with any lower ratio of the grid, its most no less than with any higher one; and the other way round for the giver.
    """
    made = []
    for o in found:
        kin = [x for x in found if (x.season, x.cap) == (o.season, o.cap)]
        less = tuple(p for x in kin if x.ratio <= o.ratio for p in x.near)
        more = tuple(p for x in kin if x.ratio >= o.ratio for p in x.near)
        made.append(replace(o, low={returner: less, giver: more}, high={returner: more, giver: less}))
    return tuple(made)


def _lines_of(years: Sequence[Point], economy: str) -> list[tuple[float, float]]:
    """Return (gain by power, water) of an economy in each year: its gain is a line in the price of water."""
    return [(x.power[economy], x.water.get(economy, 0.0)) for x in years]


def _rises(power: float, water: float, highest: float) -> float | None:
    """Return from which price on a line is no loss up to `highest`; None if it is one there."""
    if power + water * highest < 0:
        return None
    return 0.0 if power >= 0 else -power / water


def _put(year: Year, swap: Swap) -> None:
    """Have the programme of a year know another contract of the same season."""
    share = swap.cap / len(swap.give)
    for month in year.months:
        for column in month.returned:
            year.solver.coefficient(month.agreed, int(column), 1.0 / swap.ratio)
        if month.share >= 0:
            year.solver.limit(month.share, share, share)
        year.solver.bound(np.array([month.credit], dtype=np.int32), np.zeros(1), np.array([swap.cap]))


def both_prefer(found: Sequence[Offer], pair: tuple[str, str], price: float) -> tuple[Offer, ...]:
    """Return the contracts from which both of `pair` surely gain with irrigation water at `price` mn USD/km3."""
    return tuple(o for o in found if o.both(pair, price) == CLASSES[0])


def settlement(found: Sequence[Offer], pair: tuple[str, str], price: float) -> Offer | None:
    """Return the contract with the greatest product of least gains (Nash 1950), no payment beside it; None if none."""
    good = both_prefer(found, pair, price)
    return max(good, key=lambda o: o.gains(pair[0], price)[0] * o.gains(pair[1], price)[0], default=None)


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


def _check(ratios: Sequence[float], caps: Sequence[float], slack: float) -> None:
    problems = [
        Problem("ratios", "ratio", f"{r:g} MWh for one", "write ratios above 0, up to 5")
        for r in ratios
        if not 0 < r <= 5
    ]
    problems += [Problem("caps", "cap", f"{c:g} GWh", "write caps above 0") for c in caps if not c > 0]
    if not 0 <= slack <= 100:
        problems.append(Problem("slack", "range", f"{slack:g} mn USD a year", "write 0 to 100"))
    if problems:
        raise InputError(problems)
