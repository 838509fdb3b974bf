"""The server in a real browser: every page in every language, wide and on a phone, without a word on the console.

Chromium writes what breaks the content security policy to its console, so an empty console is the check of both.
Skips, with the reason, without Chromium.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from birge.jobs import Jobs, run_job
from birge.texts import LANGUAGES
from birge.web import Settings, application
from birge.web.app import PAGES
from birge.web.pages_run import shown
from birge.web.serve import first_run, founded

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a running server with one finished run."""
    registry = founded(f"sqlite:///{tmp_path_factory.mktemp('browser')}/birge.sqlite")
    first_run(registry, 100)
    queue = Jobs(registry)
    job = queue.claim()
    assert job is not None
    run_job(queue, job, shown, "0")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(application(registry, Settings(port=port)), host="127.0.0.1", port=port, log_level="error")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(10)
    registry.close()


def browse(address: str, folder: Path, width: int, *options: str) -> tuple[str, str]:
    """Return what Chromium prints and what it logs at an address."""
    assert CHROMIUM is not None
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        "--enable-logging=stderr",
        f"--user-data-dir={folder}",
        f"--window-size={width},1400",
    ]
    done = subprocess.run([CHROMIUM, *flags, *options, address], capture_output=True, text=True, timeout=90, check=True)
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


@pytest.mark.parametrize(("lang", "width"), [*((lang, 1280) for lang in LANGUAGES), ("kk", 500)])
@pytest.mark.parametrize("name", ["answer", "measures", "targets", "sign-in"])
def test_pages_break_no_policy(server: str, tmp_path: Path, name: str, lang: str, width: int) -> None:
    dom, console = browse(f"{server}/{lang}/{name}", tmp_path, width, "--dump-dom")
    assert console == ""
    assert f'lang="{lang}"' in dom
    assert len(PAGES) == 11


def test_the_check_sees_a_break_of_the_policy(server: str, tmp_path: Path) -> None:
    page = tmp_path / "broken.html"
    policy = "<meta http-equiv='content-security-policy' content=\"default-src 'none'\">"
    page.write_text(f"<!doctype html>{policy}<p style='color:red'>x</p><script>alert(1)</script>", "utf-8")
    _, console = browse(page.as_uri(), tmp_path / "profile", 800, "--dump-dom")
    assert "Content Security Policy" in console
