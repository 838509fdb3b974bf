"""A corridor's waits today and with the plan: its measures at crossings and its links, once trucks have answered.

    market today ─▶ settle ─▶ waits
    market with what is open, curves × capacity, hours of the measures ─▶ settle ─▶ waits

Measures are taken at the mean of their size and at once, whatever their ramp; sizes are drawn, and dated, in the
assessment only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from birge.models.freight.choice import Market, Settled, settle
from birge.models.freight.routes import Waits
from birge.plan.crossing import CAPACITY, HOURS, OPENING, AtCrossing
from birge.plan.distribution import mean
from birge.variables import variables

__all__ = ["AtWork", "at_work", "waits_of", "waits_with"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AtWork:
    """A measure at a crossing ("" for all) at its mean size: hours, or a factor on trucks a day."""

    measure: str
    driver: str
    crossing: str
    size: float


def at_work(effects: Sequence[AtCrossing]) -> tuple[AtWork, ...]:
    """Return effects on hours and capacity at their mean size, within the bounds of their driver."""
    return tuple(
        AtWork(e.name.partition("/")[0], e.driver, e.crossing, _mean(e)) for e in effects if e.driver != OPENING
    )


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
