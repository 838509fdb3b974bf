"""Jobs with several workers on both engines: nobody takes another's, and what a dead one held is taken up again."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import select, update

from birge.jobs import Asked, Jobs
from birge.store.engine import writing
from birge.store.registry import Registry
from birge.store.tables import jobs
from tests.web.conftest import peopled


@pytest.fixture(params=["sqlite", "postgresql"])
def real(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    """Return a registry on each engine with a real clock."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/jobs.sqlite"
    else:
        fresh: Callable[[], str] = request.getfixturevalue("postgresql")
        url = fresh()
    made = peopled(url, tmp_path / "files", lambda: datetime.now(UTC))
    yield made
    made.close()


TAKE = """
import sys, time
from pathlib import Path
from birge.jobs import Jobs
from birge.store.registry import Registry
registry = Registry.open(sys.argv[1], Path(sys.argv[2]))
queue = Jobs(registry)
print("ready", flush=True)
sys.stdin.readline()
quiet = 0
while quiet < 3:
    job = queue.claim()
    if job is None:
        quiet += 1
        time.sleep(0.05)
        continue
    print(job.id, flush=True)
    if sys.stdin is not None:  # the first job is held until the other worker has one too
        sys.stdin.readline()
        sys.stdin = None
    queue.end(job.id, "done", "done", tries=job.tries)
"""

DIE = """
import sys, time
from pathlib import Path
from birge.jobs import Jobs
from birge.store.registry import Registry
registry = Registry.open(sys.argv[1], Path(sys.argv[2]))
job = Jobs(registry).claim()
print(job.id, flush=True)
time.sleep(600)
"""


def process(code: str, registry: Registry) -> subprocess.Popen[str]:
    url = registry.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", code, url, str(registry.files.root)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_two_workers_take_every_job_once(real: Registry) -> None:
    queue = Jobs(real)
    made = {queue.queue("x", side, Asked(draws=100, seed=n)).id for n in range(20) for side in ("GEO", "ARM")}
    workers = [process(TAKE, real) for _ in range(2)]
    for w in workers:
        assert w.stdout is not None
        assert w.stdout.readline() == "ready\n"
    taken = []
    for w in workers:
        assert w.stdin is not None
        w.stdin.write("\n")
        w.stdin.flush()
    first = [w.stdout.readline() for w in workers if w.stdout is not None]
    for w, job in zip(workers, first, strict=True):
        out, _ = w.communicate("\n", timeout=60)
        taken.append([job.strip(), *out.split()])
    assert sorted(taken[0] + taken[1]) == sorted(made)
    assert {j.state for j in queue.listing()} == {"done"}


def test_claims_do_not_wait_for_each_other_nor_for_the_chain(real: Registry) -> None:
    if real.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    queue = Jobs(real)
    first = queue.queue("x", "GEO", Asked(draws=100))
    second = queue.queue("x", "GEO", Asked(draws=200))
    got: list[str] = []

    def claim() -> None:
        job = queue.claim()
        got.append(job.id if job else "")

    with writing(real.engine) as chain, real.engine.connect() as other, other.begin():
        assert chain is not None
        other.execute(select(jobs).where(jobs.c.id == first.id).with_for_update())
        thread = Thread(target=claim)
        thread.start()
        thread.join(20)
        assert got == [second.id]
    claimed = queue.claim()
    assert claimed is not None
    assert claimed.id == first.id


def test_the_job_of_a_killed_worker_waits_again_once_and_then_fails(real: Registry) -> None:
    queue = Jobs(real)
    asked = queue.queue("x", "GEO", Asked(draws=100))
    for tries in (1, 2):
        worker = process(DIE, real)
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == asked.id
        os.kill(worker.pid, signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
        worker.stdout.close()
        assert worker.stdin is not None
        worker.stdin.close()
        assert (queue.get(asked.id).state, queue.get(asked.id).tries) == ("running", tries)
        assert queue.claim() is None, "a worker that was heard of a moment ago is not taken for dead"
        with writing(real.engine) as connection:  # two minutes go by
            long_ago = (datetime.now(UTC) - timedelta(minutes=2)).isoformat(timespec="milliseconds")
            connection.execute(update(jobs).values(seen=long_ago))
    assert queue.claim() is None
    assert queue.get(asked.id).state == "failed"
    assert "2 times" in queue.get(asked.id).what


def test_a_worker_that_was_taken_for_dead_cannot_end_what_another_does(real: Registry) -> None:
    queue = Jobs(real)
    asked = queue.queue("x", "GEO", Asked(draws=100))
    old = queue.claim()
    assert old is not None
    later = datetime.now(UTC) + timedelta(minutes=1)
    real.clock = lambda: later
    new = queue.claim()
    assert new is not None
    assert (new.id, new.tries) == (asked.id, 2)
    assert queue.tell(old.id, "late", 0.9, old.tries) is False
    queue.end(old.id, "failed", "late", tries=old.tries)
    assert queue.get(asked.id).state == "running"
    assert queue.tell(new.id, "sampling", 0.5, new.tries)
    queue.alive(new.id, new.tries)
    queue.end(new.id, "done", "done", tries=new.tries)
    assert queue.get(asked.id).state == "done"


def test_a_worker_in_a_long_step_is_not_taken_for_dead(real: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    work = importlib.import_module("birge.jobs.work")  # the package has a function of that name
    monkeypatch.setattr(work, "BEAT_S", 0.01)
    queue = Jobs(real)
    asked = queue.queue("x", "GEO", Asked(draws=100))
    job = queue.claim()
    assert job is not None
    beaten, seen = Event(), queue.alive

    def alive(ident: str, tries: int) -> None:
        seen(ident, tries)
        beaten.set()

    monkeypatch.setattr(queue, "alive", alive)
    later = datetime.now(UTC) + timedelta(minutes=2)
    real.clock = lambda: later
    with work._beating(queue, job):
        assert beaten.wait(30)
        assert queue.claim() is None
        assert queue.get(asked.id).state == "running"
