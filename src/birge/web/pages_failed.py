"""Runs that failed: what was asked, why there is no answer, and what to do; never a traceback."""

from __future__ import annotations

from birge.jobs import BROKE_OFF, LOST, Job
from birge.texts import Translator
from birge.web.blocks import Cell, Table
from birge.web.pages_run import switches
from birge.web.reader import Reader

__all__ = ["failures"]

MOST = 5


def failures(view: Reader) -> list[Table]:
    """Return the jobs of the reader's side that failed since its last answer; no table where none did."""
    t = view.t
    if not view.actor.side:
        return []
    found: list[Job] = []
    for job in view.jobs.listing(view.actor.side, view.desk.connection):
        if job.state == "done":
            break
        if job.state == "failed":
            found.append(job)
    if not found:
        return []
    rows = tuple(
        (Cell(_asked(view, job)), Cell(job.seen[:16].replace("T", " ")), *_why(job, t)) for job in found[:MOST]
    )
    head = (t("What was asked"), t("Ended"), t("Why there is no answer"), t("What to do"))
    return [Table("failed", t("Runs that failed"), head, rows, t("Since the last run that was done."))]


def _asked(view: Reader, job: Job) -> str:
    t, a = view.t, job.asked
    switched = switches(view, {"scenario": a.scenario, "without": a.without, "delays": dict(a.delays)})
    parts = [f"{name}: {value}" for name, value in switched if value != t("none")]
    return "; ".join([t("{n} futures", n=t.number(a.draws)), *parts])


def _why(job: Job, t: Translator) -> tuple[Cell, Cell]:
    """Return the reason and the remedy; those of the models are in English and marked so."""
    if job.what.startswith(LOST):
        return (
            Cell(t("The process that worked on it ended before the run was done, twice.")),
            Cell(t("Ask for fewer futures. If that fails too, the machine is short of memory: tell who runs it.")),
        )
    if job.what == BROKE_OFF:
        return (
            Cell(t("The program broke off; that is a fault of ours.")),
            Cell(
                t("Run it again. If it breaks off again, tell who runs the server: its log has job {job}.", job=job.id)
            ),
        )
    lang = "en" if t.lang != "en" else None
    first = job.what.splitlines()[0]
    reason, arrow, remedy = first.partition(" → ")
    if arrow:
        return Cell(reason, lang=lang), Cell(remedy, lang=lang)
    return Cell(reason, lang=lang), Cell(t("Change what is asked for, or the figures it reads, and run it again."))
