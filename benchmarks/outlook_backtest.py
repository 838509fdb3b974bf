"""Back-test the outlook's own filter on country pairs it was not tuned on; prints tables for docs/models/outlook.md.

    python benchmarks/outlook_backtest.py PANEL_FOLDER [--peers peers.npz] [--pairs 600] [--tune] [--matrix FILE]

Data flow: panel → turnover by pair → `filtering` (one side, no gap, no GDP, no shifts) → after each origin the draws
of `paths` → coverage, CRPS, Brier, beside a random walk with drift and the methods of `outlook_peers.py`. With
`--tune` the half that was tuned on is scored instead (origins 1990-1998, outcomes to 1999).
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from numpy.typing import NDArray
from panel import HORIZON, ORIGINS, halves, read_panel
from scipy.stats import norm
from scores import clustered, covered, crps, normal_crps

from birge.models import outlook
from birge.models.outlook.evidence import Evidence
from birge.models.outlook.posterior import filtering
from birge.rng import Streams

DRAWS = 1_000
EXACT = 0.01
"""Log error of a figure of the panel: assumed, as for a settled official figure."""
PACE = 0.127
"""Yearly growth of the Brier event: what the plan's 3 bn of 2027 asks from 2025."""
LEVELS = (0.50, 0.80, 0.95)
SIZES = ((0, 20), (20, 200), (200, 1_000), (1_000, 5_000), (5_000, np.inf))
JUMP = 2.0
"""A jump: the last change is this many times the pair's own median absolute change."""
Floats = NDArray[np.float64]
PAIR = ("AAA", "BBB")


def forecasts(task: tuple[int, Sequence[int], Floats, tuple[int, ...]]) -> Floats:
    """Return draws of log turnover [draw, origin, horizon] of one pair; nothing after an origin enters its draws."""
    key, years, turnover, origins = task
    streams = Streams(key, 0, DRAWS)
    evidence = tuple(
        Evidence(y, "first", "level", float(np.log(v)), EXACT, (str(y),))
        for y, v in zip(years, turnover, strict=True)
        if y <= origins[-1]
    )
    found = []
    for state in filtering(evidence, DRAWS, streams.at("filter"), outlook.PRIORS):
        if state.year in origins:
            known = tuple(e for e in evidence if e.year <= state.year)
            inputs = outlook.Inputs(PAIR, known, (), state.year + HORIZON)
            made = outlook.Posterior(inputs, state, None)
            found.append(np.log(outlook.paths(made, streams).sum(axis=2)[:, 1:, 0]))
    return np.stack(found, axis=1)


def drift_walk(logs: Floats, at: int) -> tuple[Floats, Floats]:
    """Return mean and error [pair, horizon] of a random walk with drift fitted to the steps before position `at`."""
    steps = np.diff(logs[:, : at + 1], axis=1)
    h = np.arange(1, HORIZON + 1)
    n = steps.shape[1]
    mean = logs[:, at, None] + steps.mean(axis=1)[:, None] * h
    return mean, steps.std(axis=1, ddof=1)[:, None] * np.sqrt(h + h**2 / n)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("panel")
    parser.add_argument("--peers")
    parser.add_argument("--pairs", type=int, default=600)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--matrix", help="bilateral_matrix_1996_2016_penppml.csv: the four-yearly matrix instead")
    options = parser.parse_args()
    if options.matrix:
        four_yearly(options.matrix)
        return
    panel = read_panel(options.panel)
    tuned, held = halves(panel)
    pairs = (tuned if options.tune else held)[: options.pairs]
    origins = tuple(range(1990, 1999)) if options.tune else ORIGINS
    last = 1999 if options.tune else panel.years[-1]
    logs = np.log(panel.turnover[pairs])
    start = time.perf_counter()
    with ProcessPoolExecutor() as pool:
        tasks = [(int(k), panel.years, panel.turnover[k], origins) for k in pairs]
        draws = np.stack(list(pool.map(forecasts, tasks, chunksize=10)), axis=1)
    print(f"{len(pairs)} pairs, origins {origins[0]}-{origins[-1]}, {time.perf_counter() - start:.0f} s\n")
    report(draws, logs, panel.years[0], origins, last, options.peers)


def report(draws: Floats, logs: Floats, first: int, origins: Sequence[int], last: int, peers: str | None) -> None:
    """Print coverage by group and scores against every peer; `draws` is [draw, pair, origin, horizon]."""
    at = np.array(origins) - first
    target = at[:, None] + np.arange(1, HORIZON + 1)
    known = np.broadcast_to(target + first <= last, draws.shape[1:])
    truth = logs[:, np.minimum(target, logs.shape[1] - 1)]
    origin = np.broadcast_to(np.array(origins)[None, :, None], known.shape)
    now = np.broadcast_to(logs[:, at][:, :, None], known.shape)
    step = np.abs(np.diff(logs, axis=1))
    usual = np.stack([np.median(step[:, : a - 1], axis=1) for a in at], axis=1)
    jumped = np.broadcast_to((step[:, at - 1] > JUMP * usual)[:, :, None], known.shape)
    ahead = np.broadcast_to(np.arange(1, HORIZON + 1), known.shape)
    groups = {"all": known}
    for low, high in SIZES:
        name = f"{low:,} - {high:,} mn" if np.isfinite(high) else f"over {low:,} mn"
        groups[name] = known & (now >= np.log(max(low, 1e-9))) & (now < np.log(high))
    groups |= {"after a jump": known & jumped, "no jump": known & ~jumped}
    groups |= {f"{h} year{'s' if h > 1 else ''} ahead": known & (ahead == h) for h in range(1, HORIZON + 1)}
    inside = {level: covered(draws, truth, level) for level in LEVELS}
    print("| pairs of | forecasts | 50 % | 80 % | 95 % | within 2 errors |\n|---|---|---|---|---|---|")
    for name, group in groups.items():
        cells, good = [], []
        for level in LEVELS:
            share, error = clustered(inside[level][group].astype(float), origin[group])
            cells.append(f"{share:.3f} ± {error:.3f}")
            good.append(abs(share - level) <= 2 * error)
        print(f"| {name} | {group.sum():,} | {' | '.join(cells)} | {'yes' if all(good) else _which(good)} |")
    compare(draws, logs, at, (truth, known, origin, now), peers)


