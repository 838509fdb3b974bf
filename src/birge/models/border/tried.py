"""A design tried: yearly cost, and by replication the share of weeks that meet the asked service.

The same seed, truck and station give the same random numbers, so two designs differ by what was decided, not by luck.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from birge.kernels import border_queue as kernel
from birge.models.border.cost import yearly_cost
from birge.models.border.decisions import Decision, decided
from birge.models.border.design import Design
from birge.models.border.network import Network, network
from birge.models.border.simulate import quantile, replicate

__all__ = ["Asked", "Bench", "Tried", "demanded"]

DAYS, WARM = 364, 28


@dataclass(frozen=True)
class Asked:
    """The service asked for: P90 of the wait in hours, in which share of weeks, how many trucks may stay away."""

    p90_wait_h: float
    in_share: float = 0.95
    lost: float = 0.01


@dataclass
class Tried:
    """A vector of decisions and what its replications said; rows are replications, columns streams."""

    chosen: tuple[int, ...]
    usd_year: float
    shares: list[NDArray[np.float64]] = field(default_factory=list)
    lost: list[NDArray[np.float64]] = field(default_factory=list)
    bins: NDArray[np.int64] | None = None
    truck_hours: list[float] = field(default_factory=list)
    station_wait: NDArray[np.float64] | None = None

    @property
    def share(self) -> float:
        """Share of weeks that meet the asked P90, of the worst stream."""
        return float(np.mean(self.shares, axis=0).min())

    @property
    def stays_away(self) -> float:
        """Share of trucks that stay away or are turned away, of the worst stream."""
        return float(np.mean(self.lost, axis=0).max())

    @property
    def p90_h(self) -> float:
        """P90 of the wait over the year in hours, of the worst stream."""
        assert self.bins is not None
        return max(quantile(b, 0.9) for b in self.bins)

    @property
    def truck_hours_year(self) -> float:
        """Truck-hours a year, inside and on the road to another stream."""
        return float(np.mean(self.truck_hours)) * 365 / DAYS

    def meets(self, asked: Asked) -> bool:
        """Return whether its replications so far meet the service."""
        return self.share >= asked.in_share and self.stays_away <= asked.lost


class Bench:
    """Tries vectors of decisions of a design and remembers them."""

    def __init__(self, design: Design, free: tuple[Decision, ...], asked: Asked, regime: str, seed: int) -> None:
        self.design, self.free, self.asked, self.seed = design, free, asked, seed
        self.regime = design.regime(regime)
        self.known: dict[tuple[int, ...], Tried] = {}
        self.fresh: dict[tuple[int, ...], Tried] = {}
        self.runs = 0

    def tried(self, chosen: tuple[int, ...], replications: int) -> Tried:
        """Return what `replications` of a vector say, those that are known already included."""
        if chosen not in self.known:
            self.known[chosen] = Tried(chosen, self.cost(chosen))
        found = self.known[chosen]
        have = len(found.shares)
        if have < replications:
            self._run(found, [self.seed * 1_000_003 + r for r in range(have, replications)])
        return found

    def cost(self, chosen: tuple[int, ...]) -> float:
        """Return what a vector costs the operator in a year, USD."""
        return yearly_cost(decided(self.design, self.free, chosen))

    def apart(self, chosen: tuple[int, ...], count: int) -> list[NDArray[np.float64]]:
        """Return the shares of the first `count` replications that no search has seen; each is simulated once."""
        found = self.fresh.setdefault(chosen, Tried(chosen, self.cost(chosen)))
        have = len(found.shares)
        if have < count:
            self._run(found, [self.seed * 1_000_003 + 500_000 + r for r in range(have, count)])
        return found.shares[:count]

    def _run(self, into: Tried, seeds: Sequence[int]) -> None:
        made = network(decided(self.design, self.free, into.chosen), self.regime, 0, DAYS + WARM, WARM)
        self.runs += len(seeds)
        with ThreadPoolExecutor(max_workers=min(len(seeds), os.cpu_count() or 1)) as pool:
            for t in pool.map(lambda s: replicate(made, DAYS + WARM, WARM, s), seeds):
                self._add(into, made, t)

    def _add(self, into: Tried, made: Network, t: kernel.Tally) -> None:
        first, last = WARM // 7, (WARM + DAYS) // 7
        share, lost = np.ones(len(made.directions)), np.zeros(len(made.directions))
        for d in range(len(made.directions)):
            weeks = [quantile(t.week_bins[d, w], 0.9) for w in range(first, last)]
            counted = [x for x in weeks if np.isfinite(x)]
            share[d] = np.mean([x <= self.asked.p90_wait_h for x in counted]) if counted else 1.0
            lost[d] = float(t.fate[d, 2] + t.fate[d, 3]) / max(float(t.fate[d, 0] + t.fate[d, 7]), 1.0)
        into.shares.append(share)
        into.lost.append(lost)
        into.bins = t.wait_bins if into.bins is None else into.bins + t.wait_bins
        # those on the road count over the warm-up too
        road = float((t.fate[:, 6] * made.net.divert_hours).sum()) * DAYS / (DAYS + WARM)
        into.truck_hours.append(float(t.dwell[made.trucks].sum()) + road)
        waits = t.station_wait[:, 0]
        into.station_wait = waits if into.station_wait is None else into.station_wait + waits


def demanded(design: Design, level: float) -> Design:
    """Return the design with `level` times the arrivals of every stream; traces stay as they are."""
    streams = tuple(
        s.model_copy(update={"arrivals": s.arrivals.model_copy(update={"per_day": s.arrivals.per_day * level})})
        for s in design.streams
    )
    return design.model_copy(update={"streams": streams})
