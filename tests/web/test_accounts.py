"""The pages of accounts: one's own, and those of the side that an admin serves."""

from __future__ import annotations

import html
import re

import pytest

from birge.report.qr import qr_svg
from birge.store.audit import verify
from birge.store.people import account
from birge.store.registry import OPERATOR, Registry
from birge.store.signing_in import one_time_password
from birge.texts import translator
from birge.web.visitor import COOKIE
from tests.web.conftest import HOST, NOW, Enter, post, token

PASSWORD = "a long enough password"
OWN = {"origin": HOST, "sec-fetch-site": "same-origin"}


def held(registry: Registry, login: str):  # type: ignore[no-untyped-def]
    with registry.view(OPERATOR) as desk:
        return account(desk, login)


def test_an_admin_adds_somebody_who_sets_a_password_and_comes_in(enter: Enter, registry: Registry) -> None:
    admin, new = enter("admin-geo"), enter("")
    fields = {"login": "nino", "name": "<i>Nino</i>", "role": "reporter", "organisation": "", "item": ""}
    made = post(admin, "/en/accounts", "/en/accounts", **fields)
    assert made.status_code == 200
    assert "<i>Nino" not in made.text
    link = re.search(rf"{HOST}(/en/invited/[\w-]+)", made.text)[1]  # type: ignore[index]
    codes = re.findall(r"<li>((?:[a-z2-7]{4}-){3}[a-z2-7]{4})</li>", made.text)
    assert len(codes) == 10
    assert link not in admin.get("/en/accounts").text, "shown this once"
    assert codes[0] not in admin.get("/en/accounts/nino").text
    assert post(new, link, link, new="short").status_code == 422
    late = token(new.get(link).text)
    assert post(new, link, link, new=PASSWORD).status_code == 303
    for used in (new.get(link), new.post(link, data={"token": late, "new": PASSWORD}, headers={"origin": HOST})):
        assert used.status_code == 403
        assert "used already" in used.text
        assert 'type="password"' not in used.text
    assert post(new, "/en/sign-in", "/en/sign-in", login="nino", password=PASSWORD).status_code == 303
    assert post(new, "/en/second-factor", "/en/second-factor", code=codes[0]).status_code == 303
    assert new.get("/en/account").status_code == 200
    assert new.get("/en/accounts").status_code == 403
    again = post(admin, "/en/accounts", "/en/accounts", **fields)
    assert again.status_code == 422
    assert "there is a user" in again.text
    with registry.view(OPERATOR) as desk:
        assert verify(desk.connection) == []


def test_an_admin_gives_and_takes_roles_links_and_closes(enter: Enter, registry: Registry) -> None:
    admin, page = enter("admin-geo"), "/en/accounts/viewer-geo"
    role = {"role": "approver", "organisation": "", "item": "draft"}
    assert post(admin, page, page, verdict="grant", **role).status_code == 303
    assert [(g.role, g.item) for g in held(registry, "viewer-geo").grants] == [("approver", "draft"), ("viewer", "")]
    assert post(admin, page, page, verdict="revoke", **role).status_code == 303
    assert [g.role for g in held(registry, "viewer-geo").grants] == ["viewer"]
    link = {"issuer": "https://id.example", "claim": "sub", "subject": "<b>7</b>", "second_factor": "on"}
    assert post(admin, page, page, verdict="link", **link).status_code == 303
    assert post(admin, page, page, verdict="link", **link).status_code == 422
    assert held(registry, "viewer-geo").identities[0].second_factor
    assert "<b>7" not in admin.get(page).text
    assert post(admin, page, page, verdict="unlink", **link).status_code == 303
    assert held(registry, "viewer-geo").identities == ()
    user = enter("viewer-geo")
    assert post(admin, page, page, verdict="close").status_code == 303
    assert user.get("/en/tasks").status_code == 303
    assert post(admin, page, page, verdict="reopen").status_code == 303
    codes = post(admin, page, page, verdict="codes")
    assert len(re.findall(r"<li>(?:[a-z2-7]{4}-){3}", codes.text)) == 10
    invited = post(admin, page, page, verdict="invite")
    assert "/en/invited/" in invited.text
    assert not held(registry, "viewer-geo").password
    assert post(admin, page, page, verdict="crown").status_code == 422
    assert post(admin, page, page, verdict="grant", role="king").status_code == 422


@pytest.mark.parametrize(
    "verdict", ["grant", "revoke", "close", "reopen", "codes", "invite", "no app", "drop key", "link"]
)
def test_no_one_but_the_admin_of_the_side_and_never_for_themselves(
    enter: Enter, registry: Registry, verdict: str
) -> None:
    fields = {"role": "approver", "issuer": "https://id.example", "subject": "1", "claim": "sub", "key": "x"}
    for who, target in (
        ("admin-arm", "viewer-geo"),
        ("admin-geo", "admin-geo"),
        ("secretariat-geo", "viewer-geo"),
        ("viewer-geo", "viewer-geo"),
    ):
        client = enter(who)
        before = held(registry, target)
        got = post(client, f"/en/accounts/{target}", "/en/tasks", verdict=verdict, **fields)
        assert got.status_code == 403, (who, verdict)
        assert held(registry, target) == before
    assert enter("admin-arm").get("/en/accounts/viewer-geo").status_code == 403
    assert "viewer-geo" not in enter("admin-arm").get("/en/accounts").text
    nobody = enter("")
    for page in ("/en/account", "/en/accounts", "/en/accounts/viewer-geo"):
        assert nobody.get(page).status_code == 303


