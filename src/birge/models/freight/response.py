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
from birge.models.freight.opened import Opened
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

    `knots` and `hours` [case] are [draw, crossing, direction, knot], `shift` [case] hours [draw, crossing, direction].
    """

    knots: tuple[Floats, ...]
    hours: tuple[Floats, ...]
    shift: tuple[Floats, ...]


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
    told = (world["border.knots"], world["border.curve"])
    n, count, own = len(told[0]), len(m.crossings), m.knots.shape[2]
    most, cases = max(told[0].shape[4], own), 1 + len(effects)
    made = np.zeros((2, cases, n, count, 2, most))
    for c, name in enumerate(m.crossings):
        place = bordered.index(name) if name in bordered else -1
        for part, (whole, usual) in enumerate(zip(told, (m.knots, m.hours), strict=True)):
            for k in range(cases):
                made[part, k, :, c] = _longer(whole[:, place, :, k] if place >= 0 else usual[c][None], most)
    shift = np.zeros((cases, n, count, 2))
    for k, e in enumerate(effects):
        for c, name in enumerate(m.crossings) if e.driver == HOURS else ():
            for d in (0, 1):
                if e.acts(name, d, pair):
                    shift[:, :, c, d] += np.where(order.there[:, :, k].T, sizes[k], 0.0)
    return Curves(tuple(made[0]), tuple(made[1]), tuple(shift))


def responses(
    m: Market, goods: Goods, curves: Curves, opened: Opened, order: Order, today: tuple[float, float], usd: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return waits [draw, level, case, crossing, direction], today's trucks, and Δτ [draw, level, effect, direction].

    `today` is the trade that constants give today's shares at, `usd` [draw, level, direction] the trade that is solved.
    A draw whose waits and trucks do not settle is not a number.
    """
    from birge.kernels.crossing_choice import Scales, fit, settled

    n, levels = usd.shape[:2]
    live = _live(opened)
    scales = Scales(m.costs.scale_route, m.costs.scale_crossing, m.costs.scale_mode, 1 / (m.costs.payload * 365))
    now = np.ascontiguousarray(_today(m, curves)[:, live])
    states = np.where(order.solved, opened.states(order.there), -1)
    folded = _folded(m, goods, opened, states, live, scales, now)
    mass = np.ascontiguousarray(goods.mass * np.array(today)[:, None])
    k, rail, _ = fit(
        folded[0][1], scales, mass, goods.value, m.carried[live], m.by_rail, m.constants[live], m.rail, FIT, ITERATIONS
    )
    cases, count = len(curves.hours), len(m.crossings)
    waits, trucks = np.zeros((n, levels, cases, count, 2)), np.zeros((n, levels, count, 2))
    cost = np.zeros((n, levels, cases, 2))
    start = np.repeat(now[:, None], levels, axis=1)
    for case, curve in enumerate(zip(curves.knots, curves.hours, curves.shift, strict=True)):
        for state, (held, ways) in folded.items():
            rows = np.flatnonzero(states[:, case] == state)
            if not rows.size:
                continue
            knots, hours, shift = (np.ascontiguousarray(r[rows][:, live]) for r in curve)
            w, x, paid, left = settled(
                _taken(ways, np.searchsorted(held, rows)), scales, goods.mass[rows], usd[rows], goods.empty[rows],
                k[rows], rail[rows], m.other[live], knots, hours, shift, start[rows], CLOSE, ITERATIONS,
            )  # fmt: skip
            # a draw that does not settle has no answer, and the assessment counts it so
            paid[~(left <= CLOSE)] = np.nan
            cost[rows, :, case] = paid
            waits[rows[:, None], :, case, live] = w.swapaxes(1, 2)
            if case == 0:
                trucks[rows[:, None], :, live] = x.swapaxes(1, 2)
        if case == 0:
            start = waits[:, :, 0][:, :, live]
    usual = np.take_along_axis(cost, order.last[:, None, :, None], axis=2)
    unsolved = ~order.solved[:, 1:]
    response = np.where(unsolved[:, None, :, None], 0.0, (cost[:, :, 1:] - usual) / 1e6)
    as_before = np.take_along_axis(waits, order.last[:, None, :, None, None], axis=2)
    waits[:, :, 1:] = np.where(unsolved[:, None, :, None, None], as_before, waits[:, :, 1:])
    return waits, trucks, response


def _folded(
    m: Market, goods: Goods, opened: Opened, states: Ints, live: Ints, scales: Scales, now: Floats
) -> dict[int, tuple[Ints, Folded]]:
    """Return by state the draws that come to it, and their ways folded at today's waits."""
    from birge.kernels.crossing_choice import fold

    made = {}
    for state in np.unique(states[states >= 0]):
        rows = np.flatnonzero((states == state).any(axis=1))
        there, back = (o._replace(crossing=_numbered(o.crossing, live)) for o in opened.ways[state])
        ways = fold(
            there, back, scales, goods.reliability[rows], goods.waiting[rows], goods.hour[rows], now[rows], m.cv[live]
        )
        made[int(state)] = (rows, ways)
    return made


def _taken(ways: Folded, rows: Ints) -> Folded:
    """Return the ways of some of the draws."""
    if len(rows) == len(ways.base):
        return ways
    return ways._replace(**{f: getattr(ways, f)[rows] for f in ways._fields if f != "weight"})


def _live(opened: Opened) -> Ints:
    """Return the crossings that some way by road passes; the others have neither trucks nor waits."""
    used = [o.crossing[(o.mode == 0) & (o.crossing >= 0)] for both in opened.ways for o in both]
    return np.unique(np.concatenate(used))


def _numbered(crossing: NDArray[np.int64], live: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return places among `live`, -1 for none."""
    return np.where(np.isin(crossing, live), np.searchsorted(live, crossing), -1)


def _today(m: Market, curves: Curves) -> Floats:
    """Return the waits [draw, crossing, direction] at the trucks that are counted."""
    counted = np.array([m.network.passages[c].trucks if c in m.network.passages else 0.0 for c in m.crossings])
    knots, hours = curves.knots[0], curves.hours[0]
    x = counted[None, :, None]
    last = knots.shape[3] - 2
    k = np.clip((knots < x[..., None]).sum(axis=3) - 1, 0, last)[..., None]
    low, high = (np.take_along_axis(knots, k + j, axis=3)[..., 0] for j in (0, 1))
    a, b = (np.take_along_axis(hours, k + j, axis=3)[..., 0] for j in (0, 1))
    return np.asarray(np.where(x <= knots[..., 0], hours[..., 0], a + (b - a) * (x - low) / (high - low)))


def _longer(rows: Floats, count: int) -> Floats:
    """Return knots [draw, direction, knot] made more by going on with the last step."""
    step = rows[..., -1:] - rows[..., -2:-1]
    more = rows[..., -1:] + step * np.arange(1, count - rows.shape[-1] + 1)
    return np.concatenate([rows, more], axis=-1)
