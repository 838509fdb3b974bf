"""Random numbers keyed by (seed, stream, truck, station), so that two designs see the same trucks.

    truck key = mix(mix(seed + stream · G) + number · G)
    u         = mix(truck key + slot · G) / 2^64            slot = name of a station, and what is drawn there

`mix` is the finaliser of SplitMix64 (Steele, Lea and Flood 2014, Fast Splittable Pseudorandom Number Generators,
fig. 17); G is the odd constant nearest 2^64 divided by the golden ratio. A truck's service at a station is the same
number whatever happened before, so the difference of two designs has a small variance (common random numbers).

=========  ==========================================  =======
symbol     meaning                                     unit
=========  ==========================================  =======
kind       which distribution, one of the constants    code
a, b, c    its parameters, see `duration`              h, 1
u          uniform number in (0, 1)                    1
=========  ==========================================  =======
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = [
    "ERLANG",
    "EXPONENTIAL",
    "FIXED",
    "HYPEREXPONENTIAL",
    "LOGNORMAL",
    "TRIANGULAR",
    "UNIFORM",
    "duration",
    "mix",
    "normal",
    "truck_key",
    "uniform",
]

FIXED, EXPONENTIAL, ERLANG, LOGNORMAL, HYPEREXPONENTIAL, UNIFORM, TRIANGULAR = range(7)
G = np.uint64(0x9E3779B97F4A7C15)
A = np.uint64(0xBF58476D1CE4E5B9)
B = np.uint64(0x94D049BB133111EB)


@njit(cache=True, nogil=True, inline="always")
def mix(x: np.uint64) -> np.uint64:
    """Scramble 64 bits."""
    x = (x ^ (x >> np.uint64(30))) * A
    x = (x ^ (x >> np.uint64(27))) * B
    return x ^ (x >> np.uint64(31))


@njit(cache=True, nogil=True)
def truck_key(seed: np.uint64, stream: int, number: int) -> np.uint64:
    """Return the key of truck `number` of `stream`."""
    return mix(mix(seed + np.uint64(stream + 1) * G) + np.uint64(number + 1) * G)


@njit(cache=True, nogil=True, inline="always")
def uniform(key: np.uint64, slot: np.uint64) -> float:
    """Return the uniform number of `slot`, never 0 or 1."""
    return (np.float64(mix(key + slot * G) >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16


@njit(cache=True, nogil=True)
def normal(key: np.uint64, slot: np.uint64) -> float:
    """Return the standard normal number of `slot` (Box and Muller 1958)."""
    r = math.sqrt(-2.0 * math.log(uniform(key, slot)))
    return r * math.cos(2.0 * math.pi * uniform(key, slot + np.uint64(1)))


@njit(cache=True, nogil=True)
def duration(kind: int, a: float, b: float, c: float, key: np.uint64, slot: np.uint64) -> float:
    """Return a duration.

    Parameters by kind: fixed a; exponential mean a; Erlang mean a and shape b; lognormal a = mean and b = sigma of
    the log; hyperexponential mean a with probability c, else mean b; uniform from a to b; triangular from a to b with
    mode c.
    """
    if kind == EXPONENTIAL:
        return -a * math.log(uniform(key, slot))
    if kind == FIXED:
        return a
    if kind == LOGNORMAL:
        return a * math.exp(b * normal(key, slot) - 0.5 * b * b)
    if kind == ERLANG:
        product = 1.0
        for j in range(int(b)):
            product *= uniform(key, slot + np.uint64(j))
        return -a / b * math.log(product)
    if kind == HYPEREXPONENTIAL:
        mean = a if uniform(key, slot + np.uint64(1)) < c else b
        return -mean * math.log(uniform(key, slot))
    u = uniform(key, slot)
    if kind == UNIFORM:
        return a + (b - a) * u
    if b <= a:
        return a
    cut = (c - a) / (b - a)
    if u < cut:
        return a + math.sqrt(u * (b - a) * (c - a))
    return b - math.sqrt((1.0 - u) * (b - a) * (b - c))
