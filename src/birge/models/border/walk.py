"""A year of every station of a design, by the hourly recursion: what leaves one arrives at the next.

    design, regime ─▶ stations in the order of the routes, each by `kernels.border_recursion` ─▶ Walk

Full waiting places hold up all trucks behind them, for as long as the queue beyond the places takes; where several
streams use a station, that is left out. So are priorities, appointments and hand-over rules. Breakdowns enter as lost
capacity and as variance of the service (Hopp and Spearman 2011, p. 285).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from birge.models.border.design import Breakdowns, Design, Regime, Shift, Station
from birge.models.border.load import DAY, load_under
from birge.models.border.network import season, weekly

if TYPE_CHECKING:
    from birge.kernels.border_recursion import Path

__all__ = [
    "DAYS",
    "Asked",
    "StationYear",
    "Walk",
    "hourly_rate",
    "hours_of",
    "loads",
    "only",
    "service_at",
    "share_at",
    "walked",
    "year_of",
]

Floats = NDArray[np.float64]
NEVER = (1e18, 1.0)
"""Queue from which nobody stays away."""
WARM = 28
DAYS = 365


def _streams(design: Design) -> range:
    return range(len(design.streams))


def only(design: Design, k: int) -> Design:
    """Return the design with one stream where no station is shared with others; else the whole design."""
    own = {s.station for s in design.streams[k].route}
    others = {s.station for n, stream in enumerate(design.streams) if n != k for s in stream.route}
    if own & others:
        return design.model_copy(
            update={"streams": (design.streams[k], *(s for n, s in enumerate(design.streams) if n != k))}
        )
    return design.model_copy(update={"streams": (design.streams[k],)})


@dataclass(frozen=True)
class Asked:
    """What the recursion of a station is asked.

    `places` is the room in front of it, beyond which it holds up `passing` trucks for each that stops there.
    """

    rate: Floats
    servers: NDArray[np.int64]
    service: float
    scv: float
    stays: tuple[float, float]
    places: float
    passing: float
    warm: int
    slow: float

    def path(self, spread: bool) -> Path:
        """Run it."""
        from birge.kernels.border_recursion import recurse

        return recurse(
            self.rate, self.servers, self.service, 1.0, self.scv, *self.stays, 0.0, self.warm, self.slow, spread
        )


@dataclass(frozen=True)
class StationYear:
    """One station's year: mean wait of those who stop there, of those held up by it, mean queue, what was asked."""

    wait: float
    held: float
    queue: float
    asked: Asked

    def hours(self, share: float) -> float:
        """Return the mean wait over a stream of which `share` stops at the station."""
        return self.wait * share + self.held * (1.0 - share)


@dataclass(frozen=True)
class Walk:
    """All stations' years, and what joined of each stream a day."""

    years: dict[str, StationYear]
    joined: tuple[float, ...]


