"""Real servers for a browser: a machine of one's own, a joint registry with accounts, and one side's own registry.

```
alone   embedded plan, no account, one finished run: the reader is the machine's holder, the clock stands at NOW
joint   the small plan, every role on both sides, a finished run, a proposal that waits, a council with a session and
        its points, a reporting round, released records and a package of them, a worker; the clock goes
one     the second side's own installation, to which that package is brought
```

Chromium keeps `__Host-` cookies of a loopback address, so both are reached without TLS.
"""

from __future__ import annotations

import hashlib
import io
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import uvicorn
from fastapi import FastAPI

from birge.factbook import Observation, read_observations
from birge.jobs import Jobs, run_job
from birge.plan import load
from birge.plan.schema import Plan, State
from birge.store import accounts, council, plans, progress, records, rounds
from birge.store.kinds import KINDS, Meeting, Observed, Progress, Signing
from birge.store.registry import OPERATOR, Registry
from birge.store.release import release
from birge.store.signing_in import one_time_password
from birge.web import Settings, application
from birge.web.pages_run import shown
from birge.web.serve import first_run, founded

__all__ = ["NOW", "PASSWORD", "ROLES", "Served", "alone", "joint", "one"]

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
    unlinked: tuple[str, ...] = ()
    """Pages that a form or a letter leads to, or a link on one record of many."""
    package: Path | None = None

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
    package = folder / "package.zip"
    unlinked = (*_desks(registry, package), f"/en/invited/{_invited(registry)}")
    first_run(registry, 200)
    _finish(registry)
    with _listening(registry) as found, _working(url):
        found.codes, found.secrets, found.proposal = held, told, waits
        found.unlinked, found.package = unlinked, package
        yield found


@contextmanager
def one(folder: Path) -> Iterator[Served]:
    """Serve the registry of the second side alone, with its secretariat and no plan yet."""
    registry = Registry.create(f"sqlite:///{folder}/one.sqlite", ("GEO", "ARM"), "ARM")
    with registry.desk(OPERATOR) as desk:
        accounts.add_user(desk, "secretariat-arm", "Secretariat, ARM", "ARM")
        accounts.grant(desk, "secretariat-arm", "secretariat")
        accounts.set_password(desk, "secretariat-arm", PASSWORD)
        codes = accounts.new_codes(desk, "secretariat-arm")
    with _listening(registry) as found:
        found.codes = {"secretariat-arm": codes}
        yield found


def _desks(registry: Registry, package: Path) -> tuple[str, ...]:
    """Hold a session, call the next, open a round, release records; return where the first side's package is shown."""
    title = {"en": "Intergovernmental council", "ru": "Межправительственный совет"}
    _give(registry, "geo", "council", id="igc", title=title, body="intergovernmental council", languages=["en", "ru"])
    _give(registry, "geo", "barrier", id="scales", title={"en": "Scales are closed"}, source={"title": "letter"})
    today = registry.clock().date()
    for ident, number, day in (("igc-0", 0, today - timedelta(days=9)), ("igc-1", 1, today + timedelta(days=40))):
        with registry.desk("secretariat-geo") as desk:
            session = {"id": ident, "council": "igc", "title": {"en": f"Session {number}"}, "date": day}
            met = council.convene(desk, Meeting.model_validate(session))
            records.share(desk, met.id, met.version)
        for side, words in (("geo", "by spring"), ("arm", "by spring" if number == 0 else "by summer")):
            text = {"en": f"The scales open {words}"}
            _give(registry, side, "point", meeting=ident, number="1", text=text, owners=["desk"])
    with registry.desk("secretariat-geo") as desk:
        signing = Signing(date=today, place="Tbilisi", signatories={"GEO": "A. One", "ARM": "B. Two"})
        council.sign(desk, "igc-0", signing)
        rounds.open_round(desk, "autumn", today + timedelta(days=20))
        release(desk, package)
        content = package.read_bytes()
        name = hashlib.sha256(content).hexdigest()
        desk.files.write(name, content)
    return (f"/en/exchange/out/{name}", _proved(registry), "/en/sessions/igc-0/extract-desk.xlsx")


def _proved(registry: Registry) -> str:
    """Report progress with a file; return where the file is read."""
    with registry.desk("reporter-geo") as desk:
        proof = progress.attach(desk, io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "act.pdf")
        said = Progress(item="built", reported=desk.now.date(), state=State.IN_PROGRESS, evidence=(proof,))
        return f"/en/record/{progress.report(desk, said).id}/files/{proof.hash}"


def _give(registry: Registry, side: str, kind: str, **facts: Any) -> None:
    """Let the secretariat of a side write a record and release it to the other."""
    with registry.desk(f"secretariat-{side}") as desk:
        made = records.create(desk, kind, KINDS[kind].payload.model_validate(facts))
        records.share(desk, records.submit(desk, made.id, 1).id, 1)


def _invited(registry: Registry) -> str:
    with registry.desk("admin-geo") as desk:
        accounts.add_user(desk, "invited-geo", "Invited, GEO", "GEO")
        return accounts.invite(desk, "invited-geo")


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
    said = f"from birge.web.worker import main; main({url!r}, None, {os.getpid()})"
    with subprocess.Popen([sys.executable, "-c", said]) as worker:
        try:
            yield
        finally:
            worker.terminate()
