"""The cheap response of the assessment against full equilibria, draw by draw and year by year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from birge.errors import InputError
from birge.factbook import Factbook
from birge.models import schedule, trade
from birge.models.trade.certificate import cheap_response, full_response
from birge.plan import embedded
from birge.rng import Streams

AS_OF = date(2026, 11, 24)
CHECKED = 60


@pytest.fixture(scope="module")
def prepared() -> trade.Prepared:
    return trade.prepare(trade.setup(embedded(), Factbook.embedded(), None, AS_OF), Streams(1))


@pytest.fixture(scope="module")
def finish() -> np.ndarray:
    dates = schedule.simulate(schedule.network(embedded(), AS_OF), Streams(1), CHECKED)
    return schedule.in_plan_order(dates.network, dates.finish)


def test_the_response_is_within_one_per_cent_of_the_effect(prepared, finish) -> None:
    bound = Streams(1, 0, CHECKED)
    cheap, full = cheap_response(prepared, finish, bound), full_response(prepared, finish, bound)
    assert np.abs(full).max() > 0.005
    assert (np.abs(cheap - full) <= 0.01 * np.abs(full) + 1e-6).all()


def test_without_diversion_it_would_not_be(prepared, finish) -> None:
    """The check can fail: with ρ = 1 the error is the diversion."""
    bound = Streams(1, 0, CHECKED)
    ratio = prepared.ratio
    naive = replace(prepared, ratio=type(ratio).unit())
    cheap, full = cheap_response(naive, finish, bound), full_response(prepared, finish, bound)
    assert (np.abs(cheap - full) > 0.02 * np.abs(full) + 1e-6).any()


def test_it_needs_a_world(prepared, finish) -> None:
    with pytest.raises(InputError):
        full_response(replace(prepared, ratio=None), finish, Streams(1, 0, CHECKED))
