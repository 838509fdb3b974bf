"""What a km3 makes, at the volumes that a year meets: power = (base + slope × volume) × release, solved as it is.

No linear programme has that product. A year whose rivers are known is solved at the yields of the volumes of its last
solution, again and again from the last basis, until they stand still: each round leaves about a twentieth of the error.
What is left is the error of a month's power. The dual of the water is its value at these yields: that a fuller
reservoir makes more of the same water is counted in the year, and not in what one more km3 is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from birge.models.power.case import Case
from birge.models.power.lp import Solution, Solver
from birge.models.power.month import Month, head, usual_yield
from birge.models.power.system import System

__all__ = ["CLOSE", "Head", "heads", "met", "settle"]

Floats = NDArray[np.float64]
CLOSE = 1e-5
"""Rounds end where no month's power is further off, GWh."""
ROUNDS = 40
DAMPED = 8
"""From this round on yields go half of the way: two years that call each other would go on for ever."""


@dataclass(frozen=True)
class Head:
    """A yield in TWh per km3: `base` + `slope` × volume, at usual volumes [12], and what the programme has now [12].

    Rounds begin at the usual yields, so that a year does not depend on the one that was solved before it.
    """

    reservoir: str
    base: float
    slope: float
    usual: Floats
    used: Floats


def heads(system: System, case: Case) -> tuple[Head, ...]:
    """Return the reservoirs of `case` whose yield depends on their volume, at the usual volumes.

    One whose power is linear in volume and release (`month.head`) knows its head already and is left out.
    """
    found = []
    for r in system.reservoirs:
        if r.id in case.reservoirs and r.yield_slope and not any(head(system, r, m)[0] for m in range(12)):
            usual = np.array([usual_yield(system, r, m) for m in range(12)])
            found.append(Head(r.id, r.yield_base, r.yield_slope, usual, usual.copy()))
    return tuple(found)


def settle(
    solver: Solver, start: Mapping[str, int], months: Sequence[Month], found: Sequence[Head]
) -> tuple[Solution, float]:
    """Return the optimum at the yields of its own volumes, and the greatest error of a month's power, GWh."""
    for h in found:
        if (h.used != h.usual).any():
            _use(solver, months, h, h.usual)
    for k in range(ROUNDS):
        s, error = solver.solve(), 0.0
        true = [h.base + h.slope * s.value[[start[h.reservoir], *_ends(months, h.reservoir)[:-1]]] for h in found]
        for h, of in zip(found, true, strict=True):
            release = s.value[[m.release[h.reservoir] for m in months]]
            error = max(error, float(np.abs(1_000 * (of - h.used) * release).max()))
        if error <= CLOSE:
            break
        if k + 1 < ROUNDS:
            for h, of in zip(found, true, strict=True):
                _use(solver, months, h, h.used + (of - h.used) * (1.0 if k < DAMPED else 0.5))
    return s, error


def met(system: System, volume: Mapping[str, Floats]) -> System:
    """Return `system` with `volume` [13] of a year as the usual ones: its yields, and its evaporation by hours."""
    rivers = {k: replace(v, usual_km3=volume[k][:12]) if k in volume else v for k, v in system.rivers.items()}
    above = {k: v[:12] for k, v in volume.items() if k not in rivers}
    return replace(system, rivers=rivers, usual={**system.usual, **above})


def _use(solver: Solver, months: Sequence[Month], h: Head, yields: Floats) -> None:
    """Set the yield of each month in the programme."""
    h.used[:] = yields
    for month, of in zip(months, yields, strict=True):
        solver.coefficient(month.energy[h.reservoir], month.release[h.reservoir], -1_000 * float(of))


def _ends(months: Sequence[Month], reservoir: str) -> list[int]:
    """Return the columns of a reservoir's volume at the end of each month."""
    return [m.volume[reservoir] for m in months]
