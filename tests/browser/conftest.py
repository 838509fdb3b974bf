"""One Chromium for all checks, three servers, and a page of a browser for everybody who asks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.served import Served, alone, joint, one
from tests.browser.watched import SHOTS, Watched, contact_sheet, opened, sign_in

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
Enter = Callable[..., Watched]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a running Chromium; skips, with the reason, where there is none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()
    if SHOTS.is_dir():
        contact_sheet()


@pytest.fixture(scope="session")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a server on a machine of one's own: the embedded plan, nobody has an account."""
    with alone(tmp_path_factory.mktemp("alone")) as made:
        yield made


@pytest.fixture(scope="session")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a server of two sides with people of every role."""
    with joint(tmp_path_factory.mktemp("joint")) as made:
        yield made


@pytest.fixture(scope="session")
def other(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a server of the second side alone."""
    with one(tmp_path_factory.mktemp("one")) as made:
        yield made


@pytest.fixture
def visit(browser: Browser, house: Served) -> Iterator[Enter]:
    """Return what opens a page of `house` in a fresh context; options are those of Playwright's contexts."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> Watched:
        found = opened(browser, house.address, **options)
        made.append(found.page.context)
        return found

    yield make
    for context in made:
        context.close()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, office: Served) -> Iterator[Enter]:
    """Return what gives a page of somebody of `office` who has signed in; one context for each of them."""
    held: dict[str, BrowserContext] = {}

    def make(login: str) -> Watched:
        if login in held:
            return opened(browser, office.address, held[login])
        found = opened(browser, office.address)
        sign_in(found, login, office.codes[login].pop())
        held[login] = found.page.context
        return found

    yield make
    for context in held.values():
        context.close()
