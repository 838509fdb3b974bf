"""A watched page of a browser: what it says on the console and fails to fetch, what axe and a ruler find on it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response

from tests.browser.served import PASSWORD

__all__ = ["FAULTS", "SHOTS", "Watched", "contact_sheet", "first_factor", "form", "opened", "sign_in"]

NEWEST = Path(__file__).parents[2] / "islands" / "node_modules" / "axe-core" / "axe.min.js"
AXE = (NEWEST if NEWEST.is_file() else files("axe_core_python") / "axe.min.js").read_text("utf-8")
"""That of npm, where the islands' tools are installed, knows WCAG 2.2; the packaged one does not."""
LOOK = Path(__file__).with_name("look.js").read_text("utf-8").split("\n", 1)[1]
SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE_S = 120
FAULTS = ("wide", "faint", "clipped", "small", "targets", "overlaps", "doubled", "ids")
POLICY = (
    "addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`))"
)
RUN = """([only, more]) => axe.run(document, {runOnly: only, rules: more && axe.getRules().some(r => r.ruleId === more)
    ? {[more]: {enabled: true}} : {}, preload: false, resultTypes: ["violations"]}).then(done =>
  done.violations.flatMap(v => v.nodes.map(n => `${v.impact} ${v.id}: ${n.target} ${n.html.slice(0, 120)}`)))"""


@dataclass
class Watched:
    """A page and what went wrong on it so far."""

    page: Page
    address: str
    said: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a path of the server, once nothing works for it any more: until then a page reloads by itself.

        A reload in the middle of a check breaks it off, so the answer is asked for beside the page.
        """
        if self.address.startswith("http"):
            end = time.monotonic() + PATIENCE_S
            while "data-again" in self.page.request.get(self.address + path).text():
                assert time.monotonic() < end, f"{path} is not ready"
                self.page.wait_for_timeout(300)
        self.page.goto(self.address + path)
        return self.page

    def quiet(self) -> list[str]:
        """Return what was said on the console, failed to load or broke the policy, and forget it."""
        said, self.said = self.said, []
        return said

    def axe(self, *rules: str) -> list[str]:
        """Return axe's findings, one line a place; of all rules, or of those that are named."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found: list[str] = self.page.evaluate(RUN, [list(rules) or TAGS, "" if rules else "target-size"])
        return found

    def look(self) -> dict[str, Any]:
        """Return what the ruler of look.js finds."""
        found: dict[str, Any] = self.page.evaluate(LOOK)
        return found

    def faults(self) -> list[str]:
        """Return everything that the ruler holds against the page, one line each."""
        found = self.look()
        lines = [f"{fault}: {line}" for fault in FAULTS for line in found[fault]]
        if found["overflow"] > 0:
            lines.append(f"the page scrolls sideways by {found['overflow']} px")
        return lines

    def shot(self, name: str) -> None:
        """Keep a picture of the page, of a long one its first 5,000 px."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        width, height = self.page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        clip: Any = {"x": 0, "y": 0, "width": width, "height": min(height, 5000)}
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True, clip=clip)


def opened(browser: Browser, address: str, context: BrowserContext | None = None, **options: Any) -> Watched:
    """Return a watched page in a context of its own, or in one that is given."""
    if context is None:
        context = browser.new_context(**options)
        context.set_default_timeout(30_000)
        context.add_init_script(POLICY)
    made = Watched(context.new_page(), address)

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            made.said.append(f"console: {message.text}")

    def failed(request: Request) -> None:
        # leaving a page ends its stream of events, and a download takes the place of a page
        if request.failure != "net::ERR_ABORTED":
            made.said.append(f"failed: {request.url} {request.failure}")

    def answered(response: Response) -> None:
        if response.status >= 400:
            made.said.append(f"{response.status}: {response.url}")

    made.page.on("console", heard)
    made.page.on("pageerror", lambda error: made.said.append(f"script: {error}"))
    made.page.on("requestfailed", failed)
    made.page.on("response", answered)
    return made


def form(page: Page, field: str) -> Locator:
    """Return the form that has a field."""
    return page.locator("form", has=page.locator(f"[name={field}]"))


def first_factor(seen: Watched, login: str) -> None:
    """Give login and password as a person does."""
    where = form(seen.go("/en/sign-in"), "password")
    where.locator("[name=login]").fill(login)
    where.locator("[name=password]").fill(PASSWORD)
    where.locator("button").click()
    seen.page.wait_for_url("**/second-factor")


def sign_in(seen: Watched, login: str, code: str) -> None:
    """Sign in as a person does, with both factors."""
    first_factor(seen, login)
    where = form(seen.page, "code")
    where.locator("[name=code]").fill(code)
    where.locator("button").click()
    seen.page.wait_for_url("**/en/tasks")


def contact_sheet() -> None:
    """Write an index of the pictures, so that a person can look at all of them."""
    names = [json.dumps(p.name) for p in sorted(SHOTS.glob("*.png"))]
    style = "body{font:14px sans-serif;display:flex;flex-wrap:wrap;gap:12px}figure{margin:0;width:300px}img{width:100%}"
    shown = "".join(
        f"<figure><a href={n}><img loading=lazy alt='' src={n}></a><figcaption>{n}</figcaption></figure>" for n in names
    )
    head = f"<!doctype html><meta charset=utf-8><title>Pages as Chromium shows them</title><style>{style}</style>"
    (SHOTS / "index.html").write_text(head + shown, "utf-8")
