"""What everybody can read: every page in four languages, downloads, the calendar, the interface for programs."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar

from birge.errors import InputError
from birge.jobs import Asked, Jobs, run_job
from birge.store.registry import Registry
from birge.texts import LANGUAGES, translator
from birge.web import Settings, application
from birge.web.app import PAGES
from birge.web.guard import CSP
from birge.web.pages_run import shown
from birge.web.serve import first_run, founded
from tests.web.conftest import ALONE, NOW, token


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """Return a client of `birge serve` on an empty machine, before and after nothing but the first run."""
    registry = founded(f"sqlite:///{tmp_path_factory.mktemp('alone')}/birge.sqlite")
    first_run(registry, 100)
    first_run(registry, 100)
    client = TestClient(application(registry, Settings()), base_url=ALONE)
    before = client.get("/ru/answer").text
    assert "data-job" in before
    assert 'http-equiv="refresh"' in before
    queue = Jobs(registry)
    job = queue.claim()
    assert job is not None
    run_job(queue, job, shown, "0")
    assert queue.get(job.id).state == "done", queue.get(job.id)
    assert queue.claim() is None
    return client


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_reads_in_every_language_under_the_policy(alone: TestClient, lang: str, name: str) -> None:
    answer = alone.get(f"/{lang}/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["x-content-type-options"] == "nosniff"
    html = answer.text
    assert f'<html lang="{lang}">' in html
    assert not re.search(r"<[^>]* style=|<style|<script(?! src=)| on\w+=\"", html)
    assert all(code in html for code in ("Қазақша", "Кыргызча", "Русский", "English"))


def test_the_first_run_answers_and_is_cited(alone: TestClient) -> None:
    runs = alone.get("/api/v1/runs").json()
    assert len(runs) == 1
    run = alone.get(f"/api/v1/runs/{runs[0]['id']}").json()
    head = next(x for x in run["document"]["targets"] if x["id"] == run["document"]["headline"])
    html = alone.get("/en/answer").text
    assert f"{100 * head['odds_with']:.0f} of 100" in html
    assert runs[0]["id"] in html
    assert alone.get(f"/en/targets?run={runs[0]['id']}").text.count("<svg") >= 4
    assert alone.get("/en/targets?run=nothing").status_code == 404


def test_missing_translations_are_shown_as_such(alone: TestClient) -> None:
    assert '<span class="lang"' in alone.get("/kk/sources").text
    assert '<span class="lang"' not in alone.get("/en/sources").text


def test_filters_stand_in_the_address(alone: TestClient) -> None:
    whole = alone.get("/en/measures").text
    one = alone.get("/en/measures?pillar=energy").text
    assert one.count("<tr>") < whole.count("<tr>")
    assert '<option value="energy" selected' in one
    assert 'href="/kk/measures?pillar=energy"' in one


@pytest.mark.parametrize("evil", ["' OR 1=1 --", "<script>alert(1)</script>", "../../etc/passwd", "\x00", "x" * 4000])
@pytest.mark.parametrize("name", ["measures", "due", "sources", "answer", "targets"])
def test_what_stands_in_the_address_is_only_text(alone: TestClient, name: str, evil: str) -> None:
    asked = dict.fromkeys(("pillar", "organisation", "side", "state", "item", "year", "as_of", "run"), evil)
    answer = alone.get(f"/en/{name}", params=asked)
    assert answer.status_code in (200, 400, 404, 422)
    assert "<script>alert" not in answer.text
    assert alone.get(f"/en/{quote(evil[:50], safe='')}").status_code in (404, 307, 303, 400)


def test_downloads_hold_what_the_page_shows(alone: TestClient) -> None:
    table = alone.get("/en/statistics/turnover.json").json()
    csv = alone.get("/en/statistics/turnover.csv").content.decode("utf-8-sig")
    assert csv.splitlines()[0].startswith("Year,")
    assert len(csv.splitlines()) == len(table["rows"]) + 1
    assert alone.get("/en/statistics/turnover.xlsx").content[:4] == b"PK\x03\x04"
    assert alone.get("/en/measures/milestones.svg").text.startswith("<svg")
    drawn = alone.get("/en/measures/milestones.png").content
    assert drawn[:8] == b"\x89PNG\r\n\x1a\n"
    assert drawn[24:26] == b"\x08\x06"  # RGBA, eight bits each
    packed = drawn[drawn.index(b"IDAT") + 4 :]
    # a row starts with its filter, and the first pixel has no neighbours that any filter could use
    assert zlib.decompressobj().decompress(packed, 5)[1:] == b"\xff\xff\xff\xff", "white, not transparent"
    assert alone.get("/en/measures/milestones.exe").status_code == 404
    assert alone.get("/static/../app.py").status_code == 404
    assert alone.get("/static/%2e%2e/app.py").status_code == 404


def test_calendars_are_read_by_a_calendar(alone: TestClient) -> None:
    whole = Calendar.from_ical(alone.get("/calendar.ics").content).walk("VEVENT")
    some = Calendar.from_ical(alone.get("/calendar.ics?pillar=energy").content).walk("VEVENT")
    assert 0 < len(some) < len(whole)
    days = Calendar.from_ical(alone.get("/calendar.ics?pillar=culture").content).walk("VEVENT")
    assert any(str(e["uid"]).startswith("golden-bridge") for e in days)
    assert not any(str(e["uid"]).startswith("golden-bridge") for e in some)
    assert alone.get("/calendar.ics?pillar=nothing").status_code == 422


def test_every_read_route_of_the_interface_answers_without_a_fault(alone: TestClient) -> None:
    described = alone.get("/api/v1/openapi.json").json()
    assert len(described["paths"]) > 10
    for path, routes in described["paths"].items():
        assert set(routes) == {"get"}
        for value in ("x", "0", "'", "%00", "9" * 60):
            names = {p["name"]: value for p in routes["get"].get("parameters", ()) if p["in"] == "query"}
            answer = alone.get(re.sub(r"\{\w+\}", value.replace("%00", "n"), path), params=names)
            assert answer.status_code < 500, (path, value, answer.text)
    plan = alone.get("/api/v1/plan").json()
    assert plan["plan"]["id"] == "kz-kg-2025-2027"
    assert json.dumps(alone.get("/api/v1/due?side=KGZ").json())


def test_other_addresses_are_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no TLS"):
        Settings(host="0.0.0.0").check()
    with pytest.raises(InputError, match="public name"):
        Settings(host="0.0.0.0", behind_proxy=True).check()
    Settings(host="0.0.0.0", behind_proxy=True, names=("plan.example",)).check()
    Settings().check()


def test_unknown_hosts_are_refused(alone: TestClient) -> None:
    assert alone.get("/en/answer", headers={"host": "evil.example"}).status_code == 421


def test_a_cancelled_and_a_lost_job_are_told(registry: Registry) -> None:
    queue = Jobs(registry)
    waiting = queue.queue("x", "GEO", Asked(draws=100))
    assert queue.queue("x", "GEO", Asked(draws=100)).id == waiting.id
    queue.cancel(waiting.id)
    assert queue.get(waiting.id).state == "cancelled"
    lost = queue.queue("x", "GEO", Asked(draws=200))
    claimed = queue.claim()
    assert claimed is not None
    assert claimed.id == lost.id
    queue.cancel(lost.id)
    assert queue.tell(lost.id, "sampling", 0.5) is False
    registry.clock = lambda: NOW.replace(hour=9)
    assert queue.claim() is None
    assert queue.get(lost.id).state == "cancelled"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_run_that_is_refused_keeps_what_was_chosen_and_says_why(alone: TestClient, lang: str) -> None:
    page = alone.get(f"/{lang}/scenarios")
    first = page.text.split('id="run"')[1].split("</form>")[0]
    assert re.findall(r'name="months"[^>]*value="([^"]*)"', first) == ["6", "6", "6"]
    own = {"origin": ALONE, "cookie": page.headers["set-cookie"].split(";")[0]}
    scenario = alone.get("/api/v1/scenarios").json()[0]
    fields = {"token": token(page.text), "scenario": scenario, "without": "industrial-complex", "draws": "700"}
    late = {"delay": ["complex-open", "industrial-complex", ""], "months": ["", "3,5", ""]}
    refused = alone.post(f"/{lang}/runs", data={**fields, **late}, headers=own)
    assert refused.status_code == 422
    alert = refused.text.split('role="alert">')[1].split("</div>")[0]
    assert translator(lang)("Put off") in alert
    assert re.search("[A-Za-z]{2}", re.sub(r"<[^>]*>", "", alert)) is None or lang == "en", alert
    form = refused.text.split('id="run"')[1].split("</form>")[0]
    assert re.findall(r'<option value="([^"]+)" selected', form) == [scenario, "complex-open", "industrial-complex"]
    assert re.findall(r'value="([^"]+)" checked', form) == ["industrial-complex"]
    assert re.findall(r'name="months"[^>]*value="([^"]*)"', form) == ["", "3.5", "6"]
    assert 'name="draws" type="number" min="100" max="20000" value="700"' in form
    assert f"/{lang}/runs/" not in refused.text, "downloads are the page's"
    found = re.findall(rf'href="(/(?:{"|".join(LANGUAGES)})/[^"]*)" lang=', refused.text)
    assert len(found) == len(LANGUAGES) - 1
    assert all(alone.get(link).status_code == 200 for link in found), found


def test_the_holder_of_the_machine_runs_a_scenario_and_cancels_it(alone: TestClient) -> None:
    page = alone.get("/en/scenarios")
    cookie = page.headers["set-cookie"].split(";")[0]
    own = {"origin": ALONE, "cookie": cookie}
    given = token(page.text)
    scenario = alone.get("/api/v1/scenarios").json()[0]
    fields: dict[str, object] = {"token": given, "scenario": scenario, "without": "industrial-complex", "draws": "150"}
    assert alone.post("/en/runs", data={**fields, "draws": "1"}, headers=own).status_code == 422
    assert alone.post("/en/runs", data={**fields, "scenario": "../x"}, headers=own).status_code == 422
    wrong = {**fields, "draws": "x", "delay": ["nothing", "industrial-complex", ""], "months": ["6", "-1", "6"]}
    refused = alone.post("/en/runs", data=wrong, headers=own)
    assert refused.status_code == 422
    for told in ("is no number", "no measure or milestone", "put off by -1 months"):
        assert told in refused.text
    assert "ITEM=MONTHS" not in refused.text, "months beside nothing say nothing"
    fields |= {"delay": ["industrial-complex", "", "complex-open"], "months": ["6", "", "1,5"]}
    assert alone.post("/en/runs", data=fields, headers=own, follow_redirects=False).status_code == 303
    job = re.search(r'data-job="([0-9a-f-]+)"', alone.get("/en/scenarios").text)
    assert job
    assert alone.get(f"/api/v1/jobs/{job[1]}").json()["asked"]["scenario"] == scenario
    assert alone.get(f"/api/v1/jobs/{job[1]}").json()["asked"]["delays"] == [
        ["complex-open", 1.5],
        ["industrial-complex", 6.0],
    ]
    stop = {"data": {"token": given}, "headers": own, "follow_redirects": False}
    assert alone.post(f"/en/jobs/{job[1]}/cancel", **stop).status_code == 303
    assert alone.get(f"/api/v1/jobs/{job[1]}").json()["state"] == "cancelled"
