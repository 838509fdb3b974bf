"""Time the layer by hours: build and solve of the direct programme and of PyPSA, with memory; prints a table.

    python benchmarks/power_layers.py [typical three-hourly hourly expansion] [--series FILE]

The first three are 2026 with open lines and Kambarata-1, `expansion` is every third hour of 2030 with all options that
can be split; its typical days, where the direct search begins, are part of its solve.
Build and solve are time of the process, beside the clock for both: on a shared machine that one says more about the
others. Each run stands in a process of its own, so that its greatest memory is its own. Without PyPSA (extra `power`)
only the direct programme runs.
"""

from __future__ import annotations

import importlib.util
import json
import platform
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from birge.models.power.accounts import demand_at
from birge.models.power.case import Case, case
from birge.models.power.clock import clock
from birge.models.power.direct import programme, run
from birge.models.power.grid import grid
from birge.models.power.lp import Solver
from birge.models.power.options import Option, options
from birge.models.power.series import read_series
from birge.models.power.system import System, power_system

AIMS = {"typical": "6 s", "three-hourly": "40 s", "hourly": "5 min, 2 GB", "expansion": "40 s"}
WATER = {"KAZ": 50.0, "UZB": 50.0}


def problem(system: System, name: str) -> tuple[Case, tuple[Option, ...]]:
    """Return the case of a row and what it may build."""
    if name != "expansion":
        return case(system, 2026, "free", milestones=("kambarata-first-unit",)).at(water=WATER), ()
    nothing = {p.id: np.zeros(12) for p in system.projects}
    of = case(system, 2030, "free").at(demand=demand_at(system, 2030, "mode"), water=WATER, online=nothing)
    return of, tuple(o for o in options(system, 2030) if not o.whole)


def one(name: str, engine: str, series: str) -> dict[str, Any]:
    """Return times (s), memory (GB) and cost (mn USD) of a row by an engine."""
    system = power_system(("KAZ", "KGZ"))
    assert system is not None
    of, offered = problem(system, name)
    known = read_series(Path(series)) if series else None
    load = 0.0
    if engine == "pypsa":
        from birge.models.power import pypsa_engine

        started = time.perf_counter()
        pypsa_engine.library()
        load = time.perf_counter() - started
    wall, started = time.perf_counter(), time.process_time()
    g = grid(system, of, clock("three-hourly" if name == "expansion" else name, known), offered)
    if engine == "pypsa":
        network = pypsa_engine.network(g)
        built = time.process_time()
        made = pypsa_engine.solved(network, g)
    else:
        p = programme(g)
        built = time.process_time()
        solver = p.search(run(grid(system, of, clock("typical", known), offered)).size) if offered else Solver(p.made)
        made = p.read(solver.solve())
    done, wall = time.process_time(), time.perf_counter() - wall
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"load": load, "build": built - started, "solve": done - built, "wall": wall, "memory": memory,
            "cost": made.cost}  # fmt: skip


def main() -> None:
    """Print the table."""
    words = sys.argv[1:]
    if words[:1] == ["--one"]:
        print(json.dumps(one(*words[1:])))
        return
    series = words[words.index("--series") + 1] if "--series" in words else ""
    names = [w for w in words if w in AIMS] or list(AIMS)
    engines = ["highs", "pypsa"] if importlib.util.find_spec("pypsa") else ["highs"]
    print(
        f"{date.today()}, {platform.processor() or platform.machine()}, Python {platform.python_version()}, one thread"
    )
    print(
        f"{'':<14}{'engine':<8}{'build, s':>10}{'solve, s':>10}{'clock, s':>10}{'memory, GB':>12}"
        f"{'cost, mn USD':>18}{'aim':>14}"
    )
    for name in names:
        costs = []
        for engine in engines:
            done = subprocess.run(
                [sys.executable, __file__, "--one", name, engine, series], capture_output=True, text=True, check=True
            )
            r = json.loads(done.stdout.splitlines()[-1])
            costs.append(r["cost"])
            print(
                f"{name:<14}{engine:<8}{r['build']:>10.1f}{r['solve']:>10.1f}{r['wall']:>10.1f}{r['memory']:>12.2f}{r['cost']:>18.6f}"
                f"{AIMS[name]:>14}" + (f"   (import {r['load']:.1f} s)" if r["load"] else ""),
                flush=True,
            )
        if len(costs) == 2:
            print(f"{name:<14}relative difference {abs(costs[1] / costs[0] - 1):.1e}")


if __name__ == "__main__":
    main()
