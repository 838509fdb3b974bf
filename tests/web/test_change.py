"""Change the plan in the browser: by a file or by a form, differences first, errors at once, then both sides' word."""

from __future__ import annotations

import html
import io
from datetime import timedelta
from pathlib import Path

import pytest
from docx import Document
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from birge.plan import load
from birge.plan.write import as_yaml
from birge.store import plans
from birge.store.kinds import Progress
from birge.store.plans import holding
from birge.store.progress import report
from birge.store.records import listing
from birge.store.registry import Registry
from birge.store.rounds import open_round
from birge.store.workbook import write_workbook
from birge.texts import LANGUAGES, translator
from tests.web.conftest import HOST, NOW, SMALL, Enter, post, token

OWN = {"origin": HOST, "sec-fetch-site": "same-origin"}
WHEN = {"effective": "2026-10-01", "reason": "The tender had no bid"}
ONE = {
    "title.en": "One window at every crossing",
    "deadline.text.en": "end of 2028",
    "deadline.kind": "date",
    "deadline.due": "2028-12-31",
    "responsible": "desk",
    "cost_musd": "12,5",
}


def send(client: TestClient, content: bytes, name: str, lang: str = "en", **fields: str):  # type: ignore[no-untyped-def]
    data = {"token": token(client.get(f"/{lang}/change").text), **WHEN, **fields}
    return client.post(f"/{lang}/change/files", data=data, files={"plan": (name, content)}, headers=OWN)


def base(client: TestClient, item: str) -> str:
    page = client.get(f"/en/change/{item}").text
    return page.split('name="base" value="')[1][:64]


def test_a_table_that_was_taken_and_changed_is_a_draft_until_it_is_sent(enter: Enter, registry: Registry) -> None:
    client = enter("secretariat-geo")
    book = load_workbook(io.BytesIO(client.get("/plan.xlsx").content))
    sheet, cell = next((s, c) for s in book for row in s.rows for c in row if c.value == "One window")
    cell.value = "One window at every crossing"
    out = io.BytesIO()
    book.save(out)
    made = send(client, out.getvalue(), "plan.xlsx")
    assert made.status_code == 303, made.text
    path = made.headers["location"]
    page = client.get(path).text
    assert "One window at every crossing" in page
    assert page.index("Stands now") < page.index("Hash of the content") < page.index("Send to both sides")
    assert "The tender had no bid" in page
    for nobody in ("secretariat-arm", "approver-arm"):
        assert enter(nobody).get(path).status_code == 404
    with registry.view("secretariat-geo") as desk:
        assert len(plans.stands(desk)) == 1
    ident = path.rpartition("/")[2]
    assert post(enter("approver-geo"), path, "/en/tasks", verdict="confirmed").status_code == 422
    assert post(client, f"/en/proposals/{ident}", path, verdict="send", seen="1").status_code == 303
    for who in ("approver-geo", "approver-arm"):
        page = (reader := enter(who)).get(path).text
        digest = page.split('name="hash" value="')[1][:64]
        assert post(reader, path, path, verdict="confirmed", hash="0" * 64).status_code == 422
        assert post(reader, path, path, verdict="confirmed", hash=digest).status_code == 303
    with registry.view("secretariat-arm") as desk:
        assert len(plans.stands(desk)) == 2
    assert "Both sides have confirmed it." in client.get(path).text
    assert sheet.title


