"""What is refused, in the reader's language: one place for every page that shows problems.

A problem is told by its code, which has a sentence in every language under `problem`; what stood in quotes, such as an
id, is kept beside it. Errors of the registry are told by their kind, and why something is denied by its sentence, whose
facts stand in {1}, {2}, …. English readers get the original, which says more. `tests/web/test_refusals.py` walks the
code and holds the tables complete.
"""

from __future__ import annotations

import re
from functools import cache

from birge.errors import BirgeError, Problem
from birge.store.errors import Broken, Conflict, Denied, Missing
from birge.texts import Translator
from birge.web.working.content import kind_name

__all__ = ["DENIED", "FIELDS", "PATTERNS", "reason", "refusal", "remedy"]

DENIED = (
    "a joint server holds both sides' records and receives no packages",
    "a key is registered by its holder",
    "both sides have confirmed this; a new version has to replace it",
    "may not exchange packages",
    "sign in first",
    "the round {1} was closed on {2}",
    "this id belongs to a record of the other side",
    "this {1} belongs to {2}",
    "what was proposed is not dropped: the other side may send it back",
    "you may not administer this account",
    "you may not administer accounts",
    "nobody changes their own rights: ask another admin",
    "{1} may not administer the accounts of {2}",
    "the key is the operator's",
    "{1} wrote this {2} and cannot confirm it",
    "{1} may not {2} this {3} of {4}",
    "{1} wrote this and cannot confirm it",
    "{1} is for {2} to report",
    "{1} {2} has to be {3} first",
    "{1} {2} is not submitted",
    "{1} {2} is public only when both sides agree",
    "only {1} enters its own figures",
    "only {1} states its own words",
    "the protocol of {1} is signed: its points stand as they were signed",
)
"""Why something is denied; of two that fit, the first one counts."""
FIELDS = {
    "missing": "field-missing",
    "string_too_short": "field-missing",
    "too_short": "field-missing",
    "date_parsing": "date",
    "date_from_datetime_parsing": "date",
    "date_from_datetime_inexact": "date",
    "date_type": "date",
    "int_parsing": "field-number",
    "int_type": "field-number",
    "int_from_float": "field-number",
    "float_parsing": "field-number",
    "float_type": "field-number",
    "literal_error": "field-choice",
    "enum": "field-choice",
    "greater_than": "field-range",
    "greater_than_equal": "field-range",
    "less_than": "field-range",
    "less_than_equal": "field-range",
    "string_pattern_mismatch": "field-pattern",
    "string_too_long": "text-length",
    "too_long": "text-length",
    "extra_forbidden": "field-unknown",
}
"""What a schema refuses, by the code under which it is told; anything else is a `field` that does not fit."""
PATTERNS = {
    r"^[a-z0-9][a-z0-9-]*$": "pattern-id",
    r"^[A-Z]{3}$": "pattern-code",
    r"^[0-9]+(\.[0-9]+)*$": "pattern-number",
    r"^[0-9a-f]{64}$": "pattern-hash",
}
"""What a field's pattern asks for, by the code under which people are told; they are never shown the pattern."""
SUCH = "autumn-2026"
QUOTED = re.compile(r"'([^']{1,60})'")


def refusal(problem: Problem, t: Translator) -> str:
    """Return a problem with its place."""
    if by_pattern := _by_pattern(problem, t):
        return f"{_place(problem.where, t)}: {by_pattern}"
    if t.lang == "en" or (said := remedy(problem, t)) is None:
        return str(problem)
    return f"{_place(problem.where, t)}: {said}"


def _place(where: str, t: Translator) -> str:
    """Return a place: the path of a field by the fields' names, a cell or a line as it is."""
    head, _, path = where.rpartition(":")
    first = path.strip().split(".", maxsplit=1)[0]
    names = [t.named("field", part) for part in path.strip().split(".")]
    if names[0] == first:
        return where
    # a file's name stands before what is wrong in it
    file = f"{head}: " if path.startswith(" ") else ""
    return file + ": ".join(names).replace("_", " ")


def remedy(problem: Problem, t: Translator) -> str | None:
    """Return what is wrong and how to mend it; None where the language has no words for it."""
    if by_pattern := _by_pattern(problem, t):
        return by_pattern
    if t.lang == "en":
        return f"{problem.message}: {problem.remedy}"
    code = problem.code
    if code.startswith(("field-", "plan-")):
        code = FIELDS.get(code.partition("-")[2], code)
        code = code if t.named("problem", code) != code else "field"
    said = t.named("problem", code)
    if said == code:
        return None
    facts = ", ".join(dict.fromkeys(QUOTED.findall(problem.message)))
    return f"{said} ({facts})" if facts else said


def _by_pattern(problem: Problem, t: Translator) -> str:
    """Return what a field takes where it has a pattern; nothing for any other problem."""
    if problem.code != "field-string_pattern_mismatch":
        return ""
    _, _, pattern = problem.message.partition("'")
    code = PATTERNS.get(pattern.removesuffix("'"), "field-pattern")
    # the sentence ends with "such as"; an example in Latin letters is in no catalogue
    return " ".join((t.named("problem", code), *((SUCH,) if code == "pattern-id" else ())))


def reason(error: BirgeError, t: Translator) -> str:
    """Return why the registry refuses."""
    text = str(error)
    if t.lang == "en":
        return text
    if isinstance(error, Denied):
        for template, pattern in _patterns():
            if found := pattern.fullmatch(text):
                return t.named("denied", template).format("", *(_word(t, g) for g in found.groups()))
    kinds = ((Broken, "broken"), (Conflict, "conflict"), (Missing, "missing"))
    return next((t.named("problem", word) for kind, word in kinds if isinstance(error, kind)), text)


def _word(t: Translator, fact: str) -> str:
    """Return a fact of a sentence: a kind of record or an action in the reader's language, anything else as it is."""
    named = kind_name(t, fact)
    return named if named != fact else t.named("action", fact)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((d, re.compile(re.sub(r"\\\{\d\\\}", "(.+?)", re.escape(d)), re.DOTALL)) for d in DENIED)
