"""Accounts: one's own (password, codes, app, keys, sessions), and those of the side that an admin serves.

Each form names what it asks for in its button (`verdict`); each verdict is one small function that calls one service of
the registry, where the rights are. What changes how somebody comes in asks for the password again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from birge.errors import InputError
from birge.store import accounts, signing_in
from birge.store.access import ROLES, Thing
from birge.store.agreement import standing_plan
from birge.store.desk import Desk
from birge.store.errors import Denied
from birge.store.people import Account, account, people
from birge.store.places import places as in_plan
from birge.store.security_keys import register, registration
from birge.texts import Translator
from birge.web.blocks import Cell
from birge.web.forms import Field, Form, Sent, bound, door
from birge.web.reader import House
from birge.web.render import render
from birge.web.visitor import Visitor, visitor
from birge.web.working.login import entered, key_page, texts

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Row:
    """A row with at most one button: what it says, and the fields and the verdict that the button sends."""

    cells: tuple[Cell, ...]
    button: str = ""
    verdict: str = ""
    sends: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Rows:
    """A table whose rows may have buttons."""

    title: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    empty: str = ""
    told: str = ""

    @property
    def acts(self) -> bool:
        """Return whether any row has a button."""
        return any(r.button for r in self.rows)


@dataclass(frozen=True)
class Once:
    """What is shown this once: named values, printed codes."""

    facts: tuple[tuple[str, str], ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A page of accounts."""

    title: str
    action: str
    lead: tuple[str, ...] = ()
    tables: tuple[Rows, ...] = ()
    forms: tuple[Form, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def _show(
    request: Request,
    t: Translator,
    who: Visitor,
    sheet: Sheet,
    problems: tuple[str, ...] = (),
    once: Once | None = None,
    status: int = 200,
) -> Response:
    facts = {
        "title": sheet.title,
        "action": sheet.action,
        "lead": sheet.lead,
        "tables": sheet.tables,
        "forms": sheet.forms,
        "links": sheet.links,
        "problems": problems,
        "once": once,
    }
    return bound(request, who, lambda: render(request, t, "account.html", who, **facts), status)


def _person(request: Request) -> Visitor:
    who = visitor(request)
    if not who.signed_in:
        raise Denied("sign in first")
    return who


def _when(stamp: str | None, t: Translator) -> Cell:
    """Return a time of the registry to the minute, in UTC as everything here."""
    return Cell(f"{stamp[:10]} {stamp[11:16]} UTC" if stamp else t("never"), kind="date")


# one's own account


def _again(t: Translator) -> Field:
    return Field("current", t("Your password"), "password", auto="current-password")


def _own(desk: Desk, t: Translator, session: str) -> Sheet:
    held = account(desk, desk.actor.login)
    to, again = f"/{t.lang}/account", (_again(t),)
    sessions = tuple(
        Row((_when(started, t), _when(seen, t), Cell(t("this one") if here else "")))
        for started, seen, here in signing_in.own_sessions(desk, session)
    )
    keys = tuple(Row((Cell(k.name), _when(k.added, t), _when(k.used, t))) for k in held.keys)
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
        forms.append(Form(to, (), (("others", t("Sign out everywhere else")),), t("Sessions")))
    tables = (
        Rows(t("Security keys"), (t("Name"), t("Registered"), t("Last used")), keys, t("No key is registered.")),
        Rows(t("Sessions"), (t("Signed in"), t("Last used"), t("Which")), sessions),
    )
    return Sheet(t("Your account"), to, (f"{held.name} · {held.login}",), tables, tuple(forms))


def _left(held: Account, t: Translator) -> str:
    return t.plural("{n} printed code is left.", "{n} printed codes are left.", held.codes)


@router.get("/{lang}/account")
@router.get("/{lang}/account/keys")
def account_page(request: Request, lang: str) -> Response:
    """Show one's own account."""
    t, who = texts(lang), _person(request)
    house: House = request.app.state.house
    with house.registry.view(who.actor) as desk:
        return _show(request, t, who, _own(desk, t, who.session))


def _own_again(request: Request, sent: Sent, t: Translator, told: str = "", once: Once | None = None) -> Response:
    with sent.house.registry.view(sent.who.actor) as desk:
        sheet = _own(desk, t, sent.who.session)
    return _show(request, t, sent.who, sheet, (told,) if told else (), once, 422 if told else 200)


def _change_password(_request: Request, sent: Sent, t: Translator) -> Response:
    with sent.house.registry.desk(sent.who.actor) as desk:
        session = signing_in.renewed(desk, sent.text("new"))
    return entered(session, f"/{t.lang}/account")


def _own_codes(request: Request, sent: Sent, t: Translator) -> Response:
    with sent.house.registry.desk(sent.who.actor) as desk:
        made = accounts.new_codes(desk, desk.actor.login)
    return _own_again(request, sent, t, once=Once(codes=tuple(made)))


def _code_field(t: Translator) -> Form:
    code = Field("code", t("Six digits from the app"), auto="one-time-code", needed=True)
    return Form(f"/{t.lang}/account", (code,), (("app code", t("Confirm")),), t("Confirm the app by a code"))


def _begin_app(request: Request, sent: Sent, t: Translator) -> Response:
    with sent.house.registry.desk(sent.who.actor) as desk:
        secret = signing_in.begin_app(desk, sent.who.session)
    spaced = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    address = accounts.totp_uri(sent.who.actor.login, secret)
    sheet = Sheet(t("One-time passwords by an app"), f"/{t.lang}/account", forms=(_code_field(t),))
    return _show(
        request, t, sent.who, sheet, once=Once(((t("Secret"), spaced), (t("As an address for the app"), address)))
    )


def _confirm_app(request: Request, sent: Sent, t: Translator) -> Response:
    with sent.house.registry.desk(sent.who.actor) as desk:
        fits = signing_in.confirm_app(desk, sent.who.session, sent.text("code")[:10])
    if fits:
        return RedirectResponse(f"/{t.lang}/account", 303)
    sheet = Sheet(t("One-time passwords by an app"), f"/{t.lang}/account", forms=(_code_field(t),))
    return _show(
        request, t, sent.who, sheet, (t("The code does not fit. Is the clock of the telephone right?"),), None, 422
    )


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
    if not sent.who.signed_in:
        raise Denied("sign in first")
    if verdict in PLAIN:
        return PLAIN[verdict](request, sent, t)
    if verdict not in PROVED:
        raise InputError.at("verdict", "verdict", "no such thing to do", "use one of the buttons")
    if not signing_in.proved(sent.house.registry, sent.who.session, sent.text("current")[:1000]):
        told = t("The password does not fit, or the login is locked for a while.")
        return _own_again(request, sent, t, told)
    try:
        return PROVED[verdict](request, sent, t)
    except InputError as error:
        return _own_again(request, sent, t, "; ".join(p.message for p in error.problems))


def _key_made(request: Request, sent: Sent, lang: str) -> Response:
    t = texts(lang)
    if not sent.who.signed_in:
        raise Denied("sign in first")
    with sent.house.registry.desk(sent.who.actor) as desk:
        kept = register(
            desk, sent.who.session, sent.house.settings.site, sent.text("name"), sent.text("answer")[:60_000]
        )
    if not kept:
        return _own_again(request, sent, t, t("The key does not fit the question. Try again."))
    return RedirectResponse(f"/{lang}/account", 303)


# the accounts of a side


def _scopes(desk: Desk, t: Translator) -> tuple[Field, ...]:
    """Return the fields of a role: which, for which organisation, for which item."""
    # who administers reads no records: only what stands in the plan is offered, no decision of a side
    stand = standing_plan(desk.connection, desk.now.date())
    places = in_plan(stand.plan) if stand else {}
    bodies = sorted({o for p in places.values() for o in p.organisations})
    items = sorted({*places, *(i for p in places.values() for i in p.items)})
    everything = ("", t("all"))
    return (
        Field("role", t("Role"), "select", "viewer", tuple((r, t.named("role", r)) for r in ROLES)),
        Field("organisation", t("Organisation"), "select", "", (everything, *((o, o) for o in bodies))),
        Field("item", t("Measure, milestone or pillar"), "select", "", (everything, *((i, i) for i in items))),
    )


def _ways(a: Account, t: Translator) -> str:
    """Return how somebody comes in."""
    ways = [
        *([t("password")] if a.password else []),
        *([t("app")] if a.app else []),
        *([t.plural("{n} code", "{n} codes", a.codes)] if a.codes else []),
        *([t.plural("{n} key", "{n} keys", len(a.keys))] if a.keys else []),
        *([t("provider")] if a.identities else []),
    ]
    return ", ".join(ways) or t("none yet")


def _standing(a: Account, t: Translator) -> str:
    return t("closed") if not a.active else t("locked for a while") if a.locked else t("open")


def _roles(a: Account, t: Translator) -> str:
    said = ("/".join(p for p in (t.named("role", g.role), g.organisation, g.item) if p) for g in a.grants)
    return ", ".join(said) or t("no role")


def _all(desk: Desk, t: Translator) -> Sheet:
    rows = tuple(
        Row(
            (
                Cell(a.login, f"/{t.lang}/accounts/{a.login}"),
                Cell(a.name),
                Cell(a.side),
                Cell(_roles(a, t)),
                Cell(_ways(a, t)),
                Cell(_standing(a, t)),
            )
        )
        for a in people(desk)
    )
    head = (t("Login"), t("Name"), t("Side"), t("Roles"), t("Comes in by"), t("State"))
    fields = (Field("login", t("Login"), needed=True), Field("name", t("Name"), needed=True), *_scopes(desk, t))
    lines = (t("A link for the password and printed codes are shown this once, to be handed over on paper."),)
    add = Form(f"/{t.lang}/accounts", fields, (("", t("Add an account")),), t("Add an account"), lines)
    return Sheet(t("Accounts"), f"/{t.lang}/accounts", (), (Rows(t("Accounts"), head, rows),), (add,))


def _invitation(sent: Sent, t: Translator, desk: Desk, login: str) -> tuple[tuple[str, str], ...]:
    address = f"{sent.house.settings.origins[0]}/{t.lang}/invited/{accounts.invite(desk, login)}"
    return (t("Login"), login), (t("Link to set the password, for three days"), address)


@router.get("/{lang}/accounts")
def accounts_page(request: Request, lang: str) -> Response:
    """Show the accounts that the reader administers."""
    t, who = texts(lang), _person(request)
    house: House = request.app.state.house
    with house.registry.view(who.actor) as desk:
        return _show(request, t, who, _all(desk, t))


def _add(request: Request, sent: Sent, lang: str) -> Response:
    t = texts(lang)
    if not sent.who.signed_in:
        raise Denied("sign in first")
    login, once, told = sent.text("login"), None, tuple[str, ...]()
    try:
        with sent.house.registry.desk(sent.who.actor) as desk:
            accounts.add_user(desk, login, sent.text("name")[:200], desk.actor.side, sent.text("organisation") or None)
            accounts.grant(desk, login, sent.text("role"), sent.text("organisation")[:64], sent.text("item")[:200])
            facts = _invitation(sent, t, desk, login)
            once = Once(facts, tuple(accounts.new_codes(desk, login)))
    except InputError as error:
        told = tuple(f"{p.message}: {p.remedy}" for p in error.problems)
    with sent.house.registry.view(sent.who.actor) as desk:
        return _show(request, t, sent.who, _all(desk, t), told, once, 422 if told else 200)


def _one(desk: Desk, t: Translator, login: str) -> Sheet:
    a = account(desk, login)
    desk.require("administer", Thing("account", a.side))
    to = f"/{t.lang}/accounts/{a.login}"
    links = ((f"/{t.lang}/accounts", t("All accounts")),)
    lead = (f"{a.name} · {a.side} · {_standing(a, t)}", f"{t('Comes in by')}: {_ways(a, t)}")
    if login == desk.actor.login:
        own = (*lead, t("Your own rights are changed by another admin."))
        return Sheet(a.login, to, own, (), (), (*links, (f"/{t.lang}/account", t("Your account"))))
    roles = tuple(
        Row(
            (Cell(t.named("role", g.role)), Cell(g.organisation or t("all")), Cell(g.item or t("all"))),
            t("Take away"),
            "revoke",
            (("role", g.role), ("organisation", g.organisation), ("item", g.item)),
        )
        for g in a.grants
    )
    keys = tuple(
        Row((Cell(k.name), _when(k.added, t), _when(k.used, t)), t("Remove"), "drop key", (("key", k.id),))
        for k in a.keys
    )
    linked = tuple(
        Row(
            (Cell(i.issuer), Cell(i.subject), Cell(t("the provider's") if i.second_factor else t("ours"))),
            t("Remove"),
            "unlink",
            (("issuer", i.issuer), ("subject", i.subject)),
        )
        for i in a.identities
    )
    tables = (
        Rows(t("Roles"), (t("Role"), t("Organisation"), t("Measure, milestone or pillar")), roles, t("no role")),
        Rows(t("Security keys"), (t("Name"), t("Registered"), t("Last used")), keys, t("No key is registered.")),
        Rows(t("Providers"), (t("Issuer"), t("Subject"), t("Second factor")), linked, t("No provider is linked.")),
    )
    return Sheet(a.login, to, lead, tables, _admin_forms(desk, t, a, to), links)


def _admin_forms(desk: Desk, t: Translator, a: Account, to: str) -> tuple[Form, ...]:
    claims = (("sub", t("its number for the user")), ("email", t("a verified e-mail address")))
    link = (
        Field("issuer", t("Issuer"), needed=True),
        Field("claim", t("Known there by"), "select", "sub", claims),
        Field("subject", t("Subject"), needed=True),
        Field("second_factor", t("The provider's second factor counts, where it states one"), "tick"),
    )
    ways = [("codes", t("Make new printed codes")), ("invite", t("New link for the password"))]
    if a.app:
        ways.append(("no app", t("Take the app away")))
    lines = (t("The password and all sessions end at once when a new link is made."),)
    door_ = ("close", t("Close the account")) if a.active else ("reopen", t("Open the account again"))
    return (
        Form(to, _scopes(desk, t), (("grant", t("Give this role")),), t("Give a role")),
        Form(to, (), tuple(ways), t("Ways in"), lines),
        Form(to, link, (("link", t("Link")),), t("Link to a provider")),
        Form(to, (), (door_,), t("Close or open"), (t("What was written stays; all sessions end at once."),)),
    )


@router.get("/{lang}/accounts/{login}")
def one_page(request: Request, lang: str, login: str) -> Response:
    """Show an account that the reader administers."""
    t, who = texts(lang), _person(request)
    house: House = request.app.state.house
    with house.registry.view(who.actor) as desk:
        return _show(request, t, who, _one(desk, t, login))


def _role(sent: Sent) -> tuple[str, str, str]:
    return sent.text("role"), sent.text("organisation")[:64], sent.text("item")[:200]


Step = Callable[[Desk, str, Sent], None]
STEPS: Mapping[str, Step] = {
    "grant": lambda desk, login, sent: accounts.grant(desk, login, *_role(sent)),
    "revoke": lambda desk, login, sent: accounts.revoke(desk, login, *_role(sent)),
    "close": lambda desk, login, sent: accounts.set_active(desk, login, False),
    "reopen": lambda desk, login, sent: accounts.set_active(desk, login, True),
    "no app": lambda desk, login, sent: accounts.no_totp(desk, login),
    "drop key": lambda desk, login, sent: accounts.drop_key(desk, login, sent.text("key")),
    "unlink": lambda desk, login, sent: accounts.unlink(desk, login, sent.text("issuer"), sent.text("subject")),
    "link": lambda desk, login, sent: accounts.link(
        desk, login, sent.text("issuer"), sent.text("subject"), sent.text("claim"), sent.text("second_factor") == "1"
    ),
}


def _administered(request: Request, sent: Sent, lang: str, login: str) -> Response:
    t, verdict, told, once = texts(lang), sent.text("verdict"), tuple[str, ...](), None
    if not sent.who.signed_in:
        raise Denied("sign in first")
    try:
        with sent.house.registry.desk(sent.who.actor) as desk:
            if verdict == "codes":
                accounts.administer(desk, login)
                once = Once(((t("Login"), login),), tuple(accounts.new_codes(desk, login)))
            elif verdict == "invite":
                once = Once(_invitation(sent, t, desk, login))
            elif verdict in STEPS:
                accounts.administer(desk, login)
                STEPS[verdict](desk, login, sent)
            else:
                raise InputError.at("verdict", "verdict", "no such thing to do", "use one of the buttons")
    except InputError as error:
        told = tuple(f"{p.message}: {p.remedy}" for p in error.problems)
    if not told and once is None:
        return RedirectResponse(f"/{lang}/accounts/{login}", 303)
    with sent.house.registry.view(sent.who.actor) as desk:
        return _show(request, t, sent.who, _one(desk, t, login), told, once, 422 if told else 200)


for path, handler in (
    ("/{lang}/account", _account),
    ("/{lang}/account/keys", _key_made),
    ("/{lang}/accounts", _add),
    ("/{lang}/accounts/{login}", _administered),
):
    router.add_route(path, door(handler), methods=["POST"])
