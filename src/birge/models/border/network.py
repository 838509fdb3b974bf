"""From a design to the arrays of the event kernel."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.kernels import border_queue as kernel
from birge.kernels import border_random as law
from birge.models.border.design import NORMAL, Arrivals, Design, Goods, Regime, Service, Stream
from birge.models.border.load import DAY
from birge.models.border.week import levels, offered

__all__ = ["Network", "network", "parameters", "season", "weekly"]

RULES = {
    "relieve": kernel.RELIEVE,
    "overlap": kernel.OVERLAP,
    "suspend": kernel.SUSPEND,
    "restart": kernel.RESTART,
    "last-entry": kernel.LAST_ENTRY,
}
LATE = {"live": kernel.LIVE, "next-slot": kernel.NEXT_SLOT, "turned-away": kernel.TURNED_AWAY}
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Network:
    """The arrays, and what their axes mean."""

    net: kernel.Net
    stations: tuple[str, ...]
    directions: tuple[str, ...]
    goods: tuple[tuple[str, str], ...]
    trucks: NDArray[np.bool_]
    """Which of `goods` come by truck."""

    def rings(self) -> list[str]:
        """Return the stations from which trucks come back to where they came from: those that can block each other."""
        n, first = len(self.stations), self.net.step_first
        after = np.zeros((n, n), dtype=bool)
        for a, b in itertools.pairwise(first):
            way = self.net.step_station[a:b]
            # any later stop may be the next: those between have shares
            for k, station in enumerate(way):
                after[station, way[k + 1 :]] = True
        for k in range(n):
            after |= after[:, k : k + 1] & after[k : k + 1]
        return [name for k, name in enumerate(self.stations) if after[k, k]]


def network(design: Design, regime: Regime = NORMAL, weekday: int = 0, days: int = 365, before: int = 0) -> Network:
    """Return the arrays of `design` for a run of `days` that starts `before` days before 1 January.

    `weekday` (0 Monday) is that of the first day of the run; the days before are in the season of 1 January.
    """
    index = {s.id: k for k, s in enumerate(design.stations)}
    pools = {p.id: k for k, p in enumerate(design.staff)}
    regimes = [regime, *(design.regime(name) for name in dict.fromkeys(p.regime for p in design.calendar))]
    made = [_Steps() for _ in regimes]
    goods: list[tuple[str, str]] = []
    rate, seasons, traces, direction = [], [], [], []
    for d, stream in enumerate(design.streams):
        fixed = _fixed(stream.arrivals, weekday, days, before)
        for times in [None, fixed] if stream.arrivals.per_day > 0 and len(fixed) else [fixed if len(fixed) else None]:
            kinds = _split(stream.id, fixed, [g.share for g in stream.goods])
            for k, g in enumerate(stream.goods):
                goods.append((stream.id, g.id))
                direction.append(d)
                per_hour = stream.arrivals.per_day / 24 if times is None else 0.0
                rate.append(weekly(stream.arrivals) * per_hour * g.share)
                seasons.append(_shifted(season(stream.arrivals), before, days))
                traces.append(np.zeros(0) if times is None else times[kinds == k])
                for steps, chosen in zip(made, regimes, strict=True):
                    _walk(steps, design, stream, g, chosen, index)
    made_net = kernel.Net(
        direction=np.array(direction),
        rate=np.array(rate),
        season=np.array(seasons),
        trace_first=np.concatenate([[0], np.cumsum([len(t) for t in traces])]).astype(np.int64),
        trace=np.concatenate(traces),
        **_joined([steps.arrays() for steps in made]),
        calendar=_calendar(design, before, days),
        **_stations(design, pools),
        **_streams(design, weekday, days),
        **_diversion(design, goods),
        week_start=24.0 * weekday,
    )
    wagons = {s.id for s in design.streams if s.vehicle == "wagon"}
    trucks = np.array([stream not in wagons for stream, _ in goods])
    return Network(made_net, tuple(index), tuple(s.id for s in design.streams), tuple(goods), trucks)


def _walk(made: _Steps, design: Design, stream: Stream, goods: Goods, regime: Regime, index: Mapping[str, int]) -> None:
    """Add the steps of `goods` of a stream under `regime`."""
    seen: dict[str, int] = {}
    for step in stream.route:
        station = design.station(step.station)
        factor, share = regime.slows(station.id), regime.share(step, goods.id)
        visit = seen[station.id] = seen.get(station.id, -1) + 1
        service = station.by_goods.get(goods.id, station.service)
        made.add(index[station.id], share, service, factor, goods.priority, _key(f"{station.id}/{visit}"))
    made.close()


class _Steps:
    """Collects the steps of every stream."""

    def __init__(self) -> None:
        self.first = [0]
        self.rows: list[tuple[int, float, int, float, float, float, int, int]] = []

    def add(self, station: int, share: float, service: Service, factor: float, priority: int, key: int) -> None:
        kind, a, b, c = parameters(service, factor)
        self.rows.append((station, share, kind, a, b, c, priority, key))

    def close(self) -> None:
        self.first.append(len(self.rows))

    def arrays(self) -> dict[str, Any]:
        station, share, kind, a, b, c, priority, key = zip(*self.rows, strict=True)
        return {
            "step_first": np.array(self.first),
            "step_station": np.array(station),
            "step_share": np.array(share, dtype=float),
            "step_kind": np.array(kind),
            "step_a": np.array(a, dtype=float),
            "step_b": np.array(b, dtype=float),
            "step_c": np.array(c, dtype=float),
            "step_priority": np.array(priority),
            "step_key": np.array(key, dtype=np.uint64),
        }


def _joined(blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the steps of all regimes: what a regime changes in blocks one after the other, the rest once."""
    changed = ("step_share", "step_kind", "step_a", "step_b", "step_c")
    return {**blocks[0], **{k: np.concatenate([b[k] for b in blocks]) for k in changed}}


