"""What the trade model reads of a plan, a scenario and the factbook: effects as rows, with their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from birge.errors import InputError, Problem
from birge.factbook import Factbook
from birge.factbook.border import crossing_rows
from birge.factbook.network import corridors
from birge.factbook.observation import last_data_year
from birge.factbook.parameters import Parameter, Routing, elasticities, road_shares, routing
from birge.factbook.world import WorldTrade, world_trade
from birge.models.trade.costs import Crossing
from birge.models.trade.diversion import Ratios
from birge.plan.crossing import CAPACITY, OPENING, at_crossings
from birge.plan.scenario import Scenario, ScenarioEffect
from birge.plan.schema import Distribution, Effect, Plan
from birge.units import month_of

__all__ = ["EffectRow", "Inputs", "Prepared", "setup"]


@dataclass(frozen=True)
class EffectRow:
    """One effect with its places: milestone in plan order (-1: starts at `opening`), measure (-1: scenario)."""

    name: str
    measure: int
    milestone: int
    opening: float
    driver: str
    directions: tuple[bool, bool]
    reporters: tuple[bool, bool]
    crossing: str | None
    size: Distribution
    ramp: float
    end: float
    half_life: float | None
    place: int = -1
    """Place among the effects of `freight.cost`; -1 where it has none."""
    lag: float = 0.0
    """Months after the milestone at which it begins."""


@dataclass(frozen=True)
class Inputs:
    """All effects of plan and scenario; `data_year` is the last year of data, `as_of` in months since 2000-01-01."""

    parties: tuple[str, str]
    measures: tuple[str, ...]
    effects: tuple[EffectRow, ...]
    crossings: tuple[Crossing, ...]
    data_year: int
    years: tuple[int, ...]
    as_of: float
    world: WorldTrade
    routing: tuple[Routing, ...]
    road: tuple[Parameter, Parameter]
    parameters: Mapping[str, Parameter]
    corridors: bool = False
    """Whether freight knows the pair's corridors; without them an hour has one value for all goods."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """Inputs with ρ on its grid; None where the pair is not in the world matrix. The same only as itself."""

    inputs: Inputs
    ratio: Ratios | None


def setup(plan: Plan, factbook: Factbook, scenario: Scenario | None, as_of: date) -> Inputs:
    """Read effects of plan and scenario, crossings and years; effects published after `as_of` are hidden."""
    a, b = (p.code for p in plan.parties)
    known = factbook.observations((a, b), as_of)
    data_year = last_data_year(known, (a, b)) or plan.start - 1
    end = max([plan.end, *(t.year for _, t in plan.targets()), data_year + 1])
    place = {m.id: k for k, m in enumerate(plan.milestones())}
    rows = [
        _row(e, f"{m.id}/{n}", k, place[e.start], (a, b))
        for k, m in enumerate(plan.measures)
        for n, e in enumerate(m.effects)
        if e.known_on is None or e.known_on <= as_of
    ]
    rows += [_outside(e, n, (a, b)) for n, e in enumerate(scenario.effects if scenario else ())]
    known_ways = bool(corridors((a, b)).nodes)
    acting = at_crossings(plan, scenario, as_of)
    place_of, lag_of = {e.name: k for k, e in enumerate(acting)}, {e.name: e.lag for e in acting}
    _reached(rows, known_ways, (a, b))
    return Inputs(
        (a, b),
        tuple(m.id for m in plan.measures),
        tuple(
            replace(r, place=place_of.get(r.name, -1) if known_ways else -1, lag=lag_of.get(r.name, 0.0)) for r in rows
        ),
        tuple(Crossing(i, low, high) for i, low, high in factbook.crossings((a, b))),
        data_year,
        tuple(range(data_year, end + 1)),
        month_of(as_of),
        world_trade(),
        routing((a, b)),
        road_shares((a, b)),
        elasticities(),
        known_ways,
    )


def _row(e: Effect, name: str, measure: int, milestone: int, parties: tuple[str, str]) -> EffectRow:
    """Return the row of a plan's effect."""
    end = month_of(e.end) if e.end else np.inf
    directions, reporters = _places(e.select, parties)
    crossing = e.select.get("crossing")
    return EffectRow(
        name,
        measure,
        milestone,
        np.inf,
        e.driver,
        directions,
        reporters,
        crossing,
        e.size,
        e.ramp_months,
        end,
        e.half_life_months,
    )


def _outside(e: ScenarioEffect, number: int, parties: tuple[str, str]) -> EffectRow:
    """Return the row of a scenario's effect."""
    start = month_of(e.start)
    directions, reporters = _places(e.select, parties)
    crossing = e.select.get("crossing")
    return EffectRow(
        f"scenario/{number}",
        -1,
        -1,
        start,
        e.driver,
        directions,
        reporters,
        crossing,
        e.size,
        0.0,
        start + e.months,
        None,
    )


def _places(select: Mapping[str, str], parties: tuple[str, str]) -> tuple[tuple[bool, bool], tuple[bool, bool]]:
    """Return the directions and the reporters that a selector names; an omitted dim means all."""
    a, b = parties
    direction, reporter = select.get("direction"), select.get("reporter")
    return (direction in (None, f"{a}-{b}"), direction in (None, f"{b}-{a}")), (
        reporter in (None, a),
        reporter in (None, b),
    )


def _reached(rows: list[EffectRow], corridors_known: bool, pair: tuple[str, str]) -> None:
    """Raise InputError for capacity at crossings of which no design is known, for links where there is no network."""
    known = {r.crossing for r in crossing_rows(pair)} if corridors_known else set()
    problems = [
        Problem(
            f"effect {r.name}",
            "no-design",
            f"border.capacity acts on {r.crossing or 'every crossing'}, and no design of it ships for {'-'.join(pair)}",
            "say what it changes in hours, with border.hours",
        )
        for r in rows
        if r.driver == CAPACITY and (not known or (r.crossing and r.crossing not in known))
    ]
    problems += [
        Problem(
            f"effect {r.name}",
            "network-missing",
            f"freight.opening opens links, and no network ships for {'-'.join(pair)}",
            "say what it changes in cost, with trade.cost",
        )
        for r in rows
        if r.driver == OPENING and not corridors_known
    ]
    if problems:
        raise InputError(problems)
