"""Plans are read, checked and listed; bad ones are refused with every problem and its line."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from birge.errors import InputError
from birge.plan import check, due, embedded, load, plan_hash
from birge.plan.load import embedded_path, parse
from birge.variables import variables

SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"
COORDINATES = {"direction": {"GEO-ARM", "ARM-GEO"}, "reporter": {"GEO", "ARM"}}
TEXT = SMALL.read_text("utf-8")


def broken(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, old
    return TEXT.replace(old, new)


def line_of(text: str, part: str) -> int:
    return next(i for i, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.mark.parametrize("path", [embedded_path(), SMALL])
def test_the_plans_of_this_tree_have_no_problems(path: Path) -> None:
    plan, lines = load(path)
    assert check(plan, lines, variables(), {}) == []


def test_the_embedded_plan_says_that_it_is_a_reconstruction_and_names_its_sources() -> None:
    plan = embedded()
    assert plan.origin == "reconstructed"
    assert all(plan.origin_note.get(lang) != plan.origin_note.en for lang in ("ru", "kk", "ky"))
    for m in plan.measures:
        assert m.sources, m.id
        assert m.origin == "reconstructed"
    assert len({m.pillar for m in plan.measures}) == len(plan.pillars)
    years = {(t.year, t.basis) for i, t in plan.targets() if i.id == "turnover"}
    assert years == {(2027, "KAZ"), (2027, "KGZ"), (2030, "KAZ"), (2030, "KGZ")}


@pytest.mark.parametrize(
    ("old", "new", "part", "code"),
    [
        (
            "pillar: trade\n    title: {en: One",
            "pillar: trde\n    title: {en: One",
            "pillar: trde",
            "unknown-reference",
        ),
        ("from: open", "from: opened", "from: opened", "unknown-reference"),
        ("driver: trade.cost", "driver: trade.flow", "driver: trade.flow", "driver"),
        ("{direction: GEO-ARM}", "{direction: GEO-AZE}", "GEO-AZE", "coordinate"),
        ("{direction: GEO-ARM}", "{crossing: sadakhlo}", "sadakhlo", "dim"),
        ("low: -0.03", "low: .nan", "low: .nan", "distribution"),
        ("mode: -0.01, high: 0.0", "mode: 0.2, high: 0.0", "mode: 0.2", "distribution"),
        ("year: 2031, value: 900", "year: 2099, value: 900", "year: 2099", "target-year"),
        ("value: 900", "value: -900", "value: -900", "target-value"),
        ("unit: mn USD/year", "unit: kg", "unit: kg", "unit"),
        ("unit: mn USD/year", "unit: bn USD/year", "unit: bn USD/year", "unit"),
        ("variable: trade.flow", "variable: trade.flows", "variable: trade.flows", "variable"),
        ("{low: 3, mode: 5, high: 12}", "{low: 3, mode: 15, high: 12}", "mode: 15", "duration"),
        ("id: open, title", "id: draft, title", "id: draft", "id-twice"),
        ("agreement, title: {en: Agreement s", "paper, title: {en: Agreement s", "paper, title", "unknown-reference"),
        ("ARM: {en: Gyumri}", "AZE: {en: Gyumri}", "AZE: {en: Gyumri}", "unknown-reference"),
        ("proposer: ARM", "proposer: AZE", "proposer: AZE", "unknown-reference"),
        ("answers: [desk]", "answers: [desc]", "answers: [desc]", "unknown-reference"),
        ("ratified: {GEO: 2026-12-01}", "ratified: {GEO: 2026-01-01}", "{GEO: 2026-01-01}", "dates"),
    ],
)
def test_a_problem_names_its_line_and_a_remedy(old: str, new: str, part: str, code: str) -> None:
    text = broken(old, new)
    plan, lines = parse(text, "f.yaml")
    problems = check(plan, lines, variables(), COORDINATES)
    hit = [p for p in problems if p.code == code]
    assert hit, problems
    assert f"f.yaml:{line_of(text, part)}" in [p.where for p in hit]
    assert all(p.remedy for p in hit)


def test_a_cycle_of_milestones_is_named() -> None:
    plan, lines = parse(broken("planned: 2026-06-30,", "planned: 2026-06-30, after: [open],"), "f.yaml")
    (problem,) = check(plan, lines, variables(), COORDINATES)
    assert problem.code == "milestone-cycle"
    assert "draft → open → draft" in problem.message


def test_all_problems_are_reported_at_once() -> None:
    text = TEXT.replace("currency: GEL", "currncy: GEL").replace("start: 2026", "start: soon", 1)
    with pytest.raises(InputError) as caught:
        parse(text, "f.yaml")
    assert len(caught.value.problems) == 2
    assert {p.where for p in caught.value.problems} == {
        f"f.yaml:{line_of(text, 'currncy')}",
        f"f.yaml:{line_of(text, 'start: soon')}",
    }


@pytest.mark.parametrize(
    "text", ["", "a: [1", "- 1", "\x00", "a: 1\na: 2", "just words", "!!python/object:os.system x"]
)
def test_what_is_no_plan_is_refused_with_a_place(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, "f.yaml")
    assert all(p.where.startswith("f.yaml:") for p in caught.value.problems)


@given(st.text(max_size=200))
def test_any_text_is_either_a_plan_or_an_input_error(text: str) -> None:
    with pytest.raises(InputError):
        parse(text, "f.yaml")


def test_the_hash_depends_on_content_not_on_layout() -> None:
    first = plan_hash(parse(TEXT, "f")[0])
    assert plan_hash(parse("# a remark\n" + TEXT, "f")[0]) == first
    assert plan_hash(parse(broken("value: 900", "value: 901"), "f")[0]) != first


def test_due_hides_what_was_not_known_and_never_says_late() -> None:
    plan = embedded()
    now = due(plan, date(2026, 11, 24))
    assert [r.id for r in now.next][:2] == ["issyk-kul-study", "complex-open"]
    assert {"booking-kegen", "booking-korday", "toru-aygyr-1"} <= {r.id for r in now.silent}
    assert all(r.due < date(2026, 11, 24) for r in now.silent)
    assert all("not known since" in r.last_word for r in now.silent)
    then = due(plan, date(2025, 9, 1))
    (complex_then,) = [r for r in then.next if r.id == "complex-open"]
    assert complex_then.last_word == "no report"
    assert not {"booking-kegen", "toru-aygyr-1"} & {r.id for r in (*then.next, *then.silent)}


def test_an_item_reported_after_its_date_is_past_with_a_word() -> None:
    text = broken("planned: 2026-06-30,", "planned: 2026-06-30, status: [{state: in progress, reported: 2026-08-01}],")
    rows = due(parse(text, "f")[0], date(2026, 9, 1))
    assert [r.id for r in rows.overdue] == ["draft"]
    assert rows.silent == ()


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from birge.cli import main; main()", *words],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_commands_print_and_refuse(tmp_path: Path) -> None:
    shown = run("plan", "show", "--as-of", "2026-11-24")
    assert shown.returncode == 0, shown.stderr
    assert "Reconstruction from public sources" in shown.stdout
    assert "3,000 mn USD/year, as the Kyrgyz Republic counts" in shown.stdout
    assert run("plan", "check", str(SMALL)).returncode == 0
    assert "Trade desk" in run("plan", "due", str(SMALL), "--as-of", "2026-01-01").stdout
    bad = tmp_path / "bad.yaml"
    bad.write_text(broken("from: open", "from: opened"), "utf-8")
    for words in (["plan", "check", str(bad)], ["plan", "show", "nothing.yaml"], ["plan", "show", "--lang", "xx"]):
        refused = run(*words)
        assert refused.returncode == 2
        assert "Traceback" not in refused.stderr
        assert "→" in refused.stderr
