"""What effects on waits, capacity and links do to the cost of a tonne, once trucks and waits have answered.

    today's waits ─▶ fold, fit ─▶ settle at each level of trade ─▶ for each effect: with it and all that stands ─▶ Δτ
    Δτ[direction] = Σ classes tonnes (C(W with it and what stands) - C(W with what stands)) / USD

For all draws of a block. The numbers are in `birge.kernels.crossing_choice`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from birge.models.freight.choice import Market
from birge.models.freight.drawn import Goods
from birge.models.freight.opened import Both, Opened
from birge.plan.crossing import HOURS, OPENING, AtCrossing, before, begins
from birge.spec import World

if TYPE_CHECKING:
    from birge.kernels.crossing_choice import Folded, Scales

__all__ = ["CLOSE", "Curves", "Order", "curves_of", "order_of", "responses"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CLOSE = 1e-5
"""Residual of the fixed point of waits and trucks, hours."""
FIT = 1e-3
"""Residual of the constants: log of a share."""
ITERATIONS = 200


@dataclass(frozen=True)
class Curves:
    """Waits over trucks by case; case 0 is today.

    `told` are knots and hours [draw, place, direction, case, knot] of the crossings that have a `place` [crossing] with
    the border model, `usual` those [crossing, direction, knot] of the rest (place -1). `shift` [case] are hours
    [draw, crossing, direction].
    """

    place: Ints
    told: tuple[Floats, Floats]
    usual: tuple[Floats, Floats]
    shift: tuple[Floats, ...]

    def at(self, case: int, rows: Ints, crossings: Ints) -> tuple[Floats, Floats, Floats]:
        """Return knots and hours [row, crossing, direction, knot] and the shift of some draws and crossings."""
        place = self.place[crossings]
        known = place >= 0
        most = max(x.shape[-1] for x in (self.told[0], self.usual[0]))
        made = np.empty((2, len(rows), len(crossings), 2, most))
        for part, told, usual in zip(made, self.told, self.usual, strict=True):
            part[:, known] = _longer(told[rows[:, None], place[known], :, case], most)
            part[:, ~known] = _longer(usual[crossings[~known]], most)
        return made[0], made[1], np.ascontiguousarray(self.shift[case][rows][:, crossings])


@dataclass(frozen=True)
class Order:
    """What is there with each effect [draw, case, effect], itself included, and the case before it [draw, effect].

    Case 0 is today, case k the k-th effect and what stands when it comes; `solved` [draw, case] are those that are
    asked for: not those of links that change no way, nor of effects that begin after the years.
    """

    there: NDArray[np.bool_]
    last: Ints
    solved: NDArray[np.bool_]


def order_of(effects: tuple[AtCrossing, ...], opened: Opened, finish: Floats, until: float) -> Order:
    """Return the order of effects in every draw of `finish` [draw, milestone], of those that begin by month `until`."""
    moving = np.array([e.driver != OPENING or k in opened.effects for k, e in enumerate(effects)], dtype=np.bool_)
    counts = (until >= begins(effects, finish).T) & moving
    stand, last = before(effects, finish, counts)
    today = np.zeros((len(finish), 1, len(effects)), dtype=np.bool_)
    own = np.eye(len(effects), dtype=np.bool_) & moving
    solved = np.concatenate([np.ones((len(finish), 1), dtype=np.bool_), counts], axis=1)
    return Order(np.concatenate([today, stand | own], axis=1), last + 1, solved)


def curves_of(
    m: Market, bordered: tuple[str, ...], effects: tuple[AtCrossing, ...], pair: tuple[str, str], world: World,
    sizes: Floats, order: Order,
) -> Curves:  # fmt: skip
    """Return the waits of every draw: of the border model where it has the crossing, else of the network."""
    n, count, cases = len(world["border.knots"]), len(m.crossings), 1 + len(effects)
    place = np.array([bordered.index(c) if c in bordered else -1 for c in m.crossings], dtype=np.int64)
    shift = np.zeros((cases, n, count, 2))
    for k, e in enumerate(effects):
        for c, name in enumerate(m.crossings) if e.driver == HOURS else ():
            for d in (0, 1):
                if e.acts(name, d, pair):
                    shift[:, :, c, d] += np.where(order.there[:, :, k].T, sizes[k], 0.0)
    return Curves(place, (world["border.knots"], world["border.curve"]), (m.knots, m.hours), tuple(shift))


def responses(
    m: Market, goods: Goods, curves: Curves, opened: Opened, order: Order, today: tuple[float, float], usd: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return waits [draw, level, case, crossing, direction], today's trucks, and Δτ [draw, level, effect, direction].

    `today` is the trade that constants give today's shares at, `usd` [draw, level, direction] the trade that is solved.
    A draw whose waits and trucks do not settle is not a number.
    """
    from birge.kernels.crossing_choice import Scales, settled

    n, levels = usd.shape[:2]
    live = _live(opened)
    scales = Scales(m.costs.scale_route, m.costs.scale_crossing, m.costs.scale_mode, 1 / (m.costs.payload * 365))
    now = np.zeros((n, len(m.crossings), 2))
    now[:, live] = _today(m, curves, live)
    states = np.where(order.solved, opened.states(order.there), -1)
    folded = _folded(m, goods, opened, states, scales, now)
    k, rail = _fitted(m, goods, folded[0], scales, np.ascontiguousarray(goods.mass * np.array(today)[:, None]))
    cases, count = len(curves.shift), len(m.crossings)
    waits, trucks = np.zeros((n, levels, cases, count, 2)), np.zeros((n, levels, count, 2))
    cost = np.zeros((n, levels, cases, 2))
    start = np.repeat(now[:, None], levels, axis=1)
    for case in range(cases):
        for state, held in folded.items():
            rows = np.flatnonzero(states[:, case] == state)
            if not rows.size:
                continue
            used, unused = held.crossings, np.setdiff1d(live, held.crossings)
            knots, hours, shift = curves.at(case, rows, used)
            w, x, paid, left = settled(
                _taken(held.ways, np.searchsorted(held.rows, rows)), scales, goods.mass[rows], usd[rows],
                goods.empty[rows], np.ascontiguousarray(k[rows][:, used]), rail[rows], m.other[used], knots, hours,
                shift, np.ascontiguousarray(start[rows][:, :, used]), CLOSE, ITERATIONS,
            )  # fmt: skip
            # a draw that does not settle has no answer, and the assessment counts it so
            paid[~(left <= CLOSE)] = np.nan
            cost[rows, :, case] = paid
            waits[rows[:, None], :, case, used] = w.swapaxes(1, 2)
            # no way of this trade passes: the wait of other trucks
            waits[rows[:, None], :, case, unused] = _read(curves, case, rows, unused, m.other[unused])[:, :, None]
            if case == 0:
                trucks[rows[:, None], :, used] = x.swapaxes(1, 2)
                trucks[rows[:, None], :, unused] = m.other[unused][None, :, None]
        if case == 0:
            start = waits[:, :, 0]
    usual = np.take_along_axis(cost, order.last[:, None, :, None], axis=2)
    unsolved = ~order.solved[:, 1:]
    response = np.where(unsolved[:, None, :, None], 0.0, (cost[:, :, 1:] - usual) / 1e6)
    as_before = np.take_along_axis(waits, order.last[:, None, :, None, None], axis=2)
    waits[:, :, 1:] = np.where(unsolved[:, None, :, None, None], as_before, waits[:, :, 1:])
    return waits, trucks, response


