"""User equilibrium on links with capacity functions, by path-based gradient projection.

    c[a](v) = t[a] (1 + b[a] (v / k[a])^p[a]) + e[a]                                  (BPR 1964, and what is fixed)
    min Σ_a ∫_0^v[a] c[a](x) dx  subject to  Σ_{p in P(w)} h[p] = d[w], h ≥ 0, v = Σ_p h[p] δ[p, a]     (Beckmann 1956)

For each pair w, in turn, with s its cheapest known path, every other path p gives flow to s by a Newton step

    h[p] ← max(0, h[p] - (C[p] - C[s]) / Σ_{a in exactly one of p, s} c'[a](v[a])),   h[s] takes the rest

after which v and c are renewed. Shortest path trees at the costs of the whole network add paths and give the

    relative gap = (Σ_a c[a] v[a] - Σ_w d[w] u[w]) / Σ_a c[a] v[a],   u[w] the cost of the shortest path

=============  ==============================================================  ==================
symbol         meaning                                                         unit
=============  ==============================================================  ==================
first, order   forward star, see `shortest_path`                               index
tail, head     [link]                                                          index
through        [node] whether paths may pass through it                        bool
origin         [o] node of an origin                                           index
begin          pairs of origin o are begin[o]:begin[o + 1]                     index
goal, demand   [w] destination and d > 0                                       index, vehicles
free, rise,    [link] t, b, k, p ≥ 1, e                                        time, 1, vehicles,
capacity,                                                                      1, time
power, fixed
flow, h        [link] v, [path] h                                              vehicles
=============  ==============================================================  ==================

Jayakrishnan, Tsai, Prashker and Rajadhyaksha (1994), Transportation Research Record 1443, 75-83; Bertsekas and Gafni
(1982). `status`: 0 the gap is reached, 1 iterations are over, 2 a pair has no path (its number in `trace[0, 0]`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from birge.kernels.shortest_path import path, tree

__all__ = ["Solution", "equilibrate", "link_cost"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Solution(NamedTuple):
    """Status; flow and cost by link; path flows with their pair and links (`links[start[p]:start[p + 1]]`); trace.

    `trace` [iteration, 3] holds relative gap, paths known, and sweeps made before the next tree.
    """

    status: int
    flow: Floats
    cost: Floats
    h: Floats
    pair: Ints
    start: Ints
    links: Ints
    trace: Floats


@njit(cache=True, nogil=True)
def link_cost(v: float, free: float, rise: float, capacity: float, power: float, fixed: float) -> tuple[float, float]:
    """Return cost and its derivative at flow `v`."""
    if rise == 0.0:
        return free + fixed, 0.0
    x = max(v, 0.0) / capacity
    if power == 4.0:
        cube = x * x * x
        return free * (1.0 + rise * cube * x) + fixed, free * rise * 4.0 * cube / capacity
    raised = x ** (power - 1.0)
    return free * (1.0 + rise * raised * x) + fixed, free * rise * power * raised / capacity


@njit(cache=True, nogil=True)
def equilibrate(
    first: Ints, order: Ints, tail: Ints, head: Ints, through: Bools,
    origin: Ints, begin: Ints, goal: Ints, demand: Floats,
    free: Floats, rise: Floats, capacity: Floats, power: Floats, fixed: Floats,
    gap: float, iterations: int, sweeps: int,
) -> Solution:  # fmt: skip
    """Return the equilibrium once the relative gap is at most `gap`, or after `iterations` trees."""
    m, pairs = tail.size, goal.size
    v, c, slope = np.zeros(m), np.empty(m), np.empty(m)
    trace = np.zeros((iterations, 3))
    newest = np.full(pairs, -1, dtype=np.int64)
    h, pair, before = np.zeros(2 * pairs + 16), np.zeros(2 * pairs + 16, np.int64), np.zeros(2 * pairs + 16, np.int64)
    start, links = np.zeros(2 * pairs + 17, np.int64), np.zeros(32 * pairs + 1024, np.int64)
    paths = 0
    mark = np.zeros(m + 1, dtype=np.int64)
    status = 1
    done = 0
    for step in range(iterations):
        # The sum over paths each time keeps rounding from adding up in v.
        v[:] = 0.0
        for p in range(paths):
            for i in range(start[p], start[p + 1]):
                v[links[i]] += h[p]
        for a in range(m):
            c[a], slope[a] = link_cost(v[a], free[a], rise[a], capacity[a], power[a], fixed[a])
        total, least = 0.0, 0.0
        for a in range(m):
            total += v[a] * c[a]
        for o in range(origin.size):
            if begin[o] == begin[o + 1]:
                continue
            distance, back = tree(first, order, head, c, through, origin[o])
            for w in range(begin[o], begin[o + 1]):
                if not np.isfinite(distance[goal[w]]):
                    trace[0, 0] = w
                    return Solution(2, v, c, h[:0], pair[:0], start[:1], links[:0], trace[:1])
                least += demand[w] * distance[goal[w]]
                found = path(back, tail, origin[o], goal[w])
                if _known(found, newest[w], before, start, links):
                    continue
                if paths + 1 >= h.size:
                    h, pair, before = _longer(h, 2), _longer_i(pair, 2), _longer_i(before, 2)
                    start = _longer_i(start, 2)
                while start[paths] + found.size > links.size:
                    links = _longer_i(links, 2)
                links[start[paths] : start[paths] + found.size] = found
                start[paths + 1] = start[paths] + found.size
                pair[paths], before[paths] = w, newest[w]
                h[paths] = demand[w] if newest[w] < 0 else 0.0
                newest[w] = paths
                paths += 1
        done = step + 1
        if step == 0:
            trace[step, 0] = 1.0
        elif total > 0.0:
            trace[step, 0] = (total - least) / total
        trace[step, 1] = paths
        if step > 0 and trace[step, 0] <= gap:
            status = 0
            break
        if step == 0:
            for p in range(paths):
                for i in range(start[p], start[p + 1]):
                    v[links[i]] += h[p]
            for a in range(m):
                c[a], slope[a] = link_cost(v[a], free[a], rise[a], capacity[a], power[a], fixed[a])
            continue
        for sweep in range(sweeps):
            excess = 0.0
            for w in range(pairs):
                if newest[w] < 0 or before[newest[w]] < 0:
                    continue
                excess += _shift(
                    newest[w], before, start, links, h, v, c, slope, mark, free, rise, capacity, power, fixed
                )
            trace[step, 2] = sweep + 1
            if excess <= max(0.02 * trace[step, 0], 0.1 * gap) * total:
                break
        paths, start, newest = _drop(paths, pairs, h, pair, before, start, links, newest)
    return Solution(status, v, c, h[:paths], pair[:paths], start[: paths + 1], links[: start[paths]], trace[:done])


@njit(cache=True, nogil=True)
def _longer(a: Floats, times: int) -> Floats:
    made = np.zeros(a.size * times)
    made[: a.size] = a
    return made


@njit(cache=True, nogil=True)
def _longer_i(a: Ints, times: int) -> Ints:
    made = np.zeros(a.size * times, dtype=np.int64)
    made[: a.size] = a
    return made


@njit(cache=True, nogil=True)
def _known(found: Ints, newest: int, before: Ints, start: Ints, links: Ints) -> bool:
    """Whether `found` is among the paths of its pair."""
    p = newest
    while p >= 0:
        if start[p + 1] - start[p] == found.size:
            same = True
            for i in range(found.size):
                if links[start[p] + i] != found[i]:
                    same = False
                    break
            if same:
                return True
        p = before[p]
    return False


@njit(cache=True, nogil=True)
def _path_cost(p: int, start: Ints, links: Ints, c: Floats) -> float:
    total = 0.0
    for i in range(start[p], start[p + 1]):
        total += c[links[i]]
    return total


@njit(cache=True, nogil=True)
def _shift(
    newest: int, before: Ints, start: Ints, links: Ints, h: Floats, v: Floats, c: Floats, slope: Floats,
    mark: Ints, free: Floats, rise: Floats, capacity: Floats, power: Floats, fixed: Floats,
) -> float:  # fmt: skip
    """Move flow of one pair to its cheapest path; return Σ h (C - C[s]) before."""
    s, best = newest, np.inf
    p = newest
    while p >= 0:
        cost = _path_cost(p, start, links, c)
        if cost < best:
            s, best = p, cost
        p = before[p]
    excess = 0.0
    p = newest
    while p >= 0:
        if p != s and h[p] > 0.0:
            # Two marks per path: links of s, then those of them that p shares; the last place of `mark` counts.
            mark[-1] += 2
            stamp = mark[-1]
            for i in range(start[s], start[s + 1]):
                mark[links[i]] = stamp - 1
            rate, more = 0.0, 0.0
            for i in range(start[p], start[p + 1]):
                a = links[i]
                if mark[a] == stamp - 1:
                    mark[a] = stamp
                else:
                    rate += slope[a]
                    more += c[a]
            for i in range(start[s], start[s + 1]):
                a = links[i]
                if mark[a] == stamp - 1:
                    rate += slope[a]
                    more -= c[a]
            excess += h[p] * max(more, 0.0)
            if more > 0.0 or h[s] > 0.0:
                step = h[p] if rate <= 0.0 else more / rate
                if rate <= 0.0 and more <= 0.0:
                    step = 0.0
                step = max(min(step, h[p]), -h[s])
                h[p] -= step
                h[s] += step
                for i in range(start[p], start[p + 1]):
                    a = links[i]
                    if mark[a] != stamp:
                        v[a] = max(v[a] - step, 0.0)
                        c[a], slope[a] = link_cost(v[a], free[a], rise[a], capacity[a], power[a], fixed[a])
                for i in range(start[s], start[s + 1]):
                    a = links[i]
                    if mark[a] != stamp:
                        v[a] = max(v[a] + step, 0.0)
                        c[a], slope[a] = link_cost(v[a], free[a], rise[a], capacity[a], power[a], fixed[a])
        p = before[p]
    return excess


@njit(cache=True, nogil=True)
def _drop(
    paths: int, pairs: int, h: Floats, pair: Ints, before: Ints, start: Ints, links: Ints, newest: Ints
) -> tuple[int, Ints, Ints]:
    """Forget paths without flow, in place; return how many are left, `start` and `newest`."""
    kept, at = 0, 0
    fresh = np.full(pairs, -1, dtype=np.int64)
    for p in range(paths):
        if h[p] <= 0.0:
            continue
        low, high = start[p], start[p + 1]
        for i in range(low, high):
            links[at + i - low] = links[i]
        h[kept], pair[kept] = h[p], pair[p]
        before[kept] = fresh[pair[p]]
        fresh[pair[p]] = kept
        start[kept] = at
        at += high - low
        kept += 1
    start[kept] = at
    return kept, start, fresh
