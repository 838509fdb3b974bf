"""Simulate a design: replications of the event kernel, and what they say.

    design ─▶ network ─▶ kernel.run for each replication (threads) ─▶ Little's law checked ─▶ Simulation

Every mean comes with a 95 % interval over replications (t distribution). Quantiles pool the bins of all replications.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from birge.errors import BirgeError, SolveError
from birge.kernels import border_queue as kernel
from birge.models.border.design import Design
from birge.models.border.network import Network, network

__all__ = ["Estimate", "GoodsResult", "Simulation", "StreamResult", "quantile", "replicate", "simulate", "tallies"]

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]
OVER = (2.0, 4.0, 8.0, 24.0, 48.0)
"""Hours of wait of which a run tells the share of trucks above."""
DIESEL_KG_L = 0.835
"""Density of diesel, kg/l; EN 590 (2009) has 0.820 to 0.845 at 15 °C."""


@dataclass(frozen=True)
class Estimate:
    """A mean over replications with half the width of its 95 % interval; no interval with a single replication."""

    mean: float
    half: float | None

    def __str__(self) -> str:
        return f"{self.mean:,.2f}" + (f" ± {self.half:,.2f}" if self.half is not None else "")


@dataclass(frozen=True)
class GoodsResult:
    """What trucks with a kind of goods meet: trucks a day, hours of wait and of stay."""

    id: str
    per_day: float
    wait_mean: Estimate
    dwell_mean: Estimate


@dataclass(frozen=True)
class StreamResult:
    """What a stream's trucks meet; hours, trucks a day, shares."""

    id: str
    wait_mean: Estimate
    wait_p50: float
    wait_p90: float
    dwell_mean: Estimate
    dwell_p50: float
    dwell_p90: float
    over: Mapping[float, float]
    per_day: Estimate
    queue_mean: float
    stayed_away_per_day: float
    """Those that are lost to the design; `diverted_out_per_day` stay away too, and drive to another stream."""
    turned_away_per_day: float
    no_show_per_day: float
    diverted_out_per_day: float
    diverted_in_per_day: float
    inside_at_end: float
    goods: tuple[GoodsResult, ...]
    lead_mean: float
    """Hours from booking to the slot, NaN where nobody books."""
    lead_most: float
    weeks_p90: Floats
    """P90 of the wait of each week [replication, week], NaN without trucks."""


@dataclass(frozen=True)
class Simulation:
    """The result of `simulate`; hourly arrays are means over replications with quantiles where named."""

    design: Design
    regime: str
    seed: int
    days: int
    warmup_days: int
    replications: int
    streams: tuple[StreamResult, ...]
    utilisation: Mapping[str, float]
    blocked: Mapping[str, float]
    station_wait: Mapping[str, float]
    queue_by_clock: Mapping[str, Floats]
    """By stream: mean, P10, P50, P90 of the number waiting [hour of day, 4]."""
    queue_by_month: Mapping[str, Floats]
    wait_by_month: Mapping[str, Floats]
    wait_by_clock: Mapping[str, Floats]
    left_by_clock: Mapping[str, Floats]
    """By stream: trucks that leave in each hour of the day [24], a day."""
    left_by_month: Mapping[str, Floats]
    """By stream: trucks that leave a day in each month [12], NaN where a run does not reach it."""
    utilisation_by_clock: Mapping[str, Floats]
    truck_hours_year: float
    """Hours of trucks inside; `detour_hours_year` are those of driving on to another stream, on top."""
    detour_hours_year: float
    wagon_hours_year: float
    carriers_usd_year: tuple[float, float]
    operator_usd_year: float
    fuel_t_year: tuple[float, float]
    co2_t_year: tuple[float, float]
    little: float
    """Largest relative difference between areas and sums over trucks; Little's law on the path."""
    wait_bins: NDArray[np.int64] = field(repr=False)


def tallies(
    made: Network, days: int, warmup_days: int, replications: int, seed: int, progress: Progress | None = None
) -> list[kernel.Tally]:
    """Run the replications; raises SolveError on a deadlock, BirgeError if Little's law does not hold."""
    done: list[kernel.Tally] = []
    with ThreadPoolExecutor(max_workers=min(replications, os.cpu_count() or 1)) as pool:
        jobs = [pool.submit(replicate, made, days, warmup_days, seed * 1_000_003 + r) for r in range(replications)]
        for k, job in enumerate(jobs):
            done.append(job.result())
            if progress is not None:
                progress("replications", (k + 1) / replications)
    return done


def replicate(made: Network, days: int, warmup_days: int, seed: int) -> kernel.Tally:
    """Run one replication; raises SolveError on a deadlock, BirgeError if Little's law does not hold."""
    places = 4096
    while True:
        t = kernel.run(made.net, seed, days * 24.0, warmup_days * 24.0, places, 0.0, 0.0, 0)
        if t.status == kernel.FULL and places < 1 << 22:
            places *= 4
            continue
        break
    if t.status == kernel.FULL:
        raise SolveError("more than 4 million trucks wait at once: the design is unstable", places, 0.0)
    if t.status == kernel.DEADLOCK:
        names = ", ".join(made.rings())
        raise SolveError(
            f"deadlock: trucks at {names} wait for each other's places for ever; give one of them more places",
            places,
            0.0,
        )
    if _little(t) > 1e-6:
        raise BirgeError("Little's law does not hold in this run; please report the design", little=_little(t))
    return t


