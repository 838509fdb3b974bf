"""Sign in with two factors, and sign out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from birge.store.registry import OPERATOR
from birge.store.signing_in import second_factor, sign_in, sign_out
from birge.texts import Translator
from birge.web.forms import Field, Form, Sent, door
from birge.web.visitor import COOKIE, FORM, visitor
from birge.web.working.login import key_form, provider_form
from birge.web.working.shown import shown, texts

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


def _set(answer: Response, name: str, value: str) -> None:
    answer.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="lax")


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
    t = texts(lang)
    return shown(
        request, t, visitor(request), t("Sign in"), [_sign_in_form(t), *provider_form(request.app.state.house, t)]
    )


def _enter(request: Request, sent: Sent, lang: str) -> Response:
    t = texts(lang)
    session = sign_in(sent.house.registry, sent.text("login")[:100], sent.text("password")[:1000])
    if session is None:
        told = t("Login or password do not fit, or the login is locked for a while.")
        return shown(request, t, sent.who, t("Sign in"), [_sign_in_form(t)], (), (told,), status=403)
    answer = RedirectResponse(f"/{lang}/second-factor", 303)
    _set(answer, COOKIE, session)
    return answer


@router.get("/{lang}/second-factor")
def second_page(request: Request, lang: str) -> Response:
    """Show the form for the second factor."""
    t = texts(lang)
    return shown(request, t, visitor(request), t("Second factor"), [_second_form(t), key_form(t)])


def _second_form(t: Translator) -> Form:
    code = Field("code", t("One-time password or printed code"), auto="one-time-code", needed=True)
    return Form(f"/{t.lang}/second-factor", (code,), (("", t("Sign in")),))


def _second(request: Request, sent: Sent, lang: str) -> Response:
    t = texts(lang)
    with sent.house.registry.desk(OPERATOR) as desk:
        session = second_factor(desk, sent.who.session, sent.text("code")[:40])
    if session is None:
        told = t("The code does not fit, or the login is locked for a while.")
        return shown(request, t, sent.who, t("Second factor"), [_second_form(t)], (), (told,), status=403)
    answer = RedirectResponse(f"/{lang}/tasks", 303)
    _set(answer, COOKIE, session)
    answer.delete_cookie(FORM, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _leave(_request: Request, sent: Sent, lang: str) -> Response:
    texts(lang)
    with sent.house.registry.desk(OPERATOR) as desk:
        sign_out(desk, sent.who.session)
    answer = RedirectResponse(f"/{lang}/answer", 303)
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


for path, handler in (
    ("/{lang}/sign-in", _enter),
    ("/{lang}/second-factor", _second),
    ("/{lang}/sign-out", _leave),
):
    router.add_route(path, door(handler), methods=["POST"])
