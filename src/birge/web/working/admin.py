"""Accounts: who may work here."""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import Response

from birge.store import accounts
from birge.store.access import ROLES, Thing
from birge.store.errors import Denied
from birge.texts import Translator
from birge.web.blocks import Cell, Table
from birge.web.forms import Field, Form, Sent, door
from birge.web.reader import House
from birge.web.working.shown import shown, signed_in, texts

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/admin")
def admin_page(request: Request, lang: str) -> Response:
    """Show the accounts that the reader may administer."""
    t: Translator = texts(lang)
    who = signed_in(request)
    house: House = request.app.state.house
    with house.registry.view(who.actor) as desk:
        if not desk.may("administer", Thing("account", who.actor.side)):
            raise Denied("you may not administer accounts")
        rows = tuple(tuple(Cell(x) for x in row) for row in accounts.logins(desk))
    table = Table("accounts", t("Accounts"), (t("Login"), t("Name"), t("Side"), t("Roles")), rows)
    roles = tuple((r, r) for r in ROLES)
    add = (
        Field("login", t("Login"), needed=True),
        Field("name", t("Name"), needed=True),
        Field("role", t("Role"), "select", "viewer", roles),
    )
    forms = [Form(f"/{lang}/admin", add, (("", t("Add an account")),), t("Add an account"))]
    return shown(request, t, who, t("Accounts"), forms, (), (), (table,))


def _admin(request: Request, sent: Sent, lang: str) -> Response:
    t: Translator = texts(lang)
    if not sent.who.signed_in:
        raise Denied("sign in first")
    login, password = sent.text("login"), secrets.token_urlsafe(15)
    with sent.house.registry.desk(sent.who.actor) as desk:
        accounts.add_user(desk, login, sent.text("name")[:200], sent.who.actor.side)
        accounts.grant(desk, login, sent.text("role"))
        accounts.set_password(desk, login, password)
        codes = accounts.new_codes(desk, login)
    lead = (
        t("Shown this once: hand it over on paper."),
        t("Login: {login}", login=login),
        t("Password: {password}", password=password),
        " ".join(codes),
    )
    return shown(request, t, sent.who, t("Accounts"), [], lead)


for path, handler in (("/{lang}/admin", _admin),):
    router.add_route(path, door(handler), methods=["POST"])
