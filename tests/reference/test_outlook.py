"""The outlook's filter against dense Gaussian conditioning, brute force and simulated truth."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.special import ndtr

from birge.factbook import Factbook
from birge.models import outlook
from birge.models.outlook.evidence import Evidence, gather, shares
from birge.models.outlook.posterior import PRIORS, REFERENCE, Priors, filtered
from birge.plan import embedded
from birge.rng import Streams

PAIR = ("KAZ", "KGZ")
AS_OF = date(2026, 11, 24)
BOOK = Factbook.embedded()
KNOWN = BOOK.observations(PAIR, AS_OF)
SURE = Priors(
    sigma_median=0.15,
    sigma_log_sd=0.0,
    sigma_power=0.0,
    noise_median=0.05,
    noise_log_sd=0.0,
    noise_power=0.0,
    tail=1e12,
    damping=(0.9, 0.9),
    drift_sd=0.0,
    drift_sigma_log_sd=0.0,
    gap_mean_sd=0.0,
    gap_damping=(0.85, 0.85),
    gap_sigma=(0.08, 0.08),
)


def level(year: int, value: float, sd: float = 0.03, basis: str = "first") -> Evidence:
    return Evidence(year, basis, "level", value, sd, (f"{basis}-{year}",))


def dense(evidence: list[Evidence], years: int) -> tuple[np.ndarray, np.ndarray]:
    """Condition the joint normal of all states at once: an independent route to the filter's last state."""
    p = SURE
    phi, phig, s, sb, sg = 0.9, 0.85, p.sigma_median, p.drift_sigma_median, 0.08
    tau = p.noise_median
    mean0 = np.array([evidence[0].value, evidence[0].value, p.drift_mean, 0.0, 0.0])
    cov0 = np.diag([1.0, 1.0, 0.01, sg**2 / (1 - phig**2), tau**2])
    move = np.zeros((5, 5))
    move[0, [0, 2]], move[1, [0, 4]], move[2, 2], move[3, 3] = (1, phi), 1, phi, phig
    shift = np.array([p.drift_mean * (1 - phi), 0, p.drift_mean * (1 - phi), 0, 0])
    noise = np.zeros((5, 5))
    noise[4, 4] = tau**2
    noise[0, 0] = s**2 + sb**2
    noise[0, 2] = noise[2, 0] = noise[2, 2] = sb**2
    noise[3, 3] = sg**2
    mean, blocks = [mean0], [[cov0]]
    for t in range(1, years):
        mean.append(move @ mean[-1] + shift)
        row = [move @ blocks[t - 1][j] for j in range(t)]
        blocks.append([*row, move @ blocks[t - 1][t - 1] @ move.T + noise])
    big = np.zeros((5 * years, 5 * years))
    for i in range(years):
        for j in range(i + 1):
            big[5 * i : 5 * i + 5, 5 * j : 5 * j + 5] = blocks[i][j]
            big[5 * j : 5 * j + 5, 5 * i : 5 * i + 5] = blocks[i][j].T
    m = np.concatenate(mean)
    h = np.zeros((len(evidence), 5 * years))
    for k, e in enumerate(evidence):
        at = 5 * (e.year - evidence[0].year)
        h[k, [at, at + 4]] = 1.0
        if e.basis == "second":
            h[k, at + 3] = -1.0
        if e.kind == "growth":
            h[k, at + 1] = -1.0
    r = np.diag([e.sd**2 for e in evidence])
    gain = big @ h.T @ np.linalg.inv(h @ big @ h.T + r)
    after = m + gain @ (np.array([e.value for e in evidence]) - h @ m)
    left = big - gain @ h @ big
    return after[-5:], left[-5:, -5:]


def test_figures_of_both_sides_and_growth_condition_exactly() -> None:
    evidence = [
        level(2000, 6.0),
        level(2001, 6.1, 0.02, "second"),
        Evidence(2002, "first", "growth", 0.2, 0.03, ("g",)),
        level(2002, 6.4, 0.05),
        level(2002, 6.2, 0.04, "second"),
    ]
    mean, cov = dense(evidence, 3)
    got = filtered(evidence, 7, np.random.default_rng(1), SURE)
    np.testing.assert_allclose(got.mean, np.tile(mean, (7, 1)), atol=1e-5)
    np.testing.assert_allclose(got.cov, np.tile(cov, (7, 1, 1)), atol=1e-5)


