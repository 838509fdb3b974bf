"""The plain parts of a power system for dispatch and expansion, before any solver: units, arcs, tanks, draws, needs.

Buses carry power (MW) or water (million m3 an hour). A unit feeds or takes at one bus, an arc moves from one bus to
another and, with water, on to a third; a tank holds energy (MWh) or water (million m3). A part with `most` above `size`
may grow at `capital` a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.models.power.clock import Clock

__all__ = ["Arc", "Draw", "Grid", "Need", "Tank", "Unit", "Worth"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Unit:
    """A generator, or a buyer where `sign` is -1: MW between `low` and `top` times its size, at `cost` USD/MWh.

    `monthly` bounds what it makes in a month (MWh). `most` is the greatest size, `capital` USD a year for another MW.
    """

    name: str
    bus: str
    technology: str
    size: float
    low: Floats
    top: Floats
    cost: float
    co2: float = 0.0
    sign: float = 1.0
    monthly: Floats | None = None
    most: float = 0.0
    capital: float = 0.0


@dataclass(frozen=True)
class Arc:
    """A one-way link: what enters at `start` arrives at `end` times `efficiency`, and all of it at `then` (water)."""

    name: str
    start: str
    end: str
    size: float
    top: Floats
    efficiency: Floats
    then: str = ""
    most: float = 0.0
    capital: float = 0.0


@dataclass(frozen=True)
class Tank:
    """A store of MWh or million m3 between `low` and `top`; cyclic where `first` is None, else ends at `last` or above.

    For a tank that may grow `size` is what it starts from and `top` a share of the size.
    """

    name: str
    bus: str
    size: float
    low: Floats
    top: Floats
    first: float | None = None
    last: float = 0.0
    most: float = 0.0
    capital: float = 0.0


@dataclass(frozen=True)
class Draw:
    """A fixed load at a bus (MW, or million m3 an hour; negative: inflow)."""

    name: str
    bus: str
    value: Floats


@dataclass(frozen=True)
class Need:
    """Water that must pass: Σ hours × flow of `arcs` and `units` + gap ≥ `amount` million m3, gap at `cost`."""

    name: str
    month: int
    arcs: tuple[str, ...]
    units: tuple[str, ...]
    amount: float
    cost: float


@dataclass(frozen=True)
class Worth:
    """A cut on what comes after the last step, mn USD: at least `level` + Σ `slope` × a tank's last content.

    `slope` is mn USD for a million m3, by tank.
    """

    level: float
    slope: Mapping[str, float]


@dataclass(frozen=True)
class Grid:
    """All parts over the steps of a clock."""

    clock: Clock
    buses: tuple[str, ...]
    units: tuple[Unit, ...]
    arcs: tuple[Arc, ...]
    tanks: tuple[Tank, ...]
    draws: tuple[Draw, ...]
    needs: tuple[Need, ...]
    worths: tuple[Worth, ...] = ()

    def growing(self) -> tuple[Unit | Arc | Tank, ...]:
        """Return the parts that may grow."""
        return tuple(x for x in self.sized() if x.most > x.size)

    def sized(self) -> tuple[Unit | Arc | Tank, ...]:
        """Return every part that has a size."""
        parts: list[Unit | Arc | Tank] = [*self.units, *self.arcs, *self.tanks]
        return tuple(parts)
