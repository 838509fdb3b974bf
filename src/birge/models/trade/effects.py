"""What each measure adds to trade, draw by draw.

For measure m with full effect e_m (log) and share κ_m ~ Beta(2, 2) of it already in the trend (assumed), and only with
the part that had not materialised in the last year of data:

    with the plan      y + Σ (1 - κ_m) e_m + …
    if it stops        y - Σ κ_m e_m over what is unfinished, + (1 - κ_m) e_m over what is finished

so a measure's step from "stops" to "with" is e_m whatever κ is. Added flows (mn USD) enter in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.factbook import Factbook
from birge.factbook.border import crossing_rows
from birge.factbook.network import corridors
from birge.factbook.observation import last_data_year
from birge.factbook.parameters import Parameter, Routing, elasticities, road_shares, routing
from birge.factbook.world import WorldTrade, world_trade
from birge.models.trade.costs import Crossing, crossing_shares, draw, per_hour
from birge.models.trade.diversion import Ratios, left, ratios
from birge.models.trade.electricity import goods
from birge.models.trade.response import year_mean
from birge.plan.crossing import CAPACITY, HOURS, OPENING, at_crossings
from birge.plan.distribution import sample
from birge.plan.scenario import Scenario, ScenarioEffect
from birge.plan.schema import Distribution, Effect, Plan
from birge.rng import BLOCK, Streams
from birge.spec import Model, World
from birge.units import month_of
from birge.variables import variables

__all__ = [
    "COMMON",
    "COSTS",
    "MODEL",
    "EffectRow",
    "Inputs",
    "Prepared",
    "Steps",
    "prepare",
    "setup",
    "steps",
    "total_cost",
]

Floats = NDArray[np.float64]
COSTS = (HOURS, CAPACITY, OPENING, "trade.cost")
COMMON = ("trade/sigma", "trade/theta", "trade/routing", "trade/time-value", "trade/road-share", "trade/crossing")
"""Streams that all effects read: common factors. Sizes and κ have a stream by effect and by measure."""


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


@dataclass(frozen=True)
class Prepared:
    """Inputs with ρ on its grid; None where the pair is not in the world matrix."""

    inputs: Inputs
    ratio: Ratios | None


@dataclass(frozen=True)
class _Shared:
    """Draws of `COMMON`: σ in the long run [draw], shares of trucks, Δ log τ per hour [draw, direction] and ρ.

    `alone` is ρ [draw, direction, direction] of costs of the pair alone, `routed` of its crossings.
    """

    sigma: Floats
    alone: Floats
    routed: Floats
    hour: Floats
    share: Mapping[str, Floats]


@dataclass(frozen=True)
class Steps:
    """Terms of one block: `log`, `new` [draw, measure, year, direction], `recorded` [draw, measure, year, reporter].

    `base_*` [draw, year, …] is what stays if the plan stops at `as_of`, `never_*` if it had never been.
    `clipped` counts draws in which a bound of a Variable was reached.
    """

    log: Floats
    new: Floats
    recorded: Floats
    base_log: Floats
    base_new: Floats
    base_recorded: Floats
    never_log: Floats
    never_new: Floats
    never_recorded: Floats
    clipped: int


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


def prepare(inputs: Inputs, _streams: Streams) -> Prepared:
    """Solve the equilibrium for ρ, once."""
    return Prepared(inputs, ratios(inputs.world, inputs.parties, inputs.routing))


def steps(
    prepared: Prepared,
    finish: Floats,
    streams: Streams,
    kappa: float | None = None,
    independent: bool = False,
    freight: Floats | None = None,
) -> Steps:
    """Return the terms of the bound block for `finish` [draw, milestone in plan order].

    `freight` is `freight.cost` [draw, year, effect, direction], what effects at crossings do to Δ log τ; without it,
    and for a pair whose corridors nobody knows, an hour at a crossing has one value for all goods. `kappa` fixes the
    share of every measure that is in the trend (0 and 1 give the odds at both ends), None draws it.
    `independent` draws what effects share (`COMMON`) anew for every effect, to see what the common factors do.
    """
    if kappa is not None and not 0 <= kappa <= 1:
        raise InputError([Problem("kappa", "share", f"κ is {kappa}", "write a share from 0 to 1")])
    i = prepared.inputs
    n, m, y = streams.draws, len(i.measures), len(i.years)
    made = {k: np.zeros((n, m, y, 2)) for k in ("log", "new", "recorded")}
    fixed = {f"{w}_{k}": np.zeros((n, y, 2)) for w in ("base", "never") for k in made}
    common = _shared(prepared, streams)
    sizes, clipped = _sizes(i, streams)
    shares = [_kappa(i, name, streams, kappa) for name in i.measures]
    for row, size in zip(i.effects, sizes, strict=True):
        opening = finish[:, row.milestone] + row.lag if row.milestone >= 0 else np.full(n, row.opening)
        drawn = _shared(prepared, streams, row.name) if independent else common
        given = None if freight is None or row.place < 0 else freight[:, :, row.place]
        kind, terms, materialised = _terms(i, row, size, opening, drawn, given)
        if row.measure < 0:
            fixed[f"base_{kind}"] += terms
            fixed[f"never_{kind}"] += terms
            continue
        k = shares[row.measure][:, None, None]
        done = (opening <= i.as_of)[:, None, None]
        made[kind][:, row.measure] += np.where(done, 0.0, terms)
        fixed[f"base_{kind}"] += np.where(done, (1 - k) * terms, -k * terms)
        fixed[f"never_{kind}"] += -k * terms - materialised
    return Steps(**made, **fixed, clipped=clipped)


def total_cost(prepared: Prepared, streams: Streams, freight: Floats | None = None) -> Floats:
    """Return Δ log τ [draw, direction] of all measures together at full effect, for the prior predictive check."""
    i = prepared.inputs
    total = np.zeros((streams.draws, 2))
    drawn = _shared(prepared, streams)
    for row, size in zip(i.effects, _sizes(i, streams)[0], strict=True):
        if row.measure >= 0 and row.driver in COSTS:
            total += _cost(row, size, drawn) if freight is None or row.place < 0 else freight[:, -1, row.place]
    return total


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


def _sizes(i: Inputs, streams: Streams) -> tuple[list[Floats], int]:
    """Draw every effect's size; where effects on one place of a Variable pass its bounds together, scale them back."""
    sizes = [sample(r.size, streams.at(f"trade/effect/{r.name}"), (BLOCK,))[: streams.draws] for r in i.effects]
    clipped = 0
    places: dict[tuple[Any, ...], list[int]] = {}
    for k, r in enumerate(i.effects):
        # factors on one capacity and links that open do not add up: each by itself, as freight has it
        alone = k if r.driver in (CAPACITY, OPENING) else -1
        places.setdefault((r.driver, r.crossing, r.directions, r.reporters, alone), []).append(k)
    for key, rows in places.items():
        low, high = variables()[key[0]].bounds
        total = np.sum([sizes[k] for k in rows], axis=0)
        kept = np.clip(total, low, high)
        over = kept != total
        clipped += int(over.sum())
        factor = np.where(over, kept / np.where(total == 0, 1.0, total), 1.0)
        for k in rows:
            sizes[k] = sizes[k] * factor
    return sizes, clipped


