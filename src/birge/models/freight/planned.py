"""What of a plan stands at a pair's crossings and on its links by a day, and its corridors then, waits agreeing.

    plan, dates of its milestones, day ─▶ works ─▶ standing
    pair, network, regime ─▶ state_today ─▶ ways, waits, trucks; with standing ─▶ state_planned ─▶ the same

Measures are taken at the mean of their size and at once, whatever their ramp; sizes are drawn, and dated, in the
assessment only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError
from birge.factbook import Factbook
from birge.factbook.network import Network
from birge.models.freight.choice import Market, Settled, reopened, settle
from birge.models.freight.corridor import Indicators, by_mode
from birge.models.freight.goods import Goods
from birge.models.freight.routes import Route, Waits, routes
from birge.models.freight.study import Study, study
from birge.plan.crossing import CAPACITY, HOURS, OPENING, AtCrossing, at_crossings
from birge.plan.distribution import mean
from birge.plan.schema import Plan
from birge.units import date_of, month_of
from birge.variables import variables

__all__ = [
    "AtWork",
    "Standing",
    "State",
    "standing",
    "state_planned",
    "state_today",
    "waits_of",
    "waits_with",
    "works",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AtWork:
    """An effect of a plan at crossings ("" for all) or on links, at its mean size: hours, or a factor on trucks a day.

    It `begins` some months after a milestone, None where that has no date; it `counts` if it stands by the day asked.
    """

    measure: str
    milestone: str
    begins: date | None
    size: float
    assumed: bool
    counts: bool
    effect: AtCrossing


@dataclass(frozen=True)
class Standing:
    """What of a plan stands: effects on waits and capacity of crossings, and what is open (`Network.openings`)."""

    effects: tuple[AtCrossing, ...] = ()
    opened: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """A pair's corridors in one state of its links and crossings; `settled` has waits and trucks that agree.

    Raises InputError from its methods where no way leads between two places.
    """

    study: Study
    market: Market
    regime: str
    opened: tuple[str, ...]
    settled: Settled

    def routes(self, start: str, end: str, goods: Goods) -> list[Route]:
        """Return the ways between two places by id with their shares, the most used first."""
        made, waits = self.study, waits_of(self.market, self.settled)
        return routes(made.network, made.pair, start, end, goods, made.costs, self.opened, waits, made.constants)

    def indicators(self, found: Sequence[Route], goods: Goods) -> dict[str, Indicators]:
        """Return the indicators of a corridor by road, by rail, and over all its ways."""
        return by_mode(found, goods, self.study.costs, self.study.network)


def works(
    plan: Plan, network: Network, dates: Mapping[str, date | None], day: date | None, as_of: date = date.max
) -> tuple[AtWork, ...]:
    """Return a plan's effects on crossings and links that are known on `as_of`, with `dates` of its milestones by id.

    Those that begin by `day` count; all, if that is None. An effect at a crossing without a wait never counts.
    """
    stones = plan.milestones()
    sources = {f"{m.id}/{n}": e for m in plan.measures for n, e in enumerate(m.effects)}
    made = []
    for e in at_crossings(plan, None, as_of):
        stone = stones[e.milestone].id
        done = dates.get(stone)
        begins = None if done is None else month_of(done) + e.lag
        there = e.driver == OPENING or e.crossing in ("", *network.passages)
        counts = there and (day is None or (begins is not None and begins <= month_of(day)))
        starts = None if begins is None else date_of(begins)
        measure = e.name.partition("/")[0]
        made.append(AtWork(measure, stone, starts, _mean(e), sources[e.name].assumed, counts, e))
    return tuple(made)


def standing(network: Network, found: Iterable[AtWork]) -> Standing:
    """Return what counts of a plan's effects."""
    counted = [w.effect for w in found if w.counts]
    opens = {o for e in counted for o in e.opens}
    effects = tuple(e for e in counted if e.driver != OPENING)
    return Standing(effects, tuple(o for o in network.openings() if o in opens))


def state_today(pair: tuple[str, str], network: Network, regime: str = "normal") -> State:
    """Return the corridors of `pair` on `network` today under a regime of control.

    Raises InputError for a pair without a network, without crossings in use, or without figures of its trade.
    """
    made = study(pair, Factbook.embedded(), (), regime, network=network)
    if made.market is None:
        message = f"no crossing of {'-'.join(pair)} has figures of its trucks"
        raise InputError.at("--pair", "network-missing", message, "name a pair with a network")
    return State(made, made.market, regime, (), settle(made.market))


def state_planned(today: State, there: Standing) -> State:
    """Return the corridors with what stands of a plan, once trucks have answered; constants of choice stay today's."""
    pair, market = today.study.pair, today.market
    if there.opened:
        market = reopened(market, pair, today.regime, there.opened)
    return replace(today, market=market, opened=there.opened, settled=waits_with(market, pair, there.effects))


def _mean(e: AtCrossing) -> float:
    return float(np.clip(mean(e.size), *variables()[e.driver].bounds))


def waits_with(made: Market, pair: tuple[str, str], effects: Sequence[AtCrossing]) -> Settled:
    """Return waits and trucks of a market, opened as it is, with `effects` on its crossings.

    A crossing that serves f times as many trucks has at f x trucks the wait that it has at x.
    """
    shift, factor = np.zeros((len(made.crossings), 2)), np.ones((len(made.crossings), 2))
    for e in effects:
        size = _mean(e)
        for c, name in enumerate(made.crossings):
            for d in (0, 1):
                if e.driver == HOURS and e.acts(name, d, pair):
                    shift[c, d] += size
                elif e.driver == CAPACITY and e.acts(name, d, pair):
                    factor[c, d] *= size
    return settle(replace(made, knots=made.knots * factor[:, :, None]), shift)


def waits_of(made: Market, settled: Settled) -> Waits:
    """Return settled waits as `routes` takes them; 0 where nobody waits."""
    at = {name: c for c, name in enumerate(made.crossings)}
    return lambda crossing, side: float(settled.waits[at[crossing], side]) if crossing in at else 0.0
