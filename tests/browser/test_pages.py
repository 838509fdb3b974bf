"""Every page in a real browser: wide and on a phone, in four languages, on dark paper, enlarged, printed.

The pages are those of `birge.web.app.PAGES` and of every route that answers GET below a language; a route that nothing
here can reach fails, so a new page is looked at from its first day. A page is opened once in each language and laid
out anew for each window; axe reads it on a phone, the ruler in every language.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from birge.texts import LANGUAGES
from birge.web.app import PAGES
from tests.browser.served import Served
from tests.browser.watched import Watched, form, opened, sign_in
from tests.paper_text import sheets

OTHER = ("kk", "ky", "ru")
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
SIDE = ("secretariat-geo", "approver-arm", "admin-geo")
ELSEWHERE = {"/{lang}/provider"}
"""What leads to an organisation's own sign-in and is there only where one is set up: tests/web/test_provider.py."""


TWINS = """() => [...document.querySelectorAll("main section:has(figure.chart)")].flatMap(section =>
  ["table", "figcaption", ...["csv", "xlsx", "svg", "png"].map(kind => `a[href*='.${kind}']`)]
    .filter(what => !section.querySelector(what)).map(what => `the chart ${section.id} has no ${what}`))"""


@pytest.fixture(scope="module")
def reading(browser: Browser, house: Served) -> Watched:
    return opened(browser, house.address, reduced_motion="reduce")


def seen_at(seen: Watched, size: dict[str, int], name: str = "", *, axe: bool = False) -> list[str]:
    """Lay the page out for a window and return what is wrong with it there; keep a picture under a name."""
    seen.page.set_viewport_size(size)  # type: ignore[arg-type]
    faults = [f"{size['width']}: {line}" for line in (*seen.faults(), *(seen.axe() if axe else ()))]
    if name:
        seen.shot(f"{name}-{size['width']}")
    return faults


def framed(seen: Watched, lang: str) -> list[str]:
    """Return what is wrong with the frame of a page: language, heading, title, landmarks."""
    found = seen.look()
    asked = {"lang": lang, "headings": 1, "landmarks": {"header": 1, "main": 1, "footer": 1}}
    faults = [f"{k}: {found[k]}" for k, v in asked.items() if found[k] != v]
    return faults if found["title"].endswith(" · Birge") else [*faults, f"title: {found['title']}"]


def checked(seen: Watched, path: str, name: str) -> list[str]:
    """Open a page in English, wide and on a phone, then on a phone in another language; return what is wrong."""
    other = OTHER[len(name) % 3]
    seen.go(path)
    faults = [*seen_at(seen, WIDE, f"{name}-en"), *seen_at(seen, PHONE, f"{name}-en", axe=True), *framed(seen, "en")]
    seen.go(path.replace("/en/", f"/{other}/", 1))
    return [*faults, *seen_at(seen, PHONE, f"{name}-{other}"), *framed(seen, other), *seen.quiet()]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_for_readers(reading: Watched, name: str) -> None:
    faults = []
    for lang in ("en", *OTHER):
        reading.page.set_viewport_size(WIDE if lang == "en" else PHONE)  # type: ignore[arg-type]
        page = reading.go(f"/{lang}/{name}")
        found = framed(reading, lang)
        if lang == "en":
            found += [*seen_at(reading, WIDE, f"{name}-en"), *page.evaluate(TWINS)]
        found += seen_at(reading, PHONE, f"{name}-{lang}", axe=lang == "en")
        if lang == "kk":
            found += printed(page)
        elif lang == "ky":
            found += darkened(reading, name)
        elif lang == "ru":
            found += enlarged(reading)
        faults += [f"{lang} {line}" for line in (*found, *reading.quiet())]
    assert not faults, "\n".join(faults)


