"""More ways in: a security key as the second factor, a provider of sign-ins, the link of an invitation."""

from __future__ import annotations

import json
import logging
import secrets
from datetime import timedelta
from functools import cache

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from birge.errors import InputError
from birge.store.challenges import ask, peek, take
from birge.store.registry import OPERATOR
from birge.store.signing_in import accept, key_question, second_factor_by_key, sign_in_by_provider
from birge.texts import Translator, translator
from birge.web.forms import Field, Form, Sent, bound, door
from birge.web.oidc import Client, Refused
from birge.web.reader import House
from birge.web.render import render
from birge.web.settings import Provider
from birge.web.visitor import COOKIE, FORM, Visitor, visitor
from birge.web.wayback import forgotten, way_back
from birge.web.working.visit import Visit, texts, visited

__all__ = ["BACK", "entered", "key_form", "key_page", "provider_form", "router"]

router = APIRouter(include_in_schema=False)
log = logging.getLogger("birge.web")
BACK = "/provider/back"
LASTS = timedelta(minutes=10)


def entered(session: str, to: str, whole: bool = True) -> Response:
    """Answer with a new session and lead on; once it is whole, the cookie from before it no longer counts."""
    answer = RedirectResponse(to, 303)
    answer.set_cookie(COOKIE, session, path="/", secure=True, httponly=True, samesite="lax")
    if whole:
        answer.delete_cookie(FORM, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def key_form(t: Translator) -> Form:
    """Return the form that asks for a security key."""
    return Form(f"/{t.lang}/security-key", (), (("", t("Use a security key")),), t("Security key"))


def key_page(
    request: Request, t: Translator, who: Visitor, way: str, options: str, action: str, name: str = ""
) -> Response:
    """Show the page on which a key is made or asked."""
    facts = {
        "title": t("Security key"),
        "told": t("Press the button, then touch the key when it blinks."),
        "button": t("Register this key") if way == "make" else t("Use a security key"),
        "way": way,
        "options": options,
        "action": action,
        "name": name,
        "back": f"/{t.lang}/account" if way == "make" else f"/{t.lang}/second-factor",
    }
    return bound(request, who, lambda: render(request, t, "key.html", who, **facts))


def _ask_key(request: Request, sent: Sent, lang: str) -> Response:
    t, house = texts(lang), sent.house
    with house.registry.desk(OPERATOR) as desk:
        options = key_question(desk, sent.who.session, house.settings.site)
    if options is None:
        told = t("No security key is registered, or the sign-in took too long.")
        return Visit(request, t, sent.who, (told,), 403).show(t("Second factor"))
    return key_page(request, t, sent.who, "ask", options, f"/{lang}/security-key/answer")


def _answer_key(request: Request, sent: Sent, lang: str) -> Response:
    t, house = texts(lang), sent.house
    with house.registry.desk(OPERATOR) as desk:
        session = second_factor_by_key(desk, sent.who.session, house.settings.site, sent.text("answer")[:20_000])
    if session is None:
        told = t("The key does not fit, or the login is locked for a while.")
        return Visit(request, t, sent.who, (told,), 403).show(t("Second factor"), [key_form(t)])
    return forgotten(request, entered(session, way_back(request, f"/{lang}/tasks")))


@router.get("/{lang}/security-key")
@router.get("/{lang}/security-key/answer")
def back_to_second_factor(lang: str) -> Response:
    """Lead to the second factor: a key is asked by a form only."""
    texts(lang)
    return RedirectResponse(f"/{lang}/second-factor", 303)


def provider_form(house: House, t: Translator) -> list[Form]:
    """Return the link to the provider, where the server has one."""
    if house.settings.oidc is None:
        return []
    return [Form(f"/{t.lang}/provider", (), (), t("Or by your organisation"), link=t("Sign in by your organisation"))]


@cache
def _client(provider: Provider, back: str) -> Client:
    return Client(provider, back)


def _met(house: House) -> Client:
    if house.settings.oidc is None:
        raise HTTPException(404)
    return _client(house.settings.oidc, house.settings.origins[0] + BACK)


@router.get("/{lang}/provider")
def to_provider(request: Request, lang: str) -> Response:
    """Lead to the provider; what its answer has to fit is kept here, bound to this browser."""
    t = texts(lang)
    house: House = request.app.state.house
    client = _met(house)
    browser = request.cookies.get(FORM) or secrets.token_urlsafe(24)
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    try:
        address = client.address(state, nonce, verifier)
    except Refused as error:
        return _refused(request, t, error)
    with house.registry.desk(OPERATOR) as desk:
        ask(desk, "provider", state, browser, json.dumps([nonce, verifier, lang]), LASTS)
    answer = RedirectResponse(address, 303)
    answer.set_cookie(FORM, browser, path="/", secure=True, httponly=True, samesite="lax")
    return answer


@router.get(BACK)
def from_provider(request: Request, code: str = "", state: str = "", error: str = "", iss: str = "") -> Response:
    """Take what the provider answers: once, from the browser that asked, and only what verifies."""
    house: House = request.app.state.house
    client = _met(house)
    # taken in a transaction of its own: whatever comes of the answer, it does not count a second time
    with house.registry.desk(OPERATOR) as desk:
        kept = take(desk, "provider", state[:200], request.cookies.get(FORM, "")[:200])
        now = desk.now.timestamp()
    if kept is None:
        return _refused(request, translator("en"), Refused("no sign-in was begun in this browser, or it took too long"))
    nonce, verifier, lang = json.loads(kept)
    t = texts(lang)
    try:
        if error or not code:
            raise Refused(f"the provider refused: {error[:60]}")
        if iss and iss != client.provider.issuer:
            raise Refused("another provider answered")
        claims = client.claims(code[:2000], nonce, verifier, now)
    except Refused as refused:
        return _refused(request, t, refused)
    with house.registry.desk(OPERATOR) as desk:
        found = sign_in_by_provider(desk, client.provider.issuer, claims)
    if found is None:
        return _refused(request, t, Refused("no account here is linked to whom the provider names"))
    session, whole = found
    if not whole:
        return entered(session, f"/{lang}/second-factor")
    return forgotten(request, entered(session, way_back(request, f"/{lang}/tasks")))


def _refused(request: Request, t: Translator, why: Refused) -> Response:
    """Tell the reader little; the log has the reason."""
    log.warning("sign-in by a provider refused: %s", why)
    told = t(
        "The sign-in by your organisation did not work. Ask the admin of your side whether your account is linked."
    )
    forms = [Form(f"/{t.lang}/sign-in", (), (), link=t("Sign in"))]
    return Visit(request, t, visitor(request), (told,), 403).show(t("Sign in"), forms)


def _invited_form(t: Translator, token: str) -> Form:
    new = Field("new", t("New password, 12 characters or more"), "password", auto="new-password", needed=True)
    return Form(f"/{t.lang}/invited/{token}", (new,), (("", t("Set the password")),))


@router.get("/{lang}/invited/{invitation}")
def invited_page(request: Request, lang: str, invitation: str) -> Response:
    """Show the form by which somebody who was invited sets a password."""
    visit = visited(request, lang, anybody=True)
    t = visit.t
    with visit.house.registry.view(OPERATOR) as desk:
        stands = peek(desk, "invite", invitation[:100], "") is not None
    return visit.show(t("Set your password"), [_invited_form(t, invitation[:100])]) if stands else _spent(visit)


def _spent(visit: Visit) -> Response:
    """Say that a link sets no password any more, and where to go."""
    t = visit.t
    told = (
        t("This link was used already, or it is older than three days."),
        t("If you have set your password, sign in. If not, ask the admin of your side for a new link."),
    )
    return visit.refused(*told, status=403).show(
        t("Set your password"), [Form(f"/{t.lang}/sign-in", (), (), link=t("Sign in"))]
    )


def _invited(request: Request, sent: Sent, lang: str, invitation: str) -> Response:
    t = texts(lang)
    visit = Visit(request, t, sent.who)
    try:
        with sent.house.registry.desk(OPERATOR) as desk:
            done = accept(desk, invitation[:100], sent.text("new"))
    except InputError:
        visit = visit.refused(t("The password is shorter than 12 characters."))
        return visit.show(t("Set your password"), [_invited_form(t, invitation[:100])])
    return RedirectResponse(f"/{lang}/sign-in", 303) if done else _spent(visit)


for path, handler in (
    ("/{lang}/security-key", _ask_key),
    ("/{lang}/security-key/answer", _answer_key),
    ("/{lang}/invited/{invitation}", _invited),
):
    router.add_route(path, door(handler), methods=["POST"])
