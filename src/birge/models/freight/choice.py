"""Trade of the pair on its corridors: who goes by which mode and crossing, and the waits that follow.

`demand` (places by population and distance, sections, tonnes) → `calibrated` constants so that today's shares come
out → `settle`: the fixed point of waits and trucks, with its residual → Settled, and `cost_shares`: Δ τ by section.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from birge.errors import SolveError
from birge.factbook.network import Network, SectionShare
from birge.models.freight.goods import Costs, Goods
from birge.models.freight.graph import graph
from birge.models.freight.routes import Route, alternatives

if TYPE_CHECKING:
    from birge.kernels.traffic_assignment_choice import Options, Taste

__all__ = ["Demand", "Market", "Settled", "cost_shares", "demand", "market", "options", "reopened", "settle", "taste"]

Floats = NDArray[np.float64]
DISTANCE = -0.841
"""Elasticity of trade to distance: Yotov et al. 2016, Advanced Guide, table 1."""
TOLERANCE = 1e-6
"""Residual of the fixed point, hours."""
ITERATIONS = 400


@dataclass(frozen=True)
class Demand:
    """Sections with goods, tonnes a year [section] and value share, by direction; pairs of places with weights."""

    goods: tuple[tuple[Goods, ...], tuple[Goods, ...]]
    shares: tuple[Floats, Floats]
    classes: tuple[tuple[str, ...], tuple[str, ...]]
    usd: tuple[float, float]
    pairs: tuple[tuple[str, str], ...]
    weight: Floats

    def tonnes(self, direction: int) -> Floats:
        """Return tonnes a year by section."""
        value = np.array([g.value for g in self.goods[direction]])
        return np.asarray(self.usd[direction] * 1e6 * self.shares[direction] / value)

    def coarse(self, direction: int) -> tuple[Floats, Floats]:
        """Return what an hour costs and tonnes a year by class of goods, for waits alone."""
        names = np.array(self.classes[direction])
        hour, tonnes = self.hour(direction), self.tonnes(direction)
        groups = [names == c for c in dict.fromkeys(self.classes[direction])]
        mass = np.array([tonnes[g].sum() for g in groups])
        return np.array([hour[g] @ tonnes[g] for g in groups]) / np.maximum(mass, 1e-12), mass

    def hour(self, direction: int) -> Floats:
        """Return what an hour costs by section, USD a tonne."""
        return np.array([g.hour for g in self.goods[direction]])


@dataclass(frozen=True)
class Market:
    """Demand on a network with some milestones opened: options of both directions, constants, curves, other trucks.

    `carried` [crossing] and `by_rail` [direction] are today's shares of trucks and of value that constants give.
    """

    network: Network
    demand: Demand
    costs: Costs
    crossings: tuple[str, ...]
    options: tuple[Options, Options]
    constants: Floats
    rail: Floats
    other: Floats
    knots: Floats
    hours: Floats
    cv: Floats
    carried: Floats
    by_rail: Floats


@dataclass(frozen=True)
class Settled:
    """Waits and trucks a day [crossing, direction], shares by road crossing and rail, expected cost; residual in h."""

    waits: Floats
    trucks: Floats
    road: tuple[Floats, Floats]
    rail: tuple[Floats, Floats]
    cost: tuple[Floats, Floats]
    residual: float
    iterations: int


def demand(
    network: Network,
    pair: tuple[str, str],
    sections: Mapping[str, tuple[tuple[SectionShare, Goods], ...]],
    usd: tuple[float, float],
    most: int = 0,
) -> Demand:
    """Return trade of `usd` mn USD in each direction between places by population over distance ** 0.841.

    `most` keeps the heaviest pairs of places only, 0 keeps all.
    """
    ends = [[n for n in network.nodes if n.economy == side and n.population > 0] for side in pair]
    rows = []
    for a in ends[0]:
        for b in ends[1]:
            cosine = np.cos(np.radians((a.lat + b.lat) / 2))
            far = max(np.hypot(a.lat - b.lat, (a.lon - b.lon) * cosine) * 111.2, 20.0)
            rows.append((a.id, b.id, a.population * b.population * far**DISTANCE))
    rows.sort(key=lambda r: -r[2])
    rows = rows[:most] if most else rows
    weight = np.array([r[2] for r in rows])
    both = tuple(sections[f"{x}-{y}"] for x, y in (pair, pair[::-1]))
    goods = (tuple(g for _, g in both[0]), tuple(g for _, g in both[1]))
    shares = tuple(np.array([s.share for s, _ in rows_]) for rows_ in both)
    pairs = tuple((r[0], r[1]) for r in rows)
    kinds = tuple(tuple(s.goods for s, _ in rows_) for rows_ in both)
    return Demand(goods, (shares[0], shares[1]), (kinds[0], kinds[1]), usd, pairs, weight / weight.sum())


def market(
    network: Network,
    pair: tuple[str, str],
    wanted: Demand,
    costs: Costs,
    road_by_value: tuple[float, float],
    truck_shares: Mapping[str, float],
    regime: str = "normal",
    opened: Collection[str] = (),
) -> Market:
    """Return the market with `opened` milestones under `regime`; its constants give today's shares on today's network.

    Constants and other trucks are found under normal control, since that is when today's shares hold. A crossing that
    is planned has the mean constant of those that carry trucks today.
    """
    today = _market(network, pair, wanted, costs, "normal", ())
    constants, rail = _calibrated(today, road_by_value, truck_shares)
    aim = np.array([truck_shares.get(c, 0.0) for c in today.crossings])
    by_rail = 1 - np.array(road_by_value)
    today = replace(today, constants=constants, rail=rail, carried=aim / aim.sum(), by_rail=by_rail)
    other = _other(today)
    today = replace(today, other=other)
    return reopened(today, pair, regime, opened) if opened or regime != "normal" else today


def reopened(m: Market, pair: tuple[str, str], regime: str, opened: Collection[str]) -> Market:
    """Return a market with other links and crossings open, and under another regime; its constants stay."""
    made = _market(m.network, pair, m.demand, m.costs, regime, opened)
    return replace(made, constants=m.constants, rail=m.rail, other=m.other, carried=m.carried, by_rail=m.by_rail)


def options(m: Market, pair: tuple[str, str], opened: Collection[str]) -> tuple[Options, Options]:
    """Return the ways in both directions with `opened` links and crossings, for the market's demand."""
    return _market(m.network, pair, m.demand, m.costs, "normal", opened).options


