"""Who reads otherwise: by keyboard, in four languages, with larger text, without script or motion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from birge.store.records import listing
from birge.texts import LANGUAGES
from birge.web.app import PAGES
from tests.browser.served import PASSWORD, Served
from tests.browser.watched import Watched, form, opened, sign_in

Enter = Callable[..., Watched]
OWN = "әғқңөұүһіӘҒҚҢӨҰҮҺІ"

FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const s = getComputedStyle(e), b = e.getBoundingClientRect();
  const left = Math.max(b.left, 0), above = Math.max(b.top, 0);
  const top = document.elementFromPoint(left + Math.min(b.width, 20) / 2, above + Math.min(b.height, 20) / 2);
  return {at: window.all.indexOf(e),
    ring: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2,
    inside: b.bottom > 0 && b.top < innerHeight && b.right > 0 && b.left < innerWidth,
    covered: !!top && !e.contains(top) && !top.contains(e),
    name: `${e.tagName} ${e.name || ""} ${(e.textContent || "").trim().slice(0, 40)}`};
}"""
LIST = """() => {
  const every = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  window.all = [...document.querySelectorAll(every)]
    .filter(e => !e.disabled && e.checkVisibility({visibilityProperty: true}) && e.tabIndex >= 0);
  const groups = new Set();  // radio buttons of one name are one stop
  return window.all.filter(e => e.type !== "radio" || (!groups.has(e.name) && groups.add(e.name))).length;
}"""


