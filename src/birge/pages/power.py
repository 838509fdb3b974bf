"""Water and electricity of a pair: a year month by month on the side that holds the water, and what exchange is worth.

    tables ─▶ power_system(pair) ─▶ water_year(…)   who generates, what is missing, given and returned, the reservoir
                                 ─▶ exchange(…)     gains of standing together, and one way to share them

The year repeats itself (it ends with the water it began with). Shares of gains and values of a third state are
illustrative and for analysts. A pair without a power system in the tables has none.
"""

from __future__ import annotations

from dataclasses import dataclass

from birge.models.power import power_system
from birge.models.power.case import HYDROLOGY, REGIMES
from birge.models.power.dispatch import Dispatch
from birge.models.power.system import Line, System

__all__ = [
    "HYDROLOGY",
    "REGIMES",
    "Exchange",
    "Gain",
    "Month",
    "SolvedYear",
    "WaterYear",
    "exchange",
    "system_of",
    "year_solved",
]


@dataclass(frozen=True)
class Month:
    """A month (1 to 12): GWh by source, demand, missing, given and returned; km3 at its end."""

    month: int
    sources: dict[str, float]
    demand: float
    missing: float
    given: float
    returned: float
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
    """What a coalition of economies saves a year against standing alone, mn USD; change of CO2, Mt."""

    members: tuple[str, ...]
    gain: float
    carbon: float
    outside: dict[str, float]


@dataclass(frozen=True)
class Exchange:
    """Gains at one price of irrigation water (mn USD/km3), their Shapley shares, and whether no pair would leave."""

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
    """Return what exchange is worth at the low, usual and high price of water."""
    from birge.models.power.exchange import in_core, shapley, worth

    price = system.parameters["water-price"]
    found = []
    for p in (price.low, price.mode, price.high):
        game = worth(system, year, p, hydrology)
        shares = dict(shapley(game))
        alone = game.carbon[frozenset()]
        gains = tuple(
            Gain(
                tuple(x for x in game.players if x in c),
                game.gain(c),
                game.carbon[c] - alone,
                dict(game.felt_outside(c)),
            )
            for c in game.cost
            if c
        )
        found.append(Exchange(p, gains, shares, in_core(game, shares)))
    return tuple(found)


def _month(system: System, made: Dispatch, lowest: str, m: int) -> Month:
    from birge.models.power.month import load

    economy = system.home().economy
    nodes = [n.id for n in system.nodes if n.economy == economy]
    sources = {"cascade": sum(float(v[m].sum()) for v in made.hydro.values())}
    plants = [(p.id, p.node, p.technology) for p in system.plants]
    plants += [(p.id, p.node, p.technology) for p in system.projects]
    for ident, node, kind in plants:
        if node in nodes and ident in made.generation:
            sources[kind] = sources.get(kind, 0.0) + float(made.generation[ident][m].sum())
    if made.forward:
        sources["lines"] = sum(_brought(x, made, set(nodes), m) for x in system.lines)
    return Month(
        m + 1,
        sources,
        sum(float(load(system, made.case, n, m).sum()) for n in nodes),
        sum(float((made.missing[n] + made.rationed[n])[m].sum()) for n in nodes),
        float(made.given[m].sum()),
        float(made.returned[m].sum()),
        float(made.volume[lowest][m + 1]),
    )


def _brought(line: Line, made: Dispatch, nodes: set[str], month: int) -> float:
    """Return what a line brings into `nodes` from outside in a month, GWh, less what it takes out."""
    inside = (line.from_node in nodes, line.to_node in nodes)
    if line.id not in made.forward or inside[0] == inside[1]:
        return 0.0
    there, back = float(made.forward[line.id][month].sum()), float(made.backward[line.id][month].sum())
    arriving, leaving = (there, back) if inside[1] else (back, there)
    return arriving * (1 - line.loss) - leaving
