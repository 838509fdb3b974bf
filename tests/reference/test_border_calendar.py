"""The calendar of events against a sorted list, by time and order of entry; the logarithm of the kernels."""

from __future__ import annotations

import bisect

import numpy as np
import pytest

from birge.kernels.border_calendar import calendar, later, pop
from birge.kernels.border_random import log


@pytest.mark.parametrize("most", [8, 40, 300])
def test_events_come_by_time_and_then_in_the_order_of_entry(most: int) -> None:
    """Times on a coarse grid, so many are equal; more events than the front holds move to the heap and back."""
    rng = np.random.default_rng(most)
    made, known, now, entered = calendar(most), [], 0.0, 0
    for _ in range(4000):
        if len(known) < most and (not known or rng.random() < 0.5 + 0.1 * (len(known) < most // 2)):
            t = now + float(rng.integers(0, 12)) / 4
            ticket = later(made, t, entered % 7, entered)
            assert ticket == entered
            bisect.insort(known, (t, ticket))
            entered += 1
        else:
            event = made.front[pop(made.front, made.heap, made.counts[0])]
            assert (event["t"], event["order"], event["what"], event["code"]) == (
                known[0][0],
                known[0][1],
                known[0][1] % 7,
                known[0][1],
            )
            now = known.pop(0)[0]
    assert entered > 1500


def test_an_empty_calendar_has_an_event_later_than_all() -> None:
    made = calendar(4)
    assert np.isinf(made.front["t"][pop(made.front, made.heap, made.counts[0])])


def test_the_logarithm_is_that_of_numpy() -> None:
    rng = np.random.default_rng(3)
    for x in [*rng.random(2000), *10.0 ** rng.uniform(-15, 6, 2000), 1.0, 2.0**-53, 1 - 2.0**-53]:
        assert log(x) == pytest.approx(np.log(x), abs=8e-15)
