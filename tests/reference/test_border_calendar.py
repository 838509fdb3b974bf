"""The calendar of events against a sorted list, by time and order of entry; the logarithm of the kernels."""

from __future__ import annotations

import bisect

import numpy as np
import pytest

from birge.kernels.border_calendar import calendar, drop, later, pop
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


@pytest.mark.parametrize("entered", [20, 300])
def test_what_no_owner_holds_is_taken_out_and_the_rest_stays_in_order(entered: int) -> None:
    rng = np.random.default_rng(entered)
    made, known = calendar(entered), []
    owners = np.full(9, -1, [("token", "i8")])
    for _ in range(entered):
        t, what, code = float(rng.integers(0, 12)), int(rng.integers(0, 2)), int(rng.integers(0, 9))
        ticket = later(made, t, what, code)
        if what == 1:
            owners["token"][code] = ticket
        known.append((t, ticket, what, code))
    drop(made, 1, owners)
    left = sorted(e for e in known if e[2] == 0 or owners["token"][e[3]] == e[1])
    assert 9 < len(left) < entered
    for t, ticket, what, code in left:
        event = made.front[pop(made.front, made.heap, made.counts[0])]
        assert (event["t"], event["order"], event["what"], event["code"]) == (t, ticket, what, code)
    assert pop(made.front, made.heap, made.counts[0]) == 0


def test_a_full_calendar_counts_what_it_has_no_room_for_and_writes_nowhere_else() -> None:
    room = np.zeros(8 + 64, calendar(8).heap.dtype)
    made = calendar(8)._replace(heap=room[:9])
    for k in range(60):
        later(made, float(k), 0, k)
    count = made.counts[0]
    assert count["lost"] == 60 - count["front"] - count["heap"] > 0
    assert count["heap"] == 9
    assert not room[9:].view(np.uint8).any()


def test_events_that_never_come_stand_behind_all_others() -> None:
    made = calendar(80)
    for t in [np.inf] * 40 + [2.0, np.inf, 1.0]:
        later(made, t, 0, 0)
    times = [made.front["t"][pop(made.front, made.heap, made.counts[0])] for _ in range(43)]
    assert times[:2] == [1.0, 2.0]
    assert min(times[2:]) > 1e300
    assert np.isinf(made.front["t"][0])


def test_the_logarithm_is_that_of_numpy() -> None:
    rng = np.random.default_rng(3)
    for x in [*rng.random(2000), *10.0 ** rng.uniform(-15, 6, 2000), 1.0, 2.0**-53, 1 - 2.0**-53]:
        assert log(x) == pytest.approx(np.log(x), abs=8e-15)
