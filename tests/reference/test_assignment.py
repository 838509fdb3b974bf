"""Shortest paths against networkx, equilibria against a convex solver and known answers, and what every run checks."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from birge.errors import InputError, SolveError
from birge.kernels.shortest_path import forward_star, path, tree
from birge.models.freight import Roads, Trips, assign
from birge.models.freight.assignment import _conserved
from birge.models.freight.tntp import read_tntp, read_tntp_trips
from birge.models.freight.zones import ends_of
from tests.reference.convex_flows import convex_flows, slope_of

SIOUX = Path(__file__).parents[1] / "data" / "sioux_falls"
BEST = 42.31335287107440
"""Objective of Sioux Falls in 100,000 vehicle × 0.01 h, the optimum given with the usual test file."""


def sioux() -> tuple[Roads, Trips]:
    roads = read_tntp(SIOUX / "SiouxFalls_net.tntp")
    return roads, read_tntp_trips(SIOUX / "SiouxFalls_trips.tntp", ends_of(roads))


def roads_of(links, nodes: int, centroids=()) -> Roads:
    a = np.array(links, dtype=np.float64)
    return Roads(
        tuple(str(n) for n in range(nodes)),
        np.array([n not in centroids for n in range(nodes)]),
        a[:, 0].astype(np.int64), a[:, 1].astype(np.int64),
        a[:, 2].copy(), a[:, 3].copy(), a[:, 4].copy(), a[:, 5].copy(), np.zeros(len(links)),
        tuple(f"links:{k}" for k in range(len(links))),
    )  # fmt: skip


def trips_of(rows) -> Trips:
    a = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Trips(
        a[:, 0].astype(np.int64), a[:, 1].astype(np.int64), a[:, 2].copy(), tuple(f"trips:{k}" for k in range(len(a)))
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(1, 160))
def test_shortest_paths_are_those_of_networkx(seed: int, nodes: int, links: int) -> None:
    rng = np.random.default_rng(seed)
    tail, head = rng.integers(0, nodes, links), rng.integers(0, nodes, links)
    cost = rng.choice([0.0, 1.0, 2.5, 7.0], links) + rng.uniform(0, 1, links) * rng.integers(0, 2)
    through = rng.uniform(size=nodes) > 0.2
    first, order = forward_star(tail, nodes)
    origin = int(rng.integers(nodes))
    distance, back = tree(first, order, head, cost, through, origin)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(nodes))
    for i, j, c in zip(tail, head, cost, strict=True):
        if (i == origin or through[i]) and c < graph.get_edge_data(i, j, {"weight": np.inf})["weight"]:
            graph.add_edge(int(i), int(j), weight=float(c))
    wanted = nx.single_source_dijkstra_path_length(graph, origin)
    for node in range(nodes):
        assert distance[node] == pytest.approx(wanted.get(node, np.inf), abs=1e-12)
        found = path(back, tail, origin, node)
        if node in wanted and node != origin:
            assert cost[found].sum() == pytest.approx(distance[node], abs=1e-12)
            assert (tail[found[0]], head[found[-1]]) == (origin, node)
            assert (head[found[:-1]] == tail[found[1:]]).all()
            assert through[tail[found[1:]]].all()


def test_sioux_falls_is_solved_as_by_a_convex_solver_and_as_known() -> None:
    roads, trips = sioux()
    made = assign(roads, trips, 1e-12)
    low, high, flow = convex_flows(roads, trips, 1e-7)
    assert high - low <= 1e-7 * high
    assert low * (1 - 1e-9) <= made.objective <= high * (1 + 1e-9)
    # F(v) - F(v*) ≥ Σ c'_a(the smaller of both) (v - v*)² / 2 at an optimum v*, since each c'_a rises with flow.
    bound = 2 * (high - low + made.gap * made.total)
    apart = slope_of(roads, np.minimum(flow, made.flow)) * (flow - made.flow) ** 2
    assert apart.sum() <= bound
    assert np.abs(flow - made.flow).max() < 1e-3 * made.flow.max()
    assert made.objective / 1e5 == pytest.approx(BEST, rel=1e-12)
    assert made.gap <= 1e-12
    assert made.balance < 1e-12
    assert made.total == pytest.approx(trips.trips @ made.times, rel=1e-10)


@pytest.mark.parametrize("gap", [1e-4, 1e-8])
def test_the_gap_asked_for_is_reached(gap: float) -> None:
    made = assign(*sioux(), gap)
    assert made.gap <= gap
    assert made.objective / 1e5 >= BEST * (1 - 1e-12)
    assert made.objective / 1e5 - BEST <= gap * made.total / 1e5


def test_braess_a_new_road_makes_everybody_slower() -> None:
    # Braess (1968), in linear form: 6 vehicles, 10 v and 50 + v; the added road 10 + v.
    links = [(0, 1, 1e-9, 10 / 1e-9, 1, 1), (0, 2, 50, 1 / 50, 1, 1), (1, 3, 50, 1 / 50, 1, 1)]
    links += [(2, 3, 1e-9, 10 / 1e-9, 1, 1)]
    before = assign(roads_of(links, 4), trips_of([(0, 3, 6)]), 1e-10)
    after = assign(roads_of([*links, (1, 2, 10, 0.1, 1, 1)], 4), trips_of([(0, 3, 6)]), 1e-10)
    assert before.times == pytest.approx([83], rel=1e-7)
    assert after.times == pytest.approx([92], rel=1e-7)
    assert after.flow == pytest.approx([4, 2, 2, 4, 2], abs=1e-4)


def test_a_centroid_is_not_passed() -> None:
    # By centroid 1 it is 2, around it 10.
    links = [(0, 1, 1, 0, 1, 1), (1, 2, 1, 0, 1, 1), (0, 3, 5, 0, 1, 1), (3, 2, 5, 0, 1, 1)]
    made = assign(roads_of(links, 4, centroids=(1,)), trips_of([(0, 2, 3), (0, 1, 1)]))
    assert made.flow == pytest.approx([1, 0, 3, 3])
    assert assign(roads_of(links, 4), trips_of([(0, 2, 3)])).flow == pytest.approx([3, 3, 0, 0])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_random_networks_reach_the_gap_and_conserve_flow(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 16
    links = [
        (i, j, rng.uniform(0.5, 3), 0.15, rng.uniform(5, 20), rng.choice([1, 2.5, 4]))
        for i in range(n) for j in (i + 1, i - 1, i + 4, i - 4)
        if 0 <= j < n and (abs(i - j) == 4 or i // 4 == j // 4)
    ]  # fmt: skip
    rows = [(i, j, rng.uniform(0, 6)) for i in range(n) for j in range(n) if i != j and rng.uniform() < 0.3]
    roads, trips = roads_of(links, n), trips_of(rows)
    made = assign(roads, trips, 1e-9)
    assert made.gap <= 1e-9
    assert made.balance < 1e-12
    c = roads.free * (1 + roads.rise * (made.flow / roads.capacity) ** roads.power)
    graph = nx.DiGraph()
    graph.add_weighted_edges_from(zip(roads.tail.tolist(), roads.head.tolist(), c.tolist(), strict=True))
    least = sum(q * nx.dijkstra_path_length(graph, int(o), int(d)) for o, d, q in rows)
    assert made.flow @ c == pytest.approx(least, rel=2e-9)


def test_what_is_not_conserved_raises() -> None:
    from types import SimpleNamespace

    roads = roads_of([(0, 1, 1, 0, 1, 1), (1, 2, 1, 0, 1, 1)], 3, centroids=(1,))
    lost = SimpleNamespace(h=np.array([1.0]), pair=np.array([0]), start=np.array([0, 1]), links=np.array([0]))
    with pytest.raises(SolveError, match="conserved"):
        _conserved(roads, lost, np.array([2.0]), 0.0)
    through = SimpleNamespace(h=np.array([2.0]), pair=np.array([0]), start=np.array([0, 2]), links=np.array([0, 1]))
    with pytest.raises(SolveError, match="conserved"):
        _conserved(roads, lost, np.array([1.0]), np.nan)
    with pytest.raises(SolveError, match="conserved"):
        _conserved(roads, through, np.array([2.0]), 0.0)
    with pytest.raises(SolveError, match="conserved"):
        _conserved(roads_of([(0, 1, 1, 0, 1, 1), (1, 2, 1, 0, 1, 1)], 3), through, np.array([2.0]), 1e-3)


def test_a_gap_out_of_reach_is_an_error() -> None:
    with pytest.raises(SolveError, match="relative gap"):
        assign(*sioux(), 1e-8, iterations=3)


@pytest.mark.parametrize(
    ("links", "rows", "code"),
    [
        ([(0, 1, -1, 0, 1, 1)], [(0, 1, 1)], "negative-time"),
        ([(0, 1, 1, 0.15, 0, 4)], [(0, 1, 1)], "no-capacity"),
        ([(0, 1, 1, 0.15, 5, 0.5)], [(0, 1, 1)], "power-low"),
        ([(0, 0, 1, 0, 1, 1)], [(0, 1, 1)], "loop"),
        ([(0, 1, 1, 0, 1, 1)], [(0, 1, -3)], "negative-trips"),
        ([(0, 1, 1, 0, 1, 1)], [(0, 1, np.nan)], "negative-trips"),
        ([(0, 1, 1, 0, 1, 1)], [(0, 1, 1e300)], "trips-too-many"),
        ([(0, 1, 1, 1, 100, 400)], [(0, 1, 1e9)], "time-overflow"),
        ([(0, 1, 1, 0, 1, 1)], [(1, 0, 1)], "no-path"),
        ([(0, 1, 1, 0, 1, 1), (2, 3, 1, 0, 1, 1)], [(0, 3, 1)], "network-in-pieces"),
    ],
)
def test_bad_input_is_named(links, rows, code: str) -> None:
    with pytest.raises(InputError) as caught:
        assign(roads_of(links, 4), trips_of(rows))
    assert [p.code for p in caught.value.problems] == [code]


def test_no_trips_and_trips_within_a_node_leave_the_roads_empty() -> None:
    roads = roads_of([(0, 1, 1, 0.15, 5, 4)], 2)
    assert assign(roads, trips_of([])).flow == pytest.approx([0])
    assert assign(roads, trips_of([(0, 0, 5), (0, 1, 0)])).flow == pytest.approx([0])
