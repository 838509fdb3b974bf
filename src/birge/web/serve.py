"""`birge serve`: open or found a registry, start the worker, listen."""

from __future__ import annotations

import multiprocessing
import os

from birge.jobs import Asked, Jobs
from birge.plan.load import embedded
from birge.store.access import Actor, Grant
from birge.store.errors import Unready
from birge.store.plans import propose, stands
from birge.store.records import publish
from birge.store.registry import Registry
from birge.web.settings import Settings

__all__ = ["founded", "serve"]


def founded(url: str) -> Registry:
    """Open the registry at `url`; where there is none, found one with the embedded plan, open to everyone."""
    try:
        registry = Registry.open(url)
    except Unready as error:
        if "there is no registry" not in str(error):
            raise
        plan = embedded()
        first, second = (p.code for p in plan.parties)
        registry = Registry.create(url, (first, second))
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


def serve(url: str, settings: Settings) -> None:
    """Serve until interrupted."""
    import uvicorn

    from birge.web.app import application
    from birge.web.worker import main

    settings.check()
    registry = founded(url)
    app = application(registry, settings)
    if settings.draws:
        first_run(registry, settings.draws)
    worker = multiprocessing.get_context("spawn").Process(target=main, args=(url, os.getpid()), daemon=True)
    worker.start()
    try:
        uvicorn.run(
            app,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            server_header=False,
            proxy_headers=settings.behind_proxy,
            timeout_keep_alive=15,
            h11_max_incomplete_event_size=65536,
        )
    finally:
        worker.terminate()
        worker.join(5)
        registry.close()
