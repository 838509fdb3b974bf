"""The application: routes for readers, the interface for programs, working pages; errors as pages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from birge.charts import repainted
from birge.errors import BirgeError, InputError, StoreError
from birge.factbook import Factbook
from birge.jobs import Jobs
from birge.report.qr import qr_svg
from birge.store.errors import Conflict, Denied, Missing
from birge.store.registry import Registry
from birge.texts import LANGUAGES, translator
from birge.web import api, api_more, plan_files, working
from birge.web.blocks import Page, Picture, Table
from birge.web.feeds import calendar
from birge.web.files import MEDIA, picture_file, table_file
from birge.web.font import face, font_file, font_name
from birge.web.forms import bound
from birge.web.front import Front, answered, sheet_key
from birge.web.guard import Guard
from birge.web.kept import Asked, Sheet, sheet
from birge.web.pages_answer import answer_page
from birge.web.pages_border import border_page
from birge.web.pages_compare import scenarios_page
from birge.web.pages_corridors import corridors_page
from birge.web.pages_facts import downloads_page, sources_page, statistics_page
from birge.web.pages_papers import barriers_page, instruments_page
from birge.web.pages_passport import passport_page
from birge.web.pages_plan import due_page, measures_page
from birge.web.pages_power import power_page
from birge.web.pages_programme import culture_page
from birge.web.pages_search import search_page
from birge.web.pages_targets import targets_page
from birge.web.reader import House, NoPlan, Reader
from birge.web.render import render
from birge.web.settings import Settings
from birge.web.visitor import Visitor, visitor
from birge.web.wayback import sign_in_link
from birge.web.working.content import in_words
from birge.web.working.refusals import reason, refusal

__all__ = ["PAGES", "application"]

PAGES = {
    "answer": answer_page,
    "targets": targets_page,
    "measures": measures_page,
    "due": due_page,
    "statistics": statistics_page,
    "border": border_page,
    "corridors": corridors_page,
    "power": power_page,
    "culture": culture_page,
    "instruments": instruments_page,
    "barriers": barriers_page,
    "scenarios": scenarios_page,
    "search": search_page,
    "sources": sources_page,
    "downloads": downloads_page,
}
LONGEST_LINK = 400
KEPT = frozenset(
    (
        "answer",
        "barriers",
        "culture",
        "downloads",
        "due",
        "instruments",
        "measures",
        "scenarios",
        "sources",
        "statistics",
        "targets",
    )
)
"""Pages whose content depends on the registry, the reader, the day and the address alone, and so may be kept; a page is
not kept before it is named here (docs/decisions/0023)."""
log = logging.getLogger("birge.web")


def application(registry: Registry, settings: Settings | None = None) -> FastAPI:
    """Return the application over a registry."""
    settings = settings or Settings()
    app = FastAPI(
        title="Birge",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        description="A cooperation plan, its odds and its figures. Everybody reads what the registry lets them read.",
    )
    house = House(registry, Jobs(registry), settings, Factbook.embedded(), registry.secret("forms"))
    app.state.house = house
    app.state.pages = tuple(PAGES)
    app.add_api_route("/static/fonts/{name}", _font, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=str(files("birge.web") / "static")), name="static")
    app.include_router(api.router)
    app.include_router(api_more.router)
    app.include_router(plan_files.router)
    app.include_router(working.router)
    app.add_api_route("/", _home, include_in_schema=False)
    app.add_api_route("/style.css", _style, include_in_schema=False)
    told = {**api.ERRORS, 200: {"content": {"text/calendar": {}}, "description": "dates as iCalendar"}}
    app.add_api_route(
        "/calendar.ics", _calendar, methods=["GET"], tags=["feeds"], response_class=Response, responses=told
    )
    app.add_api_route("/{lang}", _language, include_in_schema=False)
    app.add_api_route("/{lang}/{name}", _page, include_in_schema=False, response_class=HTMLResponse)
    app.add_api_route("/{lang}/{name}/{block}.{kind}", _download, include_in_schema=False)
    passport = "/{lang}/passport/{subject}/{ident}"
    app.add_api_route(passport, _passport, include_in_schema=False, response_class=HTMLResponse)
    app.add_api_route(passport + "/{block}.{kind}", _passport_download, include_in_schema=False)
    for kind in (BirgeError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _failed)
    app.add_middleware(Front, house=house, names=KEPT)
    app.add_middleware(Guard, hosts=settings.hosts, tls=settings.behind_proxy)
    return app


def _preferred(request: Request) -> str:
    for part in request.headers.get("accept-language", "").lower().split(","):
        if (lang := part.strip()[:2]) in LANGUAGES:
            return lang
    return "en"


def _style() -> Response:
    """Return the report's sheet and what pages add to it, so that both are of one hand."""
    sheet = (files("birge.report") / "templates" / "report.css").read_text("utf-8")
    more = (files("birge.web") / "static" / "web.css").read_text("utf-8")
    content = face() + sheet.replace("{{ repainted }}", repainted(".chart")) + more
    return Response(content, media_type="text/css", headers={"cache-control": "max-age=300"})


