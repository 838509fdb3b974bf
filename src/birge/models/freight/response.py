"""What hours at a crossing do to the cost of a tonne, once trucks and waits have answered: one linear solve.

`settled` finds waits W and trucks that agree, with constants that give today's trucks at today's trade; `shift` is what
an effect takes from the curve, in hours at fixed trucks; `responses` lets the system answer:

    W + dW = curve(x(W + dW)) + s   ⇒   dW ≈ (I - R)⁻¹ s,   R = curve'(x) dx/dW
    Δτ[effect, direction] = Σ sections share (C(W + dW) - C(W)) / value
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from birge.errors import SolveError
from birge.models.freight.choice import Market, taste
from birge.plan.crossing import AtCrossing
from birge.spec import World

__all__ = ["Case", "Curve", "curve_of", "responses", "settled", "shift"]

Floats = NDArray[np.float64]
STEP = 0.05
"""Hours by which a wait is moved to see how trucks answer."""
FIT = 1e-3
ITERATIONS = 400


@dataclass(frozen=True)
class Curve:
    """Waits of a draw: hours at `knots` [crossing, direction, knot] today, and by level of capacity where known.

    `place` is each crossing's place in `levels` [place, direction, level, knot], -1 where capacity has no levels.
    """

    knots: Floats
    hours: Floats
    place: tuple[int, ...]
    factors: Floats
    levels: Floats

    def at(self, crossing: int, direction: int, trucks: float, factor: float = 1.0) -> float:
        """Return the wait at `trucks` a day with `factor` times today's capacity."""
        from birge.kernels.traffic_assignment_choice import wait_at

        place, knots = self.place[crossing], self.knots[crossing, direction]
        if place < 0 or factor == 1.0:
            # without levels: twice the capacity waits at twice the trucks as long as today
            return float(wait_at(trucks / factor, knots, self.hours[crossing, direction]))
        told = [wait_at(trucks, knots, row) for row in self.levels[place, direction]]
        logs = np.log(np.maximum(told, 1e-4))
        return float(np.exp(np.interp(np.log(factor), np.log(self.factors), logs)))


@dataclass(frozen=True)
class Case:
    """A market with a draw's constants and curve, and the waits and trucks that agree there."""

    market: Market
    waits: Floats
    trucks: Floats
    residual: float


def curve_of(m: Market, bordered: tuple[str, ...], world: World, d: int) -> Curve:
    """Return the waits of draw `d`: of the border model where it has the crossing, else of the network's own curve."""
    factors = world["border.levels"][d]
    levels = world["border.curve"][d]
    one = int(np.argmin(np.abs(factors - 1.0)))
    count = world["border.knots"].shape[3]
    knots, hours = np.zeros((len(m.crossings), 2, count)), np.zeros((len(m.crossings), 2, count))
    place = []
    for c, name in enumerate(m.crossings):
        at = bordered.index(name) if name in bordered else -1
        place.append(at)
        if at >= 0:
            knots[c], hours[c] = world["border.knots"][d, at], levels[at, :, one]
        else:
            knots[c], hours[c] = _longer(m.knots[c], count), _longer(m.hours[c], count)
    return Curve(knots, hours, tuple(place), factors, levels)


