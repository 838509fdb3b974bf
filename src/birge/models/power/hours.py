"""A year by hours for a given system: dispatch with the water of the year by months, or valued by the policy.

Data flow: `by_hours(system, case, clock, water) → Hours`. What the water of the year is held to:
  cyclic   it ends with what it began with, both chosen
  targets  from the first volume; at the end of each month at least what the year by months has (`dispatch`)
  values   from the first volume; what is left in December is worth what the policy (`policy.train`) says
Yields and evaporation are those of the volumes that the year by months meets, held to the same water.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.models.power.case import Case
from birge.models.power.clock import Clock
from birge.models.power.direct import Run, run
from birge.models.power.dispatch import Cut, dispatch
from birge.models.power.expand import ENGINES, State, state
from birge.models.power.grid import MM3, grid
from birge.models.power.parts import Grid
from birge.models.power.policy import Setup, train
from birge.models.power.system import Reservoir, System
from birge.models.power.yields import met

__all__ = ["WATERS", "Hours", "by_hours", "end_values", "hours_problems"]

Floats = NDArray[np.float64]
NO_EXCHANGE = "take free, purchases or isolated"
WATERS = ("cyclic", "targets", "values")


@dataclass(frozen=True)
class Hours:
    """A solved year by hours: its parts, optimum and state; by month what a node or the water is worth.

    `volume` [13] km3 by reservoir, `price` [12] USD/MWh by node, weighted by its load, `worth` [12] mn USD/km3 by
    reservoir at the end of the month.
    """

    case: Case
    grid: Grid
    run: Run
    state: State
    volume: Mapping[str, Floats]
    price: Mapping[str, Floats]
    worth: Mapping[str, Floats]


def by_hours(
    system: System,
    case: Case,
    clock: Clock,
    water: str = "cyclic",
    *,
    start: Mapping[str, float] | None = None,
    engine: str = "highs",
) -> Hours:
    """Return the cheapest year of `case` by the steps of `clock`; raises InputError for an unknown water or engine.

    `start` (km3 by reservoir) is where the year begins, by default where the tables do; a cyclic year takes none.
    """
    held = [r for r in system.reservoirs if r.id in case.reservoirs]
    first = {r.id: r.start_km3 for r in held} | dict(start or {})
    if problems := hours_problems(held, water, engine, "swap" if case.swap else "", start and first):
        raise InputError(problems)
    if water == "cyclic":
        g = grid(met(system, dispatch(system, case).volume), case, clock)
    elif water == "targets":
        volume = dispatch(system, case, first, first).volume
        g = grid(met(system, volume), case, clock, start=first, targets={k: v[1:] for k, v in volume.items()})
    else:
        cuts = end_values(system, case)
        volume = dispatch(system, case, first, cuts=cuts).volume
        g = grid(met(system, volume), case, clock, start=first, values=cuts)
    if engine == "pypsa":
        from birge.models.power.pypsa_engine import run_pypsa

        made = run_pypsa(g)
    else:
        made = run(g, even=True)
    return Hours(case, g, made, state(system, g, made), _volumes(g, made), _prices(g, made), _worths(g, made))


def hours_problems(
    held: Sequence[Reservoir], water: str, engine: str, regime: str, first: Mapping[str, float] | None
) -> list[Problem]:
    """Return everything that is wrong with a year by hours; `first` are volumes of the reservoirs that are `held`."""
    problems = []
    if water not in WATERS:
        problems.append(Problem("water", "unknown", f"{water!r}", f"one of {', '.join(WATERS)}"))
    if engine not in ENGINES:
        problems.append(Problem("engine", "unknown", f"{engine!r}", f"one of {', '.join(ENGINES)}"))
    if regime == "swap":
        problems.append(Problem("regime", "exchange", "an exchange contract has no hours of its own", NO_EXCHANGE))
    if water == "cyclic" and first:
        message, remedy = "a cyclic year chooses the volume it begins with", "take targets or values, or give no volume"
        problems.append(Problem("storage", "cyclic", message, remedy))
    for r in held:
        if first and r.id in first and not r.stop_km3 <= first[r.id] <= r.full_km3:
            remedy = f"from {r.stop_km3:g} to {r.full_km3:g} km3"
            if r.stop_low_km3 < r.stop_km3:
                remedy += (
                    f"; hours stop at {r.stop_km3:g}, the policy goes down to {r.stop_low_km3:g}, the lowest quoted"
                )
            problems.append(Problem("storage", "volume", f"{first[r.id]:g} km3 in {r.id}", remedy))
    return problems


def end_values(system: System, case: Case, states: int = 40, months: int = 120) -> tuple[Cut, ...]:
    """Return the policy's cuts on cost after December where `case` repeats itself for ever, in load blocks of 6 hours.

    `states` stand for each month, `months` are gone back over at most (`circle.py`). Yields are those of the year that
    repeats itself.
    """
    system = met(system, dispatch(system, case).volume)
    start = {r.id: r.start_km3 for r in system.reservoirs if r.id in case.reservoirs}
    setup = Setup(start, circle=states, tail=months, outcomes=4, sweeps=1, discount=system.parameters["discount"].mode)
    return tuple(train(system, [case.at(blocks=4)], setup).cuts(11))


def _volumes(g: Grid, made: Run) -> dict[str, Floats]:
    ends = [g.clock.last_of(m) for m in range(12)]
    found = {}
    for t in g.tanks:
        level = made.level[t.name]
        found[t.name] = np.concatenate([[level[-1] if t.first is None else t.first], level[ends]]) / MM3
    return found


def _prices(g: Grid, made: Run) -> dict[str, Floats]:
    found = {}
    for d in g.draws:
        if d.name == d.bus:
            load = d.value * g.clock.hours
            paid = np.bincount(g.clock.month, load * made.price[d.bus], 12)
            found[d.bus] = np.asarray(paid / np.bincount(g.clock.month, load, 12))
    return found


def _worths(g: Grid, made: Run) -> dict[str, Floats]:
    """Return the dual of each reservoir's balance at the end of each month: USD for a million m3 is 1e-3 mn USD/km3."""
    ends = [g.clock.last_of(m) for m in range(12)]
    return {t.name: made.price[t.bus][ends] / 1_000 for t in g.tanks}
