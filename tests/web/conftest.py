"""A registry with people on both sides, the application over it, and somebody who signs in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from birge.plan import load
from birge.store import accounts, plans
from birge.store.registry import OPERATOR, Registry
from birge.web import Settings, application

HOST = "https://plan.example"
ALONE = "http://127.0.0.1:8000"
SMALL = Path(__file__).parents[1] / "store" / "two-sides.yaml"
NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
ROLES = ("secretariat", "approver", "reporter", "viewer", "statistics", "admin")
Enter = Callable[[str], TestClient]


def peopled(url: str, files: Path, now: Callable[[], datetime] = lambda: NOW) -> Registry:
    """Return a joint registry with every role on both sides and a plan that both have confirmed."""
    made = Registry.create(url, ("GEO", "ARM"), files=files, clock=now)
    with made.desk(OPERATOR) as desk:
        for side in ("GEO", "ARM"):
            for role in ROLES:
                login = f"{role}-{side.lower()}"
                accounts.add_user(desk, login, f"{role} <b>{side}</b>", side)
                accounts.grant(desk, login, role)
    with made.desk("secretariat-geo") as desk:
        ident = plans.propose(desk, load(SMALL)[0], NOW.date()).id
    for who in ("approver-geo", "approver-arm"):
        with made.desk(who) as desk:
            plans.confirm(desk, ident)
    return made


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a peopled registry that nobody has open; every test takes a copy."""
    folder = tmp_path_factory.mktemp("founded")
    peopled(f"sqlite:///{folder}/joint.sqlite", folder / "files").close()
    return folder


@pytest.fixture
def registry(founded: Path, tmp_path: Path) -> Iterator[Registry]:
    """Return a joint registry with every role on both sides and a plan that both have confirmed."""
    shutil.copytree(founded, tmp_path, dirs_exist_ok=True)
    made = Registry.open(f"sqlite:///{tmp_path}/joint.sqlite", tmp_path / "files", lambda: NOW)
    yield made
    made.close()


@pytest.fixture
def enter(registry: Registry) -> Iterator[Enter]:
    """Return what gives a client of somebody who has signed in; with "" of nobody."""
    app = application(registry, Settings(behind_proxy=True, names=("plan.example",), draws=0))
    opened = []

    def make(login: str) -> TestClient:
        client = TestClient(app, base_url=HOST, raise_server_exceptions=False, follow_redirects=False)
        opened.append(client)
        if login:
            sign_in(client, registry, login)
        return client

    yield make
    for client in opened:
        client.close()


def token(text: str) -> str:
    """Return the token of the first form on a page."""
    found = re.search(r'name="token" value="([0-9a-f]{64})"', text)
    assert found, text[:400]
    return found[1]


def post(client: TestClient, path: str, page: str, **fields: object) -> Response:
    """Send a form as a browser does: with the page's token and this server's origin."""
    data = {"token": token(client.get(page).text), **fields}
    return client.post(path, data=data, headers={"origin": HOST, "sec-fetch-site": "same-origin"})


def sign_in(client: TestClient, registry: Registry, login: str) -> None:
    """Sign in with password and a printed code."""
    with registry.desk(OPERATOR) as desk:
        accounts.set_password(desk, login, "a long enough password")
        code = accounts.new_codes(desk, login)[0]
    first = post(client, "/en/sign-in", "/en/sign-in", login=login, password="a long enough password")
    assert first.status_code == 303, first.text
    second = post(client, "/en/second-factor", "/en/second-factor", code=code)
    assert second.status_code == 303, second.text


@pytest.fixture(scope="session")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a registry with words of its own in every kind of record, on both sides, at every level."""
    from tests.web.canaries import founded

    made = founded(f"sqlite:///{tmp_path_factory.mktemp('garden')}/joint.sqlite")
    yield made
    made.registry.close()


@pytest.fixture(scope="session")
def app(garden: Any) -> Any:
    """Return the application over the garden."""
    return application(garden.registry, Settings(behind_proxy=True, names=("plan.example",), draws=0))
