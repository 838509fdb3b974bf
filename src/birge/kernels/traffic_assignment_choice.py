"""Nested logit of mode, crossing and route with waits at crossings, and the waits that reproduce themselves.

    C[a, s] = money[a] + g[s] (hours[a] + W + ρ √(variance[a] + (cv W)²)) + [road] q W
    L[c] = ln Σ_a PS[a] exp(-θr C) / θr,  L[m] = ln Σ_c exp(θc L[c] + k[c]) / θc,  L = ln Σ_m exp(θm L[m] + k[m]) / θm
    x[c, d] = o[c, d] + t[c, d] + ε t[c, 1 - d],   t = road tonnes through c / payload / 365
    W[c, d] = curve[c](x[c, d])

==========  ===================================================================  ================
symbol      meaning                                                              unit
==========  ===================================================================  ================
W           waits [crossing, direction]                                          h
g           an hour of section s                                                 USD a tonne
q           an hour of a waiting truck, over its load                            USD a tonne
ρ, cv       reliability ratio, spread of a wait over its mean                    1
k           constants of crossings and of rail [direction]                       1
o, ε        other trucks a day, empty returns per loaded truck                   1/day, 1
θ           scales of route, crossing, mode; θm ≤ θc ≤ θr                        1/(USD a tonne)
==========  ===================================================================  ================

Options of a direction are groups of routes that share pair, mode and crossing, sorted by pair and mode. Curves are
linear between knots and go on with their last slope. McFadden (1978); Ben-Akiva and Bierlaire (1999) for PS.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Options", "Taste", "balance", "respond", "wait_at"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Options(NamedTuple):
    """Groups [g]: pair, mode, crossing (-1: none); routes of g are first[g]:first[g + 1]; weight [pair] sums to 1."""

    pair: Ints
    mode: Ints
    crossing: Ints
    first: Ints
    money: Floats
    hours: Floats
    variance: Floats
    size: Floats
    weight: Floats


class Taste(NamedTuple):
    """Scales, reliability ratio, waiting q, empty returns ε, and trucks a day per tonne a year."""

    route: float
    crossing: float
    mode: float
    reliability: float
    waiting: float
    empty: float
    trucks: float


@njit(cache=True, nogil=True)
def respond(
    o: Options, taste: Taste, hour: Floats, wait: Floats, cv: Floats, k_crossing: Floats, k_rail: float
) -> tuple[Floats, Floats, Floats]:
    """Return tonnes' shares by road crossing [section, crossing + 1], by rail [section], expected cost [section].

    The last column of crossings is road without a crossing.
    """
    sections, crossings = hour.size, wait.size
    road = np.zeros((sections, crossings + 1))
    rail = np.zeros(sections)
    expected = np.zeros(sections)
    groups = o.pair.size
    inner = np.empty(groups)
    for s in range(sections):
        g = 0
        while g < groups:
            pair = o.pair[g]
            end = g
            top = np.array([-np.inf, -np.inf])
            while end < groups and o.pair[end] == pair:
                c = o.crossing[end]
                w, spread, held, constant = 0.0, 0.0, 0.0, 0.0
                if o.mode[end] == 0 and c >= 0:
                    w, spread, held, constant = wait[c], (cv[c] * wait[c]) ** 2, taste.waiting, k_crossing[c]
                best, total = -np.inf, 0.0
                for a in range(o.first[end], o.first[end + 1]):
                    time = o.hours[a] + w + taste.reliability * np.sqrt(o.variance[a] + spread)
                    v = np.log(o.size[a]) - taste.route * (o.money[a] + hour[s] * time + held * w)
                    if v > best:
                        total = total * np.exp(best - v) + 1.0 if best > -np.inf else 1.0
                        best = v
                    else:
                        total += np.exp(v - best)
                inner[end] = taste.crossing * (best + np.log(total)) / taste.route + constant
                m = o.mode[end]
                top[m] = inner[end] if top[m] == -np.inf else _add(top[m], inner[end])
                end += 1
            ratio = taste.mode / taste.crossing
            u_road = ratio * top[0] if top[0] > -np.inf else -np.inf
            u_rail = ratio * top[1] + k_rail if top[1] > -np.inf else -np.inf
            whole = u_road if u_rail == -np.inf else (u_rail if u_road == -np.inf else _add(u_road, u_rail))
            expected[s] -= o.weight[pair] * whole / taste.mode
            for i in range(g, end):
                u = u_road if o.mode[i] == 0 else u_rail
                share = o.weight[pair] * np.exp(u - whole + inner[i] - top[o.mode[i]])
                if o.mode[i] == 1:
                    rail[s] += share
                else:
                    road[s, o.crossing[i] if o.crossing[i] >= 0 else crossings] += share
            g = end
    return road, rail, expected


@njit(cache=True, nogil=True)
def _add(a: float, b: float) -> float:
    """Return ln(exp a + exp b)."""
    return max(a, b) + np.log1p(np.exp(-abs(a - b)))


@njit(cache=True, nogil=True)
def wait_at(x: float, trucks: Floats, hours: Floats) -> float:
    """Return the curve at `x`; the last slope goes on, below the first knot it is flat."""
    if x <= trucks[0]:
        return hours[0]
    k = 1
    while k < trucks.size - 1 and x > trucks[k]:
        k += 1
    return hours[k - 1] + (hours[k] - hours[k - 1]) * (x - trucks[k - 1]) / (trucks[k] - trucks[k - 1])


@njit(cache=True, nogil=True)
def balance(
    there: Options, back: Options, taste: Taste,
    hour_there: Floats, hour_back: Floats, tonnes_there: Floats, tonnes_back: Floats,
    start: Floats, cv: Floats, k_crossing: Floats, k_rail: Floats,
    other: Floats, knots: Floats, hours: Floats, shift: Floats, tolerance: float, iterations: int,
) -> tuple[Floats, Floats, float, int]:  # fmt: skip
    """Return waits and trucks [crossing, direction], the residual in hours, and iterations made.

    `knots`, `hours` [crossing, direction, knot]; `shift` [crossing, direction] is added to the hours, which stay ≥ 0.
    Each wait moves by its own secant, w ← w + r / s with s ≈ -dr/dw ≥ 1 (waits fall with waits, so r falls at least as
    fast as w rises). A steep s is forgotten slowly, since curves have kinks; where the whole residual grows, the larger
    s of the last two counts, half as much again.
    """
    count = cv.size
    w = start.copy()
    x = np.zeros((count, 2))
    made = np.zeros((count, 2))
    slope, last, before = np.full((count, 2), 2.0), np.zeros((count, 2)), np.inf
    moved = np.zeros((count, 2))
    residual = np.inf
    done = 0
    for step in range(iterations):
        road_there = respond(there, taste, hour_there, w[:, 0], cv, k_crossing, k_rail[0])[0]
        road_back = respond(back, taste, hour_back, w[:, 1], cv, k_crossing, k_rail[1])[0]
        residual = 0.0
        for c in range(count):
            a, b = 0.0, 0.0
            for s in range(tonnes_there.size):
                a += road_there[s, c] * tonnes_there[s]
            for s in range(tonnes_back.size):
                b += road_back[s, c] * tonnes_back[s]
            a, b = a * taste.trucks, b * taste.trucks
            x[c, 0] = other[c, 0] + a + taste.empty * b
            x[c, 1] = other[c, 1] + b + taste.empty * a
            for d in range(2):
                made[c, d] = max(wait_at(x[c, d], knots[c, d], hours[c, d]) + shift[c, d], 0.0)
                residual = max(residual, abs(made[c, d] - w[c, d]))
        done = step + 1
        if residual <= tolerance:
            break
        for c in range(count):
            for d in range(2):
                r = made[c, d] - w[c, d]
                if step > 0 and abs(moved[c, d]) > 1e-12:
                    new = min(max((last[c, d] - r) / moved[c, d], 1.0), 100.0)
                    new = max(new, 0.85 * slope[c, d])
                    slope[c, d] = new if residual < 1.02 * before else min(1.5 * max(new, slope[c, d]), 100.0)
                last[c, d] = r
                moved[c, d] = r / slope[c, d]
                w[c, d] += moved[c, d]
        before = residual
    return w, x, residual, done
