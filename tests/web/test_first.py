"""Where a reader arrives who names no page."""

from __future__ import annotations

from tests.web.conftest import Enter


def test_who_may_see_no_plan_arrives_at_the_sign_in_and_others_at_the_answer(enter: Enter) -> None:
    stranger, member = enter(""), enter("viewer-geo")
    assert stranger.get("/", headers={"accept-language": "kk"}).headers["location"] == "/kk/sign-in"
    assert stranger.get("/ru").headers["location"] == "/ru/sign-in"
    assert stranger.get("/ru/sign-in").status_code == 200
    assert member.get("/ru").headers["location"] == "/ru/answer"
    assert stranger.get("/xx").status_code == 404
