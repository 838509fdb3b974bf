"""The islands in a real browser under the strict policy: charts come alive when seen, tabs obey the keyboard.

Skips, with the reason, without Chromium or where the islands are not built (`make islands`).
"""

from __future__ import annotations

import shutil
from importlib.resources import files
from typing import Any

import pytest

from tests.browser.served import Served

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
BUILT = (files("birge.web") / "static" / "islands" / "main.js").is_file()
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium"),
    pytest.mark.skipif(not BUILT, reason="the islands are not built: make islands"),
]


@pytest.fixture
def server(house: Served) -> str:
    return house.address


@pytest.fixture(scope="module")
def chromium(browser: Any) -> Any:
    return browser


@pytest.mark.parametrize(("lang", "width", "kind"), [("ru", 1280, "wide"), ("kk", 360, "narrow")])
def test_a_chart_comes_alive_when_seen_and_breaks_no_policy(
    server: str, chromium: Any, lang: str, width: int, kind: str
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text))
    page.on("pageerror", lambda e: said.append(str(e)))
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(f"{server}/{lang}/targets")
    assert not [a for a in asked if "/chart-" in a], "nobody has seen a chart yet"
    still = page.locator(f"#fan-kaz .{kind} svg").bounding_box()
    page.locator("#fan-kaz").scroll_into_view_if_needed()
    live = page.locator(f"#fan-kaz .{kind} .live svg")
    live.wait_for(timeout=30_000)
    box = live.bounding_box()
    assert box["width"] == pytest.approx(still["width"], rel=0.05)
    assert "100" in live.locator("desc").first.text_content(), "what it shows is still read aloud"
    assert live.get_attribute("aria-labelledby") == f"fan-kaz-{kind}-title fan-kaz-{kind}-desc"
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.4 * box["height"])
    told = page.locator("#vg-tooltip-element.visible")
    told.wait_for(timeout=10_000)
    assert "100" in told.inner_text()
    assert "," in told.inner_text(), "decimals in the reader's language"
    assert live.locator("[role], [aria-roledescription]").count() == 0, "one picture with one name, used or not"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
    page.close()


def test_tabs_obey_the_keyboard_and_name_what_they_show(server: str, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(f"{server}/en/targets")
    tabs = page.locator("#fan-kaz [role=tab]")
    assert tabs.all_inner_texts() == ["Chart", "Table"]
    tabs.nth(0).focus()
    page.keyboard.press("ArrowRight")
    assert tabs.nth(1).get_attribute("aria-selected") == "true"
    panel = page.locator(f"#{tabs.nth(1).get_attribute('aria-controls')}")
    assert panel.get_attribute("role") == "tabpanel"
    assert panel.locator("table").is_visible()
    assert not page.locator("#fan-kaz figure").is_visible()
    page.keyboard.press("Home")
    assert page.locator("#fan-kaz figure").is_visible()
    page.close()


def test_without_script_chart_and_table_stand_below_each_other(server: str, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{server}/en/targets")
    assert page.locator("#fan-kaz .wide svg").is_visible()
    assert page.locator("#fan-kaz table").is_visible()
    context.close()
