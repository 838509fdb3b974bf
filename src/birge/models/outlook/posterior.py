"""What is known of turnover: a mixture of Kalman filters over drawn parameters (Chen and Liu 2000).

    x[t] = x[t-1] + b[t] + β m[t] + δ[t] + σ s[t] √λ[t] ε     trend of log turnover as the first side counts
    y[t] = x[t] + τ s'[t] √λ'[t] ε'                           what is counted: the trend and the year's own noise
    b[t] = d + φ (b[t-1] - d) + σ_b η                         drift, damped toward the reference class d
    g[t] = μ + φ_g (g[t-1] - μ) + σ_g ζ                       difference of the two sides' logs, first minus second

m is the GDP growth of both parties over its mean (zero where not known), δ a known shift of level with a drawn size,
λ from Gamma(ν/2), so Student-t. Small flows swing more: s = (size / 1,000 mn USD)^-power at the particle's mean.

Every particle draws its parameters and its λ once per year, and carries the mean and covariance of (x, y of the year
before, b, g, noise). Figures update it exactly; bounds ("over x", rounding) by matching the moments of the truncated
normal; a basis that is not known by drawing it. Particles are weighted by the probability of the evidence and
resampled (systematic) when the effective number falls under half. Because b and the parameters are part of a
particle, its fan is a joint path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.models.outlook.evidence import Evidence

__all__ = [
    "PRIORS",
    "REFERENCE",
    "STATES",
    "Break",
    "Filtered",
    "Parameters",
    "Priors",
    "Setting",
    "filtered",
    "filtering",
    "size_scale",
]

Floats = NDArray[np.float64]
Y, LAG, B, G, W = range(5)
STATES = 5
REFERENCE = float(np.log(1_000.0))
"""Log of the size in mn USD at which σ and τ are stated."""


@dataclass(frozen=True)
class Priors:
    """Priors of the parameters; logs of yearly growth. All assumed but where a source is named in the docs page."""

    sigma_median: float = 0.12
    sigma_log_sd: float = 0.4
    sigma_power: float = 0.13
    noise_median: float = 0.04
    noise_log_sd: float = 0.7
    noise_power: float = 0.36
    tail: float = 5.0
    damping: tuple[float, float] = (0.3, 0.95)
    drift_mean: float = 0.07
    drift_sd: float = 0.04
    drift_sigma_median: float = 0.03
    drift_sigma_log_sd: float = 0.8
    gap_mean_sd: float = 0.15
    gap_damping: tuple[float, float] = (0.75, 0.95)
    gap_sigma: tuple[float, float] = (0.05, 0.12)
    elasticity: tuple[float, float] = (0.0, 0.0)


PRIORS = Priors()


@dataclass(frozen=True)
class Break:
    """A known shift of level in a year: its log size is drawn from `low` to `high`; it may be lost again.

    `basis` is the side whose figures shift, `both` for trade itself. `exit` is the probability in each year after the
    evidence that the shift is lost.
    """

    year: int
    basis: str
    low: float
    high: float
    exit: float = 0.0


@dataclass(frozen=True)
class Setting:
    """What moves trade from outside: shifts of level, and by year the sum of both parties' GDP growth over its mean."""

    breaks: tuple[Break, ...] = ()
    gdp: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Parameters:
    """Parameters by particle; `shifts` [n, break] are the log sizes of the breaks."""

    sigma: Floats
    noise: Floats
    tail: float
    sigma_power: float
    noise_power: float
    damping: Floats
    drift: Floats
    drift_sigma: Floats
    gap_mean: Floats
    gap_damping: Floats
    gap_sigma: Floats
    elasticity: Floats
    shifts: Floats

    def take(self, index: NDArray[np.int64]) -> Parameters:
        """Return the parameters of the particles `index`."""
        chosen: dict[str, Any] = {n: v[index] for n, v in vars(self).items() if isinstance(v, np.ndarray)}
        return replace(self, **chosen)


@dataclass(frozen=True)
class Filtered:
    """Particles after a year of evidence: mean [n, 5], covariance [n, 5, 5], equal weights."""

    year: int
    parameters: Parameters
    mean: Floats
    cov: Floats
    log_evidence: float


def size_scale(level: Floats, power: float) -> Floats:
    """Return (size / 1,000 mn USD)^-power of log sizes, held between 0.1 mn and 100 bn USD."""
    return np.asarray(np.exp(-power * np.clip(level - REFERENCE, -9.2, 4.6)))


