"""Pages for readers without a session, straight from what is kept; everything else goes on to its route."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from birge.errors import InputError
from birge.store.registry import ANYONE
from birge.texts import LANGUAGES
from birge.web.kept import Asked, Latest, Sheet
from birge.web.reader import House, as_of, holding
from birge.web.visitor import COOKIE

__all__ = ["Front", "answered", "sheet_key"]

SESSION = f"{COOKIE}=".encode()


def sheet_key(asked: Asked, lang: str, name: str, query: bytes, signed_in: bool) -> tuple[object, ...] | None:
    """Return what a page is kept under; None where it must not be kept, as a job of the reader's side is under way.

    The whole actor is in it, with login and grants: two people never share a page, and one whose rights change gets
    another. A long address is not kept, so that nobody fills the memory with them.
    """
    if (asked.mark.open and asked.actor.side) or len(query) > 300:
        return None
    given = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    try:
        day = as_of({"as_of": given["as_of"][-1]} if "as_of" in given else {}, asked.today)
    except InputError:  # the page says so
        return None
    return asked.mark, asked.actor, signed_in, asked.today, day, lang, name, query


def answered(request: Request, found: Sheet, session: bool) -> Response:
    """Answer with a kept page; readers without a session may keep it too and ask whether it has changed."""
    if session:
        return HTMLResponse(found.body)
    headers = {"etag": found.etag, "cache-control": "private, no-cache", "vary": "cookie"}
    known = [e.strip().removeprefix("W/") for e in request.headers.get("if-none-match", "").split(",")]
    if found.etag in known:
        return Response(None, 304, headers)
    return HTMLResponse(found.body, headers=headers)


class Front:
    """Stands behind the guard and before the routes. `names` are the pages that may be kept."""

    def __init__(self, app: ASGIApp, house: House, names: Collection[str]) -> None:
        self.app = app
        self.house = house
        self.names = frozenset(names)
        self.latest = Latest(self._read)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or pass on."""
        answer = await self._answer(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        await (answer or self.app)(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response | None:
        parts = scope["path"].split("/")
        if len(parts) != 3 or parts[1] not in LANGUAGES or parts[2] not in self.names:
            return None
        if any(name == b"cookie" and SESSION in value for name, value in scope["headers"]):
            return None
        asked = await self.latest.now()
        key = sheet_key(asked, parts[1], parts[2], scope["query_string"], False)
        found = self.house.sheets.get(key) if key else None
        return answered(Request(scope), found, False) if found else None

    def _read(self) -> Asked:
        with self.house.registry.view(ANYONE) as desk:
            actor = holding(desk, self.house.settings)
            return Asked(self.house.marks.of(desk.connection, actor), actor, desk.now.date())
