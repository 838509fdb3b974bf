"""Where sizing starts: servers and people by shift from closed forms.

arrivals of the busiest week ─▶ modified offered load by hour ─▶ fewest servers whose wait (Allen, Cunneen) is short
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from birge.models.border.analytic import offered_load, servers_for
from birge.models.border.decisions import Decision, shift_of, values
from birge.models.border.design import Design
from birge.models.border.sizing import Vector
from birge.models.border.tried import Asked
from birge.models.border.walk import hourly_rate, hours_of, service_at, share_at

__all__ = ["start"]


def start(design: Design, free: tuple[Decision, ...], asked: Asked, regime: str) -> Vector:
    """Return servers by shift for the load of the busiest week, each station with its part of half the asked wait."""
    way, now = design.regime(regime), values(design, free)
    most = max(len(s.route) for s in design.streams)
    work: dict[str, tuple[NDArray[np.float64], float, float]] = {}
    come = [hourly_rate(design, d, 8736, 0) for d in range(len(design.streams))]
    met = {step.station for s in design.streams for step in s.route}
    for station in (s for s in design.stations if s.id in met):
        stop = [rate * share_at(design, d, station.id, way) for d, rate in enumerate(come)]
        rate = np.sum(stop, axis=0).reshape(-1, 168)
        peak = rate[np.argmax(rate.sum(axis=1))]
        mean, scv = service_at(design, station, way)
        work[station.id] = (offered_load(peak, mean), mean, scv)
    for pool in design.staff:
        served = [work[s.id] for s in design.stations if s.staff == pool.id and s.id in work]
        if served:
            load = np.sum([w[0] for w in served], axis=0)
            work[pool.id] = (load, float(np.mean([w[1] for w in served])), float(np.mean([w[2] for w in served])))
    found = []
    for d, n in zip(free, now, strict=True):
        if d.kind == "places" or d.of not in work:
            found.append(n)
            continue
        if n == 0:
            # a shift of nobody is opened by the search alone
            found.append(0)
            continue
        load, mean, scv = work[d.of]
        hour = hours_of(shift_of(design, d))
        need = servers_for(float(load[hour].mean()) / mean, mean, scv, asked.p90_wait_h / (2 * most))
        found.append(min(max(need, d.least), d.most))
    return tuple(found)
