"""Which measure carries the odds: Shapley values of the event "the target is met".

For draw d the turnover of a set S of measures is ``c[d] + Σ_i Y[d,i] exp(Σ_{m∈S} e[d,m,i]) + Σ_{m∈S} N[d,m,i]``
with i a direction; the game is its indicator of reaching the target, averaged over draws. Each draw walks one
random permutation and its reverse (antithetic), so the values add up exactly to odds with all minus odds with
none, and their error is read from the spread over draws. Measures may be switched freely (a measure that is
off keeps its milestones), so no order among them is imposed. Castro, Gomez and Tejada (2009, Computers & OR).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Game", "Shapley", "gains", "pooled", "shapley"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Game:
    """One target: `base[draw, direction]`, `log[draw, measure, direction]`, `new[draw, measure, direction]`.

    `fixed[draw]` is turnover that no measure changes.
    """

    base: Array
    log: Array
    new: Array
    fixed: Array
    value: float

    def turnover(self, on: NDArray[np.bool_]) -> Array:
        """Return turnover by draw with the measures `on`."""
        moved = self.base * np.exp(self.log[:, on].sum(axis=1)) + self.new[:, on].sum(axis=1)
        return np.asarray(self.fixed + moved.sum(axis=1))


@dataclass(frozen=True)
class Shapley:
    """Values by measure as fractions of odds, with their standard errors over draws."""

    value: Array
    error: Array


def shapley(game: Game, rng: np.random.Generator) -> Shapley:
    """Return the Shapley value of every measure; each draw walks a permutation and its reverse."""
    return pooled(gains(game, rng))


def gains(game: Game, rng: np.random.Generator) -> Array:
    """Return [draw, measure]: what each measure adds to the event in each draw, mean of a walk and its reverse."""
    draws, measures, _ = game.log.shape
    walks = np.argsort(rng.random((draws, measures)), axis=1)
    return np.asarray(0.5 * (_walk(game, walks) + _walk(game, walks[:, ::-1])))


def pooled(gain: Array) -> Shapley:
    """Return values and errors of the gains [draw, measure] of all draws."""
    draws = len(gain)
    error = gain.std(axis=0, ddof=1) / np.sqrt(draws) if draws > 1 else np.full(gain.shape[1], np.nan)
    return Shapley(gain.mean(axis=0), error)


def _walk(game: Game, walks: NDArray[np.int64]) -> Array:
    """Return [draw, measure]: the change of the indicator when the measure joins along the walk."""
    order = walks[:, :, None]
    log = np.cumsum(np.take_along_axis(game.log, order, axis=1), axis=1)
    new = np.cumsum(np.take_along_axis(game.new, order, axis=1), axis=1)
    turnover = game.fixed[:, None] + (game.base[:, None] * np.exp(log) + new).sum(axis=2)
    none = game.fixed + game.base.sum(axis=1)
    met = np.concatenate([none[:, None], turnover], axis=1) >= game.value
    gain = np.empty(walks.shape)
    np.put_along_axis(gain, walks, np.diff(met.astype(np.float64), axis=1), axis=1)
    return gain
