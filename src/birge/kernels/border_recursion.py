"""Hourly recursion of a station: mean and variance of the trucks there, and what those who come then will wait.

The mean follows the pointwise stationary fluid (Rider 1976; Wang, Tipper and Banerjee 1996): the station gives out as
a stationary queue of the same length would. The spread follows the linear noise around it, a diffusion; for M/M/1 both
stationary moments are exact.

    dL/dt = λ(t) J(L) - c μ ρ(L)                      ρ: load of the stationary M/G/c whose mean length is L
    dV/dt = λ J ca² + c μ ρ cs² + 2 f'(L) V           f: right side of the first line
    L(ρ)  = c ρ + C(c, cρ) ρ / (1-ρ) (1 + cs²) / 2    Erlang C, Allen-Cunneen
    J(L)  = E[min(1, exp(-(Q - b) / k))], Q normal    share that joins a queue (balking)

A truck that comes at t waits until the capacity offered after t has served what is before it: W = A⁻¹(A(t) + Q/ρ) - t,
A(t) the integral of c μ; Q / ρ so that a stationary queue keeps Little's law, W = Q / λ. What is before it is 0 with
the chance of Erlang C that nobody waits, and else gamma with the mean and variance of the queue.

======  ======================================  =====
symbol  meaning                                 unit
======  ======================================  =====
λ       arrivals [hour]                         1/h
c, μ    servers [hour], services of a server    1, 1/h
ca, cs  variation of gaps and of services       1
L, V    mean, variance of trucks at the place   1
b, k    queue from which trucks stay away       1
======  ======================================  =====
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["HOURS", "STEPS", "Path", "lengths", "recurse"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEPS = 2
"""Steps within an hour."""
LOADS = 400
LEAST = 0.02
"""Least load at which a queue is told from Little's law."""
HOURS = np.concatenate([np.zeros(1), np.geomspace(0.05, 2000.0, 47)])
"""Bounds of waits, in hours, between which the shares of trucks are kept."""


class Path(NamedTuple):
    """Hour by hour: mean and variance of trucks there, of those joining and leaving an hour, their mean wait in hours.

    `over` is the share of all counted trucks that wait longer than each of `HOURS`.
    """

    mean: Floats
    variance: Floats
    joined: Floats
    left: Floats
    wait: Floats
    over: Floats


@njit(cache=True, nogil=True)
def _erlang_c(servers: int, load: float) -> float:
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    rho = load / servers
    return blocked / (1.0 - rho + rho * blocked)


@njit(cache=True, nogil=True)
def lengths(servers: int, scv: float) -> tuple[Floats, Floats]:
    """Return loads ρ and the mean number at a stationary M/G/c with each."""
    rho = np.empty(LOADS)
    length = np.empty(LOADS)
    for i in range(LOADS):
        # even in log(1 - ρ), so that long queues are as fine as short ones
        rho[i] = 1.0 - 10.0 ** (-4.0 * i / (LOADS - 1))
        load = servers * rho[i]
        length[i] = load + _erlang_c(servers, load) * rho[i] / (1.0 - rho[i]) * (1.0 + scv) / 2.0
    return rho, length


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _place(lens: Floats, kind: int, at: float, k: int) -> int:
    """Return the last point of a row of `lens` that is at most `at`; it is looked for from point `k` on."""
    last = lens.shape[1] - 2
    while k < last and lens[kind, k + 1] <= at:
        k += 1
    while k > 0 and lens[kind, k] > at:
        k -= 1
    return k


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _output(rhos: Floats, lens: Floats, slopes: Floats, kind: int, k: int, at: float) -> tuple[float, float]:
    """Return the load at a mean length, and its slope; `k` is the place of the length."""
    last = lens.shape[1] - 1
    if at >= lens[kind, last]:
        rest = (1.0 - rhos[kind, last]) * lens[kind, last]
        return 1.0 - rest / at, rest / (at * at)
    slope = slopes[kind, k]
    return rhos[kind, k] + slope * (max(at, 0.0) - lens[kind, k]), slope


