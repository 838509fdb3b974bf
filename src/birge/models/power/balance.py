"""A year's power by kind of source, so that every month adds up to demand: tables, pictures and shares read this.

    cascade + hydro + coal + … + import + lines + returned - given - sold + rationed + missing = demand

What comes has a plus and what goes a minus, at the nodes that are asked about: lines after their losses, sales and
returned power with what is lost on the way. `shares` are those of what is made; purchases have no source here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from birge.models.power.dispatch import Dispatch
from birge.models.power.month import load
from birge.models.power.system import System

__all__ = ["CLEAN", "bought_carbon", "made_by", "need", "shares", "supply"]

Floats = NDArray[np.float64]
CLEAN = ("cascade", "hydro", "solar", "wind", "nuclear")
"""Kinds that burn nothing."""
CROSSING = ("import", "lines", "returned", "given", "sold", "rationed", "missing")
"""Kinds that are not made at the nodes."""


def need(system: System, made: Dispatch, nodes: Collection[str]) -> Floats:
    """Return demand of `nodes`, GWh [month, block]."""
    each = [np.stack([load(system, made.case, n, m) for m in range(12)]) for n in made.case.nodes if n in nodes]
    return np.asarray(sum(each, np.zeros((12, made.case.blocks))))


def supply(system: System, made: Dispatch, nodes: Collection[str]) -> Mapping[str, Floats]:
    """Return what meets the demand of `nodes` by kind, GWh [month, block]; the sum over kinds is the demand."""
    found: dict[str, Floats] = {}

    def add(kind: str, value: Floats) -> None:
        found[kind] = found.get(kind, np.zeros((12, made.case.blocks))) + value

    held = {r.id: r.node for r in system.reservoirs}
    for name, power in made.hydro.items():
        if held[name] in nodes:
            add("cascade", power)
    loss = {frozenset((x.from_node, x.to_node)): x.loss for x in system.lines}
    economy = {n.id: n.economy for n in system.nodes}
    kinds = [(p.id, p.node, p.technology) for p in system.plants]
    kinds += [(p.id, p.node, p.technology) for p in system.projects]
    for name, node, kind in kinds:
        if node in nodes and name in made.generation:
            add(kind, made.generation[name])
    for p in system.plants:
        # What a counted side sells by contract leaves its node, with what is lost on the way.
        sellers = [n for n in made.case.nodes if economy[n] == p.payee and frozenset((n, p.node)) in loss]
        if p.contract == "purchase" and p.id in made.generation and sellers and sellers[0] in nodes:
            add("sold", -made.generation[p.id] / (1 - loss[frozenset((sellers[0], p.node))]))
    at = {z.id: z.node for z in system.zones}
    for x in system.steps:
        if x.id in made.traded and at[x.zone] in nodes:
            add(*(("import", made.traded[x.id]) if x.way == "sells" else ("sold", -made.traded[x.id])))
    for line in system.lines:
        if line.id in made.forward and (line.from_node in nodes) != (line.to_node in nodes):
            come, go = made.forward[line.id], made.backward[line.id]
            if line.from_node in nodes:
                come, go = go, come
            add("lines", come * (1 - line.loss) - go)
        elif line.id in made.forward and line.from_node in nodes:
            add("lines", -line.loss * (made.forward[line.id] + made.backward[line.id]))
    if made.case.swap is not None:
        home, partner = system.home().id, made.case.swap.partner
        lost = loss[frozenset((home, partner))]
        if home in nodes and home in made.case.nodes:
            add("returned", made.returned)
            add("given", -made.given)
        if partner in nodes and partner in made.case.nodes:
            add("returned", -made.returned / (1 - lost))
            add("given", made.given * (1 - lost))
    for n in made.case.nodes:
        if n in nodes:
            add("rationed", made.rationed[n])
            add("missing", made.missing[n])
    return found


def made_by(system: System, made: Dispatch) -> Mapping[str, Mapping[str, float]]:
    """Return GWh a year by economy and kind of what is made there."""
    found: dict[str, dict[str, float]] = {}
    for e in dict.fromkeys(system.node(n).economy for n in made.case.nodes):
        own = supply(system, made, [n for n in made.case.nodes if system.node(n).economy == e])
        found[e] = {k: float(v.sum()) for k, v in own.items() if k not in CROSSING}
    return found


def shares(of: Mapping[str, float]) -> Mapping[str, float]:
    """Return the shares of hydropower, sun, wind, nuclear and of all that is clean in what is made, by kind in `of`."""
    whole = sum(v for k, v in of.items() if k not in CROSSING)
    kinds = {"hydro": ("cascade", "hydro"), "solar": ("solar",), "wind": ("wind",), "nuclear": ("nuclear",)}
    return {
        name: sum(of.get(k, 0.0) for k in parts) / whole if whole else 0.0
        for name, parts in (*kinds.items(), ("clean", CLEAN))
    }


def bought_carbon(system: System, made: Dispatch) -> tuple[float, float, float]:
    """Return what may be emitted for power that is bought from economies outside the case: (least, most, GWh).

    Mt CO2 from the cleanest and from the dirtiest fuel that the seller burns in the tables; GWh of sellers that have no
    plants in the tables, of which nothing is known.
    """
    economy = {n.id: n.economy for n in system.nodes}
    inside = {economy[n] for n in made.case.nodes}
    least, most, unknown = 0.0, 0.0, 0.0
    for p in system.plants:
        if p.technology != "import" or p.id not in made.generation or p.payee in inside:
            continue
        gwh = float(made.generation[p.id].sum())
        burnt = [q.co2 for q in system.plants if economy[q.node] == p.payee and q.co2 > 0]
        if burnt:
            least, most = least + gwh * min(burnt) / 1_000, most + gwh * max(burnt) / 1_000
        else:
            unknown += gwh
    unknown += sum(float(made.traded[x.id].sum()) for x in system.steps if x.id in made.traded and x.way == "sells")
    return least, most, unknown
