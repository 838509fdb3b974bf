"""The table of jobs. It belongs to the installation, never leaves it, and can be emptied without loss.

Workers that ask at once get different jobs: on PostgreSQL each locks the row it takes and skips locked ones, on SQLite
there is one writer. A job whose worker is gone waits again, once; the worker that takes it then has a new number of
tries, and what the old one might still say does not count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update

from birge.errors import InputError, Problem
from birge.plan.delays import delay_problems
from birge.plan.schema import Plan
from birge.store.engine import reading, writing
from birge.store.errors import Missing
from birge.store.registry import Registry
from birge.store.tables import jobs

__all__ = ["BROKE_OFF", "LOST", "Asked", "Job", "Jobs"]

GONE = timedelta(seconds=30)
"""A running job whose worker was silent for so long has none; a worker speaks every few seconds (`birge.jobs.work`)."""
MOST_TRIES = 2
LOST = "the worker stopped before the run was done"
"""How the reason of a job begins whose workers died over it."""
BROKE_OFF = "the run broke off; the server's log says why"
"""The reason of a job in which something happened that nobody expected."""
MOST_WAITING = 20


@dataclass(frozen=True)
class Asked:
    """What is asked for: draws, seed, date, a scenario by name, measures whose effects are off, delays in months."""

    draws: int = 10_000
    seed: int = 1
    as_of: str | None = None
    scenario: str | None = None
    without: tuple[str, ...] = field(default_factory=tuple)
    delays: tuple[tuple[str, float], ...] = field(default_factory=tuple)

    def check(self, plan: Plan, scenarios: tuple[str, ...], today: date) -> None:
        """Raise InputError with all that is wrong on a plan as known, before anything waits in the queue."""
        measures = {m.id for m in plan.measures}
        problems = []
        if not 100 <= self.draws <= 20_000:
            problems.append(Problem("draws", "draws", f"{self.draws} draws", "use 100 to 20,000"))
        if not 0 <= self.seed < 2**31:
            problems.append(Problem("seed", "seed", f"seed {self.seed}", "use a whole number from 0"))
        if self.scenario is not None and self.scenario not in scenarios:
            problems.append(
                Problem(
                    "scenario",
                    "scenario-unknown",
                    f"no scenario {self.scenario[:60]!r}",
                    f"use one of {', '.join(scenarios)}",
                )
            )
        problems += [
            Problem("without", "measure-unknown", f"there is no measure {w[:60]!r}", "use a measure of the plan")
            for w in self.without
            if w not in measures
        ]
        day = today
        try:
            day = date.fromisoformat(self.as_of) if self.as_of else today
        except ValueError:
            problems.append(Problem("as_of", "date", f"{self.as_of!r:.40} is no date", "write 2026-11-30"))
        problems += delay_problems(plan, dict(self.delays), day, "delay")
        if problems:
            raise InputError(problems)


@dataclass(frozen=True)
class Job:
    """A row: who asked for what, how far it is, and the run that came of it. `share` is in hundredths."""

    id: str
    login: str
    side: str
    asked: Asked
    state: str
    what: str
    share: int
    queued: str
    seen: str
    run: str | None
    tries: int = 0

    @property
    def open(self) -> bool:
        """Return whether it still waits or runs."""
        return self.state in ("waiting", "running", "stopping")


class Jobs:
    """The queue in a registry's database."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.engine = registry.engine

    def queue(self, login: str, side: str, asked: Asked) -> Job:
        """Put a job in; the same question that still waits or runs for the same side is not asked twice."""
        text = json.dumps(asdict(asked), sort_keys=True)
        at = self._now()
        with writing(self.engine) as connection:
            waits = select(jobs).where(jobs.c.state.in_(("waiting", "running")), jobs.c.side == side)
            rows = connection.execute(waits).all()
            for row in rows:
                if row.asked == text:
                    return _job(row)
            if len(rows) >= MOST_WAITING:
                raise InputError.at("queue", "queue-full", f"{len(rows)} jobs wait", "try again later")
            made = {
                "id": str(uuid4()),
                "login": login,
                "side": side,
                "asked": text,
                "state": "waiting",
                "what": "waiting",
                "share": 0,
                "queued": at,
                "seen": at,
            }
            connection.execute(insert(jobs).values(**made))
        return self.get(str(made["id"]))

    def get(self, ident: str) -> Job:
        """Return a job; raises Missing if there is none."""
        return _job(self._row(ident))

    def listing(self, side: str | None = None, within: Connection | None = None) -> list[Job]:
        """Return the jobs of a side (all if None), newest first; `within` is a transaction to read in."""
        query = select(jobs).order_by(jobs.c.queued.desc()).limit(200)
        if side is not None:
            query = query.where(jobs.c.side == side)
        with nullcontext(within) if within else reading(self.engine) as connection:
            return [_job(row) for row in connection.execute(query)]

    def shown(self, run: str, within: Connection | None = None) -> Mapping[str, Any] | None:
        """Return what pages draw of a run; None where its job is not kept here."""
        query = select(jobs.c.shown).where(jobs.c.run == run, jobs.c.shown.is_not(None))
        with nullcontext(within) if within else reading(self.engine) as connection:
            text = connection.execute(query).scalar()
        return json.loads(text) if text else None

    def cancel(self, ident: str) -> None:
        """Ask a job to stop: one that waits is gone at once, one that runs stops at its next word."""
        with writing(self.engine, chained=False) as connection:
            for before, after in (("waiting", "cancelled"), ("running", "stopping")):
                connection.execute(update(jobs).where(jobs.c.id == ident, jobs.c.state == before).values(state=after))

    def claim(self) -> Job | None:
        """Take the oldest waiting job; None if there is none. Jobs of workers that are gone come first."""
        now = self.registry.clock()
        silent = and_(jobs.c.state.in_(("running", "stopping")), jobs.c.seen < _stamp(now - GONE))
        with reading(self.engine) as connection:  # who only asks takes no lock
            if (
                connection.execute(select(jobs.c.id).where(or_(jobs.c.state == "waiting", silent)).limit(1)).first()
                is None
            ):
                return None
        with writing(self.engine, chained=False) as connection:
            self._regain(connection, silent)
            oldest = select(jobs).where(jobs.c.state == "waiting").order_by(jobs.c.queued, jobs.c.id).limit(1)
            row = connection.execute(oldest.with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            taken = {"state": "running", "what": "reading", "share": 0, "seen": _stamp(now), "tries": row.tries + 1}
            connection.execute(update(jobs).where(jobs.c.id == row.id).values(**taken))
        return self.get(row.id)

    def _regain(self, connection: Connection, silent: ColumnElement[bool]) -> None:
        """Let jobs of workers that are gone wait again, once; one that was to stop is cancelled."""
        lost = select(jobs.c.id, jobs.c.state, jobs.c.tries).where(silent).with_for_update(skip_locked=True)
        for row in connection.execute(lost).all():
            if row.state == "stopping":
                values = {"state": "cancelled", "what": "cancelled"}
            elif row.tries < MOST_TRIES:
                values = {"state": "waiting", "what": "waits again: its worker stopped"}
            else:
                values = {"state": "failed", "what": f"{LOST}, {row.tries} times"}
            connection.execute(update(jobs).where(jobs.c.id == row.id).values(**values))

    def tell(self, ident: str, what: str, share: float, tries: int | None = None) -> bool:
        """Note how far a job is; returns whether it is to go on. `tries` says for which try the caller speaks."""
        with writing(self.engine, chained=False) as connection:
            values = {"what": what[:200], "share": round(100 * share), "seen": self._now()}
            connection.execute(update(jobs).where(*_held(ident, tries)).values(**values))
            state = connection.execute(select(jobs.c.state).where(*_held(ident, tries))).scalar()
        return bool(state == "running")

    def alive(self, ident: str, tries: int) -> None:
        """Note that a job's worker lives."""
        with writing(self.engine, chained=False) as connection:
            connection.execute(update(jobs).where(*_held(ident, tries)).values(seen=self._now()))

    def end(
        self,
        ident: str,
        state: str,
        what: str,
        run: str | None = None,
        shown: Mapping[str, Any] | None = None,
        tries: int | None = None,
    ) -> None:
        """Close a job with its outcome."""
        text = json.dumps(shown, ensure_ascii=False) if shown is not None else None
        values = {"state": state, "what": what[:200], "seen": self._now(), "run": run, "shown": text}
        if state == "done":
            values["share"] = 100  # type: ignore[assignment]
        with writing(self.engine, chained=False) as connection:
            connection.execute(update(jobs).where(*_held(ident, tries)).values(**values))

    def _row(self, ident: str) -> Row[Any]:
        try:
            name = str(UUID(ident))
        except ValueError:
            name = ""
        with reading(self.engine) as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == name)).first()
        if row is None:
            raise Missing("there is no such job", id=ident[:80])
        return row

    def _now(self) -> str:
        return _stamp(self.registry.clock())


def _held(ident: str, tries: int | None) -> tuple[Any, ...]:
    """Return what finds a job that runs, and runs in this try."""
    going = or_(jobs.c.state == "running", jobs.c.state == "stopping")
    return (jobs.c.id == ident, going) if tries is None else (jobs.c.id == ident, going, jobs.c.tries == tries)


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _job(row: Row[Any]) -> Job:
    asked = json.loads(row.asked)
    asked["without"] = tuple(asked["without"])
    asked["delays"] = tuple((item, months) for item, months in asked.get("delays", ()))
    return Job(
        row.id,
        row.login,
        row.side,
        Asked(**asked),
        row.state,
        row.what,
        row.share,
        row.queued,
        row.seen,
        row.run,
        row.tries,
    )