def test_every_error_of_a_file_is_told_by_its_place_and_nothing_is_kept(enter: Enter, registry: Registry) -> None:
    client = enter("secretariat-geo")
    book = load_workbook(io.BytesIO(client.get("/plan.xlsx").content))
    cells = [c for s in book for row in s.rows for c in row if str(c.value)[:10] in ("2026-06-30", "2027-12-31")]
    assert len(cells) == 2
    for c in cells:
        c.value = "next spring"
    out = io.BytesIO()
    book.save(out)
    wrong = send(client, out.getvalue(), "plan.xlsx", reason="Kept <b>")
    assert wrong.status_code == 422
    for c in cells:
        assert f"{c.parent.title}!{c.coordinate}" in wrong.text
    assert "Kept &lt;b&gt;" in wrong.text
    text = as_yaml(load(SMALL)[0]).replace("2026-06-30", "never").replace("after: [draft]", "after: [nothing]")
    wrong = send(client, text.encode(), "plan.yaml")
    assert wrong.status_code == 422
    assert "plan.yaml:" in wrong.text
    for content, name in ((b"", "plan.docx"), (b"PK\x03\x04 broken", "plan.docx"), (b"\xff\xfe", "plan.yaml")):
        refused = send(client, content, name)
        assert refused.status_code == 422, refused.text
        assert "/tmp/" not in refused.text
    with registry.view("secretariat-geo") as desk:
        assert len(listing(desk, "plan")) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_file_that_is_no_plan_is_told_to_be_none_and_which_kinds_are_taken(
    enter: Enter, registry: Registry, lang: str, tmp_path: Path
) -> None:
    client, t = enter("secretariat-geo"), translator(lang)
    with registry.desk("secretariat-geo") as desk:
        open_round(desk, "r-1", NOW.date() + timedelta(days=20), meeting="igc-1")
        write_workbook(desk, "r-1", "desk", lang, tmp_path / "round.xlsx")  # type: ignore[arg-type]
    paper = Document()
    paper.add_paragraph("A letter, and no table.")
    paper.save(str(tmp_path / "letter.docx"))
    for name, code in (("round.xlsx", "table-none"), ("letter.docx", "table-none"), ("setup.exe", "plan-kind")):
        content = b"MZ\x90\x00\x03\xff\xfe" if name == "setup.exe" else (tmp_path / name).read_bytes()
        refused = send(client, content, name, lang=lang)
        assert refused.status_code == 422, name
        beside = html.unescape(refused.text.split('id="wrong-plan"')[1].split("</p>")[0])
        said = {"table-none": "holds no table of a plan", "plan-kind": "none of"}[code]
        assert (said if lang == "en" else t.named("problem", code)) in beside
        assert "UTF-8" not in refused.text
        assert code == "table-none" or "DOCX" in beside
    with registry.view("secretariat-geo") as desk:
        assert len(listing(desk, "plan")) == 1


def test_reports_in_the_file_do_not_go_into_the_proposal(enter: Enter, registry: Registry) -> None:
    with registry.desk("reporter-geo") as desk:
        said = Progress(item="draft", reported=NOW.date(), state="in progress", text={"en": "known to us only"})
        report(desk, said)
    client = enter("secretariat-geo")
    yaml = client.get("/plan.yaml").text
    assert "known to us only" in yaml
    made = send(client, yaml.replace("One window", "Two windows").encode(), "plan.yaml")
    assert made.status_code == 303, made.text
    with registry.view("secretariat-geo") as desk:
        held = next(r for r in listing(desk, "plan") if r.draft)
        want = holding(desk).plan.canonical()
    want["measures"][0]["title"]["en"] = "Two windows"
    assert held.payload.plan == want
    assert "known to us only" not in client.get(made.headers["location"]).text
    same = send(client, yaml.encode(), "plan.yaml")
    assert same.status_code == 422
    assert "nothing differs" in same.text


def test_the_word_table_comes_back_changed(enter: Enter, tmp_path: Path) -> None:
    client = enter("secretariat-geo")
    paper = Document(io.BytesIO(client.get("/plan.docx").content))
    changed = 0
    for table in paper.tables:
        for row in table.rows:
            for cell in row.cells:
                for part in cell.paragraphs:
                    if part.text == "Forum":
                        part.runs[0].text, changed = "Yearly forum", changed + 1
                        for run in part.runs[1:]:
                            run.text = ""
    assert changed
    out = io.BytesIO()
    paper.save(out)
    made = send(client, out.getvalue(), "plan.docx")
    assert made.status_code == 303, made.text
    assert "Yearly forum" in client.get(made.headers["location"]).text


