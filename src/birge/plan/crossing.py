"""Effects of a plan and a scenario that act at crossings, in one order for every model that speaks of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from birge.plan.distribution import sample
from birge.plan.scenario import Scenario
from birge.plan.schema import Distribution, Plan
from birge.rng import BLOCK, Streams
from birge.variables import variables

__all__ = ["CAPACITY", "DRIVERS", "AtCrossing", "at_crossings", "sizes_of"]

CAPACITY = "border.capacity"
DRIVERS = ("border.hours", CAPACITY)


@dataclass(frozen=True)
class AtCrossing:
    """An effect: its name, driver, crossing and direction ("" for all), and its full size."""

    name: str
    driver: str
    crossing: str
    direction: str
    size: Distribution

    def acts(self, crossing: str, direction: int, pair: tuple[str, str]) -> bool:
        """Whether it acts at a crossing in a direction: 0 from the first party of the pair, 1 to it."""
        flow = "-".join(pair if direction == 0 else pair[::-1])
        return self.crossing in ("", crossing) and self.direction in ("", flow)


def at_crossings(plan: Plan, scenario: Scenario | None, as_of: date) -> tuple[AtCrossing, ...]:
    """Return the effects on waits and on capacity that are known on a date: MEASURE/N, then scenario/N."""
    found = [
        (f"{m.id}/{n}", e.driver, e.select, e.size)
        for m in plan.measures
        for n, e in enumerate(m.effects)
        if e.known_on is None or e.known_on <= as_of
    ]
    found += [(f"scenario/{n}", e.driver, e.select, e.size) for n, e in enumerate(scenario.effects if scenario else ())]
    return tuple(
        AtCrossing(name, driver, select.get("crossing", ""), select.get("direction", ""), size)
        for name, driver, select, size in found
        if driver in DRIVERS
    )


def sizes_of(effects: Sequence[AtCrossing], streams: Streams) -> NDArray[np.float64]:
    """Return full sizes [effect, draw] of the bound block, by names all models share, within bounds of drivers."""
    made = np.zeros((len(effects), streams.draws))
    for k, e in enumerate(effects):
        drawn = sample(e.size, streams.at(f"trade/effect/{e.name}"), (BLOCK,))[: streams.draws]
        made[k] = np.clip(drawn, *variables()[e.driver].bounds)
    return made
