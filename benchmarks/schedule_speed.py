"""Time the schedule on 500 milestones × 10,000 draws, on one core, after a warm-up run; prints a table."""

from __future__ import annotations

import time
from datetime import date

import numpy as np

from birge.models.schedule import network, simulate
from birge.plan import embedded
from birge.plan.schema import Duration, Milestone, Plan
from birge.rng import Streams


def large(count: int) -> Plan:
    """Return a plan with `count` milestones, each waiting for up to three earlier ones."""
    rng = np.random.default_rng(1)
    text = embedded().title
    steps = []
    for k in range(count):
        after = tuple(f"s{j}" for j in rng.choice(k, size=min(k, int(rng.integers(0, 4))), replace=False))
        steps.append(Milestone(id=f"s{k}", title=text, after=after, duration=Duration(low=2, mode=4, high=10)))
    first = embedded().measures[0].model_copy(update={"milestones": tuple(steps), "effects": ()})
    return embedded().model_copy(update={"measures": (first,), "risks": ()})


def main() -> None:
    """Print the table."""
    net = network(large(500), date(2026, 11, 24))
    simulate(net, Streams(1), 1_000)
    print("| milestones | draws | seconds |\n|---|---|---|")
    for draws in (1_000, 10_000):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            simulate(net, Streams(1), draws)
            times.append(time.perf_counter() - start)
        print(f"| 500 | {draws:,} | {min(times):.2f} (median {np.median(times):.2f} of 5) |")


if __name__ == "__main__":
    main()