def test_over_x_matches_the_truncated_normal() -> None:
    got = filtered(
        [level(2000, 6.0, 0.5), Evidence(2000, "first", "over", 6.5, 0.1, ("o",))], 3, np.random.default_rng(1), SURE
    )
    rng = np.random.default_rng(2)
    y = rng.normal(6.0, 1.0, 2_000_000)
    counted = y + SURE.noise_median * rng.standard_normal(len(y))
    weight = np.exp(-0.5 * ((6.0 - counted) / 0.5) ** 2) * (counted + 0.1 * rng.standard_normal(len(y)) >= 6.5)
    mean = np.average(y, weights=weight)
    sd = math.sqrt(np.average((y - mean) ** 2, weights=weight))
    assert got.mean[0, 0] == pytest.approx(mean, abs=0.004)
    assert math.sqrt(got.cov[0, 0, 0]) == pytest.approx(sd, abs=0.004)


@pytest.mark.parametrize(("low", "high"), [(5.0, 5.1), (6.4, 6.6), (7.2, 8.0), (5.5, 6.5)])
def test_a_rounded_figure_matches_the_truncated_normal(low: float, high: float) -> None:
    """Bounds in either tail and around the mean, against draws weighted by the chance of lying inside."""
    rounded = Evidence(2000, "first", "level", (low + high) / 2, 0.1, ("r",), (high - low) / 2)
    got = filtered([level(2000, 6.0, 0.5), rounded], 3, np.random.default_rng(1), SURE)
    rng = np.random.default_rng(2)
    y = rng.normal(6.0, 1.0, 2_000_000)
    counted = y + SURE.noise_median * rng.standard_normal(len(y))
    weight = np.exp(-0.5 * ((6.0 - counted) / 0.5) ** 2)
    weight *= ndtr((high - counted) / 0.1) - ndtr((low - counted) / 0.1)
    mean = np.average(y, weights=weight)
    sd = math.sqrt(np.average((y - mean) ** 2, weights=weight))
    assert got.mean[0, 0] == pytest.approx(mean, abs=0.005)
    assert math.sqrt(got.cov[0, 0, 0]) == pytest.approx(sd, abs=0.005)


def test_a_figure_of_unknown_basis_is_a_mixture() -> None:
    """The share of particles on the first basis is that of the two probabilities of the evidence."""
    evidence = [
        level(2000, 6.0, 0.05),
        level(2000, 5.8, 0.05, "second"),
        Evidence(2000, "either", "level", 5.97, 0.05, ("e",)),
    ]
    got = filtered(
        evidence, 40_000, np.random.default_rng(3), replace(SURE, gap_damping=(0.0, 0.0), gap_sigma=(0.5, 0.5))
    )
    on_first = (np.abs(got.mean[:, 0] - got.mean[:, 0].min()) > 1e-9).astype(float)
    sides = np.unique(got.mean[:, 0].round(9))
    assert len(sides) == 2
    base = filtered(
        evidence[:2], 1, np.random.default_rng(1), replace(SURE, gap_damping=(0.0, 0.0), gap_sigma=(0.5, 0.5))
    )
    p = []
    for row in (np.array([1.0, 0, 0, 0, 1.0]), np.array([1.0, 0, 0, -1.0, 1.0])):
        var = row @ base.cov[0] @ row + 0.05**2
        p.append(math.exp(-0.5 * (5.97 - row @ base.mean[0]) ** 2 / var) / math.sqrt(var))
    share = max(on_first.mean(), 1 - on_first.mean())
    wanted = max(p) / sum(p)
    assert abs(share - wanted) < 4 * math.sqrt(wanted * (1 - wanted) / 40_000) + 1e-3


def test_forecasts_of_simulated_truth_cover_what_they_say() -> None:
    """Intervals two years ahead, on 150 series drawn from the model itself, within 4 binomial errors."""
    rng = np.random.default_rng(11)
    hits, count = {0.5: 0, 0.8: 0, 0.95: 0}, 150
    for k in range(count):
        p = PRIORS
        sigma = p.sigma_median * math.exp(p.sigma_log_sd * rng.standard_normal())
        tau = p.noise_median * math.exp(p.noise_log_sd * rng.standard_normal())
        phi, d = rng.uniform(*p.damping), rng.normal(p.drift_mean, p.drift_sd)
        sb = p.drift_sigma_median * math.exp(p.drift_sigma_log_sd * rng.standard_normal())
        y, b, series = 6.0, d + 0.1 * rng.standard_normal(), []
        for _ in range(17):
            series.append(y + tau * math.exp(-p.noise_power * (y - REFERENCE)) * rng.standard_t(p.tail))
            b = d + phi * (b - d) + sb * rng.standard_normal()
            y += b + sigma * math.exp(-p.sigma_power * (y - REFERENCE)) * rng.standard_t(p.tail)
        evidence = tuple(level(2000 + t, series[t] + 0.02 * rng.standard_normal(), 0.02) for t in range(15))
        inputs = outlook.Inputs(PAIR, evidence, (), 2016, particles=800)
        turnover = outlook.paths(outlook.posterior(inputs, Streams(k)), Streams(k)).sum(axis=2)[:, 2, 0]
        for width in hits:
            low, high = np.quantile(turnover, [(1 - width) / 2, (1 + width) / 2])
            hits[width] += low <= math.exp(series[16]) <= high
    for width, found in hits.items():
        assert abs(found / count - width) < 4 * math.sqrt(width * (1 - width) / count), width


