"""What effects at crossings do to the cost of a tonne, once trucks and waits have answered: for all draws of a block.

    today's waits ─▶ fold, fit ─▶ settle at each level of trade ─▶ for each effect: settle again from there ─▶ Δτ
    Δτ[direction] = Σ classes tonnes (C(W with it) - C(W)) / USD

The numbers are in `birge.kernels.crossing_choice`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.errors import SolveError
from birge.models.freight.choice import Market
from birge.models.freight.drawn import Goods
from birge.plan.crossing import CAPACITY, AtCrossing
from birge.spec import World

__all__ = ["CLOSE", "Curves", "curves_of", "responses"]

Floats = NDArray[np.float64]
CLOSE = 1e-6
"""Residual of the fixed point of waits and trucks, hours."""
FIT = 1e-3
"""Residual of the constants: log of a share."""
ITERATIONS = 200


@dataclass(frozen=True)
class Curves:
    """Waits over trucks: `knots` [draw, crossing, direction, knot], `hours` and `shift` by case; case 0 is today.

    `hours` [case] are [draw, crossing, direction, knot], `shift` [case] hours [draw, crossing, direction] beside them.
    """

    knots: Floats
    hours: tuple[Floats, ...]
    shift: tuple[Floats, ...]


def curves_of(
    m: Market, bordered: tuple[str, ...], effects: tuple[AtCrossing, ...], pair: tuple[str, str], world: World,
    sizes: Floats,
) -> Curves:  # fmt: skip
    """Return the waits of every draw: of the border model where it has the crossing, else of the network."""
    told, hours = world["border.knots"], world["border.curve"]
    n, count, own = len(told), len(m.crossings), m.knots.shape[2]
    most = max(told.shape[3], own)
    knots = np.zeros((n, count, 2, most))
    cases = [np.zeros((n, count, 2, most)) for _ in range(1 + len(effects))]
    for c, name in enumerate(m.crossings):
        place = bordered.index(name) if name in bordered else -1
        knots[:, c] = _longer(told[:, place] if place >= 0 else m.knots[c][None], most)
        for k, case in enumerate(cases):
            case[:, c] = _longer(hours[:, place, :, k] if place >= 0 else m.hours[c][None], most)
    shift = [np.zeros((n, count, 2)) for _ in cases]
    for k, e in enumerate(effects):
        if e.driver == CAPACITY:
            continue
        for c, name in enumerate(m.crossings):
            for d in (0, 1):
                if e.acts(name, d, pair):
                    shift[k + 1][:, c, d] = sizes[k]
    return Curves(knots, tuple(cases), tuple(shift))


def responses(
    m: Market, goods: Goods, curves: Curves, today: tuple[float, float], usd: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return waits and trucks [draw, level, crossing, direction], and Δτ [draw, level, effect, direction].

    `today` is the trade that constants give today's shares at, `usd` [draw, level, direction] the trade that is solved.
    Raises SolveError if waits and trucks do not settle.
    """
    from birge.kernels.crossing_choice import Scales, fit, fold, settled

    n, levels = usd.shape[:2]
    scales = Scales(m.costs.scale_route, m.costs.scale_crossing, m.costs.scale_mode, 1 / (m.costs.payload * 365))
    now = _today(m, curves)
    ways = fold(*m.options, scales, goods.reliability, goods.waiting, goods.hour, now, m.cv)
    mass = np.ascontiguousarray(goods.mass * np.array(today)[:, None])
    k, rail, _ = fit(ways, scales, mass, goods.value, m.carried, m.by_rail, m.constants, m.rail, FIT, ITERATIONS)
    start = np.repeat(now[:, None], levels, axis=1)
    response = np.zeros((n, levels, len(curves.hours) - 1, 2))
    for case, (hours, shift) in enumerate(zip(curves.hours, curves.shift, strict=True)):
        w, x, cost, left = settled(
            ways, scales, goods.mass, usd, goods.empty, k, rail, m.other, curves.knots, hours, shift, start,
            CLOSE, ITERATIONS,
        )  # fmt: skip
        if not (left <= CLOSE).all():
            worst = float(left.max())
            raise SolveError(f"waits and trucks do not settle: {worst:.1e} h left", ITERATIONS, worst)
        if case == 0:
            waits, trucks, usual, start = w, x, cost, w
        else:
            response[:, :, case - 1] = (cost - usual) / 1e6
    return waits, trucks, response


def _today(m: Market, curves: Curves) -> Floats:
    """Return the waits [draw, crossing, direction] at the trucks that are counted."""
    counted = np.array([m.network.passages[c].trucks if c in m.network.passages else 0.0 for c in m.crossings])
    knots, hours = curves.knots, curves.hours[0]
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
