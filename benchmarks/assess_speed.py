"""Time and memory of the assessment, and whether it is linear in draws; prints tables with ratios to 1,000 draws.

Every row is a process of its own, so that "cold" includes imports and compiled kernels from their cache, and the memory
is the peak of the resident set of that process. Usage: `python benchmarks/assess_speed.py [DRAWS …]`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from datetime import date

AS_OF = date(2026, 11, 24)
DRAWS = (1_000, 2_000, 5_000, 10_000, 20_000)
REPEATS = 3


def once(draws: int, workers: int) -> dict[str, float]:
    """Return seconds of the first (cold) and the best later (warm) run, on the wall and on the processor, and MB.

    Those of the cold run count from the start of the process.
    """
    start = time.perf_counter()
    import birge

    times, busy = [], []
    for _ in range(REPEATS):
        used = time.process_time() if times else 0.0
        birge.assess(draws=draws, as_of=AS_OF, workers=workers)
        times.append(time.perf_counter() - start)
        busy.append(time.process_time() - used)
        start = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
    first = {"cold": times[0], "cold_cpu": busy[0]}
    return first | {"warm": min(times[1:]), "cpu": min(busy[1:]), "peak": peak}


def row(draws: int, workers: int) -> dict[str, float]:
    """Run `once` in a process of its own."""
    words = [sys.executable, __file__, "--one", str(draws), str(workers)]
    done: dict[str, float] = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    return done


def started(code: str) -> float:
    """Return the best of five wall times of `python -c CODE`, in seconds."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return min(times)


def main(sizes: tuple[int, ...]) -> None:
    """Print the tables."""
    print(f"{date.today()}, Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    heads = (
        "draws",
        "workers",
        "cold, s",
        "cold, processor s",
        "warm, s",
        "warm, processor s",
        "÷ that of 1,000",
        "peak, MB",
    )
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    first = None
    for draws, workers in [*((d, 2) for d in sizes), *((d, 1) for d in sizes if d == 10_000)]:
        made = row(draws, workers)
        first = first or made["cpu"]
        seconds = [f"{made[k]:.1f}" for k in ("cold", "cold_cpu", "warm", "cpu")]
        cells = [*seconds, f"{made['cpu'] / first:.1f}", f"{made['peak']:.0f}"]
        print(f"| {draws:,} | {workers} | {' | '.join(cells)} |", flush=True)
    bare = started("pass")
    print("\n| start | s | less the interpreter's own, s |\n|---|---|---|")
    for name, code in (
        ("python", "pass"),
        ("import birge", "import birge"),
        ("birge --help", "import sys; sys.argv = ['birge', '--help']; from birge.cli import main; main()"),
    ):
        took = started(code)
        print(f"| `{name}` | {took:.2f} | {max(took - bare, 0.0):.2f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(once(int(sys.argv[2]), int(sys.argv[3]))))
    else:
        main(tuple(int(x) for x in sys.argv[1:]) or DRAWS)
