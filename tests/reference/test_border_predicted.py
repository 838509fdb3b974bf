"""Queues at Karasu - Ak-Tilek predicted from other evidence, with 2017 left out: what hits, and what does not."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest

from birge.factbook.border import queue_reports
from birge.models.border import simulate

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from border_predicted import BASE, FLOW, HELD_OUT, design, trade


def log_error(year: int, seen: str) -> float:
    """Return ln(median of the month / reported)."""
    made = simulate(design(year), replications=2, seed=1)
    (queued,) = (
        r.queued for r in queue_reports("karasu") if r.seen == seen and r.direction == FLOW and r.queued is not None
    )
    return math.log(max(made.queue_by_month[FLOW][int(seen[5:7]) - 1][2], 1.0) / queued)


def test_the_queue_of_november_2017_is_predicted_and_that_of_2023_is_not() -> None:
    """With control as counted in 2019 within a quarter; normal control does not bring the queues of autumn 2023."""
    assert abs(log_error(2017, "2017-11")) < 0.25
    assert log_error(BASE, "2023-11-19") < -1


def test_nothing_of_the_years_left_out_enters() -> None:
    assert trade(2017) / trade(BASE) == pytest.approx(0.54, abs=0.01)
    for year in HELD_OUT:
        assert "crisis" not in {p.regime for p in design(year).calendar}
    assert not [r for r in queue_reports("karasu") if r.year == 2025]
