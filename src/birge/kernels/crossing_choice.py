"""Choice of mode and crossing over many draws: routes folded into their crossing, then waits and trucks that agree.

    U[c](W) = θc L[c](W°) + k[c] - θc m[c] (W[c] - W°[c]),   m = Σ_a P(a | c) ∂C[a]/∂W           at W = W°
    U_road = ln Σ_c exp U[c],   whole = ln(exp(θm U_road / θc) + exp(θm U_rail / θc + k_rail)),  cost = -whole / θm
    x[c, d] = o[c, d] + t[c, d] + ε t[c, 1 - d],   t = road tonnes through c / payload / 365
    W[c, d] = max(curve[c, d](x[c, d]) + s[c, d], 0)

The routes of a crossing wait alike, so their logsum is linear in the wait but for the spread of times: `fold` takes
value and slope at reference waits W°, once for a draw, and all that follows sees crossings only. L and the symbols are
those of `traffic_assignment_choice`, which has every route and is its twin in the tests.

==========  ===================================================================  ==================================
array       meaning                                                              shape
==========  ===================================================================  ==================================
base        exp(U - lead) at W°, k = 0; 0 where there is no way                  [draw, direction, class, pair, c + 1]
lead        the largest U                                                        [draw, direction, class, pair]
bend        θc m, mean over pairs                                                [draw, direction, class, c]
rail        θm U / θc of rail                                                    [draw, direction, class, pair]
mass        tonnes a year per mn USD                                             [draw, direction, class]
usd         mn USD a year                                                        [draw, level, direction]
W, x        waits, hours, and trucks a day                                       [draw, level, c, direction]
==========  ===================================================================  ==================================

The last crossing of `base` is road without one. Curves are linear between knots and go on with their last slope.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from birge.kernels.elimination import eliminate
from birge.kernels.traffic_assignment_choice import Options

__all__ = ["Folded", "Scales", "fit", "fold", "settled"]

Floats = NDArray[np.float64]
SHORTEST = 0.02
"""Share of a step under which it is taken though it does not help: curves have kinks."""


class Scales(NamedTuple):
    """Scales θ of route, crossing and mode in 1/(USD a tonne), and trucks a day per tonne a year."""

    route: float
    crossing: float
    mode: float
    trucks: float


class Folded(NamedTuple):
    """Ways of both directions with their routes folded, at reference waits `wait` [draw, crossing, direction]."""

    base: Floats
    lead: Floats
    bend: Floats
    rail: Floats
    weight: Floats
    wait: Floats


@njit(cache=True, nogil=True)
def fold(
    there: Options, back: Options, scales: Scales, reliability: Floats, waiting: Floats, hour: Floats, wait: Floats,
    cv: Floats,
) -> Folded:  # fmt: skip
    """Return the ways at `wait` [draw, crossing, direction]; `hour` [draw, direction, class] USD a tonne.

    `reliability` [draw] is the ratio ρ, `waiting` [draw] what an hour at a crossing costs a truck, USD a tonne.
    """
    draws, classes, count = hour.shape[0], hour.shape[2], cv.size
    pairs = there.weight.size
    base = np.full((draws, 2, classes, pairs, count + 1), -np.inf)
    lead = np.full((draws, 2, classes, pairs), -np.inf)
    bend = np.zeros((draws, 2, classes, count))
    rail = np.full((draws, 2, classes, pairs), -np.inf)
    ratio = scales.mode / scales.crossing
    seen = np.empty(count)
    for d in range(2):
        o = there if d == 0 else back
        seen[:] = 0.0
        for g in range(o.pair.size):
            if o.mode[g] == 0 and o.crossing[g] >= 0:
                seen[o.crossing[g]] += o.weight[o.pair[g]]
        for n in range(draws):
            for g in range(o.pair.size):
                c, p = o.crossing[g] if o.crossing[g] >= 0 else count, o.pair[g]
                road = o.mode[g] == 0
                w, spread, held = 0.0, 0.0, 0.0
                if road and c < count:
                    w, spread, held = wait[n, c, d], cv[c] ** 2, waiting[n]
                for k in range(classes):
                    value, more = _logsum(o, g, scales.route, hour[n, d, k], w, reliability[n], spread, held)
                    value *= scales.crossing
                    if road:
                        base[n, d, k, p, c] = value
                        lead[n, d, k, p] = max(lead[n, d, k, p], value)
                        if c < count:
                            bend[n, d, k, c] += scales.crossing * more * o.weight[p] / seen[c]
                    else:
                        r = rail[n, d, k, p]
                        rail[n, d, k, p] = value if r == -np.inf else max(r, value) + np.log1p(np.exp(-abs(r - value)))
            for k in range(classes):
                for p in range(pairs):
                    rail[n, d, k, p] *= ratio
                    for c in range(count + 1):
                        u = base[n, d, k, p, c]
                        base[n, d, k, p, c] = np.exp(u - lead[n, d, k, p]) if u > -np.inf else 0.0
    return Folded(base, lead, bend, rail, there.weight, wait)


@njit(cache=True, nogil=True)
def _logsum(
    o: Options, g: int, scale: float, hour: float, wait: float, reliability: float, spread: float, held: float
) -> tuple[float, float]:
    """Return minus the expected cost of group `g` and what an hour of wait adds to it, USD a tonne."""
    best, total, slope = -np.inf, 0.0, 0.0
    for a in range(o.first[g], o.first[g + 1]):
        sigma = np.sqrt(o.variance[a] + spread * wait * wait)
        time = o.hours[a] + wait + reliability * sigma
        v = np.log(o.size[a]) - scale * (o.money[a] + hour * time + held * wait)
        more = held + hour * (1.0 + (reliability * spread * wait / sigma if sigma > 0.0 else 0.0))
        if v > best:
            old = np.exp(best - v) if best > -np.inf else 0.0
            total, slope, best = total * old + 1.0, slope * old + more, v
        else:
            part = np.exp(v - best)
            total += part
            slope += part * more
    return (best + np.log(total)) / scale, slope / total


@njit(cache=True, nogil=True)
def _respond(
    f: Folded, n: int, d: int, scales: Scales, mass: Floats, wait: Floats, k_crossing: Floats, k_rail: float,
    road: Floats, by_rail: Floats, u: Floats, left: Floats,
) -> None:  # fmt: skip
    """Fill `road` [crossing + 1] with tonnes, `by_rail` [class] with shares.

    `u` [class, pair, crossing + 1] and `left` [4, class, pair] are filled with what `_answer` and `_paid` need.
    """
    classes, pairs, count = f.rail.shape[2], f.rail.shape[3], road.size - 1
    ratio = scales.mode / scales.crossing
    factor = np.empty(count + 1)
    road[:] = 0.0
    for k in range(classes):
        by_rail[k] = 0.0
        if mass[k] == 0.0:
            continue
        top = 0.0
        for c in range(count):
            factor[c] = k_crossing[c] - f.bend[n, d, k, c] * (wait[c] - f.wait[n, c, d])
            top = factor[c] if c == 0 else max(top, factor[c])
        for c in range(count):
            factor[c] = np.exp(factor[c] - top)
        factor[count] = np.exp(-top)
        for p in range(pairs):
            total = 0.0
            for c in range(count + 1):
                u[k, p, c] = f.base[n, d, k, p, c] * factor[c]
                total += u[k, p, c]
            u_road = ratio * (f.lead[n, d, k, p] + top + np.log(total)) if total > 0.0 else -np.inf
            u_rail = f.rail[n, d, k, p] + k_rail
            less = np.exp(-abs(u_road - u_rail))
            share = 1.0 / (1.0 + less) if u_road >= u_rail else less / (1.0 + less)
            tonnes = f.weight[p] * mass[k]
            left[0, k, p], left[1, k, p], left[2, k, p], left[3, k, p] = max(u_road, u_rail), less, 0.0, 0.0
            by_rail[k] += f.weight[p] * (1.0 - share)
            if total == 0.0:
                continue
            tonnes *= share / total
            for c in range(count + 1):
                road[c] += tonnes * u[k, p, c]
            left[2, k, p], left[3, k, p] = tonnes, tonnes * (1.0 - ratio * (1.0 - share)) / total


@njit(cache=True, nogil=True)
def _paid(f: Folded, scales: Scales, mass: Floats, left: Floats) -> float:
    """Return cost × tonnes at what `_respond` left."""
    cost = 0.0
    for k in range(left.shape[1]):
        if mass[k] != 0.0:
            for p in range(left.shape[2]):
                cost -= f.weight[p] * mass[k] * (left[0, k, p] + np.log1p(left[1, k, p])) / scales.mode
    return cost


@njit(cache=True, nogil=True)
def _answer(f: Folded, n: int, d: int, mass: Floats, u: Floats, left: Floats, answer: Floats) -> None:
    """Fill `answer` [crossing, crossing] with d road[i] / d wait[j] at what `_respond` left."""
    classes, pairs, count = left.shape[1], left.shape[2], answer.shape[0]
    both, own = np.empty((count, count)), np.empty(count)
    answer[:] = 0.0
    for k in range(classes):
        if mass[k] == 0.0:
            continue
        both[:] = 0.0
        own[:] = 0.0
        for p in range(pairs):
            for i in range(count):
                own[i] += left[2, k, p] * u[k, p, i]
                pulled = left[3, k, p] * u[k, p, i]
                if pulled != 0.0:
                    for j in range(count):
                        both[i, j] += pulled * u[k, p, j]
        for i in range(count):
            both[i, i] -= own[i]
            for j in range(count):
                answer[i, j] += both[i, j] * f.bend[n, d, k, j]


@njit(cache=True, nogil=True)
def fit(
    f: Folded, scales: Scales, mass: Floats, value: Floats, carried: Floats, by_rail: Floats, k_crossing: Floats,
    k_rail: Floats, tolerance: float, iterations: int,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Return constants [draw, crossing], [draw, direction] that give today's shares at the reference waits.

    `mass` [draw, direction, class] tonnes a year of today's trade, `value` [direction, class] shares of value;
    `carried` [crossing] shares of tonnes by road, 0 where the constant is the mean of others; `by_rail` [direction] are
    shares of value. Starts at `k_crossing`, `k_rail`. The third result is the largest step that was left [draw].
    """
    draws, classes, count = mass.shape[0], mass.shape[2], carried.size
    made_k, made_rail, left = np.empty((draws, count)), np.empty((draws, 2)), np.empty(draws)
    road, shares, tonnes = np.empty(count + 1), np.empty(classes), np.empty(count)
    u, kept = np.empty((classes, f.weight.size, count + 1)), np.empty((4, classes, f.weight.size))
    for n in range(draws):
        k, rail = k_crossing.copy(), k_rail.copy()
        off = np.inf
        for done in range(iterations):
            # shares answer constants by less than one for one, so longer steps come sooner
            more = 1.0 if done < 2 else 1.5
            tonnes[:] = 0.0
            off = 0.0
            for d in range(2):
                _respond(f, n, d, scales, mass[n, d], f.wait[n, :, d], k, rail[d], road, shares, u, kept)
                tonnes += road[:count]
                share = 0.0
                for c in range(classes):
                    share += value[d, c] * shares[c]
                share = min(max(share, 1e-12), 1.0 - 1e-12)
                step = np.log(by_rail[d] / (1.0 - by_rail[d])) - np.log(share / (1.0 - share))
                rail[d] += more * step
                off = max(off, abs(step))
            total, mean, used = tonnes.sum(), 0.0, 0
            for c in range(count):
                if carried[c] > 0.0:
                    step = np.log(carried[c] / max(tonnes[c] / total, 1e-12))
                    k[c] += more * step
                    off = max(off, abs(step))
                    mean += k[c]
                    used += 1
            for c in range(count):
                if carried[c] <= 0.0 and used > 0:
                    k[c] = mean / used
            if off < tolerance:
                break
        made_k[n], made_rail[n], left[n] = k, rail, off
    return made_k, made_rail, left


