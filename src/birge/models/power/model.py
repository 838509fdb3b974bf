"""The model's record: what the power systems of a pair do in each year, and what of it enters trade.

    plan ─▶ milestones that bring capacity ─┐
    schedule.finish ────────────────────────┼─▶ path of years in the table ─▶ power.trade, power.short, power.volume, …
    river, demand, price, cap (drawn) ──────┘

Trade reads `power.trade`: electricity enters turnover as it is delivered, and the outlook's base leaves it out. A pair
without a power system in the tables, or whose sides do not hold the water, has axes of length 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from birge.factbook import Factbook
from birge.factbook.observation import last_data_year
from birge.models.power.cases import ANNUAL, WINTER, Design, design, pair_system
from birge.models.power.futures import Futures, drawn, futures
from birge.models.power.paths import Coming, annual, traded
from birge.models.power.system import DAYS, Range, System, observed, power_system
from birge.models.power.table import horizon, table_of
from birge.plan.scenario import Scenario
from birge.plan.schema import Plan
from birge.rng import Streams
from birge.spec import Draw, Model, World
from birge.variables import variables

__all__ = ["MODEL", "Inputs", "Prepared", "at", "drawn_inputs", "draws", "prepare", "rationing", "setup"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Inputs:
    """The pair's system (None: there is none), its design, years from the last one of data on, and what comes.

    `volumes` are known first volumes by year; `milestones` are the plan's, `measure` the place of each one's.
    """

    pair: tuple[str, str]
    system: System | None
    of: Design | None
    parameters: tuple[tuple[str, Range], ...]
    years: tuple[int, ...]
    volumes: tuple[tuple[int, float], ...]
    milestones: tuple[str, ...]
    measure: tuple[int, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Prepared:
    """The table in the plan; None where the pair has no power system. The same only as itself."""

    inputs: Inputs
    coming: Coming | None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the ids of the measures that bring power."""
        return tuple(self.inputs.measures[k] for k in self.coming.acting) if self.coming else ()


def setup(plan: Plan, factbook: Factbook, _scenario: Scenario | None, as_of: date) -> Inputs:
    """Read the pair's power system, the plan's milestones and the reservoir's known volumes."""
    a, b = (p.code for p in plan.parties)
    whole = power_system((a, b))
    system = pair_system(whole, (a, b)) if whole else None
    data_year = last_data_year(factbook.observations((a, b), as_of), (a, b)) or plan.start - 1
    end = max([plan.end, *(t.year for _, t in plan.targets()), data_year + 1])
    known = (
        [(y, v) for y in range(data_year, as_of.year + 1) if (v := _volume(whole, y)) is not None]
        if whole and system
        else []
    )
    return Inputs(
        (a, b),
        system,
        design(system, horizon(system, end)) if system else None,
        tuple(sorted(whole.parameters.items())) if whole else (),
        tuple(range(data_year, end + 1)),
        tuple(known),
        tuple(m.id for m in plan.milestones()),
        tuple(k for k, m in enumerate(plan.measures) for _ in m.milestones),
        tuple(m.id for m in plan.measures),
    )


def _volume(system: System, year: int) -> float | None:
    """Return the main reservoir's volume on 1 January, where the tables have it."""
    found = observed(system).get(f"volume-{year}-start")
    return found[0] if found else None


def prepare(inputs: Inputs, _streams: Streams) -> Prepared:
    """Find the table, or solve it."""
    if inputs.system is None or inputs.of is None:
        return Prepared(inputs, None)
    table = table_of(inputs.system, inputs.of)
    of = inputs
    return Prepared(inputs, Coming(table, of.pair, of.years, of.volumes, of.milestones, of.measure))


@lru_cache(maxsize=8)
def draws(prepared: Prepared, streams: Streams) -> Futures:
    """Return what is drawn in the bound block; kept for the newest blocks, so nothing may be written into it."""
    i = prepared.inputs
    assert i.system is not None
    return futures(i.system, dict(i.parameters), i.pair, i.years, streams)


def drawn_inputs(prepared: Prepared, streams: Streams) -> tuple[Draw, ...]:
    """Return the drawn inputs of the bound block by name; none where the pair has no power system."""
    i = prepared.inputs
    if i.system is None:
        return ()
    return drawn(draws(prepared, streams), i.pair, i.system.home().economy, i.years)


def rationing(prepared: Prepared, made: Futures) -> Floats:
    """Return GWh [draw, year, party] that rationing can cover between October and March: a share of winter demand."""
    i = prepared.inputs
    assert i.system is not None
    home = i.system.home().economy
    found = []
    for party in i.pair:
        nodes = [n for n in i.system.nodes if n.economy == party]
        winter = [
            n.demand_twh
            * i.system.rationed_share(n.id)
            * float((DAYS * i.system.profiles[n.profile].sum(axis=1))[WINTER].sum())
            / 8.76
            for n in nodes
        ]
        base = sum(n.demand_twh for n in nodes)
        grown = made.demand / base if party == home else made.scale
        found.append(sum(winter) * grown)
    return np.stack(found, axis=2)


def at(name: str) -> int:
    """Return the place of an output of a year."""
    return ANNUAL.index(name)


def _run(prepared: Prepared, world: World, streams: Streams) -> Mapping[str, Floats]:
    """Return each year's power of the bound block."""
    n, of = streams.draws, prepared.coming
    if of is None:
        return {name: np.zeros((n, 0, *(2,) * (len(variables()[name].dims) - 1))) for name in MODEL.writes}
    made = draws(prepared, streams)
    year = annual(of, made, world["schedule.finish"])
    first = prepared.inputs.pair.index(of.table.system.home().economy)

    def sides(name: str) -> Floats:
        """Return an output [draw, year, party] of both sides, in the order of the parties."""
        found = [year[:, :, at(f"{name}_{side}")] for side in ("home", "partner")]
        return np.stack(found if first == 0 else found[::-1], axis=2)

    there, back = year[:, :, 0] + year[:, :, 1], year[:, :, 2]
    return {
        "power.trade": traded(of, made, year),
        "power.flow": np.stack([back, there] if first == 0 else [there, back], axis=2),
        "power.short": sides("short_winter"),
        "power.volume": year[:, :, at("volume_least")],
        "power.imports": year[:, :, at("imports")],
        "power.clean": np.minimum(sides("clean") / np.maximum(sides("made"), 1e-9), 1.0),
        "power.emissions": sides("co2"),
    }


MODEL: Model[Inputs, Prepared] = Model(
    id="power",
    inputs=Inputs,
    reads=("schedule.finish",),
    writes=(
        "power.trade",
        "power.flow",
        "power.short",
        "power.volume",
        "power.imports",
        "power.clean",
        "power.emissions",
    ),
    setup=setup,
    prepare=prepare,
    run=_run,
)
