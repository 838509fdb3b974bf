"""Run an assessment, or cancel one."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from birge.errors import InputError
from birge.jobs import Asked
from birge.plan.scenario import load_scenario, scenario_names
from birge.store.access import Thing
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.web.forms import Sent, door
from birge.web.reader import Reader
from birge.web.working.visit import texts

__all__ = ["may_run", "router", "scenario_choices"]

router = APIRouter(include_in_schema=False)


def may_run(desk: Desk) -> bool:
    """Return whether the reader may run an assessment."""
    return desk.may("run", Thing("run", desk.actor.side))


def scenario_choices(view: Reader) -> list[tuple[str, str]]:
    """Return name and title of every scenario."""
    return [(name, load_scenario(name).title.get(view.t.lang)) for name in scenario_names()]


def _run(_request: Request, sent: Sent, lang: str) -> Response:
    texts(lang)
    house, actor = sent.house, sent.who.actor
    draws = sent.text("draws") or "2000"
    if not (draws.isascii() and draws.isdigit()) or len(draws) > 9:
        raise InputError.at("draws", "draws", f"{draws[:20]!r} is no number", "use 100 to 20,000")
    with house.reader(actor, lang, {}) as view:
        view.desk.require("run", Thing("run", actor.side))
        asked = Asked(
            int(draws), scenario=sent.text("scenario") or None, without=tuple(sorted(set(sent.many("without"))))
        )
        asked.check({m.id for m in view.plan.measures}, scenario_names())
    house.jobs.queue(actor.login, actor.side, asked)
    return RedirectResponse(f"/{lang}/scenarios", 303)


def _cancel(_request: Request, sent: Sent, lang: str, ident: str) -> Response:
    texts(lang)
    house, actor = sent.house, sent.who.actor
    with house.registry.view(actor) as desk:
        desk.require("run", Thing("run", actor.side))
    job = house.jobs.get(ident)
    if job.side != actor.side:
        raise Missing("there is no such job", id=ident[:64])
    house.jobs.cancel(job.id)
    return RedirectResponse(f"/{lang}/scenarios", 303)


for path, handler in (
    ("/{lang}/runs", _run),
    ("/{lang}/jobs/{ident}/cancel", _cancel),
):
    router.add_route(path, door(handler), methods=["POST"])