def printed(page: Page) -> list[str]:
    """Return what is wrong with the page on paper, printed by somebody who reads on dark screens."""
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(media="print", color_scheme="dark")
    gone = (".masthead", "form", ".downloads")
    faults = [f"printed: {what}" for what in gone if page.locator(what).filter(visible=True).count()]
    title = " ".join(page.locator("h1").inner_text().split())
    content = page.pdf(format="A4")
    paper, told = PdfReader(io.BytesIO(content)), sheets(content)
    if title not in " ".join(told):
        faults.append("printed without its title")
    if len(told) > 40:
        faults.append(f"{len(told)} sheets")
    empty = [not text.strip() and "/XObject" not in p["/Resources"] for text, p in zip(told, paper.pages, strict=True)]
    if any(empty):
        faults.append("an empty sheet")
    if max(page.evaluate("getComputedStyle(document.body).color.match(/\\d+/g).map(Number)")) >= 100:
        faults.append("light ink on paper")
    page.emulate_media(media="screen", color_scheme="light")
    return faults


def darkened(seen: Watched, name: str) -> list[str]:
    """Return what cannot be read on dark paper, wide and on a phone."""
    faults = []
    seen.page.emulate_media(color_scheme="dark")
    if max(seen.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")) >= 80:
        faults.append("dark paper is light")
    for size in (PHONE, WIDE):
        seen.page.set_viewport_size(size)  # type: ignore[arg-type]
        faults += [f"dark, {size['width']}: {line}" for line in seen.look()["faint"]]
        seen.shot(f"{name}-ky-{size['width']}-dark")
    faults += seen.axe("color-contrast")
    seen.page.emulate_media(color_scheme="light")
    return faults


def enlarged(seen: Watched) -> list[str]:
    """Return what is lost at 200 % and 400 %: a window of 1280 px then has 640 and 320 px to lay out."""
    faults = []
    for width in (640, 320):
        seen.page.set_viewport_size({"width": width, "height": 450})
        found = seen.look()
        faults += [f"enlarged, {width}: {line}" for line in found["wide"]]
        if found["overflow"] > 0:
            faults.append(f"enlarged, {width}: scrolls sideways by {found['overflow']} px")
    return faults


def patterns(served: Served) -> set[str]:
    """Return the paths of all routes that show a page, beside the pages for readers."""
    found = set()
    for router in (served.app, *_routers()):
        for route in router.routes:
            path, methods = getattr(route, "path", ""), getattr(route, "methods", None) or ()
            if "GET" in methods and path.startswith("/{lang}/") and "{kind}" not in path:
                found.add(path)
    return found - {"/{lang}/{name}"}


def _routers() -> list[Any]:
    from birge.web import working

    return [working.router]


def addresses(seen: Watched, served: Served, start: str) -> dict[str, str]:
    """Follow the links of the server's own pages and return an address for every route that shows a page."""
    known = {
        p: re.compile(re.sub(r"\{\w+\}", "[^/?]+", p.replace("{lang}", "en")) + r"(\?.*)?$") for p in patterns(served)
    }
    fixed = {p: p.replace("{lang}", "en") for p in known if p.count("{") == 1}
    found: dict[str, str] = dict(fixed)
    waiting, done = [start, *(f"/en/{name}" for name in PAGES), *fixed.values(), *served.unlinked], set()
    for path in served.unlinked:
        found.setdefault(next(p for p, like in known.items() if like.match(path)), path)
    while waiting:
        path = waiting.pop(0)
        if path in done:
            continue
        done.add(path)
        answer = seen.page.request.get(served.address + path)
        if not answer.ok or "html" not in answer.headers["content-type"]:
            continue
        for href in re.findall(r'href="([^"#:]+)"', answer.text()):
            link = urljoin(path, unescape(href))
            fits = next((p for p, like in known.items() if like.match(link)), None)
            if fits:
                found.setdefault(fits, link)
                # two sessions are not alike: one has papers, the other is still to come
                if sum(known[fits].match(p) is not None for p in (*done, *waiting)) < 3:
                    waiting.append(link)
    return found


def test_every_page_for_work(signed_in: Callable[[str], Watched], office: Served) -> None:
    """Every page for work, seen by the first who may; a file is only fetched."""
    left, faults = patterns(office) - ELSEWHERE - {"/{lang}/exchange/in/{name}"}, []
    for login in SIDE:
        seen = signed_in(login)
        for pattern, path in sorted(addresses(seen, office, "/en/tasks").items()):
            if pattern not in left:
                continue
            answer = seen.page.request.get(office.address + path)
            if answer.status != 200:
                continue
            left.discard(pattern)
            if "html" not in answer.headers["content-type"]:
                continue
            name = "work-" + re.sub(r"[^a-z]+", "-", pattern.replace("{lang}", "").replace("{", "").lower()).strip("-")
            faults += [f"{login} {path} {line}" for line in checked(seen, path, name)]
        seen.page.close()
    assert not faults, "\n".join(faults)
    assert not left, f"no link leads to {sorted(left)}"


def test_a_package_is_looked_at_before_it_is_taken_in(browser: Browser, office: Served, other: Served) -> None:
    seen = opened(browser, other.address)
    sign_in(seen, "secretariat-arm", other.codes["secretariat-arm"].pop())
    assert office.package is not None
    assert "There is no plan here yet." in seen.page.locator("main").inner_text()
    assert seen.quiet() == []
    where = form(seen.go("/en/exchange"), "package")
    where.locator("[name=package]").set_input_files(office.package)
    where.locator("button").click()
    seen.page.wait_for_url("**/exchange/in/*")
    assert "Scales are closed" in seen.page.locator("main").inner_text()
    faults = checked(seen, seen.page.url.removeprefix(other.address), "work-exchange-in")
    assert not faults, "\n".join(faults)
    seen.page.context.close()


@pytest.mark.parametrize("path", ["/en/nothing", "/kk/measures?run=none", "/ky/tasks"])
def test_a_page_that_says_no(reading: Watched, path: str) -> None:
    reading.go(path)
    found = reading.look()
    assert reading.faults() + reading.axe() == []
    assert found["headings"] == 1
    assert found["lang"] == path[1:3]
    assert [line for line in reading.quiet() if "policy" in line or "script" in line] == []


def test_titles_are_unique(house: Served, reading: Watched) -> None:
    for lang in LANGUAGES:
        pages = [reading.page.request.get(f"{house.address}/{lang}/{name}").text() for name in PAGES]
        titles = [re.search(r"<title>(.*?)</title>", page, re.DOTALL) for page in pages]
        told = [t[1] for t in titles if t]
        assert len(told) == len(set(told)) == len(PAGES), (lang, told)


def test_the_checks_see_faults(browser: Browser, house: Served) -> None:
    """A page with every fault: what is checked above can fail."""
    bad = """<!doctype html><title>x</title><body><h1>a</h1><h1>b</h1><img src="/static/none.png">
    <p style="width:900px;color:#bbb;font-size:9px">wide</p>
    <a href="#" style="font-size:8px">x</a> <a href="#" style="font-size:8px">y</a>
    <figure class="chart"><svg viewBox="0 0 100 40" width="100" height="40"><text x="2" y="20">first words</text>
    <text x="20" y="20">second</text></svg></figure>
    <div style="overflow:hidden;width:20px;white-space:nowrap">cut off</div>"""
    seen = opened(browser, house.address, viewport=PHONE)
    seen.page.route(
        "**/bad",
        lambda route: route.fulfill(
            body=bad,
            content_type="text/html",
            headers={"content-security-policy": "default-src 'none'; style-src 'self'"},
        ),
    )
    seen.go("/bad")
    assert any("policy: style-src" in line for line in seen.quiet())
    seen.page.route("**/worse", lambda route: route.fulfill(body=bad, content_type="text/html"))
    seen.go("/worse")
    told = " ".join(seen.faults())
    for fault in ("wide", "faint", "clipped", "small", "targets", "overlaps", "sideways"):
        assert fault in told, fault
    assert any(line.startswith("404") for line in seen.quiet())
    said = " ".join(seen.axe())
    for rule in ("html-has-lang", "image-alt", "color-contrast"):
        assert rule in said, rule
    seen.page.context.close()
