"""A year as one linear programme: typical days of twelve months in load blocks, water carried from month to month.

`dispatch(system, case) → Dispatch`: who generates what and when, what crosses borders, what the reservoirs do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from birge.models.power.case import Case
from birge.models.power.lp import Assembly, Solution, Solver
from birge.models.power.month import Month, add_month
from birge.models.power.system import System
from birge.models.power.yields import Head, heads, settle

__all__ = ["Cut", "Dispatch", "Year", "dispatch", "read", "year_programme"]

Floats = NDArray[np.float64]
Cut = tuple[float, Mapping[str, float], float]
"""Future cost ≥ level + Σ slope × volume + slope × credit: (level, slopes by reservoir, slope of the credit)."""


@dataclass(frozen=True)
class Year:
    """A year's programme with its columns: volume and credit that come in, twelve months, cost after the year.

    `heads` are the reservoirs whose yield depends on their volume, with the yields it has now.
    """

    case: Case
    solver: Solver
    months: tuple[Month, ...]
    start: Mapping[str, int]
    credit: int
    future: int
    heads: tuple[Head, ...] = ()


@dataclass(frozen=True)
class Dispatch:
    """An optimal year. Arrays are [month, block] in GWh by plant, node, line or reservoir; volumes [13] in km3.

    `traded` is by step of a partner zone, what it sells or buys. `water_value` is what one more km3 on the first day is
    worth (mn USD), `price` the dual of the balance (USD/MWh), both at the yields of the year. `off` is how far a
    month's power is at most from the yield of the volume it begins with times its release, GWh.
    """

    case: Case
    cost: float
    generation: Mapping[str, Floats]
    missing: Mapping[str, Floats]
    rationed: Mapping[str, Floats]
    forward: Mapping[str, Floats]
    backward: Mapping[str, Floats]
    hydro: Mapping[str, Floats]
    release: Mapping[str, Floats]
    spill: Mapping[str, Floats]
    volume: Mapping[str, Floats]
    gap: Mapping[str, Floats]
    given: Floats
    returned: Floats
    settled: Floats
    credit: Floats
    price: Mapping[str, Floats]
    water_value: Mapping[str, float]
    traded: Mapping[str, Floats] = field(default_factory=dict)
    off: float = 0.0


def dispatch(
    system: System,
    case: Case,
    start: Mapping[str, float] | None = None,
    end: Mapping[str, float] | None = None,
    cuts: Sequence[Cut] = (),
    *,
    head: bool = True,
) -> Dispatch:
    """Return the cheapest year of `case` at the yields of the volumes it meets; without `head` at the usual ones.

    Without `start` the year is cyclic: it ends with the volumes it began with, which are free. With `start`, it ends at
    `end` or above, or with the future priced by `cuts`. Among years of the same cost it is one in which missing power
    is spread.
    """
    return read(year_programme(system, case, start, end, cuts), even=True, head=head)


def year_programme(
    system: System,
    case: Case,
    start: Mapping[str, float] | None = None,
    end: Mapping[str, float] | None = None,
    cuts: Sequence[Cut] = (),
) -> Year:
    """Return the programme of `dispatch`, not solved yet."""
    a = Assembly()
    first: dict[str, int] = {}
    for r in system.reservoirs:
        if r.id in case.reservoirs:
            low, high = (r.stop_km3, r.full_km3) if start is None else (start[r.id], start[r.id])
            first[r.id] = int(a.column(1, 0.0, low, high)[0])
    credit = int(a.column(1)[0])
    months: list[Month] = []
    volume, balance = first, credit
    for m in range(12):
        months.append(add_month(a, system, case, m, volume, balance))
        volume, balance = months[-1].volume, months[-1].credit
    if case.swap:
        a.put(a.row(1, 0.0, 0.0), [balance, credit], [1.0, -1.0])
    for name, column in first.items():
        if start is None:
            a.put(a.row(1, 0.0, 0.0), [volume[name], column], [1.0, -1.0])
        elif end is not None:
            a.put(a.row(1, end[name]), volume[name], 1.0)
    future = int(a.column(1, 1.0, -1e7 if cuts else 0.0)[0])
    for level, slopes, own in cuts:
        row = a.row(1, level)
        a.put(row, future, 1.0)
        a.put(row, [volume[n] for n in slopes], [-s for s in slopes.values()])
        if case.swap:
            a.put(row, balance, -own)
    return Year(case, Solver(a), tuple(months), first, credit, future, heads(system, case))


def read(year: Year, even: bool = False, head: bool = True) -> Dispatch:
    """Solve a year's programme and return its optimum, `head`: at the yields of the volumes it meets.

    `even`: the one in which missing power is spread over equal hours, after which the programme is not to be solved
    again.
    """
    s, off = settle(year.solver, year.start, year.months, year.heads if head else ())
    made, blocks = year.months, year.case.blocks
    if even:
        columns = np.concatenate([np.concatenate([m.rationed[n], m.missing[n]]) for m in made for n in year.case.nodes])
        width = np.concatenate([m.steps[n] for m in made for n in year.case.nodes])
        volumes = np.array([*year.start.values(), *(c for m in made for c in m.volume.values())], np.int32)
        s = year.solver.evened(s, columns, width, np.ones(len(width)), volumes)
    nothing = np.zeros((12, blocks))

    def by(kind: str) -> dict[str, Floats]:
        names = {n for m in made for n in getattr(m, kind)}
        return {
            n: np.stack(
                [
                    s.value[getattr(m, kind)[n]].reshape(-1, blocks).sum(axis=0)
                    if n in getattr(m, kind)
                    else np.zeros(blocks)
                    for m in made
                ]
            )
            for n in sorted(names)
        }

    def one(kind: str) -> dict[str, Floats]:
        names = {n for m in made for n in getattr(m, kind)}
        return {n: np.array([s.value[getattr(m, kind)[n]] if n in getattr(m, kind) else 0.0 for m in made])
                for n in sorted(names)}  # fmt: skip

    swap = year.case.swap is not None
    return Dispatch(
        year.case,
        s.cost,
        by("generation"),
        by("missing"),
        by("rationed"),
        by("forward"),
        by("backward"),
        by("hydro"),
        one("release"),
        one("spill"),
        {n: np.concatenate([[s.value[c]], one("volume")[n]]) for n, c in year.start.items()},
        one("gap"),
        np.stack([s.value[m.given] for m in made]) if swap else nothing,
        np.stack([s.value[m.returned] for m in made]) if swap else nothing,
        np.array([s.value[m.settled] for m in made]) if swap else np.zeros(12),
        np.array([s.value[year.credit], *(s.value[m.credit] for m in made)]) if swap else np.zeros(13),
        {n: np.stack([s.dual[m.balance[n]] * 1_000 for m in made]) for n in year.case.nodes},
        _water_value(year, s),
        by("traded"),
        off,
    )


def _water_value(year: Year, s: Solution) -> dict[str, float]:
    return {n: -float(s.reduced[c]) for n, c in year.start.items()}
