"""A deep link without a session leads to the sign-in and, after both factors, back; never to another server."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from birge.store import accounts
from birge.store.registry import OPERATOR, Registry
from birge.web.wayback import NEXT, own_page
from tests.web.conftest import Enter, post

PASSWORD = "a long enough password"
ELSEWHERE = (
    "https://evil.example/en/tasks",
    "//evil.example/en/tasks",
    "/\\evil.example",
    "/en/\\evil.example",
    "/en//evil.example",
    "/en/../../evil",
    "/en/%2e%2e/tasks",
    "/en/tasks\r\nset-cookie: a=b",
    "/en/tasks;domain=evil.example",
    "/xx/tasks",
    "/api/v1/plan",
    "en/tasks",
    "/en/",
    "/en/sign-in",
    "/en/sign-out",
    "/en/second-factor?next=/en/tasks",
    "/en/@evil.example:443//x",
    "javascript:alert(1)",
    "/en/" + "a" * 1000,
)


def through(client: TestClient, registry: Registry, login: str, tries: int = 1) -> str:
    """Sign in on the form a client has met, with a wrong code first where `tries` is more; returns where that leads."""
    with registry.desk(OPERATOR) as desk:
        accounts.set_password(desk, login, PASSWORD)
        code = accounts.new_codes(desk, login)[0]
    assert post(client, "/en/sign-in", "/en/second-factor", login=login, password=PASSWORD).status_code == 303
    for _ in range(tries - 1):
        assert post(client, "/en/second-factor", "/en/second-factor", code="000000").status_code == 403
    done = post(client, "/en/second-factor", "/en/second-factor", code=code)
    assert done.status_code == 303
    assert NEXT not in client.cookies
    return done.headers["location"]


@pytest.mark.parametrize("page", ["/en/report/draft", "/kk/records/barrier?side=GEO&x=%D0%B0"])
def test_a_deep_link_leads_to_the_sign_in_and_back(registry: Registry, enter: Enter, page: str) -> None:
    client = enter("")
    led = client.get(page)
    assert led.status_code == 303
    asked = client.get(led.headers["location"])
    assert asked.status_code == 200
    assert "note" not in asked.text.split("<main")[1], "nothing was done wrong"
    kept = asked.headers.get_list("set-cookie")
    mine = next(c for c in kept if c.startswith(f"{NEXT}="))
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax", "Max-Age=600"} <= set(mine.split("; "))
    assert "Domain" not in mine
    assert through(client, registry, "reporter-geo", tries=2) == page
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_led_elsewhere(registry: Registry, enter: Enter, address: str) -> None:
    client = enter("")
    client.get("/en/sign-in", params={"next": address})
    assert NEXT not in client.cookies
    client.cookies.set(NEXT, address.encode("unicode_escape").decode("latin-1"))
    with registry.desk(OPERATOR) as desk:
        accounts.set_password(desk, "viewer-geo", PASSWORD)
        code = accounts.new_codes(desk, "viewer-geo")[0]
    post(client, "/en/sign-in", "/en/second-factor", login="viewer-geo", password=PASSWORD)
    assert post(client, "/en/second-factor", "/en/second-factor", code=code).headers["location"] == "/en/tasks"
    assert own_page(address) == ""


def test_a_sign_in_without_a_wish_forgets_an_older_one(registry: Registry, enter: Enter) -> None:
    client = enter("")
    client.get("/en/sign-in?next=/en/rounds")
    assert NEXT in client.cookies
    client.get("/en/sign-in")
    assert through(client, registry, "reporter-geo") == "/en/tasks"


def test_who_has_signed_in_is_not_told_to(enter: Enter) -> None:
    for login, page, status in (("viewer-geo", "/en/accounts", 403), ("admin-geo", "/en/answer", 404)):
        answer = enter(login).get(page)
        assert answer.status_code == status
        assert "sign-in" not in answer.text
        assert "Sign in" not in answer.text
    assert "sign-in?next" not in enter("").get("/en/no-such-page").text
