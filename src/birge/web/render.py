"""Templates: autoescaped, strict about names, one environment for the process."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined

from birge.texts import LANGUAGES, Translator
from birge.web.guard import token
from birge.web.reader import House
from birge.web.visitor import FORM, Visitor

__all__ = ["SWITCH", "render"]

SWITCH = (("kk", "Қазақша"), ("ky", "Кыргызча"), ("ru", "Русский"), ("en", "English"))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("birge.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


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
            nav=_nav(t),
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


def _nav(t: Translator) -> list[tuple[str, str]]:
    return [
        ("answer", t("The answer")),
        ("targets", t("Targets")),
        ("measures", t("Measures and milestones")),
        ("due", t("Who does what by when")),
        ("statistics", t("Statistics")),
        ("culture", t("Culture and dialogue")),
        ("instruments", t("Instruments")),
        ("barriers", t("Barriers")),
        ("scenarios", t("Scenarios")),
        ("sources", t("Sources")),
        ("downloads", t("Downloads")),
    ]
