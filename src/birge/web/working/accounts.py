"""The accounts of the side that an admin serves: add, give and take roles, ways in, close.

Each form names what it asks for in its button (`verdict`); each verdict calls one service, where the rights are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from birge.errors import InputError
from birge.store import accounts
from birge.store.access import ROLES, Grant, Thing
from birge.store.agreement import standing_plan
from birge.store.desk import Desk
from birge.store.people import Account, account, people
from birge.store.places import places as in_plan
from birge.texts import Translator
from birge.web.blocks import Cell
from birge.web.forms import Field, Form, Sent, door
from birge.web.working.sheet import Once, Row, Rows, Sheet, show, when
from birge.web.working.visit import Visit, texts, visited

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


def _scopes(desk: Desk, t: Translator) -> tuple[Field, ...]:
    """Return the fields of a role: which, for which organisation, for which item."""
    # who administers reads no records: only what stands in the plan is offered, no decision of a side
    stand = standing_plan(desk.connection, desk.now.date())
    places = in_plan(stand.plan) if stand else {}
    named = _bodies(desk, t)
    bodies = [(o, named.get(o, o)) for o in dict.fromkeys(o for p in places.values() for o in sorted(p.organisations))]
    titles = _titles(desk, t)
    items = [(i, titles[i]) for i in titles if i in places or any(i in p.items for p in places.values())]
    everything = ("", t("all"))
    return (
        Field("role", t("Role"), "select", "viewer", tuple((r, t.named("role", r)) for r in ROLES)),
        Field("organisation", t("Organisation"), "select", "", (everything, *bodies)),
        Field("item", t("Measure, milestone or pillar"), "select", "", (everything, *items)),
    )


def _titles(desk: Desk, t: Translator) -> dict[str, str]:
    """Return what the plan's pillars, measures, milestones and the rest are called, each under its pillar."""
    stand = standing_plan(desk.connection, desk.now.date())
    if stand is None:
        return {}
    plan, found = stand.plan, dict[str, str]()
    for pillar in plan.pillars:
        found[pillar.id] = pillar.title.get(t.lang)
        for m in (m for m in plan.measures if m.pillar == pillar.id):
            found[m.id] = f"· {m.number}. {m.title.get(t.lang)}"
            found |= {s.id: f"·· {s.title.get(t.lang)}" for s in m.milestones}
    found |= {i.id: i.title.get(t.lang) for i in plan.indicators}
    for meeting in plan.meetings:
        found[meeting.id] = meeting.title.get(t.lang)
        found |= {d.id: f"· {d.title.get(t.lang)}" for d in meeting.decisions}
    return found


def _named(desk: Desk, t: Translator) -> Callable[[Grant], tuple[str, str]]:
    """Return what tells for which organisation and which item a role is, in words."""
    bodies, titles = _bodies(desk, t), _titles(desk, t)
    return lambda g: (bodies.get(g.organisation, g.organisation), titles.get(g.item, g.item).lstrip("· "))


def _bodies(desk: Desk, t: Translator) -> dict[str, str]:
    stand = standing_plan(desk.connection, desk.now.date())
    return {o.id: o.name.get(t.lang) for o in stand.plan.organisations} if stand else {}


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


def _roles(a: Account, t: Translator, named: Callable[[Grant], tuple[str, str]]) -> str:
    scopes = ((t.named("role", g.role), *named(g)) for g in a.grants)
    return "; ".join(": ".join(p for p in said if p) for said in scopes) or t("no role")


