"""Delays against theory: none is none to the bit, a delay only postpones, more postpones more, slack absorbs it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from birge.models.schedule import delayed, network, simulate, undelayed
from birge.models.schedule.schedule import Inputs, Schedule
from birge.plan import embedded
from birge.plan.schema import Plan
from birge.rng import Streams
from tests.reference.test_schedule import EVENT, plan

AS_OF = date(2026, 6, 1)
FIXED = {"low": 5, "mode": 5, "high": 5, "work": "event"}


def run(p: Plan, delays: dict[str, float], draws: int = 2_000) -> Schedule:
    return simulate(delayed(network(p, AS_OF), p, delays), Streams(7), draws)


CHAIN = plan(
    [
        {"id": "a", "duration": EVENT},
        {"id": "b", "after": ["a"], "duration": EVENT},
        {"id": "c", "after": ["b"], "duration": FIXED},
    ]
)


def test_a_delay_of_zero_changes_no_bit() -> None:
    p = embedded()
    net = network(p, AS_OF)
    free, none = (simulate(n, Streams(7), 1_000) for n in (net, delayed(net, p, {"industrial-complex": 0.0})))
    assert (free.finish == none.finish).all()
    assert (free.duration == none.duration).all()
    back = undelayed(Inputs(delayed(net, p, {"industrial-complex": 9.0}), 0.0)).network
    assert (simulate(back, Streams(7), 1_000).finish == free.finish).all()


def test_a_milestone_put_off_carries_the_rest_of_its_chain_by_as_much() -> None:
    """finish(b) + 6 and finish(c) + 6; a is where it was."""
    free, late = run(CHAIN, {}).finish, run(CHAIN, {"b": 6.0}).finish
    assert (late[:, 0] == free[:, 0]).all()
    np.testing.assert_allclose(late[:, 1:], free[:, 1:] + 6, rtol=0, atol=1e-9)


def test_a_measure_put_off_moves_each_of_its_milestones_once() -> None:
    """Along a chain of three, six months are six months at every step, not six, twelve and eighteen."""
    free, late = run(CHAIN, {}).finish, run(CHAIN, {"m": 6.0}).finish
    np.testing.assert_allclose(late, free + 6, rtol=0, atol=1e-9)


def test_delays_of_a_measure_and_of_its_milestone_add_up() -> None:
    free, late = run(CHAIN, {}).finish, run(CHAIN, {"m": 6.0, "b": 2.5}).finish
    np.testing.assert_allclose(late, free + np.array([6.0, 8.5, 8.5]), rtol=0, atol=1e-9)


def test_slack_absorbs_a_delay_as_the_closed_form_says() -> None:
    """The end starts at max(a, b): put a off by d, and it moves by max(a + d, b) - max(a, b)."""
    p = plan(
        [
            {"id": "a", "duration": EVENT},
            {"id": "b", "duration": {**EVENT, "low": 8, "mode": 10, "high": 14}},
            {"id": "end", "after": ["a", "b"], "duration": FIXED},
        ]
    )
    free, late = run(p, {}).finish, run(p, {"a": 3.0}).finish
    a, b = free[:, 0], free[:, 1]
    moved = np.maximum(a + 3.0, b) - np.maximum(a, b)
    np.testing.assert_allclose(late[:, 2], free[:, 2] + moved, rtol=0, atol=1e-9)
    assert 0.1 < (moved == 0).mean() < 0.9


def test_a_measure_put_off_is_late_by_as_much_where_it_waits_for_another() -> None:
    """What a measure waits for from outside hides nothing of its delay."""
    head = CHAIN.model_dump(mode="json", by_alias=True, exclude_none=True)
    second = {**head["measures"][0], "id": "n", "number": "2"}
    second["milestones"] = [
        {"id": "x", "title": {"en": "x"}, "duration": {**FIXED, "low": 1, "mode": 1, "high": 1}},
        {"id": "y", "title": {"en": "y"}, "after": ["x", "c"], "duration": EVENT},
    ]
    p = Plan.model_validate({**head, "measures": [*head["measures"], second]})
    free, late = run(p, {}).finish, run(p, {"n": 4.0}).finish
    np.testing.assert_allclose(late[:, 3:], free[:, 3:] + 4, rtol=0, atol=1e-9)
    assert (late[:, :3] == free[:, :3]).all()


@pytest.mark.parametrize("item", ["industrial-complex", "complex-open", "crossings-rebuild"])
def test_in_the_embedded_plan_a_delay_only_postpones_and_more_postpones_more(item: str) -> None:
    p = embedded()
    steps = [run(p, {item: months} if months else {}, 1_000).finish for months in (0.0, 1.0, 6.0, 24.0)]
    for sooner, later in pairwise(steps):
        known = np.isfinite(sooner)
        assert (np.isfinite(later) == known).all()
        assert (later[known] >= sooner[known] - 1e-9).all()
    assert (steps[1] > steps[0]).any()


def test_what_is_done_stays_done_and_a_report_is_kept() -> None:
    """The last report conditions the draws before the delay: a delay is no news about the past."""
    p = plan(
        [
            {"id": "a", "duration": EVENT, "status": [{"state": "done", "reported": "2026-03-02"}]},
            {"id": "b", "duration": EVENT, "status": [{"state": "in progress", "reported": "2026-05-20"}]},
            {"id": "c", "after": ["a", "b"], "duration": FIXED},
        ]
    )
    free, late = run(p, {}).finish, run(p, {"m": 5.0}).finish
    assert (late[:, 0] == free[:, 0]).all()
    np.testing.assert_allclose(late[:, 1:], free[:, 1:] + 5, rtol=0, atol=1e-9)
