"""One month as columns and rows: the same block serves the year as one programme and each stage of the policy.

For every node and load block: generation + hydropower + what lines bring, less their losses, + missing power = demand.
For every reservoir: volume out = volume in - evaporation + inflow + release from above - release - spill, with
TWh = yield(u) × release + slope × w × (volume in - u): release times head to the first order around the usual volume u
and release w, short of it by slope × (volume in - u) × (release - w); w is 0 unless it is given. Below the lowest: a
least release and a need for irrigation by economy, with priced gaps.
Exchange: credit out = credit in + given - returned / ratio - settled in cash.
Every gap is priced, so every month has a solution whatever comes in (complete recourse).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from birge.models.power.case import Case
from birge.models.power.lp import INFINITY, Assembly
from birge.models.power.system import DAYS, Plant, Reservoir, System

__all__ = ["Month", "add_month", "head", "hours", "load", "usual_yield"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass
class Month:
    """Column numbers of one month; by plant, node, line, step of a zone, reservoir and economy.

    `rationed` and `missing` (beyond rationing) have all steps of a node's curve one after the other, each by block;
    `steps` is what each can have, GWh. Row numbers: `balance` and `water`, `energy`; of an exchange `agreed` (its
    credit) and `share` (what a month gives).
    """

    generation: dict[str, Ints] = field(default_factory=dict)
    rationed: dict[str, Ints] = field(default_factory=dict)
    missing: dict[str, Ints] = field(default_factory=dict)
    steps: dict[str, Floats] = field(default_factory=dict)
    forward: dict[str, Ints] = field(default_factory=dict)
    backward: dict[str, Ints] = field(default_factory=dict)
    traded: dict[str, Ints] = field(default_factory=dict)
    hydro: dict[str, Ints] = field(default_factory=dict)
    release: dict[str, int] = field(default_factory=dict)
    spill: dict[str, int] = field(default_factory=dict)
    volume: dict[str, int] = field(default_factory=dict)
    gap: dict[str, int] = field(default_factory=dict)
    least_gap: int = -1
    given: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    returned: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    settled: int = -1
    credit: int = -1
    agreed: int = -1
    share: int = -1
    balance: dict[str, Ints] = field(default_factory=dict)
    water: dict[str, int] = field(default_factory=dict)
    energy: dict[str, int] = field(default_factory=dict)


def hours(month: int, blocks: int) -> float:
    """Return the hours of one load block in `month`."""
    return float(DAYS[month] * 24 / blocks)


def profile(system: System, name: str, month: int, blocks: int) -> Floats:
    """Return the mean of a profile in each load block."""
    return np.asarray(system.profiles[name][month].reshape(blocks, -1).mean(axis=1))


def load(system: System, case: Case, node: str, month: int) -> Floats:
    """Return demand at a node by load block, GWh."""
    of = profile(system, system.node(node).profile, month, case.blocks)
    return np.asarray(case.demand[node] * 1_000 / 8_760 * of * hours(month, case.blocks))


def usual_yield(system: System, reservoir: Reservoir, month: int) -> float:
    """Return TWh per km3 at the usual volume of the month."""
    return float(reservoir.yield_base + reservoir.yield_slope * system.usual_km3(reservoir)[month])


def head(system: System, reservoir: Reservoir, month: int) -> tuple[float, float]:
    """Return GWh that a km3 above the usual volume adds at the usual release of the month, and that volume."""
    river = system.rivers.get(reservoir.id)
    if river is None or not river.release_km3[month]:
        return 0.0, 0.0
    return 1_000 * reservoir.yield_slope * float(river.release_km3[month]), float(river.usual_km3[month])


def add_month(
    a: Assembly,
    system: System,
    case: Case,
    month: int,
    volume: Mapping[str, int],
    credit: int,
    anomaly: int = -1,
) -> Month:
    """Add `month` to `a`; `volume` and `credit` are the columns of what comes in, `anomaly` that of the inflow."""
    made = Month()
    for node in case.nodes:
        need = load(system, case, node, month)
        made.balance[node] = a.row(case.blocks, need, need)
        _missing(a, system, case, node, need, made)
    for plant in _plants(system, case, month):
        _generation(a, system, case, plant, month, made)
    _lines(a, system, case, month, made)
    _zones(a, system, case, month, made)
    for reservoir in system.reservoirs:
        if reservoir.id in case.reservoirs:
            _reservoir(a, system, case, reservoir, month, volume[reservoir.id], anomaly, made)
    for reservoir in system.reservoirs:
        if reservoir.id in case.reservoirs and (below := system.below(reservoir, case.reservoirs)):
            a.put(made.water[below], [made.release[reservoir.id], made.spill[reservoir.id]], -1.0)
    if case.swap:
        _swap(a, system, case, month, credit, made)
    return made


def _plants(system: System, case: Case, month: int) -> list[Plant]:
    """Return the plants of the case, projects as plants of what of them works in the month."""
    known = [p for p in system.plants if p.node in case.nodes and (not p.contract or p.contract in case.contracts)]
    for p in system.projects:
        share = float(case.online.get(p.id, np.zeros(12))[month])
        if p.node in case.nodes and p.mw * share > 0:
            known.append(Plant(p.id, p.node, p.technology, "", p.mw * share, p.profile, "power", 0.0, 0.0, 0.0, "", ""))
    return known


def _missing(a: Assembly, system: System, case: Case, node: str, need: Floats, made: Month) -> None:
    """Add missing power in steps that cost more the more of an hour's load is missing; the last one has no end."""
    curve = system.curve(node)
    columns: dict[str, list[Ints]] = {"rationed": [], "unserved": []}
    for d in curve:
        most = d.share * need if d is not curve[-1] else INFINITY
        columns[d.kind].append(a.column(case.blocks, d.price / 1_000, 0.0, most))
        a.put(made.balance[node], columns[d.kind][-1], 1.0)
    nothing = np.zeros(0, np.int32)
    made.rationed[node], made.missing[node] = (np.concatenate([nothing, *v]) for v in columns.values())
    made.steps[node] = np.concatenate([d.share * need for kind in columns for d in curve if d.kind == kind])


