"""A security key in software: it makes real P-256 keys and real signatures over what a browser would hand it."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url as text
from webauthn.helpers import encode_cbor


class SoftKey:
    """One credential; `count` goes on with every use."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.ident = secrets.token_bytes(16)
        self.count = 0

    def _data(self, rp: str, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(rp.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _answer(self, response: dict[str, str]) -> str:
        ident = text(self.ident)
        answer: dict[str, Any] = {"id": ident, "rawId": ident, "type": "public-key", "response": response}
        return json.dumps({**answer, "clientExtensionResults": {}})

    def _client(self, kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()

    def make(self, options: str, origin: str, rp: str, challenge: str | None = None) -> str:
        """Return the answer to the options of a registration."""
        numbers = self.private.public_key().public_numbers()
        point = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        data = self._data(rp, 0x41) + bytes(16) + struct.pack(">H", 16) + self.ident + encode_cbor(point)
        client = self._client("webauthn.create", challenge or json.loads(options)["challenge"], origin)
        attested = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(attested)})

    def use(self, options: str, origin: str, rp: str, challenge: str | None = None, touched: bool = True) -> str:
        """Return the answer to the options of a sign-in."""
        data = self._data(rp, int(touched))
        client = self._client("webauthn.get", challenge or json.loads(options)["challenge"], origin)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer({k: text(v) for k, v in parts.items()})