def _font(name: str) -> Response:
    """Return the pages' font; its name changes with its content, so it may be kept for a year."""
    if name != font_name():
        raise HTTPException(404)
    return Response(
        font_file(), media_type="font/woff2", headers={"cache-control": "public, max-age=31536000, immutable"}
    )


def _home(request: Request) -> Response:
    return _first(request, _preferred(request))


def _language(request: Request, lang: str) -> Response:
    if lang not in LANGUAGES:
        raise HTTPException(404)
    return _first(request, lang)


def _first(request: Request, lang: str) -> Response:
    """Lead to the answer; where a reader may see no plan, to the sign-in, or to their tasks after it."""
    house: House = request.app.state.house
    who = visitor(request)
    name = "answer"
    with house.reader(who.actor, lang, {}) as view:
        try:
            _ = view.plan
        except Missing:
            name = "tasks" if who.signed_in else "sign-in"
    return RedirectResponse(f"/{lang}/{name}", 303)


def _made(view: Reader, name: str) -> Page:
    if name not in PAGES:
        raise HTTPException(404)
    return PAGES[name](view)


def _page(request: Request, lang: str, name: str) -> Response:
    if lang not in LANGUAGES or name not in PAGES:
        raise HTTPException(404)
    house: House = request.app.state.house
    who = visitor(request)
    with house.reader(who.actor, lang, dict(request.query_params)) as view:
        runs = name in ("answer", "scenarios") and working.may_run(view.desk)
        asked = Asked(view.mark, view.actor, view.desk.now.date())
        key = sheet_key(asked, lang, name, request.scope["query_string"], who.signed_in)
        if key and name in KEPT and not (runs and name == "scenarios"):
            made = house.sheets.made(key, lambda: _drawn(request, view, who, name), house.weight)
            return answered(request, made, bool(who.session))
        if not runs:
            return HTMLResponse(_drawn(request, view, who, name).body)

        def show() -> str:
            return _drawn(request, view, who, name).body.decode()

        return bound(request, who, show)


def _drawn(request: Request, view: Reader, who: Visitor, name: str) -> Sheet:
    house: House = request.app.state.house
    page = _made(view, name)
    more: dict[str, Any] = {}
    if name in ("answer", "scenarios"):
        own = [j for j in house.jobs.listing(view.actor.side, view.desk.connection) if view.actor.side]
        more["jobs"] = own[:5]
        more["may_run"] = working.may_run(view.desk)
    if name == "scenarios" and more["may_run"]:
        more |= working.run_form(view)
    facts = {"page": page, "plan": view.plan, "day": view.day, "printed": _printed(request, view, page.run), **more}
    return sheet(render(request, view.t, "page.html", who, **facts), page.waits)


@lru_cache(maxsize=512)
def _pictured(link: str) -> str:
    return qr_svg(link)


def _printed(request: Request, view: Reader, run: str | None) -> tuple[str, str]:
    """Return the address that a printed page leads back to, as text and as a picture: its run and day stand in it."""
    held = dict(request.query_params)
    query = urlencode({**held, **({"run": run} if run else {}), "as_of": view.day.isoformat()})
    house: House = request.app.state.house
    scheme = "https" if house.settings.behind_proxy else request.url.scheme
    link = str(request.url.replace(query=query, scheme=scheme))
    return link, _pictured(link) if len(link) <= LONGEST_LINK else ""


def _passport(request: Request, lang: str, subject: str, ident: str) -> Response:
    if lang not in LANGUAGES:
        raise HTTPException(404)
    house: House = request.app.state.house
    who = visitor(request)
    with house.reader(who.actor, lang, dict(request.query_params)) as view:
        page = passport_page(view, subject, ident)
        return HTMLResponse(
            render(
                request,
                view.t,
                "page.html",
                who,
                page=page,
                plan=view.plan,
                day=view.day,
                printed=_printed(request, view, None),
            )
        )


