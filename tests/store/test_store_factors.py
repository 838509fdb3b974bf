"""Second factors: security keys that answer one question once, secrets sealed with a key outside of the database."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from birge.errors import InputError
from birge.store import accounts, challenges, sealing, signing_in
from birge.store.audit import verify
from birge.store.engine import compact, connect, migrate, reading, writing
from birge.store.errors import Denied, Unready
from birge.store.people import account, people
from birge.store.registry import OPERATOR, Registry
from birge.store.sealing import Seal
from birge.store.security_keys import Site, keys_of, register, registration
from birge.store.tables import security_keys, users
from birge.store.transfer import backup, export, restore
from tests.store.registries import Clock
from tests.store.soft_key import SoftKey

LOGIN, PASSWORD = "viewer-geo", "correct horse battery staple"
ORIGIN, RP = "https://plan.example", "plan.example"
SITE = Site(RP, (ORIGIN,))


@pytest.fixture
def session(joint: Registry) -> str:
    """A session of a user who has signed in with a printed code."""
    with joint.desk(OPERATOR) as desk:
        accounts.set_password(desk, LOGIN, PASSWORD)
        code = accounts.new_codes(desk, LOGIN)[0]
    return stepped(joint, code)


def half(registry: Registry, login: str = LOGIN) -> str:
    found = signing_in.sign_in(registry, login, PASSWORD)
    assert found is not None
    return found


def stepped(registry: Registry, code: str) -> str:
    first = half(registry)
    with registry.desk(OPERATOR) as desk:
        found = signing_in.second_factor(desk, first, code)
    assert found is not None
    return found


@pytest.fixture
def key(joint: Registry, session: str) -> SoftKey:
    """A registered key."""
    made = SoftKey()
    assert registered(joint, session, made)
    return made


def registered(registry: Registry, session: str, key: SoftKey, **wrong: str) -> bool:
    with registry.desk(LOGIN) as desk:
        options = registration(desk, session, SITE)
    answer = key.make(options, **{"origin": ORIGIN, "rp": RP, **wrong})  # type: ignore[arg-type]
    with registry.desk(LOGIN) as desk:
        return register(desk, session, SITE, "blue, in the safe", answer)


def asked(registry: Registry, session: str) -> str:
    with registry.desk(OPERATOR) as desk:
        found = signing_in.key_question(desk, session, SITE)
    assert found is not None
    return found


def answered(registry: Registry, session: str, answer: str) -> str | None:
    with registry.desk(OPERATOR) as desk:
        return signing_in.second_factor_by_key(desk, session, SITE, answer)


def test_a_key_opens_the_door_once_per_question(joint: Registry, key: SoftKey) -> None:
    first = half(joint)
    answer = key.use(asked(joint, first), ORIGIN, RP)
    second = answered(joint, first, answer)
    assert second not in (None, first)
    with joint.desk(OPERATOR) as desk:
        assert signing_in.resume(desk, str(second)) == LOGIN
        assert keys_of(desk, LOGIN)[0].used is not None
        assert verify(desk.connection) == []
    other = half(joint)
    assert answered(joint, other, answer) is None, "no question was put to this session"
    asked(joint, other)
    assert answered(joint, other, answer) is None, "an answer to another question"


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://plan.example"},
        {"rp": "evil.example"},
        {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"touched": False},
    ],
)
def test_an_answer_from_elsewhere_or_to_something_else_is_refused(
    joint: Registry, key: SoftKey, wrong: dict[str, str]
) -> None:
    first = half(joint)
    options = asked(joint, first)
    assert answered(joint, first, key.use(options, **{"origin": ORIGIN, "rp": RP, **wrong})) is None  # type: ignore[arg-type]
    right = key.use(options, ORIGIN, RP)
    assert answered(joint, first, right) is None, "the question is gone with the first answer"
    assert answered(joint, first, key.use(asked(joint, first), ORIGIN, RP)) is not None


@pytest.mark.parametrize("wrong", [{"origin": "https://evil.example"}, {"rp": "evil.example"}, {"challenge": "AAAA"}])
def test_a_registration_from_elsewhere_is_refused(joint: Registry, session: str, wrong: dict[str, str]) -> None:
    assert not registered(joint, session, SoftKey(), **wrong)
    with joint.view(OPERATOR) as desk:
        assert keys_of(desk, LOGIN) == []


def test_a_registration_counts_once_and_only_in_its_session(joint: Registry, session: str) -> None:
    key = SoftKey()
    with joint.desk(LOGIN) as desk:
        answer = key.make(registration(desk, session, SITE), ORIGIN, RP)
    with joint.desk(LOGIN) as desk:
        assert not register(desk, "another session", SITE, "x", answer)
        assert register(desk, session, SITE, "x", answer)
        assert not register(desk, session, SITE, "x", answer)
    assert not registered(joint, session, key), "one key is registered once"


def test_a_copied_key_is_told_by_its_counter(joint: Registry, key: SoftKey) -> None:
    first = half(joint)
    key.count = 0
    assert answered(joint, first, key.use(asked(joint, first), ORIGIN, RP)) is None


def test_another_users_key_a_late_answer_and_nonsense_are_refused(joint: Registry, key: SoftKey) -> None:
    assert isinstance(joint.clock, Clock)
    first = half(joint)
    for nonsense in ("", "[]", "{}", '{"id": 1}', '{"id": "x"}', json.dumps({"id": "\x00"})):
        asked(joint, first)
        assert answered(joint, first, nonsense) is None
        with joint.desk(OPERATOR) as desk:
            desk.connection.execute(update(users).values(failures=0))
    late = key.use(asked(joint, first), ORIGIN, RP)
    joint.clock.now += timedelta(minutes=6)
    assert answered(joint, first, late) is None
    with joint.desk(OPERATOR) as desk:
        desk.connection.execute(update(security_keys).values(login="reporter-geo"))
        assert signing_in.key_question(desk, first, SITE) is None


def test_wrong_answers_lock_the_login(joint: Registry, key: SoftKey) -> None:
    first = half(joint)
    for _ in range(signing_in.FAILURES):
        assert answered(joint, first, key.use(asked(joint, first), "https://evil.example", RP)) is None
    assert answered(joint, first, key.use(asked(joint, first), ORIGIN, RP)) is None


def test_keys_are_removed_by_their_holder_or_the_admin_of_the_side(joint: Registry, key: SoftKey) -> None:
    with joint.view(OPERATOR) as desk:
        ident = keys_of(desk, LOGIN)[0].id
    for who in ("admin-arm", "reporter-geo", "secretariat-geo"):
        with joint.desk(who) as desk, pytest.raises(Denied):
            accounts.drop_key(desk, LOGIN, ident)
    with joint.desk("admin-geo") as desk:
        assert len(account(desk, LOGIN).keys) == 1
        accounts.drop_key(desk, LOGIN, ident)
        assert account(desk, LOGIN).keys == ()
    assert key.count > 0


def test_secrets_are_sealed_and_bound_to_their_user(joint: Registry) -> None:
    with joint.desk(OPERATOR) as desk:
        secret = re.search(r"secret=(\w+)", accounts.new_totp(desk, LOGIN))[1]  # type: ignore[index]
        sealed = desk.connection.execute(select(users.c.totp_sealed).where(users.c.login == LOGIN)).scalar_one()
        assert secret not in sealed
        assert desk.seal.open(LOGIN, sealed) == secret
        assert desk.seal.open("viewer-arm", sealed) is None
        assert desk.seal.open(LOGIN, sealed[:-4] + "AAAA") is None
    assert joint.seal.path.stat().st_mode & 0o777 == 0o600


def test_a_lost_key_is_told_and_a_new_one_keeps_what_can_be_read(joint: Registry) -> None:
    with joint.desk(OPERATOR) as desk:
        accounts.new_totp(desk, LOGIN)
    joint.seal.renew()
    with joint.desk(OPERATOR) as desk:
        assert accounts.unreadable(desk) == []
        assert accounts.reseal(desk) == []
    joint.seal.drop_old()
    with joint.desk(OPERATOR) as desk:
        assert accounts.unreadable(desk) == []
    joint.seal.path.unlink()
    with joint.desk(OPERATOR) as desk:
        assert accounts.unreadable(desk) == [LOGIN]
        with pytest.raises(Unready, match="no key"):
            accounts.new_totp(desk, LOGIN)
    joint.seal.renew()
    with joint.desk(OPERATOR) as desk:
        assert accounts.reseal(desk) == [LOGIN]
        assert not account(desk, LOGIN).app
    with joint.desk("admin-geo") as desk, pytest.raises(Denied):
        accounts.reseal(desk)


def test_the_key_may_stand_in_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Seal(tmp_path / "a.key")
    assert file.create()
    assert not file.create()
    sealed = file.seal("x", "SECRET")
    monkeypatch.setenv(sealing.KEY, file.path.read_text().strip())
    assert Seal(tmp_path / "absent.key").open("x", sealed) == "SECRET"
    with pytest.raises(Unready):
        file.renew()
    monkeypatch.setenv(sealing.KEY, "nonsense")
    with pytest.raises(Unready, match="is no key"):
        file.seal("x", "y")


def test_the_migration_seals_what_stood_readable(new_url: Callable[[], str], tmp_path: Path) -> None:
    url, seal = new_url(), Seal(tmp_path / "m.key")
    engine = connect(url)
    migrate(engine, "0002")
    columns = "login, name, side, active, totp, totp_step, failures"
    row = f"INSERT INTO users ({columns}) VALUES ('a', 'A', 'GEO', true, 'ABCD', 0, 0)"
    with writing(engine) as connection:
        connection.execute(text(row))
    with pytest.raises(Unready, match="no key was given"):
        migrate(engine)
    migrate(engine, seal=seal)
    compact(engine)
    with reading(engine) as connection:
        sealed = connection.execute(select(users.c.totp_sealed)).scalar_one()
    assert seal.open("a", sealed) == "ABCD"
    if engine.dialect.name == "sqlite":
        assert b"ABCD" not in Path(str(engine.url.database)).read_bytes().replace(sealed.encode(), b"")
    migrate(engine, "0002", seal)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT totp FROM users")).scalar_one() == "ABCD"
    engine.dispose()


@pytest.mark.parametrize("portable", [True, False])
def test_a_backup_brings_keys_and_links_back_and_no_secret_in_the_clear(
    joint: Registry, key: SoftKey, new_url: Callable[[], str], tmp_path: Path, portable: bool
) -> None:
    with joint.desk(OPERATOR) as desk:
        secret = re.search(r"secret=(\w+)", accounts.new_totp(desk, LOGIN))[1]  # type: ignore[index]
        accounts.link(desk, LOGIN, "https://id.example", "42")
        accounts.invite(desk, "reporter-geo")
    made = tmp_path / "backup.zip"
    backup(joint, made, portable)
    assert secret.encode() not in made.read_bytes()
    back = restore(new_url(), made, tmp_path / "back.files")
    with back.desk(OPERATOR) as desk:
        assert accounts.unreadable(desk) == [LOGIN], "the key is not in the backup"
        assert account(desk, LOGIN).identities[0].subject == "42"
    back.seal.path.write_bytes(joint.seal.path.read_bytes())
    with back.desk(OPERATOR) as desk:
        assert accounts.unreadable(desk) == []
    back.close()
    assert key.count == 1


def test_an_export_holds_no_way_in(make: Callable[..., Registry], tmp_path: Path) -> None:
    registry = make("GEO")
    with registry.desk(OPERATOR) as desk:
        accounts.new_totp(desk, LOGIN)
        accounts.link(desk, LOGIN, "https://id.example", "subject-42")
        sealed = desk.connection.execute(select(users.c.totp_sealed).where(users.c.login == LOGIN)).scalar_one()
    export(registry, "secretariat-geo", tmp_path / "export.zip")
    import zipfile

    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        whole = b"".join(archive.read(n) for n in archive.namelist() if "audit" not in n)
    assert sealed.encode() not in whole
    assert b"subject-42" not in whole


def test_nobody_changes_their_own_rights_and_an_admin_serves_one_side(joint: Registry) -> None:
    with joint.desk("admin-geo") as desk:
        for change in (
            lambda: accounts.grant(desk, "admin-geo", "approver"),
            lambda: accounts.revoke(desk, "admin-geo", "admin"),
            lambda: accounts.set_active(desk, "admin-geo", False),
            lambda: accounts.link(desk, "admin-geo", "https://id.example", "1"),
            lambda: accounts.invite(desk, "viewer-arm"),
            lambda: accounts.no_totp(desk, "viewer-arm"),
            lambda: accounts.new_codes(desk, "viewer-arm"),
            lambda: account(desk, "viewer-arm"),
        ):
            with pytest.raises(Denied):
                change()
        assert {a.side for a in people(desk)} == {"GEO"}
    with joint.desk("viewer-geo") as desk:
        assert account(desk, "viewer-geo").login == "viewer-geo"
        with pytest.raises(Denied):
            people(desk)


def test_an_invitation_counts_once_for_three_days(joint: Registry, session: str) -> None:
    assert isinstance(joint.clock, Clock)
    with joint.desk("admin-geo") as desk:
        token = accounts.invite(desk, LOGIN)
    assert signing_in.sign_in(joint, LOGIN, PASSWORD) is None
    with joint.desk(OPERATOR) as desk:
        assert signing_in.resume(desk, session) is None
    with joint.desk(OPERATOR) as desk, pytest.raises(InputError):
        signing_in.accept(desk, token, "short")
    with joint.desk(OPERATOR) as desk:
        assert signing_in.accept(desk, "another", PASSWORD) is None
        assert signing_in.accept(desk, token, PASSWORD) == LOGIN
        assert signing_in.accept(desk, token, PASSWORD) is None
    assert signing_in.sign_in(joint, LOGIN, PASSWORD) is not None
    with joint.desk("admin-geo") as desk:
        token = accounts.invite(desk, LOGIN)
    joint.clock.now += timedelta(days=4)
    with joint.desk(OPERATOR) as desk:
        assert signing_in.accept(desk, token, PASSWORD) is None


def test_an_app_counts_from_its_first_code_and_that_code_not_again(joint: Registry, session: str) -> None:
    with joint.desk(LOGIN) as desk:
        secret = signing_in.begin_app(desk, session)
        assert not account(desk, LOGIN).app
        assert not signing_in.confirm_app(desk, session, "000000")
        code = signing_in.one_time_password(secret, desk.now)
        assert not signing_in.confirm_app(desk, "another session", code)
        assert signing_in.confirm_app(desk, session, code)
        assert account(desk, LOGIN).app
    first = half(joint)
    with joint.desk(OPERATOR) as desk:
        assert signing_in.second_factor(desk, first, code) is None


def test_a_new_password_ends_other_sessions_and_needs_the_old_one(joint: Registry, session: str) -> None:
    assert signing_in.proved(joint, session, PASSWORD)
    assert not signing_in.proved(joint, session, "wrong")
    assert not signing_in.proved(joint, half(joint), PASSWORD), "half a session proves nothing"
    with joint.desk(LOGIN) as desk:
        assert [here for _, _, here in signing_in.own_sessions(desk, session)] == [True]
        fresh = signing_in.renewed(desk, "another long password")
    with joint.desk(OPERATOR) as desk:
        assert signing_in.resume(desk, session) is None
        assert signing_in.resume(desk, fresh) == LOGIN
    with joint.desk(LOGIN) as desk:
        signing_in.sign_out_others(desk, "none of them")
        assert signing_in.own_sessions(desk, fresh) == []


def test_a_question_is_bound_and_counts_once(joint: Registry) -> None:
    with joint.desk(OPERATOR) as desk:
        challenges.ask(desk, "provider", "state", "browser", "kept", timedelta(minutes=1))
        assert challenges.take(desk, "provider", "state", "another browser") is None
        assert challenges.take(desk, "key", "state", "browser") is None
        assert challenges.peek(desk, "provider", "state", "browser") == "kept"
        assert challenges.take(desk, "provider", "state", "browser") == "kept"
        assert challenges.take(desk, "provider", "state", "browser") is None