def _calendar(design: Design, before: int, days: int) -> NDArray[np.int64]:
    """Return the block of steps that holds on each day of the run; 0 is the regime that the run is asked for."""
    block = {name: k + 1 for k, name in enumerate(dict.fromkeys(p.regime for p in design.calendar))}
    year = np.zeros(365, dtype=np.int64)
    for p in design.calendar:
        year[p.first_day - 1 : p.last_day] = block[p.regime]
    day = np.arange(max(days, 1)) - before
    return np.asarray(np.where(day < 0, 0, year[day % 365]))


def parameters(s: Service, factor: float) -> tuple[int, float, float, float]:
    """Return kind and parameters of a service in hours, stretched by `factor`."""
    mean = s.mean_min * factor / 60
    if s.kind == "fixed":
        return law.FIXED, mean, 0.0, 0.0
    if s.kind == "exponential":
        return law.EXPONENTIAL, mean, 0.0, 0.0
    if s.kind == "erlang":
        return law.ERLANG, mean, float(s.shape or 1), 0.0
    if s.kind == "lognormal":
        return law.LOGNORMAL, mean, math.sqrt(math.log1p((s.cv or 0.0) ** 2)), 0.0
    if s.kind == "hyperexponential":
        # two phases with balanced means (Tijms 1994, p. 359)
        p = 0.5 * (1 + math.sqrt((s.scv - 1) / (s.scv + 1)))
        return law.HYPEREXPONENTIAL, mean / (2 * p), mean / (2 * (1 - p)), p
    low, high = (s.low_min or 0.0) * factor / 60, (s.high_min or 0.0) * factor / 60
    if s.kind == "uniform":
        return law.UNIFORM, low, high, 0.0
    return law.TRIANGULAR, low, high, 3 * mean - low - high


def weekly(a: Arrivals) -> Floats:
    """Return the factor of each hour of the week, 1 on average."""
    factor = np.outer(a.by_weekday, a.by_hour).ravel()
    return factor / factor.mean() if factor.sum() > 0 else factor


def season(a: Arrivals) -> Floats:
    """Return the factor of each day of the year, 1 on average."""
    factor = np.repeat(a.by_month, MONTH_DAYS)
    return factor / factor.mean() if factor.sum() > 0 else factor


def _shifted(factor: Floats, before: int, days: int) -> Floats:
    """Return the factor of each day of the run."""
    day = np.arange(days) - before
    return np.asarray(np.where(day < 0, factor[0], factor[day % 365]))


