"""What the desks refuse is told in every language: the code is walked, and a refusal without words fails."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from birge.errors import Problem
from birge.store.errors import Broken, Conflict, Denied
from birge.texts import LANGUAGES, translator
from birge.web.working.refusals import DENIED, FIELDS, PATTERNS, reason, refusal, remedy
from tests.web.conftest import Enter, post

SRC = Path(__file__).parents[2] / "src" / "birge"
# what only the machine's holder meets, at the command line
COMMANDS = {"engine.py", "registry.py", "transfer.py", "sealing.py", "package.py", "due.py", "template.py"}
OTHERS = ("ru", "kk", "ky")
# a problem that is passed on, or the type that a schema names: these are told by `FIELDS`
PASSED_ON = (
    "p.code",
    "problem.code",
    "error.code",
    "code",
    "f\"field-{e['type']}\"",
    "'missing' if missing else f\"plan-{e['type']}\"",
    "f\"{what}-{e['type']}\"",
    "f'{what}-empty'",
)


def calls() -> Iterator[tuple[Path, str, ast.Call]]:
    for files in ("store/**/*.py", "web/working/**/*.py", "web/visitor.py", "plan/**/*.py"):
        for path in sorted(SRC.glob(files)):
            if path.name in COMMANDS or "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield path, ast.unparse(node.func), node


def template(node: ast.expr) -> str:
    """Return a message with its facts as {1}, {2}, …."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr), ast.unparse(node)
    parts, n = [], 0
    for value in node.values:
        n += isinstance(value, ast.FormattedValue)
        parts.append(f"{{{n}}}" if isinstance(value, ast.FormattedValue) else str(value.value))  # type: ignore[attr-defined]
    return "".join(parts)


def codes() -> set[str]:
    found = set()
    for path, name, node in calls():
        if name in ("Problem", "InputError.at") and len(node.args) == 4:
            code = node.args[1]
            if isinstance(code, ast.Constant):
                found.add(str(code.value))
            else:
                # a problem that is passed on, or the type that a schema names
                assert ast.unparse(code) in PASSED_ON, (path, ast.unparse(code))
        elif name == "CellError":
            found.add(str(ast.literal_eval(node.args[0])))
    # what the check of a plan yields as (path, code, message, remedy)
    for node in ast.walk(ast.parse((SRC / "plan" / "check.py").read_text("utf-8"))):
        parts = node.elts if isinstance(node, ast.Tuple) and len(node.elts) == 4 else ()
        if parts and isinstance(parts[1], ast.Constant) and not isinstance(parts[0], ast.Constant | ast.Starred):
            found.add(str(parts[1].value))
    return found


def test_every_code_has_a_sentence_in_every_language() -> None:
    found = codes() | set(FIELDS.values()) | set(PATTERNS.values()) | {"broken", "conflict", "missing", "field"}
    assert len(found) > 60
    for lang in OTHERS:
        t = translator(lang)
        assert {c for c in found if t.named("problem", c) == c} == set(), lang


def test_every_reason_why_something_is_denied_has_a_sentence_in_every_language() -> None:
    found = {template(node.args[0]) for _, name, node in calls() if name == "Denied"}
    assert found - set(DENIED) == set(), "add these to DENIED and to the catalogues"
    assert set(DENIED) - found == set(), "nothing raises these any more"
    for lang in OTHERS:
        for text in DENIED:
            said = translator(lang).named("denied", text)
            assert said != text, (lang, text)
            assert set(re.findall(r"\{\d\}", said)) == set(re.findall(r"\{\d\}", text))


def test_a_narrow_sentence_is_not_hidden_by_a_wide_one() -> None:
    t = translator("ru")
    for text in DENIED:
        facts = ("", "one", "two", "three", "four")
        assert reason(Denied(text.format(*facts)), t) == t.named("denied", text).format(*facts), text


