"""What readers stumbled over: a newer version that hid the older, a session out of reach, a form without a way back."""

from __future__ import annotations

from datetime import date
from urllib.parse import unquote

import pytest

from birge.errors import InputError
from birge.plan.load import parse
from birge.plan.schema import Plan
from birge.store import plans
from birge.store.agreement import standing_plan
from birge.store.kinds import Council, Meeting, Resolution
from birge.store.own import own
from birge.store.records import create, publish, share, submit
from birge.store.registry import ANYONE, Registry
from tests.web.conftest import NOW, SMALL, Enter, post
from tests.web.test_narrow import hired


def published(registry: Registry) -> None:
    """Make the plan that holds public, as both sides agree."""
    with registry.desk("approver-geo") as desk:
        stand = plans.holding(desk)
        publish(desk, stand.record, stand.version)


def test_an_agreed_version_that_is_not_public_leaves_the_public_one_to_read(registry: Registry, enter: Enter) -> None:
    published(registry)
    with registry.desk("secretariat-geo") as desk:
        older = plans.holding(desk)
        changed = {**older.plan.canonical(), "title": {"en": "Not yet told"}}
        ident = plans.propose(desk, Plan.model_validate(changed), NOW.date()).id
    for who in ("approver-geo", "approver-arm"):
        with registry.desk(who) as desk:
            plans.confirm(desk, ident)
    stranger = enter("").get("/en/answer")
    assert stranger.status_code == 200
    assert "Not yet told" not in stranger.text
    assert "Not yet told" in enter("viewer-arm").get("/en/answer").text
    with registry.view(ANYONE) as desk:
        seen, holds = plans.seen_plan(desk, NOW.date()), standing_plan(desk.connection, NOW.date())
        assert seen is not None
        assert holds is not None
        assert (seen.record, holds.record) == (older.record, ident)


def test_a_reporter_of_an_organisation_reads_its_decision_of_a_session(registry: Registry, enter: Enter) -> None:
    with registry.desk("secretariat-geo") as desk:
        for kind, payload in (
            ("council", Council(id="igc", title={"en": "Council"}, body="intergovernmental council")),
            ("meeting", Meeting(id="igc-1", council="igc", title={"en": "Tenth session"}, date=date(2026, 8, 1))),
            ("decision", Resolution(id="d-1", meeting="igc-1", title={"en": "Open the scales"}, owners=("desk",))),
        ):
            submit(desk, create(desk, kind, payload).id, 1)
    page = enter(hired(registry, "damir", "desk")).get("/en/culture")
    assert "Open the scales" in page.text
    assert "Tenth session" in page.text
    assert "Open the scales" not in enter(hired(registry, "other", "mill")).get("/en/culture").text
    with registry.desk("secretariat-geo") as desk:
        share(desk, own(desk, "meeting", "igc-1").id, 1)  # type: ignore[union-attr]
    assert "Tenth session" in enter("viewer-arm").get("/en/culture").text


def test_a_form_of_nobody_leads_back_to_its_page_after_the_sign_in(registry: Registry, enter: Enter) -> None:
    published(registry)
    client = enter("")
    page = "https://plan.example/en/rounds?from=letter"
    for referer, back in ((page, "/en/rounds?from=letter"), ("https://evil.example/en/rounds", "")):
        headers = {"referer": referer, "origin": "https://plan.example"}
        form = client.get("/en/sign-in").text.split('name="token" value="')[1][:64]
        refused = client.post("/en/rounds", data={"token": form, "id": "x"}, headers=headers)
        assert refused.status_code == 403
        link = refused.text.split("<main")[1].split('href="/en/sign-in')[1].split('"')[0]
        assert unquote(link) == (f"?next={back}" if back else "")


def test_councils_that_the_plan_names_are_taken_over_once(registry: Registry, enter: Enter) -> None:
    client = enter("secretariat-geo")
    assert "Councils that the plan names" in client.get("/en/councils").text
    assert post(client, "/en/councils/named", "/en/councils", bodies="regions").status_code == 303
    assert "Councils that the plan names" not in client.get("/en/councils").text
    assert "Өңірлер" in client.get("/kk/councils").text
    assert post(client, "/en/councils/named", "/en/councils", bodies="regions").status_code == 422


def test_a_text_has_a_bound_and_says_so(enter: Enter) -> None:
    with pytest.raises(InputError, match="20000"):
        parse(SMALL.read_text("utf-8").replace("Forum", "x" * 20_001), "f")
    client = enter("secretariat-geo")
    typed = {"id": "wall", "title.en": "x" * 20_001, "source.title": "letter"}
    refused = post(client, "/ru/records/barrier", "/ru/records/barrier", **typed)
    assert refused.status_code == 422
    assert 'class="wrong"' in refused.text


def test_the_form_of_a_point_offers_the_measures_of_the_plan_by_their_titles(registry: Registry, enter: Enter) -> None:
    with registry.desk("secretariat-geo") as desk:
        submit(desk, create(desk, "council", Council(id="igc", title={"en": "C"}, body="other")).id, 1)
        made = create(desk, "meeting", Meeting(id="s", council="igc", title={"en": "S"}, date=date(2026, 10, 1)))
        submit(desk, made.id, 1)
        offered = {(m.id, m.title.en) for m in plans.holding(desk).plan.measures}
    text = enter("secretariat-geo").get("/en/sessions/s").text.split('name="measure"')[1].split("</select>")[0]
    found = {tuple(o.split('"', 1)) for o in text.split('value="')[2:]}
    assert {(a, b.split(">")[1].split("<")[0]) for a, b in found} == offered
