"""Hat algebra against scipy's root-finder, the welfare formula and invariances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import root

from birge.errors import InputError
from birge.factbook.world import import_corrections, world_trade
from birge.models.trade import balanced, solve

THETA = 4.0


def world(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 1.2, n)
    sales = np.outer(size, size) * rng.lognormal(0, 0.8, (n, n)) * 0.1
    sales[np.diag_indices(n)] = size * size.sum()
    return sales


def shock(n: int, seed: int, draws: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    tau = np.exp(rng.normal(0, 0.15, (draws, n, n)))
    tau[:, np.arange(n), np.arange(n)] = 1.0
    return tau


def twin(sales: np.ndarray, tau: np.ndarray, theta: float, deficits: str) -> np.ndarray:
    """Solve the market-clearing equations with scipy, written anew from the definitions."""
    y, e = sales.sum(1), sales.sum(0)

    def excess(free: np.ndarray) -> np.ndarray:
        w = np.exp(np.append(free, 0.0))
        w *= y.sum() / (w * y).sum()
        demand = (sales / e) * (w[:, None] * tau) ** -theta
        spending = w * y + e - y if deficits == "value" else w * e * (w * y).sum() / (w * e).sum()
        return ((demand / demand.sum(0) * spending).sum(1) / (w * y) - 1)[:-1]

    found = root(excess, np.zeros(len(y) - 1), tol=1e-13)
    w = np.exp(np.append(found.x, 0.0))
    return w * y.sum() / (w * y).sum()


def test_equals_scipy_on_random_worlds_with_deficits_in_value() -> None:
    for n, seed in ((2, 1), (5, 2), (12, 3)):
        sales, tau = world(n, seed), shock(n, seed)
        got = solve(sales, tau, THETA)
        for s in range(3):
            np.testing.assert_allclose(got.wage[s], twin(sales, tau[s], THETA, "value"), rtol=1e-8)


def test_equals_scipy_with_deficits_as_shares() -> None:
    for n, seed in ((2, 1), (6, 4), (12, 3)):
        sales, tau = world(n, seed), shock(n, seed)
        got = solve(sales, tau, THETA, "share")
        for s in range(3):
            np.testing.assert_allclose(got.wage[s], twin(sales, tau[s], THETA, "share"), rtol=1e-8)
        made, spent = (got.sales * sales), got.wage * sales.sum(0)
        np.testing.assert_allclose(made.sum(2), got.wage * sales.sum(1), rtol=1e-10)
        ratio = made.sum(1) / spent
        np.testing.assert_allclose(ratio, np.tile(ratio[:, :1], (1, n)), rtol=1e-10)


def test_output_and_spending_held_stay_at_the_baseline_while_prices_move() -> None:
    """scipy on the multilateral resistances: price ^ -θ is what one exporter's factor changes by."""
    sales, tau = world(6, 8), shock(6, 8)
    got = solve(sales, tau, THETA, "held")
    made = got.sales * sales
    np.testing.assert_allclose(made.sum(2), np.tile(sales.sum(1), (3, 1)), rtol=1e-10)
    np.testing.assert_allclose(made.sum(1), np.tile(sales.sum(0), (3, 1)), rtol=1e-10)
    for s in range(3):
        pull = sales * tau[s] ** -THETA

        def margins(free: np.ndarray, pull: np.ndarray = pull) -> np.ndarray:
            row, column = np.exp(free[:6]), np.exp(np.append(free[6:], 0.0))
            x = pull * row[:, None] * column
            return np.append(x.sum(1) / sales.sum(1) - 1, (x.sum(0) / sales.sum(0) - 1)[:-1])

        row = np.exp(root(margins, np.zeros(11), tol=1e-13).x[:6])
        np.testing.assert_allclose(got.wage[s] / got.wage[s, 0], (row / row[0]) ** (-1 / THETA), rtol=1e-8)


def test_many_draws_with_their_own_sales_and_elasticity_equal_one_at_a_time() -> None:
    sales = np.stack([world(7, s) for s in range(5)])
    tau, theta = shock(7, 9, 5), np.array([2.5, 3.0, 4.0, 5.0, 8.0])
    for deficits in ("value", "share", "held"):
        together = solve(sales, tau, theta, deficits)
        for s in range(5):
            alone = solve(sales[s], tau[s], theta[s], deficits)
            for part in ("wage", "sales", "price", "real_output", "home_share"):
                np.testing.assert_array_equal(getattr(together, part)[s], getattr(alone, part)[0])


def test_a_balanced_world_adds_up_and_keeps_access() -> None:
    rng = np.random.default_rng(3)
    output, spending = rng.lognormal(0, 1, 9), rng.lognormal(0, 1, 9)
    access = rng.lognormal(0, 1, (4, 9, 9))
    made = balanced(output, spending, access)
    np.testing.assert_allclose(made.sum(2), np.tile(output, (4, 1)), rtol=1e-11)
    wanted = spending * output.sum() / spending.sum()
    np.testing.assert_allclose(made.sum(1), np.tile(wanted, (4, 1)), rtol=1e-11)
    odds = np.log(made / access)
    odds -= odds.mean(1, keepdims=True) + odds.mean(2, keepdims=True) - odds.mean((1, 2), keepdims=True)
    np.testing.assert_allclose(odds, 0, atol=1e-10)
    with pytest.raises(InputError):
        balanced(output, spending[:5], access)
    with pytest.raises(InputError):
        balanced(output, spending, access * np.nan)


