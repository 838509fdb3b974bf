"""The how-to page, run as it is written: two installations on one machine."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from birge.cli import main
from birge.plan.load import embedded_path
from tests.store.registries import SMALL

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "how-to" / name for name in ("registry.md", "council.md", "accounts.md")]


def run(line: str, folder: Path, code: int = 0, given: str = "") -> str:
    """Run a command line in a folder and return what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "argv", ["birge", *shlex.split(line)])
        patch.setattr(sys, "stdin", io.StringIO(given))
        try:
            main()
            found = 0
        except SystemExit as stop:
            found = int(stop.code or 0)
    assert found == code, (line, found, out.getvalue(), err.getvalue())
    return out.getvalue() + err.getvalue()


def test_the_page_runs_as_written(tmp_path: Path) -> None:
    for side in ("kaz", "kgz"):
        (tmp_path / side).mkdir()
        shutil.copy(embedded_path(), tmp_path / side)
    lines = [m for p in PAGES for m in re.findall(r"^(kaz|kgz)\$ birge (.+)$", p.read_text("utf-8"), re.MULTILINE)]
    assert len(lines) > 20
    printed = [(side, line, run(line, tmp_path / side)) for side, line in lines]
    assert all(text.strip() for _, _, text in printed)
    agreed = {
        side: re.findall(r"^agreed plan since 2025-08-22: ([0-9a-f]{64})$", text, re.MULTILINE)
        for side, line, text in printed
        if "status" in line
    }
    assert agreed["kaz"] == agreed["kgz"]
    assert len(agreed["kaz"]) == 1
    shown, taken = (text for _, line, text in printed if "receive ../to-kgz.zip" in line)
    assert "new: 2" in shown
    assert "nothing was changed" in shown
    assert "taken in" in taken


def test_the_page_of_a_whole_cycle_runs_as_written(tmp_path: Path) -> None:
    for side in ("kaz", "kgz"):
        (tmp_path / side).mkdir()
    page = (ROOT / "docs" / "how-to" / "cycle.md").read_text("utf-8")
    printed = [(line, run(line, tmp_path / side)) for side, line in re.findall(r"^(kaz|kgz)\$ birge (.+)$", page, re.M)]
    assert len(printed) > 35
    assert all(text.strip() for _, text in printed)
    both = [re.findall(r"^agreed plan since 2025-08-22: (\w{64})$", x, re.M) for line, x in printed if "status" in line]
    assert both[0] == both[1] != []
    draft = next(text for line, text in printed if "council protocol" in line)
    assert "1 points, not agreed: 1" in draft
    cited = next(text for line, text in printed if "assess" in line)
    assert re.search(r"Run [0-9a-f-]{36} is kept", cited)


