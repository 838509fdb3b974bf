"""Electricity of a block of draws, by the same dates as everything else.

    dates with the plan, if it stops, had it never been, a month sooner, … ─▶ path of years in the table ─▶ mn USD

One `Power` serves a block: what is drawn for it is drawn once. A pair without a power model has no electricity of its
own: it stays in the outlook's flow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from birge.models import power, schedule
from birge.models.power.futures import Futures
from birge.models.power.paths import CARRIED, Coming, annual, electricity, traded
from birge.rng import Streams
from birge.spec import World

__all__ = ["Power"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Power:
    """The power model of a block with the plan's dates `finish` [draw, milestone]; measures in `off` have no effect.

    `trade` is `power.trade` [draw, year, direction, reporter] as the model has it at these dates, with all measures.
    """

    prepared: power.Prepared
    streams: Streams
    finish: Floats
    as_of: float
    off: frozenset[str]
    trade: Floats

    @property
    def acting(self) -> tuple[int, ...]:
        """Return the places in the plan of the measures that bring power."""
        return self.prepared.coming.acting if self.prepared.coming else ()

    @cached_property
    def drawn(self) -> Futures:
        """Return what is drawn, once."""
        return power.draws(self.prepared, self.streams)

    @cached_property
    def stopped(self) -> Floats:
        """Return the dates if the plan stops at `as_of`; nothing may be written into them."""
        return schedule.stopped(self.finish, self.as_of)

    def steps(self, measures: tuple[int, ...], shape: tuple[int, ...], begin: Floats) -> tuple[Floats, Floats]:
        """Return electricity [draw, year, direction, reporter] at the dates `begin`, and the step of each of `measures`
        from there to the plan's dates [draw, measure, year, direction, reporter], mn USD a year."""
        step = np.zeros((shape[0], len(measures), *shape[1:]))
        of = self.prepared.coming
        if of is None:
            return np.zeros(shape), step
        outputs = self._before if begin is self.stopped else annual(of, self.drawn, begin, CARRIED)
        made = electricity(of, self.drawn, begin, self.finish, outputs)
        for k, measure in enumerate(of.acting):
            step[:, measures.index(measure)] = made.step[:, k]
        return made.base, step

    def none(self) -> Floats:
        """Return electricity [draw, year, direction, reporter] had the plan never been, mn USD a year."""
        of = self.prepared.coming
        if of is None:
            return np.zeros((len(self.finish), len(self.prepared.inputs.years), 2, 2))
        return self._at(of, np.full_like(self.finish, np.inf))

    def brings(self, milestones: NDArray[np.int64]) -> bool:
        """Return whether any of `milestones` brings power with a measure that is on."""
        return bool(set(milestones.tolist()) & set(self._open))

    def change(self, finish: Floats) -> Floats:
        """Return what other dates change of electricity [draw, year, reporter]; measures that are off stay out."""
        of = self.prepared.coming
        if of is None:
            return np.zeros((len(self.finish), len(self.prepared.inputs.years), 2))
        # dates after the last year are all the same, and a draw in which none moves has nothing to solve
        end = 12.0 * (of.years[-1] + 1 - 2000)
        now, then = (np.minimum(x[:, self._open], end) for x in (self.finish, finish))
        rows = np.flatnonzero((now != then).any(axis=1))
        other = self.stopped[rows]
        other[:, self._open] = finish[rows][:, self._open]
        made = np.zeros((len(self.finish), len(of.years), 2))
        drawn = self.drawn.of(rows)
        made[rows] = (traded(of, drawn, annual(of, drawn, other, CARRIED)) - self._planned[rows]).sum(axis=2)
        return made

    def told(self, world: World) -> Mapping[str, Floats]:
        """Return what the answer says of power: by name [draw, year, …], nothing where the pair has no model.

        `over` is 1 where a side's winter lacks more than rationing covers, `saved` what the plan changes of emissions.
        """
        of = self.prepared.coming
        if of is None:
            return {}
        made = {n: world[f"power.{n}"] for n in ("short", "volume", "flow", "imports", "clean", "emissions")}
        made["over"] = (made["short"] > power.rationing(self.prepared, self.drawn)).astype(np.float64)
        sides = [power.at("co2_home"), power.at("co2_partner")]
        made["changed"] = made["emissions"].sum(axis=2) - self._before[:, :, sides].sum(axis=2)
        return made

    @cached_property
    def _open(self) -> list[int]:
        """Return the milestones of measures that are on and bring power."""
        of, names = self.prepared.coming, self.prepared.inputs.measures
        return sorted({m for _, _, m in of.places if names[of.measure[m]] not in self.off}) if of else []

    @cached_property
    def _before(self) -> Floats:
        """Return all outputs [draw, year, output] if the plan stops."""
        assert self.prepared.coming is not None
        return annual(self.prepared.coming, self.drawn, self.stopped)

    @cached_property
    def _planned(self) -> Floats:
        if not self.off:
            return self.trade
        of, dates = self.prepared.coming, self.stopped.copy()
        assert of is not None
        dates[:, self._open] = self.finish[:, self._open]
        return self._at(of, dates)

    def _at(self, of: Coming, finish: Floats) -> Floats:
        return traded(of, self.drawn, annual(of, self.drawn, finish, CARRIED))
