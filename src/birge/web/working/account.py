"""One's own account: password, printed codes, app, security keys, sessions.

Each form names what it asks for in its button (`verdict`); each verdict is one small function that calls one service.
What changes how somebody comes in asks for the password again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from birge.errors import InputError
from birge.store import accounts, signing_in
from birge.store.desk import Desk
from birge.store.people import Account, account
from birge.store.security_keys import register, registration
from birge.texts import Translator
from birge.web.blocks import Cell
from birge.web.forms import Field, Form, Sent, door
from birge.web.working.login import entered, key_page
from birge.web.working.sheet import Once, Row, Rows, Sheet, show, when
from birge.web.working.visit import Visit, texts, visited

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


def _again(t: Translator) -> Field:
    return Field("current", t("Your password"), "password", auto="current-password")


def _own(desk: Desk, t: Translator, session: str) -> Sheet:
    held = account(desk, desk.actor.login)
    to, again = f"/{t.lang}/account", (_again(t),)
    sessions = tuple(
        Row((when(started, t), when(seen, t), Cell(t("this one") if here else "")))
        for started, seen, here in signing_in.own_sessions(desk, session)
    )
    keys = tuple(Row((Cell(k.name), when(k.added, t), when(k.used, t))) for k in held.keys)
    new = Field("new", t("New password, 12 characters or more"), "password", auto="new-password", needed=True)
    named = Field("name", t("Name of the key"), needed=True)
    forms = [
        Form(to, (*again, new), (("password", t("Change the password")),), t("Password")),
        Form(to, again, (("codes", t("Make new printed codes")),), t("Printed codes"), (_left(held, t),)),
        Form(
            to,
            again,
            (("app", t("Set up an app")), *((("no app", t("Take the app away")),) if held.app else ())),
            t("One-time passwords by an app"),
            (t("An app is set up.") if held.app else t("No app is set up."),),
        ),
        Form(to, (*again, named), (("key", t("Register a security key")),), t("Security keys")),
    ]
    if held.keys:
        which = Field("key", t("Security key"), "select", "", tuple((k.id, k.name) for k in held.keys))
        forms.append(Form(to, (*again, which), (("drop key", t("Remove this key")),), t("Remove a security key")))
    if len(sessions) > 1:
        forms.append(Form(to, (), (("others", t("Sign out everywhere else")),), t("Where you are signed in")))
    tables = (
        Rows(t("Security keys"), (t("Name"), t("Registered"), t("Last used")), keys, t("No key is registered.")),
        Rows(t("Where you are signed in"), (t("Signed in"), t("Last used"), t("Which")), sessions),
    )
    return Sheet(t("Your account"), to, (f"{held.name} · {held.login}",), tables, tuple(forms))


def _left(held: Account, t: Translator) -> str:
    return t.plural("{n} printed code is left.", "{n} printed codes are left.", held.codes)


@router.get("/{lang}/account")
@router.get("/{lang}/account/keys")
def account_page(request: Request, lang: str) -> Response:
    """Show one's own account."""
    visit = visited(request, lang)
    with visit.desk() as desk:
        return show(visit, _own(desk, visit.t, visit.who.session))


def _own_again(visit: Visit, told: str = "", once: Once | None = None) -> Response:
    with visit.desk() as desk:
        sheet = _own(desk, visit.t, visit.who.session)
    return show(visit.refused(told) if told else visit, sheet, once)


def _change_password(_request: Request, sent: Sent, t: Translator) -> Response:
    with sent.house.registry.desk(sent.who.actor) as desk:
        session = signing_in.renewed(desk, sent.text("new"))
    return entered(session, f"/{t.lang}/account")


def _own_codes(request: Request, sent: Sent, t: Translator) -> Response:
    with sent.house.registry.desk(sent.who.actor) as desk:
        made = accounts.new_codes(desk, desk.actor.login)
    return _own_again(Visit(request, t, sent.who), once=Once(codes=tuple(made)))


def _code_field(t: Translator) -> Form:
    code = Field("code", t("Six digits from the app"), auto="one-time-code", needed=True)
    return Form(f"/{t.lang}/account", (code,), (("app code", t("Confirm")),), t("Confirm the app by a code"))