def test_one_item_is_changed_by_its_form(enter: Enter, registry: Registry) -> None:
    client = enter("secretariat-geo")
    assert "/en/change/one" in client.get("/en/report/one").text
    made = post(client, "/en/change/one", "/en/change/one", base=base(client, "one"), **ONE, **WHEN)
    assert made.status_code == 303, made.text
    page = client.get(made.headers["location"]).text
    for words in ("One window at every crossing", "2027-12-31", "2028-12-31", "12.5", "end of 2028"):
        assert words in page
    with registry.view("secretariat-geo") as desk:
        held = next(r for r in listing(desk, "plan") if r.draft).payload.read()
        stood = holding(desk).plan
    assert held.measures[0].milestones == stood.measures[0].milestones
    assert held.measures[0].effects == stood.measures[0].effects
    assert held.measures[1] == stood.measures[1]
    stone = {"title.en": "Draft", "planned": "2026-09-30", "owner": "desk", "side": "GEO"}
    assert post(client, "/en/change/draft", "/en/change/draft", base=base(client, "draft"), **stone, **WHEN)
    aim = {"year": "2031", "value": "1000", "basis": "GEO", "source.title": "fictional"}
    made = post(client, "/en/change/t-2031", "/en/change/t-2031", base=base(client, "t-2031"), **aim, **WHEN)
    assert made.status_code == 303, made.text
    assert "1,000" in client.get(made.headers["location"]).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"deadline.due": "soon"}, "wrong-deadline.due"),
        ({"title.en": ""}, "wrong-title.en"),
        ({"cost_musd": "-3"}, "wrong-cost_musd"),
        ({"responsible": "nobody"}, "nobody"),
        ({"reason": ""}, "wrong-reason"),
        ({"effective": "2020-01-01"}, "wrong-effective"),
        ({"effective": ""}, "wrong-effective"),
        ({"base": "0" * 64}, "changed since you opened it"),
    ],
)
def test_a_form_with_a_wrong_field_comes_back_with_what_was_typed(
    enter: Enter, registry: Registry, fields: dict[str, str], words: str
) -> None:
    client = enter("secretariat-geo")
    sent = {"base": base(client, "one"), **ONE, **WHEN, **fields}
    refused = post(client, "/en/change/one", "/en/change/one", **sent)
    assert refused.status_code == 422, refused.text
    assert words in refused.text
    assert 'value="end of 2028"' in refused.text or ">end of 2028</textarea>" in refused.text
    with registry.view("secretariat-geo") as desk:
        assert len(listing(desk, "plan")) == 1


def test_a_draft_is_dropped_and_may_be_made_again(enter: Enter, registry: Registry) -> None:
    client = enter("secretariat-geo")
    fields = {"base": base(client, "one"), **ONE, **WHEN}
    path = post(client, "/en/change/one", "/en/change/one", **fields).headers["location"]
    ident = path.rpartition("/")[2]
    assert post(client, f"/en/proposals/{ident}", path, verdict="drop", seen="7").status_code == 409
    assert post(client, f"/en/proposals/{ident}", path, verdict="maybe", seen="1").status_code == 422
    assert post(client, f"/en/proposals/{ident}", path, verdict="drop", seen="1").status_code == 303
    assert ident not in client.get("/en/change").text
    again = post(client, "/en/change/one", "/en/change/one", **fields)
    assert again.headers["location"] == path
    assert post(client, f"/en/proposals/{ident}", path, verdict="send", seen="3").status_code == 303
    assert post(client, f"/en/proposals/{ident}", "/en/tasks", verdict="drop", seen="3").status_code == 403
    third = post(client, "/en/change/one", "/en/change/one", **fields)
    assert third.status_code == 422
    assert "proposed already" in third.text


def test_a_proposal_with_a_problem_comes_back_in_its_form(enter: Enter) -> None:
    client = enter("secretariat-geo")
    refused = post(client, "/en/propose/draft", "/en/report/draft", planned="32 May", note="Kept <b>")
    assert refused.status_code == 422
    assert "Kept &lt;b&gt;" in refused.text
    assert 'id="wrong-planned"' in refused.text