def _passport_download(request: Request, lang: str, subject: str, ident: str, block: str, kind: str) -> Response:
    return _block(request, lang, f"passport-{subject}", lambda v: passport_page(v, subject, ident), block, kind)


def _download(request: Request, lang: str, name: str, block: str, kind: str) -> Response:
    return _block(request, lang, name, lambda v: _made(v, name), block, kind)


def _block(request: Request, lang: str, name: str, make: Callable[[Reader], Page], block: str, kind: str) -> Response:
    """Return a block of a page as a file."""
    if lang not in LANGUAGES or kind not in MEDIA:
        raise HTTPException(404)
    house: House = request.app.state.house
    with house.reader(visitor(request).actor, lang, dict(request.query_params)) as view:
        page = make(view)
    drawing = block.endswith(".vega")
    found = next((b for b in page.blocks if b.name == block.removesuffix(".vega")), None)
    table = found if isinstance(found, Table) else found.table if found else None
    if isinstance(found, Picture) and found.spec and drawing and kind == "json":
        return JSONResponse(found.spec("narrow" if request.query_params.get("drawn") == "narrow" else "wide"))
    if table is not None and not drawing and kind in ("csv", "xlsx", "json"):
        content = table_file(table, kind)
    elif isinstance(found, Picture) and not drawing and kind in ("svg", "png"):
        content = picture_file(found, kind)
    else:
        raise HTTPException(404)
    disposition = f'attachment; filename="{name}-{block}.{kind}"'
    return Response(content, media_type=MEDIA[kind], headers={"content-disposition": disposition})


def _calendar(
    request: Request, pillar: str | None = None, organisation: str | None = None, lang: str = "en"
) -> Response:
    """Return dates as iCalendar: all, of a pillar, or of an organisation."""
    if lang not in LANGUAGES:
        raise HTTPException(404)
    house: House = request.app.state.house
    with house.reader(visitor(request).actor, lang, {}) as view:
        return Response(calendar(view, pillar or None, organisation or None), media_type="text/calendar; charset=utf-8")


def _status(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.status_code
    kinds: tuple[tuple[type[Exception], int], ...] = (
        (Denied, 403),
        (Missing, 404),
        (Conflict, 409),
        (InputError, 422),
        (RequestValidationError, 422),
        (StoreError, 503),
        (BirgeError, 422),
    )
    return next((code for kind, code in kinds if isinstance(error, kind)), 500)


def _failed(request: Request, error: Exception) -> Response:
    """Answer an error: JSON for programs, a page for people; what nobody expected is logged and not shown."""
    status = _status(error)
    if status == 500:
        log.exception("%s %r", request.method, request.url.path[:200], exc_info=error)
    lang = request.url.path.split("/")[1]
    t = translator(lang if lang in LANGUAGES else _preferred(request))
    program = translator("en") if request.url.path.startswith("/api/") else t
    lines = [refusal(p, program) for p in error.problems] if isinstance(error, InputError) else []
    if isinstance(error, RequestValidationError):
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    elif not lines and isinstance(error, BirgeError):
        lines = [reason(error, program)]
    if request.url.path.startswith("/api/"):
        return JSONResponse({"status": status, "problems": lines or [str(getattr(error, "detail", "error"))]}, status)
    titles = {403: t("You may not do this."), 404: t("There is no such page."), 409: t("Somebody else was first.")}
    title = titles.get(status, t("This could not be done."))
    who, way = _known(request, error), ""
    if isinstance(error, Denied) and request.method == "GET" and who and not who.signed_in:
        return RedirectResponse(sign_in_link(request, t.lang), 303)
    if isinstance(error, NoPlan):
        title, lines = t("There is no plan here that you may see."), []
    if isinstance(error, NoPlan) and not (who and who.signed_in):
        way = t(
            "Its two sides have not released it to everybody. Sign in with the account that your secretariat gave you."
        )
    if isinstance(error, Conflict):
        lines += [f"{label}: {value}" for label, value in in_words(error.theirs or {}, t)]
    link = sign_in_link(request, t.lang) if who and not who.signed_in else ""
    facts = {"title": title, "lines": lines, "way": way, "link": link}
    return HTMLResponse(render(request, t, "error.html", who if who and who.signed_in else None, **facts), status)


def _known(request: Request, error: Exception) -> Visitor | None:
    """Return who is refused a thing that somebody else may see; None for other errors, whoever meets them."""
    if not isinstance(error, Denied | Missing):
        return None
    try:
        return visitor(request)
    except BirgeError:
        return None
