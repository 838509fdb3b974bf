"""Eight stations, three priorities, branching, 12-hour shifts: Birge's event kernel beside SimPy, Ciw and cimba.

`python benchmarks/border_peers.py [birge|simpy|ciw|cimba] ...` prints trucks per CPU second and the mean wait that each
finds in the same model (without a name: all that are installed). The waits have to agree: the same model is meant. Ciw
starts a new shift in full while the old one finishes, so it stands beside Birge's `overlap`. `make bench-border` runs
all in one go, peers from `requirements/bench-border.lock`.
"""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
import time
from collections.abc import Callable

PER_DAY = 500.0
SHARE = (1.0, 0.5, 1.0, 0.25, 0.12, 0.6, 1.0, 1.0)
MEAN_MIN = (3.0, 5.0, 14.0, 20.0, 12.0, 8.0, 6.0, 2.0)
DAY, NIGHT = (2, 2, 7, 3, 1, 3, 3, 1), (2, 1, 5, 2, 1, 2, 3, 1)
CLASSES = (0.2, 0.5, 0.3)
Found = tuple[int, float, float]
"""Trucks, CPU seconds, mean wait in hours."""


def birge(days: int, hand_over: str = "relieve") -> Found:
    """Run the event kernel."""
    from birge.kernels import border_queue as kernel
    from birge.models.border import parse_design
    from birge.models.border.network import network

    stations = ", ".join(
        f"{{id: s{k}, hand_over: {hand_over}, service: {{kind: exponential, mean_min: {m}}},"
        f' shifts: [{{start: "00:00", hours: 12, servers: {d}}}, {{start: "12:00", hours: 12, servers: {n}}}]}}'
        for k, (m, d, n) in enumerate(zip(MEAN_MIN, DAY, NIGHT, strict=True))
    )
    goods = ", ".join(f"{{id: g{k}, share: {c}, priority: {k}}}" for k, c in enumerate(CLASSES))
    route = ", ".join(f"{{station: s{k}, share: {s}}}" for k, s in enumerate(SHARE))
    design = parse_design(
        f"{{id: x, title: x, stations: [{stations}], streams: [{{id: e, goods: [{goods}], route: [{route}],"
        f" arrivals: {{per_day: {PER_DAY}}}}}]}}",
        "eight",
    )
    net = network(design, days=days).net
    kernel.run(net, 1, 240.0, 0.0, 4096, 0.0, 0.0, 0)
    start = time.process_time()
    made = kernel.run(net, 2, days * 24.0, 0.0, 8192, 0.0, 0.0, 0)
    spent = time.process_time() - start
    return int(made.trucks.sum()), spent, float(made.wait.sum() / made.trucks.sum())


def overlapping(days: int) -> Found:
    """Run the event kernel with Ciw's way of shifts: the new one starts in full while the old one finishes."""
    return birge(days, "overlap")


def simpy(days: int) -> Found:
    """Run the model in SimPy; a closing lane is held through the night by a request of the highest priority."""
    import simpy as peer

    env = peer.Environment()
    lanes = [peer.PriorityResource(env, d) for d in DAY]
    draw = random.Random(2)
    waits: list[float] = []

    def closed(k: int, extra: int):  # type: ignore[no-untyped-def]
        while True:
            yield env.timeout(12.0)
            held = [lanes[k].request(priority=-1) for _ in range(extra)]
            yield env.timeout(12.0)
            for h in held:
                if h.triggered:
                    lanes[k].release(h)
                else:
                    h.cancel()

    def truck(priority: int):  # type: ignore[no-untyped-def]
        waited = 0.0
        for k, share in enumerate(SHARE):
            if share < 1 and draw.random() >= share:
                continue
            came = env.now
            with lanes[k].request(priority=priority) as place:
                yield place
                waited += env.now - came
                yield env.timeout(draw.expovariate(60 / MEAN_MIN[k]))
        waits.append(waited)

    def source():  # type: ignore[no-untyped-def]
        while True:
            yield env.timeout(draw.expovariate(PER_DAY / 24))
            u = draw.random()
            env.process(truck(0 if u < CLASSES[0] else 1 if u < CLASSES[0] + CLASSES[1] else 2))

    for k, (d, n) in enumerate(zip(DAY, NIGHT, strict=True)):
        if d > n:
            env.process(closed(k, d - n))
    env.process(source())
    start = time.process_time()
    env.run(until=days * 24.0)
    return len(waits), time.process_time() - start, sum(waits) / len(waits)


def ciw(days: int) -> Found:
    """Run the model in Ciw."""
    import ciw as peer

    stops = len(SHARE)
    ways = [[0.0] * stops for _ in range(stops)]
    for i in range(stops):
        left = 1.0
        for j in range(i + 1, stops):
            ways[i][j] = left * SHARE[j]
            left *= 1 - SHARE[j]
    names = [f"Class {k}" for k in range(len(CLASSES))]
    made = peer.create_network(
        arrival_distributions={
            n: [peer.dists.Exponential(PER_DAY / 24 * c), *[None] * (stops - 1)]
            for n, c in zip(names, CLASSES, strict=True)
        },
        service_distributions={n: [peer.dists.Exponential(60 / m) for m in MEAN_MIN] for n in names},
        routing=dict.fromkeys(names, ways),
        priority_classes={n: k for k, n in enumerate(names)},
        number_of_servers=[
            peer.Schedule(numbers_of_servers=[d, n], shift_end_dates=[12, 24]) for d, n in zip(DAY, NIGHT, strict=True)
        ],
    )
    peer.seed(2)
    run = peer.Simulation(made)
    start = time.process_time()
    run.simulate_until_max_time(days * 24.0)
    spent = time.process_time() - start
    records = run.get_all_records()
    trucks = len({r.id_number for r in records if r.node == stops})
    return trucks, spent, sum(r.waiting_time for r in records) / trucks


def cimba(days: int) -> Found:
    """Run the model in cimba, compiled."""
    from border_cimba import run

    run(20)
    return run(days)


PEERS: dict[str, tuple[Callable[[int], Found], int]] = {
    "birge": (birge, 3650),
    "birge, overlap": (overlapping, 3650),
    "cimba": (cimba, 3650),
    "simpy": (simpy, 200),
    "ciw": (ciw, 60),
}


def main() -> None:
    """Print the table."""
    asked = sys.argv[1:] or [n for n in PEERS if importlib.util.find_spec(n.split(",")[0])]
    print("| peer | trucks | CPU s | trucks per CPU second | mean wait, h |\n|---|---|---|---|---|")
    for name in asked:
        if len(asked) > 1:
            # each by itself: cimba cannot compile in a process that has compiled Birge's kernel
            row = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, check=True).stdout
            print(row.splitlines()[-1], flush=True)
            continue
        run, days = PEERS[name]
        trucks, spent, wait = run(days)
        print(f"| {name} | {trucks:,} | {spent:.2f} | {trucks / spent:,.0f} | {wait:.3f} |", flush=True)


if __name__ == "__main__":
    main()
