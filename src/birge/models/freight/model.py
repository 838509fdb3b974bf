"""The model's record: trade flows and opening dates to waits, trucks and the change of trade costs, per draw and year.

setup (network, trade today, effects on `border.hours`) → prepare (a market for every set of openings that changes the
pair's ways; today's fixed point) → run: for each draw and year waits and trucks that agree at that year's trade,
with the hours that finished measures take from crossings, from the year's share in which they are at work.

`Inputs.knots` and `hours` are the waits over trucks; a model of crossings may put its own in their place, and pass
`border.delay` [draw, year, crossing, direction] hours to be added. A pair without a network has crossings of length 0
and no change of cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.factbook import Factbook
from birge.factbook.network import Network, corridors, freight_parameters, section_values
from birge.factbook.observation import last_data_year
from birge.factbook.parameters import Parameter, road_shares
from birge.models.freight.choice import Demand, Market, Settled, demand, market, settle
from birge.models.freight.goods import Costs, costs, sections_of
from birge.models.freight.study import openings_of, trade_of
from birge.plan.distribution import sample
from birge.plan.scenario import Scenario
from birge.plan.schema import Distribution, Plan
from birge.rng import BLOCK, Streams
from birge.spec import Model, World

__all__ = ["MODEL", "Effect", "Inputs", "Prepared"]

Floats = NDArray[np.float64]
PAIRS = 8
"""Pairs of places that stand for all in the ensemble; a test says how far off they are."""
CLOSE = 1e-3
"""Residual of the fixed point in the ensemble, hours."""
CLASSES = ("perishables", "bulk", "general", "valuables")


@dataclass(frozen=True)
class Effect:
    """Hours that a measure takes from a crossing (empty: all) from a milestone's finish (-1: never) on."""

    name: str
    milestone: int
    crossing: str
    size: Distribution
    ramp: float


@dataclass(frozen=True)
class Inputs:
    """Everything read from plan, factbook and scenario; `openings` are (name, milestone or -1, months after it)."""

    pair: tuple[str, str]
    network: Network
    usd: tuple[float, float]
    years: tuple[int, ...]
    openings: tuple[tuple[str, int, float], ...]
    effects: tuple[Effect, ...]
    road: tuple[Parameter, Parameter]
    truck_shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Prepared:
    """A market for each set of openings that matters, and today's waits."""

    inputs: Inputs
    markets: Mapping[tuple[str, ...], Market]
    today: Settled | None


def _setup(plan: Plan, factbook: Factbook, scenario: Scenario | None, as_of: date) -> Inputs:
    """Read the network of the plan's pair, its trade, what opens links, and effects on hours at crossings."""
    a, b = (p.code for p in plan.parties)
    network = corridors((a, b))
    place = {m.id: k for k, m in enumerate(plan.milestones())}
    data_year = last_data_year(factbook.observations((a, b), as_of), (a, b)) or plan.start - 1
    end = max([plan.end, *(t.year for _, t in plan.targets()), data_year + 1])
    usd = trade_of(factbook, (a, b))[:2] if network.nodes else (0.0, 0.0)
    effects = tuple(
        Effect(f"{m.id}/{n}", place[e.start], e.select.get("crossing", ""), e.size, e.ramp_months)
        for m in plan.measures
        for n, e in enumerate(m.effects)
        if e.driver == "border.hours" and (e.known_on is None or e.known_on <= as_of)
    )
    return Inputs(
        (a, b),
        network,
        usd,
        tuple(range(data_year, end + 1)),
        tuple((name, place.get(m, -1), lag) for name, (m, lag) in openings_of(network).items()),
        effects,
        road_shares((a, b)),
        tuple((i, (low + high) / 2) for i, low, high in factbook.crossings((a, b))),
    )


def _prepare(inputs: Inputs, _streams: Streams) -> Prepared:
    """Build the markets, leaving out openings that change no way of the pair."""
    if not inputs.network.nodes:
        return Prepared(inputs, {}, None)
    wanted = demand(inputs.network, inputs.pair, sections_of(inputs.pair), inputs.usd, PAIRS)

    def made(opened: tuple[str, ...]) -> Market:
        shares = dict(inputs.truck_shares)
        by_road = (dict(inputs.road[0].numbers)["mean"], dict(inputs.road[1].numbers)["mean"])
        return market(inputs.network, inputs.pair, wanted, costs(), by_road, shares, opened=opened)

    today = made(())
    alone = {name: made((name,)) for name, _, _ in inputs.openings}
    every = made(tuple(alone))
    # What changes nothing alone may still matter beside others: the last link of two.
    matter = [
        name
        for name, m in alone.items()
        if not _same(m, today) or not _same(every, made(tuple(n for n in alone if n != name)))
    ]
    markets: dict[tuple[str, ...], Market] = {(): today}
    for count in range(1, len(matter) + 1):
        for chosen in combinations(sorted(matter), count):
            markets[chosen] = made(chosen)
    return Prepared(inputs, markets, settle(today))


