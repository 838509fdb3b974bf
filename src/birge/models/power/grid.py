"""A power system as parts over the steps of a clock: `grid(system, case, clock, options) → Grid`.

The direct programme and PyPSA both read it, so that what they solve is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError
from birge.models.power.case import Case
from birge.models.power.clock import Clock
from birge.models.power.dispatch import Cut
from birge.models.power.month import usual_yield
from birge.models.power.options import Option
from birge.models.power.parts import Arc, Draw, Grid, Need, Tank, Unit, Worth
from birge.models.power.system import DAYS, Plant, Reservoir, System
from birge.models.power.zones import zone_parts

__all__ = ["grid"]

Floats = NDArray[np.float64]
MM3 = 1_000.0
"""Million m3 in a km3."""


def grid(
    system: System,
    case: Case,
    clock: Clock,
    options: Sequence[Option] = (),
    *,
    start: Mapping[str, float] | None = None,
    end: Mapping[str, float] | None = None,
    targets: Mapping[str, Floats] | None = None,
    values: Sequence[Cut] = (),
) -> Grid:
    """Return the parts of `case` with what `options` allow to build; raises InputError for an exchange contract, and
    for values without a start.

    A project that is offered as an option is not there before it is chosen. Reservoirs are cyclic, or go from `start`
    to at least `end` (km3); `targets` are volumes at the ends of the twelve months (km3) that are kept at least, such
    as those of the year by months. `values` are cuts of the policy on cost after the year (`Policy.cuts`), which price
    what is left. Evaporation is that of the usual volume.
    """
    if values and start is None:
        raise InputError.at("values", "start", "a year that repeats itself leaves nothing", "name the first volumes")
    if case.swap is not None:
        raise InputError.at(
            "regime", "exchange", "an exchange contract has no hours of its own", "take free, purchases or isolated"
        )
    steps = len(clock.hours)
    ones, none = np.ones(steps), np.zeros(steps)
    units: list[Unit] = []
    arcs: list[Arc] = []
    tanks: list[Tank] = []
    draws: list[Draw] = []
    for name in case.nodes:
        n = system.node(name)
        load = case.demand[name] * 1e6 / 8_760 * clock.values(system, n.profile)
        draws.append(Draw(name, name, load))
        peak, curve = float(load.max()), system.curve(name)
        for k, d in enumerate(curve):
            part = d.share * load / peak if d is not curve[-1] else ones
            units.append(Unit(f"{name}-missing-{k + 1}", name, "missing", peak, none, part, d.price))
    for p in system.plants:
        if p.node in case.nodes and (not p.contract or p.contract in case.contracts):
            units.append(_plant(system, clock, p))
    offered = {o.id for o in options}
    for project in system.projects:
        if project.id in offered:
            continue
        share = case.online.get(project.id, np.zeros(12))[clock.month]
        if project.node in case.nodes and project.mw > 0 and share.max() > 0:
            top = share * clock.values(system, project.profile)
            units.append(Unit(project.id, project.node, project.technology, project.mw, none, top, 0.0))
    for line in system.lines:
        if line.id in case.lines:
            for way, a, b in (("forward", line.from_node, line.to_node), ("backward", line.to_node, line.from_node)):
                arcs.append(Arc(f"{line.id}-{way}", a, b, line.mw, ones, (1 - line.loss) * ones))
    for z in system.zones:
        if z.id in case.zones and z.id not in offered:
            sold, border = zone_parts(system, clock, z)
            units, arcs = [*units, *sold], [*arcs, *border]
    needs: list[Need] = []
    held = [r for r in system.reservoirs if r.id in case.reservoirs]
    for r in held:
        arcs += _below(system, clock, r, system.below(r, case.reservoirs))
        tanks.append(_tank(r, clock, start, end, (targets or {}).get(r.id)))
        draws.append(Draw(f"{r.id}-inflow", _water(r.id), -_inflow(system, case, clock, r)))
        if not system.below(r, case.reservoirs):
            units.append(Unit(f"{r.id}-spill", _water(r.id), "spill", 100.0, none, ones, 0.0, sign=-1.0))
        if not r.upstream_of:
            needs += _needs(system, case, r)
    for o in options:
        more = o.parts(system, clock)
        units, arcs, tanks = [*units, *more[0]], [*arcs, *more[1]], [*tanks, *more[2]]
    places = [*case.nodes, *(t.bus for t in tanks), *(u.bus for u in units), *(x.end for x in arcs)]
    buses = tuple(dict.fromkeys(places))
    worths = tuple(Worth(level, {k: v / MM3 for k, v in slopes.items()}) for level, slopes, _ in values)
    return Grid(clock, buses, tuple(units), tuple(arcs), tuple(tanks), tuple(draws), tuple(needs), worths)


def _plant(system: System, clock: Clock, p: Plant) -> Unit:
    shape = clock.values(system, p.profile)
    if p.limit == "power":
        return Unit(p.id, p.node, p.technology, p.mw, p.least * shape, shape, p.cost, p.co2)
    whole = np.array([float((p.mw * shape * clock.hours)[clock.month == m].sum()) for m in range(12)])
    steps = len(shape)
    return Unit(
        p.id,
        p.node,
        p.technology,
        p.mw,
        np.zeros(steps),
        np.full(steps, system.parameters["energy-peak"].mode),
        p.cost,
        p.co2,
        monthly=whole,
    )


def _water(reservoir: str) -> str:
    return f"{reservoir}-water"


def _below(system: System, clock: Clock, r: Reservoir, below: str) -> list[Arc]:
    """Return the turbines of a reservoir, sized in million m3 an hour, and its spillway to the one below."""
    per = np.array([usual_yield(system, r, m) * 1e6 / MM3 for m in range(12)])[clock.month]
    size, then = r.mw / float(per.min()), _water(below) if below else ""
    made = [Arc(f"{r.id}-turbines", _water(r.id), r.node, size, r.mw / per / size, per, then)]
    if then:
        made.append(Arc(f"{r.id}-spill", _water(r.id), then, 100.0, np.ones(len(per)), np.ones(len(per))))
    return made


def _tank(
    r: Reservoir,
    clock: Clock,
    start: Mapping[str, float] | None,
    end: Mapping[str, float] | None,
    target: Floats | None,
) -> Tank:
    steps = len(clock.hours)
    low = np.full(steps, r.stop_km3 / r.full_km3)
    if target is not None:
        for m in range(12):
            low[clock.last_of(m)] = max(low[0], float(target[m]) / r.full_km3)
    made = Tank(r.id, _water(r.id), r.full_km3 * MM3, low, np.ones(steps))
    if start is None:
        return made
    return replace(made, first=start[r.id] * MM3, last=(end or {}).get(r.id, r.stop_km3) * MM3)


def _inflow(system: System, case: Case, clock: Clock, r: Reservoir) -> Floats:
    """Return the river less evaporation at the usual volume, million m3 an hour."""
    river, share = system.river(r), system.passes(r, case.reservoirs)
    lost = river.evaporation_m / 1_000 * (r.area_base_km2 + r.area_slope_km2 * system.usual_km3(r))
    month = (river.inflow_km3 * share * case.inflow - lost) * MM3 / (DAYS * 24)
    return np.asarray(month[clock.month])


def _needs(system: System, case: Case, r: Reservoir) -> list[Need]:
    arcs, units, known = (f"{r.id}-turbines",), (f"{r.id}-spill",), system.parameters
    made, river = [], "" if r.id == system.lowest().id else f"{r.id}-"
    for m in range(12):
        least = r.release_min_m3s * DAYS[m] * 86_400 / 1e6
        made.append(Need(f"{river}least-{m}", m, arcs, units, least, known["least-release-cost"].mode * 1e6 / MM3))
        need = float(system.rivers[r.id].need_km3[m]) * MM3
        for economy, of in system.shares(r).items():
            if need > 0 and case.water.get(economy, 0.0) > 0:
                price = case.water[economy] * 1e6 / MM3 * of.mode
                made.append(Need(f"{river}{economy}-{m}", m, arcs, units, need, price))
    return made
