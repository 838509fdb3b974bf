"""Every `$ birge …` line in the documentation runs and prints something."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES = sorted(
    {
        (page.relative_to(ROOT).as_posix(), line)
        for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
        for line in re.findall(r"^\$ birge (.+)$", page.read_text("utf-8"), re.MULTILINE)
    }
)


def test_there_are_examples() -> None:
    assert len(LINES) >= 5


@pytest.mark.parametrize(("page", "line"), LINES)
def test_the_example_runs(page: str, line: str) -> None:
    code = "from birge.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *shlex.split(line)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, (page, done.stderr)
    assert done.stdout.strip(), page
