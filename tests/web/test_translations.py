"""The plan's texts in the browser: how each stands, a reader's review, what is stale, what pages show then."""

from __future__ import annotations

import re
from datetime import timedelta

from birge.plan.schema import Plan
from birge.store import plans
from birge.store.plans import holding
from birge.store.records import listing
from birge.store.registry import Registry
from birge.store.texts import plan_texts, translate
from tests.web.conftest import NOW, Enter, post

PATH = "/en/texts/one/title"
PAGE = f"{PATH}?to=ky"


def states(registry: Registry, lang: str) -> dict[str, str]:
    with registry.view("secretariat-geo") as desk:
        return {f"{x.of}.{x.field}": x.state for x in plan_texts(desk) if x.lang == lang}


def test_a_text_is_written_reviewed_and_stale_when_its_source_changes(enter: Enter, registry: Registry) -> None:
    client = enter("secretariat-geo")
    assert set(states(registry, "ky").values()) == {"missing"}
    assert {"one.title", "one.deadline.text", "draft.title", "trade.title", "desk.name"} <= set(states(registry, "ky"))
    assert "One window" in client.get("/ky/measures").text
    draft = {"to": "ky", "seen": "0", "text": "Бир терезе <b>", "reader": "A. Reader"}
    assert post(client, PATH, PAGE, verdict="draft", **draft).status_code == 303
    assert states(registry, "ky")["one.title"] == "draft"
    assert "Бир терезе" not in client.get("/ky/measures").text
    late = post(client, PATH, PAGE, verdict="reviewed", **draft)
    assert late.status_code == 409
    assert post(client, PATH, PAGE, verdict="reviewed", **{**draft, "seen": "1"}).status_code == 303
    assert states(registry, "ky")["one.title"] == "reviewed"
    assert "Бир терезе &lt;b&gt;" in client.get("/ky/measures").text
    page = client.get("/en/texts?to=ky&state=reviewed").text
    assert "A. Reader" in page
    assert "Бир терезе &lt;b&gt;" in page
    registry.clock = lambda: NOW + timedelta(minutes=1)
    with registry.desk("secretariat-geo") as desk:
        data = holding(desk).plan.canonical()
        data["measures"][0]["title"]["en"] = "One window at every crossing"
        ident = plans.propose(desk, Plan.model_validate(data), NOW.date()).id
    for login in ("approver-geo", "approver-arm"):
        with registry.desk(login) as desk:
            plans.confirm(desk, ident)
    assert states(registry, "ky")["one.title"] == "stale"
    shown = client.get("/ky/measures").text
    assert "Бир терезе" not in shown
    assert re.search(r'lang="en">One window at every crossing', shown)
    assert "stale" in client.get(PAGE).text


def test_texts_are_counted_and_filtered_by_state(enter: Enter, registry: Registry) -> None:
    with registry.desk("secretariat-geo") as desk:
        translate(desk, "two", "title", "kk", "Форум", machine=True)
    client = enter("viewer-geo")
    page = client.get("/en/texts").text
    assert 'href="/en/texts?to=kk&amp;state=machine">1</a>' in page
    chosen = client.get("/en/texts?to=kk&state=machine").text
    assert "/en/texts/two/title?to=kk" in chosen
    assert "/en/texts/one/title?to=kk" not in chosen
    assert "/en/texts/one/title?to=kk" in client.get("/en/texts?to=kk&state=missing").text
    for odd in ("?to=de", "?state=none", "?to=kk&state=%3Cscript%3E"):
        assert client.get(f"/en/texts{odd}").status_code == 200
        assert "<script>alert" not in client.get(f"/en/texts{odd}").text


def test_only_a_secretariat_writes_a_text_and_every_refusal_keeps_what_was_typed(
    enter: Enter, registry: Registry
) -> None:
    text = {"to": "ky", "seen": "0", "text": "Typed <b>", "reader": "A. Reader", "verdict": "reviewed"}
    for role in ("approver", "reporter", "viewer", "statistics", "admin"):
        assert post(enter(f"{role}-geo"), PATH, "/en/tasks", **text).status_code == 403, role
    client = enter("secretariat-geo")
    for wrong, field in (({"text": ""}, "text"), ({"reader": ""}, "reader")):
        refused = post(client, PATH, PAGE, **{**text, **wrong})
        assert refused.status_code == 422
        assert f'id="wrong-{field}"' in refused.text
    assert "Typed &lt;b&gt;" in post(client, PATH, PAGE, **{**text, "verdict": "maybe"}).text
    assert post(client, PATH, PAGE, **{**text, "to": "de"}).status_code == 404
    assert post(client, "/en/texts/none/title", PAGE, **text).status_code == 404
    with registry.view("secretariat-geo") as desk:
        assert listing(desk, "text") == []