def filtered(
    evidence: Sequence[Evidence],
    particles: int,
    rng: np.random.Generator,
    priors: Priors = PRIORS,
    setting: Setting | None = None,
) -> Filtered:
    """Run the filter over all years of `evidence` and return equally weighted particles."""
    last = None
    for last in filtering(evidence, particles, rng, priors, setting, last_only=True):  # noqa: B007
        pass
    assert last is not None
    return last


def filtering(
    evidence: Sequence[Evidence],
    particles: int,
    rng: np.random.Generator,
    priors: Priors = PRIORS,
    setting: Setting | None = None,
    *,
    last_only: bool = False,
) -> Iterator[Filtered]:
    """Yield the particles after every year of `evidence`, each knowing nothing later; only the last if `last_only`."""
    setting = setting or Setting()
    first, last = evidence[0].year, evidence[-1].year
    parameters = _draw(priors, setting, particles, rng)
    mean, cov = _start(evidence, parameters)
    log_weight = np.zeros(particles)
    total = 0.0
    for year in range(first, last + 1):
        if year > first:
            mean, cov = _step(mean, cov, parameters, setting, year, rng)
        for e in (e for e in evidence if e.year == year):
            log_weight += _update(mean, cov, e, rng)
        peak = log_weight.max()
        weight = np.exp(log_weight - peak)
        uneven = weight.sum() ** 2 / (weight**2).sum() < particles / 2
        wanted = year == last or not last_only
        if uneven or wanted:
            so_far = total + peak + np.log(weight.mean())
            keep = _systematic(weight, rng)
            chosen = parameters.take(keep)
            if wanted:
                rows = np.ascontiguousarray(mean[:, keep].T)
                blocks = np.ascontiguousarray(cov[:, :, keep].transpose(2, 0, 1))
                yield Filtered(year, chosen, rows, blocks, float(so_far))
            if uneven:
                mean, cov, parameters, total = mean[:, keep], cov[:, :, keep], chosen, so_far
                log_weight = np.zeros(particles)


def _start(evidence: Sequence[Evidence], parameters: Parameters) -> tuple[Floats, Floats]:
    """Return mean [state, particle] and covariance [state, state, particle] before the first figure."""
    particles = len(parameters.sigma)
    level = next(e.value for e in evidence if e.kind != "growth")
    mean = np.zeros((STATES, particles))
    mean[Y] = mean[LAG] = level
    mean[B] = parameters.drift
    mean[G] = parameters.gap_mean
    cov = np.zeros((STATES, STATES, particles))
    cov[Y, Y] = cov[LAG, LAG] = 1.0
    cov[B, B] = 0.1**2
    cov[G, G] = parameters.gap_sigma**2 / (1 - parameters.gap_damping**2)
    cov[W, W] = (parameters.noise * size_scale(mean[Y], parameters.noise_power)) ** 2
    return mean, cov


def _draw(p: Priors, setting: Setting, n: int, rng: np.random.Generator) -> Parameters:
    return Parameters(
        sigma=p.sigma_median * np.exp(p.sigma_log_sd * rng.standard_normal(n)),
        noise=p.noise_median * np.exp(p.noise_log_sd * rng.standard_normal(n)),
        tail=p.tail,
        sigma_power=p.sigma_power,
        noise_power=p.noise_power,
        damping=rng.uniform(*p.damping, n),
        drift=rng.normal(p.drift_mean, p.drift_sd, n),
        drift_sigma=p.drift_sigma_median * np.exp(p.drift_sigma_log_sd * rng.standard_normal(n)),
        gap_mean=rng.normal(0.0, p.gap_mean_sd, n),
        gap_damping=rng.uniform(*p.gap_damping, n),
        gap_sigma=rng.uniform(*p.gap_sigma, n),
        elasticity=rng.normal(*p.elasticity, n),
        shifts=np.stack([rng.uniform(b.low, b.high, n) for b in setting.breaks], axis=1)
        if setting.breaks
        else np.zeros((n, 0)),
    )


