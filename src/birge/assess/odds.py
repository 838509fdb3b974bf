"""From turnover by draw to what the reader sees: odds, intervals, shares of measures, what it would take."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from birge.assess.joint import Joint
from birge.assess.shapley import Game, shapley
from birge.rng import Streams

__all__ = [
    "BaseRate",
    "GroupShare",
    "InputSensitivity",
    "MeasureShare",
    "Needed",
    "TargetOdds",
    "interval",
    "measure_shares",
    "needed",
    "smoothed_gain",
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
    `odds_stop`) or `never` (as if the plan had never been, equal to `odds_never`). `odds_kappa_0` and `odds_kappa_1` are
    the odds with the plan if nothing, and if all, of its effects stood in the trend already; `odds_independent` those
    with every common factor drawn for each milestone and each measure apart; `odds_without_assumed` those with
    the effects that rest on evidence only. `projected_from` is the last year with a figure on the basis, where that lies
    before the newest year of figures.
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

    The group `assumed` holds every effect that is marked assumed, `evidence` the rest, `plan` all.
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
    """What would bring the odds of a target to 50 and 80 of 100."""

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


def measure_shares(joint: Joint, game: Game, assumed: dict[str, bool], streams: Streams) -> list[MeasureShare]:
    """Return "not the plan" and then every measure, most money first."""
    count = len(joint.measures)
    off = np.zeros(count, dtype=np.bool_)
    base = game.turnover(off)
    full = game.turnover(~off)
    parts = shapley(game, streams.at("assess/shapley", 0)) if count else None
    first = MeasureShare(
        "not-the-plan",
        float(np.median(base)),
        float(base.mean()),
        interval(base, 0.8),
        float((base >= game.value).mean()),
        None,
        float((full >= game.value).mean()),
        float((base >= game.value).mean()),
        False,
    )
    rows = []
    for m, name in enumerate(joint.measures):
        only, rest = off.copy(), ~off
        only[m], rest[m] = True, False
        without, alone = game.turnover(rest), game.turnover(only)
        assert parts is not None
        rows.append(
            MeasureShare(
                name,
                float(np.median(full - without)),
                float((full - without).mean()),
                interval(full - without, 0.8),
                float(parts.value[m]),
                float(parts.error[m]),
                float((without >= game.value).mean()),
                float((alone >= game.value).mean()),
                assumed.get(name, False),
            )
        )
    return [first, *sorted(rows, key=lambda r: -abs(r.mean_musd))]


def needed(game: Game, newest: tuple[int, float] | None, year: int) -> Needed:
    """Return the growth and the scaling of all effects that give even odds and odds of 80 of 100.

    `newest` is (year, mn USD) of the newest figure on the basis. Growth is the yearly median growth from it.
    """
    full = game.turnover(np.ones(game.log.shape[1], dtype=np.bool_))
    growth: list[float | None] = [None, None, None]
    if newest is not None and year > newest[0]:
        span = year - newest[0]
        median = float(np.median(full))
        wanted = (median, game.value, median * game.value / float(np.quantile(full, 0.2)))
        growth = [(w / newest[1]) ** (1 / span) - 1 for w in wanted]
    scale = [_scale(game, odds) for odds in (0.5, 0.8)]
    reason = "no scaling of the effects up to 50 times reaches these odds" if None in scale else None
    return Needed(growth[1], growth[2], growth[0], scale[0], scale[1], reason)


def _scale(game: Game, odds: float) -> float | None:
    """Return the smallest factor on all effects (0-50) that gives `odds`, None if there is none."""
    log, new = game.log.sum(axis=1), game.new.sum(axis=1)

    def at(s: float) -> float:
        return float((game.fixed + (game.base * np.exp(s * log) + s * new).sum(axis=1) >= game.value).mean())

    if at(0.0) >= odds:
        return 0.0
    grid = np.geomspace(0.05, 50.0, 40)
    above = [s for s in grid if at(s) >= odds]
    if not above:
        return None
    low, high = 0.0, float(above[0])
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if at(middle) >= odds else (middle, high)
    return high


def smoothed_gain(before: Array, after: Array, value: float, base: Array) -> float:
    """Return the change of the odds from `before` to `after`, both turnover by draw.

    A month is worth less than one draw in a thousand, so the step at `value` is smoothed: the distance to the
    target in logs is divided by a bandwidth (Silverman's rule on `base`) and passed through the logistic.
    """
    spread = np.log(base)
    h = max(0.9 * float(spread.std()) * len(spread) ** -0.2, 1e-6)

    def odds(x: Array) -> Array:
        return np.asarray(expit(1.702 * (np.log(x) - np.log(value)) / h))

    return float((odds(after) - odds(before)).mean())
