"""Where a reader arrives who names no page."""

from __future__ import annotations

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