def four_yearly(file: str) -> None:
    """Print coverage four years ahead on 28 economies whose trade is known every fourth year only, and by origin."""
    flows: dict[tuple[str, str], dict[int, float]] = {}
    with open(file) as rows:
        for row in csv.DictReader(rows):
            pair = (min(row["exporter"], row["importer"]), max(row["exporter"], row["importer"]))
            own = flows.setdefault(pair, {})
            own[int(row["year"])] = own.get(int(row["year"]), 0.0) + float(row["value_usd_million"])
    years = tuple(range(1996, 2017, 4))
    table = np.array([[f.get(y, 0.0) for y in years] for (a, b), f in flows.items() if a != b])
    table = table[(table > 0).all(axis=1)]
    origins = years[1:-1]
    draws = np.stack([forecasts((k, years, row, origins)) for k, row in enumerate(table)], axis=1)[..., 3]
    truth, now = np.log(table[:, 2:]), np.log(table[:, 1:-1])
    origin = np.broadcast_to(np.array(origins), truth.shape)
    inside = {level: covered(draws, truth, level).astype(float) for level in LEVELS}
    groups = {"all": now > -np.inf, "over 200 mn": now >= np.log(200)}
    groups |= {f"over 200 mn, from {o}": (now >= np.log(200)) & (origin == o) for o in origins}
    print("| pairs of | forecasts | 50 % | 80 % | 95 % | median miss |\n|---|---|---|---|---|---|")
    for name, group in groups.items():
        cells = (
            f"{m:.3f}" + f" ± {e:.3f}" * (e > 0)
            for m, e in (clustered(inside[v][group], origin[group]) for v in LEVELS)
        )
        miss = np.median((truth - np.median(draws, axis=0))[group])
        print(f"| {name} | {group.sum():,} | {' | '.join(cells)} | {miss:+.2f} |")


def _which(good: Sequence[bool]) -> str:
    return "not " + ", ".join(f"{level:.0%}" for level, g in zip(LEVELS, good, strict=True) if not g)


def compare(draws: Floats, logs: Floats, at: NDArray[np.int64], known: tuple[Floats, ...], peers: str | None) -> None:
    """Print CRPS and Brier of the outlook and of each peer, with paired errors clustered by origin year."""
    truth, scored, origin, now = known
    bar = now + np.log1p(PACE) * np.arange(1, HORIZON + 1)
    rivals = {"random walk with drift": np.stack([np.stack(drift_walk(logs, a)) for a in at], axis=2)}
    if peers:
        kept = np.load(peers)
        for k, name in enumerate(kept["peers"]):
            n = min(len(logs), kept["mean"].shape[1])
            rivals[str(name)] = np.stack([kept["mean"][k, :n], kept["sd"][k, :n]])
    own = crps(draws, truth)
    hit = (truth >= bar).astype(float)
    brier = ((draws >= bar).mean(axis=0) - hit) ** 2
    print(f"\n| against | forecasts | CRPS, outlook | CRPS, peer | ratio | Brier ({PACE:.1%} a year), outlook | peer |")
    print("|---|---|---|---|---|---|---|")
    for big in (False, True):
        for name, (mean, sd) in rivals.items():
            n = len(mean)
            use = scored[:n] & np.isfinite(mean) & (sd > 0) & (now[:n] >= (np.log(200) if big else -np.inf))
            other = normal_crps(mean, np.maximum(sd, 1e-6), truth[:n])
            odds = norm.sf((bar[:n] - mean) / np.maximum(sd, 1e-6))
            rival = (odds - hit[:n]) ** 2
            gain, error = clustered((own[:n] - other)[use], origin[:n][use])
            better, wobble = clustered((brier[:n] - rival)[use], origin[:n][use])
            label = f"{name}, pairs over 200 mn" if big else name
            ours, theirs = own[:n][use].mean(), other[use].mean()
            print(
                f"| {label} | {use.sum():,} | {ours:.4f} | {theirs:.4f} ({gain:+.4f} ± {error:.4f}) "
                f"| {ours / theirs:.3f} | {brier[:n][use].mean():.4f} "
                f"| {rival[use].mean():.4f} ({better:+.4f} ± {wobble:.4f}) |"
            )


if __name__ == "__main__":
    main()
