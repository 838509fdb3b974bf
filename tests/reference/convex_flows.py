"""User equilibrium as a convex programme, solved by an LP of link flows by origin under ever more tangents (HiGHS).

    min Σ_a z[a]   with   z[a] ≥ F_a(u) + c_a(u) (v[a] - u) at every u tried,   v = Σ_o x[o],   N x[o] = b[o],  x ≥ 0

with F_a(v) = ∫ c_a (Beckmann). Tangents lie below F_a, so the LP is a bound from below; F at its flows is one from
above (Kelley 1960). It shares no code and no idea with the path-based method: no paths, no shortest paths, no steps.
"""

from __future__ import annotations

import highspy
import numpy as np

from birge.models.freight import Roads, Trips

SCALE = 1e3
"""Vehicles in a unit of the LP, so that its numbers are near 1."""


def time_of(roads: Roads, v: np.ndarray) -> np.ndarray:
    """Return the time of each link at flows `v`."""
    return roads.free * (1 + roads.rise * (v / roads.capacity) ** roads.power)


def area_of(roads: Roads, v: np.ndarray) -> np.ndarray:
    """Return ∫ of the time of each link from 0 to `v`."""
    return roads.free * (v + roads.rise * v * (v / roads.capacity) ** roads.power / (roads.power + 1))


def slope_of(roads: Roads, v: np.ndarray) -> np.ndarray:
    """Return the derivative of the time of each link."""
    return roads.free * roads.rise * roads.power * v ** (roads.power - 1) / roads.capacity**roads.power


def convex_flows(roads: Roads, trips: Trips, within: float, most: int = 50) -> tuple[float, float, np.ndarray]:
    """Return a lower and an upper bound of the objective, `within` of each other, and the flows of the upper one."""
    n, m = len(roads.nodes), roads.tail.size
    origins = np.unique(trips.origin)
    xs = origins.size * m
    solver = highspy.Highs()
    solver.silent()
    # HiGHS keeps the number of its threads for the whole process, and the power model asks for one
    solver.setOptionValue("threads", 1)
    count = xs + 2 * m
    solver.addVars(count, np.zeros(count), np.full(count, highspy.kHighsInf))
    solver.changeColsCost(m, np.arange(xs + m, count, dtype=np.int32), np.ones(m))
    rows: list[tuple[float, list[int], list[float]]] = []
    for k, o in enumerate(origins):
        here = trips.origin == o
        wanted = np.bincount(trips.goal[here], trips.trips[here] / SCALE, n)
        for node in np.flatnonzero(np.arange(n) != o):
            into, out = np.flatnonzero(roads.head == node), np.flatnonzero(roads.tail == node)
            signs = [1.0] * into.size + [-1.0] * out.size
            rows.append((wanted[node], [k * m + int(a) for a in (*into, *out)], signs))
    for a in range(m):
        rows.append((0.0, [k * m + a for k in range(origins.size)] + [xs + a], [1.0] * origins.size + [-1.0]))
    sides = np.array([r[0] for r in rows])
    start = np.cumsum([0, *(len(r[1]) for r in rows[:-1])]).astype(np.int32)
    index = np.concatenate([r[1] for r in rows]).astype(np.int32)
    solver.addRows(len(rows), sides, sides, index.size, start, index, np.concatenate([r[2] for r in rows]))

    def touch(links: np.ndarray, v: np.ndarray) -> None:
        area, time = area_of(roads, v), time_of(roads, v)
        for a in links:
            cells = np.array([xs + m + a, xs + a], dtype=np.int32)
            low = float(area[a] - time[a] * v[a]) / SCALE
            solver.addRow(low, highspy.kHighsInf, 2, cells, np.array([1.0, -time[a]]))

    for share in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0):
        touch(np.arange(m), share * roads.capacity)
    low, high, flow = -np.inf, np.inf, np.zeros(m)
    for _ in range(most):
        solver.run()
        found = np.array(solver.getSolution().col_value)
        v = found[xs : xs + m] * SCALE
        low = solver.getInfo().objective_function_value * SCALE
        area = area_of(roads, v)
        if area.sum() < high:
            high, flow = float(area.sum()), v
        if high - low <= within * high:
            break
        touch(np.flatnonzero(area - found[xs + m :] * SCALE > within * high / m), v)
    return low, high, flow
