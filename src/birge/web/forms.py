"""Forms as data, and the one door by which all of them come in: token first, then the body's fields."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from birge.errors import Problem
from birge.web.guard import token_fits
from birge.web.reader import House
from birge.web.visitor import FORM, Visitor, visitor

__all__ = ["Field", "Form", "Part", "Sent", "bound", "door"]


@dataclass(frozen=True)
class Field:
    """A field of a form; `group` is the heading it stands under, `fold` what it is folded away behind.

    `links` leads from choices of a field of many to what they are.
    """

    name: str
    label: str = ""
    kind: str = "text"
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    auto: str = ""
    needed: bool = False
    group: str = ""
    fold: str = ""
    problem: str = ""
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """Fields that stand together, under a heading or folded away; a fold with a problem in it is open."""

    title: str
    fields: tuple[Field, ...]
    inner: tuple[Part, ...] = ()

    @property
    def open(self) -> bool:
        """Return whether something in here has to be seen."""
        return any(f.problem for f in self.fields)

    @property
    def filled(self) -> int:
        """Return how many of the fields say something."""
        return sum(1 for f in self.fields if f.value)


@dataclass(frozen=True)
class Form:
    """A form: where it goes, its fields, its buttons as (verdict, text); `link` makes it a plain link instead."""

    action: str
    fields: tuple[Field, ...]
    buttons: tuple[tuple[str, str], ...]
    title: str = ""
    lines: tuple[str, ...] = ()
    folded: bool = False
    files: bool = field(default=False)
    link: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return the fields in order, those of one group together, and in it those of one fold."""
        return tuple(
            Part(title, (), tuple(Part(fold, tuple(inner)) for fold, inner in groupby(found, key=lambda f: f.fold)))
            for title, found in groupby(self.fields, key=lambda f: f.group)
        )


@dataclass(frozen=True)
class Sent:
    """A form that came in from a page of ours: who sent it, its fields, and what was refused in it."""

    house: House
    who: Visitor
    form: FormData
    refused: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return a text field, stripped; empty where it is absent or a file."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def many(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return tuple(v for v in self.form.getlist(name) if isinstance(v, str))

    def files(self, name: str) -> list[UploadFile]:
        """Return the files of a field that have a name."""
        return [v for v in self.form.getlist(name) if isinstance(v, UploadFile) and v.filename]


def bound(request: Request, who: Visitor | None, show: Callable[[], str], status: int = 200) -> Response:
    """Answer a page with forms; a visitor without a session gets the cookie that the forms' token is bound to."""
    fresh = ""
    if not (who and who.session) and not request.cookies.get(FORM):
        fresh = secrets.token_urlsafe(24)
        request.cookies[FORM] = fresh
    answer = HTMLResponse(show(), status)
    if fresh:
        answer.set_cookie(FORM, fresh, path="/", secure=True, httponly=True, samesite="lax")
    return answer


Handler = Callable[..., Response]


def door(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Return the route of a form: refuse what carries no token of its sender, then call `handler` in a thread."""

    async def route(request: Request) -> Response:
        house: House = request.app.state.house
        who = await run_in_threadpool(visitor, request)
        charset = request.headers.get("content-type", "").lower().partition("charset=")[2]
        if charset and not charset.strip('"').startswith("utf-8"):
            raise HTTPException(400, "a form is in UTF-8")
        cookie = who.session or request.cookies.get(FORM, "")
        async with request.form(max_files=10, max_fields=300, max_part_size=500_000) as form:
            given = form.get("token", "")
            if not isinstance(given, str) or not token_fits(house.secret, cookie, given):
                raise HTTPException(403, "the form is out of date")
            if any("\0" in v for v in form.values() if isinstance(v, str)):
                raise HTTPException(422, "a text holds no zero bytes")
            return await run_in_threadpool(handler, request, Sent(house, who, form), **request.path_params)

    route.__name__ = handler.__name__
    route.__doc__ = handler.__doc__
    return route
