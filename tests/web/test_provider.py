"""Sign-in by a provider that speaks real HTTP and signs for real: the right way in, and every wrong one refused."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from birge.errors import InputError
from birge.store import accounts
from birge.store.audit import verify
from birge.store.registry import OPERATOR, Registry
from birge.web import Settings, application
from birge.web.settings import Provider
from birge.web.visitor import COOKIE, FORM
from tests.web.conftest import HOST, NOW, post
from tests.web.provider import CLIENT, SECRET, SmallProvider

LOGIN = "reporter-geo"


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    """A provider on this machine."""
    made = SmallProvider(NOW.timestamp())
    yield made
    made.close()


def client_of(registry: Registry, provider: SmallProvider) -> TestClient:
    settings = Settings(
        behind_proxy=True, names=("plan.example",), draws=0, oidc=Provider(provider.issuer, CLIENT, SECRET)
    )
    settings.check()
    return TestClient(
        application(registry, settings), base_url=HOST, raise_server_exceptions=False, follow_redirects=False
    )


@pytest.fixture
def client(registry: Registry, provider: SmallProvider) -> Iterator[TestClient]:
    """A browser before the sign-in page of a server that has a provider."""
    with client_of(registry, provider) as made:
        yield made


def link(registry: Registry, provider: SmallProvider, subject: str = "42", **how: object) -> None:
    with registry.desk(OPERATOR) as desk:
        accounts.link(desk, LOGIN, provider.issuer, subject, **how)  # type: ignore[arg-type]


def go(client: TestClient, provider: SmallProvider) -> str:
    """Go to the provider, approve there, and return the address the browser comes back to."""
    sent = client.get("/en/provider")
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"].startswith(f"{provider.issuer}/authorize?")
    return provider.approve(sent.headers["location"]).removeprefix(HOST)


def test_a_linked_person_comes_in_and_gives_our_second_factor(
    client: TestClient, registry: Registry, provider: SmallProvider
) -> None:
    link(registry, provider)
    with registry.desk(OPERATOR) as desk:
        code = accounts.new_codes(desk, LOGIN)[0]
    assert 'href="/en/provider"' in client.get("/en/sign-in").text
    back = client.get(go(client, provider))
    assert (back.status_code, back.headers["location"]) == (303, "/en/second-factor")
    assert client.get("/en/tasks").status_code == 303, "the provider alone opens nothing"
    assert post(client, "/en/second-factor", "/en/second-factor", code=code).status_code == 303
    assert client.get("/en/tasks").status_code == 200
    with registry.view(OPERATOR) as desk:
        assert verify(desk.connection) == []


def test_the_page_that_was_asked_for_is_kept_through_the_provider(
    client: TestClient, registry: Registry, provider: SmallProvider
) -> None:
    link(registry, provider, second_factor=True)
    provider.claims = {"amr": ["mfa"]}
    client.get("/en/sign-in?next=/kk/rounds")
    assert client.get(go(client, provider)).headers["location"] == "/kk/rounds"
    assert "__Host-birge-next" not in client.cookies


@pytest.mark.parametrize(
    ("counts", "claims", "to"),
    [
        (True, {"amr": ["pwd", "mfa"]}, "/en/tasks"),
        (True, {"acr": "phr"}, "/en/tasks"),
        (True, {"amr": ["pwd"]}, "/en/second-factor"),
        (True, {}, "/en/second-factor"),
        (False, {"amr": ["mfa"]}, "/en/second-factor"),
    ],
)
def test_the_providers_second_factor_counts_only_if_both_say_so(
    client: TestClient, registry: Registry, provider: SmallProvider, counts: bool, claims: dict[str, object], to: str
) -> None:
    link(registry, provider, second_factor=counts)
    provider.claims = claims
    assert client.get(go(client, provider)).headers["location"] == to
    assert client.get("/en/tasks").status_code == (200 if to == "/en/tasks" else 303)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody else"},
        {"aud": [CLIENT, "somebody else"]},
        {"azp": "somebody else"},
        {"iss": "https://evil.example"},
        {"exp": int(NOW.timestamp()) - 3600},
        {"exp": None},
        {"nbf": int(NOW.timestamp()) + 3600},
        {"sub": None},
        {"sub": "43"},
        {"sub": ""},
    ],
)
def test_a_token_for_somebody_or_something_else_is_refused(
    client: TestClient, registry: Registry, provider: SmallProvider, claims: dict[str, object]
) -> None:
    link(registry, provider)
    provider.claims = claims
    answer = client.get(go(client, provider))
    assert answer.status_code == 403
    assert COOKIE not in client.cookies
    assert provider.tokens == 1


@pytest.mark.parametrize("how", ["none", "HS256", "another key", "altered"])
def test_a_token_that_is_not_signed_by_the_provider_is_refused(
    client: TestClient, registry: Registry, provider: SmallProvider, how: str
) -> None:
    link(registry, provider)
    link(registry, provider, "43")
    provider.how = how
    assert client.get(go(client, provider)).status_code == 403
    assert COOKIE not in client.cookies


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(
    client: TestClient, registry: Registry, provider: SmallProvider
) -> None:
    link(registry, provider, second_factor=True)
    provider.claims = {"amr": ["mfa"]}
    back = go(client, provider)
    with client_of(registry, provider) as other:
        other.cookies.set(FORM, "another browser", domain="plan.example")
        assert other.get(back).status_code == 403
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert client.get(back.replace(state, "x" * 64)).status_code == 403
    cookie = client.cookies[FORM]
    assert client.get(back).status_code == 303
    again = {"cookie": f"{FORM}={cookie}"}
    assert client.get(back, headers=again).status_code == 403, "the state is used"
    fresh = go(client, provider)
    code = parse_qs(urlsplit(back).query)["code"][0]
    used = parse_qs(urlsplit(fresh).query)["code"][0]
    assert client.get(fresh.replace(used, code)).status_code == 403, "the provider knows the code is used"


def test_another_provider_and_an_error_are_refused(
    client: TestClient, registry: Registry, provider: SmallProvider
) -> None:
    link(registry, provider)
    back = go(client, provider)
    issuer = parse_qs(urlsplit(back).query, keep_blank_values=True)["iss"][0]
    assert issuer == provider.issuer
    from urllib.parse import quote

    assert client.get(back.replace(quote(issuer, safe=""), "https%3A%2F%2Fevil.example")).status_code == 403
    assert client.get(f"{go(client, provider)}&error=access_denied").status_code == 403
    assert client.get("/provider/back").status_code == 403
    assert COOKIE not in client.cookies


@pytest.mark.parametrize(("verified", "code"), [(True, 303), (False, 403), ("true", 403), (None, 403)])
def test_an_address_counts_only_where_it_is_verified(
    client: TestClient, registry: Registry, provider: SmallProvider, verified: object, code: int
) -> None:
    link(registry, provider, "nino@gov.example", claim="email")
    provider.claims = {"email": "Nino@gov.example", "email_verified": verified}
    assert client.get(go(client, provider)).status_code == code


def test_a_closed_account_and_a_link_that_was_taken_away_stay_out(
    client: TestClient, registry: Registry, provider: SmallProvider
) -> None:
    link(registry, provider)
    with registry.desk(OPERATOR) as desk:
        accounts.set_active(desk, LOGIN, False)
    assert client.get(go(client, provider)).status_code == 403
    with registry.desk(OPERATOR) as desk:
        accounts.set_active(desk, LOGIN, True)
        accounts.unlink(desk, LOGIN, provider.issuer, "42")
    assert client.get(go(client, provider)).status_code == 403


@pytest.mark.parametrize(
    "told",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "file:///etc/passwd"}, {"jwks_uri": None}],
)
def test_a_provider_that_describes_another_is_refused(
    client: TestClient, provider: SmallProvider, told: dict[str, object]
) -> None:
    provider.told = told
    assert client.get("/en/provider").status_code == 403


def test_a_provider_that_changed_its_key_is_read_again(
    client: TestClient, registry: Registry, provider: SmallProvider
) -> None:
    link(registry, provider)
    assert client.get(go(client, provider)).status_code == 303
    from joserfc.jwk import RSAKey

    provider.key = RSAKey.generate_key(2048, {"kid": "one"})
    assert client.get(go(client, provider)).status_code == 303


def test_without_a_provider_there_is_no_way(registry: Registry) -> None:
    app = application(registry, Settings(behind_proxy=True, names=("plan.example",), draws=0))
    with TestClient(app, base_url=HOST, follow_redirects=False) as bare:
        assert bare.get("/en/provider").status_code == 404
        assert bare.get("/provider/back?code=x&state=y").status_code == 404
        assert "/en/provider" not in bare.get("/en/sign-in").text


@pytest.mark.parametrize(
    "wrong",
    [("http://id.example", "c", "s"), ("https://id.example", "", "s"), ("", "c", ""), ("https://id.example", "c", "")],
)
def test_a_provider_without_tls_client_or_secret_is_refused(wrong: tuple[str, str, str]) -> None:
    with pytest.raises(InputError):
        Settings(oidc=Provider(*wrong)).check()
    assert "s3cret" not in repr(Provider("https://id.example", "c", "s3cret"))