@pytest.mark.parametrize("lang", OTHERS)
def test_whatever_a_schema_refuses_is_told_without_english(lang: str) -> None:
    t = translator(lang)
    for kind in (*FIELDS, "value_error", "model_type", "a type that does not exist yet"):
        said = remedy(Problem("x", f"field-{kind}", "Field required", "correct this field"), t)
        assert said is not None
        assert not re.search("[A-Za-z]", said), said
    assert "Field required" in str(remedy(Problem("x", "field-missing", "Field required", "y"), translator("en")))


def test_facts_stand_beside_the_sentence_and_an_unknown_code_is_told_as_it_is() -> None:
    t = translator("ru")
    said = refusal(Problem("owners", "unknown-reference", "there is no organisation 'nobody'", "add it"), t)
    assert said == f"{t.named('field', 'owners')}: Указано то, чего в плане нет (nobody)"
    odd = Problem("B5", "not-known-here", "what", "how")
    assert refusal(odd, t) == str(odd)
    assert "поврежд" in reason(Broken("package: no data package"), t)
    assert reason(Conflict("barrier x is now version 2", {}, {}, 2), t) == "Ниже показано, что записано сейчас"
    assert reason(Denied("Desk may not write this barrier of GEO"), t) == (
        "Desk: нет права на действие «писать» с этой записью (барьер, GEO)"
    )


@pytest.mark.parametrize("lang", OTHERS)
def test_a_reader_meets_no_english_where_a_form_is_refused(enter: Enter, lang: str) -> None:
    client = enter("secretariat-geo")
    wrong = {"id": "Not an id", "title.en": "", "since": "soon"}
    refused = post(client, f"/{lang}/records/barrier", f"/{lang}/records/barrier", **wrong)
    assert refused.status_code == 422
    alert = refused.text.split('role="alert">')[1].split("</div>")[0]
    for words in ("Field required", "correct this field", "String should", "date", "→"):
        assert words not in alert, alert
    assert 'class="wrong"' in refused.text
    denied = post(enter("viewer-geo"), f"/{lang}/rounds", f"/{lang}/tasks", id="x", closes="2026-10-01")
    assert denied.status_code == 403
    assert "may not" not in denied.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_pattern_is_told_in_words_at_its_field_and_the_top_only_counts(enter: Enter, lang: str) -> None:
    t, page = translator(lang), f"/{lang}/rounds"
    refused = post(enter("secretariat-geo"), page, page, id="Осень 2026", closes="2026-10-01")
    assert refused.status_code == 422
    text = html.unescape(refused.text)
    assert "a-z0-9" not in text
    said = f"{t.named('problem', 'pattern-id')} autumn-2026"
    assert text.count(said) == 1
    assert said in text.split('id="wrong-id"')[1].split("</p>")[0]
    alert = text.split('role="alert">')[1].split("</div>")[0]
    assert t.plural("{n} field needs another look.", "{n} fields need another look.", 1) in alert
    assert "id:" not in alert


def test_patterns_that_people_may_meet_have_words() -> None:
    for pattern, code in PATTERNS.items():
        p = Problem("id", "field-string_pattern_mismatch", f"String should match pattern '{pattern}'", "x")
        for lang in LANGUAGES:
            assert str(remedy(p, translator(lang))).startswith(translator(lang).named("problem", code))
            assert pattern not in refusal(p, translator(lang))
    odd = Problem("flow", "field-string_pattern_mismatch", "String should match pattern '^(a|b)$'", "x")
    assert remedy(odd, translator("en")) == translator("en").named("problem", "field-pattern")


def test_fields_that_are_empty_are_told_beside_them_and_not_by_their_keys(enter: Enter) -> None:
    refused = post(enter("secretariat-geo"), "/ru/rounds", "/ru/rounds", id="r-1", closes="")
    alert = refused.text.split('role="alert">')[1].split("</div>")[0]
    assert "closes" not in alert
    assert "closes:" not in re.sub("<[^>]*>", "", refused.text)
    assert 'id="wrong-closes"' in refused.text
