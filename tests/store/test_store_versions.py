"""Two changes of the plan at a time: nothing that both sides have confirmed is undone by another version unsaid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from birge.errors import InputError
from birge.plan import load
from birge.plan.schema import Plan
from birge.store import plans
from birge.store.agreement import standing_plan
from birge.store.records import Record, read
from birge.store.registry import Registry
from tests.store.registries import SMALL

SOON, LATER = date(2026, 11, 29), date(2026, 12, 18)
A, B = date(2027, 5, 1), date(2027, 6, 1)


def moved(plan: Plan, item: str, to: date) -> Plan:
    data = plan.canonical()
    next(s for m in data["measures"] for s in m["milestones"] if s["id"] == item)["planned"] = to.isoformat()
    return Plan.model_validate(data)


def change(registry: Registry, side: str, item: str, to: date, day: date) -> Record:
    with registry.desk(f"secretariat-{side}") as desk:
        made = plans.draft(desk, moved(plans.basis(desk).plan, item, to), day)
        return plans.send(desk, made.id, made.version)


def word(registry: Registry, ident: str, *sides: str) -> None:
    for side in sides:
        with registry.desk(f"approver-{side}") as desk:
            plans.confirm(desk, ident)


def planned(registry: Registry, on: date) -> dict[str, date | None]:
    with registry.view("viewer-geo") as desk:
        stand = standing_plan(desk.connection, on)
        assert stand is not None
        return {s.id: s.planned for s in stand.plan.milestones()}


def test_a_change_after_an_agreed_one_rests_on_it_and_holds_not_before_it(joint: Registry) -> None:
    first = change(joint, "geo", "draft", A, LATER)
    word(joint, first.id, "geo", "arm")
    with joint.desk("secretariat-arm") as desk:
        assert plans.holding(desk).effective < LATER
        assert plans.basis(desk).record == first.id
        for act in (plans.draft, plans.propose):
            with pytest.raises(InputError, match="a version from 2026-12-18 is agreed already") as caught:
                act(desk, moved(plans.holding(desk).plan, "open", B), SOON)
            assert [p.code for p in caught.value.problems] == ["effective-early"]
    second = change(joint, "arm", "open", B, LATER)
    word(joint, second.id, "geo", "arm")
    assert planned(joint, LATER) == {**planned(joint, SOON), "draft": A, "open": B}


def test_the_command_line_says_what_a_file_would_undo(joint: Registry, tmp_path: Path) -> None:
    from tests.store.test_store_docs import run

    if joint.engine.dialect.name != "sqlite":
        pytest.skip("the command line is the same on both engines")
    first = change(joint, "geo", "draft", A, date(2099, 12, 18))
    word(joint, first.id, "geo", "arm")
    second = change(joint, "arm", "open", B, date(2099, 12, 18))
    tail = f"--url {joint.engine.url.render_as_string(hide_password=False)} --files {tmp_path}/files-0"
    assert "agreed, holds from 2099-12-18" in run(f"registry status --user viewer-geo {tail}", tmp_path)
    word(joint, second.id, "geo", "arm")
    late = run(f"registry import {SMALL} --user secretariat-arm {tail}", tmp_path, 2)
    assert "effective-early" in late
    said = run(f"registry import {SMALL} --effective 2100-01-01 --user secretariat-arm {tail}", tmp_path)
    assert "a version from 2099-12-18 is agreed already; against it this changes:" in said
    assert "2027-05-01" in said
    assert "2027-06-01" in said


def test_of_two_that_wait_the_second_is_made_anew(joint: Registry) -> None:
    first, second = change(joint, "geo", "draft", A, LATER), change(joint, "arm", "open", B, SOON)
    with joint.desk("secretariat-arm") as desk:
        assert [s.record for s in plans.rivals(desk, read(desk, second.id))] == [first.id]
        kept = plans.draft(desk, moved(plans.basis(desk).plan, "open", A), LATER)
    word(joint, second.id, "geo")
    word(joint, first.id, "geo", "arm")
    with joint.desk("secretariat-arm") as desk, pytest.raises(InputError, match="agreed meanwhile"):
        plans.send(desk, kept.id, kept.version)
    with joint.desk("approver-arm") as desk:
        newest = plans.outdated(desk, read(desk, second.id))
        assert newest is not None
        assert newest.record == first.id
        with pytest.raises(InputError, match=r"from 2026-12-18 was agreed meanwhile.*make the change anew"):
            plans.confirm(desk, second.id)
        plans.confirm(desk, second.id, sent_back=True, note={"en": "not now"})
    anew = change(joint, "arm", "open", B, LATER)
    word(joint, anew.id, "geo", "arm")
    assert planned(joint, LATER) == {**planned(joint, SOON), "draft": A, "open": B}


def test_on_machines_of_their_own_a_side_confirms_one_waiting_version(make: Callable[..., Registry]) -> None:
    geo = make("GEO")
    with geo.desk("secretariat-geo") as desk:
        plans.propose(desk, load(SMALL)[0], date(2026, 1, 1))
    first, second = change(geo, "geo", "draft", A, LATER), change(geo, "geo", "open", B, LATER)
    word(geo, first.id, "geo")
    with geo.desk("approver-geo") as desk:
        with pytest.raises(InputError, match="another version, from 2026-12-18, that waits"):
            plans.confirm(desk, second.id)
        plans.confirm(desk, first.id, sent_back=True, note={"en": "not now"})
        plans.confirm(desk, second.id)
