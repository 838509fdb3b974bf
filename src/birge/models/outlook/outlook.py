"""Where trade goes if the past continues: joint paths of flows as each side records them, under named variants.

Data flow: `setup(plan, factbook, as_of)` → `Inputs` → `prepare` → `Posterior` → `paths(posterior, streams, variant)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError
from birge.factbook import Factbook
from birge.factbook.macro import gdp_growth, growth_forecasts, level_shifts, price_growth, real_growth
from birge.factbook.observation import last_data_year
from birge.models.outlook.evidence import Evidence, Share, announced, gather, parts, shares
from birge.models.outlook.posterior import (
    PRIORS,
    STATES,
    B,
    Break,
    Filtered,
    G,
    Priors,
    Setting,
    W,
    Y,
    filtered,
    size_scale,
)
from birge.plan.schema import Plan
from birge.rng import BLOCK, Streams
from birge.spec import Model, World

__all__ = [
    "CENTRAL",
    "MODEL",
    "Inputs",
    "Posterior",
    "meaning",
    "paths",
    "posterior",
    "prices",
    "setup",
    "variants",
    "without",
]

Floats = NDArray[np.float64]
CENTRAL = "central"
PARTICLES = 10_000
FEW = 8
"""Fewer years of GDP growth of both parties than this say nothing of its mean."""
ELASTICITY = (0.63, 0.15)
"""Growth of trade per growth of both GDPs together: .63 ± .03 over 219 pairs 2012-2016 (decision 4); error widened."""
NOTHING = Setting()
HORIZON = 60
"""The most years ahead that are drawn."""
SHARE_DAMPING = 0.9
SHARE_SD = 0.12
"""Yearly standard deviation of the logit of a direction's share where fewer than four years are known: assumed."""
OFFSET_SD = 0.15
"""Standard deviation of the two sides' difference in that logit where no year has both: assumed."""


@dataclass(frozen=True)
class Inputs:
    """Evidence and shares known on a date; years run from `start` (the last year of evidence if None) to `end`.

    `forecasts` is by year what GDP growth of both parties is forecast to lie above its mean; `prices` are yearly log
    growths of USD prices; `parts` are parts of years, `announced` what a party gave for the newest year before its end.
    """

    reporters: tuple[str, str]
    evidence: tuple[Evidence, ...]
    shares: tuple[Share, ...]
    end: int
    start: int | None = None
    particles: int = PARTICLES
    priors: Priors = PRIORS
    setting: Setting = NOTHING
    forecasts: tuple[tuple[int, float], ...] = ()
    prices: tuple[tuple[int, float], ...] = ()
    parts: tuple[Evidence, ...] = ()
    announced: Evidence | None = None

    @property
    def years(self) -> tuple[int, ...]:
        """Return the years of the paths."""
        return tuple(range(self.start or self.evidence[-1].year, self.end + 1))

    @property
    def directions(self) -> tuple[str, str]:
        """Return the two directions, exporter first, in the order of the parties."""
        a, b = self.reporters
        return f"{a}-{b}", f"{b}-{a}"

    def last_data(self, reporter: str) -> int | None:
        """Return the last year with a figure on `reporter`'s basis; None if it has none at all."""
        basis = "first" if reporter == self.reporters[0] else "second"
        return max((e.year for e in self.evidence if e.basis == basis and e.kind == "level"), default=None)


@dataclass(frozen=True)
class Posterior:
    """The filtered particles; the same without the newest unverified figure or with what was announced
    in its place, and with GDP, where there is one."""

    inputs: Inputs
    central: Filtered
    without_newest: Filtered | None
    with_gdp: Filtered | None = None
    as_announced: Filtered | None = None


def setup(plan: Plan, factbook: Factbook, _scenario: Any, as_of: date) -> Inputs:
    """Read what was published on the two parties' trade by `as_of`.

    Raises InputError where there is no figure at all.
    """
    a, b = (p.code for p in plan.parties)
    known = factbook.observations((a, b), as_of)
    evidence = gather(known, (a, b), as_of)
    if not any(e.kind == "level" for e in evidence):
        raise InputError.at(
            f"{a}-{b}", "no-observations", f"no trade figure was published by {as_of}", "add figures with --facts FILE"
        )
    start = last_data_year(known, (a, b)) or evidence[-1].year
    end = max([plan.end, *(t.year for _, t in plan.targets()), start + 1])
    gdp, forecasts = _macro((a, b), as_of)
    breaks = tuple(
        Break(s.year, {a: "first", b: "second"}.get(s.basis, "both"), s.low, s.high, s.exit)
        for s in level_shifts((a, b), as_of)
    )
    prices = tuple(price_growth(as_of).items())
    shared = tuple(shares(known, (a, b)))
    return Inputs(
        (a, b),
        tuple(evidence),
        shared,
        end,
        start,
        setting=Setting(breaks, gdp),
        forecasts=forecasts,
        prices=prices,
        parts=tuple(parts(known, (a, b), as_of)),
        announced=announced(known, (a, b), evidence[-1].year),
    )


