"""Security keys (WebAuthn) as a second factor: register with a name, answer a question, remove.

A question is 32 random bytes, kept on the server, bound to the session it was put to and gone with the first answer,
right or wrong. An answer has to hold that very question, one of this server's own addresses, this server's name, the
user's touch, a signature by a key registered for this login, and a counter that went on.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from birge.store.audit import stamp
from birge.store.canonical import digest
from birge.store.challenges import ask, take
from birge.store.desk import Desk
from birge.store.errors import Denied
from birge.store.tables import security_keys

__all__ = ["SecurityKey", "Site", "answered", "drop", "keys_of", "question", "register", "registration"]

LASTS = timedelta(minutes=5)
MOST = 10


@dataclass(frozen=True)
class Site:
    """What a key knows this server by: its name (RP ID) and the addresses its pages may come from."""

    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True)
class SecurityKey:
    """A registered key: id, the name its holder gave it, when it was registered and last used."""

    id: str
    name: str
    added: str
    used: str | None


def registration(desk: Desk, session: str, site: Site) -> str:
    """Return the options (JSON) with which the actor's browser makes a new key."""
    login, challenge = _own(desk), secrets.token_bytes(32)
    ask(desk, "register", "", session, bytes_to_base64url(challenge), LASTS)
    options = generate_registration_options(
        rp_id=site.name,
        rp_name="Birge",
        user_name=login,
        user_id=sha256(f"birge:{login}".encode()).digest(),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.DISCOURAGED,
        ),
        exclude_credentials=_known(desk, login),
    )
    return options_to_json(options)


def register(desk: Desk, session: str, site: Site, name: str, answer: str) -> bool:
    """Keep a new key of the actor under a name; returns whether the answer fits the question, which is then gone.

    It does not raise where the answer does not fit: that would bring the question back.
    """
    login, challenge = _own(desk), take(desk, "register", "", session)
    if challenge is None or len(_known(desk, login)) >= MOST:
        return False
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.name,
            expected_origin=list(site.origins),
        )
    except (WebAuthnException, ValueError):
        return False
    ident = bytes_to_base64url(made.credential_id)
    if desk.connection.execute(select(security_keys.c.id).where(security_keys.c.id == ident)).first():
        return False
    name = name.strip()[:60] or stamp(desk.now)[:10]
    public = bytes_to_base64url(made.credential_public_key)
    row = {"id": ident, "login": login, "name": name, "public_key": public, "added": stamp(desk.now)}
    desk.connection.execute(insert(security_keys).values(**row, sign_count=made.sign_count, used=None))
    desk.note(
        "add security key", login=login, key=ident, proof=digest(f"{name} {row['public_key']}"), added=row["added"]
    )
    return True


def question(desk: Desk, login: str, session: str, site: Site) -> str | None:
    """Return the options (JSON) with which a browser asks a key of `login`; None where there is no key."""
    known = _known(desk, login)
    if not known:
        return None
    challenge = secrets.token_bytes(32)
    ask(desk, "key", "", session, bytes_to_base64url(challenge), LASTS)
    return options_to_json(
        generate_authentication_options(
            rp_id=site.name,
            challenge=challenge,
            allow_credentials=known,
            user_verification=UserVerificationRequirement.DISCOURAGED,
        )
    )


def answered(desk: Desk, login: str, session: str, site: Site, answer: str) -> bool:
    """Return whether a key of `login` answered the question put to this session; the question is then gone."""
    challenge = take(desk, "key", "", session)
    row = _named(desk, login, answer)
    if challenge is None or row is None:
        return False
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.name,
            expected_origin=list(site.origins),
            credential_public_key=base64url_to_bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
        )
    except (WebAuthnException, ValueError):
        return False
    values = {"sign_count": found.new_sign_count, "used": stamp(desk.now)}
    desk.connection.execute(update(security_keys).where(security_keys.c.id == row.id).values(**values))
    return True


def keys_of(desk: Desk, login: str) -> list[SecurityKey]:
    """Return the keys of a user, oldest first."""
    found = select(security_keys).where(security_keys.c.login == login).order_by(security_keys.c.added)
    return [SecurityKey(r.id, r.name, r.added, r.used) for r in desk.connection.execute(found)]


def drop(desk: Desk, login: str, ident: str) -> None:
    """Remove a key of a user; who may act for the login is the caller's to check."""
    gone = delete(security_keys).where(security_keys.c.login == login, security_keys.c.id == ident)
    if desk.connection.execute(gone).rowcount:
        desk.note("remove security key", login=login, key=ident)


def _own(desk: Desk) -> str:
    if not desk.actor.login or desk.actor.operator:
        raise Denied("a key is registered by its holder")
    return desk.actor.login


def _known(desk: Desk, login: str) -> list[PublicKeyCredentialDescriptor]:
    found = desk.connection.execute(select(security_keys.c.id).where(security_keys.c.login == login)).scalars()
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(i)) for i in found]


def _named(desk: Desk, login: str, answer: str) -> Row[Any] | None:
    """Return the registered key that an answer says it is by."""
    try:
        said = json.loads(answer)
    except ValueError:
        return None
    ident = said.get("id") if isinstance(said, dict) else None
    if not isinstance(ident, str) or not ident.isascii() or not ident.isprintable():
        return None
    return desk.connection.execute(
        select(security_keys).where(security_keys.c.login == login, security_keys.c.id == ident)
    ).first()