def test_what_changes_a_way_in_asks_for_the_password(enter: Enter, registry: Registry) -> None:
    client, page = enter("viewer-geo"), "/en/account"
    for verdict in ("password", "codes", "app", "no app", "key", "drop key"):
        refused = post(client, page, page, verdict=verdict, current="", new="another long password", name="x")
        assert refused.status_code == 422, verdict
        if verdict == "app":
            # five failures lock; a printed code of an earlier session is not needed to go on
            with registry.desk(OPERATOR) as desk:
                from sqlalchemy import update

                from birge.store.tables import users

                desk.connection.execute(update(users).values(failures=0, locked_until=None))
    assert post(client, page, page, verdict="crown").status_code == 422


def test_a_new_password_gives_a_new_session_and_ends_the_others(enter: Enter, registry: Registry) -> None:
    client, page = enter("viewer-geo"), "/en/account"
    before = client.cookies[COOKIE]
    short = post(client, page, page, verdict="password", current=PASSWORD, new="short")
    assert short.status_code == 422
    assert (
        post(client, page, page, verdict="password", current=PASSWORD, new="another long password").status_code == 303
    )
    assert client.cookies[COOKIE] != before
    assert client.get(page).status_code == 200
    assert client.get(page, headers={"cookie": f"{COOKIE}={before}"}).status_code == 303


def test_an_app_is_set_up_by_a_code_and_the_secret_is_shown_once(enter: Enter, registry: Registry) -> None:
    client, page = enter("viewer-geo"), "/en/account"
    shown = post(client, page, page, verdict="app", current=PASSWORD)
    secret = re.search(r"secret=([A-Z2-7]{32})", shown.text)[1]  # type: ignore[index]
    address = html.unescape(re.search(r"otpauth:[^<]+", shown.text)[0])  # type: ignore[index]
    assert qr_svg(address) in shown.text
    wrong = post(client, page, page, verdict="app code", code="000000")
    assert wrong.status_code == 422
    assert secret not in wrong.text
    assert not held(registry, "viewer-geo").app
    assert post(client, page, page, verdict="app code", code=one_time_password(secret, NOW)).status_code == 303
    assert held(registry, "viewer-geo").app
    assert secret not in client.get(page).text
    assert post(client, page, page, verdict="no app", current=PASSWORD).status_code == 303
    assert not held(registry, "viewer-geo").app


def test_sessions_elsewhere_are_ended(enter: Enter, registry: Registry) -> None:
    first = enter("viewer-geo")
    with registry.desk(OPERATOR) as desk:
        from birge.store.accounts import new_codes

        code = new_codes(desk, "viewer-geo")[0]
    second = enter("")
    assert post(second, "/en/sign-in", "/en/sign-in", login="viewer-geo", password=PASSWORD).status_code == 303
    assert post(second, "/en/second-factor", "/en/second-factor", code=code).status_code == 303
    assert first.get("/en/account").status_code == second.get("/en/account").status_code == 200
    assert post(second, "/en/account", "/en/account", verdict="others").status_code == 303
    assert first.get("/en/account").status_code == 303
    assert second.get("/en/account").status_code == 200


def test_a_key_needs_a_question_and_wrong_answers_are_refused(enter: Enter) -> None:
    client = enter("viewer-geo")
    made = post(client, "/en/account", "/en/account", verdict="key", current=PASSWORD, name='"><script>')
    assert 'data-key="make"' in made.text
    assert '"><script>' not in made.text
    sent = {"token": token(made.text), "name": "x", "answer": "{}"}
    assert client.post("/en/account/keys", data=sent, headers=OWN).status_code == 422
    assert client.get("/en/account/keys").status_code == 200
    half = enter("")
    post(half, "/en/sign-in", "/en/sign-in", login="viewer-geo", password=PASSWORD)
    assert post(half, "/en/security-key", "/en/second-factor").status_code == 403, "no key is registered"
    assert post(half, "/en/security-key/answer", "/en/second-factor", answer="{}").status_code == 403
    assert half.get("/ru/security-key").headers["location"] == "/ru/second-factor"


@pytest.mark.parametrize("lang", ["en", "ru", "kk", "ky"])
def test_the_pages_speak_every_language(enter: Enter, lang: str) -> None:
    admin = enter("admin-geo")
    titles = {"account": "Your account", "accounts": "Accounts", "second-factor": "Second factor"}
    for page, title in titles.items():
        got = admin.get(f"/{lang}/{page}")
        assert got.status_code == 200
        assert f"<h1>{translator(lang)(title)}</h1>" in got.text
