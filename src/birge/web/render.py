"""Templates: autoescaped, strict about names, one environment for the process."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined

from birge.errors import BirgeError
from birge.plan.schema import Plan
from birge.report.qr import qr_svg
from birge.store.lengths import LONGEST
from birge.texts import LANGUAGES, Translator
from birge.web.guard import token
from birge.web.reader import House
from birge.web.visitor import FORM, Visitor

__all__ = ["SWITCH", "islands", "render"]

SWITCH = (("kk", "Қазақша"), ("ky", "Кыргызча"), ("ru", "Русский"), ("en", "English"))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("birge.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["qr"] = qr_svg
    made.globals["longest"] = LONGEST
    return made


def render(request: Request, t: Translator, template: str, who: Visitor | None, **facts: Any) -> str:
    """Return a template filled with `facts`, the texts of the language and what every page has."""
    house: House = request.app.state.house
    cookie = (who.session if who and who.session else "") or request.cookies.get(FORM, "")
    return (
        _environment()
        .get_template(template)
        .render(
            t=t,
            lang=t.lang,
            switch=[(code, name, _switched(request, code)) for code, name in SWITCH],
            nav=(groups := _nav(t, request.app.state.pages, bool(who and who.signed_in))),
            at=_title(groups, request.url.path),
            islands=islands(),
            origin=_origin(house, who, t.lang, facts.get("plan")),
            here=request.url.path,
            query=urlencode(list(request.query_params.multi_items())),
            picked=dict(request.query_params),
            who=who,
            token=token(house.secret, cookie) if cookie else "",
            **facts,
        )
    )


def _switched(request: Request, lang: str) -> str:
    """Return this page in another language, with all that stands in the address."""
    parts = request.url.path.split("/")
    rest = "/".join(parts[2:]) if parts[1] in LANGUAGES else ""
    query = f"?{request.url.query}" if request.url.query and rest else ""
    return f"/{lang}/{rest or 'answer'}{query}"


@cache
def islands() -> bool:
    """Return whether the scripts of the islands are there; without them every page works as it is."""
    return (files("birge.web") / "static" / "islands" / "main.js").is_file()


def _nav(t: Translator, pages: Collection[str], signed_in: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the pages that there are, in groups."""
    groups: list[tuple[str, list[tuple[str, str]]]] = [
        (
            t("Plan"),
            [
                ("answer", t("The answer")),
                ("targets", t("Targets")),
                ("measures", t("Measures and milestones")),
                ("due", t("Who does what by when")),
                ("culture", t("Culture and dialogue")),
                ("instruments", t("Instruments")),
                ("barriers", t("Barriers")),
            ],
        ),
        (t("Border and power"), [("border", t("Border")), ("corridors", t("Corridors")), ("power", t("Power"))]),
        (
            t("Figures"),
            [
                ("statistics", t("Statistics")),
                ("scenarios", t("Scenarios")),
                ("sources", t("Sources")),
                ("downloads", t("Downloads")),
            ],
        ),
    ]
    found = [(title, [p for p in own if p[0] in pages]) for title, own in groups]
    if signed_in:
        found.append((t("Work"), [("tasks", t("My tasks"))]))
    return [(title, own) for title, own in found if own]


def _title(groups: list[tuple[str, list[tuple[str, str]]]], path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return next((title for _, own in groups for key, title in own if key == name), "")


def _origin(house: House, who: Visitor | None, lang: str, plan: Plan | None) -> str:
    """Return that the plan is a reconstruction, where it is one and the reader may see it."""
    if plan is None and who is not None:
        try:
            with house.reader(who.actor, lang, {}) as view:
                plan = view.plan
        except BirgeError:
            return ""
    return plan.origin_note.get(lang) if plan is not None and plan.origin == "reconstructed" else ""
