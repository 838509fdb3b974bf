"""The read pages: crossings, corridors, power, passports, runs side by side, the plan as a file, and their JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from birge.cli.freight import app
from birge.factbook.network import corridors
from birge.jobs import Asked, Jobs, run_job
from birge.models.power.policy_table import shipped
from birge.pages.border import designs, simulated, ways
from birge.pages.corridors import main_pairs
from birge.pages.power import system_of, year_solved
from birge.plan import embedded, load
from birge.store import plans
from birge.store.kinds import Progress
from birge.store.progress import report
from birge.store.records import share
from birge.store.registry import Registry
from birge.texts import translator
from birge.web import Settings, application
from birge.web.pages_passport import PASSPORTS
from birge.web.pages_run import shown
from birge.web.serve import first_run, founded
from birge.web.shelf import Shelf
from tests.web.conftest import ALONE, Enter

PAIR = ("KAZ", "KGZ")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """Return a client of a machine of one's own with a plain run and one with a measure off."""
    registry = founded(f"sqlite:///{tmp_path_factory.mktemp('read')}/birge.sqlite")
    first_run(registry, 100)
    queue = Jobs(registry)
    queue.queue("worker", "KAZ", Asked(draws=120))
    queue.queue("worker", "KAZ", Asked(draws=100, without=("industrial-complex",)))
    queue.queue("worker", "KAZ", Asked(draws=100, delays=(("industrial-complex", 6.0),)))
    while (job := queue.claim()) is not None:
        run_job(queue, job, shown, "0")
        assert queue.get(job.id).state == "done", queue.get(job.id)
    return TestClient(application(registry, Settings()), base_url=ALONE)


def settled(client: TestClient, path: str) -> str:
    """Return a page once its model is done."""
    for _ in range(240):
        answer = client.get(path)
        assert answer.status_code == 200, answer.text[:500]
        if "data-again" not in answer.text:
            return answer.text
        time.sleep(0.5)
    raise AssertionError(f"{path} never settled")


def test_the_finding_is_the_headline(alone: TestClient) -> None:
    html = settled(alone, "/en/answer")
    head = re.search(r"<h1[^>]*>(.*?)</h1>", html)
    assert head
    assert re.fullmatch(r"(&[lg]t;)?\d+ of 100 futures reach 3\.0 bn USD in 2027", head[1]), head[1]
    for part in ("Changed since", "Who decides what by when", "<b>Done</b>", "<b>Spent</b>", "<b>Moved</b>"):
        assert part in html


def test_the_border_shows_both_names_figures_and_waits(alone: TestClient) -> None:
    html = settled(alone, "/ky/border?crossing=karasu")
    for n in corridors(PAIR).nodes:
        if n.kind == "crossing" and n.id in {r.crossing for r in ways(PAIR)}:
            assert n.name("ky").replace("'", "&#39;") in html
    assert 'id="p90"' in html
    assert 'id="queue"' in html
    # sources, assumed parts and closing hours stand in the reader's language
    assert not re.search(r'<span class="lang"', html.split("<main")[1])
    assert re.search(r"Күнү-түнү ачык эмес: [^.]*саат", html)
    rows = alone.get("/api/v1/border").json()
    assert [r["design"] for r in rows] == list(designs(PAIR))
    for r in rows:
        for s in r["streams"]:
            assert 0 <= s["wait_p50"] <= s["wait_p90"]
            assert len(s["queue_by_hour"]) == 24


