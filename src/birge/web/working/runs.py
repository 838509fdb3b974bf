"""Run an assessment, or cancel one; what is refused comes back as the page of scenarios, with what was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from birge.errors import InputError, Problem
from birge.jobs import Asked
from birge.plan.delays import movable, read_delays
from birge.plan.scenario import fitting, load_scenario
from birge.store.access import Thing
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.web.forms import Sent, bound, door
from birge.web.pages_compare import scenarios_page
from birge.web.reader import Reader
from birge.web.render import render
from birge.web.working.refusals import remedy
from birge.web.working.visit import texts

__all__ = ["may_run", "router", "run_form"]

router = APIRouter(include_in_schema=False)
Choices = list[tuple[str, str]]
ROWS, MONTHS, DRAWS = 3, "6", "2000"
"""Lines of the form for what is put off, the months that stand in each, and the futures asked for."""


def may_run(desk: Desk) -> bool:
    """Return whether the reader may run an assessment."""
    return desk.may("run", Thing("run", desk.actor.side))


def run_form(view: Reader, sent: Sent | None = None) -> dict[str, Any]:
    """Return what the form of a run offers and what is chosen in it: what was `sent`, else what stands there first."""
    late = _late(sent) if sent else []
    chosen = {
        "scenario": sent.text("scenario") if sent else "",
        "without": sent.many("without") if sent else (),
        "late": late + [("", MONTHS)] * (ROWS - len(late)),
        "draws": sent.text("draws") if sent else DRAWS,
    }
    return {
        "measures": [(m.id, m.title.get(view.t.lang)) for m in view.plan.measures if m.effects],
        "scenarios": _scenario_choices(view),
        "late": _delay_choices(view),
        "chosen": chosen,
    }


def _late(sent: Sent) -> list[tuple[str, str]]:
    """Return what is put off and by how many months, as typed; months beside nothing say nothing."""
    pairs = zip(sent.many("delay"), sent.many("months"), strict=False)
    return [(item, months.strip().replace(",", ".")) for item, months in pairs if item]


def _scenario_choices(view: Reader) -> Choices:
    """Return name and title of every scenario that speaks of this pair."""
    return [(name, load_scenario(name).named(view.plan).get(view.t.lang)) for name in fitting(view.plan)]


def _delay_choices(view: Reader) -> list[tuple[str, Choices]]:
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
    delays: dict[str, float] = {}
    try:
        delays = read_delays([f"{item}={months}" for item, months in _late(sent)], view.plan, view.day, "delay")
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


def _again(request: Request, sent: Sent, view: Reader, problems: Sequence[Problem]) -> Response:
    """Return the page of scenarios with what was chosen and what is wrong with it."""
    t = view.t
    labels = {"scenario": t("Scenario"), "without": t("Measures off"), "delay": t("Put off"), "draws": t("Futures")}
    told = [f"{labels.get(p.where, p.where)}: {remedy(p, t) or p.message}" for p in problems]
    # its links and its other languages are those of the page, not of the address that the form was sent to
    there = Request({**request.scope, "method": "GET", "path": f"/{t.lang}/scenarios"}, request.receive)
    facts = {"page": scenarios_page(view), "plan": view.plan, "day": view.day, "jobs": [], "may_run": True}
    facts |= {"problems": list(dict.fromkeys(told)), **run_form(view, sent)}
    return bound(there, sent.who, lambda: render(there, t, "page.html", sent.who, **facts), 422)


def _run(request: Request, sent: Sent, lang: str) -> Response:
    texts(lang)
    house, actor = sent.house, sent.who.actor
    with house.reader(actor, lang, {}) as view:
        view.desk.require("run", Thing("run", actor.side))
        try:
            asked = _asked(sent, view)
        except InputError as error:
            return _again(request, sent, view, error.problems)
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
