"""Every `$ birge …` line in the documentation runs and prints something; lines of a page run in their order."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from birge.cli import main

ROOT = Path(__file__).parents[2]
PAGES = {
    page.relative_to(ROOT).as_posix(): lines
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if (lines := re.findall(r"^\$ birge (.+)$", page.read_text("utf-8"), re.MULTILINE))
}


def test_there_are_examples() -> None:
    assert sum(len(lines) for lines in PAGES.values()) >= 5


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_run(
    page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # what an example writes stays out of the tree; what it reads of the tree stands beside it
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    for line in PAGES[page]:
        monkeypatch.setattr(sys, "argv", ["birge", *shlex.split(line)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        shown = capsys.readouterr()
        assert code == 0, (page, line, shown.err)
        assert shown.out.strip(), (page, line)
