"""Runs of an earlier release, runs that failed, and readers who may see no run: each is told what there is and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from birge.factbook import Factbook
from birge.jobs import BROKE_OFF, LOST, Asked, Jobs, run_job
from birge.pages import Wanted, paper
from birge.pages.documents import lacking, whole
from birge.pages.registered import run_of
from birge.plan import embedded
from birge.report.paper import write_paper
from birge.store.access import Actor, Grant
from birge.store.records import listing
from birge.store.registry import Registry
from birge.store.runs import keep
from birge.web import Settings, application
from birge.web.pages_run import shown
from birge.web.serve import first_run, founded
from tests.web.conftest import ALONE, HOST, Enter

DESK = Actor("worker", "the assessment", "KAZ", (Grant("secretariat"),))
LATER = ("by_target", "fans", "delays", "delay_costs", "growth", "groups", "sensitivity")
OF_TARGET = ("variants", "base_rate", "odds_range", "odds_independent", "simulation_error")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Return a machine of one's own with one run."""
    made = founded(f"sqlite:///{tmp_path_factory.mktemp('earlier')}/birge.sqlite")
    first_run(made, 100)
    queue = Jobs(made)
    job = queue.claim()
    assert job is not None
    run_job(queue, job, shown, "0")
    yield made
    made.close()


def client(registry: Registry) -> TestClient:
    return TestClient(application(registry, Settings()), base_url=ALONE, raise_server_exceptions=False)


def document(kept: Registry) -> tuple[str, dict[str, Any]]:
    with kept.view(DESK) as desk:
        record = next(r for r in listing(desk, "run", official=True) if r.payload.release == "0")
        return record.id, json.loads(json.dumps(dict(record.payload.document)))


def test_a_whole_document_lacks_nothing_and_stays_as_it_is(kept: Registry) -> None:
    _, now = document(kept)
    assert lacking(now) == ()
    assert all(lacking(now, x["id"]) == () for x in now["targets"] if x["odds_with"] is not None)
    assert whole(now) == now


@pytest.mark.parametrize("gone", [LATER, (*LATER, "needed", "milestones", "past_targets", "unverified", "warnings")])
def test_pages_show_what_an_earlier_release_kept_and_say_what_it_did_not(kept: Registry, gone: tuple[str, ...]) -> None:
    _, old = document(kept)
    for name in gone:
        del old[name]
    for x in old["targets"]:
        for name in OF_TARGET:
            del x[name]
    old["measures"] = [{k: v for k, v in m.items() if k != "interval80_musd"} for m in old["measures"]]
    old["seed"] = 5 + len(gone)  # another document than the one that is kept
    with kept.desk(DESK) as desk:
        ident = keep(desk, old, "0.1").id
    c = client(kept)
    head = old["headline"]
    for path in (
        f"targets?run={ident}",
        f"targets?run={ident}&target={old['targets'][1]['id']}",
        f"answer?run={ident}",
        f"passport/run/{ident}",
        f"passport/target/{head}",
        f"scenarios?run={ident}&with={document(kept)[0]}",
        f"scenarios?run={document(kept)[0]}&with={ident}",
    ):
        for lang in ("en", "kk"):
            answer = c.get(f"/{lang}/{path}")
            assert answer.status_code == 200, (path, answer.text[-500:])
    html = c.get(f"/en/targets?run={ident}").text
    assert "This run was made by Birge 0.1, which did not keep" in html
    for what in ("Odds by outlook", "What each measure adds", "Turnover as a fan"):
        assert what in html
        assert f"<h2>{what}" not in html
    assert 'id="targets"' in html
    assert "by_target" in c.get(f"/en/passport/run/{ident}").text
    assert c.get(f"/api/v1/runs/{ident}").json()["delays"] == {}