def _fixed(a: Arrivals, weekday: int, days: int, before: int) -> Floats:
    """Return the fixed times of arrival, in hours from the start of the run, `before` days before 1 January."""
    if a.trace:
        return np.array(a.trace, dtype=float) + 24.0 * before
    times: list[float] = []
    for week in range(-1, days // 7 + 2):
        for t in a.trains:
            at = ((DAY[t.day] - weekday) * 24 + int(t.at[:2]) + int(t.at[3:]) / 60) + 168 * week
            if 0 <= at < days * 24:
                times += [at] * t.count
    return np.sort(np.array(times))


def _split(name: str, times: Floats, shares: Sequence[float]) -> NDArray[np.int64]:
    """Return the kind of goods of each truck of a trace, the same whatever the design."""
    u = np.random.Generator(np.random.Philox(key=_key(name))).random(len(times))
    return np.minimum(np.searchsorted(np.cumsum(shares), u, side="right"), len(shares) - 1)


def _stations(design: Design, pools: dict[str, int]) -> dict[str, Any]:
    first, time, level = [0], [], []
    for group in (*(s.shifts for s in design.stations), *(p.shifts for p in design.staff)):
        for t, n in levels(group):
            time.append(t)
            level.append(n)
        first.append(len(time))
    most = [max(x.servers for x in s.shifts) for s in design.stations]
    return {
        "space": np.array([-1 if s.places is None else s.places for s in design.stations]),
        "rule": np.array([RULES[s.hand_over] for s in design.stations]),
        "staff": np.array([-1 if s.staff is None else pools[s.staff] for s in design.stations]),
        "machines": np.array(most),
        "between": np.array([s.breakdowns.between_h if s.breakdowns else 0.0 for s in design.stations]),
        "repair": np.array([s.breakdowns.repair_h if s.breakdowns else 0.0 for s in design.stations]),
        "shift_first": np.array(first),
        "shift_time": np.array(time, dtype=float),
        "shift_level": np.array(level),
    }


def _streams(design: Design, weekday: int, days: int) -> dict[str, Any]:
    balking = [s.balking for s in design.streams]
    booked = [s.appointments for s in design.streams]
    slots = [a.slot_min / 60 if a else 0.0 for a in booked]
    horizon = [math.ceil(a.horizon_days * 24 / w) if a else 0 for a, w in zip(booked, slots, strict=True)]
    # every slot that can be booked in the run: the last truck looks ahead as far as the first
    counts = [math.ceil(days * 24 / w) + 1 + ahead if w else 0 for w, ahead in zip(slots, horizon, strict=True)]
    quota = np.zeros((len(booked), max(counts)), dtype=np.int64)
    for d, (stream, a) in enumerate(zip(design.streams, booked, strict=True)):
        if a:
            quota[d, : counts[d]] = a.quota * offered(design, stream, a, weekday, counts[d])
    return {
        "balk_from": np.array([b.from_queue if b else 1e18 for b in balking], dtype=float),
        "balk_scale": np.array([b.scale if b else 1.0 for b in balking], dtype=float),
        "slot": np.array(slots, dtype=float),
        "quota": quota,
        "willing": np.array([a.share if a else 0.0 for a in booked]),
        "late_mean": np.array([a.late_min / 60 if a else 0.0 for a in booked]),
        "late_sd": np.array([a.spread_min / 60 if a else 0.0 for a in booked]),
        "no_show": np.array([a.no_show if a else 0.0 for a in booked]),
        "tolerance": np.array([a.tolerance_min / 60 if a else 0.0 for a in booked]),
        "late_rule": np.array([LATE[a.late_rule] if a else 0 for a in booked]),
        "booked_priority": np.array([a.priority if a else 0 for a in booked]),
        "horizon": np.array(horizon),
    }


def _diversion(design: Design, goods: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return where trucks that stay away go: by direction to which and for how long, by stream as which stream.

    A truck is at no stream twice, so `divert_most` counts those that follow from each before one comes again.
    """
    ids = [s.id for s in design.streams]
    to = [ids.index(s.balking.to) if s.balking and s.balking.to else -1 for s in design.streams]
    most = []
    for d in range(len(to)):
        seen = [d]
        while to[seen[-1]] >= 0 and to[seen[-1]] not in seen:
            seen.append(to[seen[-1]])
        most.append(len(seen) - 1)
    there = {name: s.balking.to for name, s in zip(ids, design.streams, strict=True) if s.balking and s.balking.to}
    return {
        "divert_to": np.array(to),
        "divert_hours": np.array([s.balking.hours if s.balking else 0.0 for s in design.streams]),
        "divert_most": np.array(most),
        "divert_stream": np.array([goods.index((there[s], g)) if s in there else -1 for s, g in goods]),
        "way_key": np.array([_key(f"{name}/stream") for name in ids], dtype=np.uint64),
    }


def _key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
