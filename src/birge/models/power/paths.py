"""A path of years read from the table, and what crosses the border in it, in the money of each side's statistics.

    volume on 1 January, inflow, demand, what has come by then ─▶ table ─▶ outputs of the year, its last volume ─▶ …
    bought, returned, given (GWh) × contract price ─▶ mn USD by direction and reporter

Both legs of a swap count in the year they are delivered, on the statistics that record swaps; what is settled in cash
is no electricity and counts nowhere. A measure's step is what the power of the pair is worth more with its milestones
than without, measures joining in the order of the plan, so that the steps add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.models.power.cases import ANNUAL
from birge.models.power.futures import Futures
from birge.models.power.table import PowerTable

__all__ = ["Coming", "Electricity", "annual", "electricity", "traded"]

Floats = NDArray[np.float64]
CARRIED = 4
"""Outputs that a path needs when only trade is asked for: three flows and the last volume."""


@dataclass(frozen=True)
class Coming:
    """The pair's table in a plan: years, first volumes that are known, and milestones of the plan by measure.

    `milestones` are those of the plan, in its order; `measure` is the place of each one's measure; `swaps` whether the
    exchange contract is at work.
    """

    table: PowerTable
    pair: tuple[str, str]
    years: tuple[int, ...]
    volumes: tuple[tuple[int, float], ...]
    milestones: tuple[str, ...]
    measure: tuple[int, ...]

    @property
    def places(self) -> list[tuple[int, float, int]]:
        """Return (option, MW, place among the milestones) of what the plan brings."""
        return [p for p in self.table.places(self.milestones) if p[2] >= 0]

    @property
    def acting(self) -> tuple[int, ...]:
        """Return the places of the measures that bring something, in the order of the plan."""
        return tuple(sorted({self.measure[m] for _, _, m in self.places}))


@dataclass(frozen=True)
class Electricity:
    """Electricity in mn USD a year: `base` [draw, year, direction, reporter] without the steps, `step` [draw, measure,
    year, direction, reporter] of the acting measures."""

    base: Floats
    step: Floats


def annual(of: Coming, made: Futures, finish: Floats, count: int = len(ANNUAL), cap: Floats | None = None) -> Floats:
    """Return the first `count` outputs [draw, year, output] for `finish` [draw, milestone]; `cap` other than drawn."""
    table, n = of.table, len(finish)
    options = table.design.options
    known = dict(of.volumes)
    lowest = table.system.lowest()
    volume = np.full(n, known.get(of.years[0], lowest.start_km3))
    usual = table.system.parameters["swap-cap"].mode
    share = np.zeros((n, len(options)))
    share[:, -1] = 1 - (made.cap if cap is None else cap) / usual
    result = np.empty((n, len(of.years), count))
    at = np.empty((n, 4))
    begins = 12.0 * (np.array(of.years) - 2000)
    parts = [
        _part(options[k].energy, finish[:, place, None] - begins) * mw / sum(options[k].mw)
        for k, mw, place in of.places
    ]
    for y, year in enumerate(of.years):
        if year in known:
            volume = np.full(n, known[year])
        share[:, :-1] = 0.0
        net = made.demand[:, y].copy()
        for (k, _, _), part in zip(of.places, parts, strict=True):
            share[:, k] += part[:, y]
            net -= part[:, y] * sum(options[k].energy)
        at[:, 0], at[:, 1], at[:, 2], at[:, 3] = volume, made.inflow[:, y], net, made.scale[:, y]
        result[:, y] = table.read(at, share, max(count, CARRIED))[:, :count]
        volume = result[:, y, 3]
    return result


def _part(energy: Sequence[float], start: Floats) -> Floats:
    """Return the share of a year's energy that is left from `start` on, in months since its first day."""
    weight = np.array(energy) if sum(energy) else np.ones(12)
    left = 1 - np.concatenate([[0.0], np.cumsum(weight)]) / weight.sum()
    return np.asarray(np.interp(start, np.arange(13.0), left))


def traded(of: Coming, made: Futures, outputs: Floats) -> Floats:
    """Return mn USD [draw, year, direction, reporter] of `annual` outputs; directions in the order of the pair."""
    home = of.pair.index(of.table.system.home().economy)
    bought, returned, given = (outputs[:, :, k, None] for k in range(3))
    swapped = made.recorded[:, None, :]
    price = made.price[:, None, None] / 1_000
    to_home, from_home = (bought + returned * swapped) * price, given * swapped * price
    return np.stack([from_home, to_home] if home == 0 else [to_home, from_home], axis=2)


def electricity(of: Coming, made: Futures, begin: Floats, finish: Floats, outputs: Floats | None = None) -> Electricity:
    """Return trade in power with the milestones of `begin`, and each acting measure's step to those of `finish`.

    `outputs` are those of `annual` at `begin`, where they are known.
    """
    now = begin.copy()
    before = base = traded(of, made, annual(of, made, now, CARRIED) if outputs is None else outputs)
    steps = []
    for k in of.acting:
        own = [m for _, _, m in of.places if of.measure[m] == k]
        if (now[:, own] != finish[:, own]).any():
            now[:, own] = finish[:, own]
            after = traded(of, made, annual(of, made, now, CARRIED))
            steps.append(after - before)
            before = after
        else:
            steps.append(np.zeros_like(before))
    return Electricity(base, np.stack(steps, axis=1) if steps else np.zeros((len(begin), 0, *base.shape[1:])))