@dataclass(frozen=True)
class _Held:
    """The draws that come to a state, the crossings that ways by road pass in it, and their ways at today's waits."""

    rows: Ints
    crossings: Ints
    ways: Folded


def _folded(m: Market, goods: Goods, opened: Opened, states: Ints, scales: Scales, now: Floats) -> dict[int, _Held]:
    """Return by state what is held of it."""
    from birge.kernels.crossing_choice import fold

    made = {}
    for state in np.unique(states[states >= 0]).tolist():
        rows = np.flatnonzero((states == state).any(axis=1))
        used = _passed(opened.ways[state])
        there, back = (o._replace(crossing=_numbered(o.crossing, used)) for o in opened.ways[state])
        ways = fold(
            there, back, scales, goods.reliability[rows], goods.waiting[rows], goods.hour[rows],
            np.ascontiguousarray(now[rows][:, used]), m.cv[used],
        )  # fmt: skip
        made[state] = _Held(rows, used, ways)
    return made


def _fitted(m: Market, goods: Goods, today: _Held, scales: Scales, mass: Floats) -> tuple[Floats, Floats]:
    """Return constants [draw, crossing] and of rail [draw, direction]; a crossing not passed today has the mean."""
    from birge.kernels.crossing_choice import fit

    used = today.crossings
    found, rail, _ = fit(
        today.ways, scales, mass, goods.value, m.carried[used], m.by_rail, m.constants[used], m.rail, FIT, ITERATIONS
    )
    carried = m.carried[used] > 0
    k = np.tile(m.constants, (len(found), 1))
    if carried.any():
        k[:] = found[:, carried].mean(axis=1)[:, None]
    k[:, used] = found
    return k, rail


