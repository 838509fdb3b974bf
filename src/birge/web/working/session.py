"""Sign in with two factors, and sign out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from birge.store.registry import OPERATOR
from birge.store.signing_in import second_factor, sign_in, sign_out
from birge.texts import Translator
from birge.web.forms import Field, Form, Sent, door
from birge.web.reader import peopled
from birge.web.visitor import COOKIE
from birge.web.wayback import forgotten, own_page, remembered, way_back
from birge.web.working.login import entered, key_form, provider_form
from birge.web.working.visit import Visit, texts, visited

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


def _sign_in_form(t: Translator) -> Form:
    return Form(
        f"/{t.lang}/sign-in",
        (
            Field("login", t("Login"), auto="username", needed=True),
            Field("password", t("Password"), "password", auto="current-password", needed=True),
        ),
        (("", t("Sign in")),),
    )


@router.get("/{lang}/sign-in")
def sign_in_page(request: Request, lang: str) -> Response:
    """Show the form to sign in."""
    return remembered(request, _signing_in(visited(request, lang, anybody=True)))


def _signing_in(visit: Visit) -> Response:
    t = visit.t
    lead: tuple[str, ...] = ()
    if own_page(visit.request.query_params.get("next", "")):
        lead = (t("This page is for people with an account. After you sign in it opens."),)
    with visit.house.registry.view(OPERATOR) as desk:
        alone = not peopled(desk)
    if alone:
        told = t("There is no account here yet. Who runs this machine makes the first one by a command:")
        lead = (f"{told} birge registry user add",)
    return visit.show(t("Sign in"), [_sign_in_form(t), *provider_form(visit.house, t)], lead)


def _enter(request: Request, sent: Sent, lang: str) -> Response:
    t = texts(lang)
    session = sign_in(sent.house.registry, sent.text("login")[:100], sent.text("password")[:1000])
    if session is None:
        told = t("Login or password do not fit, or the login is locked for a while.")
        return _signing_in(Visit(request, t, sent.who, (told,), 403))
    return entered(session, f"/{lang}/second-factor", whole=False)


@router.get("/{lang}/second-factor")
def second_page(request: Request, lang: str) -> Response:
    """Show the form for the second factor."""
    return _second_factors(visited(request, lang, anybody=True))


def _second_factors(visit: Visit) -> Response:
    t = visit.t
    code = Field("code", t("One-time password or printed code"), auto="one-time-code", needed=True)
    form = Form(f"/{t.lang}/second-factor", (code,), (("", t("Sign in")),))
    return visit.show(t("Second factor"), [form, key_form(t)])


def _second(request: Request, sent: Sent, lang: str) -> Response:
    t = texts(lang)
    with sent.house.registry.desk(OPERATOR) as desk:
        session = second_factor(desk, sent.who.session, sent.text("code")[:40])
    if session is None:
        told = t("The code does not fit, or the login is locked for a while.")
        return _second_factors(Visit(request, t, sent.who, (told,), 403))
    return forgotten(request, entered(session, way_back(request, f"/{lang}/tasks")))


def _leave(_request: Request, sent: Sent, lang: str) -> Response:
    texts(lang)
    with sent.house.registry.desk(OPERATOR) as desk:
        sign_out(desk, sent.who.session)
    answer = RedirectResponse(f"/{lang}", 303)
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


for path, handler in (
    ("/{lang}/sign-in", _enter),
    ("/{lang}/second-factor", _second),
    ("/{lang}/sign-out", _leave),
):
    router.add_route(path, door(handler), methods=["POST"])
