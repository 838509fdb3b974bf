"""Time the assessment's response to 10,000 draws, and print its error against full solves by draw and year."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import numpy as np

from birge.factbook import Factbook
from birge.models import schedule, trade
from birge.models.trade.certificate import cheap_response, full_response
from birge.plan import embedded
from birge.rng import Streams, blocks

AS_OF = date(2026, 11, 24)
DRAWS = 10_000
CHECKED = 200


def response() -> None:
    """Print both."""
    plan, book = embedded(), Factbook.embedded()
    inputs = trade.setup(plan, book, None, AS_OF)
    start = time.perf_counter()
    prepared = trade.prepare(inputs, Streams(1))
    ready = time.perf_counter() - start
    dates = schedule.simulate(schedule.network(plan, AS_OF), Streams(1), DRAWS)
    finish = schedule.in_plan_order(dates.network, dates.finish)

    def block(number: int, size: int) -> trade.Steps:
        here = slice(number * 1_000, number * 1_000 + size)
        return trade.steps(prepared, finish[here], replace(Streams(1), block=number, draws=size))

    times = {}
    for workers in (1, 2):
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(lambda x: block(*x), blocks(DRAWS)))
            seconds.append(time.perf_counter() - start)
        times[workers] = float(np.median(seconds))
    bound = Streams(1, 0, CHECKED)
    start = time.perf_counter()
    full = full_response(prepared, finish[:CHECKED], bound)
    solved = time.perf_counter() - start
    cheap = cheap_response(prepared, finish[:CHECKED], bound)
    error = np.abs(cheap - full)
    moved = np.abs(full) > 1e-4
    relative = 100 * error[moved] / np.abs(full[moved])
    print(f"| the response to {DRAWS:,} draws, {len(inputs.effects)} effects, {len(inputs.years)} years | seconds |")
    print("|---|---|")
    print(f"| the equilibrium for ρ, once | {ready:.3f} |")
    print(f"| response, one thread | {times[1]:.2f} |")
    print(f"| response, two threads | {times[2]:.2f} |")
    print(f"| full solves of {CHECKED} draws × {len(inputs.years)} years, one thread | {solved:.2f} |")
    print(
        f"\nerror of the response in {CHECKED} draws, log points: largest {error.max():.1e}, mean {error.mean():.1e}; "
        f"in per cent of the effect where it passes .01 %: median {np.median(relative):.2f}, "
        f"largest {relative.max():.2f}; largest effect {np.abs(full).max():.4f}"
    )


if __name__ == "__main__":
    response()
