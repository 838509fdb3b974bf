"""The interface for programs: what the pages show, as JSON, under the same rights."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from birge.jobs import Job
from birge.plan.due import Only, due
from birge.plan.scenario import scenario_names
from birge.store.canonical import plain
from birge.store.errors import Missing
from birge.store.records import Record, read
from birge.texts import LANGUAGES
from birge.web.reader import House, Reader
from birge.web.visitor import visitor

__all__ = ["ERRORS", "router"]

ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"description": told}
    for code, told in (
        (400, "the address is none"),
        (404, "there is no such thing, or none that you may see"),
        (422, "the question is wrong"),
    )
}
router = APIRouter(prefix="/api/v1", responses=ERRORS, tags=["reading"])
Day = Annotated[date | None, Query(description="as known on this day; today if left out")]


def _read(request: Request, as_of: date | None, work: Any, lang: str = "en") -> Any:
    house: House = request.app.state.house
    query = {"as_of": as_of.isoformat()} if as_of else {}
    with house.reader(visitor(request).actor, lang, query) as view:
        return work(view)


@router.get("/plan")
def plan(request: Request, as_of: Day = None) -> dict[str, Any]:
    """Return the plan as known on a day, with what was reported until then, and its hash."""
    return _read(request, as_of, lambda v: {"hash": v.version, "as_of": v.day.isoformat(), "plan": v.plan.canonical()})  # type: ignore[no-any-return]


@router.get("/targets")
def targets(request: Request, as_of: Day = None) -> list[dict[str, Any]]:
    """Return the targets with their odds from the newest run that you may see."""

    def work(v: Reader) -> list[dict[str, Any]]:
        odds = {x["id"]: x for x in v.document["targets"]} if v.document else {}
        return [
            {"indicator": i.id, "target": plain(t), "odds": odds.get(t.id), "run": v.run.id if v.run else None}
            for i, t in v.plan.targets()
        ]

    return _read(request, as_of, work)  # type: ignore[no-any-return]


@router.get("/measures")
def measures(request: Request, as_of: Day = None, pillar: str | None = None) -> list[dict[str, Any]]:
    """Return the measures of the plan, of a pillar if one is named."""
    return _read(request, as_of, lambda v: [plain(m) for m in v.plan.measures if pillar in (None, m.pillar)])  # type: ignore[no-any-return]


@router.get("/milestones")
def milestones(request: Request, as_of: Day = None) -> list[dict[str, Any]]:
    """Return the milestones with planned and modelled dates."""

    def work(v: Reader) -> list[dict[str, Any]]:
        run = {m["id"]: m for m in v.document["milestones"]} if v.document else {}
        return [{"milestone": plain(m), "modelled": run.get(m.id)} for m in v.plan.milestones()]

    return _read(request, as_of, work)  # type: ignore[no-any-return]


@router.get("/due")
def due_list(
    request: Request,
    as_of: Day = None,
    organisation: str | None = None,
    pillar: str | None = None,
    side: str | None = None,
    lang: Annotated[str, Query(pattern="^(en|ru|kk|ky)$")] = "en",
) -> dict[str, Any]:
    """Return who has to do what by when: next, past its date with a word since, past its date without one."""
    only = Only(organisation, pillar, side)
    assert lang in LANGUAGES
    return _read(request, as_of, lambda v: asdict(due(v.plan, v.day, lang, 10_000, only)), lang)  # type: ignore[no-any-return]


@router.get("/observations")
def observations(
    request: Request, as_of: Day = None, year: Annotated[int | None, Query(ge=1900, le=2200)] = None
) -> list[dict[str, Any]]:
    """Return the figures of both sides with source, vintage and date of publication."""
    return _read(request, as_of, lambda v: [asdict(o) for o in v.observations if year in (None, o.year)])  # type: ignore[no-any-return]


def _run(r: Record) -> dict[str, Any]:
    p = r.payload
    return {
        "id": r.id,
        "side": r.side,
        "level": r.level,
        "hash": r.hash,
        "at": r.at,
        "plan_hash": p.plan_hash,
        "as_of": p.as_of.isoformat(),
        "seed": p.seed,
        "draws": p.draws,
        "scenario": p.scenario,
        "release": p.release,
        "without": list(p.document.get("without", ())),
        "delays": dict(p.document.get("delays", {})),
    }


@router.get("/runs")
def runs(request: Request) -> list[dict[str, Any]]:
    """Return the runs of the assessment that you may see, newest first."""
    return _read(request, None, lambda v: [_run(r) for r in v.runs()])  # type: ignore[no-any-return]


@router.get("/runs/{ident}")
def run(request: Request, ident: str) -> dict[str, Any]:
    """Return a run with its document."""

    def work(v: Reader) -> dict[str, Any]:
        found = read(v.desk, ident)
        if found.kind != "run":
            raise Missing("there is no such run", id=ident[:80])
        return {**_run(found), "document": found.payload.document}

    return _read(request, None, work)  # type: ignore[no-any-return]


@router.get("/scenarios")
def scenarios() -> list[str]:
    """Return the names of the scenarios."""
    return list(scenario_names())


def _job(request: Request, ident: str) -> Job:
    house: House = request.app.state.house
    job, side = house.jobs.get(ident), visitor(request).actor.side
    if not side or job.side != side:
        raise Missing("there is no such job", id=ident[:80])
    return job


def _told(job: Job) -> dict[str, Any]:
    return {**asdict(job), "open": job.open}


@router.get("/jobs/{ident}")
def job(request: Request, ident: str) -> dict[str, Any]:
    """Return how far a job of your side is."""
    return _told(_job(request, ident))


@router.get("/jobs/{ident}/events", response_class=StreamingResponse)
async def events(request: Request, ident: str) -> StreamingResponse:
    """Return a job's progress as server-sent events until it ends."""
    first = await run_in_threadpool(_job, request, ident)

    async def stream() -> AsyncIterator[str]:
        job, last = first, ""
        while True:
            text = json.dumps(_told(job), ensure_ascii=False)
            if text != last:
                yield f"data: {text}\n\n"
                last = text
            if not job.open or await request.is_disconnected():
                return
            await asyncio.sleep(0.5)
            job = await run_in_threadpool(_job, request, ident)

    return StreamingResponse(stream(), media_type="text/event-stream")
