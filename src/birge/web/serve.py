"""`birge serve`: open or found a registry, start who answers and who works, listen.

```
birge serve ─▶ listening socket ─▶ one process: answers here         ─┬─▶ database
                                └▶ --workers N: N processes that answer │
                                └▶ one process that takes jobs        ─┘     a process that dies is started again
```

Processes share the socket, the database and the secret of the forms, which lies there; what they keep in memory each
checks against the database (`birge.web.kept`), so they need not know of each other.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from birge.errors import InputError
from birge.jobs import Asked, Jobs
from birge.plan.load import embedded
from birge.store.access import Actor, Grant
from birge.store.errors import Unready
from birge.store.plans import propose, stands
from birge.store.records import publish
from birge.store.registry import Registry
from birge.web.settings import Settings

if TYPE_CHECKING:
    import uvicorn

__all__ = ["founded", "serve"]

log = logging.getLogger("birge.web")
MOST_OPEN = 1000
"""Connections a process holds at once; who comes then is told to come back (503)."""


def founded(url: str, evidence: Path | None = None) -> Registry:
    """Open the registry at `url`; where there is none, found one with the embedded plan, open to everyone."""
    try:
        registry = Registry.open(url, evidence)
    except Unready as error:
        if "there is no registry" not in str(error):
            raise
        plan = embedded()
        first, second = (p.code for p in plan.parties)
        registry = Registry.create(url, (first, second), files=evidence)
        founder = Actor(
            "embedded-plan", "the plan that ships with Birge", first, (Grant("secretariat"), Grant("approver"))
        )
        with registry.desk(founder) as desk:
            made = propose(desk, plan, desk.now.date())
            publish(desk, made.id, made.version)
    return registry


def first_run(registry: Registry, draws: int) -> None:
    """Ask for the first assessment where there is a plan and nobody has run one."""
    jobs = Jobs(registry)
    if jobs.listing():
        return
    side = registry.setting("side") or registry.setting("parties").split("-")[0]
    with registry.view(Actor("worker", "the assessment", side, (Grant("viewer"),))) as desk:
        if not stands(desk):
            return
    jobs.queue("worker", side, Asked(draws=draws))


class Crew:
    """Processes that are started again when they die."""

    def __init__(self) -> None:
        self.work: list[tuple[str, Callable[..., None], tuple[Any, ...]]] = []
        self.running: list[multiprocessing.process.BaseProcess] = []
        self.over = Event()

    def add(self, method: str, target: Callable[..., None], *given: Any) -> None:
        """Start a process by "spawn", or by "fork" where this one has no threads: that saves it all imports."""
        self.work.append((method, target, given))
        self.running.append(self._start(method, target, given))

    def watch(self) -> None:
        """Start anew what has died, until `stop`."""
        while not self.over.wait(1):
            for n, process in enumerate(self.running):
                if not process.is_alive() and not self.over.is_set():
                    log.warning("process %s ended with %s and is started again", process.pid, process.exitcode)
                    self.running[n] = self._start(*self.work[n])

    def stop(self) -> None:
        """End all."""
        self.over.set()
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.join(5)

    def _start(
        self, method: str, target: Callable[..., None], given: tuple[Any, ...]
    ) -> multiprocessing.process.BaseProcess:
        process: multiprocessing.process.BaseProcess = multiprocessing.get_context(method).Process(  # type: ignore[attr-defined]
            target=target, args=given, daemon=True
        )
        process.start()
        return process


def serve(url: str, settings: Settings, evidence: Path | None = None) -> None:
    """Serve until interrupted."""
    from birge.web.worker import main

    settings.check()
    listening = _listening(settings)
    registry = founded(url, evidence)
    if settings.draws:
        first_run(registry, settings.draws)
    registry.secret("forms")  # before the processes ask for it all at once
    crew, own = Crew(), os.getpid()

    def work() -> None:
        crew.add("spawn", main, url, evidence, own)

    def work_and_watch() -> None:
        work()
        crew.watch()

    try:
        if settings.workers == 1:
            _answer(registry, settings, listening, work_and_watch)
            return
        registry.close()
        for _ in range(settings.workers):
            method = "fork" if sys.platform == "linux" else "spawn"
            crew.add(method, answer, url, evidence, settings, listening, own)
        work()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: crew.over.set())
        crew.watch()
    finally:
        crew.stop()
        listening.close()
        registry.close()


def answer(url: str, evidence: Path | None, settings: Settings, listening: socket.socket, parent: int) -> None:
    """Answer readers in a process of its own while the process `parent` lives."""
    Thread(target=_orphan, args=(parent,), daemon=True).start()
    registry = Registry.open(url, evidence)
    try:
        _answer(registry, settings, listening)
    finally:
        registry.close()


def _answer(
    registry: Registry, settings: Settings, listening: socket.socket, then: Callable[[], object] | None = None
) -> None:
    """Answer until told to stop; what is to be done `then`, in a thread, waits for the first page to be there."""
    import uvicorn

    from birge.web.app import application
    from birge.web.line import Line

    config = uvicorn.Config(
        application(registry, settings),
        http=Line,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=settings.behind_proxy,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=10,
        limit_concurrency=MOST_OPEN,
        h11_max_incomplete_event_size=65536,
    )
    server = uvicorn.Server(config)
    if then is not None:
        Thread(target=_after, args=(server, then), daemon=True).start()
    server.run(sockets=[listening])


def _after(server: uvicorn.Server, then: Callable[[], object]) -> None:
    while not server.started:
        time.sleep(0.05)
    then()


def _orphan(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def _listening(settings: Settings) -> socket.socket:
    """Return the bound socket; raises InputError where the address is taken or not ours."""
    host = settings.host.strip("[]")
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, settings.port))
    except OSError as error:
        made.close()
        raise InputError.at(
            "--port", "address", f"{settings.host}:{settings.port}: {error.strerror}", "use another --port"
        ) from error
    return made