def test_a_regime_without_words_is_shown_by_its_id(alone: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("birge.web.pages_border.controls", lambda pair: ("normal", "strict"))
    html = alone.get("/en/border").text
    assert re.search(r'<option value="strict"[^>]*>strict</option>', html)


def test_more_capacity_waits_less_and_the_same_seed_says_the_same() -> None:
    now, after = simulated(("karasu", "karasu-rebuilt"))
    again = simulated(("karasu",))[0]
    assert now.streams == again.streams
    assert max(s.wait_mean for s in after.streams) < max(s.wait_mean for s in now.streams)
    longer = simulated(("karasu",), "longer-checks")[0]
    assert sum(s.wait_mean for s in longer.streams) > sum(s.wait_mean for s in now.streams)


def test_the_page_of_corridors_says_what_the_command_says(
    alone: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    net = corridors(PAIR)
    sides = {n.id: n.economy for n in net.nodes}
    assert {(sides[a], sides[b]) for a, b in main_pairs(PAIR)} == {PAIR}
    # far enough that dates of a hundred draws and of a thousand count the same
    asked = {"from": "almaty", "to": "osh", "goods": "perishables", "year": "2037"}
    html = settled(alone, f"/en/corridors?{urlencode(asked)}")
    assert re.search(r"middle dates of run|planned dates", html)
    (row,) = alone.get("/api/v1/corridors", params=asked).json()
    app(["corridor", "Almaty", "Osh", "--goods", "perishables", "--on", "2037-12-31", "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    for column, named in (("today", "today"), ("planned", "with_the_plan")):
        assert set(row[column]) == {"road", "rail", "all"}
        for mode, values in row[column].items():
            for field, value in values.items():
                assert value == pytest.approx(told[named][mode][field], rel=1e-9), (column, mode, field)
    assert row["planned"]["road"]["p50"] < row["today"]["road"]["p50"] - 1
    there = [m for m in told["measures"] if m["counts"]]
    assert {"border.hours", "border.capacity", "freight.opening"} == {m["driver"] for m in there}
    counts = html.split('id="counts"')[1].split("</section>")[0]
    assert len(re.findall(r">yes<", counts)) == len(there)
    assert "Karasu - Ak-Tilek: serves 2.0 times as many trucks" in counts
    # what the page shows is rounded from the same
    shown = html.split('id="indicators"')[1].split("</section>")[0]
    assert f"{told['today']['road']['swd']:.1f} → {told['with_the_plan']['road']['swd']:.1f}" in shown
    for name in ("map", "waits", "ways", "ways-planned"):
        assert f'id="{name}"' in html


def test_the_year_of_power_balances_every_month(alone: TestClient) -> None:
    system = system_of(PAIR)
    assert system is not None
    for regime in ("isolated", "swap", "free"):
        year = year_solved(system, 2026, "mean", regime).water
        for m in year.months:
            supply = sum(m.sources.values()) + m.missing + m.returned - m.given - m.sold
            assert supply == pytest.approx(m.demand, rel=1e-6)
            assert year.stop - 1e-6 <= m.volume <= year.full + 1e-6
        assert year.months[-1].volume == pytest.approx(year.start)
    html = settled(alone, "/kk/power?inflow=dry")
    assert 'id="dispatch"' in html
    assert 'id="shares"' in html
    found = shipped(PAIR, "dry")
    assert found is not None
    assert translator("kk").number(found["cost"]["bound"]) in html, "the shipped policy of the dry river"
    own = ("regimes", "months-today", "months-open", "map-today", "map-open", "contracts")
    for name in ("days", "reservoir", "exchange", "missing", "gains", *own):
        assert f'id="power-{name}"' in html
    assert html.index('id="gains"') < html.index('id="gains-alone"'), "the gain against today stands first"
    numbers = json.loads(alone.get("/kk/power/dispatch.json?inflow=dry").content)
    assert all(column.endswith("ГВт·сағ") for column in numbers["columns"][1:-1])
    for month, demand, *parts, missing, given, returned, _ in numbers["rows"]:
        assert sum(parts) + missing + returned - given == pytest.approx(demand, abs=len(parts) + 3), month
    rows = list(csv.reader(io.StringIO(alone.get("/kk/power/dispatch.csv?inflow=dry").content.decode("utf-8-sig"))))
    assert [[float(v) for v in row] for row in rows[1:]] == numbers["rows"]


def test_an_address_that_names_nothing_is_refused_with_all_that_is_wrong(alone: TestClient) -> None:
    for path in ("/ru/power", "/en/power/dispatch.csv"):
        answer = alone.get(f"{path}?year=1900&inflow=foo&regime=bar")
        assert answer.status_code == 422
        for wrong in ("1900", "foo", "bar"):
            assert wrong in answer.text


def test_a_pair_without_such_data_is_told_so(enter: Enter) -> None:
    client = enter("viewer-geo")
    for name in ("border", "corridors", "power"):
        html = client.get(f"/en/{name}").text
        assert "nothing can be said of" in html
        assert client.get(f"/api/v1/{name}").status_code == 404


def test_gains_and_their_split_are_not_for_everybody(alone: TestClient, tmp_path: Path) -> None:
    own = settled(alone, "/en/power?inflow=dry")
    assert 'id="by-run"' in own
    assert "about 31 mn USD" in own
    registry = founded(f"sqlite:///{tmp_path}/open.sqlite")
    outside = TestClient(
        application(registry, Settings(behind_proxy=True, names=("x.example",))), base_url="https://x.example"
    )
    html = settled(outside, "/en/power")
    assert 'id="power-reservoir"' in html
    assert "Shapley" not in html
    assert 'id="by-run"' not in html
    assert outside.get("/api/v1/power/exchange").status_code == 404
    registry.close()


def test_every_passport_opens_and_links_lead_somewhere(alone: TestClient) -> None:
    seen = set()
    for page in ("measures", "culture", "instruments", "barriers", "sources", "targets", "scenarios", "border"):
        html = settled(alone, f"/en/{page}")
        found = re.findall(r'href="(passport/([a-z-]+)/[^"]+)"', html)
        for kind in {k for _, k in found}:
            path = next(p for p, k in found if k == kind)
            answer = alone.get(f"/en/{path}")
            assert answer.status_code == 200, path
            assert "Passport" in answer.text
            seen.add(kind)
    assert set(PASSPORTS) - seen <= {"organisation"}
    bodies = alone.get("/api/v1/organisations").json()["items"]
    assert alone.get(f"/ru/passport/organisation/{bodies[0]['id']}").status_code == 200
    for path in ("figure/none", "table/..%2Fobservations", "nothing/x", "run/x", "crossing/x"):
        assert alone.get(f"/en/passport/{path}").status_code == 404
    rows = alone.get("/en/passport/table/crossings/rows-crossings.csv")
    assert rows.status_code == 200
    assert "Ak-Jol" in rows.text


def test_two_runs_stand_side_by_side_under_one_address(alone: TestClient) -> None:
    runs = alone.get("/api/v1/runs").json()
    off = next(r for r in runs if r["without"])
    plain = next(r for r in runs if not r["without"] and not r["delays"])
    html = alone.get(f"/en/scenarios?run={plain['id']}&with={off['id']}").text
    title = next(m.title for m in embedded().measures if m.id == "industrial-complex")
    assert f"Measures off: none → {title.en}" in html
    assert 'id="odds"' in html
    assert alone.get(f"/en/scenarios?run={plain['id']}&with=nothing").status_code == 404
    chance, ground = "These two runs do not share their futures", ("draws", "seed", "as_of", "plan_hash")
    for other in (r for r in runs if r["id"] != plain["id"]):
        page = alone.get(f"/en/scenarios?run={plain['id']}&with={other['id']}").text
        apart = any(other[k] != plain[k] for k in ground)
        assert (chance in page or "different versions of the plan" in page) is apart


@pytest.mark.parametrize("lang", ["ru", "kk", "ky"])
def test_runs_are_compared_in_the_notation_of_the_reader(alone: TestClient, lang: str) -> None:
    runs = alone.get("/api/v1/runs").json()
    plain = next(r for r in runs if not r["without"] and not r["delays"] and r["draws"] == 100)
    late = next(r for r in runs if r["delays"])
    query = f"?run={plain['id']}&with={late['id']}"
    html = alone.get(f"/{lang}/scenarios{query}").text
    cells = re.findall(r"<t[dh][^>]*>(?:<[^>]*>)*([^<]*)", html.split('class="blocks"')[1])
    for text in cells:
        assert not re.fullmatch(r"[-+]?\d+\.\d+( \(.*)?|.*± \d+\.\d.*|\d{4}-\d\d-\d\d|\+0(,0)?|-0(,0)?", text), text
    assert any(re.fullmatch(r"[-+]?\d+,\d \(± \d+,\d\)", text) for text in cells)
    assert any(re.fullmatch(r"\d\d\.\d\d\.\d{4}", text) for text in cells)
    odds = alone.get(f"/{lang}/scenarios/odds.json{query}").json()["rows"]
    nothing = translator(lang)("no data")
    assert len(odds) > 2
    assert not [row for row in odds if row[1] == row[2] == nothing]
    assert "industrial-complex" not in " ".join(cells)


def test_what_being_late_costs_stands_beside_the_runs(alone: TestClient) -> None:
    runs = alone.get("/api/v1/runs").json()
    late = next(r for r in runs if r["delays"])
    assert late["delays"] == {"industrial-complex": 6.0}
    costs = alone.get(f"/api/v1/runs/{late['id']}").json()["document"]["delay_costs"]
    plain = next(r for r in runs if not r["without"] and not r["delays"] and r["draws"] == 100)
    before = {x["id"]: x for x in alone.get(f"/api/v1/runs/{plain['id']}").json()["document"]["targets"]}
    assert costs
    for ident, cost in costs.items():
        assert cost["odds_undelayed"] == before[ident]["odds_with"]
    title = next(m.title for m in embedded().measures if m.id == "industrial-complex")
    for lang, words in (("en", f"{title.en} by 6 months"), ("ky", f"{title.ky}: 6 айга")):
        html = alone.get(f"/{lang}/scenarios?run={plain['id']}&with={late['id']}").text
        assert 'id="late"' in html
        assert words in html
    assert f"{title.en} by 6 months" in alone.get(f"/en/passport/run/{late['id']}").text
    assert "This run is not of the plan as it stands" in alone.get(f"/en/targets?run={late['id']}").text
    assert late["id"] not in alone.get("/en/targets").text.split('id="earlier"')[0]


def test_an_earlier_run_stands_as_a_ghost(alone: TestClient) -> None:
    html = alone.get("/en/targets").text
    assert "thin grey lines: medians of earlier runs" in html


def test_the_plan_comes_as_a_file(alone: TestClient, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes(alone.get("/plan.yaml").content)
    assert load(path)[0].id == embedded().id
    for kind, magic in (("xlsx", b"PK"), ("docx", b"PK")):
        answer = alone.get(f"/plan.{kind}?lang=kk")
        assert answer.content.startswith(magic)
    assert alone.get("/plan.docx?lang=xx").status_code == 422


def test_lists_come_in_pages_and_are_filtered(alone: TestClient) -> None:
    whole = alone.get("/api/v1/barriers").json()
    assert whole["total"] == len(embedded().barriers)
    part = alone.get("/api/v1/barriers?limit=1&offset=1").json()
    assert part["total"] == whole["total"]
    assert part["items"] == whole["items"][1:2]
    assert alone.get("/api/v1/barriers?limit=0").status_code == 422
    removed = alone.get("/api/v1/barriers?state=removed").json()
    assert all(b["removed"] for b in removed["items"])
    for name in ("events", "meetings", "decisions", "instruments", "initiatives", "region-pairs", "sources"):
        assert alone.get(f"/api/v1/{name}").json()["total"] > 0, name
    assert {"crossings", "observations"} <= {x["name"] for x in alone.get("/api/v1/tables").json()}
    paths = alone.get("/api/v1/openapi.json").json()["paths"]
    assert {"/api/v1/border", "/api/v1/corridors", "/api/v1/power", "/api/v1/decisions"} <= set(paths)


def test_each_sides_word_stands_beside_the_others(registry: Registry, enter: Enter) -> None:
    with registry.view("viewer-geo") as desk:
        stone = plans.effective(desk, desk.now.date()).milestones()[0].id
    for side, state in (("geo", "in progress"), ("arm", "stopped")):
        with registry.desk(f"secretariat-{side}") as desk:
            said = Progress(item=stone, reported=desk.now.date(), state=state)
            made = report(desk, said)
            share(desk, made.id, made.version)
    client = enter("viewer-geo")
    assert "The two sides say different things." in client.get(f"/en/passport/milestone/{stone}").text
    html = client.get("/en/measures?sides=differ").text
    assert f"passport/milestone/{stone}" in html
    assert "they differ" in html


def test_the_shelf_works_once_tells_failures_and_forgets_the_oldest() -> None:
    shelf, count, gate = Shelf(most=2, patience=0.05), [], threading.Event()

    def slow() -> int:
        count.append(1)
        gate.wait(10)
        return 7

    assert shelf.take("a", slow) is None
    assert shelf.take("a", slow) is None
    gate.set()
    patient = Shelf(patience=10)
    assert patient.take("x", lambda: 1) == 1
    assert patient.take("x", lambda: 2) == 1
    with pytest.raises(ValueError, match="no"):
        patient.take("bad", lambda: (_ for _ in ()).throw(ValueError("no")))
    assert patient.take("bad", lambda: 3) == 3
    shelf.patience = 10
    assert shelf.take("a", slow) == 7
    assert len(count) == 1
    for k in "bcd":
        shelf.take(k, lambda: 0)
    assert shelf.take("a", lambda: 8) == 8
