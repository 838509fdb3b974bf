"""The way back: who meets a page that asks to sign in returns to it after both factors.

`sign_in_link(request, lang)` → `/kk/sign-in?next=…` → `remembered` keeps the page in a cookie of ten minutes → after
the second factor `way_back` reads it. Only pages of this server that begin with a language are kept, so nobody is led
elsewhere by a link that somebody else made.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from fastapi import Request
from fastapi.responses import Response

from birge.texts import LANGUAGES

__all__ = ["NEXT", "forgotten", "own_page", "remembered", "sign_in_link", "way_back"]

NEXT = "__Host-birge-next"
LASTS_S = 600
LONGEST = 600
# letters, digits and what a path or query holds; no backslash, no line end, no second host
PAGE = re.compile(rf"/({'|'.join(LANGUAGES)})/[A-Za-z0-9._~%@:/?&=+-]+")
IN_AND_OUT = frozenset(("sign-in", "sign-out", "second-factor", "security-key", "provider", "invited"))


def own_page(address: str) -> str:
    """Return an address if it is one of a page of this server to come back to; empty otherwise."""
    if len(address) > LONGEST or not PAGE.fullmatch(address):
        return ""
    path = address.partition("?")[0]
    parts = path.split("/")[1:]
    odd = any(unquote(p) in ("", ".", "..") for p in parts)
    return "" if odd or parts[1] in IN_AND_OUT else address


def sign_in_link(request: Request, lang: str) -> str:
    """Return the address of the sign-in; of a page that was asked for, with the way back to it."""
    back = own_page(_asked(request))
    return f"/{lang}/sign-in" + (f"?next={quote(back, safe='')}" if back else "")


def _asked(request: Request) -> str:
    """Return the page that was asked for; of a form, the page of this server that it stood on."""
    if request.method == "GET":
        query = request.scope["query_string"].decode("latin-1")
        return quote(request.scope["path"], safe="/-._~:@") + (f"?{query}" if query else "")
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc != request.url.netloc:
        return ""
    return came.path + (f"?{came.query}" if came.query else "")


def remembered(request: Request, answer: Response) -> Response:
    """Keep where the sign-in page is asked to lead to; without a wish, an older one is forgotten."""
    back = own_page(request.query_params.get("next", ""))
    if back:
        kept = quote(back, safe="")
        answer.set_cookie(NEXT, kept, LASTS_S, path="/", secure=True, httponly=True, samesite="lax")
        return answer
    return forgotten(request, answer)


def way_back(request: Request, otherwise: str) -> str:
    """Return the page that was asked for before the sign-in; `otherwise` where there is none."""
    return own_page(unquote(request.cookies.get(NEXT, ""))) or otherwise


def forgotten(request: Request, answer: Response) -> Response:
    """Take the way back out of the browser."""
    if NEXT in request.cookies:
        answer.delete_cookie(NEXT, path="/", secure=True, httponly=True, samesite="lax")
    return answer