def _begin_app(request: Request, sent: Sent, t: Translator) -> Response:
    with sent.house.registry.desk(sent.who.actor) as desk:
        secret = signing_in.begin_app(desk, sent.who.session)
    spaced = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    address = accounts.totp_uri(sent.who.actor.login, secret)
    sheet = Sheet(t("One-time passwords by an app"), f"/{t.lang}/account", forms=(_code_field(t),))
    once = Once(((t("Secret"), spaced), (t("As an address for the app"), address)))
    return show(Visit(request, t, sent.who), sheet, once)


def _confirm_app(request: Request, sent: Sent, t: Translator) -> Response:
    with sent.house.registry.desk(sent.who.actor) as desk:
        fits = signing_in.confirm_app(desk, sent.who.session, sent.text("code")[:10])
    if fits:
        return RedirectResponse(f"/{t.lang}/account", 303)
    sheet = Sheet(t("One-time passwords by an app"), f"/{t.lang}/account", forms=(_code_field(t),))
    told = t("The code does not fit. Is the clock of the telephone right?")
    return show(Visit(request, t, sent.who, (told,), 422), sheet)


def _no_app(_request: Request, sent: Sent, t: Translator) -> Response:
    with sent.house.registry.desk(sent.who.actor) as desk:
        accounts.no_totp(desk, desk.actor.login)
    return RedirectResponse(f"/{t.lang}/account", 303)


def _begin_key(request: Request, sent: Sent, t: Translator) -> Response:
    with sent.house.registry.desk(sent.who.actor) as desk:
        options = registration(desk, sent.who.session, sent.house.settings.site)
    return key_page(request, t, sent.who, "make", options, f"/{t.lang}/account/keys", sent.text("name")[:60])


def _drop_own_key(_request: Request, sent: Sent, t: Translator) -> Response:
    with sent.house.registry.desk(sent.who.actor) as desk:
        accounts.drop_key(desk, desk.actor.login, sent.text("key"))
    return RedirectResponse(f"/{t.lang}/account", 303)


def _others(_request: Request, sent: Sent, t: Translator) -> Response:
    with sent.house.registry.desk(sent.who.actor) as desk:
        signing_in.sign_out_others(desk, sent.who.session)
    return RedirectResponse(f"/{t.lang}/account", 303)


Own = Callable[[Request, Sent, Translator], Response]
PROVED: Mapping[str, Own] = {
    "password": _change_password,
    "codes": _own_codes,
    "app": _begin_app,
    "no app": _no_app,
    "key": _begin_key,
    "drop key": _drop_own_key,
}
PLAIN: Mapping[str, Own] = {"app code": _confirm_app, "others": _others}


def _account(request: Request, sent: Sent, lang: str) -> Response:
    t, verdict = texts(lang), sent.text("verdict")
    sent.who.admitted()
    if verdict in PLAIN:
        return PLAIN[verdict](request, sent, t)
    if verdict not in PROVED:
        raise InputError.at("verdict", "verdict", "no such thing to do", "use one of the buttons")
    if not signing_in.proved(sent.house.registry, sent.who.session, sent.text("current")[:1000]):
        told = t("The password does not fit, or the login is locked for a while.")
        return _own_again(Visit(request, t, sent.who), told)
    try:
        return PROVED[verdict](request, sent, t)
    except InputError as error:
        return _own_again(Visit(request, t, sent.who), "; ".join(p.message for p in error.problems))


def _key_made(request: Request, sent: Sent, lang: str) -> Response:
    t = texts(lang)
    sent.who.admitted()
    with sent.house.registry.desk(sent.who.actor) as desk:
        kept = register(
            desk, sent.who.session, sent.house.settings.site, sent.text("name"), sent.text("answer")[:60_000]
        )
    if not kept:
        return _own_again(Visit(request, t, sent.who), t("The key does not fit the question. Try again."))
    return RedirectResponse(f"/{lang}/account", 303)


for path, handler in (
    ("/{lang}/account", _account),
    ("/{lang}/account/keys", _key_made),
):
    router.add_route(path, door(handler), methods=["POST"])