def test_wrong_input_is_told_without_a_traceback(tmp_path: Path) -> None:
    run("registry init --pair GEO-ARM --side GEO", tmp_path)
    run("registry user add nino --name Nino --role secretariat --role approver", tmp_path)
    run("registry user add visitor --name Visitor", tmp_path)
    run(f"registry import {SMALL} --user nino", tmp_path)
    (tmp_path / "text.zip").write_text("no package")
    (tmp_path / "evil.svg").write_text("<svg onload='x'/>")
    source = {"title": "fictional"}
    right = {"id": "stamp", "title": {"en": "A second stamp"}, "answers": ["desk"], "source": source}
    (tmp_path / "wrong.json").write_text(json.dumps([right, {"id": "x", "source": source}]))
    (tmp_path / "right.json").write_text(json.dumps([right]))
    cases = {
        "registry init --pair GEO-ARM": (4, "already"),
        "registry init --side XXX --url sqlite:///b.sqlite": (2, "is not a side"),
        "registry init --pair GEO --url sqlite:///b.sqlite": (2, "names no two sides"),
        "registry status": (2, "in whose name"),
        "registry status --user nobody": (4, "no active user"),
        "registry status --user nino --url sqlite:///absent.sqlite": (4, "no registry"),
        "registry status --user nino --url mysql://x": (2, "names no database"),
        "registry confirm plan --user nino": (4, "cannot confirm it"),
        "registry confirm 00000000-0000-4000-8000-000000000000 --user nino": (4, "no record"),
        f"registry import {SMALL} --user nino": (4, "has version"),
        "registry import absent.yaml --user nino": (2, "file-unreadable"),
        "registry receive text.zip --user nino": (4, "no data package"),
        "registry receive absent.zip --user nino": (2, "file-unreadable"),
        "registry restore text.zip --url sqlite:///c.sqlite": (4, "no data package"),
        "registry report nowhere --state done --finished 2026-01-01 --user nino": (2, "unknown-item"),
        "registry report draft --state done --user nino": (2, "'finished' is given with"),
        "registry report draft --state maybe --user nino": (2, "draft:state"),
        "registry report draft --state done --finished 2026-01-01 --evidence absent.pdf --user nino": (2, "absent.pdf"),
        "registry report draft --state stopped --evidence evil.svg --user nino": (2, "file-kind"),
        "registry put barrier text.zip --user nino": (2, "not-json"),
        "registry put barrier wrong.json --user nino": (2, "wrong.json[1]:title"),
        "registry put nonsense wrong.json --user nino": (2, "there is no kind"),
        "registry list nonsense --user nino": (2, "there is no kind"),
        "registry translate nowhere text --lang kk --user nino": (4, "nowhere"),
        "registry translate one text --lang xx --user nino": (2, "is no language"),
        "registry plan --out a.docx --lang xx --user nino": (2, "is no language"),
        "registry plan --user visitor": (4, "Visitor may see"),
        "council protocol igc --out draft --user nino": (4, "no meeting"),
        "council protocol igc --out draft --languages xx --user nino": (2, "is no language"),
        "council extracts igc --out extracts --user nino": (4, "no meeting"),
        "council statement igc text --user nino": (4, "no meeting"),
        "council statement 2026-09-01 text --also kk --user nino": (2, "is no LANG=TEXT"),
        "report --url sqlite:///birge.sqlite --out a.pdf": (2, "in whose name"),
        "report --url sqlite:///birge.sqlite --user visitor --out a.pdf": (4, "Visitor may see"),
        f"report {SMALL} --url sqlite:///birge.sqlite --user nino --out a.pdf": (2, "two-plans"),
        "report --url sqlite:///birge.sqlite --user nino --without-odds --council igc --out a.pdf": (
            2,
            "council-unknown",
        ),
        "assess --url sqlite:///absent.sqlite --user nino": (4, "no registry"),
        "registry user add nino --name Nino": (2, "login-taken"),
        "registry user grant nino king": (2, "there is no role"),
        "registry user grant nobody viewer": (4, "no user"),
    }
    for line, (code, words) in cases.items():
        assert words in run(line, tmp_path, code), line
    assert "no barrier" in run("registry list barrier --user nino", tmp_path)
    for version in (1, 2):
        assert f"version {version}, submitted" in run("registry put barrier right.json --user nino", tmp_path)
    assert "shorter than" in run("registry user password nino", tmp_path, 2, "short\n")
    assert "otpauth://" in run("registry user password nino", tmp_path, 0, "a long enough password\n")


def test_tampering_is_named_by_the_command(tmp_path: Path) -> None:
    import sqlite3

    run("registry init --pair GEO-ARM --side GEO", tmp_path)
    run("registry user add nino --name Nino --role secretariat", tmp_path)
    run(f"registry import {SMALL} --user nino", tmp_path)
    run("registry release a.zip --user nino", tmp_path)
    assert "all as written" in run("registry verify --against a.zip", tmp_path)
    base = sqlite3.connect(tmp_path / "birge.sqlite")
    base.execute("DROP TRIGGER audit_no_update")
    base.execute("UPDATE audit SET entry = replace(entry, 'nino', 'anna') WHERE seq = 3")
    base.commit()
    base.close()
    assert "audit 3: its text does not have its hash" in run("registry verify", tmp_path, 4)
