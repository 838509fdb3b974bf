"""What the reader sees of one target, as records: odds, shares of measures, sensitivities, what it would take."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BaseRate",
    "GroupShare",
    "InputSensitivity",
    "MeasureShare",
    "Needed",
    "TargetOdds",
    "interval",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BaseRate:
    """How often others managed it: `share` of `cases` grew by `growth` a year or more over `years` years.

    `low` and `high` are the lowest and highest share over the windows that ended in different years.
    """

    share: float
    low: float
    high: float
    cases: int
    years: int
    growth: float
    source: str


@dataclass(frozen=True)
class TargetOdds:
    """The odds of one target, as fractions; values in mn USD. What is not modelled is None with a reason.

    `odds_without` are the odds under the chosen `counterfactual`: `stop` (what is unfinished never finishes, equal to
    `odds_stop`) or `never` (as if the plan had never been, equal to `odds_never`). `odds_kappa_0` and `odds_kappa_1`
    are the odds with the plan if nothing, and if all, of its effects stood in the trend already; `odds_independent`
    those with every common factor drawn for each milestone and each effect apart; `odds_without_assumed` those with
    only the effects that rest on evidence. `projected_from` is the last year with a figure on the basis where that
    lies before the newest year of figures.
    """

    id: str
    indicator: str
    basis: str | None
    year: int
    value: float
    odds_with: float | None = None
    odds_without: float | None = None
    odds_never: float | None = None
    odds_range: tuple[float, float] | None = None
    variants: dict[str, float] = field(default_factory=dict)
    counterfactual: str = "stop"
    median: float | None = None
    interval50: tuple[float, float] | None = None
    interval80: tuple[float, float] | None = None
    interval95: tuple[float, float] | None = None
    shortfall_median: float | None = None
    simulation_error: float | None = None
    projected_from: int | None = None
    reason: str | None = None
    odds_stop: float | None = None
    odds_kappa_0: float | None = None
    odds_kappa_1: float | None = None
    odds_independent: float | None = None
    odds_without_assumed: float | None = None
    shortfall80: tuple[float, float] | None = None
    base_rate: BaseRate | None = None


@dataclass(frozen=True)
class MeasureShare:
    """What one measure adds: mn USD at the median, and odds. `id` "not-the-plan" is the first row."""

    id: str
    median_musd: float
    mean_musd: float
    interval80_musd: tuple[float, float]
    shapley_odds: float | None
    shapley_odds_se: float | None
    without_odds: float
    alone_odds: float
    assumed: bool
    pillar: str | None = None
    spread_odds: tuple[float, float] | None = None
    """Its share of the odds where its own effect is drawn in its lowest and in its highest fifth."""


@dataclass(frozen=True)
class GroupShare:
    """What a group of measures adds. `kind` is `pillar`, `assumed`, `evidence` or `plan`; `id` the pillar or the kind.

    The group `assumed` holds the measures with an assumed effect, `evidence` the other acting ones, `plan` all.
    """

    id: str
    kind: str
    measures: tuple[str, ...]
    median_musd: float
    mean_musd: float
    interval80_musd: tuple[float, float]
    shapley_odds: float
    shapley_odds_se: float
    without_odds: float


@dataclass(frozen=True)
class InputSensitivity:
    """How far the odds go with one drawn input: in its lowest fifth (`low` is the fifth's median) and its highest.

    `difference` = odds_high - odds_low with its simulation error `se`; `z` is the rank test of the input between draws
    that meet the target and draws that miss it (Wilcoxon; standard normal where the input does not matter).
    """

    id: str
    meaning: str
    unit: str
    assumed: bool
    low: float
    high: float
    odds_low: float
    odds_high: float
    difference: float
    se: float
    z: float


@dataclass(frozen=True)
class Needed:
    """What would bring the odds of a target to 50 and 80 of 100; null with a reason where nothing does.

    Growth is a year's, from `from_value` (mn USD in `from_year`, the newest figure on the basis); `words` says it.
    """

    growth_for_odds_50: float | None
    growth_for_odds_80: float | None
    growth_median: float | None
    effect_scale_for_odds_50: float | None
    effect_scale_for_odds_80: float | None
    reason: str | None
    from_year: int | None = None
    from_value: float | None = None
    from_verified: str | None = None
    words: str | None = None


def interval(x: Array, level: float) -> tuple[float, float]:
    """Return the central interval of `x` at `level` (0.8 for 80 %)."""
    low, high = np.quantile(x, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
