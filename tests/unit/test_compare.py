"""Comparing two versions of a plan says what changed and nothing else."""

from __future__ import annotations

from pathlib import Path

from birge.plan.compare import compare
from birge.plan.load import parse

TEXT = (Path(__file__).parents[1] / "plans" / "small.yaml").read_text("utf-8")


def plan(text: str):
    return parse(text, "f")[0]


def test_a_plan_equals_itself() -> None:
    assert compare(plan(TEXT), plan("# moved\n" + TEXT)) == []


def test_a_changed_target_and_a_removed_measure_are_told_in_words() -> None:
    text = TEXT.replace("value: 900", "value: 950")
    text = "\n".join(line for line in text.splitlines() if "id: two" not in line)
    changes = compare(plan(TEXT), plan(text))
    assert [str(c) for c in changes] == [
        "indicators.turnover.targets.t-2031.value: 900.0 → 950.0",
        "measures.two: removed (Forum)",
    ]
    back = compare(plan(text), plan(TEXT))
    assert [c.kind for c in back] == ["changed", "added"]


def test_order_of_records_does_not_count() -> None:
    lines = TEXT.splitlines()
    i = next(k for k, line in enumerate(lines) if "{id: draft" in line)
    lines[i], lines[i + 1] = lines[i + 1], lines[i]
    assert compare(plan(TEXT), plan("\n".join(lines))) == []


def test_a_new_report_is_a_change_of_that_milestone() -> None:
    text = TEXT.replace(
        "planned: 2026-06-30,", "planned: 2026-06-30, status: [{state: in progress, reported: 2026-03-01}],"
    )
    (change,) = compare(plan(TEXT), plan(text))
    assert change.where == "measures.one.milestones.draft.status"
    assert "in progress" in str(change)
