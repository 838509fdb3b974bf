"""Water and electricity of a pair: a year month by month on the side that holds the water, and what exchange is worth.

    tables ─▶ power_system(pair) ─▶ water_year(…)   who generates, what is missing, given and returned, the reservoir
                                 ─▶ exchange(…)     gains of standing together, and one way to share them

The year repeats itself (it ends with the water it began with). Shares of gains and values of a third state are
illustrative and for analysts. A pair without a power system in the tables has none.
"""

from __future__ import annotations

from dataclasses import dataclass

from birge.models.power import power_system
from birge.models.power.balance import need, supply
from birge.models.power.case import HYDROLOGY, REGIMES
from birge.models.power.contracts import Offer
from birge.models.power.dispatch import Dispatch
from birge.models.power.exchange import Game
from birge.models.power.system import System

__all__ = [
    "HYDROLOGY",
    "REGIMES",
    "Exchange",
    "Gain",
    "Month",
    "SolvedYear",
    "WaterYear",
    "contracts",
    "exchange",
    "system_of",
    "year_solved",
]


@dataclass(frozen=True)
class Month:
    """A month (1 to 12): GWh by source, demand, missing, given, returned and sold; km3 at its end.

    Sources, missing and returned add up to demand, given and sold.
    """

    month: int
    sources: dict[str, float]
    demand: float
    missing: float
    given: float
    returned: float
    sold: float
    volume: float


@dataclass(frozen=True)
class WaterYear:
    """A year of the side that holds the water; `reservoir` is its lowest, `stop` and `full` its bounds in km3."""

    year: int
    regime: str
    hydrology: str
    economy: str
    reservoir: str
    start: float
    stop: float
    full: float
    months: tuple[Month, ...]


@dataclass(frozen=True)
class SolvedYear:
    """A year by month for the page, and the optimum it was read from."""

    water: WaterYear
    dispatch: Dispatch


@dataclass(frozen=True)
class Gain:
    """What a coalition of economies saves a year, mn USD, of it missing power avoided; change of CO2, Mt."""

    members: tuple[str, ...]
    gain: float
    missing_power: float
    carbon: float
    outside: dict[str, float]


@dataclass(frozen=True)
class Exchange:
    """Gains at one price of irrigation water (mn USD/km3), their Shapley shares, and whether no pair would leave.

    `against` is what the year is compared with: today's exchange or standing alone.
    """

    against: str
    price: float
    gains: tuple[Gain, ...]
    shares: dict[str, float]
    stable: bool


def system_of(pair: tuple[str, str]) -> System | None:
    """Return the power system of a pair, None where the tables have none."""
    return power_system(pair)


def year_solved(system: System, year: int, hydrology: str = "mean", regime: str = "swap") -> SolvedYear:
    """Return the year of the side that holds the water under a regime of exchange, of all where lines are open."""
    from birge.models.power import case, dispatch

    home = system.home()
    members = None if regime == "free" else (home.economy,)
    made = dispatch(system, case(system, year, regime, members=members, hydrology=hydrology))
    lowest = system.lowest()
    water = WaterYear(
        year,
        regime,
        hydrology,
        home.economy,
        lowest.id,
        float(made.volume[lowest.id][0]),
        lowest.stop_km3,
        lowest.full_km3,
        tuple(_month(system, made, lowest.id, m) for m in range(12)),
    )
    return SolvedYear(water, made)


def exchange(system: System, year: int, hydrology: str = "mean") -> tuple[Exchange, ...]:
    """Return what open lines are worth at the low, usual and high price of water: against today, then standing alone.

    Standing alone most of the gain is missing power at its assumed cost.
    """
    from birge.models.power.exchange import worth

    price = system.parameters["water-price"]
    return tuple(
        _gains(worth(system, year, p, hydrology, base=base), against)
        for base, against in (("swap", "today"), ("isolated", "alone"))
        for p in (price.low, price.mode, price.high)
    )


def contracts(system: System, year: int, pair: tuple[str, str], hydrology: str = "mean") -> tuple[Offer, ...]:
    """Return contracts of today's season by ratio and volume, with the range of what each side gains."""
    from birge.models.power.contracts import offers, seasons

    return offers(system, year, pair, hydrology=hydrology, among=seasons(system)[:1])


def _gains(game: Game, against: str) -> Exchange:
    from birge.models.power.exchange import in_core, shapley

    shares, before = dict(shapley(game)), game.carbon[frozenset()]
    gains = tuple(
        Gain(
            tuple(x for x in game.players if x in c),
            game.gain(c),
            game.unserved(c),
            game.carbon[c] - before,
            dict(game.felt_outside(c)),
        )
        for c in game.cost
        if c
    )
    return Exchange(against, game.price, gains, shares, in_core(game, shares))


def _month(system: System, made: Dispatch, lowest: str, m: int) -> Month:
    economy = system.home().economy
    nodes = [n.id for n in system.nodes if n.economy == economy]
    of = {k: float(v[m].sum()) for k, v in supply(system, made, nodes).items()}
    apart = ("missing", "rationed", "given", "returned", "sold")
    return Month(
        m + 1,
        {k: v for k, v in of.items() if k not in apart},
        float(need(system, made, nodes)[m].sum()),
        of["missing"] + of["rationed"],
        -of.get("given", 0.0),
        of.get("returned", 0.0),
        -of.get("sold", 0.0),
        float(made.volume[lowest][m + 1]),
    )
