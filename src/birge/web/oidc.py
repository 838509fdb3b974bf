"""Sign-in by a provider: OpenID Connect, authorization code with PKCE, everything that comes back verified.

```
browser ─ GET /{lang}/provider ─▶ state, nonce, verifier kept on the server, bound to the browser's cookie ─▶ provider
browser ◀─ code, state ─ provider ─▶ GET /provider/callback: state taken, once ─▶ token endpoint (code + verifier) ─▶
ID token: signature by the provider's published key, issuer, audience, expiry, nonce ─▶ claims
```

The list of algorithms is ours, not the token's: `none` and shared-secret ones are never accepted. Addresses come from
the issuer's own description, which has to name that very issuer (OpenID Connect Core 1.0 §3.1.3.7, Discovery 1.0 §4.3).
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.error import URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from authlib.oidc.discovery import get_well_known_url  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from birge.errors import BirgeError
from birge.web.settings import Provider

__all__ = ["Client", "Refused"]

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
TIMEOUT_S = 10
LARGEST = 1_000_000
KEPT_S = 3600
LEEWAY_S = 60


class Refused(BirgeError):
    """The provider did not vouch for anybody, or what it said does not verify."""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_options: Any) -> None:
        """Follow nothing: a provider's description names the addresses."""


@dataclass
class Client:
    """This server as a client of a provider; `back` is the address to which browsers return."""

    provider: Provider
    back: str
    _facts: dict[str, Any] = field(default_factory=dict)
    _read: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Return where the browser goes to sign in."""
        question = {
            "response_type": "code",
            "client_id": self.provider.client,
            "redirect_uri": self.back,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        start = str(self._described()["authorization_endpoint"])
        return f"{start}{'&' if urlsplit(start).query else '?'}{urlencode(question)}"

    def claims(self, code: str, nonce: str, verifier: str, now: float) -> Mapping[str, Any]:
        """Change a code for an ID token and return its verified claims; raises Refused."""
        facts = self._described()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "client_id": self.provider.client,
            "code_verifier": verifier,
        }
        pair = f"{quote(self.provider.client, safe='')}:{quote(self.provider.secret, safe='')}"
        headers = {
            "authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "content-type": "application/x-www-form-urlencoded",
        }
        answer = _json(Request(facts["token_endpoint"], urlencode(form).encode(), headers))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Refused("the provider gave no ID token")
        return self._verified(token, nonce, now)

    def _verified(self, token: str, nonce: str, now: float) -> Mapping[str, Any]:
        try:
            try:
                read = jwt.decode(token, self._keys(), algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                # the provider may have changed its keys since they were read; once more with fresh ones
                self._read = 0.0
                read = jwt.decode(token, self._keys(), algorithms=ALGORITHMS)
            wanted = {
                "iss": {"essential": True, "value": self.provider.issuer},
                "aud": {"essential": True, "value": self.provider.client},
                "sub": {"essential": True},
            }
            params = {"nonce": nonce, "client_id": self.provider.client}
            claims = CodeIDToken(read.claims, read.header, wanted, params)
            claims.validate(now=int(now), leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Refused(f"the ID token does not verify: {type(error).__name__}") from error
        return dict(claims)

    def _keys(self) -> KeySet:
        return KeySet.import_key_set(self._described()["jwks"])

    def _described(self) -> dict[str, Any]:
        """Return the provider's description and keys, read anew once an hour."""
        with self._lock:
            if time.monotonic() - self._read < KEPT_S and self._facts:
                return self._facts
            facts = _json(Request(get_well_known_url(self.provider.issuer, external=True)))
            if facts.get("issuer") != self.provider.issuer:
                raise Refused(f"the provider calls itself {facts.get('issuer')!r}, not {self.provider.issuer!r}")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _safe(facts.get(name), self.provider.issuer)
            facts["jwks"] = _json(Request(facts["jwks_uri"]))
            self._facts, self._read = facts, time.monotonic()
            return facts


def _safe(address: Any, issuer: str) -> None:
    """Refuse an address without TLS, unless the issuer itself is on this machine."""
    if not isinstance(address, str) or urlsplit(address).scheme not in ("https", urlsplit(issuer).scheme):
        raise Refused(f"the provider names an address without TLS: {address!r}")


def _json(request: Request) -> dict[str, Any]:
    try:
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as answer:
            content = answer.read(LARGEST + 1)
        found = json.loads(content) if len(content) <= LARGEST else None
    except (URLError, OSError, ValueError) as error:
        raise Refused(f"the provider does not answer as it should: {error}") from error
    if not isinstance(found, dict):
        raise Refused("the provider's answer is not what it should be")
    return found