def test_two_changes_at_a_time_are_told_loudly_and_none_is_lost(enter: Enter, registry: Registry) -> None:
    geo, arm = enter("secretariat-geo"), enter("secretariat-arm")
    stone = {"title.en": "Draft", "planned": "2026-09-30", "owner": "desk", "side": "GEO", "reason": "late"}
    paths = []
    for client, item, day in ((geo, "one", "2026-12-18"), (arm, "draft", "2026-11-29")):
        fields = {**(ONE if item == "one" else stone), "reason": "late", "effective": day, "base": base(client, item)}
        path = post(client, f"/en/change/{item}", f"/en/change/{item}", **fields).headers["location"]
        ident = path.rpartition("/")[2]
        assert post(client, f"/en/proposals/{ident}", path, verdict="send", seen="1").status_code == 303
        paths.append(path)
    assert "Another change waits for both sides&#39; word (Georgia: 2026-12-18)" in arm.get(paths[1]).text
    words = [(who, paths[0]) for who in ("approver-geo", "approver-arm")]
    for who, path in [*words, ("approver-geo", paths[1])]:
        digest = (reader := enter(who)).get(path).text.split('name="hash" value="')[1][:64]
        said = post(reader, path, path, verdict="confirmed", hash=digest)
        assert said.status_code == (303 if path == paths[0] else 422)
    page = said.text
    assert "It rests on an older plan: a version from 2026-12-18 was agreed meanwhile." in page
    assert "Against the version from 2026-12-18 that is agreed: " in page
    assert "agreed, holds from 2026-12-18" in geo.get("/en/change").text
    assert "One window at every crossing" in geo.get("/en/change").text
    form = {**stone, "base": base(arm, "draft"), "effective": "2026-11-29"}
    early = post(arm, "/en/change/draft", "/en/change/draft", **form)
    assert "a version from 2026-12-18 is agreed already" in early.text
    # a file of the plan that holds today does not undo it either
    yaml = arm.get("/plan.yaml").text.replace("Forum", "Yearly forum")
    made = send(arm, yaml.encode(), "plan.yaml", effective="2026-12-18")
    assert made.status_code == 303, made.text
    with registry.view("secretariat-arm") as desk:
        held = next(r for r in listing(desk, "plan") if r.draft).payload.read()
    assert held.measures[0].title.en == "One window at every crossing"
    assert "Yearly forum" in arm.get(made.headers["location"]).text
    assert "One window at every" not in arm.get(made.headers["location"]).text


def test_a_file_taken_before_a_newer_agreement_says_which_agreed_changes_it_would_undo(
    enter: Enter, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter("secretariat-geo")
    taken = client.get("/plan.yaml").text
    moved = taken.replace("2026-06-30", "2026-09-30").replace("One window", "One single window")
    agreed = send(client, moved.encode(), "plan.yaml", effective="2026-09-02").headers["location"]
    assert "Look here first" not in client.get(agreed).text
    with registry.desk("secretariat-geo") as desk:
        ident = agreed.rpartition("/")[2]
        plans.send(desk, ident, 1)
    for who in ("approver-geo", "approver-arm"):
        with registry.desk(who) as desk:
            plans.confirm(desk, ident)
    monkeypatch.setattr(registry, "clock", lambda: NOW + timedelta(days=2))
    client = enter("secretariat-geo")
    when = {"effective": "2026-09-03"}
    made = send(client, taken.replace("Open", "Opened").encode(), "plan.yaml", **when)
    assert made.status_code == 303
    page = client.get(made.headers["location"]).text
    first = page.split("Look here first: these agreed changes would be undone")[1].split("</section>")[0]
    for said in ("2026-06-30", "2026-09-30", "One single window", "the version from 2026-09-01"):
        assert said in first
    assert "Opened" not in first
    assert "Opened" in page
    # the newer file undoes nothing
    newer = client.get("/plan.yaml").text.replace("Open", "Opened")
    made = send(client, newer.encode(), "plan.yaml", **when)
    assert "Look here first" not in client.get(made.headers["location"]).text
