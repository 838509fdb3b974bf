"""The interface for programs, continued: what both sides keep, where figures come from, and what models say.

Long lists come in pages: `total`, and `items` from `offset` on, at most `limit`. What a model has not worked out yet is
answered with 202 and a time after which to ask again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, TypeAdapter

from birge.pages.border import Queueing, controls
from birge.pages.corridors import Corridor, network_of
from birge.pages.power import Exchange, WaterYear, exchange, system_of, year_solved
from birge.plan.schema import (
    Barrier,
    Decision,
    Event,
    Initiative,
    Instrument,
    Meeting,
    Organisation,
    RegionPair,
    Source,
)
from birge.report.passport import sources as plan_sources
from birge.store.errors import Missing
from birge.web.api import ERRORS, Day
from birge.web.pages_border import queueing
from birge.web.pages_corridors import corridors_of
from birge.web.reader import House, Reader
from birge.web.shelf import taken
from birge.web.visitor import visitor

__all__ = ["router"]

T = TypeVar("T")
LATER: dict[int | str, dict[str, Any]] = {202: {"description": "a model is at work; ask again after some seconds"}}
RETRY_S = "3"
router = APIRouter(prefix="/api/v1", responses=ERRORS)
Limit = Annotated[int, Query(ge=1, le=1000, description="how many at most")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="how many to leave out")]
State = Literal["open", "past its date", "removed"]


class Listed(BaseModel, Generic[T]):
    """A part of a list: how many there are, and those asked for."""

    total: int
    items: list[T]


class Decided(BaseModel):
    """A decision with the meeting that took it."""

    meeting: str
    decision: Decision


class FactTable(BaseModel):
    """A table of the factbook."""

    name: str
    title: str
    unit: str
    source: str
    licence: str
    vintage: str
    columns: list[str]


def _listed(
    request: Request, as_of: date | None, limit: int, offset: int, work: Callable[[Reader], Sequence[Any]]
) -> Listed[Any]:
    found = _read(request, as_of, work)
    return Listed(total=len(found), items=list(found[offset : offset + limit]))


def _read(request: Request, as_of: date | None, work: Callable[[Reader], T], **query: str) -> T:
    house: House = request.app.state.house
    asked = {**query, **({"as_of": as_of.isoformat()} if as_of else {})}
    with house.reader(visitor(request).actor, "en", asked) as view:
        return work(view)


def _worked(kind: Any, found: object) -> Response:
    """Return what a model says, or that it is still at work."""
    if found is None:
        return JSONResponse({"state": "being computed"}, 202, {"retry-after": RETRY_S})
    return Response(TypeAdapter(kind).dump_json(found), media_type="application/json")


@router.get("/barriers", tags=["reading"])
def barriers(
    request: Request,
    as_of: Day = None,
    state: State | None = None,
    crossing: str | None = None,
    organisation: str | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Listed[Barrier]:
    """Return barriers to trade and movement, by state, crossing and the organisation that must answer."""

    def told(b: Barrier, day: date) -> str:
        if b.removed and b.removed <= day:
            return "removed"
        return "past its date" if b.due and b.due < day else "open"

    def work(v: Reader) -> list[Barrier]:
        return [
            b
            for b in v.plan.barriers
            if state in (None, told(b, v.day))
            and crossing in (None, b.crossing)
            and (organisation is None or organisation in b.answers)
        ]

    return _listed(request, as_of, limit, offset, work)


@router.get("/events", tags=["reading"])
def events(
    request: Request,
    as_of: Day = None,
    kind: str | None = None,
    year: Annotated[int | None, Query(ge=1900, le=2200)] = None,
    pillar: str | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Listed[Event]:
    """Return the cultural and humanitarian programme."""

    def work(v: Reader) -> list[Event]:
        return [
            e for e in v.plan.events if kind in (None, e.kind) and year in (None, e.year) and pillar in (None, e.pillar)
        ]

    return _listed(request, as_of, limit, offset, work)


@router.get("/meetings", tags=["reading"])
def meetings(
    request: Request, as_of: Day = None, body: str | None = None, limit: Limit = 100, offset: Offset = 0
) -> Listed[Meeting]:
    """Return sessions of councils and other meetings with their decisions."""
    return _listed(request, as_of, limit, offset, lambda v: [m for m in v.plan.meetings if body in (None, m.body)])


@router.get("/decisions", tags=["reading"])
def decisions(
    request: Request,
    as_of: Day = None,
    meeting: str | None = None,
    owner: str | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Listed[Decided]:
    """Return decisions, each with its meeting, by meeting and owner."""

    def work(v: Reader) -> list[Decided]:
        return [
            Decided(meeting=m.id, decision=d)
            for m in v.plan.meetings
            for d in m.decisions
            if meeting in (None, m.id) and (owner is None or owner in d.owners)
        ]

    return _listed(request, as_of, limit, offset, work)


@router.get("/instruments", tags=["reading"])
def instruments(
    request: Request, as_of: Day = None, kind: str | None = None, limit: Limit = 100, offset: Offset = 0
) -> Listed[Instrument]:
    """Return treaties and papers and how far each is on each side."""
    return _listed(request, as_of, limit, offset, lambda v: [i for i in v.plan.instruments if kind in (None, i.kind)])


@router.get("/initiatives", tags=["reading"])
def initiatives(request: Request, as_of: Day = None, limit: Limit = 100, offset: Offset = 0) -> Listed[Initiative]:
    """Return joint initiatives on multilateral platforms."""
    return _listed(request, as_of, limit, offset, lambda v: v.plan.initiatives)


@router.get("/region-pairs", tags=["reading"])
def region_pairs(request: Request, as_of: Day = None, limit: Limit = 100, offset: Offset = 0) -> Listed[RegionPair]:
    """Return regions and cities that are tied to each other."""
    return _listed(request, as_of, limit, offset, lambda v: v.plan.region_pairs)


@router.get("/organisations", tags=["reading"])
def organisations(
    request: Request, as_of: Day = None, side: str | None = None, limit: Limit = 100, offset: Offset = 0
) -> Listed[Organisation]:
    """Return the bodies that answer for something, by side."""
    return _listed(
        request, as_of, limit, offset, lambda v: [o for o in v.plan.organisations if side in (None, o.party)]
    )


@router.get("/sources", tags=["reading"])
def sources(request: Request, as_of: Day = None, limit: Limit = 100, offset: Offset = 0) -> Listed[Source]:
    """Return every source of the plan once."""
    return _listed(request, as_of, limit, offset, lambda v: plan_sources(v.plan))


@router.get("/tables", tags=["reading"])
def tables(request: Request) -> list[FactTable]:
    """Return the tables of the factbook with unit, source, licence and vintage."""
    house: House = request.app.state.house
    return [FactTable(name=name, **entry) for name, entry in house.book.catalogue.items()]


@router.get("/border", tags=["models"], responses=LATER, response_model=list[Queueing])
def border(request: Request, control: Literal["normal", "longer-checks", "crisis"] = "normal") -> Response:
    """Return simulated waits at every crossing of the pair, today, rebuilt and at the complex."""

    def work(v: Reader) -> object:
        if not controls(v.desk.parties):
            raise Missing("there is no crossing of this pair in the factbook")
        return queueing(v.desk.parties, control)

    return _worked(tuple[Queueing, ...], _read(request, None, work))


@router.get("/corridors", tags=["models"], responses=LATER, response_model=list[Corridor])
def corridors(
    request: Request,
    as_of: Day = None,
    start: Annotated[str, Query(alias="from", max_length=64, description="a city by its id")] = "",
    end: Annotated[str, Query(alias="to", max_length=64, description="a city by its id")] = "",
    goods: Literal["general", "perishables", "bulk", "valuables"] = "general",
    control: Literal["normal", "longer-checks"] = "normal",
    year: Annotated[int | None, Query(ge=1900, le=2200, description="count what the plan has by its end")] = None,
) -> Response:
    """Return corridors today and with the plan: the main ones, or the one between two cities."""

    def work(v: Reader) -> object:
        net = network_of(v.desk.parties)
        if net is None:
            raise Missing("there is no network of this pair")
        found = corridors_of(v, net)[0]
        return found and found.corridors

    query = {"from": start, "to": end, "goods": goods, "control": control, **({"year": str(year)} if year else {})}
    return _worked(tuple[Corridor, ...], _read(request, as_of, work, **query))


@router.get("/power", tags=["models"], responses=LATER, response_model=WaterYear)
def power(
    request: Request,
    year: Annotated[int, Query(ge=2024, le=2050)] = 2026,
    inflow: Literal["dry", "mean", "wet"] = "mean",
    regime: Literal["isolated", "purchases", "swap", "free"] = "swap",
) -> Response:
    """Return a year of water and electricity of the side that holds the water, month by month."""

    def work(v: Reader) -> object:
        pair = v.desk.parties
        system = system_of(pair)
        if system is None:
            raise Missing("there is no power system of this pair in the tables")
        solved = taken(("year", pair, year, inflow, regime), partial(year_solved, system, year, inflow, regime))
        return solved and solved.water

    return _worked(WaterYear, _read(request, None, work))


@router.get("/power/exchange", tags=["models"], responses=LATER, response_model=list[Exchange])
def power_exchange(
    request: Request,
    year: Annotated[int, Query(ge=2024, le=2050)] = 2026,
    inflow: Literal["dry", "mean", "wet"] = "mean",
) -> Response:
    """Return what exchange is worth and one way to share it: illustrative, for the two sides' analysts."""

    def work(v: Reader) -> object:
        pair = v.desk.parties
        system = system_of(pair)
        if system is None or not v.actor.side:
            raise Missing("there is no such result, or none that you may see")
        return taken(("exchange", pair, year, inflow), partial(exchange, system, year, inflow))

    return _worked(tuple[Exchange, ...], _read(request, None, work))
