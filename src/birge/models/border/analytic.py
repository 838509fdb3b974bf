"""Closed forms for stations with many servers: previews, the optimiser's start, and tests of the kernels.

    C(c, a)   = chance that a truck waits, c servers, a = arrivals × mean service           (Erlang 1917)
    Wq        = C(c, a) / (c μ - λ) × (ca² + cs²) / 2                                     (Allen 1978, Cunneen)
    W_k       = W0 / ((1 - σ_{k-1}) (1 - σ_k)), W0 = C / (c μ), σ_k = load of classes 1..k    (Cobham 1954)
    a(t)      = ∫ λ(t - u) P(S > u) du, the offered load that counts at t  (Jennings, Mandelbaum, Massey, Whitt 1996)

Only for loads below about .9; above, hours of the week and season matter more than the steady state.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["allen_cunneen", "cobham", "erlang_c", "offered_load", "servers_for"]

Floats = NDArray[np.float64]


def erlang_c(servers: int, load: float) -> float:
    """Return the chance of waiting with `servers` and an offered `load` in servers; 1 where load ≥ servers."""
    if load <= 0:
        return 0.0
    if load >= servers:
        return 1.0
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    rho = load / servers
    return blocked / (1 - rho + rho * blocked)


def allen_cunneen(servers: int, rate: float, mean: float, ca2: float = 1.0, cs2: float = 1.0) -> float:
    """Return the mean wait in hours at `rate` trucks an hour and `mean` hours of service; infinity if unstable."""
    load = rate * mean
    if load >= servers:
        return math.inf
    return erlang_c(servers, load) / (servers / mean - rate) * (ca2 + cs2) / 2


def cobham(servers: int, rates: Sequence[float], mean: float) -> list[float]:
    """Return the mean wait of each priority class, first class first, with exponential services of one mean."""
    first = erlang_c(servers, sum(rates) * mean) * mean / servers
    waits, before = [], 0.0
    for rate in rates:
        now = before + rate * mean / servers
        waits.append(first / ((1 - before) * (1 - now)))
        before = now
    return waits


def offered_load(rate: Floats, mean: float) -> Floats:
    """Return the modified offered load of hourly rates over a cycle, for exponential services of `mean` hours."""
    keep = math.exp(-1 / mean)
    load = np.empty_like(rate)
    state = float(rate.mean()) * mean
    for _ in range(1 + math.ceil(20 * mean / len(rate))):
        for h, r in enumerate(rate):
            state = state * keep + r * mean * (1 - keep)
            load[h] = state
    return load


def servers_for(rate: float, mean: float, scv: float, wait: float) -> int:
    """Return the fewest servers whose mean wait is at most `wait` hours."""
    servers = max(1, math.floor(rate * mean) + 1)
    while allen_cunneen(servers, rate, mean, 1.0, scv) > wait:
        servers += 1
    return servers
