"""The model's record: what each effect at a crossing does to trade costs, once waits and choices have settled.

    outlook.flow, border.curve ─▶ for each draw: constants that give today's shares at today's waits
        ─▶ waits and trucks that agree at the trade of the middle year (`balance`)
        ─▶ how waits answer waits (`reaction`): dW = (I - R)⁻¹ s for the hours s of an effect
        ─▶ Δ expected cost of a tonne / value of a tonne, over sections ─▶ freight.response

The hours s of an effect are its own (`border.hours`), or what its capacity takes from the curve (`border.capacity`).
A year's s follows from that year's trucks (`yearly`): freight writes what is held, `birge.models.freight.yearly` reads
the year's trade. Linear in s but for the cost itself; `tests/reference/test_freight_coupling.py` tells the error
against full solves. A pair without a network or crossings has no response.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.factbook import Factbook
from birge.factbook.border import crossing_rows
from birge.factbook.network import Network, corridors, freight_parameters, section_values
from birge.factbook.observation import last_data_year
from birge.factbook.parameters import Parameter, road_shares
from birge.models.freight.choice import Demand, Market, demand, market
from birge.models.freight.goods import Costs, costs, sections_of
from birge.models.freight.response import curve_of, responses, settled, shift
from birge.models.freight.study import trade_of
from birge.plan.crossing import AtCrossing, at_crossings
from birge.plan.distribution import sample
from birge.plan.scenario import Scenario
from birge.plan.schema import Distribution, Plan
from birge.rng import BLOCK, Streams
from birge.spec import Model, World

__all__ = ["MODEL", "Inputs", "Prepared", "prepare", "setup"]

Floats = NDArray[np.float64]
PAIRS = 8
"""Pairs of places that stand for all in the ensemble; a test says how far off they are."""
CLOSE = 1e-3
"""Residual of the fixed point in the ensemble, hours."""
CLASSES = ("perishables", "bulk", "general", "valuables")


@dataclass(frozen=True)
class Inputs:
    """Everything read from plan, factbook and scenario; `middle` is the place of the year that is solved in `years`.

    `bordered` are the crossings that the border model has, in its order.
    """

    pair: tuple[str, str]
    network: Network
    usd: tuple[float, float]
    years: tuple[int, ...]
    middle: int
    effects: tuple[AtCrossing, ...]
    bordered: tuple[str, ...]
    road: tuple[Parameter, Parameter]
    truck_shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Prepared:
    """Today's market; None where there is no network."""

    inputs: Inputs
    market: Market | None


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
        len(years) // 2,
        at_crossings(plan, scenario, as_of),
        tuple(sorted({r.crossing for r in crossing_rows((a, b)) if r.variant == "today"})),
        road_shares((a, b)),
        tuple((i, (low + high) / 2) for i, low, high in factbook.crossings((a, b))),
    )


def prepare(inputs: Inputs, _streams: Streams) -> Prepared:
    """Build today's market."""
    if not inputs.network.nodes:
        return Prepared(inputs, None)
    wanted = demand(inputs.network, inputs.pair, sections_of(inputs.pair), inputs.usd, PAIRS)
    by_road = (dict(inputs.road[0].numbers)["mean"], dict(inputs.road[1].numbers)["mean"])
    made = market(inputs.network, inputs.pair, wanted, costs(), by_road, dict(inputs.truck_shares))
    return Prepared(inputs, made)


def _run(prepared: Prepared, world: World, streams: Streams) -> Mapping[str, Floats]:
    """Return, at the middle year's trade, trucks and the response of trade costs to each effect at full size."""
    i, m = prepared.inputs, prepared.market
    n, effects = streams.draws, len(i.effects)
    count = 0 if m is None else len(m.crossings)
    trucks, other = np.zeros((n, count, 2)), np.zeros((n, count, 2))
    hours, response = np.zeros((n, effects, count, 2)), np.zeros((n, effects, 2))
    if m is not None:
        sizes = [sample(e.size, streams.at(f"trade/effect/{e.name}"), (BLOCK,))[:n] for e in i.effects]
        drawn, values = _drawn(streams), _values(streams, list(section_values()))
        usd = world["outlook.flow"][:, i.middle].mean(axis=2)
        other[:] = m.other
        for d in range(n):
            wanted = _revalued(replace(m.demand, usd=(float(usd[d, 0]), float(usd[d, 1]))), values, drawn, d)
            curve = curve_of(m, i.bordered, world, d)
            case = settled(replace(m, demand=wanted, costs=_costs(m.costs, drawn, d)), curve, i.usd, CLOSE)
            trucks[d] = case.trucks
            for k, e in enumerate(i.effects):
                hours[d, k] = shift(m.crossings, i.pair, curve, e, float(sizes[k][d]), case.trucks)
            response[d] = responses(case, hours[d])
    return {
        "freight.trucks_middle": trucks,
        "freight.trucks_other": other,
        "freight.hours_middle": hours,
        "freight.response": response,
    }


def _drawn(streams: Streams) -> dict[str, Floats]:
    """Draw the uncertain parameters of cost [draw]."""
    names = ("reliability_ratio", "truck_hour", "empty_returns", *(f"day_{c}" for c in CLASSES))
    known = freight_parameters()
    return {k: _sampled(known[k], streams.at(f"freight/{k}"))[: streams.draws] for k in names}


def _values(streams: Streams, sections: list[str]) -> Mapping[str, Floats]:
    """Draw the value of a tonne by section [draw]."""
    known = section_values()
    return {s: _sampled(known[s], streams.at(f"freight/value/{s}"))[: streams.draws] for s in sections}


def _sampled(p: Parameter, rng: np.random.Generator) -> Floats:
    return sample(Distribution.model_validate({"kind": p.kind, **dict(p.numbers)}), rng, (BLOCK,))


def _costs(usual: Costs, drawn: Mapping[str, Floats], d: int) -> Costs:
    known = {k: float(drawn[k][d]) for k in ("reliability_ratio", "truck_hour", "empty_returns")}
    return replace(usual, **known)


def _revalued(wanted: Demand, values: Mapping[str, Floats], drawn: Mapping[str, Floats], d: int) -> Demand:
    """Return the demand with the draw's value of a tonne and of a day; tonnes follow."""
    goods: Any = tuple(
        tuple(
            replace(g, value=float(values[g.name][d]), day=float(drawn[f"day_{c}"][d]))
            for g, c in zip(side, names, strict=True)
        )
        for side, names in zip(wanted.goods, wanted.classes, strict=True)
    )
    return replace(wanted, goods=goods)


MODEL: Model[Inputs, Prepared] = Model(
    id="freight",
    inputs=Inputs,
    reads=("outlook.flow", "border.knots", "border.levels", "border.curve"),
    writes=("freight.trucks_middle", "freight.trucks_other", "freight.hours_middle", "freight.response"),
    setup=setup,
    prepare=prepare,
    run=_run,
)
