"""Effects of a plan and a scenario on waits, capacity and links, in one order for every model that speaks of them.

What two effects do to one wait is less than the sum of what each does alone, so each is counted on top of what is
there when it comes: in every draw effects are put in the order of their dates, and each is solved with all that stand
by then. The sum over those that have come is then what they do together, at every date; what ends or fades (a scenario,
an effect with an end) is counted on top of what stays, and nothing on top of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from birge.factbook.network import corridors
from birge.plan.distribution import sample
from birge.plan.scenario import Scenario, ScenarioEffect
from birge.plan.schema import Distribution, Effect, Plan
from birge.rng import BLOCK, Streams
from birge.units import month_of
from birge.variables import variables

__all__ = ["CAPACITY", "DRIVERS", "HOURS", "OPENING", "AtCrossing", "at_crossings", "before", "begins", "sizes_of"]

Floats = NDArray[np.float64]
HOURS = "border.hours"
CAPACITY = "border.capacity"
OPENING = "freight.opening"
DRIVERS = (HOURS, CAPACITY, OPENING)


@dataclass(frozen=True)
class AtCrossing:
    """An effect: its name, driver, crossing and direction ("" for all), full size, and when it begins.

    `opens` are the openings of links and crossings that it brings (`Network.openings`). It begins `lag` months after
    the `milestone` in plan order, or in month `start` (since 2000-01-01) where that is -1; `stays` if it neither ends
    nor fades.
    """

    name: str
    driver: str
    crossing: str
    direction: str
    size: Distribution
    milestone: int = -1
    start: float = np.inf
    lag: float = 0.0
    stays: bool = True
    opens: tuple[str, ...] = ()

    def acts(self, crossing: str, direction: int, pair: tuple[str, str]) -> bool:
        """Whether it acts at a crossing in a direction: 0 from the first party of the pair, 1 to it."""
        flow = "-".join(pair if direction == 0 else pair[::-1])
        return self.driver != OPENING and self.crossing in ("", crossing) and self.direction in ("", flow)


def at_crossings(plan: Plan, scenario: Scenario | None, as_of: date) -> tuple[AtCrossing, ...]:
    """Return the effects on waits, capacity and links that are known on a date: MEASURE/N, then scenario/N."""
    a, b = (p.code for p in plan.parties)
    openings = corridors((a, b)).openings()
    place = {m.id: k for k, m in enumerate(plan.milestones())}
    made = [
        replace(_acting(f"{m.id}/{n}", e, openings), milestone=place[e.start], stays=_stays(e))
        for m in plan.measures
        for n, e in enumerate(m.effects)
        if e.driver in DRIVERS and (e.known_on is None or e.known_on <= as_of)
    ]
    made += [
        replace(_acting(f"scenario/{n}", e, openings), start=month_of(e.start), lag=0.0, stays=False)
        for n, e in enumerate(scenario.effects if scenario else ())
        if e.driver in DRIVERS
    ]
    return tuple(made)


def _acting(name: str, e: Effect | ScenarioEffect, openings: Mapping[str, tuple[str, float]]) -> AtCrossing:
    """Return an effect without its date; one that names no opening opens all."""
    named = e.select.get("opening", "")
    opens: tuple[str, ...] = ()
    if e.driver == OPENING:
        # a crossing that opens after its roads needs them
        opens = tuple(dict.fromkeys((openings[named][0], named))) if named in openings else tuple(openings)
    lag = openings[named][1] if opens and named in openings else 0.0
    crossing, direction = e.select.get("crossing", ""), e.select.get("direction", "")
    return AtCrossing(name, e.driver, crossing, direction, e.size, lag=lag, opens=opens)


def _stays(e: Effect) -> bool:
    return e.end is None and e.half_life_months is None


def begins(effects: Sequence[AtCrossing], finish: Floats) -> Floats:
    """Return the month [effect, draw] at which each effect begins, from `finish` [draw, milestone in plan order]."""
    rows = [finish[:, e.milestone] + e.lag if e.milestone >= 0 else np.full(len(finish), e.start) for e in effects]
    return np.array(rows).reshape(len(effects), len(finish))


def before(
    effects: Sequence[AtCrossing], finish: Floats, counts: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return what stands when each effect comes [draw, effect, other], and the last of it [draw, effect], -1 for none.

    Only what stays stands, and only what `counts` [draw, effect], if that is given; of two that begin together the one
    named first comes first.
    """
    begin = begins(effects, finish).T
    rank = np.argsort(np.argsort(begin, axis=1, kind="stable"), axis=1, kind="stable")
    stays = np.array([e.stays for e in effects], dtype=np.bool_)
    stand = (rank[:, None, :] < rank[:, :, None]) & stays
    if counts is not None:
        stand &= counts[:, None, :]
    if not effects:
        return stand, np.zeros((len(finish), 0), dtype=np.int64)
    last = np.where(stand, rank[:, None, :], -1).argmax(axis=2)
    return stand, np.where(stand.any(axis=2), last, -1)


def sizes_of(effects: Sequence[AtCrossing], streams: Streams) -> Floats:
    """Return full sizes [effect, draw] of the bound block, by names all models share, within bounds of drivers."""
    made = np.zeros((len(effects), streams.draws))
    for k, e in enumerate(effects):
        drawn = sample(e.size, streams.at(f"trade/effect/{e.name}"), (BLOCK,))[: streams.draws]
        made[k] = np.clip(drawn, *variables()[e.driver].bounds)
    return made
