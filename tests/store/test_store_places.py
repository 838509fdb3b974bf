"""A decision is seen where it is shared, and never takes the place of an item of the plan."""

from __future__ import annotations

from datetime import date

import pytest

from birge.plan.schema import Organisation, State, Text
from birge.store.errors import Denied
from birge.store.kinds import Progress, Resolution
from birge.store.progress import report
from birge.store.records import create, share, submit
from birge.store.registry import Registry


def decided(registry: Registry, side: str, ident: str) -> str:
    """Submit a decision of a side and return its record's id."""
    with registry.desk(f"secretariat-{side.lower()}") as desk:
        made = create(
            desk, "decision", Resolution(id=ident, meeting="m", title={"en": "Not yet told"}, owners=("desk",))
        )
        return submit(desk, made.id, 1).id


def test_a_decision_is_a_place_for_the_other_side_once_it_is_shared(joint: Registry) -> None:
    ident = decided(joint, "GEO", "d-1")
    with joint.view("viewer-geo") as desk:
        assert desk.places["d-1"].title("ru") == "Not yet told"
    with joint.view("viewer-arm") as desk:
        assert "d-1" not in desk.places
    with joint.desk("approver-geo") as desk:
        share(desk, ident, 1)
    with joint.view("viewer-arm") as desk:
        assert desk.places["d-1"].title("ru") == "Not yet told"


def test_a_decision_named_as_a_milestone_moves_nothing(joint: Registry) -> None:
    with joint.view("viewer-arm") as desk:
        before = desk.places["draft"]
    decided(joint, "ARM", "draft")
    with joint.view("viewer-arm") as desk:
        assert desk.places["draft"] == before


def test_nobody_reports_on_a_decision_that_is_not_told_to_them(joint: Registry) -> None:
    from birge.errors import InputError

    decided(joint, "GEO", "d-2")
    said = Progress(item="d-2", reported=date(2026, 8, 1), state=State.IN_PROGRESS)
    with pytest.raises((InputError, Denied)), joint.desk("reporter-arm") as desk:
        report(desk, said)


def test_an_organisation_is_known_as_soon_as_it_is_submitted_and_to_the_other_side_once_shared(joint: Registry) -> None:
    with joint.desk("secretariat-geo") as desk:
        assert "mint" not in desk.organisations
        made = create(desk, "organisation", Organisation(id="mint", name=Text(en="Mint"), party="GEO"))
        submit(desk, made.id, 1)
        assert desk.organisations["mint"].name.en == "Mint"
    with joint.view("viewer-arm") as desk:
        assert "mint" not in desk.organisations
    with joint.desk("approver-geo") as desk:
        share(desk, made.id, 1)
    with joint.view("viewer-arm") as desk:
        assert desk.organisations["mint"].party == "GEO"
