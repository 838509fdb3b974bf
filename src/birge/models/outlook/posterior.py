"""What is known of turnover: a mixture of Kalman filters over drawn parameters (Chen and Liu 2000).

    y[t] = y[t-1] + b[t] + σ √λ[t] ε        turnover in logs as the first side counts; λ from Gamma(ν/2), so Student-t
    b[t] = d + φ (b[t-1] - d) + σ_b η       drift, damped toward the reference class d
    g[t] = μ + φ_g (g[t-1] - μ) + σ_g ζ     difference of the two sides' logs, first minus second

Every particle draws its parameters and its λ once per year, and carries the mean and covariance of (y, y of the year
before, b, g). Figures update it exactly; "over x" by matching the moments of the truncated normal; a basis that is
not known by drawing it. Particles are weighted by the probability of the evidence and resampled (systematic) when the
effective number falls under half. Because b and the parameters are part of a particle, its fan is a joint path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.models.outlook.evidence import Evidence

__all__ = ["PRIORS", "Filtered", "Parameters", "Priors", "filtered"]

Floats = NDArray[np.float64]
Y, LAG, B, G = range(4)


@dataclass(frozen=True)
class Priors:
    """Priors of the parameters; logs of yearly growth. All assumed but where a source is named in the docs page."""

    sigma_median: float = 0.12
    sigma_log_sd: float = 0.4
    tail: float = 5.0
    damping: tuple[float, float] = (0.80, 0.98)
    drift_mean: float = 0.07
    drift_sd: float = 0.055
    drift_sigma_median: float = 0.03
    drift_sigma_log_sd: float = 0.5
    gap_mean_sd: float = 0.15
    gap_damping: tuple[float, float] = (0.75, 0.95)
    gap_sigma: tuple[float, float] = (0.05, 0.12)


PRIORS = Priors()


@dataclass(frozen=True)
class Parameters:
    """Parameters by particle."""

    sigma: Floats
    tail: float
    damping: Floats
    drift: Floats
    drift_sigma: Floats
    gap_mean: Floats
    gap_damping: Floats
    gap_sigma: Floats

    def take(self, index: NDArray[np.int64]) -> Parameters:
        """Return the parameters of the particles `index`."""
        chosen: dict[str, Any] = {n: v[index] for n, v in vars(self).items() if isinstance(v, np.ndarray)}
        return replace(self, **chosen)


@dataclass(frozen=True)
class Filtered:
    """Particles after the last year of evidence: mean [n, 4], covariance [n, 4, 4], equal weights."""

    year: int
    parameters: Parameters
    mean: Floats
    cov: Floats
    log_evidence: float


def filtered(
    evidence: Sequence[Evidence], particles: int, rng: np.random.Generator, priors: Priors = PRIORS
) -> Filtered:
    """Run the filter over all years of `evidence` and return equally weighted particles."""
    first, last = evidence[0].year, evidence[-1].year
    parameters = _draw(priors, particles, rng)
    level = next(e.value for e in evidence if e.kind != "growth")
    mean = np.zeros((particles, 4))
    mean[:, Y] = mean[:, LAG] = level
    mean[:, B] = parameters.drift
    mean[:, G] = parameters.gap_mean
    cov = np.zeros((particles, 4, 4))
    cov[:, Y, Y] = cov[:, LAG, LAG] = 1.0
    cov[:, B, B] = 0.1**2
    cov[:, G, G] = parameters.gap_sigma**2 / (1 - parameters.gap_damping**2)
    log_weight = np.zeros(particles)
    total = 0.0
    for year in range(first, last + 1):
        if year > first:
            mean, cov = _step(mean, cov, parameters, rng)
        for e in (e for e in evidence if e.year == year):
            log_weight += _update(mean, cov, e, rng)
        peak = log_weight.max()
        weight = np.exp(log_weight - peak)
        if year == last or weight.sum() ** 2 / (weight**2).sum() < particles / 2:
            total += peak + np.log(weight.mean())
            keep = _systematic(weight, rng)
            mean, cov, parameters = mean[keep], cov[keep], parameters.take(keep)
            log_weight = np.zeros(particles)
    return Filtered(last, parameters, mean, cov, float(total))


def _draw(p: Priors, n: int, rng: np.random.Generator) -> Parameters:
    return Parameters(
        sigma=p.sigma_median * np.exp(p.sigma_log_sd * rng.standard_normal(n)),
        tail=p.tail,
        damping=rng.uniform(*p.damping, n),
        drift=rng.normal(p.drift_mean, p.drift_sd, n),
        drift_sigma=p.drift_sigma_median * np.exp(p.drift_sigma_log_sd * rng.standard_normal(n)),
        gap_mean=rng.normal(0.0, p.gap_mean_sd, n),
        gap_damping=rng.uniform(*p.gap_damping, n),
        gap_sigma=rng.uniform(*p.gap_sigma, n),
    )


def _step(mean: Floats, cov: Floats, p: Parameters, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Move every particle one year ahead; λ is drawn, the rest is exact."""
    n = len(mean)
    scale = p.tail / 2 / rng.gamma(p.tail / 2, 1.0, n)
    move = np.zeros((n, 4, 4))
    move[:, Y, Y] = 1.0
    move[:, Y, B] = p.damping
    move[:, LAG, Y] = 1.0
    move[:, B, B] = p.damping
    move[:, G, G] = p.gap_damping
    shift = np.zeros((n, 4))
    shift[:, Y] = shift[:, B] = p.drift * (1 - p.damping)
    shift[:, G] = p.gap_mean * (1 - p.gap_damping)
    noise = np.zeros((n, 4, 4))
    noise[:, Y, Y] = p.sigma**2 * scale + p.drift_sigma**2
    noise[:, Y, B] = noise[:, B, Y] = noise[:, B, B] = p.drift_sigma**2
    noise[:, G, G] = p.gap_sigma**2
    return np.einsum("nij,nj->ni", move, mean) + shift, move @ cov @ move.transpose(0, 2, 1) + noise