Series = tuple[tuple[int, float], ...]


def _macro(pair: tuple[str, str], as_of: date) -> tuple[Series, Series]:
    """Return the sum of both parties' GDP growth over its mean, known and forecast; empty where fewer than 8 years."""
    first, second = (gdp_growth(p, as_of) for p in pair)
    both = sorted(set(first) & set(second))
    if len(both) < FEW:
        return (), ()
    total = np.array([first[y] + second[y] for y in both])
    gdp = tuple((y, float(x)) for y, x in zip(both, total - total.mean(), strict=True))
    ahead: dict[int, float] = {}
    for party in pair:
        usual = real_growth(party, as_of)
        for year, growth in growth_forecasts(party, as_of).items():
            if usual and year > both[-1]:
                ahead[year] = ahead.get(year, 0.0) + growth - float(np.mean(list(usual.values())))
    return gdp, tuple(sorted(ahead.items()))


def without(inputs: Inputs, ids: frozenset[str]) -> Inputs | None:
    """Return `inputs` without the evidence that rests on any of `ids`, over the same years; None if nothing is left.

    A part of a year comes back where no figure for its year is left on its basis.
    """
    kept = tuple(e for e in inputs.evidence if not ids & set(e.ids))
    told = {(e.year, e.basis) for e in kept if e.kind == "level"}
    back = [e for e in inputs.parts if not ids & set(e.ids) and (e.year, e.basis) not in told]
    return replace(inputs, evidence=_ordered([*kept, *back])) if any(e.kind == "level" for e in kept) else None


def _ordered(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(evidence, key=lambda e: e.year))


def posterior(inputs: Inputs, streams: Streams) -> Posterior:
    """Filter the evidence; slow, made once per run."""
    newest = max((e for e in inputs.evidence if _compiled(e)), key=lambda e: e.year, default=None)
    if newest and newest.year != inputs.evidence[-1].year:
        newest = None
    rest = without(inputs, frozenset(newest.ids)) if newest else None
    said = inputs.announced
    other = None
    if newest and said and (said.year, said.basis) == (newest.year, newest.basis):
        other = replace(inputs, evidence=_ordered([*(e for e in inputs.evidence if e is not newest), said]))

    def run(of: Inputs, priors: Priors) -> Filtered:
        return _filtered(of.evidence, of.particles, streams.seed, priors, of.setting)

    with_gdp = run(inputs, replace(inputs.priors, elasticity=ELASTICITY)) if inputs.setting.gdp else None
    return Posterior(
        inputs,
        run(inputs, inputs.priors),
        run(rest, rest.priors) if rest else None,
        with_gdp,
        run(other, other.priors) if other else None,
    )


@lru_cache(maxsize=32)
def _filtered(
    evidence: tuple[Evidence, ...], particles: int, seed: int, priors: Priors, setting: Setting | None
) -> Filtered:
    """Filter once for the same evidence: runs that differ in the plan alone, and with and without, share it."""
    return filtered(evidence, particles, Streams(seed).at("outlook/posterior", 0), priors, setting)


MEANINGS = {
    CENTRAL: "drift pulled to the reference class, all figures in, re-routed trade may leave again",
    "damped": "growth fades: the drift is pulled to zero instead of the reference class",
    "growth-since": "the mean growth since that year goes on",
    "growth-of-all-years": "the mean growth of all years with figures goes on",
    "with-gdp": "trade follows the GDP of both parties in USD, by forecast where there is one",
    "shifts-stay": "trade that came by re-routing stays for good",
    "without-newest-unverified": "the newest unverified figure is left out",
    "newest-as-announced": "in place of the newest unverified figure, what its side announced before the year was over",
}


def meaning(variant: str) -> str:
    """Return in one line what a variant assumes of the past."""
    if variant.startswith("growth-since-"):
        return MEANINGS["growth-since"].replace("that year", variant.rsplit("-", 1)[1])
    return MEANINGS[variant]


