"""The worker: claims a job, runs the assessment, keeps the run in the registry."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from birge.errors import BirgeError
from birge.factbook import Factbook
from birge.jobs.queue import BROKE_OFF, Job, Jobs
from birge.plan.scenario import load_scenario
from birge.store.access import Actor, Grant
from birge.store.figures import figures
from birge.store.plans import effective
from birge.store.registry import Registry
from birge.store.runs import keep

if TYPE_CHECKING:
    from birge.assess.assessment import Assessment

__all__ = ["Cancelled", "run_job", "work"]

PAUSE_S = 0.3
BEAT_S = 5.0
TELL_S = 0.3
Shown = Callable[["Assessment", Factbook], Mapping[str, Any]]
log = logging.getLogger("birge.jobs")


class Cancelled(BirgeError):
    """The job was asked to stop."""


def run_job(queue: Jobs, job: Job, shown: Shown, release: str) -> None:
    """Run one claimed job to its end: done, failed with the reason, or cancelled."""
    with _beating(queue, job):
        try:
            run, drawn = _run(queue, job, shown, release)
        except Cancelled:
            queue.end(job.id, "cancelled", "cancelled", tries=job.tries)
        except BirgeError as error:
            queue.end(job.id, "failed", str(error), tries=job.tries)
        except Exception:
            log.exception("job %s", job.id)
            queue.end(job.id, "failed", BROKE_OFF, tries=job.tries)
        else:
            queue.end(job.id, "done", "done", run, drawn, job.tries)


@contextmanager
def _beating(queue: Jobs, job: Job) -> Iterator[None]:
    """Say every few seconds that this worker lives, so that a long step is not taken for a dead worker."""
    over = Event()

    def beat() -> None:
        while not over.wait(BEAT_S):
            try:
                queue.alive(job.id, job.tries)
            except Exception:
                log.exception("job %s", job.id)

    beats = Thread(target=beat, name=f"beat-{job.id}", daemon=True)
    beats.start()
    try:
        yield
    finally:
        over.set()
        beats.join()


def _run(queue: Jobs, job: Job, shown: Shown, release: str) -> tuple[str, Mapping[str, Any]]:
    from birge.assess import assess

    registry, asked = queue.registry, job.asked
    worker = Actor("worker", "the assessment", job.side, (Grant("secretariat"),))
    day = date.fromisoformat(asked.as_of) if asked.as_of else registry.clock().date()
    with registry.view(worker) as desk:
        plan = effective(desk, day)
        book = Factbook.embedded().extended(figures(desk, day))
    spoken = [0.0]

    def tell(what: str, share: float) -> None:
        if time.monotonic() - spoken[0] < TELL_S and share < 1:
            return
        spoken[0] = time.monotonic()
        if not queue.tell(job.id, what, share, job.tries):
            raise Cancelled("asked to stop")

    made = assess(
        plan,
        asked.draws,
        asked.seed,
        as_of=day,
        scenario=load_scenario(asked.scenario) if asked.scenario else None,
        without=asked.without,
        delays=dict(asked.delays),
        factbook=book,
        progress=tell,
    )
    drawn = shown(made, book)
    with registry.desk(replace(worker, login=job.login)) as desk:
        record = keep(desk, made.document(), release, {"facts": made.facts_until.isoformat()})
    return record.id, drawn


def work(registry: Registry, shown: Shown, release: str, parent: int | None = None) -> None:
    """Take jobs one after another; ends when the process `parent` is gone."""
    queue = Jobs(registry)
    while parent is None or os.getppid() == parent:
        job = queue.claim()
        if job is None:
            time.sleep(PAUSE_S)
        else:
            run_job(queue, job, shown, release)