def _all(desk: Desk, t: Translator) -> Sheet:
    named = _named(desk, t)
    rows = tuple(
        Row(
            (
                Cell(a.login, f"/{t.lang}/accounts/{a.login}"),
                Cell(a.name),
                Cell(a.side),
                Cell(_roles(a, t, named)),
                Cell(_ways(a, t)),
                Cell(_standing(a, t)),
            )
        )
        for a in people(desk)
    )
    head = (t("Login"), t("Full name"), t("Side"), t("Roles"), t("Comes in by"), t("State"))
    fields = (Field("login", t("Login"), needed=True), Field("name", t("Full name"), needed=True), *_scopes(desk, t))
    lines = (t("A link for the password and printed codes are shown this once, to be handed over on paper."),)
    add = Form(f"/{t.lang}/accounts", fields, (("", t("Add an account")),), t("Add an account"), lines)
    return Sheet(t("Accounts"), f"/{t.lang}/accounts", (), (Rows(t("Accounts"), head, rows),), (add,))


def _invitation(sent: Sent, t: Translator, desk: Desk, login: str) -> tuple[tuple[str, str], ...]:
    address = f"{sent.house.settings.origins[0]}/{t.lang}/invited/{accounts.invite(desk, login)}"
    return (t("Login"), login), (t("Link to set the password, for three days"), address)


@router.get("/{lang}/accounts")
def accounts_page(request: Request, lang: str) -> Response:
    """Show the accounts that the reader administers."""
    visit = visited(request, lang)
    with visit.desk() as desk:
        return show(visit, _all(desk, visit.t))


def _add(request: Request, sent: Sent, lang: str) -> Response:
    t = texts(lang)
    sent.who.admitted()
    login, once, visit = sent.text("login"), None, Visit(request, t, sent.who)
    try:
        with sent.house.registry.desk(sent.who.actor) as desk:
            accounts.add_user(desk, login, sent.text("name")[:200], desk.actor.side, sent.text("organisation") or None)
            accounts.grant(desk, login, sent.text("role"), sent.text("organisation")[:64], sent.text("item")[:200])
            facts = _invitation(sent, t, desk, login)
            once = Once(facts, tuple(accounts.new_codes(desk, login)))
    except InputError as error:
        visit = replace(visit, sent=sent).misfit(error)
    with visit.desk() as desk:
        return show(visit, _all(desk, t), once)


def _one(desk: Desk, t: Translator, login: str) -> Sheet:
    a = account(desk, login)
    desk.require("administer", Thing("account", a.side))
    to = f"/{t.lang}/accounts/{a.login}"
    links = ((f"/{t.lang}/accounts", t("All accounts")),)
    lead = (f"{a.name} · {t.country(a.side)} · {_standing(a, t)}", f"{t('Comes in by')}: {_ways(a, t)}")
    if login == desk.actor.login:
        own = (*lead, t("Your own rights are changed by another admin."))
        return Sheet(a.login, to, own, (), (), (*links, (f"/{t.lang}/account", t("Your account"))))
    named = _named(desk, t)
    roles = tuple(
        Row(
            (Cell(t.named("role", g.role)), *(Cell(x or t("all")) for x in named(g))),
            t("Take away"),
            "revoke",
            (("role", g.role), ("organisation", g.organisation), ("item", g.item)),
        )
        for g in a.grants
    )
    keys = tuple(
        Row((Cell(k.name), when(k.added, t), when(k.used, t)), t("Remove"), "drop key", (("key", k.id),))
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
    visit = visited(request, lang)
    with visit.desk() as desk:
        return show(visit, _one(desk, visit.t, login))


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
        desk, login, sent.text("issuer"), sent.text("subject"), sent.text("claim"), sent.text("second_factor") == "on"
    ),
}


def _administered(request: Request, sent: Sent, lang: str, login: str) -> Response:
    t, verdict, once = texts(lang), sent.text("verdict"), None
    sent.who.admitted()
    visit = Visit(request, t, sent.who)
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
        visit = replace(visit, sent=sent).misfit(error)
    if visit.sent is None and once is None:
        return RedirectResponse(f"/{lang}/accounts/{login}", 303)
    with visit.desk() as desk:
        return show(visit, _one(desk, t, login), once)


for path, handler in (
    ("/{lang}/accounts", _add),
    ("/{lang}/accounts/{login}", _administered),
):
    router.add_route(path, door(handler), methods=["POST"])