def test_no_shock_no_change() -> None:
    got = solve(world(8, 5), np.ones((8, 8)), THETA)
    for part in (got.wage, got.sales, got.price, got.real_output, got.home_share):
        np.testing.assert_allclose(part, 1.0, atol=1e-11)


def test_money_scale_does_not_matter_and_everything_adds_up() -> None:
    sales, tau = world(8, 6), shock(8, 6)
    one, thousand = solve(sales, tau, THETA), solve(1000 * sales, tau, THETA)
    np.testing.assert_allclose(one.wage, thousand.wage, rtol=1e-10)
    made = one.sales * sales
    np.testing.assert_allclose(made.sum(2), one.wage * sales.sum(1), rtol=1e-10)
    spending = one.wage * sales.sum(1) + sales.sum(0) - sales.sum(1)
    np.testing.assert_allclose(made.sum(1), spending, rtol=1e-10)
    np.testing.assert_allclose((one.wage * sales.sum(1)).sum(1), sales.sum(), rtol=1e-10)


@pytest.mark.parametrize("deficits", ["value", "share", "held"])
def test_wild_worlds_are_solved(deficits) -> None:
    """Two to fifteen economies, elasticities from 1 to 12, costs changed by 40 %: adding up at 1e-10 in every one."""
    for seed in range(150):
        rng = np.random.default_rng(seed)
        n, theta = int(rng.integers(2, 16)), float(rng.uniform(1, 12))
        size = rng.lognormal(0, 1.5, n)
        sales = np.outer(size, size) * rng.lognormal(0, 1.2, (n, n)) * 10 ** rng.uniform(-2.5, 0)
        sales[np.diag_indices(n)] = size * size.sum() * 10 ** rng.uniform(-1.0, 0.3)
        if (sales.sum(1) < 0.5 * sales.sum(0)).any():
            continue
        tau = np.exp(rng.normal(0, 0.4, (n, n)))
        got = solve(sales, tau, theta, deficits)
        income = sales.sum(1) if deficits == "held" else got.wage[0] * sales.sum(1)
        np.testing.assert_allclose((got.sales[0] * sales).sum(1), income, rtol=1e-10)


def test_welfare_is_the_home_share_to_minus_one_over_theta() -> None:
    """Arkolakis, Costinot and Rodriguez-Clare (2012): real income of output = home share ^ (-1/θ)."""
    got = solve(world(8, 7), shock(8, 7), THETA)
    np.testing.assert_allclose(got.real_output, got.home_share ** (-1 / THETA), rtol=1e-10)


def test_the_local_formula_meets_the_equilibrium_within_one_per_cent_for_a_small_pair() -> None:
    made = world_trade()
    i, j = made.codes.index("KAZ"), made.codes.index("KGZ")
    tau = np.ones((len(made.codes),) * 2)
    tau[i, j] = tau[j, i] = 0.99
    got = np.log(solve(made.sales, tau, THETA).sales[0])
    pi = made.sales / made.sales.sum(axis=0)
    for a, b in ((i, j), (j, i)):
        local = -THETA * (1 - pi[a, b]) * np.log(0.99)
        assert got[a, b] == pytest.approx(local, rel=0.01)


def test_the_corrected_world_keeps_exporters_sales_and_meets_the_import_total() -> None:
    raw, fixed = world_trade(corrected=False), world_trade()
    kgz, row = raw.codes.index("KGZ"), raw.codes.index("ROW")
    off = ~np.eye(len(raw.codes), dtype=bool)
    np.testing.assert_allclose((fixed.sales * off)[:row].sum(1), (raw.sales * off)[:row].sum(1), rtol=1e-12)
    assert fixed.sales[off[:, kgz], kgz].sum() == pytest.approx(import_corrections()["KGZ"]["WLD"])
    assert raw.sales[off[:, kgz], kgz].sum() > 1.9 * 15_180
    assert (fixed.sales >= 0).all()
    assert (np.diag(fixed.sales) > 0).all()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda s, t: (-s, t, 4.0), "sales-negative"),
        (lambda s, t: (s * np.nan, t, 4.0), "sales-negative"),
        (lambda s, t: (s - np.diag(np.diag(s)), t, 4.0), "no-domestic-sales"),
        (lambda s, t: (s, 0 * t, 4.0), "cost-ratio"),
        (lambda s, t: (s, t, -1.0), "elasticity"),
        (lambda s, t: (s, t[:, :2], 4.0), "shape"),
    ],
)
def test_senseless_input_is_refused(change, code: str) -> None:
    with pytest.raises(InputError) as caught:
        solve(*change(world(4, 1), np.ones((4, 4))))
    assert [p.code for p in caught.value.problems] == [code]