def variants(made: Posterior) -> tuple[str, ...]:
    """Return the names of the defensible outlooks, `central` first."""
    last = made.central.year
    windows = [n for n in (12, 4) if _growth(made.inputs, last - n) is not None]
    names = [CENTRAL, "damped", *(f"growth-since-{last - n}" for n in windows)]
    if _growth(made.inputs, None) is not None:
        names.append("growth-of-all-years")
    if made.with_gdp is not None:
        names.append("with-gdp")
    if any(b.exit > 0 and b.year <= last for b in made.inputs.setting.breaks):
        names.append("shifts-stay")
    if made.without_newest is not None:
        names.append("without-newest-unverified")
    return tuple([*names, "newest-as-announced"] if made.as_announced else names)


def paths(made: Posterior, streams: Streams, variant: str = CENTRAL) -> Floats:
    """Return flows [draw, year, direction, reporter] in mn USD a year of the bound block."""
    inputs = made.inputs
    years = inputs.years
    other = {
        "without-newest-unverified": made.without_newest,
        "newest-as-announced": made.as_announced,
        "with-gdp": made.with_gdp,
    }
    start = other.get(variant, made.central)
    assert start is not None
    y, gap = _turnover(start, inputs, variant, streams)
    first = years[0] - start.year
    levels = np.exp(np.stack([y, y - gap], axis=-1))[:, first : first + len(years)]
    share = _shares(inputs, streams)
    split = np.stack([share, 1 - share], axis=2)
    return np.asarray(levels[:, :, None, :] * split)


def _turnover(start: Filtered, inputs: Inputs, variant: str, streams: Streams) -> tuple[Floats, Floats]:
    """Return log turnover of the first side and the difference, [draw, year] from the filter's last year."""
    n, steps = streams.draws, inputs.end - start.year
    pick, normal, gamma, shocks = _noise(streams, len(start.mean), start.parameters.tail)
    wide, shocks = start.parameters.tail / 2 / gamma[:, :steps], shocks[:, :steps]
    p = start.parameters.take(pick)
    state = start.mean[pick] + np.einsum("nij,nj->ni", _root(start.cov[pick]), normal)
    trend, drift, gap = state[:, Y], state[:, B], state[:, G]
    fixed = None
    if variant == "damped":
        p = replace(p, drift=np.zeros(n))
    elif variant.startswith("growth-"):
        since = int(variant.rsplit("-", 1)[1]) if variant.startswith("growth-since-") else None
        growth = _growth(inputs, since)
        assert growth is not None
        fixed = growth[0] + p.sigma / np.sqrt(growth[1]) * normal[:, B]
    ys, gs = [trend + state[:, W]], [gap]
    moves = _gdp_paths(inputs, start.year, steps, streams) * p.elasticity[:, None]
    if variant != "shifts-stay":
        moves = moves - _lost(inputs, p.shifts, start.year, steps, streams)
    for h in range(steps):
        sigma = p.sigma * size_scale(trend, p.sigma_power) * np.sqrt(wide[:, h, 0])
        noise = p.noise * size_scale(trend, p.noise_power) * np.sqrt(wide[:, h, 1])
        drift = p.drift + p.damping * (drift - p.drift) + p.drift_sigma * shocks[:, h, 1]
        trend = trend + (drift if fixed is None else fixed) + moves[:, h] + sigma * shocks[:, h, 0]
        gap = p.gap_mean + p.gap_damping * (gap - p.gap_mean) + p.gap_sigma * shocks[:, h, 2]
        ys.append(trend + noise * shocks[:, h, 3])
        gs.append(gap)
    return np.stack(ys, axis=1), np.stack(gs, axis=1)


