"""A partner outside as parts of a grid: a bus of its own behind the border, with steps that sell and buy at a price."""

from __future__ import annotations

import numpy as np

from birge.models.power.clock import Clock
from birge.models.power.parts import Arc, Unit
from birge.models.power.system import System, Zone

__all__ = ["zone_parts"]


def zone_parts(system: System, clock: Clock, zone: Zone) -> tuple[list[Unit], list[Arc]]:
    """Return what a zone sells (generators) and buys (loads with a price) at its bus, and the border as two arcs.

    Prices are those at the border: what is lost beyond it is the partner's.
    """
    steps = len(clock.hours)
    ones, none = np.ones(steps), np.zeros(steps)
    units = []
    for x in system.steps:
        if x.zone == zone.id:
            there = np.array([float(x.there(m)) for m in range(12)])[clock.month]
            kind, sign = ("import", 1.0) if x.way == "sells" else ("market", -1.0)
            units.append(Unit(x.id, zone.id, kind, x.mw, none, there, sign * x.price, sign=sign))
    arcs = [
        Arc(f"{zone.id}-in", zone.id, zone.node, zone.mw, ones, ones),
        Arc(f"{zone.id}-out", zone.node, zone.id, zone.mw, ones, ones),
    ]
    return units, arcs
