"""The report in a real browser: nothing on the console, no overflow on a phone, all text visible and legible.

Drives Chromium by its command line: `--dump-dom` with a probe page that loads the report in a frame of a given
width, measures it and writes what it found into its own document. Skips, with the reason, without Chromium.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from birge.assess import assess
from birge.factbook import Factbook, read_observations
from birge.plan import load
from birge.report.page import page

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")

SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"
PROBE = Path(__file__).with_name("probe.html").read_text("utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the reports of both plans, one per subfolder."""
    made = tmp_path_factory.mktemp("report")
    book = Factbook.embedded()
    more = book.extended(read_observations(SMALL.with_name("small-observations.csv")))
    runs = {
        "first": (assess(draws=500, as_of=date(2026, 11, 24), factbook=book), book),
        "second": (assess(load(SMALL)[0], draws=500, as_of=date(2027, 9, 1), factbook=more), more),
    }
    for name, (run, known) in runs.items():
        (made / name).mkdir()
        (made / name / "index.html").write_text(page(run, known), "utf-8")
    return made


def chromium(target: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run Chromium once, headless, without network."""
    assert CHROMIUM is not None
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--proxy-server=127.0.0.1:9",
        "--allow-file-access-from-files",
        "--enable-logging=stderr",
        f"--user-data-dir={folder / 'profile'}",
    ]
    return subprocess.run(
        [CHROMIUM, *flags, *options, target], capture_output=True, text=True, timeout=120, check=True, cwd=folder
    )


def measured(folder: Path, name: str, width: int, *options: str) -> dict[str, Any]:
    """Return what the probe found in the report `name` at `width` px."""
    probe = folder / name / f"probe-{width}.html"
    probe.write_text(PROBE.replace("WIDTH", str(width)), "utf-8")
    done = chromium(probe.as_uri(), folder, "--virtual-time-budget=5000", "--dump-dom", *options)
    assert "CONSOLE" not in done.stderr, done.stderr
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None, done.stdout[:500]
    assert found[1], done.stdout[:500]
    made: dict[str, Any] = json.loads(unescape(found[1]))
    return made


@pytest.mark.parametrize("name", ["first", "second"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_fits_and_can_be_read(folder: Path, name: str, width: int) -> None:
    found = measured(folder, name, width)
    for fault in ("wide", "faint", "clipped", "small", "targets"):
        assert found[fault] == [], fault
    assert found["overflow"] <= 0
    assert found["doubled"] == 0
    assert found["charts"] >= 3
    assert found["chars"] > 3000
    assert found["landmarks"] == [1, 1, 1, 1]


def test_the_page_can_be_read_on_dark_paper(folder: Path) -> None:
    found = measured(folder, "first", 1280, "--blink-settings=preferredColorScheme=0")
    assert found["faint"] == []


def test_the_probe_finds_faults(folder: Path) -> None:
    broken = folder / "broken"
    broken.mkdir(exist_ok=True)
    good = (folder / "second" / "index.html").read_text("utf-8")
    fault = '<p style="width:900px;color:#ccc;font-size:9px">far too wide</p>'
    (broken / "index.html").write_text(good.replace("<main", f"{fault}<main"), "utf-8")
    found = measured(folder, "broken", 360)
    assert found["overflow"] > 0
    assert found["wide"]
    assert found["faint"]
    assert found["small"]


def test_the_page_prints_on_a_few_sheets(folder: Path) -> None:
    paper = folder / "report.pdf"
    target = (folder / "second" / "index.html").as_uri()
    chromium(target, folder, "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    data = paper.read_bytes()
    assert data.startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", data)) <= 12
