"""Accounts: argon2, second factors that count once, opaque sessions that rotate and end."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from birge.errors import InputError
from birge.store import accounts, signing_in
from birge.store.audit import verify
from birge.store.errors import Denied, Missing
from birge.store.registry import OPERATOR, Registry
from birge.store.tables import audit, codes, sessions, users
from tests.store.registries import Clock

LOGIN, PASSWORD = "viewer-geo", "correct horse battery staple"


@pytest.fixture
def secret(joint: Registry) -> str:
    """A user with a password and a secret for one-time passwords."""
    with joint.desk(OPERATOR) as desk:
        accounts.set_password(desk, LOGIN, PASSWORD)
        return re.search(r"secret=(\w+)", accounts.new_totp(desk, LOGIN))[1]  # type: ignore[index]


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_one_time_passwords_are_those_of_rfc_6238(seconds: int, digits: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert signing_in.one_time_password(secret, datetime.fromtimestamp(seconds, UTC)) == digits


def start(registry: Registry, password: str = PASSWORD, login: str = LOGIN) -> str | None:
    return signing_in.sign_in(registry, login, password)


def step(registry: Registry, session: str | None, code: str) -> str | None:
    with registry.desk(OPERATOR) as desk:
        return signing_in.second_factor(desk, str(session), code)


def now(registry: Registry, secret: str) -> str:
    """The one-time password of this moment."""
    with registry.view(OPERATOR) as desk:
        return signing_in.one_time_password(secret, desk.now)


def user(registry: Registry, session: str | None) -> str | None:
    with registry.desk(OPERATOR) as desk:
        return signing_in.resume(desk, str(session))


def test_a_session_needs_both_factors_and_changes_its_id(joint: Registry, secret: str) -> None:
    first = start(joint)
    assert first is not None
    assert user(joint, first) is None
    second = step(joint, first, now(joint, secret))
    assert second not in (None, first)
    assert user(joint, first) is None
    assert user(joint, second) == LOGIN
    again = start(joint)
    assert step(joint, again, now(joint, secret)) is None, "a one-time password counts once"
    with joint.desk(OPERATOR) as desk:
        signing_in.sign_out(desk, str(second))
    assert user(joint, second) is None


def test_a_session_ends_without_use_and_in_any_case(joint: Registry, secret: str) -> None:
    assert isinstance(joint.clock, Clock)
    session = step(joint, start(joint), now(joint, secret))
    for _ in range(35):
        joint.clock.now += timedelta(minutes=20)
        assert user(joint, session) == LOGIN
    joint.clock.now += timedelta(minutes=25)
    assert user(joint, session) is None
    session = step(joint, start(joint), now(joint, secret))
    joint.clock.now += timedelta(minutes=31)
    assert user(joint, session) is None


def test_printed_codes_count_once(joint: Registry, secret: str) -> None:
    with joint.desk(OPERATOR) as desk:
        printed = accounts.new_codes(desk, LOGIN)
    assert len(set(printed)) == 10
    for code, works in ((printed[0], True), (printed[0], False), (printed[1].upper(), True), ("aaaa-bbbb", False)):
        assert (step(joint, start(joint), code) is not None) == works
    with joint.desk(OPERATOR) as desk:
        accounts.new_codes(desk, LOGIN)
    assert step(joint, start(joint), printed[2]) is None
    assert secret


def test_nothing_that_opens_a_door_is_readable(joint: Registry, secret: str) -> None:
    with joint.desk(OPERATOR) as desk:
        printed = accounts.new_codes(desk, LOGIN)
    session = start(joint)
    with joint.view(OPERATOR) as desk:
        rows = [desk.connection.execute(select(t)).fetchall() for t in (users, codes, sessions, audit)]
        kept = desk.connection.execute(select(users.c.password).where(users.c.login == LOGIN)).scalar_one()
    text = str(rows)
    assert kept.startswith("$argon2id$")
    for private in (PASSWORD, str(session), printed[0], printed[0].replace("-", ""), secret):
        assert private not in text


def test_five_failures_lock_for_a_while(joint: Registry, secret: str) -> None:
    assert isinstance(joint.clock, Clock)
    for _ in range(signing_in.FAILURES):
        assert start(joint, "wrong") is None
    assert start(joint) is None
    joint.clock.now += timedelta(minutes=16)
    session = start(joint)
    assert session is not None
    for _ in range(signing_in.FAILURES):
        assert step(joint, session, "000000") is None
    assert step(joint, session, now(joint, secret)) is None
    assert start(joint) is None


def test_unknown_inactive_and_passwordless_users_stay_out(joint: Registry, secret: str) -> None:
    assert start(joint, login="nobody") is None
    assert start(joint, "", "viewer-arm") is None
    session = start(joint)
    with joint.desk(OPERATOR) as desk:
        accounts.set_active(desk, LOGIN, False)
    assert start(joint) is None
    assert step(joint, session, now(joint, secret)) is None
    with pytest.raises(Missing), joint.desk(LOGIN):
        pass


def test_admins_set_up_their_own_side_and_others_nobody(joint: Registry) -> None:
    with joint.desk("admin-geo") as desk:
        accounts.add_user(desk, "new", "New", "GEO")
        accounts.grant(desk, "new", "viewer")
        with pytest.raises(Denied):
            accounts.add_user(desk, "spy", "Spy", "ARM")
        with pytest.raises(Denied):
            accounts.grant(desk, "viewer-arm", "admin")
    for who in ("secretariat-geo", "approver-geo", "viewer-geo"):
        with joint.desk(who) as desk, pytest.raises(Denied):
            accounts.grant(desk, who, "admin")
    with joint.desk("viewer-geo") as desk:
        accounts.set_password(desk, "viewer-geo", PASSWORD)
        with pytest.raises(Denied):
            accounts.set_password(desk, "reporter-geo", PASSWORD)
        with pytest.raises(InputError):
            accounts.set_password(desk, "viewer-geo", "short")
    with joint.desk(OPERATOR) as desk:
        accounts.revoke(desk, "new", "viewer")
        assert ("new", "New", "GEO", "no role") in list(accounts.logins(desk))
        assert verify(desk.connection) == []


@pytest.mark.parametrize(
    ("login", "side", "role"),
    [("Ä", "GEO", "viewer"), ("x", "XXX", "viewer"), ("viewer-geo", "GEO", "viewer"), ("y", "GEO", "king")],
)
def test_a_wrong_login_side_or_role_is_refused(joint: Registry, login: str, side: str, role: str) -> None:
    def added() -> None:
        with joint.desk(OPERATOR) as desk:
            accounts.add_user(desk, login, login, side)
            accounts.grant(desk, login, role)

    with pytest.raises(InputError):
        added()


def test_passwords_are_hashed_at_full_cost() -> None:
    # a fresh process, since the tests hash at the least cost
    told = subprocess.run(
        [sys.executable, "-c", "from birge.store import accounts; print(accounts.HASHER.hash('x'), accounts.NOBODY)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    # OWASP's cheat sheet (2024) asks for at least 19 MiB and two rounds, RFC 9106 for 64 MiB and three
    assert [h.rsplit("$", 2)[0] for h in told] == ["$argon2id$v=19$m=65536,t=3,p=4"] * 2
