"""Where trade goes if the past continues: joint paths of flows as each side records them, under named variants.

Data flow: `setup(plan, factbook, as_of)` → `Inputs` → `prepare` → `Posterior` → `paths(posterior, streams, variant)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError
from birge.factbook import Factbook
from birge.factbook.observation import last_data_year
from birge.models.outlook.evidence import Evidence, Share, gather, shares
from birge.models.outlook.posterior import PRIORS, STATES, B, Filtered, G, Priors, W, Y, filtered, size_scale
from birge.plan.schema import Plan
from birge.rng import Streams
from birge.spec import Model, World

__all__ = ["CENTRAL", "MODEL", "Inputs", "Posterior", "paths", "posterior", "setup", "variants", "without"]

Floats = NDArray[np.float64]
CENTRAL = "central"
PARTICLES = 10_000
HORIZON = 60
"""The most years ahead that are drawn."""
SHARE_DAMPING = 0.9
SHARE_SD = 0.12
"""Yearly standard deviation of the logit of a direction's share where fewer than four years are known: assumed."""
OFFSET_SD = 0.15
"""Standard deviation of the two sides' difference in that logit where no year has both: assumed."""


@dataclass(frozen=True)
class Inputs:
    """Evidence and shares known on a date; years run from `start` (the last year of evidence if None) to `end`."""

    reporters: tuple[str, str]
    evidence: tuple[Evidence, ...]
    shares: tuple[Share, ...]
    end: int
    start: int | None = None
    particles: int = PARTICLES
    priors: Priors = PRIORS

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
    """The filtered particles, and the same without the newest unverified figure where there is one."""

    inputs: Inputs
    central: Filtered
    without_newest: Filtered | None


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
    return Inputs((a, b), tuple(evidence), tuple(shares(known, (a, b))), end, start)


def without(inputs: Inputs, ids: frozenset[str]) -> Inputs | None:
    """Return `inputs` without the evidence that rests on any of `ids`, over the same years; None if nothing is left."""
    kept = tuple(e for e in inputs.evidence if not ids & set(e.ids))
    return replace(inputs, evidence=kept) if any(e.kind == "level" for e in kept) else None


def posterior(inputs: Inputs, streams: Streams) -> Posterior:
    """Filter the evidence; slow, made once per run."""
    newest = max((e for e in inputs.evidence if _compiled(e)), key=lambda e: e.year, default=None)
    rest = without(inputs, frozenset(newest.ids)) if newest and newest.year == inputs.evidence[-1].year else None

    def run(of: Inputs) -> Filtered:
        return filtered(of.evidence, of.particles, streams.at("outlook/posterior", 0), of.priors)

    return Posterior(inputs, run(inputs), run(rest) if rest else None)


def variants(made: Posterior) -> tuple[str, ...]:
    """Return the names of the defensible outlooks, `central` first."""
    last = made.central.year
    windows = [n for n in (12, 4) if _growth(made.inputs, last - n) is not None]
    names = [CENTRAL, "damped", *(f"growth-since-{last - n}" for n in windows)]
    if _growth(made.inputs, None) is not None:
        names.append("growth-of-all-years")
    return tuple([*names, "without-newest-unverified"] if made.without_newest else names)


def paths(made: Posterior, streams: Streams, variant: str = CENTRAL) -> Floats:
    """Return flows [draw, year, direction, reporter] in mn USD a year of the bound block."""
    inputs = made.inputs
    years = inputs.years
    start = made.without_newest if variant == "without-newest-unverified" else made.central
    assert start is not None
    y, gap = _turnover(start, inputs, variant, streams)
    first = years[0] - start.year
    levels = np.exp(np.stack([y, y - gap], axis=-1))[:, first : first + len(years)]
    share = _shares(inputs, streams)
    split = np.stack([share, 1 - share], axis=2)
    return np.asarray(levels[:, :, None, :] * split)


def _turnover(start: Filtered, inputs: Inputs, variant: str, streams: Streams) -> tuple[Floats, Floats]:
    """Return log turnover of the first side and the difference, [draw, year] from the filter's last year."""
    rng = streams.at("outlook/paths")
    n, steps = streams.draws, inputs.end - start.year
    total = 1_000
    pick = rng.integers(len(start.mean), size=total)[:n]
    normal = rng.standard_normal((total, STATES))[:n]
    wide = start.parameters.tail / 2 / rng.gamma(start.parameters.tail / 2, 1.0, (total, HORIZON, 2))[:n, :steps]
    shocks = rng.standard_normal((total, HORIZON, 4))[:n, :steps]
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
    for h in range(steps):
        sigma = p.sigma * size_scale(trend, p.sigma_power) * np.sqrt(wide[:, h, 0])
        noise = p.noise * size_scale(trend, p.noise_power) * np.sqrt(wide[:, h, 1])
        drift = p.drift + p.damping * (drift - p.drift) + p.drift_sigma * shocks[:, h, 1]
        trend = trend + (drift if fixed is None else fixed) + sigma * shocks[:, h, 0]
        gap = p.gap_mean + p.gap_damping * (gap - p.gap_mean) + p.gap_sigma * shocks[:, h, 2]
        ys.append(trend + noise * shocks[:, h, 3])
        gs.append(gap)
    return np.stack(ys, axis=1), np.stack(gs, axis=1)


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
