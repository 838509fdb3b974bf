"""Routes between two places: alternatives by mode and crossing, their generalised cost, and how goods choose.

    C = money + goods' hour × (hours + wait + ρ × σ) + truck's hour × wait × (1 + empty returns) / payload
    σ² = variance of moving and handling + (cv × wait)²

with the wait of the crossing a route passes. A goods hour counts once; the truck's hour is money and counts where it
stands at a crossing (the price of a tonne-km has its hours on the road). Nested logit of route, crossing, mode

    V[r] = -θr C[r] + ln PS[r],  L[c] = ln Σ exp V / θr,  L[m] = ln Σ exp(θc L[c] + k[c]) / θc
    L = ln Σ exp(θm L[m] + k[m]) / θm

with path size PS (Ben-Akiva and Bierlaire 1999) and constants k; θm ≤ θc ≤ θr. -L is the expected cost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError
from birge.factbook.network import Network
from birge.models.freight.goods import Costs, Goods
from birge.models.freight.graph import BORDER, LINK, TRANSFER, Graph, graph

__all__ = ["Leg", "Route", "Waits", "alternatives", "chosen", "cost_of", "routes", "waits_today"]

Floats = NDArray[np.float64]
Waits = Callable[[str, int], float]
"""Hours at a crossing in a direction (0 from the first party to the second)."""
MOST = 3
PENALTY = 1.3
LONGEST = 1.5
"""Alternatives within a crossing: at most 3, found by making used links 30 % dearer, at most 50 % above the best."""


@dataclass(frozen=True)
class Leg:
    """A run of arcs of one mode, a transfer, or a crossing, from place to place."""

    kind: str
    start: str
    end: str
    km: float
    hours: float
    money: float


@dataclass(frozen=True)
class Route:
    """A way by one mode and crossing ("" for none): sums without the wait, variance, arcs, and its path size."""

    mode: str
    crossing: str
    side: int
    arcs: tuple[int, ...]
    money: float
    hours: float
    transfer_hours: float
    variance: float
    km_road: float
    km_rail: float
    path_size: float
    share: float = 0.0
    wait: float = 0.0
    cost: float = 0.0

    @property
    def km(self) -> float:
        """Return the whole length."""
        return self.km_road + self.km_rail


def waits_today(network: Network, regime: str = "normal", pair: tuple[str, str] | None = None) -> Waits:
    """Return the waits at today's trucks a day in a regime of control.

    Where a crossing has waits by direction, those of `pair` and its reverse; without one the mean of both.
    """
    ways = ("", "") if pair is None else ("-".join(pair), "-".join(pair[::-1]))
    return lambda crossing, side: (
        network.passages[crossing].hours(network.passages[crossing].trucks, regime, ways[side])
        if crossing in network.passages
        else 0.0
    )


def cost_of(route: Route, goods: Goods, costs: Costs, wait: float, cv: float) -> float:
    """Return the generalised cost in USD a tonne at a `wait` with coefficient of variation `cv`."""
    spread = float(np.sqrt(route.variance + (cv * wait) ** 2))
    time = goods.hour * (route.hours + wait + costs.reliability_ratio * spread)
    return route.money + time + (costs.waiting * wait if route.mode == "road" else 0.0)


def alternatives(g: Graph, origin: str, goal: str, goods: Goods) -> list[Route]:
    """Return the ways from `origin` to `goal` by road and rail through each open crossing, or through none."""
    from birge.kernels.shortest_path import path, tree

    a, b = g.doors[origin], g.doors[goal]
    base = g.money + goods.hour * g.hours
    dearer = np.where(g.kind == LINK, PENALTY, 1.0)
    found: list[Route] = []
    for mode, name in enumerate(("road", "rail")):
        border = g.kind == BORDER
        usable = (g.mode != 1) & (g.kind != TRANSFER) if mode == 0 else np.ones(len(base), dtype=np.bool_)
        for crossing in (-1, *sorted({int(c) for c in g.crossing[border & (g.mode == mode)]})):
            cost = np.where(usable & ~(border & ((g.crossing != crossing) | (g.mode != mode))), base, np.inf)
            ways: list[NDArray[np.int64]] = []
            best = np.inf
            for _ in range(MOST + 2):
                distance, back = tree(g.first, g.order, g.head, cost, g.through, a)
                if not np.isfinite(distance[b]):
                    break
                way = path(back, g.tail, a, b)
                real = float(base[way].sum())
                best = min(best, real)
                if real > LONGEST * best:
                    break
                if not any(np.array_equal(way, w) for w in ways):
                    ways.append(way)
                if len(ways) == MOST:
                    break
                cost[way] *= dearer[way]
            kept = [w for w in ways if _fits(g, w, mode, crossing)]
            found += [_route(g, w, name, crossing, size) for w, size in zip(kept, _sizes(g, kept), strict=True)]
    return found


def chosen(
    options: list[Route],
    goods: Goods,
    costs: Costs,
    waits: Waits,
    network: Network,
    constants: Mapping[str, float] | None = None,
) -> list[Route]:
    """Return the alternatives with wait, cost and share, the largest share first.

    `constants` are those of crossings and, as "rail", of rail.
    """
    known = constants or {}
    filled = []
    for r in options:
        wait = waits(r.crossing, r.side) if r.mode == "road" and r.crossing else 0.0
        cv = network.passages[r.crossing].cv if r.crossing in network.passages else 0.0
        filled.append((r, wait, cost_of(r, goods, costs, wait, cv)))
    if not filled:
        return []
    tops: dict[str, dict[str, float]] = {}
    for mode in dict.fromkeys(r.mode for r, _, _ in filled):
        for crossing in dict.fromkeys(r.crossing for r, _, _ in filled if r.mode == mode):
            v = [
                -costs.scale_route * c + np.log(r.path_size)
                for r, _, c in filled
                if (r.mode, r.crossing) == (mode, crossing)
            ]
            tops.setdefault(mode, {})[crossing] = float(np.logaddexp.reduce(v)) / costs.scale_route
    ratio = costs.scale_mode / costs.scale_crossing
    inner = {
        m: {c: costs.scale_crossing * x + (known.get(c, 0.0) if m == "road" else 0.0) for c, x in t.items()}
        for m, t in tops.items()
    }
    of_mode = {m: float(np.logaddexp.reduce(list(t.values()))) for m, t in inner.items()}
    outer = {m: ratio * x + (known.get("rail", 0.0) if m == "rail" else 0.0) for m, x in of_mode.items()}
    whole = float(np.logaddexp.reduce(list(outer.values())))
    made = []
    for r, wait, c in filled:
        top = tops[r.mode][r.crossing]
        log = (
            (-costs.scale_route * c + np.log(r.path_size) - costs.scale_route * top)
            + (inner[r.mode][r.crossing] - of_mode[r.mode])
            + (outer[r.mode] - whole)
        )
        made.append(Route(**{**r.__dict__, "share": float(np.exp(log)), "wait": wait, "cost": c}))
    return sorted(made, key=lambda r: (-r.share, r.cost))


def routes(
    network: Network,
    pair: tuple[str, str],
    origin: str,
    goal: str,
    goods: Goods,
    costs: Costs,
    opened: Collection[str] = (),
    waits: Waits | None = None,
    constants: Mapping[str, float] | None = None,
) -> list[Route]:
    """Return the alternatives between two places (ids) with their shares; raises InputError where there is none."""
    if origin == goal:
        raise InputError.at("places", "same-place", "start and end are the same place", "name two places")
    g = graph(network, pair, costs, opened)
    found = chosen(
        alternatives(g, origin, goal, goods), goods, costs, waits or waits_today(network, pair=pair), network, constants
    )
    if not found:
        message = f"no way leads from {network.node(origin).name()} to {network.node(goal).name()}"
        joined = dict.fromkeys(n.economy for n in network.nodes if n.border)
        if joined and not {"-".join(pair), "-".join(pair[::-1])} & set(joined):
            message += f": no crossing of the network joins {pair[0]} and {pair[1]}"
            raise InputError.at("--pair", "no-path", message, f"write --pair {' or '.join(joined)}")
        remedy = "links that are only planned count with --with-plan; else add links to the network"
        raise InputError.at("places", "no-path", message, remedy)
    return found


def _fits(g: Graph, way: NDArray[np.int64], mode: int, crossing: int) -> bool:
    """Whether `way` uses what it stands for: rail in a rail alternative, its crossing, and no crossing twice."""
    borders = way[g.kind[way] == BORDER]
    if (crossing < 0) != (borders.size == 0) or borders.size > 1:
        return False
    return mode == 0 or bool(((g.mode[way] == 1) & (g.kind[way] == LINK)).any())


def _sizes(g: Graph, ways: list[NDArray[np.int64]]) -> list[float]:
    """Return each way's path size: Σ over links of length / whole length / number of ways that use the link."""
    if not ways:
        return []
    uses = np.bincount(np.concatenate(ways), minlength=g.tail.size)
    sizes = []
    for w in ways:
        km = g.km[w]
        sizes.append(float(np.sum(km / uses[w]) / km.sum()) if km.sum() > 0 else 1.0 / len(ways))
    return sizes


def _route(g: Graph, way: NDArray[np.int64], mode: str, crossing: int, size: float) -> Route:
    borders = way[g.kind[way] == BORDER]
    rail = (g.mode[way] == 1) & (g.kind[way] == LINK)
    return Route(
        mode=mode,
        crossing=g.crossings[crossing] if crossing >= 0 else "",
        side=int(g.side[borders[0]]) if borders.size else 0,
        arcs=tuple(int(k) for k in way),
        money=float(g.money[way].sum()),
        hours=float(g.hours[way].sum()),
        transfer_hours=float(g.hours[way][g.kind[way] == TRANSFER].sum()),
        variance=float(g.variance[way].sum()),
        km_road=float(g.km[way][~rail].sum()),
        km_rail=float(g.km[way][rail].sum()),
        path_size=size,
    )
