"""Two real servers for a browser: a machine of one's own with the embedded plan, and a joint registry with accounts.

```
alone   embedded plan, no account, one finished run: the reader is the machine's holder, the clock stands at NOW
joint   the small plan, every role on both sides, a finished run, a proposal that waits, a worker; the clock goes
```

Chromium keeps `__Host-` cookies of a loopback address, so both are reached without TLS.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import uvicorn
from fastapi import FastAPI

from birge.factbook import Observation, read_observations
from birge.jobs import Jobs, run_job
from birge.plan import load
from birge.plan.schema import Plan
from birge.store import accounts, plans, records
from birge.store.kinds import Observed
from birge.store.registry import OPERATOR, Registry
from birge.store.signing_in import one_time_password
from birge.web import Settings, application
from birge.web.pages_run import shown
from birge.web.serve import first_run, founded

__all__ = ["NOW", "PASSWORD", "ROLES", "Served", "alone", "joint"]

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PASSWORD = "a long enough password"
ROLES = ("secretariat", "approver", "reporter", "viewer", "statistics", "admin")
SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"


@dataclass
class Served:
    """A running server: its address, its registry, and the second factors of its people."""

    address: str
    registry: Registry
    app: FastAPI
    codes: dict[str, list[str]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    proposal: str = ""

    def one_time(self, login: str) -> str:
        """Return the digits that the app of `login` shows now."""
        return one_time_password(self.secrets[login], self.registry.clock())


@contextmanager
def alone(folder: Path) -> Iterator[Served]:
    """Serve the embedded plan as `birge serve` does on an empty machine, with its first run done."""
    registry = founded(f"sqlite:///{folder}/alone.sqlite")
    registry.clock = lambda: NOW
    first_run(registry, 200)
    _finish(registry)
    with _listening(registry) as made:
        yield made


@contextmanager
def joint(folder: Path) -> Iterator[Served]:
    """Serve a plan that two sides keep together."""
    url = f"sqlite:///{folder}/joint.sqlite"
    registry = Registry.create(url, ("GEO", "ARM"))
    held: dict[str, list[str]] = {}
    told: dict[str, str] = {}
    with registry.desk(OPERATOR) as desk:
        for side in ("GEO", "ARM"):
            for role in ROLES:
                login = f"{role}-{side.lower()}"
                accounts.add_user(desk, login, f"{role.capitalize()}, {side}", side)
                accounts.grant(desk, login, role)
                accounts.set_password(desk, login, PASSWORD)
                held[login] = accounts.new_codes(desk, login)
        uri = accounts.new_totp(desk, "secretariat-geo")
        told["secretariat-geo"] = parse_qs(urlsplit(uri).query)["secret"][0]
    plan = load(SMALL)[0]
    with registry.desk("secretariat-geo") as desk:
        ident = plans.propose(desk, plan, desk.now.date()).id
    for who in ("approver-geo", "approver-arm"):
        with registry.desk(who) as desk:
            plans.confirm(desk, ident)
    with registry.desk("secretariat-geo") as desk:
        waits = plans.propose(desk, _later(plan), desk.now.date(), {"en": "The builder asks for a quarter more"}).id
    with registry.desk("statistics-geo") as desk:
        known = [
            o for o in read_observations(SMALL.with_name("small-observations.csv")) if o.published <= desk.now.date()
        ]
        made = [records.submit(desk, records.create(desk, "observation", _observed(o)).id, 1) for o in known]
    with registry.desk("approver-geo") as desk:
        for figure in made:
            records.share(desk, figure.id, figure.version)
    first_run(registry, 200)
    _finish(registry)
    with _listening(registry) as found, _working(url):
        found.codes, found.secrets, found.proposal = held, told, waits
        yield found


def _observed(seen: Observation) -> Observed:
    facts = {k: getattr(seen, k) for k in ("flow", "year", "reporter", "value", "published", "source")}
    return Observed(**facts, vintage="not known")


def _later(plan: Plan) -> Plan:
    data = plan.canonical()
    stone = next(s for m in data["measures"] for s in m.get("milestones", ()) if s["id"] == "built")
    stone["planned"] = date(2029, 12, 31).isoformat()
    return Plan.model_validate(data)


def _finish(registry: Registry) -> None:
    queue = Jobs(registry)
    job = queue.claim()
    assert job is not None
    run_job(queue, job, shown, "0")
    assert queue.get(job.id).state == "done", queue.get(job.id).what


@contextmanager
def _listening(registry: Registry) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = application(registry, Settings(port=port))
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    try:
        yield Served(f"http://127.0.0.1:{port}", registry, app)
    finally:
        running.should_exit = True
        thread.join(10)
        registry.close()


@contextmanager
def _working(url: str) -> Iterator[None]:
    """Let a worker's process take the jobs of a registry, as `birge serve` does."""
    said = f"from birge.web.worker import main; main({url!r}, {os.getpid()})"
    with subprocess.Popen([sys.executable, "-c", said]) as worker:
        try:
            yield
        finally:
            worker.terminate()
