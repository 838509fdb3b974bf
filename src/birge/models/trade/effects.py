"""What each measure adds to trade, draw by draw.

For measure m with full effect e_m (log) and share κ_m ~ Beta(2, 2) of it already in the trend (assumed), and only with
the part that had not materialised in the last year of data:

    with the plan      y + Σ (1 - κ_m) e_m + …
    if it stops        y - Σ κ_m e_m over what is unfinished, + (1 - κ_m) e_m over what is finished

so a measure's step from "stops" to "with" is e_m whatever κ is. Added flows (mn USD) enter in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.models.trade.diversion import ratios
from birge.models.trade.drawn import Drawn, Shared, bounded, draws, shared
from birge.models.trade.electricity import goods
from birge.models.trade.inputs import EffectRow, Inputs, Prepared, setup
from birge.models.trade.response import year_mean
from birge.plan.crossing import CAPACITY, HOURS, OPENING
from birge.rng import Streams
from birge.spec import Model, World

__all__ = [
    "COMMON",
    "COSTS",
    "MODEL",
    "EffectRow",
    "Inputs",
    "Prepared",
    "Steps",
    "moved",
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
    drawn: Drawn | None = None,
) -> Steps:
    """Return the terms of the bound block for `finish` [draw, milestone in plan order].

    `freight` is `freight.cost` [draw, year, effect, direction], what effects at crossings do to Δ log τ; without it,
    and for a pair whose corridors nobody knows, an hour at a crossing has one value for all goods. `kappa` fixes the
    share of every measure that is in the trend (0 and 1 give the odds at both ends), None draws it.
    `independent` draws what effects share (`COMMON`) anew for every effect, to see what the common factors do. `drawn`
    is what was drawn of the block for these effects and others; None draws it.
    """
    if kappa is not None and not 0 <= kappa <= 1:
        raise InputError([Problem("kappa", "share", f"κ is {kappa}", "write a share from 0 to 1")])
    i = prepared.inputs
    n, m, y = streams.draws, len(i.measures), len(i.years)
    made = {k: np.zeros((n, m, y, 2)) for k in ("log", "new", "recorded")}
    fixed = {f"{w}_{k}": np.zeros((n, y, 2)) for w in ("base", "never") for k in made}
    known = drawn or draws(prepared, streams)
    sizes, clipped = bounded(i, known.size) if drawn else ([known.kept[r.name] for r in i.effects], known.clipped)
    for row, size in zip(i.effects, sizes, strict=True):
        opening = _opening(row, finish)
        common = shared(prepared, streams, row.name) if independent else known.common
        kind, terms, materialised = _terms(i, row, size, opening, common, _given(row, freight))
        if row.measure < 0:
            fixed[f"base_{kind}"] += terms
            fixed[f"never_{kind}"] += terms
            continue
        share = np.full(n, kappa) if kappa is not None else known.kappa[i.measures[row.measure]]
        k = share[:, None, None]
        done = (opening <= i.as_of)[:, None, None]
        made[kind][:, row.measure] += np.where(done, 0.0, terms)
        fixed[f"base_{kind}"] += np.where(done, (1 - k) * terms, -k * terms)
        fixed[f"never_{kind}"] += -k * terms - materialised
    return Steps(**made, **fixed, clipped=clipped)


def moved(
    prepared: Prepared,
    rows: Sequence[EffectRow],
    finish: Floats,
    streams: Streams,
    freight: Floats | None = None,
) -> dict[str, Floats]:
    """Return what the effects `rows` of measures add together to log, new and recorded [draw, year, 2] at `finish`.

    That of `Steps`, over measures; the share κ in the trend is no part of it, as it does not move with dates.
    """
    i, known = prepared.inputs, draws(prepared, streams)
    total = {k: np.zeros((streams.draws, len(i.years), 2)) for k in ("log", "new", "recorded")}
    for row in rows:
        opening = _opening(row, finish)
        kind, terms, _ = _terms(i, row, known.kept[row.name], opening, known.common, _given(row, freight))
        total[kind] += np.where((opening <= i.as_of)[:, None, None], 0.0, terms)
    return total


def total_cost(prepared: Prepared, streams: Streams, freight: Floats | None = None) -> Floats:
    """Return Δ log τ [draw, direction] of all measures together at full effect, for the prior predictive check."""
    total, known = np.zeros((streams.draws, 2)), draws(prepared, streams)
    for row in prepared.inputs.effects:
        if row.measure >= 0 and row.driver in COSTS:
            given = _given(row, freight)
            total += _cost(row, known.kept[row.name], known.common) if given is None else given[:, -1]
    return total


def _opening(row: EffectRow, finish: Floats) -> Floats:
    """Return the month [draw] in which an effect begins."""
    return finish[:, row.milestone] + row.lag if row.milestone >= 0 else np.full(len(finish), row.opening)


def _given(row: EffectRow, freight: Floats | None) -> Floats | None:
    """Return Δ log τ [draw, year, direction] of an effect as freight has it; None where it does not."""
    return None if freight is None or row.place < 0 else freight[:, :, row.place]


def _terms(
    i: Inputs, row: EffectRow, size: Floats, opening: Floats, drawn: Shared, given: Floats | None
) -> tuple[str, Floats, Floats]:
    """Return the kind of term, its values [draw, year, 2] beyond the data's last year, and that year's [draw, 1, 2].

    `given` [draw, year, direction] is Δ log τ as freight has it.
    """
    cost = row.driver in COSTS
    sigma = drawn.sigma if cost else None

    years = np.array(i.years)
    on = year_mean(opening[:, None], years, row.ramp, None if sigma is None else sigma[:, None], row.half_life)
    if np.isfinite(row.end):
        ended = np.maximum(opening, row.end)[:, None]
        on = on - year_mean(ended, years, 0.0, None if sigma is None else sigma[:, None])
    last = on[:, i.years.index(i.data_year), None]
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


def _cost(row: EffectRow, size: Floats, drawn: Shared) -> Floats:
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