def _terms(
    i: Inputs, row: EffectRow, size: Floats, opening: Floats, drawn: _Shared, given: Floats | None
) -> tuple[str, Floats, Floats]:
    """Return the kind of term, its values [draw, year, 2] beyond the data's last year, and that year's [draw, 1, 2].

    `given` [draw, year, direction] is Δ log τ as freight has it.
    """
    cost = row.driver in COSTS
    sigma = drawn.sigma if cost else None

    def path(year: int) -> Floats:
        on = year_mean(opening, year, row.ramp, sigma, row.half_life)
        if np.isfinite(row.end):
            on = on - year_mean(np.maximum(opening, row.end), year, 0.0, sigma)
        return on

    on = np.stack([path(y) for y in i.years], axis=1)
    last = path(i.data_year)[:, None]
    if cost:
        rho = drawn.alone if row.driver == "trade.cost" else drawn.routed
        moved = _cost(row, size, drawn)[:, None] if given is None else given
        scale = -np.einsum("sdc,syc->syd", rho, moved)
    else:
        chosen = row.reporters if row.driver == "trade.recorded" else row.directions
        scale = (size[:, None] * np.array(chosen, dtype=np.float64))[:, None]
        if row.driver == "trade.new_flow":
            scale = scale / sum(row.directions)
    kind = {"trade.new_flow": "new", "trade.recorded": "recorded"}.get(row.driver, "log")
    return kind, (on - last)[:, :, None] * scale, last[:, :, None] * scale[:, :1]


