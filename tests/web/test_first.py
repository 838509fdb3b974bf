"""Where a reader arrives who names no page."""

from __future__ import annotations

import pytest

from birge.store.records import listing, publish
from birge.store.registry import Registry
from tests.web.conftest import Enter, post


def test_who_may_see_no_plan_arrives_at_the_sign_in_and_others_at_the_answer(enter: Enter) -> None:
    stranger, member = enter(""), enter("viewer-geo")
    assert stranger.get("/", headers={"accept-language": "kk"}).headers["location"] == "/kk/sign-in"
    assert stranger.get("/ru").headers["location"] == "/ru/sign-in"
    assert stranger.get("/ru/sign-in").status_code == 200
    assert member.get("/ru").headers["location"] == "/ru/answer"
    assert stranger.get("/xx").status_code == 404


def test_a_plan_that_is_public_is_met_by_everybody(registry: Registry, enter: Enter) -> None:
    stranger = enter("")
    with registry.desk("approver-geo") as desk:
        (plan,) = listing(desk, "plan")
        publish(desk, plan.id, plan.version)
    assert stranger.get("/", headers={"accept-language": "kk"}).headers["location"] == "/kk/answer"
    assert stranger.get("/kk/answer").status_code == 200
    assert stranger.get("/ru").headers["location"] == "/ru/answer"


def test_who_reads_no_plan_arrives_at_their_tasks_and_leaves_by_the_first_page(enter: Enter) -> None:
    admin = enter("admin-geo")
    assert admin.get("/", headers={"accept-language": "ky"}).headers["location"] == "/ky/tasks"
    left = post(admin, "/en/sign-out", "/en/tasks")
    assert left.headers["location"] == "/en"
    assert admin.get("/en").headers["location"] == "/en/sign-in"


@pytest.mark.parametrize("day", ["2026-99-99", "yesterday", "2026-02-30", "1", "<script>x"])
def test_a_day_that_is_none_is_told(enter: Enter, day: str) -> None:
    member = enter("viewer-geo")
    for page in ("answer", "measures", "statistics", "due"):
        answer = member.get(f"/en/{page}", params={"as_of": day})
        assert answer.status_code == 422
        assert "is not a day → write it as 2026-11-30" in answer.text
        assert "<script>x" not in answer.text
    assert "Бұл күн емес; 2026-11-30 деп жазыңыз" in member.get("/kk/answer", params={"as_of": day}).text
    assert member.get("/en/measures/measures.csv", params={"as_of": day}).status_code == 422
    assert member.get("/en/answer?as_of=").status_code == 200
    assert member.get("/en/answer?as_of=2026-09-01").status_code == 200


def test_a_day_that_is_none_is_told_before_the_pages_that_are_kept(registry: Registry, enter: Enter) -> None:
    with registry.desk("approver-geo") as desk:
        (plan,) = listing(desk, "plan")
        publish(desk, plan.id, plan.version)
    stranger = enter("")
    assert stranger.get("/en/measures").status_code == 200
    assert stranger.get("/en/measures?as_of=2026-99-99").status_code == 422