def _step(
    mean: Floats, cov: Floats, p: Parameters, setting: Setting, year: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Move every particle one year ahead; both λ are drawn, the rest is exact."""
    sigma = p.sigma * size_scale(mean[Y], p.sigma_power)
    noise = p.noise * size_scale(mean[Y], p.noise_power)
    wide = p.tail / 2 / rng.gamma(p.tail / 2, 1.0, (2, mean.shape[1]))
    ahead, spread = _moved(mean, p), _moved(_moved(cov, p).swapaxes(0, 1), p)
    steady = p.drift * (1 - p.damping)
    ahead[Y] += steady + p.elasticity * dict(setting.gdp).get(year, 0.0)
    ahead[B] += steady
    ahead[G] += p.gap_mean * (1 - p.gap_damping)
    for k, b in enumerate(setting.breaks):
        if b.year == year:
            ahead[Y] += p.shifts[:, k] if b.basis in ("both", "first") else 0.0
            ahead[G] += {"both": 0.0, "first": 1.0, "second": -1.0}[b.basis] * p.shifts[:, k]
    spread[Y, Y] += sigma**2 * wide[0] + p.drift_sigma**2
    for i, j in ((Y, B), (B, Y), (B, B)):
        spread[i, j] += p.drift_sigma**2
    spread[G, G] += p.gap_sigma**2
    spread[W, W] += noise**2 * wide[1]
    return ahead, spread


def _moved(x: Floats, p: Parameters) -> Floats:
    """Return M x [state, …, particle] with the transition M of every particle, whose few entries are written out."""
    made = np.zeros(x.shape)
    made[B] = p.damping * x[B]
    made[Y] = x[Y] + made[B]
    made[LAG] = x[Y] + x[W]
    made[G] = p.gap_damping * x[G]
    return made


def _update(mean: Floats, cov: Floats, e: Evidence, rng: np.random.Generator) -> Floats:
    """Update all particles in place with one piece of evidence; return its log probability by particle."""
    n, growth = mean.shape[1], e.kind == "growth"
    other: float | Floats = 0.0
    if e.basis == "second":
        other = -1.0
    elif e.basis == "either":
        other = np.where(rng.random(n) < 0.5, -1.0, 0.0)
    if growth:
        other = 0.0

    def told(x: Floats) -> Floats:
        """Return what the figure sees of x [state, …]: level and noise, the other side's gap, the level before."""
        seen = x[Y] + x[W] + other * x[G]
        return np.asarray(seen - x[LAG] if growth else seen)

    expected, gain = told(mean), told(cov)
    spread = told(gain) + e.sd**2
    miss = e.value - expected
    if e.kind == "over":
        return _between(mean, cov, gain, spread, miss / np.sqrt(spread), np.full(n, np.inf))
    if e.width > 0:
        root = np.sqrt(spread)
        return _between(mean, cov, gain, spread, (miss - e.width) / root, (miss + e.width) / root)
    mean += gain * (miss / spread)
    cov -= gain[:, None] * (gain / spread)
    return np.asarray(-0.5 * (miss**2 / spread + np.log(2 * np.pi * spread)))


def _between(mean: Floats, cov: Floats, gain: Floats, spread: Floats, low: Floats, high: Floats) -> Floats:
    """Condition on lying between two bounds, `low` and `high` standard deviations from the mean."""
    from scipy.special import log_ndtr

    flip = low + np.where(np.isinf(high), low, high) < 0  # the tail that keeps its digits
    a, b = np.where(flip, -high, low), np.where(flip, -low, high)
    upper = log_ndtr(-b)
    log_share = log_ndtr(-a) + np.log1p(-np.exp(np.minimum(upper - log_ndtr(-a), -1e-15)))
    half = 0.5 * np.log(2 * np.pi)
    at_a = np.where(np.isinf(a), 0.0, np.exp(-0.5 * np.where(np.isinf(a), 0, a) ** 2 - half - log_share))
    at_b = np.where(np.isinf(b), 0.0, np.exp(-0.5 * np.where(np.isinf(b), 0, b) ** 2 - half - log_share))
    ratio = at_a - at_b
    lost = ratio**2 - np.where(np.isinf(a), 0, a) * at_a + np.where(np.isinf(b), 0, b) * at_b
    ratio = np.where(flip, -ratio, ratio)
    mean += gain * (ratio / np.sqrt(spread))
    cov -= gain[:, None] * (gain * (lost / spread))
    return np.asarray(log_share)


def _systematic(weight: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    n = len(weight)
    place = (rng.random() + np.arange(n)) / n
    return np.asarray(np.searchsorted(np.cumsum(weight) / weight.sum(), place).clip(max=n - 1), dtype=np.int64)