def _cost(row: EffectRow, size: Floats, drawn: _Shared) -> Floats:
    """Return Δ log τ [draw, direction] of one effect at its full size, where freight does not tell it.

    Capacity and links say nothing of hours: 0 without freight, which an assessment always has for them (see `setup`).
    """
    if row.driver in (CAPACITY, OPENING):
        return np.zeros((len(size), 2))
    if row.driver == "trade.cost":
        return size[:, None] * np.array(row.directions, dtype=np.float64)
    share = drawn.share
    passing = share[row.crossing] if row.crossing else np.minimum(sum(share.values(), np.zeros_like(size)), 1.0)
    return size[:, None] * drawn.hour * passing[:, None]


def _kappa(i: Inputs, measure: str, streams: Streams, fixed: float | None) -> Floats:
    """Return the share [draw] of a measure's effect that is in the trend: drawn, unless fixed."""
    if fixed is not None:
        return np.full(streams.draws, fixed)
    return draw(i.parameters["trend_share"], streams.at(f"trade/kappa/{measure}"))[: streams.draws]


def _shared(prepared: Prepared, streams: Streams, effect: str = "") -> _Shared:
    """Draw what all effects share; with the name of an effect, for that effect alone."""
    own = f"/{effect}" if effect else ""
    i, n = prepared.inputs, streams.draws
    known = i.parameters
    sigma = draw(known["sigma_long_run"], streams.at(f"trade/sigma{own}"))[:n]
    alone, routed = _left(prepared, streams, own)
    hour = per_hour(known, i.road, streams, own)
    return _Shared(sigma, alone[:n], routed[:n], hour, crossing_shares(i.crossings, streams, own))


def _left(prepared: Prepared, streams: Streams, own: str) -> tuple[Floats, Floats]:
    """Return ρ [draw, direction, direction] of the pair's own costs and of crossings; wide where there is no matrix."""
    known, rng = prepared.inputs.parameters, streams.at(f"trade/routing{own}")
    if prepared.ratio is None:
        wide = np.stack([draw(known["response_left"], rng) for _ in range(2)], axis=1)
        return wide[:, :, None] * np.eye(2), wide[:, :, None] * np.eye(2)
    return left(prepared.ratio, draw(known["theta"], streams.at(f"trade/theta{own}")), rng.uniform(0, 1, BLOCK))


def _run(prepared: Prepared, world: World, streams: Streams) -> Mapping[str, Floats]:
    """Return the plan's response and the flows with it."""
    freight = world["freight.cost"] if prepared.inputs.corridors else None
    s = steps(prepared, world["schedule.finish"], streams, freight=freight)
    log = s.base_log + s.log.sum(axis=1)
    recorded = s.base_recorded + s.recorded.sum(axis=1)
    new = s.base_new + s.new.sum(axis=1)
    power = world["power.trade"]
    base = goods(world["outlook.flow"], power)
    flow = base * np.exp(log[..., None] + recorded[:, :, None, :]) + new[..., None]
    return {"trade.response": log, "trade.flow": flow + power if power.shape[1] else flow}


MODEL: Model[Inputs, Prepared] = Model(
    id="trade",
    inputs=Inputs,
    reads=("schedule.finish", "outlook.flow", "freight.cost", "power.trade"),
    writes=("trade.response", "trade.flow"),
    setup=setup,
    prepare=prepare,
    run=_run,
)
