"""A small provider of sign-ins: OpenID Connect over real HTTP, with real signatures, that can be told to misbehave."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "birge at plan.example", "s:e cret"


def coded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


class SmallProvider:
    """`claims` are added to a right ID token; `how` says how it is signed."""

    def __init__(self, now: float) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.now, self.how, self.claims, self.told = now, "RS256", dict[str, Any](), dict[str, Any]()
        self.asked: dict[str, dict[str, str]] = {}
        self.tokens = 0
        handler = type("Handler", (_Handler,), {"provider": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def description(self) -> dict[str, Any]:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.issuer, **{k: f"{self.issuer}/{v}" for k, v in ends.items()}, **self.told}

    def approve(self, address: str) -> str:
        """Approve what a browser brings, as a person would, and return where the browser is sent."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(address).query, strict_parsing=True).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(12)
        self.asked[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Change a code, once, for whoever knows the client's secret and the verifier."""
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        asked = self.asked.pop(form["code"], None)
        mixed = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if pair != "birge%20at%20plan.example:s%3Ae%20cret" or asked is None or mixed != asked["code_challenge"]:
            return None
        if form["redirect_uri"] != asked["redirect_uri"]:
            return None
        self.tokens += 1
        right = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "42",
            "iat": int(self.now),
            "exp": int(self.now) + 300,
            "nonce": asked["nonce"],
        }
        claims = {k: v for k, v in {**right, **self.claims}.items() if v is not None}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        if self.how == "none":
            return f"{coded({'alg': 'none'})}.{coded(claims)}."
        if self.how == "another key":
            return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))
        if self.how == "HS256":
            # the classic confusion: the public key taken as a shared secret
            import hmac

            head = f"{coded({'alg': 'HS256', 'kid': 'one'})}.{coded(claims)}"
            mac = hmac.new(self.key.as_pem(private=False), head.encode(), hashlib.sha256).digest()
            return f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        whole = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        if self.how == "altered":
            head, _, signature = whole.split(".")
            return f"{head}.{coded({**claims, 'sub': '43'})}.{signature}"
        return whole


class _Handler(BaseHTTPRequestHandler):
    provider: SmallProvider

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def _send(self, content: dict[str, Any] | None) -> None:
        body = json.dumps(content or {"error": "invalid_grant"}).encode()
        self.send_response(200 if content is not None else 400)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path == "/keys":
            self._send({"keys": [self.provider.key.as_dict(private=False)]})
        else:
            self._send(self.provider.description())

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["content-length"])).decode()
        form = {k: v[0] for k, v in parse_qs(text).items()}
        self._send(self.provider.token(form, self.headers.get("authorization", "")))
