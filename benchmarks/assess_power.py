"""What the power model adds to an assessment's time: pairs of runs with it and without, in turn, in one process.

`python benchmarks/assess_power.py [DRAWS] [PAIRS]`. Without: the pair's power system is taken away, so that electricity
stays in the outlook's flow as for a pair without power data. Both sides are warm; the order within a pair changes.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from statistics import median
from unittest.mock import patch

from birge.assess import assess

AS_OF = date(2026, 11, 24)


def timed(draws: int, power: bool) -> tuple[float, float]:
    """Return seconds on the wall and on the processor of one assessment."""
    from birge.models.power import model

    known = model.power_system
    with patch.object(model, "power_system", known if power else lambda _pair: None):
        wall, own = time.perf_counter(), time.process_time()
        made = assess(draws=draws, as_of=AS_OF)
        assert made.power is not None
        assert (made.power.reason is None) == power
        return time.perf_counter() - wall, time.process_time() - own


def main(draws: int = 10_000, pairs: int = 5) -> None:
    """Print every pair, the medians and the ratio."""
    for power in (True, False):
        timed(1_000, power)
    rows = []
    for k in range(pairs):
        order = (True, False) if k % 2 else (False, True)
        found = {power: timed(draws, power) for power in order}
        rows.append((*found[True], *found[False]))
        print("with {:.1f} s ({:.1f} processor), without {:.1f} s ({:.1f})".format(*rows[-1]), flush=True)
    added = [median(r[k] - r[k + 2] for r in rows) for k in (0, 1)]
    ratio = [median(r[k] / r[k + 2] for r in rows) for k in (0, 1)]
    print(f"{draws:,} draws, median of {pairs} pairs, load {os.getloadavg()[0]:.1f}")
    print(f"added: {added[0]:.2f} s on the wall (ratio {ratio[0]:.2f}), {added[1]:.2f} s processor ({ratio[1]:.2f})")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
