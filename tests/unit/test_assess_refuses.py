"""Bad input of every kind at the command line: place, remedy, exit code 2, and never a traceback."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from birge.cli import main
from birge.plan.load import embedded_path

PLAN = embedded_path().read_text("utf-8")
SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"
HEAD = SMALL.with_name("small-observations.csv").read_text("utf-8").splitlines()[0] + "\n"
EFFECT = "id: odd\ntitle: {{en: Odd}}\neffects: [{{{}, start: 2027-01-01, months: 3, evidence: test}}]\n"
FILES: dict[str, str | bytes] = {
    "broken.yaml": "id: [x\n",
    "empty.yaml": "",
    "binary.yaml": b"\xff\xfe\x00\x01",
    "far.yaml": PLAN.replace("year: 2027, value: 3000", "year: 2190, value: 3000"),
    "negative.yaml": PLAN.replace("year: 2027, value: 3000", "year: 2027, value: -3000"),
    "nan.yaml": PLAN.replace("year: 2027, value: 3000", "year: 2027, value: .nan"),
    "unit.yaml": PLAN.replace("driver: border.hours", "driver: border.days"),
    "headline.yaml": PLAN.replace("headline: turnover-2027-kaz", "headline: turnover-1999"),
    "empty.csv": "",
    "header.csv": HEAD,
    "driver.yaml": EFFECT.format("driver: trade.nothing, size: {kind: fixed, value: 1}"),
    "order.yaml": EFFECT.format("driver: trade.demand, size: {kind: triangular, low: 3, mode: 1, high: 0}"),
    "nowhere.yaml": EFFECT.format("driver: border.hours, select: {crossing: x}, size: {kind: fixed, value: 1}"),
    "months.yaml": EFFECT.format("driver: trade.demand, size: {kind: fixed, value: 1}").replace("3,", "-3,"),
    "file": "",
}
TABLE = [
    (["--draws", "0"], "--draws", "100 to 200,000"),
    (["--draws", "-1"], "--draws", "100 to 200,000"),
    (["--draws", "NaN"], "--draws", "integer"),
    (["--draws", "1000000000"], "--draws", "100 to 200,000"),
    (["--seed", "-1"], "--seed", "from 0"),
    (["--workers", "0"], "--workers", "1 to 256"),
    (["--as-of", "1990-01-01"], "--as-of", "or later"),
    ([str(SMALL)], "GEO-ARM: no-observations", "--facts"),
    (["--as-of", "2099-01-01"], "--as-of", "earlier date"),
    (["--as-of", "yesterday"], "--as-of", "%Y-%m-%d"),
    (["--counterfactual", "maybe"], "--counterfactual", "'stop', 'never'"),
    (["--scenario", "rain"], "--scenario", "longer-checks"),
    (["--scenario", "."], ".: file-unreadable", "YAML file"),
    (["--scenario", "broken.yaml"], "broken.yaml:2", "mend the YAML"),
    (["--scenario", "binary.yaml"], "binary.yaml", "UTF-8"),
    (["--scenario", "driver.yaml"], "scenario odd, effect 1", "border.hours"),
    (["--scenario", "order.yaml"], "scenario odd, effect 1", "Distribution"),
    (["--scenario", "nowhere.yaml"], "scenario odd, effect 1", "karasu"),
    (["--scenario", "months.yaml"], "months.yaml:3", "correct it"),
    (["--without", "nothing"], "--without", "industrial-complex"),
    (["--facts", "nothing.csv"], "nothing.csv", "exists"),
    (["--facts", "empty.csv"], "empty.csv", "write rows under"),
    (["--facts", "header.csv"], "header.csv", "rows"),
    (["--out", "file/x"], "--out", "another folder"),
    (["--scheduler", "tcp://127.0.0.1:9"], "--scheduler", "dask"),
    (["nothing.yaml"], "nothing.yaml", "exists"),
    (["broken.yaml"], "broken.yaml:2", "mend the YAML"),
    (["empty.yaml"], "empty.yaml:1", "schema"),
    (["binary.yaml"], "binary.yaml", "UTF-8"),
    (["far.yaml"], "far.yaml:", "ten years"),
    (["negative.yaml"], "negative.yaml:", "positive number"),
    (["nan.yaml"], "nan.yaml:", "number"),
    (["unit.yaml"], "unit.yaml:", "border.hours"),
    (["headline.yaml"], "headline.yaml:", "target ids"),
    (["."], ".: file-unreadable", "exists"),
]


def birge(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `birge assess` in this process; whatever escapes the command fails the test."""
    given = {w for w in words if w.startswith("--")}
    fixed = {"--as-of": "2026-11-24", "--draws": "200"}
    more = [x for k, v in fixed.items() if k not in given for x in (k, v)]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "argv", ["birge", "assess", *more, *words])
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
    return subprocess.CompletedProcess(sys.argv, code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bad")
    for name, content in FILES.items():
        (made / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return made


@pytest.mark.parametrize(("words", "place", "remedy"), TABLE, ids=lambda x: " ".join(x) if isinstance(x, list) else "")
def test_it_says_where_and_how_to_mend_it(words: list[str], place: str, remedy: str, folder: Path) -> None:
    done = birge(*words, cwd=folder)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert place in done.stderr
    assert remedy.lower() in done.stderr.lower()
    assert done.stdout == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    done = birge("--out", "closed", cwd=tmp_path)
    assert done.returncode == 2
    assert "no permission" in done.stderr


def test_a_plan_without_targets_names_what_is_missing(folder: Path) -> None:
    text = SMALL.read_text("utf-8")
    begin, end = text.index("\nindicators:"), text.index("\nmeasures:")
    (folder / "no-targets.yaml").write_text(text[:begin] + "\nindicators: []" + text[end:], "utf-8")
    done = birge("no-targets.yaml", cwd=folder)
    assert done.returncode == 2
    assert "there is no target 't-2031'" in done.stderr


def test_a_plan_without_measures_has_odds_of_the_past_alone(tmp_path: Path) -> None:
    text = SMALL.read_text("utf-8")
    begin = text.index("\nmeasures:")
    bare = text[:begin] + "\nmeasures: []\n"
    bare = "\n".join(line for line in bare.splitlines() if "milestone: open" not in line)
    (tmp_path / "bare.yaml").write_text(bare, "utf-8")
    facts = SMALL.with_name("small-observations.csv")
    done = birge("bare.yaml", "--facts", str(facts), "--as-of", "2027-09-01", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [m["id"] for m in document["measures"]] == ["not-the-plan"]
    assert document["targets"][0]["odds_with"] == document["targets"][0]["odds_without"]


def test_a_headline_that_was_not_known_yet_is_said(folder: Path) -> None:
    done = birge("--as-of", "2025-01-15", cwd=folder)
    assert done.returncode == 0
    assert "headline turnover-2027-kaz was not known on 2025-01-15" in done.stdout
