"""Reports and what becomes of them: bounds, files, objections, partial answers, what a reader sees of each."""

from __future__ import annotations

import hashlib
import html
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from birge.pages.registered import jointly, said_for
from birge.plan.load import load, parse, plan_hash
from birge.plan.schema import State
from birge.plan.table import import_table
from birge.store import accounts, lengths, plans
from birge.store.kinds import Progress
from birge.store.progress import report
from birge.store.records import listing, share
from birge.store.registry import OPERATOR, Registry
from birge.texts import LANGUAGES, translator
from birge.web import Settings, application
from tests.web.conftest import HOST, NOW, SMALL, Enter, post, sign_in, token
from tests.web.test_narrow import hired

TODAY = NOW.date()


def reported(registry: Registry, login: str = "reporter-geo", item: str = "draft", **more: object) -> str:
    """Report progress of an item; return the record's id."""
    facts = {"item": item, "reported": TODAY, "state": State.IN_PROGRESS, **more}
    with registry.desk(login) as desk:
        return report(desk, Progress(**facts)).id  # type: ignore[arg-type]


def test_a_text_that_the_plan_cannot_take_hides_no_page_and_can_be_corrected(
    registry: Registry, enter: Enter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = enter("reporter-geo")
    fields = {"state": "in progress", "reported": TODAY.isoformat(), "seen": "0"}
    to, page = "/ru/report/draft/evidence", "/ru/report/draft"
    assert f'maxlength="{lengths.LONGEST}"' in client.get(page).text
    refused = post(client, to, page, **fields, text="я" * 19_997)
    assert refused.status_code == 422
    assert 'id="wrong-text"' in refused.text
    assert post(client, to, page, **fields, text="я" * lengths.LONGEST).status_code == 303
    with registry.view("reporter-geo") as desk:
        unfit: list[object] = []
        stone = next(m for m in plans.effective(desk, TODAY, unfit=unfit).milestones() if m.id == "draft")  # type: ignore[arg-type]
        assert stone.status[0].note.en.endswith("(ru)")  # type: ignore[union-attr]
        assert unfit == []
    # as an earlier release let it in
    monkeypatch.setattr(lengths, "LONGEST", 20_000)
    long = reported(registry, item="open", text={"ru": "я" * 19_997})
    monkeypatch.undo()
    for path in ("/ru/answer", "/ru/measures", "/ru/passport/milestone/open", page, "/ru/report/open", "/plan.xlsx"):
        assert client.get(path).status_code == 200, path
    assert f"progress {long} of GEO is not laid over the plan" in caplog.text
    told = translator("ru")("Left out of the plan until they are corrected: a text is too long or does not fit")
    tasks = client.get("/ru/tasks").text
    assert told in tasks
    assert f'/ru/report/open?on={TODAY}&amp;by=side"' in tasks
    assert post(client, "/ru/report/open/evidence", "/ru/report/open", **{**fields, "seen": "1"}).status_code == 303
    assert told not in client.get("/ru/tasks").text


def test_files_of_evidence_are_given_to_who_may_read_the_report(registry: Registry, enter: Enter) -> None:
    client, page = enter("reporter-geo"), "/en/report/draft"
    data = {"token": token(client.get(page).text), "state": "in progress", "reported": TODAY.isoformat(), "seen": "0"}
    proof, origin = b"%PDF-1.7 a letter", {"origin": HOST, "sec-fetch-site": "same-origin"}
    files = [("evidence", ("Хат 1.pdf", proof))]
    assert client.post("/en/report/draft/evidence", data=data, files=files, headers=origin).status_code == 303
    with registry.view("reporter-geo") as desk:
        made = listing(desk, "progress", "draft")[0]
    link = f"/en/record/{made.id}/files/{hashlib.sha256(proof).hexdigest()}"
    for path in (f"/en/record/{made.id}", "/en/passport/milestone/draft", page):
        assert f'href="{link}"' in client.get(path).text, path
    given = client.get(link)
    assert (given.content, given.headers["content-type"]) == (proof, "application/pdf")
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''%D0%A5" in given.headers["content-disposition"]
    # corrected, the file stays; taken away, it goes
    again = {"state": "stopped", "reported": TODAY.isoformat(), "seen": "1", "by": "side"}
    assert post(client, "/en/report/draft/evidence", page, **again).status_code == 303
    with registry.view("reporter-geo") as desk:
        assert [e.name for e in listing(desk, "progress", "draft")[0].payload.evidence] == ["Хат 1.pdf"]
    for login, code in (("", 404), ("viewer-arm", 404), ("admin-geo", 404), ("viewer-geo", 200)):
        assert enter(login).get(link).status_code == code, login
    assert client.get(f"{link[:-64]}{'0' * 64}").status_code == 404
    with registry.desk("secretariat-geo") as desk:
        share(desk, made.id, 2)
    assert enter("viewer-arm").get(link).status_code == 200
    assert enter("").get(link).status_code == 404
    away = {**again, "seen": "2", "away": made.payload.evidence[0].hash}
    assert post(client, "/en/report/draft/evidence", page, **away).status_code == 303
    with registry.view("reporter-geo") as desk:
        assert listing(desk, "progress", "draft")[0].payload.evidence == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_day_of_finishing_is_asked_for_at_its_field(enter: Enter, lang: str) -> None:
    client, page = enter("reporter-geo"), f"/{lang}/report/draft"
    for state, finished in (("done", ""), ("in progress", "2026-08-01"), ("done", "2026-10-01")):
        fields = {"state": state, "finished": finished, "reported": TODAY.isoformat()}
        refused = post(client, f"{page}/evidence", page, **fields)
        assert refused.status_code == 422
        wrong = html.unescape(refused.text.split('id="wrong-finished">')[1].split("</p>")[0])
        code = "finished-late" if finished > TODAY.isoformat() else "finished"
        assert wrong == translator(lang).named("problem", code) or lang == "en"


def test_a_reporter_of_one_organisation_reports_as_that_organisation(registry: Registry, enter: Enter) -> None:
    client = enter(hired(registry, "damir", "desk"))
    assert "Reported by: Trade desk" in client.get("/en/report/draft").text
    fields = {"state": "in progress", "reported": TODAY.isoformat(), "seen": "0", "by": "side"}
    assert post(client, "/en/report/draft/evidence", "/en/report/draft", **fields).status_code == 303
    with registry.view("damir") as desk:
        assert [r.payload.organisation for r in listing(desk, "progress", "draft")] == ["desk"]
    assert '<option value="in progress" selected' in client.get("/en/report/draft").text


def test_a_report_that_was_sent_back_looks_disputed_to_everyone_who_reads_it(registry: Registry, enter: Enter) -> None:
    ident = reported(registry)
    with registry.desk("secretariat-geo") as desk:
        made = share(desk, ident, 1)
    other, page = enter("approver-arm"), f"/en/record/{ident}"
    back = {"verdict": "sent back", "hash": made.hash}
    refused = post(other, f"{page}/confirm", page, **back)
    assert refused.status_code == 422
    assert 'id="wrong-note">it is sent back without a reason' in refused.text
    assert post(other, f"{page}/confirm", page, **back, note="No draft has reached us").status_code == 303
    told = "sent back by Armenia: No draft has reached us"
    own = enter("reporter-geo").get("/en/tasks").text
    assert told in own
    assert f'/en/report/draft?on={TODAY}&amp;by=side"' in own
    for login in ("reporter-geo", "viewer-arm"):
        client = enter(login)
        assert told in client.get("/en/passport/milestone/draft").text
        assert told in client.get("/en/measures").text
    for login in ("viewer-geo", "viewer-arm"):
        with registry.view(login) as desk:
            (said,) = said_for(jointly(desk), TODAY, "en", None, None)
            assert (said.side, "“Draft”: No draft has reached us" in said.text) == ("ARM", True)
    # corrected, the new version has no objection yet
    fields = {"state": "in progress", "reported": TODAY.isoformat(), "seen": "1", "text": "The draft is sent"}
    assert post(enter("reporter-geo"), "/en/report/draft/evidence", "/en/report/draft", **fields).status_code == 303
    assert told not in enter("reporter-geo").get("/en/measures").text
    assert told in enter("viewer-arm").get("/en/measures").text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_is_called_by_its_item_day_and_reporter_wherever_people_decide(
    registry: Registry, enter: Enter, lang: str
) -> None:
    side, desk_ = reported(registry), reported(registry, organisation="desk")
    client, day = enter("secretariat-geo"), translator(lang).date(TODAY)
    for path in (f"/{lang}/exchange", f"/{lang}/records/progress"):
        text = client.get(path).text
        assert "draft@" not in text
        for ident, who in ((side, "Georgia"), (desk_, "Trade desk")):
            assert f'<a href="/{lang}/record/{ident}">' in text
            assert f"Draft, {day}, {who}" in text
    page = client.get(f"/{lang}/record/{desk_}").text
    assert f"<h1>Draft, {day}, Trade desk</h1>" in page
    if lang != "en":
        content = page.split('class="cards"')[1].split("</table>")[0]
        assert not re.search(r"(?i)>(item|organisation)<", content), content


def test_the_first_plan_is_confirmed_with_its_measures_in_sight(tmp_path: Path) -> None:
    made = Registry.create(
        f"sqlite:///{tmp_path}/first.sqlite", ("GEO", "ARM"), files=tmp_path / "f", clock=lambda: NOW
    )
    with made.desk(OPERATOR) as desk:
        for login, role, side in (("nino", "secretariat", "GEO"), ("ani", "approver", "ARM")):
            accounts.add_user(desk, login, login, side)
            accounts.grant(desk, login, role)
    with made.desk("nino") as desk:
        proposed = plans.propose(desk, load(SMALL)[0], TODAY)
    app = application(made, Settings(behind_proxy=True, names=("plan.example",), draws=0))
    with TestClient(app, base_url=HOST, raise_server_exceptions=False, follow_redirects=False) as client:
        assert client.get(f"/en/confirm/{proposed.id}/plan.yaml").status_code == 303
        sign_in(client, made, "ani")
        page = client.get(f"/ru/confirm/{proposed.id}").text
        before = page.split('class="work"')[0]
        for said in ("One window", "end of 2027", "Trade desk", f"/ru/confirm/{proposed.id}/plan.docx"):
            assert said in before
        given = client.get(f"/ru/confirm/{proposed.id}/plan.yaml")
        assert plan_hash(parse(given.text, "f")[0]) == proposed.payload.digest
        assert proposed.payload.digest[:12] in given.headers["content-disposition"]
        for kind in ("xlsx", "docx"):
            path = tmp_path / f"plan.{kind}"
            path.write_bytes(client.get(f"/ru/confirm/{proposed.id}/plan.{kind}").content)
            assert plan_hash(import_table(path)[0]) == proposed.payload.digest
        assert client.get(f"/ru/confirm/{proposed.id}/plan.exe").status_code == 404
    made.close()
