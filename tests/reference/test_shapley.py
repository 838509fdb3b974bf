"""Shapley by permutations against exact enumeration of all subsets, six measures with interacting effects."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np

from birge.assess.shapley import Game, shapley


def game(draws: int = 4_000) -> Game:
    rng = np.random.default_rng(5)
    log = rng.normal(0.03, 0.04, (draws, 6, 2))
    log[:, 2] = -log[:, 1]  # two measures that cancel each other
    new = np.zeros((draws, 6, 2))
    new[:, 5] = rng.gamma(2.0, 30.0, (draws, 1)) * 0.5
    return Game(rng.lognormal(np.log(1300), 0.25, (draws, 2)), log, new, rng.normal(0, 300, draws), 3000.0)


def exact(g: Game) -> np.ndarray:
    n = g.log.shape[1]
    odds = {}
    for k in range(n + 1):
        for s in combinations(range(n), k):
            odds[s] = (g.turnover(np.isin(np.arange(n), s)) >= g.value).mean()
    value = np.zeros(n)
    for s, v in odds.items():
        for m in set(range(n)) - set(s):
            weight = factorial(len(s)) * factorial(n - len(s) - 1) / factorial(n)
            value[m] += weight * (odds[tuple(sorted((*s, m)))] - v)
    return value


def test_equals_exact_enumeration_within_its_own_error() -> None:
    g = game()
    got = shapley(g, np.random.default_rng(1))
    z = (got.value - exact(g)) / np.maximum(got.error, 1e-9)
    assert (np.abs(z) < 4).all()
    assert (got.error < 0.005).all()


def test_values_add_up_to_the_whole_exactly() -> None:
    g = game(500)
    got = shapley(g, np.random.default_rng(2))
    whole = (g.turnover(np.ones(6, bool)) >= g.value).mean() - (g.turnover(np.zeros(6, bool)) >= g.value).mean()
    np.testing.assert_allclose(got.value.sum(), whole, atol=1e-12)


def test_a_measure_without_effect_gets_nothing() -> None:
    g = game(500)
    g.log[:, 0] = 0.0
    assert shapley(g, np.random.default_rng(3)).value[0] == 0.0
