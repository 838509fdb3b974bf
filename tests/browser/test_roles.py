"""What people come for, each by the path they take: the newcomer, and everybody who has an account on either side."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from birge.store.progress import standing
from birge.store.records import listing
from tests.browser.served import PASSWORD, Served
from tests.browser.watched import Watched, first_factor, form, opened, sign_in

Enter = Callable[..., Watched]


def test_a_newcomer_finds_the_answer_whose_figures_and_where_from(visit: Enter, tmp_path: Path) -> None:
    seen = visit(viewport={"width": 1280, "height": 900}, locale="en-GB", accept_downloads=True)
    page = seen.go("/")
    assert page.url.endswith("/en/answer")
    first = page.locator("main").inner_text()
    screen = page.evaluate(
        "[...document.querySelectorAll('.huge, .lead')].every(e => e.getBoundingClientRect().bottom < innerHeight)"
    )
    assert screen, "the answer is below the first screen"
    assert re.search(r"\b\d+ of 100\b", first)
    for word in ("3,000", "2027", "as Kazakhstan counts", "Reconstruction from public sources"):
        assert word in first, word

    nav = page.get_by_role("navigation", name="Pages")
    nav.get_by_role("link", name="Statistics").click()
    assert "The two sides publish different numbers" in page.locator("main").inner_text()
    page.locator("#turnover").get_by_role("tab", name="Table").click()
    with page.expect_download() as waits:
        page.locator("#turnover").get_by_role("link", name="CSV").click()
    kept = tmp_path / waits.value.suggested_filename
    waits.value.save_as(kept)
    rows = list(csv.reader(io.StringIO(kept.read_text("utf-8-sig"))))
    shown = page.locator("#turnover tbody tr")
    assert shown.count() > 5
    assert len([r for r in rows if r and re.fullmatch(r"20\d\d", r[0])]) == shown.count()

    page.locator("#turnover tbody a").first.click()
    year = page.url.split("year=")[1]
    passports = page.locator("#figures tbody tr").all_inner_texts()
    assert passports
    assert all(year in text for text in passports)

    nav.get_by_role("link", name="Measures").click()
    row = page.locator("#measures tbody a").first
    title = row.inner_text()
    row.click()
    assert title in page.locator("main").inner_text()
    page.get_by_role("navigation", name="Language").get_by_role("link", name="Қазақша").click()
    assert "/kk/passport/measure/" in page.url
    assert page.locator("html").get_attribute("lang") == "kk"
    assert seen.quiet() == []


def test_a_link_to_the_page_shows_the_same_page(visit: Enter) -> None:
    seen = visit()
    page = seen.go("/en/targets")
    before = page.locator("main").inner_text()
    page.locator("footer a[href*='run=']").click()
    assert "as_of=2026-11-24" in page.url
    assert page.locator("main").inner_text() == before
    assert seen.quiet() == []


@pytest.mark.parametrize("second", ["one-time password", "printed code"])
def test_signing_in_and_out(browser: Browser, office: Served, second: str) -> None:
    seen, login = opened(browser, office.address), "secretariat-geo"
    code = office.one_time(login) if second == "one-time password" else office.codes[login].pop()
    sign_in(seen, login, code)
    page = seen.page
    cookies = {c["name"]: c for c in page.context.cookies()}
    kept = cookies["__Host-birge"]
    assert (kept["secure"], kept["httpOnly"], kept["sameSite"], kept["path"]) == (True, True, "Lax", "/")
    assert page.evaluate("document.cookie") == ""
    assert seen.quiet() == []
    page.locator("form[action$='/sign-out'] button").click()
    page.wait_for_url(re.compile(r"/en(/answer|/sign-in)?$"))
    page.goto(office.address + "/en/tasks")
    assert urlsplit(page.url).path == "/en/sign-in"
    again = opened(browser, office.address)
    first_factor(again, login)
    form(again.page, "code").locator("[name=code]").fill(code)
    again.page.keyboard.press("Enter")
    again.page.get_by_role("alert").wait_for()
    again.page.goto(office.address + "/en/tasks")
    assert urlsplit(again.page.url).path == "/en/sign-in", "a code counts once"
    for page in (seen.page, again.page):
        page.context.close()


def test_a_wrong_password_is_told_and_the_login_is_kept(browser: Browser, office: Served) -> None:
    seen = opened(browser, office.address)
    page = seen.go("/en/sign-in")
    where = form(page, "password")
    where.locator("[name=login]").fill("viewer-arm")
    where.locator("[name=password]").fill("not " + PASSWORD)
    where.locator("button").click()
    assert page.get_by_role("alert").is_visible()
    assert seen.axe() == []
    page.context.close()


def test_a_viewer_reads_and_is_offered_nothing_else(signed_in: Enter, office: Served) -> None:
    seen = signed_in("viewer-arm")
    page = seen.go("/en/answer")
    assert page.locator("main h1").is_visible()
    assert page.goto(office.address + "/en/scenarios").status == 200  # type: ignore[union-attr]
    assert page.locator("form[action$='/runs']").count() == 0
    assert page.goto(office.address + "/en/accounts").status == 403  # type: ignore[union-attr]
    assert page.locator("main h1").inner_text() == "You may not do this."
    page.close()


def test_a_reporter_reports_with_evidence_and_the_other_side_does_not_see_it(
    signed_in: Enter, office: Served, tmp_path: Path
) -> None:
    paper = tmp_path / "letter.pdf"
    paper.write_bytes(b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n")
    seen = signed_in("reporter-geo")
    page = seen.go("/en/tasks")
    page.locator("a[href*='/report/']").first.click()
    item = page.url.split("?")[0].rsplit("/", 1)[1]
    where = form(page, "state")
    where.locator("[name=state]").select_option("in progress")
    where.locator("[name=text]").fill("The builder <b>began</b>; the letter says when.")
    where.locator("[name=evidence]").set_input_files(paper)
    where.locator("button").click()
    page.wait_for_url("**/en/tasks")
    assert seen.quiet() == []
    with office.registry.view("reporter-geo") as desk:
        said = [r.payload for r in listing(desk, "progress") if r.payload.item == item]
    assert [e.name for p in said for e in p.evidence] == ["letter.pdf"]
    with office.registry.view("secretariat-arm") as desk:
        assert [s for s in standing(desk, desk.now.date()) if s.item == item and s.last] == []
    page.close()


def test_evidence_that_is_no_paper_is_refused_in_words(signed_in: Enter, tmp_path: Path) -> None:
    fake = tmp_path / "letter.pdf"
    fake.write_bytes(b"<html><script>alert(1)</script></html>")
    seen = signed_in("reporter-geo")
    page = seen.go("/en/report/open")
    where = form(page, "state")
    where.locator("[name=evidence]").set_input_files(fake)
    where.locator("button").click()
    page.get_by_role("alert").first.wait_for()
    assert page.get_by_role("alert").first.inner_text().strip()
    assert seen.axe() == []
    page.close()


def test_a_proposal_goes_to_the_other_side_and_stands(signed_in: Enter, office: Served) -> None:
    author = signed_in("secretariat-geo")
    page = author.go("/en/report/open")
    where = form(page, "planned")
    where.locator("[name=planned]").fill("2027-09-30")
    where.locator("[name=note]").fill("The office moves in summer")
    where.locator("button").click()
    page.wait_for_url("**/en/confirm/*")
    ident = page.url.split("?")[0].rsplit("/", 1)[1]
    assert page.locator("button[value=confirmed]").count() == 0, "its author does not confirm it"
    assert "2027-09-30" in page.locator("main").inner_text()
    page.locator("button[value=send]").click()
    page.wait_for_url("**/en/confirm/*")
    page.close()
    for login in ("approver-geo", "approver-arm"):
        seen = signed_in(login)
        page = seen.go("/en/tasks")
        page.locator(f"a[href*='{ident}']").first.click()
        page.locator("button[value=confirmed]").click()
        page.wait_for_url("**/en/tasks")
        assert page.locator(f"a[href*='{ident}']").count() == 0, "it no longer waits"
        assert seen.quiet() == []
        page.close()
    seen = signed_in("viewer-arm")
    page = seen.go("/en/measures?item=open")
    assert "2027-09-30" in page.locator("#milestones").inner_text()
    page.close()


def test_a_scenario_runs_with_progress_and_is_cancelled(signed_in: Enter, office: Served) -> None:
    seen = signed_in("secretariat-arm")
    page = seen.go("/en/scenarios")
    for draws, press in (("20000", True), ("100", False)):
        where = page.locator("form[action$='/runs']")
        where.locator("[name=without]").first.check()
        where.locator("[name=draws]").fill(draws)
        where.locator("button").click()
        box = page.locator("[data-job]")
        if press:
            expect(box).to_be_visible()
            expect(page.locator("[data-job] progress")).not_to_have_attribute("value", "0", timeout=30_000)
            page.locator("form[action*='/cancel'] button").click()
        expect(box).to_have_count(0, timeout=60_000)
    assert seen.quiet() == []
    rows = page.locator("#runs tbody tr")
    assert rows.count() == 1, "the finished run is kept, the cancelled one is not"
    assert "of 100" in rows.first.inner_text()
    page.close()
