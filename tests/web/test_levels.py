"""Level by level: who reads a run that a side keeps to itself, shares, or that nobody has published."""

from __future__ import annotations

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from birge.jobs import Asked, Jobs, run_job
from birge.store.records import share
from birge.store.registry import Registry
from birge.store.runs import keep
from birge.web.pages_run import shown
from tests.web.conftest import Enter

DOCUMENT = {"plan_hash": "0" * 64, "as_of": "2026-09-01", "seed": 1, "draws": 100, "scenario": None, "without": []}
READERS = ("", *(f"{role}-{side}" for role in ("secretariat", "approver", "reporter", "viewer", "statistics", "admin")
                 for side in ("geo", "arm")))  # fmt: skip


@pytest.fixture
def kept(registry: Registry) -> str:
    """Return the id of a run that the first side keeps to itself."""
    with registry.desk("secretariat-geo") as desk:
        return keep(desk, DOCUMENT, "0").id


@pytest.mark.parametrize("reader", READERS)
def test_a_run_is_read_on_its_side_then_on_both_and_by_nobody_else(
    enter: Enter, registry: Registry, kept: str, reader: str
) -> None:
    client = enter(reader)
    reads = bool(reader) and not reader.startswith("admin")
    own = reads and reader.endswith("geo")
    assert client.get(f"/api/v1/runs/{kept}").status_code == (200 if own else 404)
    assert [r["id"] for r in client.get("/api/v1/runs").json()] == ([kept] if own else [])
    with registry.desk("approver-geo") as desk:
        share(desk, kept, 1)
    assert client.get(f"/api/v1/runs/{kept}").status_code == (200 if reads else 404)


def test_a_job_is_its_sides_alone_and_says_why_it_failed(enter: Enter, registry: Registry) -> None:
    queue = Jobs(registry)
    job = queue.queue("secretariat-geo", "GEO", Asked(draws=100))
    claimed = queue.claim()
    assert claimed is not None
    run_job(queue, claimed, shown, "0")
    own = enter("viewer-geo").get(f"/api/v1/jobs/{job.id}").json()
    assert own["state"] == "failed"
    assert own["what"]
    for reader in ("viewer-arm", ""):
        client = enter(reader)
        assert client.get(f"/api/v1/jobs/{job.id}").status_code == 404
        assert client.get(f"/api/v1/jobs/{job.id}/events").status_code == 404
    told = enter("viewer-geo").get(f"/api/v1/jobs/{job.id}/events")
    assert told.headers["content-type"].startswith("text/event-stream")
    assert '"state": "failed"' in told.text


def test_a_confirmed_plan_is_not_public_before_it_is_published(enter: Enter) -> None:
    assert enter("").get("/api/v1/plan").status_code == 404
    assert enter("viewer-arm").get("/api/v1/plan").status_code == 200


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60), name=st.sampled_from(["as_of", "pillar", "organisation", "side", "lang", "year"]))
def test_no_question_makes_the_interface_fail(enter: Enter, text: str, name: str) -> None:
    client = enter("")
    for path in ("/api/v1/due", "/api/v1/measures", "/api/v1/observations", "/calendar.ics", "/api/v1/targets"):
        assert client.get(path, params={name: text}).status_code < 500


def test_many_readers_at_once_get_whole_pages(enter: Enter) -> None:
    client = enter("viewer-geo")
    codes: list[int] = []
    readers = [
        threading.Thread(target=lambda: codes.append(client.get("/en/scenarios").status_code)) for _ in range(30)
    ]
    for r in readers:
        r.start()
    for r in readers:
        r.join()
    assert codes == [200] * 30
