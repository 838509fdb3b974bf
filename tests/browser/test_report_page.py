"""The report in a real browser: nothing on the console, no overflow on a phone, all text visible and legible."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from birge.assess import Assessment, assess
from birge.factbook import Factbook, read_observations
from birge.plan import load
from birge.report.page import page
from tests.browser.watched import Watched, opened

SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the reports."""
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def first(folder: Path) -> str:
    """Return where the report of the embedded plan is."""
    book = Factbook.embedded()
    return written(folder, "first", assess(draws=500, as_of=date(2026, 11, 24), factbook=book), book)


@pytest.fixture(scope="module")
def second(folder: Path) -> str:
    """Return where the report of another pair is."""
    book = Factbook.embedded().extended(read_observations(SMALL.with_name("small-observations.csv")))
    run = assess(load(SMALL)[0], draws=500, as_of=date(2027, 9, 1), factbook=book)
    return written(folder, "second", run, book)


def written(folder: Path, name: str, run: Assessment, book: Factbook) -> str:
    """Write the report of a run and return its path below the folder."""
    (folder / name).mkdir()
    (folder / name / "index.html").write_text(page(run, book), "utf-8")
    return f"/{name}/index.html"


@pytest.fixture
def seen(browser: Browser, folder: Path) -> Iterator[Watched]:
    """Return a page of a browser without network, over the folder."""
    made = opened(browser, folder.as_uri(), offline=True)
    yield made
    made.page.context.close()


@pytest.mark.parametrize("name", ["first", "second"])
def test_the_page_fits_and_can_be_read(seen: Watched, name: str, request: pytest.FixtureRequest) -> None:
    seen.go(request.getfixturevalue(name))
    for width in (360, 768, 1280):
        seen.page.set_viewport_size({"width": width, "height": 900})
        found = seen.look()
        assert seen.faults() == [], width
        assert found["charts"] >= 3
        assert found["chars"] > 3000
        assert found["landmarks"] == {"header": 1, "main": 1, "footer": 1}
        seen.shot(f"report-{name}-{width}")
    assert seen.axe() == []
    assert seen.quiet() == []


def test_the_page_can_be_read_on_dark_paper(seen: Watched, first: str) -> None:
    seen.page.emulate_media(color_scheme="dark")
    seen.go(first)
    assert seen.look()["faint"] == []
    assert seen.axe() == []
    seen.shot("report-first-dark")


def test_the_page_prints_on_a_few_sheets(seen: Watched, second: str) -> None:
    paper = PdfReader(io.BytesIO(seen.go(second).pdf(format="A4")))
    assert 1 <= len(paper.pages) <= 12
