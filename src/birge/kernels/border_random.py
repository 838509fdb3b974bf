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
    "log",
    "mix",
    "normal",
    "number_key",
    "stream_key",
    "truck_key",
    "uniform",
]

FIXED, EXPONENTIAL, ERLANG, LOGNORMAL, HYPEREXPONENTIAL, UNIFORM, TRIANGULAR = range(7)
G = np.uint64(0x9E3779B97F4A7C15)
PARTS = 128
INVERSE = 1.0 / (1.0 + (np.arange(PARTS) + 0.5) / PARTS)
LOG = -np.log(INVERSE)
LN2 = math.log(2.0)
A = np.uint64(0xBF58476D1CE4E5B9)
B = np.uint64(0x94D049BB133111EB)


@njit(cache=True, nogil=True, inline="always")
def mix(x: np.uint64) -> np.uint64:
    """Scramble 64 bits."""
    x = (x ^ (x >> np.uint64(30))) * A
    x = (x ^ (x >> np.uint64(27))) * B
    return x ^ (x >> np.uint64(31))


@njit(cache=True, nogil=True, forceinline=True, fastmath={"contract"})
def log(x: float) -> float:
    """Return the natural logarithm of a normal positive number, to 2e-15, without a call.

    The mantissa is split in 128 parts of which the logarithm is known, the rest is a series (Tang 1990).
    """
    bits = np.float64(x).view(np.uint64)
    part = (bits >> np.uint64(45)) & np.uint64(PARTS - 1)
    mantissa = np.uint64((bits & np.uint64(0xFFFFFFFFFFFFF)) | np.uint64(0x3FF0000000000000)).view(np.float64)
    power = np.int64(bits >> np.uint64(52)) - 1023
    r = mantissa * INVERSE[part] - 1.0
    r2 = r * r
    return (power * LN2 + LOG[part]) + (r + r2 * (-0.5 + r * (1.0 / 3.0) + r2 * (-0.25 + r * 0.2 - r2 * (1.0 / 6.0))))


@njit(cache=True, nogil=True, inline="always")
def stream_key(seed: np.uint64, stream: int) -> np.uint64:
    """Return the key of a stream."""
    return mix(seed + np.uint64(stream + 1) * G)


@njit(cache=True, nogil=True, inline="always")
def number_key(stream: np.uint64, number: int) -> np.uint64:
    """Return the key of truck `number` of the stream with key `stream`."""
    return mix(stream + np.uint64(number + 1) * G)


@njit(cache=True, nogil=True)
def truck_key(seed: np.uint64, stream: int, number: int) -> np.uint64:
    """Return the key of truck `number` of `stream`."""
    return number_key(stream_key(seed, stream), number)


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
        return -a * log(uniform(key, slot))
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
        return -mean * log(uniform(key, slot))
    u = uniform(key, slot)
    if kind == UNIFORM:
        return a + (b - a) * u
    if b <= a:
        return a
    cut = (c - a) / (b - a)
    if u < cut:
        return a + math.sqrt(u * (b - a) * (c - a))
    return b - math.sqrt((1.0 - u) * (b - a) * (b - c))