def _generation(a: Assembly, system: System, case: Case, p: Plant, month: int, made: Month) -> None:
    each, shape = hours(month, case.blocks), profile(system, p.profile, month, case.blocks)
    full = p.mw * each / 1_000
    seller = _seller(system, case, p)
    # What a counted side sells costs what it costs to make; the price is a transfer.
    cost = 0.0 if seller else p.cost / 1_000
    most = shape if p.limit == "power" else system.parameters["energy-peak"].mode
    columns = a.column(case.blocks, cost, 0.0, full * most)
    if seller:
        a.put(made.balance[seller[0]], columns, -1.0 / (1.0 - seller[1]))
    if p.limit == "energy":
        a.put(a.row(1, -INFINITY, full * float(shape.sum())), columns, 1.0)
    made.generation[p.id] = columns
    a.put(made.balance[p.node], columns, 1.0)
    if p.least:
        a.put(a.row(case.blocks, p.least * full * shape), columns, 1.0)


def _seller(system: System, case: Case, p: Plant) -> tuple[str, float] | None:
    """Return the node of the case that sells what `p` buys, with the share lost on the way; None if it is outside."""
    if p.contract != "purchase":
        return None
    for line in system.lines:
        for here, there in ((line.from_node, line.to_node), (line.to_node, line.from_node)):
            if here == p.node and there in case.nodes and system.node(there).economy == p.payee:
                return there, line.loss
    return None


def _lines(a: Assembly, system: System, case: Case, month: int, made: Month) -> None:
    most_per_mw = hours(month, case.blocks) / 1_000
    for line in system.lines:
        if line.id not in case.lines:
            continue
        made.forward[line.id] = a.column(case.blocks, 0.0, 0.0, line.mw * most_per_mw)
        made.backward[line.id] = a.column(case.blocks, 0.0, 0.0, line.mw * most_per_mw)
        for flow, start, end in (
            (made.forward[line.id], line.from_node, line.to_node),
            (made.backward[line.id], line.to_node, line.from_node),
        ):
            a.put(made.balance[start], flow, -1.0)
            a.put(made.balance[end], flow, 1.0 - line.loss)


def _zones(a: Assembly, system: System, case: Case, month: int, made: Month) -> None:
    """Add what partners outside sell and buy, each way within what the border carries."""
    each = hours(month, case.blocks) / 1_000
    for zone in system.zones:
        if zone.id not in case.zones:
            continue
        for way, sign in (("sells", 1.0), ("buys", -1.0)):
            own = [x for x in system.steps if x.zone == zone.id and x.way == way and x.there(month)]
            for x in own:
                made.traded[x.id] = a.column(case.blocks, sign * x.price / 1_000, 0.0, x.mw * each)
                a.put(made.balance[zone.node], made.traded[x.id], sign)
            if sum(x.mw for x in own) > zone.mw:
                row = a.row(case.blocks, -INFINITY, zone.mw * each)
                for x in own:
                    a.put(row, made.traded[x.id], 1.0)


