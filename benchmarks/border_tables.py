"""Wait tables (arrivals × capacity × regime) from the hourly recursion: seconds cold, and their error against it.

`python benchmarks/border_tables.py [CELLS]` builds the tables of every crossing that ships, in every regime of its design, in a
process that has no compiled code in memory, and asks the recursion anew at CELLS places drawn at random between their points.
Numba's cache on disk counts as installed; `NUMBA_CACHE_DIR=$(mktemp -d)` takes it away too.
"""

from __future__ import annotations

import sys
import time
from datetime import date

import numpy as np


def main(cells: int) -> None:
    """Print the table."""
    start, used = time.perf_counter(), time.process_time()
    from birge.models.border.defaults import COMPLEX, default_design, default_names
    from birge.models.border.waits import CAPACITIES, LOADS, expected, wait_table

    made = []
    for name in default_names():
        if name == COMPLEX:
            continue
        design = default_design(name)
        for regime in ("normal", *(r.id for r in design.regimes)):
            made += [(design, wait_table(design, s.id, regime)) for s in design.streams]
    wall, cpu = time.perf_counter() - start, time.process_time() - used
    draw = np.random.default_rng(1)
    off, base = [], []
    for k in draw.integers(0, len(made), cells):
        design, table = made[k]
        load, capacity = draw.uniform(0.3, 1.1), float(np.exp(draw.uniform(np.log(0.6), np.log(2.5))))
        usual = next(s for s in design.streams if s.id == table.stream).arrivals.per_day
        asked = load * table.full * capacity
        alone = design.model_copy(update={"streams": tuple(s for s in design.streams if s.id == table.stream)})
        told = next(e for e in expected(alone, table.regime, asked / usual, capacity, False) if e.stream == table.stream)
        off.append(float(table.wait(np.array([asked]), np.array([capacity]))[0]) - told.wait)
        base.append(told.wait)
    error, waits = np.abs(off), np.array(base)
    print(f"{date.today()}: {len(made)} tables of {len(LOADS)} loads × {len(CAPACITIES)} capacities")
    print(f"cold: {wall:.1f} s, {cpu:.1f} s of processor time")
    print(f"{cells} places between points, loads .3 to 1.1, capacity × .6 to 2.5: waits {waits.min():.2f}-{waits.max():.1f} h")
    long = waits > 0.25
    print(f"error over wait where it is over a quarter of an hour ({long.sum()}): median {np.median((error / waits)[long]):.1%}, "
          f"9 of 10 under {np.quantile((error / waits)[long], 0.9):.1%}; elsewhere at most {error[~long].max(initial=0.0):.3f} h")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 60)
