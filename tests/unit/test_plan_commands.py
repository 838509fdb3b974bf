"""The commands around the plan file, as a desk uses them: new, schema, export, import, compare, due."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from birge.cli.plan import app, checked
from birge.errors import InputError
from birge.plan import embedded, load, plan_hash
from birge.plan.template import template
from birge.texts import LANGUAGES

SMALL = str(Path(__file__).parents[1] / "plans" / "small.yaml")


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def refused(*words: str) -> set[str]:
    done = CliRunner().invoke(app, list(words))
    assert isinstance(done.exception, InputError), done.exception
    return {p.code for p in done.exception.problems}


@pytest.mark.parametrize("years", [(2026, 2030), (2026, 2026)])
@pytest.mark.parametrize("parties", [("KAZ", "UZB"), ("GEO", "ARM"), ("CIV", "FRA"), ("KGZ", "KAZ")])
def test_a_template_for_any_pair_passes_the_check(
    tmp_path: Path, parties: tuple[str, str], years: tuple[int, int]
) -> None:
    path = tmp_path / "new.yaml"
    path.write_text(template(parties, years), "utf-8")
    plan = checked(path)
    assert tuple(p.code for p in plan.parties) == parties
    assert (plan.start, plan.end) == years
    assert plan.measures[0].milestones


def test_new_writes_a_file_once_and_tells_all_that_is_wrong(tmp_path: Path) -> None:
    out = str(tmp_path / "new.yaml")
    words = ("new", "--parties", "kaz", "UZB", "--years", "2026-2030", "--out", out)
    assert "birge plan check" in run(*words)
    assert refused(*words) == {"file-exists"}
    bad = ("new", "--parties", "ZZZ", "ZZZ", "--years", "2030-2026", "--out", str(tmp_path / "x.yaml"))
    assert refused(*bad) == {"party", "party-twice", "years"}
    for years in ("soon", "2026", "2026-", "²-2030"):
        assert refused("new", "--parties", "KAZ", "UZB", "--years", years, "--out", out) == {"years"}
    nowhere = str(tmp_path / "none" / "x.yaml")
    assert refused("new", "--parties", "KAZ", "UZB", "--years", "2026-2030", "--out", nowhere) == {"file-unwritable"}


def test_the_printed_schema_is_json_and_names_every_field() -> None:
    schema = json.loads(run("schema"))
    assert {"measures", "headline", "risks"} <= set(schema["properties"])


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_export_and_import_give_the_same_plan(tmp_path: Path, ending: str) -> None:
    table, back = tmp_path / f"t.{ending}", tmp_path / "back.yaml"
    run("export", "--format", ending, "--lang", "kk", "--out", str(table))
    assert refused("export", "--out", str(table)) == {"file-exists"}
    assert "no differences" not in run("import", str(table), "--out", str(back))
    assert plan_hash(load(back)[0]) == plan_hash(embedded())
    again = str(tmp_path / "again.yaml")
    assert "no differences" in run("import", str(table), "--onto", str(back), "--out", again)
    assert refused("import", str(table), "--out", str(back)) == {"file-exists"}


def test_bad_words_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    out = str(tmp_path / "t.docx")
    assert refused("export", "--format", "pdf", "--out", out) == {"format"}
    assert refused("export", "--format", "xlsx", "--out", out) == {"format"}
    assert refused("export", "--lang", "de", "--out", out) == {"language"}
    assert refused("import", SMALL, "--out", str(tmp_path / "x.yaml")) == {"file-type"}
    assert refused("due", "--organisation", "nobody") == {"organisation-unknown"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_compare_and_due_speak_every_language(lang: str) -> None:
    assert run("compare", SMALL, SMALL, "--lang", lang).strip()
    assert run("due", "--lang", lang, "--as-of", "2026-11-24", "--side", "kaz").strip()