def _little(t: kernel.Tally) -> float:
    a, b = t.little[:, 0], t.little[:, 1]
    return float((np.abs(a - b) / np.maximum(np.maximum(a, b), 1.0)).max())


def simulate(
    design: Design,
    *,
    regime: str = "normal",
    days: int = 365,
    warmup_days: int = 28,
    replications: int = 10,
    seed: int = 1,
    weekday: int = 0,
    over: Sequence[float] = OVER,
    progress: Progress | None = None,
) -> Simulation:
    """Return what trucks meet at `design` over `days` after `warmup_days`; deterministic by seed.

    `over` are hours of wait: `StreamResult.over` has the share of trucks that wait longer, within 0.8 % of the hours.

    The run starts on 1 January; the warm-up comes before it, in the season of January, and is not counted.
    """
    # a whole number of weeks before 1 January, so that the weekdays of the counted year do not move
    warm = 7 * ((warmup_days + 6) // 7)
    made = network(design, design.regime(regime), weekday, days + warm, warm)
    runs = tallies(made, days + warm, warm, replications, seed, progress)
    return _summary(design, regime, made, runs, days, warm, seed, over)


def quantile(bins: NDArray[np.int64], q: float) -> float:
    """Return the quantile `q` (hours) of counts in the kernel's bins, interpolated; NaN without counts."""
    total = bins.sum()
    if total == 0:
        return float("nan")
    steps = np.cumsum(bins)
    k = int(np.searchsorted(steps, q * total))
    if k == 0:
        return 0.0
    inside = (q * total - steps[k - 1]) / bins[k]
    scale = kernel.BINS / len(bins)
    return float(kernel.FIRST_BIN * np.exp(kernel.WIDTH * (scale * (k + inside) - 1)))


def _share_over(bins: NDArray[np.int64], hours: float) -> float:
    """Return the share of counts above `hours`."""
    total = bins.sum()
    if total == 0:
        return float("nan")
    k = 1 + int(np.log(hours / kernel.FIRST_BIN) / kernel.WIDTH)
    return float(bins[k + 1 :].sum() / total)


def _estimate(values: Floats) -> Estimate:
    from scipy.stats import t

    good = values[np.isfinite(values)]
    if len(good) == 0:
        return Estimate(float("nan"), None)
    half = float(t.ppf(0.975, len(good) - 1) * good.std(ddof=1) / np.sqrt(len(good))) if len(good) > 1 else None
    return Estimate(float(good.mean()), half)


def _summary(
    design: Design,
    regime: str,
    made: Network,
    runs: list[kernel.Tally],
    days: int,
    warm: int,
    seed: int,
    over: Sequence[float],
) -> Simulation:
    start = warm * 24
    streams = tuple(_stream(made, runs, d, days, warm, over) for d in range(len(made.directions)))
    level = np.sum([t.hour_level[start:] for t in runs], axis=0)
    busy = np.sum([t.hour_busy[start:] for t in runs], axis=0)
    held = np.sum([t.hour_blocked[start:] for t in runs], axis=0)
    by_clock = {}
    queue_clock, queue_month, left_clock, left_month, wait_month, wait_clock = {}, {}, {}, {}, {}, {}
    clock = (np.arange(days * 24) + made.net.week_start) % 24
    month = np.minimum((np.arange(days * 24) // 24) % 365 / 30.42, 11).astype(int)
    for d, name in enumerate(made.directions):
        q = np.concatenate([t.hour_queue[start:, d] for t in runs])
        at = np.tile(clock, len(runs))
        queue_clock[name] = np.array([_band(q[at == h]) for h in range(24)])
        season_of = np.tile(month, len(runs))
        queue_month[name] = np.array([_band(q[season_of == m]) for m in range(12)])
        left = np.sum([t.hour_left[start:, d] for t in runs], axis=0) / len(runs)
        left_clock[name] = np.array([left[clock == h].mean() for h in range(24)])
        left_month[name] = np.array([24 * left[month == m].mean() if (month == m).any() else np.nan for m in range(12)])
        wait_month[name] = _mean_of(runs, "month", d)
        wait_clock[name] = _mean_of(runs, "clock", d)
    for s, name in enumerate(made.stations):
        by_clock[name] = np.array(
            [busy[clock == h, s].sum() / max(level[clock == h, s].sum(), 1e-12) for h in range(24)]
        )
    stays, waits = (sum(getattr(t, name) for t in runs) / len(runs) * 365 / days for name in ("dwell", "wait"))
    stay, wait = float(stays[made.trucks].sum()), float(waits[made.trucks].sum())
    detour = sum(
        365 * s.diverted_out_per_day * of.balking.hours
        for s, of in zip(streams, design.streams, strict=True)
        if of.balking is not None
    )
    money, idle = design.costs.truck_hour_usd, design.costs
    litres = [wait * share * burn for share, burn in zip(idle.idling_share, idle.idling_l_h, strict=True)]
    from birge.models.border.cost import yearly_cost

    return Simulation(
        design=design,
        regime=regime,
        seed=seed,
        days=days,
        warmup_days=warm,
        replications=len(runs),
        streams=streams,
        utilisation={n: float(busy[:, s].sum() / max(level[:, s].sum(), 1e-12)) for s, n in enumerate(made.stations)},
        blocked={n: float(held[:, s].sum() / max(level[:, s].sum(), 1e-12)) for s, n in enumerate(made.stations)},
        station_wait={
            n: sum(float(t.station_wait[s, 0]) for t in runs) / max(sum(float(t.station_wait[s, 1]) for t in runs), 1.0)
            for s, n in enumerate(made.stations)
        },
        queue_by_clock=queue_clock,
        queue_by_month=queue_month,
        wait_by_month=wait_month,
        wait_by_clock=wait_clock,
        left_by_clock=left_clock,
        left_by_month=left_month,
        utilisation_by_clock=by_clock,
        truck_hours_year=stay,
        wagon_hours_year=float(stays[~made.trucks].sum()),
        detour_hours_year=detour,
        carriers_usd_year=((stay + detour) * money[0], (stay + detour) * money[1]),
        operator_usd_year=yearly_cost(design),
        fuel_t_year=(litres[0] * DIESEL_KG_L / 1000, litres[1] * DIESEL_KG_L / 1000),
        co2_t_year=(litres[0] * idle.co2_kg_l / 1000, litres[1] * idle.co2_kg_l / 1000),
        little=max(_little(t) for t in runs),
        wait_bins=np.sum([t.wait_bins for t in runs], axis=0),
    )


def _band(x: Floats) -> Floats:
    return np.array([x.mean(), *np.quantile(x, [0.1, 0.5, 0.9])]) if len(x) else np.full(4, np.nan)


def _mean_of(runs: list[kernel.Tally], what: str, d: int) -> Floats:
    total = sum(getattr(t, f"{what}_wait")[d] for t in runs)
    count = sum(getattr(t, f"{what}_count")[d] for t in runs)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _goods(made: Network, runs: list[kernel.Tally], name: tuple[str, str], days: int) -> GoodsResult:
    mine = np.array([g == name for g in made.goods])
    count = np.array([t.trucks[mine].sum() for t in runs], dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        wait, dwell = (np.array([getattr(t, x)[mine].sum() for t in runs]) / count for x in ("wait", "dwell"))
    return GoodsResult(name[1], float(count.mean() / days), _estimate(wait), _estimate(dwell))


def _stream(
    made: Network, runs: list[kernel.Tally], d: int, days: int, warm: int, over: Sequence[float]
) -> StreamResult:
    mine, stream = made.net.direction == d, made.directions[d]
    lead = np.array([t.lead[d] for t in runs])
    count = np.array([t.trucks[mine].sum() for t in runs], dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        wait = np.array([t.wait[mine].sum() for t in runs]) / count
        dwell = np.array([t.dwell[mine].sum() for t in runs]) / count
    bins, stays = np.sum([t.wait_bins[d] for t in runs], axis=0), np.sum([t.dwell_bins[d] for t in runs], axis=0)
    total = days + warm
    fate = np.mean([t.fate[d] for t in runs], axis=0)
    left = np.array([t.hour_left[warm * 24 :, d].sum() / days for t in runs])
    first, last = warm // 7, (warm + days) // 7
    return StreamResult(
        id=stream,
        wait_mean=_estimate(wait),
        wait_p50=quantile(bins, 0.5),
        wait_p90=quantile(bins, 0.9),
        dwell_mean=_estimate(dwell),
        dwell_p50=quantile(stays, 0.5),
        dwell_p90=quantile(stays, 0.9),
        over={h: _share_over(bins, h) for h in over},
        per_day=_estimate(left),
        queue_mean=float(np.mean([t.hour_queue[warm * 24 :, d].mean() for t in runs])),
        stayed_away_per_day=float(fate[2] / total),
        turned_away_per_day=float(fate[3] / total),
        no_show_per_day=float(fate[4] / total),
        diverted_out_per_day=float(fate[6] / total),
        diverted_in_per_day=float(fate[7] / total),
        inside_at_end=float(fate[5]),
        goods=tuple(_goods(made, runs, name, days) for name in dict.fromkeys(made.goods) if name[0] == stream),
        lead_mean=float(lead[:, 0].sum() / lead[:, 1].sum()) if lead[:, 1].sum() else float("nan"),
        lead_most=float(lead[:, 2].max()),
        weeks_p90=np.array([[quantile(t.week_bins[d, w], 0.9) for w in range(first, last)] for t in runs]),
    )
