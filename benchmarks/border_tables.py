"""Wait tables (arrivals × capacity × regime) from the hourly recursion: seconds cold, and their error against it.

`python benchmarks/border_tables.py [CELLS]` builds the tables that ship (every crossing in normal times, capacity down
to a fifth: a regime that slows the control is a smaller capacity of it), then those of every other regime by itself, in
a process that has no compiled code in memory, and asks the recursion anew at CELLS places drawn at random between the
points of those that ship, and at as many of all. Numba's cache on disk counts as installed;
`NUMBA_CACHE_DIR=$(mktemp -d)` takes it away too.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from birge.models.border.design import Design
    from birge.models.border.table import WaitTable


def main(cells: int) -> None:
    """Print the table."""
    start, used = time.perf_counter(), time.process_time()
    from birge.models.border.defaults import COMPLEX, default_design, default_names
    from birge.models.border.table import CAPACITIES, LOADS, REST_LOADS, wait_table

    made: list[tuple[Design, WaitTable]] = []
    designs = [default_design(n) for n in default_names() if n != COMPLEX]
    print(f"{date.today()}, {len(LOADS)} loads × {len(CAPACITIES)} capacities a table, {len(REST_LOADS)} of the rest")
    for regimes in (("normal",), ("longer-checks", "crisis")):
        for design in designs:
            known = ("normal", *(r.id for r in design.regimes))
            made += [(design, wait_table(design, s.id, r)) for r in regimes if r in known for s in design.streams]
        wall, cpu = time.perf_counter() - start, time.process_time() - used
        print(f"{len(made)} tables after {wall:.1f} s, {cpu:.1f} s of processor time")
    shipped = [(d, t) for d, t in made if t.regime == "normal"]
    print("those that ship, capacity × .6 to 2.5")
    _errors(shipped, cells, (0.6, 1.0, 1.6, 2.5))
    print("all, capacity × .2 to 4")
    _errors(made, cells, (0.2, 0.6, 1.0, 1.6, 2.5, 4.0))


def _errors(made: list[tuple[Design, WaitTable]], cells: int, bounds: tuple[float, ...]) -> None:
    """Print by how much tables are off the recursion, by capacity."""
    from birge.models.border.waits import expected

    draw = np.random.default_rng(1)
    off, base, speed = [], [], []
    for k in draw.integers(0, len(made), cells):
        design, table = made[k]
        load, capacity = draw.uniform(0.3, 1.1), float(np.exp(draw.uniform(np.log(bounds[0]), np.log(bounds[-1]))))
        usual = next(s for s in design.streams if s.id == table.stream).arrivals.per_day
        asked = load * table.full * capacity
        alone = design.model_copy(update={"streams": tuple(s for s in design.streams if s.id == table.stream)})
        told = expected(alone, table.regime, asked / usual, capacity, False)[0]
        off.append(float(table.wait(np.array([asked]), np.array([capacity]))[0]) - told.wait)
        base.append(told.wait)
        speed.append(capacity)
    error, waits, faster = np.abs(off), np.array(base), np.array(speed)
    print(f"{cells} places, loads .3 to 1.1: waits {waits.min():.2f}-{waits.max():.1f} h")
    for low, high in ((bounds[0], bounds[-1]), *pairwise(bounds)):
        part = (low <= faster) & (faster <= high)
        long, short = part & (waits > 0.25), part & (waits <= 0.25)
        if not long.any():
            continue
        over = error[long] / waits[long]
        print(f"capacity × {low:g} to {high:g}, over a quarter of an hour ({long.sum()}): error median", end=" ")
        print(f"{np.median(over):.1%}, 9 of 10 under {np.quantile(over, 0.9):.1%}, at most {over.max():.0%};", end=" ")
        print(f"elsewhere ({short.sum()}) at most {error[short].max(initial=0.0):.3f} h")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 60)