@pytest.fixture(scope="module")
def wide(browser: Browser, house: Served) -> Iterator[Watched]:
    """Return a page in a wide window."""
    made = opened(browser, house.address, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield made
    made.page.context.close()


def tabbed(page: Page, most: int = 150) -> tuple[list[dict[str, Any]], int]:
    """Press Tab from the top until the page is left, or `most` times; return each stop and how many there are."""
    count = page.evaluate(LIST)
    stops: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None or (stops and stop["at"] == stops[0]["at"] == 0):
            break
        stops.append(stop)
    return stops, count


@pytest.mark.parametrize("name", ["answer", "targets", "statistics", "scenarios", "sign-in"])
def test_the_keyboard_reaches_everything_in_order_and_is_seen(wide: Watched, name: str) -> None:
    page = wide.go(f"/en/{name}")
    stops, count = tabbed(page)
    known = [s["at"] for s in stops if s["at"] >= 0]
    assert known == sorted(known), "Tab follows the order of the page"
    assert len(set(known)) == min(count, 150), "every control is reached, once"
    assert [s["name"] for s in stops if not s["ring"]] == [], "focus is seen"
    assert [s["name"] for s in stops if not s["inside"] or s["covered"]] == [], "what has focus is on the screen"


def test_the_skip_link_comes_first_and_leads_to_the_content(wide: Watched) -> None:
    page = wide.go("/en/measures")
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.getAttribute('href')")
    assert first == "#content"
    assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def reach(page: Page, wanted: str, most: int = 120) -> None:
    """Press Tab until the control that a selector names has focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", wanted):
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def test_a_reporter_works_without_a_mouse(browser: Browser, office: Served) -> None:
    seen = opened(browser, office.address)
    page, keys = seen.go("/en/sign-in"), seen.page.keyboard
    reach(page, "[name=login]")
    keys.type("reporter-arm")
    reach(page, "[name=password]")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.wait_for_url("**/second-factor")
    reach(page, "[name=code]")
    keys.type(office.codes["reporter-arm"].pop())
    keys.press("Enter")
    page.wait_for_url("**/tasks")
    reach(page, "main a[href*='/report/']")
    keys.press("Enter")
    page.wait_for_url("**/report/*")
    reach(page, "select[name=state]")
    keys.type("in")
    reach(page, "textarea[name=text]")
    keys.type("Both chambers have read it.")
    reach(page, "form[action*='/evidence'] button")
    keys.press("Enter")
    page.wait_for_url("**/tasks")
    with office.registry.view("reporter-arm") as desk:
        said = [r.payload for r in listing(desk, "progress")]
    assert [(p.state.value, p.text) for p in said] == [("in progress", {"en": "Both chambers have read it."})]
    assert seen.quiet() == []
    page.context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_answer_in_every_language(browser: Browser, house: Served, lang: str) -> None:
    seen = opened(browser, house.address, locale=lang, viewport={"width": 1280, "height": 900})
    page = seen.go("/")
    assert page.url.endswith(f"/{lang}/answer"), "the browser's language is spoken first"
    nav = page.locator(".main-nav, nav").filter(has=page.locator("[aria-current=page]")).first.locator("a")
    mine = nav.all_inner_texts()
    page.goto(f"{house.address}/en/answer")
    english = nav.all_inner_texts()
    if lang != "en":
        assert not set(mine) & set(english), "a page's name is left in English"
        assert all(any("Ѐ" <= c <= "ӿ" for c in text) for text in mine)
    for code in LANGUAGES:
        page.locator(f"a[hreflang={code}]").first.click() if code != "en" else None
        assert page.url == f"{house.address}/{code}/answer"
    assert seen.quiet() == []
    page.context.close()


@pytest.mark.parametrize("lang", ["kk", "ky"])
def test_every_letter_is_of_one_font(wide: Watched, lang: str) -> None:
    """Kazakh and Kyrgyz letters come from the font that the rest of a word comes from."""
    page = wide.go(f"/{lang}/measures")
    page.evaluate("document.fonts.ready")
    talk = page.context.new_cdp_session(page)
    talk.send("DOM.enable")
    talk.send("CSS.enable")
    root = talk.send("DOM.getDocument")["root"]["nodeId"]
    for where in ("h1", "main p", ".side", "table"):
        page.evaluate(
            "([where, own]) => { document.querySelector(where).prepend(document.createTextNode(own)); }", [where, OWN]
        )
        node = talk.send("DOM.querySelector", {"nodeId": root, "selector": where})["nodeId"]
        fonts: list[dict[str, Any]] = []
        for _ in range(20):  # what was typed in has to be drawn first
            page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            fonts = talk.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
            if fonts:
                break
        assert {f["familyName"] for f in fonts} == {"Noto Sans"}, (where, fonts)
    talk.detach()


def test_text_alone_can_be_made_twice_as_large(wide: Watched) -> None:
    page = wide.go("/en/answer")
    size = "parseFloat(getComputedStyle(document.querySelector('main td')).fontSize)"
    before = page.evaluate(size)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(size) >= 1.9 * before
    assert wide.look()["overflow"] == 0


def test_nothing_moves_for_those_who_ask_for_that(wide: Watched) -> None:
    moves = """() => [...document.querySelectorAll("*")].filter(e => { const s = getComputedStyle(e);
      return s.scrollBehavior === "smooth" || /[1-9]/.test(s.transitionDuration) && s.transitionDuration !== "0s"
        || s.animationName !== "none"; }).length + document.getAnimations().length"""
    for name in ("answer", "targets", "scenarios"):
        wide.go(f"/en/{name}")
        assert wide.page.evaluate(moves) == 0


def test_every_page_works_without_script(browser: Browser, house: Served) -> None:
    seen = opened(browser, house.address, java_script_enabled=False, viewport={"width": 360, "height": 740})
    faults = []
    for name in PAGES:
        page = seen.go(f"/ru/{name}")
        assert page.locator("main h1").inner_text().strip()
        empty = page.locator("main section").filter(has_not=page.locator("table, svg, p, form, ul, dl, details"))
        faults += [f"{name}: an empty section" for _ in range(empty.count())]
        for figure in page.locator("figure.chart").all():
            if figure.locator("svg").filter(visible=True).count() < 1:
                faults.append(f"{name}: a chart without its drawing")
        for where in page.locator("main form").all():
            if where.locator("button").filter(visible=True).count() < 1:
                faults.append(f"{name}: a form that only a script sends")
        faults += [f"{name}: {line}" for line in seen.quiet()]
        seen.shot(f"{name}-ru-360-without-script")
    assert faults == []
    page = seen.go("/ru/measures")
    page.locator("select[name=pillar]").select_option(index=1)
    page.locator("form.filters button").click()
    assert "pillar=" in page.url
    page.context.close()


def test_signing_in_and_reporting_without_script(browser: Browser, office: Served) -> None:
    seen = opened(browser, office.address, java_script_enabled=False)
    sign_in(seen, "reporter-arm", office.codes["reporter-arm"].pop())
    page = seen.go("/en/report/ratified-arm")
    where = form(page, "state")
    where.locator("[name=text]").fill("Sent to the chamber.")
    where.locator("button").click()
    page.wait_for_url("**/en/tasks")
    assert seen.quiet() == []
    page.context.close()