def _update(mean: Floats, cov: Floats, e: Evidence, rng: np.random.Generator) -> Floats:
    """Update all particles in place with one piece of evidence; return its log probability by particle."""
    n = len(mean)
    row = np.zeros((n, 4))
    row[:, Y] = 1.0
    if e.basis == "second":
        row[:, G] = -1.0
    elif e.basis == "either":
        row[:, G] = -(rng.random(n) < 0.5).astype(np.float64)
    if e.kind == "growth":
        row[:, LAG] = -1.0
        row[:, G] = 0.0
    expected = np.einsum("ni,ni->n", row, mean)
    gain = np.einsum("nij,nj->ni", cov, row)
    spread = np.einsum("ni,ni->n", row, gain) + e.sd**2
    if e.kind == "over":
        return _bounded(mean, cov, gain, spread, (e.value - expected) / np.sqrt(spread))
    miss = e.value - expected
    mean += gain * (miss / spread)[:, None]
    cov -= gain[:, :, None] * gain[:, None, :] / spread[:, None, None]
    return np.asarray(-0.5 * (miss**2 / spread + np.log(2 * np.pi * spread)))


def _bounded(mean: Floats, cov: Floats, gain: Floats, spread: Floats, z: Floats) -> Floats:
    """Condition on lying above a bound that is `z` standard deviations from the mean."""
    from scipy.stats import norm

    log_share = norm.logsf(z)
    ratio = np.exp(norm.logpdf(z) - log_share)
    mean += gain * (ratio / np.sqrt(spread))[:, None]
    cov -= gain[:, :, None] * gain[:, None, :] * (ratio * (ratio - z) / spread)[:, None, None]
    return np.asarray(log_share)


def _systematic(weight: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    n = len(weight)
    place = (rng.random() + np.arange(n)) / n
    return np.asarray(np.searchsorted(np.cumsum(weight) / weight.sum(), place).clip(max=n - 1), dtype=np.int64)
