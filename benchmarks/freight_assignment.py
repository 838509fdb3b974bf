"""Time the equilibrium beside AequilibraE in one run, on Sioux Falls and on random grids; prints a table.

AequilibraE runs in its own environment, named by BIRGE_PEER (a Python with `aequilibrae`); without it only ours is
timed. Both read the same arrays and use one thread; each is timed after a warm-up, AequilibraE's bi-conjugate
Frank-Wolfe by its `rgap_target`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from birge.errors import SolveError
from birge.models.freight import Roads, Trips, assign
from birge.models.freight.tntp import read_tntp, read_tntp_trips
from birge.models.freight.zones import ends_of

ROOT = Path(__file__).parents[1]
GAPS = (1e-4, 1e-6, 1e-8)
PEER = r"""
import json, sys, time, warnings, logging
warnings.simplefilter("ignore")
import numpy as np, pandas as pd
from aequilibrae.matrix import AequilibraeMatrix
from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass
logging.disable(logging.CRITICAL)
data = np.load(sys.argv[1]); gaps = json.loads(sys.argv[2])
net = pd.DataFrame({"link_id": np.arange(1, data["tail"].size + 1),
    "a_node": data["tail"] + 1, "b_node": data["head"] + 1,
    "direction": np.ones(data["tail"].size, dtype=int), "free_flow_time": data["free"], "capacity": data["capacity"],
    "b": data["rise"], "power": data["power"], "id": np.arange(data["tail"].size)})
out = []
for gap in gaps:
    graph = Graph(); graph.network = net.copy(); zones = data["zones"] + 1
    graph.prepare_graph(zones); graph.set_graph("free_flow_time"); graph.set_blocked_centroid_flows(False)
    matrix = AequilibraeMatrix(); matrix.create_empty(zones=zones.size, matrix_names=["trips"], memory_only=True)
    matrix.index[:] = zones; matrix.matrices[:, :, 0] = data["demand"]; matrix.computational_view(["trips"])
    best = None
    for turn in range(2):
        job = TrafficAssignment(); job.add_class(TrafficClass("car", graph, matrix))
        job.set_vdf("BPR"); job.set_vdf_parameters({"alpha": "b", "beta": "power"})
        job.set_capacity_field("capacity"); job.set_time_field("free_flow_time"); job.set_algorithm("bfw")
        job.set_cores(1); job.max_iter = int(sys.argv[3]); job.rgap_target = gap
        start = time.perf_counter(); job.execute(); took = time.perf_counter() - start
        best = took if best is None else min(best, took)
    out.append({"seconds": best, "gap": float(job.assignment.rgap), "iterations": int(job.assignment.iter)})
print("RESULT" + json.dumps(out))
"""


def grid(links: int, zones: int, seed: int = 1) -> tuple[Roads, Trips]:
    """Return a square grid of about `links` one-way links with random times and capacities, and trips."""
    rng = np.random.default_rng(seed)
    side = round(np.sqrt(links / 4)) + 1
    n = side * side
    ends = [
        (i, j)
        for i in range(n)
        for j in (i + 1, i - 1, i + side, i - side)
        if 0 <= j < n and (abs(i - j) == side or i // side == j // side)
    ]
    tail, head = np.array(ends, dtype=np.int64).T.copy()
    m = tail.size
    where = rng.choice(n, zones, replace=False)
    origin, goal = (a.ravel() for a in np.meshgrid(where, where, indexing="ij"))
    apart = origin != goal
    trips = rng.uniform(0, 2, apart.sum()) * 3000 / zones
    roads = Roads(
        tuple(str(k) for k in range(n)), np.ones(n, dtype=bool), tail, head, rng.uniform(1, 5, m), np.full(m, 0.15),
        rng.uniform(1000, 4000, m), np.full(m, 4.0), np.zeros(m), tuple(f"link {k}" for k in range(m)),
    )  # fmt: skip
    return roads, Trips(origin[apart], goal[apart], trips, tuple("trips" for _ in range(int(apart.sum()))))


def peer(roads: Roads, trips: Trips, most: int) -> list[dict[str, float]] | None:
    """Return seconds, gap and iterations of AequilibraE by gap; None without it."""
    python = os.environ.get("BIRGE_PEER")
    if not python:
        return None
    zones = np.unique(np.concatenate([trips.origin, trips.goal]))
    at = {int(z): k for k, z in enumerate(zones)}
    demand = np.zeros((zones.size, zones.size))
    for o, d, q in zip(trips.origin, trips.goal, trips.trips, strict=True):
        demand[at[int(o)], at[int(d)]] += q
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.npz"
        arrays = {k: getattr(roads, k) for k in ("tail", "head", "free", "rise", "capacity", "power")}
        np.savez(file, zones=zones, demand=demand, **arrays)
        done = subprocess.run(
            [python, "-c", PEER, str(file), json.dumps(GAPS), str(most)],
            capture_output=True, text=True, check=False, cwd=folder,
            env={**os.environ, "OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "1", "PYTHONPATH": ""},
        )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    if not lines:
        print(done.stderr[-2000:], file=sys.stderr)
        return None
    found: list[dict[str, float]] = json.loads(lines[0][6:])
    return found


def main() -> None:
    """Print the table."""
    folder = ROOT / "tests" / "data" / "sioux_falls"
    sioux = read_tntp(folder / "SiouxFalls_net.tntp")
    cases = {
        "Sioux Falls": (sioux, read_tntp_trips(folder / "SiouxFalls_trips.tntp", ends_of(sioux))),
        "grid, 500": grid(500, 30),
        "grid, 5,000": grid(5000, 60),
    }
    assign(*cases["Sioux Falls"])
    print("| network | links | pairs | gap | ours, s | iterations | AequilibraE, s | iterations | its gap |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, (roads, trips) in cases.items():
        other = peer(roads, trips, 3000)
        for k, gap in enumerate(GAPS):
            times = []
            for _ in range(3):
                start = time.perf_counter()
                try:
                    made = assign(roads, trips, gap)
                except SolveError as error:
                    print(f"| {name} | {error} |")
                    break
                times.append(time.perf_counter() - start)
            if not times:
                continue
            beside = (
                "| | | "
                if other is None
                else f"| {other[k]['seconds']:.2f} | {other[k]['iterations']} | {other[k]['gap']:.1e} "
            )
            print(
                f"| {name} | {roads.tail.size:,} | {trips.trips.size:,} | {gap:.0e} | {min(times):.3f} "
                f"| {made.iterations} {beside}|",
                flush=True,
            )


if __name__ == "__main__":
    main()