def _run(prepared: Prepared, world: World, streams: Streams) -> Mapping[str, Floats]:
    """Return cost changes by section, waits and trucks."""
    i = prepared.inputs
    n, y = streams.draws, len(i.years)
    sections = list(section_values())
    cost = np.zeros((n, y, 2, len(sections)))
    today = prepared.today
    if today is None:
        empty = np.zeros((n, y, 0, 2))
        return {"freight.cost": cost, "freight.wait": empty, "freight.trucks": empty.copy()}
    crossings = prepared.markets[()].crossings
    waits, trucks = np.zeros((n, y, len(crossings), 2)), np.zeros((n, y, len(crossings), 2))
    finish = world["schedule.finish"]
    flows = world["trade.flow"].mean(axis=3) if "trade.flow" in world else None
    shift = _shifts(i, crossings, finish, streams)
    if "border.delay" in world:
        shift = shift + world["border.delay"]
    drawn = _drawn(streams)
    values = _values(streams, sections)
    base_wanted, usual = prepared.markets[()].demand, costs()
    matter = {o for key in prepared.markets for o in key}
    for d in range(n):
        known = _costs(usual, drawn, d)
        first: tuple[Floats, Floats] | None = None
        start = today.waits
        for k, year in enumerate(i.years):
            opened = tuple(sorted(_opened(i, finish[d], year) & matter))
            m = prepared.markets[opened]
            usd = i.usd if flows is None else (float(flows[d, k, 0]), float(flows[d, k, 1]))
            wanted = _revalued(replace(base_wanted, usd=usd), values, drawn, d)
            if first is None:
                held = replace(prepared.markets[()], demand=replace(wanted, usd=i.usd), costs=known)
                first = settle(held, start=start, tolerance=CLOSE, coarse=True).cost
            found = settle(replace(m, demand=wanted, costs=known), shift[d, k], start, CLOSE, coarse=True)
            start = found.waits
            waits[d, k], trucks[d, k] = found.waits, found.trucks
            for side in (0, 1):
                at = [sections.index(g.name) for g in wanted.goods[side]]
                value = np.array([g.value for g in wanted.goods[side]])
                cost[d, k, side, at] = (found.cost[side] - first[side]) / value
    return {"freight.cost": cost, "freight.wait": waits, "freight.trucks": trucks}


def _same(a: Market, b: Market) -> bool:
    return all(
        np.array_equal(x, y) for p, q in zip(a.options, b.options, strict=True) for x, y in zip(p, q, strict=True)
    )


def _opened(i: Inputs, finish: Floats, year: int) -> set[str]:
    """Return what is open by the middle of `year` in a draw."""
    middle = (year - 2000) * 12 + 6
    return {name for name, m, lag in i.openings if m >= 0 and finish[m] + lag <= middle}


def _shifts(i: Inputs, crossings: tuple[str, ...], finish: Floats, streams: Streams) -> Floats:
    """Return hours added to waits [draw, year, crossing, direction] by measures, at the year's mean.

    Sizes are drawn under the names that the trade model draws them by, so both see the same numbers.
    """
    total = np.zeros((streams.draws, len(i.years), len(crossings), 2))
    months = np.arange(12) + 0.5
    for e in i.effects:
        size = sample(e.size, streams.at(f"trade/effect/{e.name}"), (BLOCK,))[: streams.draws]
        begun = finish[:, e.milestone]
        at = [k for k, c in enumerate(crossings) if e.crossing in ("", c)]
        for k, year in enumerate(i.years):
            since = (year - 2000) * 12 + months[None, :] - begun[:, None]
            on = np.clip(since / e.ramp, 0.0, 1.0) if e.ramp > 0 else (since >= 0).astype(np.float64)
            total[:, k, at, :] += (size * on.mean(axis=1))[:, None, None]
    return total


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
    reads=("schedule.finish", "trade.flow"),
    writes=("freight.cost", "freight.wait", "freight.trucks"),
    setup=_setup,
    prepare=_prepare,
    run=_run,
)
