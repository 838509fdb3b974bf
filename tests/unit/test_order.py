"""Dates of records that follow one another."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from birge.plan.schema import Barrier, Instrument
from birge.store.kinds import Staged
from birge.store.order import misordered

SOURCE = {"title": "fictional"}
TITLE = {"en": "X"}
DAY = date(2026, 5, 1)
CASES: tuple[tuple[Any, dict[str, Any], str, str], ...] = (
    (Barrier, {}, "since", "removed"),
    (Barrier, {}, "since", "due"),
    (Instrument, {"kind": "treaty"}, "initialled", "signed"),
    (Instrument, {"kind": "treaty"}, "signed", "in_force"),
)


@pytest.mark.parametrize(("kind", "more", "first", "later"), CASES)
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_later_step_is_not_dated_before_an_earlier_one(
    kind: Any, more: dict[str, Any], first: str, later: str, days: int
) -> None:
    made = kind(id="x", title=TITLE, source=SOURCE, **more, **{first: DAY, later: DAY + timedelta(days=days)})
    assert [(p.where, p.code) for p in misordered(made)] == ([(later, "dates-order")] if days < 0 else [])
    assert misordered(kind(id="x", title=TITLE, source=SOURCE, **more, **{later: DAY})) == []


def test_ratifications_and_events_too() -> None:
    paper = {"id": "x", "title": TITLE, "source": SOURCE, "kind": "treaty", "signed": DAY}
    early = Instrument.model_validate({**paper, "ratified": {"GEO": date(2026, 4, 1), "ARM": date(2026, 6, 1)}})
    assert [p.where for p in misordered(early)] == ["ratified.GEO"]
    event = {"id": "x", "title": TITLE, "kind": "youth", "year": 2026, "start": DAY, "end": date(2026, 4, 1)}
    assert [p.where for p in misordered(Staged.model_validate({"event": {**event, "source": SOURCE}}))] == ["event.end"]
