"""Accounts in a real browser: an admin adds somebody, who sets a password, registers a key and comes in with it.

The key is Chromium's virtual authenticator; what it signs and what the pages' script sends is real. Skips, with the
reason, without Chromium.
"""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from birge.store import accounts
from birge.store.audit import verify
from birge.store.registry import OPERATOR, Registry
from birge.store.security_keys import keys_of
from birge.web import Settings, application
from birge.web.serve import founded

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")
HINT = "Password forms should have"  # an invitation does not say whose it is
PASSWORD = "a long enough password"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """A registry with an admin who comes in with a password and a printed code."""
    made = founded(f"sqlite:///{tmp_path}/birge.sqlite")
    with made.desk(OPERATOR) as desk:
        accounts.add_user(desk, "aigul", "Aigul", "KAZ")
        accounts.grant(desk, "aigul", "admin")
        accounts.set_password(desk, "aigul", PASSWORD)
    yield made
    made.close()


@pytest.fixture
def address(registry: Registry) -> Iterator[str]:
    """The address of a running server: keys know names, so it is localhost."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = application(registry, Settings(port=port, draws=0))
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.05)
    yield f"http://localhost:{port}"
    running.should_exit = True
    thread.join(10)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser in which whatever is said on the console fails the test."""
    context = browser.new_context(viewport={"width": 1100, "height": 1400})
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda m: said.append(m.text) if HINT not in m.text else None)
    opened.on("pageerror", lambda e: said.append(str(e)))
    yield opened
    context.close()
    assert said == []


def with_key(page: Page) -> None:
    """Plug a security key into the browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": False}
    touched = {"isUserVerified": False, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, **touched}})


def sign_in(page: Page, address: str, login: str) -> None:
    page.goto(f"{address}/en/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/second-factor")


def test_a_key_is_registered_and_opens_the_door(address: str, registry: Registry, page: Page, tmp_path: Path) -> None:
    with registry.desk(OPERATOR) as desk:
        code = accounts.new_codes(desk, "aigul")[0]
    with_key(page)
    sign_in(page, address, "aigul")
    page.fill("[name=code]", code)
    page.click("main form:has([name=code]) button")
    page.wait_for_url("**/tasks")
    page.goto(f"{address}/en/account")
    form = "main form:has(button[value=key])"
    page.fill(f"{form} [name=current]", PASSWORD)
    page.fill(f"{form} [name=name]", "blue, in the safe")
    page.click(f"{form} button")
    page.click("form[data-key=make] button")
    page.wait_for_selector("td:has-text('blue, in the safe')")
    page.screenshot(path=str(tmp_path / "account.png"), full_page=True)
    with registry.view(OPERATOR) as desk:
        assert [(k.name, k.used) for k in keys_of(desk, "aigul")] == [("blue, in the safe", None)]
    page.goto(f"{address}/en/tasks")
    page.click("main form:has-text('Sign out') button")
    page.wait_for_url("**/answer")
    sign_in(page, address, "aigul")
    page.click("main form[action$=security-key] button")
    page.click("form[data-key=ask] button")
    page.wait_for_url("**/tasks")
    with registry.view(OPERATOR) as desk:
        assert keys_of(desk, "aigul")[0].used is not None
        assert verify(desk.connection) == []


def test_an_admin_hands_over_a_sheet_and_its_link_works(
    address: str, registry: Registry, page: Page, tmp_path: Path
) -> None:
    with registry.desk(OPERATOR) as desk:
        code = accounts.new_codes(desk, "aigul")[0]
    sign_in(page, address, "aigul")
    page.fill("[name=code]", code)
    page.click("main form:has([name=code]) button")
    page.wait_for_url("**/tasks")
    page.goto(f"{address}/en/accounts")
    page.fill("[name=login]", "marat")
    page.fill("[name=name]", "Marat")
    page.click("main section:has([name=login]) button")
    sheet = page.inner_text("section.once")
    page.screenshot(path=str(tmp_path / "sheet.png"), full_page=True)
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.screenshot(path=str(tmp_path / "sheet-phone.png"), full_page=True)
    link = re.search(r"http://localhost:\d+/en/invited/[\w-]+", sheet)[0]  # type: ignore[index]
    printed = re.findall(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}", sheet)
    page.context.clear_cookies()
    page.goto(link)
    page.fill("[name=new]", PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/sign-in")
    sign_in(page, address, "marat")
    page.fill("[name=code]", printed[0])
    page.click("main form:has([name=code]) button")
    page.wait_for_url("**/tasks")
    page.goto(f"{address}/kk/account")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.screenshot(path=str(tmp_path / "account-phone.png"), full_page=True)