def taste(costs: Costs) -> Taste:
    """Return what the kernel needs of the costs."""
    from birge.kernels.traffic_assignment_choice import Taste

    return Taste(
        costs.scale_route, costs.scale_crossing, costs.scale_mode, costs.reliability_ratio,
        costs.waiting, costs.empty_returns, 1 / (costs.payload * 365),
    )  # fmt: skip


def settle(
    made: Market,
    shift: Floats | None = None,
    start: Floats | None = None,
    tolerance: float = TOLERANCE,
    coarse: bool = False,
) -> Settled:
    """Return waits and trucks that agree; `shift` [crossing, direction] hours are added to every wait.

    `coarse` lets goods of a class choose alike while waits are sought, for ensembles; costs are by section still.

    Raises SolveError if the residual stays above `tolerance` hours.
    """
    from birge.kernels.traffic_assignment_choice import balance, respond

    d, t = made.demand, taste(made.costs)
    count = len(made.crossings)
    moved = np.zeros((count, 2)) if shift is None else shift
    goods = [d.coarse(k) if coarse else (d.hour(k), d.tonnes(k)) for k in (0, 1)]
    w, x, residual, done = balance(
        *made.options, t, goods[0][0], goods[1][0], goods[0][1], goods[1][1],
        made.hours[:, :, 0].copy() if start is None else start, made.cv, made.constants, made.rail,
        made.other, made.knots, made.hours, moved, tolerance, ITERATIONS,
    )  # fmt: skip
    if residual > tolerance:
        raise SolveError(f"waits and trucks do not settle: {residual:.1e} h left", done, residual)
    sides = [
        respond(made.options[k], t, d.hour(k), w[:, k].copy(), made.cv, made.constants, made.rail[k]) for k in (0, 1)
    ]
    return Settled(
        w, x, (sides[0][0], sides[1][0]), (sides[0][1], sides[1][1]), (sides[0][2], sides[1][2]), residual, done
    )


def cost_shares(before: Settled, after: Settled, wanted: Demand) -> tuple[Floats, Floats]:
    """Return Δ generalised cost of a tonne over its value, by section, in each direction."""
    value = [np.array([g.value for g in wanted.goods[k]]) for k in (0, 1)]
    return (after.cost[0] - before.cost[0]) / value[0], (after.cost[1] - before.cost[1]) / value[1]