def test_a_paper_of_a_kept_run_has_its_fan(kept: Registry, tmp_path: Path) -> None:
    ident = next(r["id"] for r in client(kept).get("/api/v1/runs").json() if r["release"] == "0")
    with kept.view(DESK) as desk:
        run = run_of(desk, ident)
    wanted = Wanted(embedded(), Factbook.embedded(), kept.clock().date(), run=run)
    made = paper(wanted)
    by_year = {(s.side.code, b.year, b.level): b for s in made.series for b in s.bands}
    for f in run.document["fans"]:
        for level in (50, 80, 95):
            b = by_year[f["basis"], f["year"], level]
            assert (1000 * b.low, 1000 * b.high) == pytest.approx(f[f"interval{level}"])
    write_paper(made, tmp_path / "paper.html", "html")
    text = (tmp_path / "paper.html").read_text("utf-8")
    assert "the median is" in text
    assert len(by_year) == 3 * len(run.document["fans"])


def test_a_run_made_elsewhere_has_its_fan_on_the_page(kept: Registry) -> None:
    _, other = document(kept)
    other["seed"] = 99
    with kept.desk(DESK) as desk:
        ident = keep(desk, other, "0.2").id
    html = client(kept).get(f"/en/targets?run={ident}").text
    assert "Of 100 futures, 80 lie between" in html
    assert "did not keep" not in html


def test_odds_that_hardly_differ_are_told_in_words(kept: Registry) -> None:
    _, now = document(kept)
    head = next(x for x in now["targets"] if x["id"] == now["headline"])
    assert abs(head["odds_with"] - head["odds_without"]) < head["simulation_error"]
    main = client(kept).get("/en/answer").text.split("<main")[1].split("blocks")[0]
    assert "moves the odds by less than the error of the count" in main
    assert "If the plan stopped today" not in main


def test_a_run_that_failed_says_why_and_what_to_do(kept: Registry) -> None:
    queue, c = Jobs(kept), client(kept)
    assert 'id="failed"' not in c.get("/en/scenarios").text
    queue.queue("worker", "KAZ", Asked(draws=100, delays=(("gone", 3.0),)))
    job = queue.claim()
    assert job is not None
    run_job(queue, job, shown, "0")
    for why in (f"{LOST}, 2 times", BROKE_OFF):
        queue.queue("worker", "KAZ", Asked(draws=100, seed=len(why)))
        job = queue.claim()
        assert job is not None
        queue.end(job.id, "failed", why, tries=job.tries)
    html = c.get("/en/scenarios").text
    table = html.split('id="failed"')[1].split("</section>")[0]
    for told in ("there is no measure or milestone &#39;gone&#39;", "use a milestone, or one of", "gone by 3 months"):
        assert told in table
    assert "ended before the run was done, twice" in table
    assert "Ask for fewer futures" in table
    assert f"its log has job {job.id}" in table
    assert "Traceback" not in html
    assert "Сәтсіз аяқталған" in c.get("/kk/scenarios").text
    queue.queue("worker", "KAZ", Asked(draws=100, seed=4))
    job = queue.claim()
    assert job is not None
    queue.end(job.id, "done", "done", tries=job.tries)
    assert 'id="failed"' not in c.get("/en/scenarios").text


def test_who_may_see_no_plan_is_told_to_sign_in(tmp_path: Path) -> None:
    empty = Registry.create(f"sqlite:///{tmp_path}/empty.sqlite", ("GEO", "ARM"))
    app = application(empty, Settings(behind_proxy=True, names=("plan.example",), draws=0))
    nobody = TestClient(app, base_url=HOST, raise_server_exceptions=False, follow_redirects=False)
    for lang, words in (("en", "Sign in with the account"), ("ky", "каттоо жазуусу менен кириңиз")):
        for page in ("answer", "targets", "measures"):
            answer = nobody.get(f"/{lang}/{page}")
            assert answer.status_code == 404
            assert words in answer.text
            assert f'href="/{lang}/sign-in?next=%2F{lang}%2F' in answer.text.split("<main")[1]
    empty.close()


def test_who_sees_the_plan_but_no_odds_is_told_what_to_do(kept: Registry, enter: Enter) -> None:
    app = application(kept, Settings(behind_proxy=True, names=("plan.example",)))
    main = TestClient(app, base_url=HOST).get("/en/answer").text.split("<main")[1]
    assert '<a href="sign-in">Odds are each side&#39;s own until both have released them.' in main
    assert "Run the assessment, or ask your secretariat to." in enter("viewer-geo").get("/en/answer").text