@njit(cache=True, nogil=True)
def settled(
    f: Folded, scales: Scales, mass: Floats, usd: Floats, empty: Floats, k_crossing: Floats, k_rail: Floats,
    other: Floats, knots: Floats, hours: Floats, shift: Floats, start: Floats, tolerance: float, iterations: int,
) -> tuple[Floats, Floats, Floats, Floats]:  # fmt: skip
    """Return waits and trucks, cost of a mn USD of goods [draw, level, direction], and hours that are left [draw].

    `mass` [draw, direction, class] tonnes a year per mn USD, `empty` [draw] empty returns, `other` [crossing, side]
    trucks a day of other trade, `knots` and `hours` [draw, crossing, direction, knot], `shift` [draw, crossing,
    direction] hours, `start` [draw, level, crossing, direction], corrected by what the level before came to. Newton's
    method on W - curve(x(W)) - s; curves bend both ways, so a step that does not help is made shorter.
    """
    draws, levels, count = usd.shape[0], usd.shape[1], other.shape[0]
    classes, size = mass.shape[2], 2 * other.shape[0]
    waits, trucks = np.empty((draws, levels, count, 2)), np.empty((draws, levels, count, 2))
    cost, left = np.empty((draws, levels, 2)), np.zeros(draws)
    pairs = f.weight.size
    shares, tonnes, answer = np.empty(classes), np.empty((2, count + 1)), np.empty((2, count, count))
    u, kept = np.empty((2, classes, pairs, count + 1)), np.empty((2, 4, classes, pairs))
    rise = np.empty((count, 2))
    matrix, step, off, held = np.empty((size, size)), np.empty(size), np.empty(size), np.empty((count, 2))
    for n in range(draws):
        for level in range(levels):
            w, x = waits[n, level], trucks[n, level]
            # element by element: copies and products of rows take seconds to compile
            for c in range(count):
                for d in range(2):
                    w[c, d] = start[n, level, c, d]
                    if level > 0:
                        w[c, d] = max(w[c, d] + (waits[n, level - 1, c, d] - start[n, level - 1, c, d]), 0.0)
            short, best = 1.0, np.inf
            for done in range(iterations):
                for d in range(2):
                    _respond(
                        f, n, d, scales, mass[n, d], w[:, d], k_crossing[n], k_rail[n, d], tonnes[d], shares,
                        u[d], kept[d],
                    )  # fmt: skip
                    for c in range(count):
                        tonnes[d, c] *= usd[n, level, d] * scales.trucks
                residual, merit = 0.0, 0.0
                for c in range(count):
                    for d in range(2):
                        x[c, d] = other[c, d] + tonnes[d, c] + empty[n] * tonnes[1 - d, c]
                        told, rise[c, d] = _told(x[c, d], knots[n, c, d], hours[n, c, d])
                        if told + shift[n, c, d] <= 0.0:
                            told, rise[c, d] = -shift[n, c, d], 0.0
                        row = d * count + c
                        off[row] = told + shift[n, c, d] - w[c, d]
                        residual, merit = max(residual, abs(off[row])), merit + off[row] ** 2
                if residual <= tolerance or done == iterations - 1:
                    break
                if merit < best or short < SHORTEST:
                    best, short = merit, 1.0
                    for d in range(2):
                        _answer(f, n, d, mass[n, d], u[d], kept[d], answer[d])
                    for d in range(2):
                        own, back = usd[n, level, d] * scales.trucks, usd[n, level, 1 - d] * scales.trucks
                        for c in range(count):
                            row = d * count + c
                            held[c, d] = w[c, d]
                            for j in range(count):
                                matrix[row, d * count + j] = -rise[c, d] * (own * answer[d, c, j])
                                matrix[row, (1 - d) * count + j] = -rise[c, d] * empty[n] * (back * answer[1 - d, c, j])
                            matrix[row, row] += 1.0
                    eliminate(matrix, off)
                    for i in range(size):
                        step[i] = off[i]
                else:
                    short *= 0.4
                for c in range(count):
                    for d in range(2):
                        w[c, d] = max(held[c, d] + short * step[d * count + c], 0.0)
            left[n] = max(left[n], residual)
            for d in range(2):
                cost[n, level, d] = _paid(f, scales, mass[n, d], kept[d])
    return waits, trucks, cost, left


@njit(cache=True, nogil=True)
def _told(x: float, trucks: Floats, hours: Floats) -> tuple[float, float]:
    """Return the curve at `x` and its slope."""
    if x <= trucks[0]:
        return hours[0], 0.0
    k = min(int(np.searchsorted(trucks, x)), trucks.size - 1)
    rise = (hours[k] - hours[k - 1]) / (trucks[k] - trucks[k - 1])
    return hours[k - 1] + rise * (x - trucks[k - 1]), rise