def _market(
    network: Network,
    pair: tuple[str, str],
    wanted: Demand,
    costs: Costs,
    regime: str,
    opened: Collection[str],
) -> Market:
    """Return the market without constants."""
    g = graph(network, pair, costs, opened)
    usual = Goods("usual", 0.0, 0.0)
    crossings = g.crossings
    sides: list[list[tuple[int, Route]]] = [[], []]
    for k, (a, b) in enumerate(wanted.pairs):
        sides[0] += [(k, r) for r in alternatives(g, a, b, usual)]
        sides[1] += [(k, r) for r in alternatives(g, b, a, usual)]
    most = max(len(p.curves["normal"]) for p in network.passages.values())
    knots, hours, cv = (
        np.zeros((len(crossings), 2, most)),
        np.zeros((len(crossings), 2, most)),
        np.zeros(len(crossings)),
    )
    for c, name in enumerate(crossings):
        p = network.passages.get(name)
        curve = (p.curves.get(regime) or p.curves["normal"]) if p else ((0.0, 0.0), (1.0, 0.0))
        knots[c], hours[c] = (_filled([q[i] for q in curve], most, i) for i in (0, 1))
        cv[c] = p.cv if p else 0.0
    zero = np.zeros(len(crossings))
    return Market(
        network, wanted, costs, crossings,
        (_options(sides[0], crossings, wanted), _options(sides[1], crossings, wanted)),
        zero, np.zeros(2), np.zeros((len(crossings), 2)), knots, hours, cv, zero, np.zeros(2),
    )  # fmt: skip


def _filled(values: list[float], most: int, column: int) -> Floats:
    """Return knots padded to `most` by going on with the last slope, so that the curve stays the same."""
    step = values[-1] - values[-2]
    return np.array(values + [values[-1] + step * (k + 1) for k in range(most - len(values))])


def _options(rows: list[tuple[int, Route]], crossings: tuple[str, ...], wanted: Demand) -> Options:
    from birge.kernels.traffic_assignment_choice import Options

    index = {c: k for k, c in enumerate(crossings)}
    keyed = sorted(
        ((k, int(r.mode == "rail"), index.get(r.crossing, -1), n, r) for n, (k, r) in enumerate(rows)),
        key=lambda row: row[:4],
    )
    counts = Counter(row[:3] for row in keyed)
    groups = list(counts)
    first = np.concatenate([[0], np.cumsum(list(counts.values()))]).astype(np.int64)
    pair, mode, crossing = (np.array([key[i] for key in groups], dtype=np.int64) for i in range(3))
    money, hours, variance, size = (
        np.array([getattr(row[4], f) for row in keyed], dtype=np.float64)
        for f in ("money", "hours", "variance", "path_size")
    )
    return Options(pair, mode, crossing, first, money, hours, variance, size, wanted.weight)


def _calibrated(m: Market, by_value: tuple[float, float], shares: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Return constants of crossings and rail that give the shares of trucks and of value by road, at today's waits."""
    from birge.kernels.traffic_assignment_choice import respond

    t, d = taste(m.costs), m.demand
    aim = np.array([shares.get(c, 0.0) for c in m.crossings])
    carried = aim > 0
    aim = aim / aim.sum()
    wait = np.array([_today(m, c) for c in range(len(m.crossings))])
    k, rail = np.zeros(len(m.crossings)), np.zeros(2)
    for _ in range(200):
        tonnes = np.zeros(len(m.crossings))
        off = 0.0
        for side in (0, 1):
            road, by_rail, _ = respond(m.options[side], t, d.hour(side), wait, m.cv, k, rail[side])
            tonnes += d.tonnes(side) @ road[:, :-1]
            value = float(d.shares[side] @ by_rail)
            wanted = 1 - by_value[side]
            step = np.log(wanted / (1 - wanted)) - np.log(max(value, 1e-12) / max(1 - value, 1e-12))
            rail[side] += step
            off = max(off, abs(step))
        step_k = np.where(
            carried, np.log(aim / np.maximum(tonnes / tonnes.sum(), 1e-12), where=carried, out=k * 0), 0.0
        )
        k += step_k
        if max(off, float(np.abs(step_k).max())) < 1e-9:
            break
    k[~carried] = k[carried].mean()
    return k, rail


def _today(m: Market, c: int) -> float:
    """Return the wait at today's trucks of crossing number `c`."""
    from birge.kernels.traffic_assignment_choice import wait_at

    p = m.network.passages.get(m.crossings[c])
    return float(wait_at(p.trucks if p else 0.0, m.knots[c, 0], m.hours[c, 0]))


def _other(m: Market) -> Floats:
    """Return trucks a day that are not of this trade: those counted less those of the market, at least 0."""
    from birge.kernels.traffic_assignment_choice import respond

    t, d = taste(m.costs), m.demand
    wait = np.array([_today(m, c) for c in range(len(m.crossings))])
    own = np.stack(
        [
            d.tonnes(s) @ respond(m.options[s], t, d.hour(s), wait, m.cv, m.constants, m.rail[s])[0][:, :-1] * t.trucks
            for s in (0, 1)
        ],
        axis=1,
    )
    counted = np.array([m.network.passages[c].trucks if c in m.network.passages else 0.0 for c in m.crossings])
    return np.maximum(counted[:, None] - own - t.empty * own[:, ::-1], 0.0)
