"""What was typed into a form: a day, a payload, a text in several languages; and back into the form."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from birge.errors import InputError, Problem
from birge.texts import LANGUAGES, Translator
from birge.web.blocks import Cell, spoken
from birge.web.forms import Field, Form, Sent
from birge.web.working.refusals import remedy

__all__ = ["beside", "day", "in_words", "kept", "payload", "seen", "word_cell", "word_fields", "words"]

Payload = TypeVar("Payload", bound=BaseModel)


def day(text: str, where: str) -> date | None:
    """Return a day that was typed, None for nothing; raises InputError where it is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError.at(where, "date", f"{text[:40]!r} is no date", "write 2026-11-30") from error


def seen(sent: Sent) -> int:
    """Return the version that a form was drawn from; raises InputError where it names none."""
    text = sent.text("seen")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InputError.at("seen", "version", "the form names no version", "open the page again")
    return int(text)


def payload(make: Callable[[], Payload]) -> Payload:
    """Make a payload from a form; raises InputError with every field that does not fit."""
    try:
        return make()
    except (ValidationError, ValueError) as error:
        found = error.errors() if isinstance(error, ValidationError) else []
        problems = [
            Problem(".".join(map(str, e["loc"])) or "form", f"field-{e['type']}", e["msg"], "correct this field")
            for e in found
        ]
        raise InputError(problems or [Problem("form", "field", str(error)[:200], "correct this field")]) from error


def kept(form: Form, sent: Sent, t: Translator) -> Form:
    """Return a form with what was typed into it; hidden fields stay as the registry has them now."""
    fields = []
    for f in form.fields:
        if f.kind in ("hidden", "file", "password") or (f.name not in sent.form and f.kind not in ("tick", "many")):
            fields.append(f)
        else:
            fields.append(replace(f, value="\n".join(sent.many(f.name)) if f.kind == "many" else sent.text(f.name)))
    return replace(form, fields=_refused(fields, sent.refused, t), folded=False)


def _refused(fields: list[Field], problems: list[Problem], t: Translator) -> tuple[Field, ...]:
    """Return the fields with what was refused beside each; a problem of a whole text stands at its first box."""
    found = list(fields)
    for p in problems:
        n = next((n for n, f in enumerate(found) if beside(p, (f.name,))), None)
        if n is not None and found[n].kind != "hidden":
            said = remedy(p, t) or f"{p.message}: {p.remedy}"
            found[n] = replace(found[n], problem=f"{found[n].problem}; {said}" if found[n].problem else said)
    return tuple(found)


def beside(problem: Problem, names: Collection[str]) -> bool:
    """Return whether a problem stands at one of the fields with these names."""
    where = problem.where.rpartition(":")[2]
    return any(n == where or n.startswith(f"{where}.") or where.startswith(f"{n}.") for n in names)


def words(sent: Sent, name: str) -> dict[str, str]:
    """Return a text that was typed in one box per language."""
    return {lang: said for lang in LANGUAGES if (said := sent.text(f"{name}.{lang}"))}


def word_fields(
    t: Translator, name: str, label: str, said: Mapping[Any, str] | None = None, kind: str = "text"
) -> list[Field]:
    """Return a box per language for a text: the reader's own first, the others folded away."""
    names = {"en": t("English"), "ru": t("Russian"), "kk": t("Kazakh"), "ky": t("Kyrgyz")}
    order = (t.lang, *(x for x in LANGUAGES if x != t.lang))
    held, fold = said or {}, t("{what} in other languages").format(what=label)
    return [
        Field(f"{name}.{x}", f"{label}, {names[x]}", kind, held.get(x, ""), fold="" if x == t.lang else fold)
        for x in order
    ]


def in_words(said: Mapping[Any, str] | None, t: Translator) -> str:
    """Return a text in the page's language; where it has none, in Russian, which both sides read, or in another."""
    return said[spoken(said, t)] if said else ""


def word_cell(said: Mapping[Any, str] | None, t: Translator, href: str | None = None, more: str = "") -> Cell:
    """Return a text as a cell, marked with its language where that is not the page's; `more` stands after it."""
    if not said:
        return Cell(more, href)
    lang = spoken(said, t)
    return Cell(said[lang] + more, href, lang if lang != t.lang else None)
