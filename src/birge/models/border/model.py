"""The model's record: what a truck waits over trucks a day and capacity, per draw, at every crossing of the pair.

    factbook ─▶ designs ─▶ wait tables (shipped, or worked out in `prepare`) ─▶ × capacity today, drawn
             ─▶ `border.curve` [draw, crossing, direction, level, knot] hours at `border.knots` trucks a day

Freight reads the curve, finds waits that agree with its trucks, and takes from the levels what a measure on
`border.capacity` changes. Capacity today is uncertain for every crossing (assumed; factbook `freight_parameters`); the
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
from birge.models.border.waits import WaitTable
from birge.plan.distribution import sample
from birge.plan.scenario import Scenario
from birge.plan.schema import Distribution, Plan
from birge.rng import BLOCK, Streams
from birge.spec import Model, World

__all__ = ["KNOTS", "LEVELS", "MODEL", "Inputs", "Prepared"]

Floats = NDArray[np.float64]
KNOTS = (0.05, 0.3, 0.5, 0.64, 0.76, 0.84, 0.9, 0.95, 1.0, 1.05, 1.12, 1.25, 1.5, 2.0, 3.0)
"""Trucks a day over what fills the crossing today."""
LEVELS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.6, 2.0, 2.6, 3.5)
"""Capacity against today."""


@dataclass(frozen=True)
class Inputs:
    """The pair, its crossings with the designs of today, and how uncertain their capacity is."""

    pair: tuple[str, str]
    crossings: tuple[str, ...]
    designs: tuple[Design, ...]
    capacity: Parameter


@dataclass(frozen=True)
class Prepared:
    """The table of each crossing and direction of the pair."""

    inputs: Inputs
    tables: tuple[tuple[WaitTable, WaitTable], ...]


def _setup(plan: Plan, _factbook: Factbook, _scenario: Scenario | None, _as_of: date) -> Inputs:
    a, b = (p.code for p in plan.parties)
    names = sorted({r.crossing for r in crossing_rows((a, b)) if r.variant == "today"})
    return Inputs((a, b), tuple(names), tuple(map(default_design, names)), freight_parameters()["crossing_capacity"])


def _prepare(inputs: Inputs, _streams: Streams) -> Prepared:
    """Find the tables."""
    there, back = "-".join(inputs.pair), "-".join(inputs.pair[::-1])
    return Prepared(inputs, tuple((table_of(d, there), table_of(d, back)) for d in inputs.designs))


def _run(prepared: Prepared, _world: World, streams: Streams) -> Mapping[str, Floats]:
    """Return the curves of the bound block."""
    i, n = prepared.inputs, streams.draws
    count = len(i.crossings)
    knots = np.zeros((n, count, 2, len(KNOTS)))
    curve = np.zeros((n, count, 2, len(LEVELS), len(KNOTS)))
    for c, name in enumerate(i.crossings):
        today = _drawn(i.capacity, streams, name)
        for d, table in enumerate(prepared.tables[c]):
            trucks = table.full * np.array(KNOTS)
            knots[:, c, d] = trucks
            factor = today[:, None, None] * np.array(LEVELS)[None, :, None]
            curve[:, c, d] = table.wait(trucks[None, None, :], factor)
    levels = np.tile(np.array(LEVELS), (n, 1))
    return {"border.knots": knots, "border.levels": levels, "border.curve": curve}


def _drawn(capacity: Parameter, streams: Streams, crossing: str) -> Floats:
    kind = {"kind": capacity.kind, **dict(capacity.numbers)}
    drawn = sample(Distribution.model_validate(kind), streams.at(f"border/capacity/{crossing}"), (BLOCK,))
    return np.asarray(drawn[: streams.draws])


MODEL: Model[Inputs, Prepared] = Model(
    id="border",
    inputs=Inputs,
    reads=(),
    writes=("border.knots", "border.levels", "border.curve"),
    setup=_setup,
    prepare=_prepare,
    run=_run,
)
