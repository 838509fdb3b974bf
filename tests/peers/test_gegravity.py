"""Beside gegravity itself, in the environment of `make bench` (skipped where gegravity is not installed)."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("gegravity")
sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from trade_speed import SAMPLE, draws, peer, world

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not SAMPLE.exists(), reason="../shared/data is not there")]


@pytest.fixture(scope="module")
def found():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return peer()


def test_one_counterfactual_is_equal(found) -> None:
    made = draws(found, world(found, found["coefficients"][None]))
    np.testing.assert_allclose(100 * (made.real_output[0] - 1), found["gdp"], atol=1e-6)


def test_the_draws_of_its_monte_carlo_are_equal(found) -> None:
    assert found["failed"] == 0
    made = draws(found, world(found, found["sample"]))
    np.testing.assert_allclose(100 * (made.real_output - 1), found["draws"], atol=1e-6)