def _taken(ways: Folded, rows: Ints) -> Folded:
    """Return the ways of some of the draws."""
    if len(rows) == len(ways.base):
        return ways
    return ways._replace(**{f: getattr(ways, f)[rows] for f in ways._fields if f != "weight"})


def _live(opened: Opened) -> Ints:
    """Return the crossings that some way by road passes in some state; the others have neither trucks nor waits."""
    return np.unique(np.concatenate([_passed(both) for both in opened.ways]))


def _passed(both: Both) -> Ints:
    """Return the crossings that some way by road passes."""
    return np.unique(np.concatenate([o.crossing[(o.mode == 0) & (o.crossing >= 0)] for o in both]))


def _numbered(crossing: NDArray[np.int64], live: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return places among `live`, -1 for none."""
    return np.where(np.isin(crossing, live), np.searchsorted(live, crossing), -1)


def _today(m: Market, curves: Curves, live: Ints) -> Floats:
    """Return the waits [draw, crossing, direction] at the trucks that are counted."""
    counted = np.array([m.network.passages[c].trucks if c in m.network.passages else 0.0 for c in m.crossings])
    every = np.arange(len(curves.told[0]))
    return _read(curves, 0, every, live, np.tile(counted[live][:, None], (1, 2)))


def _read(curves: Curves, case: int, rows: Ints, crossings: Ints, x: Floats) -> Floats:
    """Return the waits [row, crossing, direction] of some draws at `x` trucks [crossing, direction]."""
    knots, hours, shift = curves.at(case, rows, crossings)
    at = x[None, ..., None]
    k = np.clip((knots < at).sum(axis=3) - 1, 0, knots.shape[3] - 2)[..., None]
    low, high = (np.take_along_axis(knots, k + j, axis=3)[..., 0] for j in (0, 1))
    a, b = (np.take_along_axis(hours, k + j, axis=3)[..., 0] for j in (0, 1))
    told = np.where(x <= knots[..., 0], hours[..., 0], a + (b - a) * (x - low) / (high - low))
    return np.maximum(told + shift, 0.0)


def _longer(rows: Floats, count: int) -> Floats:
    """Return knots [..., knot] made more by going on with the last step."""
    if rows.shape[-1] == count:
        return rows
    step = rows[..., -1:] - rows[..., -2:-1]
    more = rows[..., -1:] + step * np.arange(1, count - rows.shape[-1] + 1)
    return np.concatenate([rows, more], axis=-1)