def walked(design: Design, regime: Regime, level: float, capacity: float) -> Walk:
    """Return the years of all stations at `level` times the arrivals and `capacity` times the binding stations' speed.

    At a capacity of infinity they let all trucks pass at once.
    """
    hours = (DAYS + 7 * (WARM // 7)) * 24
    warm = hours - DAYS * 24
    flows = [hourly_rate(design, d, hours, warm) * level for d in _streams(design)]
    joined = [0.0] * len(flows)
    years: dict[str, StationYear] = {}
    slowest = _binding(design, regime)
    watch = [_watched(design, d, regime) for d in _streams(design)]
    for station in _ordered(design):
        shares = [share_at(design, d, station.id, regime) for d in _streams(design)]
        into = np.sum([f * s for f, s in zip(flows, shares, strict=True)], axis=0)
        mean, scv = service_at(design, station, regime)
        servers = _servers(design, station, hours)
        watched = [d for d in _streams(design) if watch[d] == station.id]
        slow = 1.0 / capacity if station.id in slowest else 1.0
        asked = Asked(into, servers, mean, scv, *_stays(design, station, shares, watched), warm, slow)
        if slow == 0.0:
            years[station.id] = StationYear(0.0, 0.0, 0.0, asked)
            for d in watched:
                joined[d] = float(flows[d][warm:].sum()) / DAYS
            continue
        years[station.id], path = year_of(asked, False)
        with np.errstate(invalid="ignore", divide="ignore"):
            kept = np.where(into > 0, path.joined / np.maximum(into, 1e-300), 1.0)
            out = np.where(into > 0, path.left / np.maximum(into, 1e-300), 0.0)
        for d, visits in enumerate(shares):
            # who stops more than once passes on once
            share, stay = min(visits, 1.0), flows[d] * kept
            if d in watched:
                joined[d] = float(stay[warm:].sum()) / DAYS
            elif share > 0 and math.isfinite(asked.places):
                joined[d] *= float(stay[warm:].sum()) / max(float(flows[d][warm:].sum()), 1e-12)
                flows[d] = stay * (1 - share) + flows[d] * share * out
                continue
            flows[d] = flows[d] * (1 - share) + flows[d] * share * out
    return Walk(years, tuple(joined))


def _stays(
    design: Design, station: Station, shares: list[float], watched: list[int]
) -> tuple[tuple[float, float], float, float]:
    """Return from which queue at a station trucks stay away and how fast, its places, and who passes it by.

    Trucks see the whole queue. Behind a station whose places are taken all trucks of the stream stand, of whom a
    share p is for this station: beyond its places, p times the whole queue. Before the first station is no other queue.
    """
    users = [d for d, share in enumerate(shares) if share > 0]
    one = users[0] if len(users) == 1 else None
    if len(watched) == 1:
        balking = design.streams[watched[0]].balking
        return (float(balking.from_queue), balking.scale) if balking else NEVER, math.inf, 0.0
    if one is None or watched or shares[one] > 1:
        return NEVER, math.inf, 0.0
    places = 0 if design.streams[one].route[0].station == station.id else station.places
    if places is None:
        return NEVER, math.inf, 0.0
    p, balking = shares[one], design.streams[one].balking
    stays = (places + p * balking.from_queue, p * balking.scale) if balking else NEVER
    return stays, float(places), (1 - p) / p


def year_of(asked: Asked, spread: bool) -> tuple[StationYear, Path]:
    """Return the year of a station, and its hours."""
    path = asked.path(spread)
    hours = path.wait[asked.warm :] * path.joined[asked.warm :]
    total, all_hours = max(float(path.joined[asked.warm :].sum()), 1e-12), float(hours.sum())
    held = float((hours * _outside(path, asked)[asked.warm :]).sum()) if asked.passing > 0 else 0.0
    queue = (all_hours + asked.passing * held) / (DAYS * 24)
    return StationYear(all_hours / total, held / total, queue, asked), path


def _outside(path: Path, asked: Asked) -> Floats:
    """Return which part of a normal queue is beyond the places, by hour."""
    from scipy.special import ndtr

    queue, spread = np.maximum(path.mean - asked.servers, 1e-9), np.sqrt(np.maximum(path.variance, 1e-12))
    over = queue - asked.places
    beyond = spread * np.exp(-0.5 * (over / spread) ** 2) / math.sqrt(2 * math.pi) + over * ndtr(over / spread)
    return np.asarray(np.minimum(beyond / queue, 1.0))


def hourly_rate(design: Design, d: int, hours: int, warm: int) -> Floats:
    """Return trucks an hour of a stream; the warm-up is in the season of January, the year starts on a Monday."""
    a = design.streams[d].arrivals
    extra = sum(t.count for t in a.trains) / 7
    if a.trace:
        counts, _ = np.histogram(np.array(a.trace) + warm, np.arange(hours + 1))
        return counts.astype(np.float64)
    day = np.arange(hours) // 24 - warm // 24
    yearly = season(a)
    factor = np.where(day < 0, yearly[0], yearly[day % 365])
    return np.asarray((a.per_day * np.resize(weekly(a), hours) * factor + extra) / 24)


def share_at(design: Design, d: int, station: str, regime: Regime) -> float:
    """Return the share of a stream that stops at a station, over its goods; visits add up."""
    stream = design.streams[d]
    return sum(
        g.share * regime.share(step, g.id) for step in stream.route if step.station == station for g in stream.goods
    )


def _ordered(design: Design) -> list[Station]:
    """Return the stations that streams pass, by their mean place on the way."""
    places: dict[str, list[float]] = {}
    for stream in design.streams:
        for k, step in enumerate(stream.route):
            places.setdefault(step.station, []).append(k / len(stream.route))
    order = {s: float(np.mean(p)) for s, p in places.items()}
    return sorted((s for s in design.stations if s.id in order), key=lambda s: order[s.id])


def service_at(design: Design, station: Station, regime: Regime) -> tuple[float, float]:
    """Return mean hours and squared variation of a service over all goods that stop there, breakdowns included.

    Where nobody stops they are those of the station's own service.
    """
    factor = regime.slows(station.id) / 60
    weights, means, scvs = [], [], []
    for stream in design.streams:
        for step in stream.route:
            if step.station == station.id:
                for g in stream.goods:
                    s = station.by_goods.get(g.id, station.service)
                    weights.append(max(stream.arrivals.per_day, 1e-9) * g.share * regime.share(step, g.id))
                    means.append(s.mean_min * factor)
                    scvs.append(s.scv)
    if not any(weights):
        return _broken(station.breakdowns, station.service.mean_min * factor, station.service.scv)
    w = np.array(weights) / max(sum(weights), 1e-12)
    mean = float(w @ means)
    second = float(w @ (np.square(means) * (1 + np.array(scvs))))
    return _broken(station.breakdowns, mean, second / mean**2 - 1)


def _broken(b: Breakdowns | None, mean: float, scv: float) -> tuple[float, float]:
    if b is None:
        return mean, scv
    return mean / b.up, scv + 2 * b.up * (1 - b.up) * b.repair_h / mean


def _servers(design: Design, station: Station, hours: int) -> NDArray[np.int64]:
    """Return servers hour by hour; a shift that starts within an hour counts from the next, staff binds as well."""
    found = _level(station.shifts, hours)
    if station.staff is not None:
        found = np.minimum(found, _level(next(p.shifts for p in design.staff if p.id == station.staff), hours))
    return found


def _level(shifts: tuple[Shift, ...], hours: int) -> NDArray[np.int64]:
    week = np.zeros(168, dtype=np.int64)
    for s in shifts:
        week[hours_of(s)] = s.servers
    return np.resize(week, hours)


def hours_of(shift: Shift) -> NDArray[np.int64]:
    """Return the hours of the week, from Monday 0:00, in which a shift works from their start on."""
    start = int(shift.start[:2]) + int(shift.start[3:]) / 60
    spans = [(DAY[day] * 24 + start, DAY[day] * 24 + start + shift.hours) for day in shift.days]
    return np.concatenate([np.arange(int(np.ceil(a)), int(np.ceil(b))) for a, b in spans]) % 168


def loads(design: Design, d: int, regime: Regime) -> dict[str, float]:
    """Return the load of each station of stream `d` under `regime`: work that arrives over what its servers can do."""
    met = dict.fromkeys(step.station for step in design.streams[d].route)
    return {s: load_under(design, design.station(s), regime) for s in met}


def _binding(design: Design, regime: Regime) -> set[str]:
    """Return each stream's station with the highest load: the one that capacity acts on."""
    every = [loads(design, d, regime) for d in _streams(design)]
    return {max(found, key=lambda s: found[s]) for found in every}


def _watched(design: Design, d: int, regime: Regime) -> str:
    """Return the station whose queue decides whether a truck joins: the busiest of those that every truck passes.

    Trucks see the whole queue before the crossing; where it binds, the queue stands there.
    """
    every = loads(design, d, regime)
    whole = [s for s in every if share_at(design, d, s, regime) >= 1 - 1e-9] or list(every)
    return max(whole, key=lambda s: every[s])
