"""What stands before every route: known hosts, a cap on the body, headers, and refusal of requests from elsewhere."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["CSP", "HEADERS", "Guard", "token", "token_fits"]

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
SAFE = ("GET", "HEAD", "OPTIONS")
UPLOADS = ("/evidence", "/workbooks", "/signing", "/packages", "/files")
SMALL, LARGE = 1_000_000, 26_000_000
TOLD = (400, 403, 408, 409, 413, 421, 422)
WAIT_S, RATE = 20.0, 4_000
"""A body has twenty seconds, and a second more for every four kilobytes that have come."""
log = logging.getLogger("birge.web")


class Refused(Exception):
    """The body is larger than its route takes, or comes too slowly."""

    def __init__(self, status: int, told: str) -> None:
        super().__init__(told)
        self.status, self.told = status, told


class Guard:
    """The outermost layer; `tls` says that readers come by https."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...], tls: bool) -> None:
        self.app = app
        self.hosts = {h.lower() for h in hosts}
        self.tls = tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refusal(scope["method"], headers)
        cap = LARGE if scope["path"].endswith(UPLOADS) else SMALL
        length = headers.get("content-length", "0")
        if not refused and (not length.isdigit() or int(length) > cap):
            refused = (413, "the body is too large")
        if not refused and ("\0" in scope["path"] or b"%00" in scope["query_string"]):
            refused = (400, "an address holds no zero bytes")
        started, why = False, ""

        async def answered(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if message["status"] in TOLD:
                    # escaped, as a path may hold line ends; and no query, body or header, which may hold secrets
                    path = scope["path"].encode("unicode_escape").decode("ascii")[:200]
                    log.warning("%s %s refused: %s%s", scope["method"][:10], path, message["status"], why)
                out = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    out[name] = value
                if self.tls:
                    out["strict-transport-security"] = "max-age=31536000; includeSubDomains"
                if "cache-control" not in out and not scope["path"].startswith("/static/"):
                    out["cache-control"] = "no-store"
            await send(message)

        if refused:
            why = f" ({refused[1]})"
            await PlainTextResponse(refused[1], refused[0])(scope, receive, answered)
            return
        try:
            await self.app(scope, _capped(receive, cap), answered)
        except Refused as error:
            if not started:
                why = f" ({error.told})"
                await PlainTextResponse(error.told, error.status)(scope, receive, answered)

    def _refusal(self, method: str, headers: Headers) -> tuple[int, str] | None:
        """Return why a request is refused: unknown host, or a change that this server's own pages did not ask for."""
        host = headers.get("host", "").lower()
        if _name(host) not in self.hosts:
            return 421, "this server is not known by that name"
        if method in SAFE:
            return None
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return 403, "a change has to come from a page of this server"
        wanted = f"{'https' if self.tls else 'http'}://{host}"
        origin = headers.get("origin") or _origin(headers.get("referer", ""))
        if origin != wanted:
            return 403, "a change has to come from a page of this server"
        return None


def _capped(receive: Receive, cap: int) -> Receive:
    """Return what receives a body as long as it keeps to its size and its time."""
    clock = asyncio.get_running_loop().time
    taken, started, whole = 0, clock(), False

    async def capped() -> Message:
        nonlocal taken, whole
        if whole:  # what comes now is only that the reader has gone
            return await receive()
        left = started + WAIT_S + taken / RATE - clock()
        try:
            message = await asyncio.wait_for(receive(), max(left, 0.001))
        except TimeoutError:
            raise Refused(408, "the body comes too slowly") from None
        taken += len(message.get("body", b""))
        if taken > cap:
            raise Refused(413, "the body is too large")
        whole = not message.get("more_body", False)
        return message

    return capped


def _name(host: str) -> str:
    if host.startswith("["):
        return host.split("]", maxsplit=1)[0] + "]"
    return host.rsplit(":", 1)[0] if ":" in host else host


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def token(secret: bytes, cookie: str) -> str:
    """Return the token that forms of the holder of `cookie` carry."""
    return hmac.new(secret, cookie.encode(), hashlib.sha256).hexdigest()


def token_fits(secret: bytes, cookie: str, given: str) -> bool:
    """Return whether `given` is the token of the holder of `cookie`."""
    return bool(cookie) and hmac.compare_digest(token(secret, cookie).encode(), given.encode())