@lru_cache(maxsize=8)
def _noise(streams: Streams, particles: int, tail: float) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Return which particle each draw is, and its normals, gammas and shocks; all outlooks of a block share them."""
    rng, n = streams.at("outlook/paths"), streams.draws
    pick = rng.integers(particles, size=BLOCK)[:n]
    normal = rng.standard_normal((BLOCK, STATES))[:n]
    gamma = rng.gamma(tail / 2, 1.0, (BLOCK, HORIZON, 2))[:n]
    return pick, normal, gamma, rng.standard_normal((BLOCK, HORIZON, 4))[:n]


def _gdp_paths(inputs: Inputs, last: int, steps: int, streams: Streams) -> Floats:
    """Return GDP growth of both parties over its mean [draw, year]: known, else forecast plus an error of the past.

    The errors of a forecast by the mean are the history itself; whole years are drawn, so that the two move together.
    """
    past = np.array([x for _, x in inputs.setting.gdp] or [0.0])
    pick = streams.at("outlook/gdp").integers(len(past), size=(1_000, HORIZON))[: streams.draws, :steps]
    known, ahead = dict(inputs.setting.gdp), dict(inputs.forecasts)
    years = range(last + 1, last + 1 + steps)
    drawn = past[pick] + np.array([ahead.get(y, 0.0) for y in years])
    for h, year in enumerate(years):
        if year in known:
            drawn[:, h] = known[year]
    return np.asarray(drawn)


def _lost(inputs: Inputs, shifts: Floats, last: int, steps: int, streams: Streams) -> Floats:
    """Return what is lost of log turnover in each year [draw, year] by shifts of level that go again."""
    chance = streams.at("outlook/exits").random((1_000, len(inputs.setting.breaks), 1))[: streams.draws]
    lost = np.zeros((streams.draws, steps))
    for k, b in enumerate(inputs.setting.breaks):
        if b.exit > 0 and b.year <= last:
            stays = (1 - b.exit) ** np.arange(steps + 1)
            goes = (chance[:, k] <= stays[:-1]) & (chance[:, k] > stays[1:])
            lost += shifts[:, k, None] * goes
    return lost


def prices(made: Posterior, streams: Streams, base: int) -> Floats | None:
    """Return the index of USD prices [draw, year] over the outlook's years, 1 in `base`; None without a known history.

    Divide a nominal path by it for USD of `base`. Years not known are drawn from the years that are.
    """
    known = dict(made.inputs.prices)
    years = made.inputs.years
    if len(known) < FEW or base not in {min(known) - 1, *known}:
        return None
    past = np.array(list(known.values()))
    span = range(min(base, years[0]) + 1, max(base, years[-1]) + 1)
    pick = streams.at("outlook/prices").integers(len(past), size=(1_000, HORIZON))[: streams.draws]
    total = {span[0] - 1: np.zeros(streams.draws)}
    for k, year in enumerate(span):
        total[year] = total[year - 1] + (known[year] if year in known else past[pick[:, k]])
    return np.exp(np.stack([total[y] - total[base] for y in years], axis=1))


def _root(cov: Floats) -> Floats:
    """Return matrix square roots of covariances that may be singular."""
    value, vector = np.linalg.eigh(cov)
    return np.asarray(vector * np.sqrt(np.maximum(value, 0.0))[:, None, :])


def _growth(inputs: Inputs, since: int | None) -> tuple[float, int] | None:
    """Return mean yearly log growth of the first side's figures since `since` (all if None), and the years."""
    levels: dict[int, float] = {}
    for e in sorted(inputs.evidence, key=lambda e: -e.sd):
        if e.basis == "first" and e.kind == "level":
            levels[e.year] = e.value
    last = max(levels, default=None)
    begin = min(levels, default=None) if since is None else since
    if last is None or begin is None or begin not in levels or last - begin < 3:
        return None
    return (levels[last] - levels[begin]) / (last - begin), last - begin


def _compiled(e: Evidence) -> bool:
    return e.kind == "level" and any("compilation" in i for i in e.ids)


def _shares(inputs: Inputs, streams: Streams) -> Floats:
    """Return the first direction's share [draw, year, reporter]: a damped walk of its logit from the newest figure."""
    rng = streams.at("outlook/shares")
    n, years = streams.draws, inputs.years
    own = {s.year: _logit(s.value) for s in inputs.shares if s.basis == "first"}
    other = {s.year: _logit(s.value) for s in inputs.shares if s.basis == "second"}
    base = own or other
    both = sorted(set(own) & set(other))
    steps = np.diff([base[y] for y in sorted(base)])
    sd = max(float(steps.std(ddof=1)), 0.05) if len(steps) > 2 else SHARE_SD
    offset = rng.standard_normal((1_000, 1))[:n]
    noise = rng.standard_normal((1_000, 100))[:n]
    mean = float(np.mean(list(base.values()))) if base else 0.0
    newest = max(base, default=years[0] - 10)
    walk = np.full(n, base.get(newest, 0.0))
    made = {newest: walk}
    for k, year in enumerate(range(newest + 1, years[-1] + 1)):
        walk = mean + SHARE_DAMPING * (walk - mean) + sd * noise[:, k]
        made[year] = walk
    first = np.stack([made[max(y, newest)] for y in years], axis=1)
    shift = np.mean([other[y] - own[y] for y in both]) + 0.05 * offset if both else OFFSET_SD * offset
    second = first if not own and other else first + shift
    if not own and other:
        first = second - shift
    return np.asarray(1 / (1 + np.exp(-np.stack([first, second], axis=2))))


def _logit(x: float) -> float:
    return float(np.log(x / (1 - x)))


def _run(made: Posterior, _world: World, streams: Streams) -> Mapping[str, Floats]:
    return {"outlook.flow": paths(made, streams)}


MODEL: Model[Inputs, Posterior] = Model(
    id="outlook",
    inputs=Inputs,
    reads=(),
    writes=("outlook.flow",),
    setup=setup,
    prepare=posterior,
    run=_run,
)
