"""How far readings of the table are from direct solves, in cases that are not on its grid.

Cases are drawn over the range of the plan's years: demand of both sides, first volume, inflow, the day on which each
project comes, the cap of the exchange. A direct solve is the year's programme of that case, with the value of the water
that is left at the two neighbouring levels of demand, and its outputs in between, as the table has them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.models.power.case import Case
from birge.models.power.cases import ANNUAL, Design, Solved, solve_year, year_case
from birge.models.power.inflow import seasonal_spread
from birge.models.power.system import Range, System

__all__ = ["HeldOut", "direct", "drawn_cases", "measured"]

Floats = NDArray[np.float64]
FULLEST = 0.55
"""First volumes are drawn up to this share of the way from stop to full, which no year of the tables passes."""


@dataclass(frozen=True)
class HeldOut:
    """A case with its place in the table [4] and its share of each option."""

    case: Case
    volume: float
    place: Floats
    share: Floats


def drawn_cases(
    system: System, of: Design, cap: Range, last: int, count: int, rng: np.random.Generator
) -> list[HeldOut]:
    """Draw `count` cases of years up to `last`."""
    home = system.home()
    partner = next(n for n in system.nodes if n.economy != home.economy)
    lowest = system.lowest()
    base = sum(n.demand_twh for n in system.nodes if n.economy == home.economy)
    spread = seasonal_spread(system.rivers[lowest.id])
    found = []
    for _ in range(count):
        year = int(rng.integers(home.year + 1, last + 1))
        demand = base * (1 + _triangle(home.growth_low, home.growth_mode, home.growth_high, rng)) ** (year - home.year)
        growth = _triangle(partner.growth_low, partner.growth_mode, partner.growth_high, rng)
        scale = (1 + growth) ** (year - partner.year)
        volume = rng.uniform(lowest.stop_km3, lowest.stop_km3 + FULLEST * (lowest.full_km3 - lowest.stop_km3))
        inflow = float(np.clip(1 + spread * rng.standard_normal(), of.axes[1][0], of.axes[1][-1]))
        online: dict[str, Floats] = {}
        share = np.zeros(len(of.options))
        for k, o in enumerate(of.options[:-1]):
            weight = np.array(o.energy) if sum(o.energy) else np.ones(12)
            for name, mw in zip(o.projects, o.mw, strict=False):
                start = 12 * (rng.uniform(home.year, last + 1) - year)
                online[name] = np.clip(np.arange(1, 13) - start, 0.0, 1.0)
                share[k] += float(mw / sum(o.mw) * (online[name] * weight).sum() / weight.sum())
        most = _triangle(cap.low, cap.mode, cap.high, rng)
        share[-1] = 1 - most / cap.mode
        net = demand - sum(s * sum(o.energy) for s, o in zip(share, of.options, strict=True))
        case = year_case(system, of, demand, scale, inflow, online, most)
        found.append(HeldOut(case, volume, np.array([volume, inflow, net, scale]), share))
    return found


def direct(system: System, of: Design, solved: Solved, held: HeldOut) -> Floats:
    """Return the outputs of a case in the order of `ANNUAL`, solved."""
    levels = np.array(of.axes[2])
    low = int(np.clip(np.searchsorted(levels, held.place[2]) - 1, 0, len(levels) - 2))
    up = float(np.clip((held.place[2] - levels[low]) / (levels[low + 1] - levels[low]), 0.0, 1.0))
    ends = [solve_year(system, held.case, held.volume, solved.cuts[k]) for k in (low, low + 1)]
    return np.asarray((1 - up) * ends[0] + up * ends[1])


def measured(read: Floats, solved: Floats) -> dict[str, tuple[float, float]]:
    """Return mean and root mean square of the error of `read` [case, output] against `solved`, by output."""
    error = read - solved
    bias, size = error.mean(axis=0), np.sqrt((error**2).mean(axis=0))
    return {name: (float(bias[k]), float(size[k])) for k, name in enumerate(ANNUAL)}


def _triangle(low: float, mode: float, high: float, rng: np.random.Generator) -> float:
    return mode if low == high else float(rng.triangular(low, mode, high))
