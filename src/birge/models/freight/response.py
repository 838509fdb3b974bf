"""What effects at crossings do to the cost of a tonne, once trucks and waits have answered: for all draws of a block.

    today's waits ─▶ fold, fit ─▶ settle at each level of trade ─▶ for each effect: settle again from there ─▶ Δτ
    Δτ[direction] = Σ classes tonnes (C(W with it) - C(W)) / USD

The numbers are in `birge.kernels.crossing_choice`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.models.freight.choice import Market
from birge.models.freight.drawn import Goods
from birge.plan.crossing import CAPACITY, AtCrossing
from birge.spec import World

__all__ = ["CLOSE", "Curves", "curves_of", "responses"]

Floats = NDArray[np.float64]
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


def curves_of(
    m: Market, bordered: tuple[str, ...], effects: tuple[AtCrossing, ...], pair: tuple[str, str], world: World,
    sizes: Floats,
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
    shift = [np.zeros((n, count, 2)) for _ in range(cases)]
    for k, e in enumerate(effects):
        if e.driver == CAPACITY:
            continue
        for c, name in enumerate(m.crossings):
            for d in (0, 1):
                if e.acts(name, d, pair):
                    shift[k + 1][:, c, d] = sizes[k]
    return Curves(tuple(made[0]), tuple(made[1]), tuple(shift))


def responses(
    m: Market, goods: Goods, curves: Curves, today: tuple[float, float], usd: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return waits [draw, level, case, crossing, direction], today's trucks, and Δτ [draw, level, effect, direction].

    `today` is the trade that constants give today's shares at, `usd` [draw, level, direction] the trade that is solved.
    A draw whose waits and trucks do not settle is not a number.
    """
    from birge.kernels.crossing_choice import Scales, fit, fold, settled

    n, levels = usd.shape[:2]
    live = _live(m)
    scales = Scales(m.costs.scale_route, m.costs.scale_crossing, m.costs.scale_mode, 1 / (m.costs.payload * 365))
    there, back = (o._replace(crossing=_numbered(o.crossing, live)) for o in m.options)
    now = np.ascontiguousarray(_today(m, curves)[:, live])
    ways = fold(there, back, scales, goods.reliability, goods.waiting, goods.hour, now, m.cv[live])
    mass = np.ascontiguousarray(goods.mass * np.array(today)[:, None])
    k, rail, _ = fit(
        ways, scales, mass, goods.value, m.carried[live], m.by_rail, m.constants[live], m.rail, FIT, ITERATIONS
    )
    cases, count = len(curves.hours), len(m.crossings)
    waits, trucks = np.zeros((n, levels, cases, count, 2)), np.zeros((n, levels, count, 2))
    response = np.zeros((n, levels, cases - 1, 2))
    start = np.repeat(now[:, None], levels, axis=1)
    for case, rows in enumerate(zip(curves.knots, curves.hours, curves.shift, strict=True)):
        knots, hours, shift = (np.ascontiguousarray(r[:, live]) for r in rows)
        w, x, cost, left = settled(
            ways, scales, goods.mass, usd, goods.empty, k, rail, m.other[live], knots, hours, shift, start,
            CLOSE, ITERATIONS,
        )  # fmt: skip
        # a draw that does not settle has no answer, and the assessment counts it so
        cost[~(left <= CLOSE)] = np.nan
        waits[:, :, case, live] = w
        if case == 0:
            trucks[:, :, live] = x
            usual, start = cost, w
        else:
            response[:, :, case - 1] = (cost - usual) / 1e6
    return waits, trucks, response


def _live(m: Market) -> NDArray[np.int64]:
    """Return the crossings that some way by road passes; the others have neither trucks nor waits."""
    used = [o.crossing[(o.mode == 0) & (o.crossing >= 0)] for o in m.options]
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
