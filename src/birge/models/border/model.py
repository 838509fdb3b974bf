"""The model's record: what a truck waits over trucks a day, per draw, at every crossing of the pair.

    factbook ─▶ designs ─▶ wait tables (shipped, or worked out in `prepare`) ─▶ × capacity today, drawn
             ─▶ `border.curve` [draw, crossing, direction, case, knot] hours at `border.knots` trucks a day

Case 0 is today; case k is the k-th effect (`birge.plan.crossing`) at full size and all that stands when it comes in
the draw: today's curve unless one of them is on `border.capacity` and here. Freight reads the curves and finds waits
that agree with its trucks. Capacity today is uncertain for every crossing (assumed; factbook `freight_parameters`); the
wait of booked and of live trucks is their mean. A pair without crossings has axes of length 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from birge.factbook import Factbook
from birge.factbook.border import crossing_rows
from birge.factbook.network import freight_parameters
from birge.factbook.parameters import Parameter
from birge.models.border.defaults import default_design
from birge.models.border.design import Design
from birge.models.border.shipped import table_of
from birge.models.border.table import WaitTable
from birge.plan.crossing import CAPACITY, AtCrossing, at_crossings, before, sizes_of
from birge.plan.distribution import sample
from birge.plan.scenario import Scenario
from birge.plan.schema import Distribution, Plan
from birge.rng import BLOCK, Streams
from birge.spec import Model, World
from birge.variables import variables

__all__ = ["KNOTS", "MODEL", "Inputs", "Prepared"]

Floats = NDArray[np.float64]
KNOTS = (0.05, 0.4, 0.55, 0.64, 0.72, 0.76, *(0.8 + 0.02 * k for k in range(15)), 1.12, 1.2, 1.35, 1.7, 2.2)
"""Trucks a day over what fills the crossing."""


@dataclass(frozen=True)
class Inputs:
    """The pair, its crossings with the designs of today, how uncertain their capacity is, and effects on crossings."""

    pair: tuple[str, str]
    crossings: tuple[str, ...]
    designs: tuple[Design, ...]
    capacity: Parameter
    effects: tuple[AtCrossing, ...]


@dataclass(frozen=True)
class Prepared:
    """The table of each crossing and direction of the pair."""

    inputs: Inputs
    tables: tuple[tuple[WaitTable, WaitTable], ...]


def _setup(plan: Plan, _factbook: Factbook, scenario: Scenario | None, as_of: date) -> Inputs:
    a, b = (p.code for p in plan.parties)
    names = sorted({r.crossing for r in crossing_rows((a, b)) if r.variant == "today"})
    uncertain = freight_parameters()["crossing_capacity"]
    effects = at_crossings(plan, scenario, as_of)
    return Inputs((a, b), tuple(names), tuple(map(default_design, names)), uncertain, effects)


def _prepare(inputs: Inputs, _streams: Streams) -> Prepared:
    """Find the tables."""
    there, back = "-".join(inputs.pair), "-".join(inputs.pair[::-1])
    return Prepared(inputs, tuple((table_of(d, there), table_of(d, back)) for d in inputs.designs))


def _run(prepared: Prepared, world: World, streams: Streams) -> Mapping[str, Floats]:
    """Return the curves of the bound block."""
    i, n = prepared.inputs, streams.draws
    knots = np.zeros((n, len(i.crossings), 2, 1 + len(i.effects), len(KNOTS)))
    curve = np.zeros_like(knots)
    sizes = sizes_of(i.effects, streams)
    stand, _ = before(i.effects, world["schedule.finish"])
    for c, name in enumerate(i.crossings):
        today = _drawn(i.capacity, streams, name)[:, None]
        for d, table in enumerate(prepared.tables[c]):
            here = [j for j, e in enumerate(i.effects) if e.driver == CAPACITY and e.acts(name, d, i.pair)]
            for k in range(1 + len(i.effects)):
                factor = np.ones(n)
                for j in here if k else ():
                    factor *= np.where(stand[:, k - 1, j] | (j == k - 1), sizes[j], 1.0)
                if k and (factor == 1.0).all():
                    knots[:, c, d, k], curve[:, c, d, k] = knots[:, c, d, 0], curve[:, c, d, 0]
                    continue
                capacity = today * np.clip(factor, *variables()[CAPACITY].bounds)[:, None]
                # knots go with capacity, since waits bend where it is full
                knots[:, c, d, k] = table.full * capacity * np.array(KNOTS)
                curve[:, c, d, k] = table.wait(knots[:, c, d, k], capacity)
    return {"border.knots": knots, "border.curve": curve}


def _drawn(capacity: Parameter, streams: Streams, crossing: str) -> Floats:
    kind = {"kind": capacity.kind, **dict(capacity.numbers)}
    drawn = sample(Distribution.model_validate(kind), streams.at(f"border/capacity/{crossing}"), (BLOCK,))
    return np.asarray(drawn[: streams.draws])


MODEL: Model[Inputs, Prepared] = Model(
    id="border",
    inputs=Inputs,
    reads=("schedule.finish",),
    writes=("border.knots", "border.curve"),
    setup=_setup,
    prepare=_prepare,
    run=_run,
)
