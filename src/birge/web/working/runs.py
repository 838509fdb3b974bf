"""Run an assessment, or cancel one."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from birge.errors import InputError, Problem
from birge.jobs import Asked
from birge.plan.delays import movable, read_delays
from birge.plan.scenario import fitting, load_scenario
from birge.store.access import Thing
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.web.forms import Sent, door
from birge.web.reader import Reader
from birge.web.working.visit import texts

__all__ = ["delay_choices", "may_run", "router", "scenario_choices"]

router = APIRouter(include_in_schema=False)
Choices = list[tuple[str, str]]


def may_run(desk: Desk) -> bool:
    """Return whether the reader may run an assessment."""
    return desk.may("run", Thing("run", desk.actor.side))


def scenario_choices(view: Reader) -> Choices:
    """Return name and title of every scenario that speaks of this pair."""
    return [(name, load_scenario(name).named(view.plan).get(view.t.lang)) for name in fitting(view.plan)]


def delay_choices(view: Reader) -> list[tuple[str, Choices]]:
    """Return what can be put off: each measure's title, and under it the measure and its open milestones."""
    t, found = view.t, []
    for measure in view.plan.measures:
        steps = [s for s in measure.milestones if movable(s, view.day)]
        if steps:
            whole = (measure.id, t("the whole measure"))
            title = measure.title.get(t.lang)
            found.append((title, [whole, *((s.id, s.title.get(t.lang)) for s in steps if s.id != measure.id)]))
    return found


def _asked(sent: Sent, view: Reader) -> Asked:
    """Return what the form asks for; raises InputError with everything that is wrong in it."""
    problems: list[Problem] = []
    draws, number = sent.text("draws") or "2000", 2000
    if draws.isascii() and draws.isdigit() and len(draws) < 10:
        number = int(draws)
    else:
        problems.append(Problem("draws", "draws", f"{draws[:20]!r} is no number", "use 100 to 20,000"))
    pairs = zip(sent.many("delay"), sent.many("months"), strict=False)
    texts_ = [f"{item}={months.strip()}" for item, months in pairs if item or months.strip()]
    delays: dict[str, float] = {}
    try:
        delays = read_delays(texts_, view.plan, view.day, "delay")
    except InputError as error:
        problems += error.problems
    asked = Asked(
        number,
        scenario=sent.text("scenario") or None,
        without=tuple(sorted(set(sent.many("without")))),
        delays=tuple(sorted(delays.items())),
    )
    try:
        asked.check(view.plan, fitting(view.plan), view.day)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return asked


def _run(_request: Request, sent: Sent, lang: str) -> Response:
    texts(lang)
    house, actor = sent.house, sent.who.actor
    with house.reader(actor, lang, {}) as view:
        view.desk.require("run", Thing("run", actor.side))
        asked = _asked(sent, view)
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