def odds(observations, drop: frozenset[str] = frozenset()) -> tuple[float, float]:
    evidence = gather([o for o in observations if o.id not in drop], PAIR, AS_OF)
    inputs = outlook.Inputs(PAIR, tuple(evidence), tuple(shares(observations, PAIR)), 2027)
    t = outlook.paths(outlook.posterior(inputs, Streams(1)), Streams(1)).sum(axis=2)[:, -1, 0]
    return float(np.median(t)), float((t >= 3000).mean())


def test_a_second_print_of_the_same_figure_changes_nothing() -> None:
    twice = [replace(o, id=o.id + "-again", source="another page") for o in KNOWN if o.year >= 2022]
    assert odds([*KNOWN, *twice])[0] == pytest.approx(odds(KNOWN)[0], rel=0.02)


def test_derived_and_foreign_rows_and_forecasts_never_enter() -> None:
    used = {i for e in gather(KNOWN, PAIR, AS_OF) for i in e.ids}
    by_id = {o.id: o for o in KNOWN}
    assert not any(by_id[i].derived for i in used)
    assert {by_id[i].reporter for i in used} <= {"KAZ", "KGZ", None}
    assert not any(o.published < date(o.year, 12, 31) and o.months == (1, 12) for o in (by_id[i] for i in used))
    assert any(o.derived for o in KNOWN)


def test_one_piece_per_reporter_year_period_and_class() -> None:
    pieces = gather(KNOWN, PAIR, AS_OF)
    for_2023 = [e for e in pieces if e.year == 2023 and e.basis == "first"]
    assert sorted(e.ids[0] for e in for_2023) == [
        "compilation-2023-kaz-kgz",
        "kaz-2023-0112-turnover-3",
    ]


def test_a_first_print_is_revised_and_a_settled_figure_is_not() -> None:
    pieces = {e.ids[0]: e for e in gather(KNOWN, PAIR, AS_OF)}
    assert pieces["kaz-2024-0112-turnover"].value == pytest.approx(math.log(1700) + 0.05)
    assert pieces["kgz-2022-0112-turnover"].value == pytest.approx(math.log(1181))


def test_the_past_knows_only_what_was_published() -> None:
    plan = embedded()
    then = outlook.setup(plan, BOOK, None, date(2025, 9, 1))
    day = {o.id: o.published for o in BOOK.every}
    assert max(day[i] for e in then.evidence for i in e.ids) <= date(2025, 9, 1)
    assert then.last_data("KGZ") == 2024
    now = outlook.setup(plan, BOOK, None, AS_OF)
    assert now.last_data("KAZ") == 2025
    assert now.years == (2025, 2026, 2027, 2028, 2029, 2030)


def test_a_side_without_figures_is_projected_and_wider() -> None:
    one = tuple(level(y, 6.0 + 0.05 * (y - 2000)) for y in range(2000, 2012))
    inputs = outlook.Inputs(PAIR, one, (), 2014, particles=2_000)
    assert inputs.last_data("KGZ") is None
    logs = np.log(outlook.paths(outlook.posterior(inputs, Streams(1)), Streams(1)).sum(axis=2))
    assert logs[:, 0, 1].std() > 2 * logs[:, 0, 0].std()
    assert np.median(logs[:, 0, 0]) == pytest.approx(6.55, abs=0.03)


def test_variants_are_named_and_differ() -> None:
    made = outlook.posterior(outlook.setup(embedded(), BOOK, None, AS_OF), Streams(1))
    names = outlook.variants(made)
    assert names[0] == "central"
    assert {"damped", "growth-since-2013", "growth-since-2021", "without-newest-unverified"} <= set(names)
    medians = {n: float(np.median(outlook.paths(made, Streams(1), n).sum(axis=2)[:, 2, 0])) for n in names}
    assert len({round(m, 3) for m in medians.values()}) == len(names)
    assert medians["growth-since-2013"] < medians["central"] < medians["growth-since-2021"]