def _reservoir(
    a: Assembly, system: System, case: Case, r: Reservoir, month: int, volume_in: int, anomaly: int, made: Month
) -> None:
    works = float(case.online.get(r.id, np.ones(12))[month])
    most = r.mw * works * hours(month, case.blocks) / 1_000
    made.hydro[r.id] = a.column(case.blocks, 0.0, 0.0, most)
    a.put(made.balance[r.node], made.hydro[r.id], 1.0)
    made.release[r.id], made.spill[r.id] = (int(c) for c in a.column(2))
    # Before it is built it holds nothing back: its volume stands at the stop level, which no river has to fill.
    made.volume[r.id] = int(a.column(1, 0.0, r.stop_km3, r.full_km3 if works else r.stop_km3)[0])
    gain, usual = head(system, r, month)
    energy = a.row(1, -gain * usual, -gain * usual)
    a.put(energy, made.hydro[r.id], 1.0)
    a.put(energy, made.release[r.id], -1_000 * usual_yield(system, r, month))
    if gain:
        # Little water below the usual volume would make less than no power: what lacks costs
        # twice what missing power does, so that it only keeps the month solvable.
        lack = a.column(1, 2 * system.curve(r.node)[-1].price / 1_000)
        a.put(energy, [volume_in, int(lack[0])], [-gain, -1.0])
    made.energy[r.id] = int(energy[0])
    river = system.river(r)
    mean = float(river.inflow_km3[month]) * system.passes(r, case.reservoirs)
    lost = float(river.evaporation_m[month]) / 1_000 if works else 0.0
    inflow = mean * case.inflow - lost * r.area_base_km2
    row = a.row(1, inflow, inflow)
    a.put(row, [made.volume[r.id], volume_in, made.release[r.id], made.spill[r.id]],
          [1.0, -(1.0 - lost * r.area_slope_km2), 1.0, 1.0])  # fmt: skip
    if anomaly >= 0:
        a.put(row, anomaly, -mean * float(river.spread[month]))
    made.water[r.id] = int(row[0])
    if not r.upstream_of:
        _below(a, system, case, r, month, made)


def _below(a: Assembly, system: System, case: Case, r: Reservoir, month: int, made: Month) -> None:
    """Add the least release and the need for irrigation below the lowest reservoir of a river."""
    known, both = system.parameters, [made.release[r.id], made.spill[r.id]]
    made.least_gap = int(a.column(1, known["least-release-cost"].mode)[0])
    a.put(a.row(1, r.release_min_m3s * DAYS[month] * 86_400 / 1e9), [*both, made.least_gap], 1.0)
    need = float(system.rivers[r.id].need_km3[month])
    for economy, of in system.shares(r).items() if need else ():
        gap = int(a.column(1, case.water.get(economy, 0.0))[0])
        row = a.row(1, of.mode * need)
        a.put(row, both, of.mode)
        a.put(row, gap, 1.0)
        if economy in made.gap:
            # Another river lacks water for the same economy: what is read is the sum.
            both_rivers = int(a.column(1)[0])
            a.put(a.row(1, 0.0, 0.0), [both_rivers, made.gap[economy], gap], [1.0, -1.0, -1.0])
            gap = both_rivers
        made.gap[economy] = gap


def _swap(a: Assembly, system: System, case: Case, month: int, credit_in: int, made: Month) -> None:
    swap, home = case.swap, system.home().id
    assert swap is not None
    most = swap.line_mw * hours(month, case.blocks) / 1_000
    loss = next(x.loss for x in system.lines if {x.from_node, x.to_node} == {home, swap.partner})
    there = swap.partner in case.nodes
    last = swap.back[-1] if swap.back else -1
    # Cash leaves one side for the other: it is a cost only where the other side is not counted.
    cash = 0.0 if there else -swap.price / 1_000
    made.given = a.column(case.blocks, 0.0, 0.0, most if month in swap.give else 0.0)
    made.returned = a.column(case.blocks, 0.0, 0.0, most if month in swap.back else 0.0)
    made.settled = int(a.column(1, cash, 0.0, INFINITY if month == last else 0.0)[0])
    made.credit = int(a.column(1, 0.0, 0.0, swap.cap)[0])
    if home in case.nodes:
        a.put(made.balance[home], made.given, -1.0)
        a.put(made.balance[home], made.returned, 1.0)
    if there:
        a.put(made.balance[swap.partner], made.given, 1.0 - loss)
        a.put(made.balance[swap.partner], made.returned, -1.0 / (1.0 - loss))
    row = a.row(1, 0.0, 0.0)
    a.put(row, [made.credit, credit_in, made.settled], [1.0, -1.0, 1.0])
    a.put(row, made.given, -1.0)
    a.put(row, made.returned, 1.0 / swap.ratio)
    made.agreed = int(row[0])
    if month in swap.give:
        share = swap.cap / len(swap.give)
        most_given = a.row(1, share if swap.must else 0.0, share)
        a.put(most_given, made.given, 1.0)
        made.share = int(most_given[0])
    if month == last:
        a.put(a.row(1, 0.0, 0.0), made.credit, 1.0)
