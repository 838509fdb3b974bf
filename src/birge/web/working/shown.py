"""What every desk needs: its language, who has signed in, how forms are shown, how a form becomes a payload."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ValidationError

from birge.errors import InputError, Problem
from birge.store.desk import Desk
from birge.store.errors import Broken, Conflict, Denied
from birge.texts import LANGUAGES, Translator, translator
from birge.web.blocks import Table
from birge.web.forms import Field, Form, Sent, bound
from birge.web.render import render
from birge.web.visitor import Visitor, visitor

__all__ = [
    "acted",
    "attached",
    "day",
    "in_words",
    "kept",
    "payload",
    "shown",
    "signed_in",
    "texts",
    "word_fields",
    "words",
]


def texts(lang: str) -> Translator:
    if lang not in LANGUAGES:
        raise HTTPException(404)
    return translator(lang)


def shown(
    request: Request,
    t: Translator,
    who: Visitor | None,
    title: str,
    forms: list[Form],
    lead: tuple[str, ...] = (),
    problems: tuple[str, ...] = (),
    tables: tuple[Table, ...] = (),
    status: int = 200,
    sent: Sent | None = None,
) -> Response:
    """Show forms; the one that was `sent` to this address with what was typed."""
    if sent is not None:
        forms = [kept(f, sent) if f.action == request.url.path else f for f in forms]
    facts: dict[str, Any] = {"desks": _desks(t) if who and who.signed_in else []}
    facts |= {"title": title, "lead": lead, "problems": problems, "forms": forms, "tables": tables}
    return bound(request, who, lambda: render(request, t, "form.html", who, **facts), status)


def signed_in(request: Request) -> Visitor:
    who = visitor(request)
    if not who.signed_in:
        raise Denied("sign in first")
    return who


def day(text: str, where: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError.at(where, "date", f"{text[:40]!r} is no date", "write 2026-11-30") from error


def payload(make: Callable[[], BaseModel]) -> BaseModel:
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


def kept(form: Form, sent: Sent) -> Form:
    """Return a form with what was typed into it; hidden fields stay as the registry has them now."""
    fields = []
    for f in form.fields:
        if f.kind in ("hidden", "file", "password") or (f.name not in sent.form and f.kind not in ("tick", "many")):
            fields.append(f)
        else:
            fields.append(replace(f, value="\n".join(sent.many(f.name)) if f.kind == "many" else sent.text(f.name)))
    return replace(form, fields=_refused(fields, sent.refused), folded=False)


def _refused(fields: list[Field], problems: list[Problem]) -> tuple[Field, ...]:
    """Return the fields with what was refused beside each; a problem of a whole text stands at its first box."""
    found = list(fields)
    for p in problems:
        where = p.where.rpartition(":")[2]
        n = next((n for n, f in enumerate(found) if f.name == where or f.name.startswith(f"{where}.")), None)
        if n is not None and found[n].kind != "hidden":
            said = f"{p.message}: {p.remedy}"
            found[n] = replace(found[n], problem=f"{found[n].problem}; {said}" if found[n].problem else said)
    return tuple(found)


def acted(
    t: Translator, sent: Sent, do: Callable[[Desk], str], again: Callable[[tuple[str, ...], int], Response]
) -> Response:
    """Do something at a desk, all of it or nothing, and go to the address it returns.

    Where it is refused, show the page `again` with every problem; of a conflict, with what stands there now.
    """
    if not sent.who.signed_in:
        raise Denied("sign in first")
    try:
        with sent.house.registry.desk(sent.who.actor) as desk:
            to = do(desk)
    except InputError as error:
        sent.refused.extend(error.problems)
        return again(tuple(str(p) for p in error.problems), 422)
    except Conflict as error:
        now = json.dumps(error.theirs, ensure_ascii=False, indent=1)
        told = t("What you typed stands in the form. Send it again to write it over the newer version.")
        return again((t("Somebody else was first."), str(error), now, told), 409)
    except Denied as error:
        return again((t("You may not do this."), str(error)), 403)
    except Broken as error:
        return again((str(error),), 422)
    return RedirectResponse(to, 303)


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
    """Return a text in the page's language, else in the first one it has."""
    return (said.get(t.lang) or next(iter(said.values()))) if said else ""


def attached(content: bytes, name: str, media: str) -> Response:
    """Answer a file to keep."""
    return Response(content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})


def _desks(t: Translator) -> list[tuple[str, str]]:
    return [
        ("tasks", t("My tasks")),
        ("rounds", t("Reporting rounds")),
        ("councils", t("Councils and sessions")),
        ("exchange", t("Exchange")),
        ("records", t("Records")),
    ]