def settled(m: Market, curve: Curve, usd: tuple[float, float], tolerance: float) -> Case:
    """Return waits and trucks that agree at the market's trade, with constants fitted at today's trade of `usd`.

    Raises SolveError if waits and trucks do not settle to `tolerance` hours.
    """
    from birge.kernels.traffic_assignment_choice import balance, fitted, wait_at

    counted = np.array([m.network.passages[c].trucks if c in m.network.passages else 0.0 for c in m.crossings])
    today = np.array(
        [[wait_at(counted[c], curve.knots[c, k], curve.hours[c, k]) for k in (0, 1)] for c in range(len(m.crossings))]
    )
    t, d = taste(m.costs), m.demand
    (hour_a, mass_a), (hour_b, mass_b) = d.coarse(0), d.coarse(1)
    then_a, then_b = mass_a * usd[0] / d.usd[0], mass_b * usd[1] / d.usd[1]
    k, rail, _ = fitted(
        *m.options, t, hour_a, hour_b, then_a, then_b, _values(m, 0), _values(m, 1), today, m.cv, m.carried,
        m.by_rail, m.constants, m.rail, FIT, ITERATIONS,
    )  # fmt: skip
    w, x, residual, done = balance(
        *m.options, t, hour_a, hour_b, mass_a, mass_b, today, m.cv, k, rail, m.other, curve.knots, curve.hours,
        np.zeros_like(today), tolerance, ITERATIONS,
    )  # fmt: skip
    if residual > tolerance:
        raise SolveError(f"waits and trucks do not settle: {residual:.1e} h left", done, residual)
    made = replace(m, constants=k, rail=rail, knots=curve.knots, hours=curve.hours)
    return Case(made, w, x, float(residual))


def shift(
    crossings: tuple[str, ...], pair: tuple[str, str], curve: Curve, e: AtCrossing, size: float, trucks: Floats
) -> Floats:
    """Return what an effect adds to waits [crossing, direction] at `trucks`, in hours; no wait falls under 0."""
    found = np.zeros((len(crossings), 2))
    flows = (f"{pair[0]}-{pair[1]}", f"{pair[1]}-{pair[0]}")
    for c, name in enumerate(crossings):
        for d in (0, 1):
            if e.crossing in ("", name) and e.direction in ("", flows[d]):
                now = curve.at(c, d, trucks[c, d])
                if e.driver == "border.capacity":
                    found[c, d] = curve.at(c, d, trucks[c, d], max(size, 0.05)) - now
                else:
                    found[c, d] = max(size, -now)
    return found


def responses(case: Case, hours: Floats) -> Floats:
    """Return Δτ [effect, direction] of the hours of every effect alone [effect, crossing, direction]."""
    from birge.kernels.traffic_assignment_choice import reaction

    m = case.market
    t, d = taste(m.costs), m.demand
    (hour_a, mass_a), (hour_b, mass_b) = d.coarse(0), d.coarse(1)
    matrix = reaction(
        *m.options, t, hour_a, hour_b, mass_a, mass_b, case.waits, m.cv, m.constants, m.rail, case.trucks, m.knots,
        m.hours, STEP,
    )  # fmt: skip
    inverse: Floats = np.asarray(np.linalg.inv(np.eye(len(matrix)) - matrix), dtype=np.float64)
    before = _cost(case, case.waits)
    return np.array([_cost(case, _moved(case, inverse, h)) - before for h in hours]).reshape(len(hours), 2)


def _moved(case: Case, inverse: Floats, hours: Floats) -> Floats:
    return np.asarray(np.maximum(case.waits + (inverse @ hours.ravel()).reshape(hours.shape), 0.0))


def _cost(case: Case, waits: Floats) -> Floats:
    """Return the expected cost of goods over their value [direction], weighted by value."""
    from birge.kernels.traffic_assignment_choice import respond

    m = case.market
    t, d = taste(m.costs), m.demand
    total = np.zeros(2)
    for k in (0, 1):
        value = np.array([g.value for g in d.goods[k]])
        cost = respond(m.options[k], t, d.hour(k), waits[:, k].copy(), m.cv, m.constants, m.rail[k])[2]
        total[k] = float(d.shares[k] @ (cost / value))
    return total


def _values(m: Market, direction: int) -> Floats:
    """Return the share of value by class of goods, in the order of `Demand.coarse`."""
    names = np.array(m.demand.classes[direction])
    return np.array([m.demand.shares[direction][names == c].sum() for c in dict.fromkeys(m.demand.classes[direction])])


def _longer(rows: Floats, count: int) -> Floats:
    """Return knots [direction, knot] made more by going on with the last step."""
    step = rows[:, -1:] - rows[:, -2:-1]
    more = rows[:, -1:] + step * np.arange(1, count - rows.shape[1] + 1)
    return np.concatenate([rows, more], axis=1)[:, :count]
