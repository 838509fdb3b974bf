"""Effects of a plan and a scenario that act at crossings, in one order for every model that speaks of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from birge.plan.scenario import Scenario
from birge.plan.schema import Distribution, Plan

__all__ = ["DRIVERS", "AtCrossing", "at_crossings"]

DRIVERS = ("border.hours", "border.capacity")


@dataclass(frozen=True)
class AtCrossing:
    """An effect: its name, driver, crossing and direction ("" for all), and its full size."""

    name: str
    driver: str
    crossing: str
    direction: str
    size: Distribution


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
