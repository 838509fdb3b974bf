"""What every desk needs: its language, who has signed in, how forms are shown, how a form becomes a payload."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from fastapi import HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from birge.errors import InputError, Problem
from birge.store.errors import Denied
from birge.texts import LANGUAGES, Translator, translator
from birge.web.blocks import Table
from birge.web.forms import Form, bound
from birge.web.render import render
from birge.web.visitor import Visitor, visitor

__all__ = ["day", "payload", "shown", "signed_in", "texts"]


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
) -> Response:
    """Show forms."""
    facts = {"title": title, "lead": lead, "problems": problems, "forms": forms, "tables": tables}
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