@njit(cache=True, nogil=True)
def _phi(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _joining(mean: float, sd: float, start: float, scale: float) -> tuple[float, float]:
    """Return the share that joins a normal queue, and its slope in the mean."""
    s = max(sd, 1e-6)
    if start - mean > 9.0 * s:
        # to the last digit nobody meets a queue that long
        return 1.0, 0.0
    if mean - start > 9.0 * s + s * s / scale:
        share = math.exp((start - mean) / scale + 0.5 * (s / scale) ** 2)
        return min(share, 1.0), -share / scale
    below = _phi((start - mean) / s)
    z = (mean - start) / s - s / scale
    grown = (start - mean) / scale + 0.5 * (s / scale) ** 2
    above = math.exp(min(grown, 50.0)) * _phi(z) if grown < 50.0 else 0.0
    return min(below + above, 1.0), -above / scale


@njit(cache=True, nogil=True)
def _exceeds(x: float, mean: float, sd: float) -> float:
    """Return the chance that a gamma with a mean and deviation is above x (Wilson and Hilferty 1931)."""
    if mean <= 0.0:
        return 0.0
    shape = (mean / max(sd, 1e-3 * mean)) ** 2
    cube = (x / mean) ** (1.0 / 3.0)
    v = 1.0 / (9.0 * shape)
    return 1.0 - _phi((cube - (1.0 - v)) / math.sqrt(v))


@njit(cache=True, nogil=True, error_model="numpy")
def recurse(
    rate: Floats,
    servers: Ints,
    service: float,
    ca2: float,
    cs2: float,
    balk_from: float,
    balk_scale: float,
    start: float,
    warm: int,
    slow: float,
    spread: bool,
) -> Path:
    """Return the path of a station whose hours repeat; hours before `warm` are run and not counted.

    `rate` [hour] trucks an hour, `servers` [hour], `service` hours a truck, `start` trucks at the beginning;
    `slow` multiplies the service: 1 / capacity factor. `spread` asks for `over`, which takes most of the time.
    """
    n = len(rate)
    most = servers.max()
    row = np.full(most + 1, -1, np.int64)
    kinds = 0
    for c in servers:
        if c > 0 and row[c] < 0:
            row[c] = kinds
            kinds += 1
    rhos, lens, slopes = np.empty((kinds, LOADS)), np.empty((kinds, LOADS)), np.empty((kinds, LOADS))
    for c in range(1, most + 1):
        if row[c] >= 0:
            rho, length = lengths(c, cs2)
            rhos[row[c]], lens[row[c]], slopes[row[c], -1] = rho, length, 0.0
            slopes[row[c], :-1] = (rho[1:] - rho[:-1]) / (length[1:] - length[:-1])
    mu = 1.0 / (service * slow)
    done = np.zeros(n + 1)
    for h in range(n):
        done[h + 1] = done[h] + servers[h] * mu
    out = Path(np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(len(HOURS)))
    mean, variance = start, 0.0
    step = 1.0 / STEPS
    counted = 0.0
    k = 0
    for h in range(n):
        c = servers[h]
        for _ in range(STEPS):
            load, slope = 0.0, 0.0
            if c > 0:
                k = _place(lens, row[c], mean, k)
                load, slope = _output(rhos, lens, slopes, row[c], k, mean)
            queue = max(mean - c * load, 0.0)
            share, bend = _joining(queue, math.sqrt(variance), balk_from, balk_scale)
            into, off = rate[h] * share, c * mu * load
            change = into - off
            pull = rate[h] * bend - c * mu * slope
            # exponential Euler: the linear part is solved exactly
            kept = math.exp(pull * step)
            flat = -pull * step < 1e-9
            grown = step if flat else (1.0 - kept) / -pull
            twice = step if flat else (1.0 - kept * kept) / (-2.0 * pull)
            before = mean
            mean = max(mean + change * grown, 0.0)
            variance = variance * kept * kept + (into * ca2 + off * cs2) * twice
            out.joined[h] += into * step
            out.left[h] += max(before + into * step - mean, 0.0)
        out.mean[h] = mean
        out.variance[h] = variance
    end = 1
    for h in range(n):
        c = servers[h]
        load = 0.0
        if c > 0:
            k = _place(lens, row[c], out.mean[h], k)
            load = _output(rhos, lens, slopes, row[c], k, out.mean[h])[0]
        queue = max(out.mean[h] - c * load, 0.0)
        ahead = queue / max(load, LEAST) if c > 0 else queue
        out.wait[h], end = _until(done, h, ahead, end)
        if h < warm or out.joined[h] <= 0.0 or not spread:
            continue
        counted += out.joined[h]
        # of those who wait: mean and spread of what is before them
        waits = 1.0 if c == 0 or load >= 1.0 else max(_erlang_c(c, c * load), 1e-9)
        inner = ahead / waits
        second = (out.variance[h] + ahead * ahead) / waits
        sd = math.sqrt(max(second - inner * inner, 0.05 * inner * inner))
        out.over[0] += out.joined[h] * waits
        for j in range(1, len(HOURS)):
            share = _exceeds(_offered(done, servers, mu, h, HOURS[j]), inner, sd)
            if share < 1e-6:
                break
            out.over[j] += out.joined[h] * waits * share
    if counted > 0.0:
        out.over[:] /= counted
    return out


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _until(done: Floats, hour: int, queue: float, k: int) -> tuple[float, int]:
    """Return hours from the middle of `hour` until the capacity after it has served `queue`, and the hour of that.

    The hour is looked for from hour `k` of the period on: trucks that come one after the other leave so.
    """
    n = len(done) - 1
    if done[n] <= 0.0:
        return math.inf, k
    target = 0.5 * (done[hour] + done[hour + 1]) + queue
    rounds = math.floor(target / done[n])
    target -= rounds * done[n]
    while k < n and done[k] < target:
        k += 1
    while k > 1 and done[k - 1] >= target:
        k -= 1
    inside = (target - done[k - 1]) / (done[k] - done[k - 1]) if done[k] > done[k - 1] else 0.0
    return max(rounds * n + k - 1 + inside - hour - 0.5, 0.0), k


@njit(cache=True, nogil=True)
def _offered(done: Floats, servers: Ints, mu: float, hour: int, span: float) -> float:
    """Return the capacity offered in `span` hours after the middle of `hour`."""
    n = len(servers)
    at = hour + 0.5 + span
    rounds = math.floor(at / n)
    at -= rounds * n
    k = min(int(at), n - 1)
    return rounds * done[n] + done[k] + (at - k) * servers[k] * mu - 0.5 * (done[hour] + done[hour + 1])
