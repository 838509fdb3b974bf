"""Trucks per CPU second of the event kernel: M/M/5 at a load of .9 and Karasu - Ak-Tilek; prints a table.

Where SimPy is installed (`.bench-border-venv`, see `make bench-border`), it runs M/M/5 between two runs of ours.
"""

from __future__ import annotations

import importlib.util
import random
import time


def simpy_speed(count: int) -> float:
    """Return trucks per CPU second of M/M/5 in SimPy."""
    import simpy

    env = simpy.Environment()
    lanes = simpy.Resource(env, 5)

    def truck():
        with lanes.request() as place:
            yield place
            yield env.timeout(random.expovariate(1))

    def source():
        for _ in range(count):
            yield env.timeout(random.expovariate(4.5))
            env.process(truck())

    env.process(source())
    start = time.process_time()
    env.run()
    return count / (time.process_time() - start)


def main() -> None:
    """Print the table."""
    from birge.kernels import border_queue as kernel
    from birge.models.border import default_design, parse_design
    from birge.models.border.network import network

    mm5 = """{id: x, title: x, stations: [{id: s, service: {kind: exponential, mean_min: 60},
      shifts: [{start: "00:00", hours: 24, servers: 5}]}],
      streams: [{id: e, arrivals: {per_day: 108}, route: [{station: s}]}]}"""

    def speed(name: str) -> float:
        design, days = (parse_design(mm5, "mm5"), 8000) if name == "M/M/5" else (default_design("karasu"), 3650)
        net = network(design, days=days).net
        kernel.run(net, 1, 240.0, 0.0, 4096, 0.0, 0.0, 0)
        start = time.process_time()
        made = kernel.run(net, 1, days * 24.0, 0.0, 8192, 0.0, 0.0, 0)
        found = float(made.trucks.sum() / (time.process_time() - start))
        print(f"| {name} | {found:,.0f} |", flush=True)
        return found

    print("| model | trucks per CPU second |\n|---|---|")
    first = speed("M/M/5")
    if importlib.util.find_spec("simpy"):
        peer = simpy_speed(300_000)
        print(f"| M/M/5, SimPy | {peer:,.0f} |", flush=True)
        second = speed("M/M/5")
        print(f"| ours ÷ SimPy | {first / peer:.0f} and {second / peer:.0f} |")
    speed("karasu")


if __name__ == "__main__":
    main()
