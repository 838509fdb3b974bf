"""The model's record: what each effect on waits, capacity and links does to trade costs, once all have settled.

    outlook.flow, border.curve ─▶ for each draw: routes folded into crossings, constants that give today's shares
        ─▶ waits and trucks that agree, at levels of trade that span the years
        ─▶ the same with each effect at full size and all that stands when it comes in the draw (`birge.plan.crossing`):
           on hours, on the curve itself (`border.capacity`), on the ways (`freight.opening`)
        ─▶ Δ expected cost of a tonne / value of a tonne, over classes of goods ─▶ freight.response

What a year brings is read between the levels (`birge.models.freight.yearly`): it stands in a cycle with trade, and only
reads what is held here. `docs/decisions/0042` and `0043` say why, `tests/reference/test_freight_coupling.py` how far it
is from full solves of every route and section. A pair without a network or crossings has no response.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from birge.factbook import Factbook
from birge.factbook.border import crossing_rows
from birge.factbook.network import Network, corridors
from birge.factbook.observation import last_data_year
from birge.factbook.parameters import Parameter, road_shares
from birge.models.freight.choice import Market
from birge.models.freight.drawn import Goods, drawn_goods
from birge.models.freight.opened import Corridors, Opened, breadth, market_of, opened_ways
from birge.models.freight.response import Curves, curves_of, order_of, responses
from birge.models.freight.study import trade_of
from birge.plan.crossing import OPENING, AtCrossing, at_crossings, sizes_of
from birge.plan.scenario import Scenario
from birge.plan.schema import Plan
from birge.rng import Streams
from birge.spec import Model, World
from birge.units import month_of

__all__ = ["LEVELS", "MODEL", "Inputs", "Prepared", "levels_of", "prepare", "setup"]

Floats = NDArray[np.float64]
PAIRS = 8
"""Pairs of places that stand for all in the ensemble; a test says how far off they are."""
LEVELS = 6
"""Levels of trade: the years' of the outlook, at most so many less one, and one above them."""
ROOM = 1.15
"""How far the highest level is above the best year of the outlook, for what a plan adds."""

MARGIN = 1.0
"""Months after the last year up to which effects are solved: what is moved sooner still has its worth."""


@dataclass(frozen=True)
class Inputs:
    """Everything read from plan, factbook and scenario.

    `bordered` are the crossings that the border model has, in its order.
    """

    pair: tuple[str, str]
    network: Network
    usd: tuple[float, float]
    years: tuple[int, ...]
    effects: tuple[AtCrossing, ...]
    bordered: tuple[str, ...]
    road: tuple[Parameter, Parameter]
    truck_shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Prepared:
    """Today's market and its ways as links open; None where there is no network."""

    inputs: Inputs
    market: Market | None
    opened: Opened | None = None
    breadth: tuple[tuple[float, float], ...] = ()
    """Of each effect and direction: what it is worth to many pairs of places over that to `PAIRS`; 1 but for links."""


def setup(plan: Plan, factbook: Factbook, scenario: Scenario | None, as_of: date) -> Inputs:
    """Read the network of the plan's pair, its trade, and effects at crossings."""
    a, b = (p.code for p in plan.parties)
    network = corridors((a, b))
    data_year = last_data_year(factbook.observations((a, b), as_of), (a, b)) or plan.start - 1
    end = max([plan.end, *(t.year for _, t in plan.targets()), data_year + 1])
    years = tuple(range(data_year, end + 1))
    return Inputs(
        (a, b),
        network,
        trade_of(factbook, (a, b))[:2] if network.nodes else (0.0, 0.0),
        years,
        at_crossings(plan, scenario, as_of),
        tuple(sorted({r.crossing for r in crossing_rows((a, b)) if r.variant == "today"})),
        road_shares((a, b)),
        tuple((i, (low + high) / 2) for i, low, high in factbook.crossings((a, b))),
    )


def prepare(inputs: Inputs, _streams: Streams) -> Prepared:
    """Build today's market and what opens."""
    if not inputs.network.nodes:
        return Prepared(inputs, None)
    by_road = (dict(inputs.road[0].numbers)["mean"], dict(inputs.road[1].numbers)["mean"])
    few = Corridors(inputs.network, inputs.pair, inputs.usd, by_road, inputs.truck_shares, PAIRS)
    opened = opened_ways(few, inputs.effects)
    wide = tuple(breadth(few, e.opens) if k in opened.effects else (1.0, 1.0) for k, e in enumerate(inputs.effects))
    return Prepared(inputs, market_of(few), opened, wide)


def _run(prepared: Prepared, world: World, streams: Streams) -> Mapping[str, Floats]:
    """Return, by level of trade, waits, trucks and the response of trade costs to each effect at full size."""
    i, m, opened = prepared.inputs, prepared.market, prepared.opened
    n, effects = streams.draws, len(i.effects)
    usd = levels_of(world["outlook.flow"])
    count = 0 if m is None else len(m.crossings)
    levels = usd.shape[1]
    waits, trucks = np.zeros((n, levels, 1 + effects, count, 2)), np.zeros((n, levels, count, 2))
    response = np.zeros((n, levels, effects, 2))
    if m is not None and opened is not None:
        sizes, order = (
            sizes_of(i.effects, streams),
            order_of(i.effects, opened, world["schedule.finish"], month_of(date(i.years[-1] + 1, 1, 1)) + MARGIN),
        )
        goods: Goods = drawn_goods(m.demand, streams)
        curves: Curves = curves_of(m, i.bordered, i.effects, i.pair, world, sizes, order)
        waits, trucks, response = responses(m, goods, curves, opened, order, i.usd, usd)
        for k, e in enumerate(i.effects):
            if e.driver == OPENING:
                response[:, :, k] *= sizes[k][:, None, None] * np.array(prepared.breadth[k])
    return {
        "freight.level": usd.sum(axis=2),
        "freight.waits": waits,
        "freight.trucks_level": trucks,
        "freight.response": response,
    }


def levels_of(flow: Floats) -> Floats:
    """Return mn USD [draw, level, direction] over years of `flow` [draw, year, direction, reporter], least first."""
    yearly = np.maximum(flow.mean(axis=3), 1e-6)[:, 1:]
    order = np.argsort(yearly.sum(axis=2), axis=1)
    chosen = np.unique(np.linspace(0, order.shape[1] - 1, LEVELS - 1).round().astype(np.int64))
    held = np.take_along_axis(yearly, order[:, chosen, None], axis=1)
    return np.concatenate([held, ROOM * held[:, -1:]], axis=1)


MODEL: Model[Inputs, Prepared] = Model(
    id="freight",
    inputs=Inputs,
    reads=("schedule.finish", "outlook.flow", "border.knots", "border.curve"),
    writes=("freight.level", "freight.waits", "freight.trucks_level", "freight.response"),
    setup=setup,
    prepare=prepare,
    run=_run,
)
