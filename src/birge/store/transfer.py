"""A whole registry out and in: export as a Data Package, backup with the accounts, and both back, proven by the chain.

An export holds records, history, audit, files, users and grants, but no password, secret or code. A backup holds those
too: secrets of one-time passwords sealed, as they stand, since the key that opens them is kept apart; sessions never.
A backup is made of SQLite by its online API, of PostgreSQL by `pg_dump` where that is present and of the server's
version, else row by row, which any engine reads.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from birge.errors import InputError
from birge.store import audit
from birge.store.access import Actor, Thing
from birge.store.canonical import canonical
from birge.store.desk import Desk
from birge.store.engine import connect, migrate, newest, reading, writing
from birge.store.errors import Broken, Denied, Unready
from birge.store.package import Package, read_package, write_package
from birge.store.registry import OPERATOR, Registry
from birge.store.tables import audit as audit_table
from birge.store.tables import codes, files, grants, history, identities, records, security_keys, settings, users

__all__ = ["backup", "export", "import_package", "restore"]

TABLES: tuple[Table, ...] = (settings, records, history, audit_table, files, users, grants)
FACTORS: tuple[Table, ...] = (codes, security_keys, identities)
SECRET = {"password": None, "totp_sealed": None, "totp_step": 0, "failures": 0, "locked_until": None}
BATCH = 500


def export(registry: Registry, who: Actor | str, path: Path) -> str:
    """Write the whole registry without secrets to a package; returns its hash. For a secretariat of an installation."""
    with registry.view(who) as desk:
        if not desk.side:
            raise Denied("a joint server holds both sides' drafts: take a backup instead")
        desk.require("share", Thing("plan", desk.actor.side))
        resources = _dump(desk.connection, TABLES, secrets=False) | _evidence(desk)
        made = _package(desk, "export", "rows", path, resources)
    with registry.desk(who) as desk:
        desk.note("export", package=made)
    return made


def import_package(url: str, path: Path, evidence: Path | None = None) -> Registry:
    """Make a registry at an empty database from an export; raises Broken if its chain does not verify."""
    return _restore_rows(read_package(path, "export", cap=None), url, evidence)


def backup(registry: Registry, path: Path, portable: bool = False) -> tuple[str, str]:
    """Write a backup and return its hash and how it was made: `sqlite`, `pg_dump` or `rows` (always if `portable`)."""
    with tempfile.TemporaryDirectory() as folder, registry.view(OPERATOR) as desk:
        method, resources, head = "rows", dict[str, bytes | Path](), None
        if not portable and registry.engine.dialect.name == "sqlite":
            target = Path(folder) / "database.sqlite"
            _copy_sqlite(str(registry.engine.url.database), target)
            method, resources, head = "sqlite", {"database.sqlite": target}, _sqlite_head(target)
        elif not portable:
            target = Path(folder) / "database.dump"
            # the dump sees what this transaction sees, so the head that is written beside it is the dump's
            snapshot = desk.connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            options: tuple[str, ...] = ("--format=custom", "--no-owner", f"--snapshot={snapshot}")
            options += ("--exclude-table-data=sessions", "--exclude-table-data=challenges")
            if _run_postgres("pg_dump", registry.engine.url, *options, f"--file={target}"):
                method, resources = "pg_dump", {"database.dump": target}
        if method == "rows":
            resources = _dump(desk.connection, (*TABLES, *FACTORS), secrets=True)
        made = _package(desk, "backup", method, path, resources | _evidence(desk), head)
    return made, method


def restore(url: str, path: Path, evidence: Path | None = None) -> Registry:
    """Bring a backup back at an empty database, and verify its chain before it is used."""
    package = read_package(path, "backup", cap=None)
    method = package.facts.get("method")
    if method not in ("rows", "sqlite", "pg_dump"):
        raise Broken(f"{path}: made in no known way")
    if method == "rows":
        return _restore_rows(package, url, evidence)
    with _empty(url) as engine:
        native = "sqlite" if method == "sqlite" else "postgresql"
        if engine.dialect.name != native:
            what = f"a backup made by {method} goes back to {native} only"
            raise InputError.at("--url", "engine", what, "take a backup with --portable, or use that engine")
        if method == "sqlite":
            engine.dispose()
            _write_sqlite(package.bytes("database.sqlite"), Path(str(engine.url.database)))
        else:
            with tempfile.TemporaryDirectory() as folder:
                dump = Path(folder) / "database.dump"
                dump.write_bytes(package.bytes("database.dump"))
                if not _run_postgres("pg_restore", engine.url, "--no-owner", "--exit-on-error", str(dump)):
                    raise Broken("pg_restore is not here or could not restore this backup")
    return _verified(package, url, evidence)


def _dump(connection: Connection, tables: tuple[Table, ...], secrets: bool) -> dict[str, bytes | Path]:
    found: dict[str, bytes | Path] = {}
    for table in tables:
        rows = [dict(r._mapping) for r in connection.execute(select(table).order_by(*table.primary_key.columns))]
        if table is users and not secrets:
            rows = [{**r, **SECRET} for r in rows]
        found[f"data/{table.name}.json"] = canonical(rows).encode()
    return found


def _evidence(desk: Desk) -> dict[str, bytes | Path]:
    names = desk.connection.execute(select(files.c.hash)).scalars()
    found: dict[str, bytes | Path] = {}
    for name in names:
        desk.files.read(name)
        found[f"files/{name}"] = desk.files.path(name)
    return found


def _package(
    desk: Desk,
    content: str,
    method: str,
    path: Path,
    resources: Mapping[str, bytes | Path],
    head: audit.HeadOfDay | None = None,
) -> str:
    head = head or audit.head(desk.connection)
    facts = {
        "format": 1,
        "content": content,
        "method": method,
        "revision": newest(),
        "parties": "-".join(desk.parties),
        "from": desk.side,
        "installation": desk.settings["installation"],
        "head": {"seq": head.seq, "hash": head.hash},
    }
    title = f"{content.title()} of the registry of {desk.side or 'both sides'}"
    return write_package(path, f"birge-{content}", title, audit.stamp(desk.now), facts, resources)


@contextmanager
def _empty(url: str) -> Iterator[Any]:
    """Give an engine of a database in which there is nothing."""
    engine = connect(url)
    try:
        if inspect(engine).get_table_names():
            raise Unready("the database is not empty: bring it back into an empty one")
        yield engine
    finally:
        engine.dispose()


def _restore_rows(package: Package, url: str, evidence: Path | None) -> Registry:
    if package.facts.get("revision") != newest():
        raise Broken(f"was written at revision {package.facts.get('revision')}, this release has {newest()}")
    with _empty(url) as engine:
        migrate(engine)
        try:
            with writing(engine) as connection:
                for table in (*TABLES, *FACTORS):
                    rows = package.rows(f"data/{table.name}.json")
                    for start in range(0, len(rows), BATCH):
                        connection.execute(insert(table), rows[start : start + BATCH])
                if findings := audit.verify(connection):
                    raise Broken(f"its chain does not verify: {findings[0]}", findings=[str(f) for f in findings])
        except (SQLAlchemyError, KeyError, TypeError, ValueError) as error:
            migrate(engine, "base")
            raise Broken("its rows do not fit the tables") from error
        except BaseException:
            migrate(engine, "base")
            raise
    return _verified(package, url, evidence)


def _verified(package: Package, url: str, evidence: Path | None) -> Registry:
    registry = Registry.open(url, evidence)
    for name in package.names:
        if name.startswith("files/"):
            registry.files.write(name.removeprefix("files/"), package.bytes(name))
    with reading(registry.engine) as connection:
        findings = audit.verify(connection)
        head = audit.head(connection)
    if findings or (head.seq, head.hash) != package.head:
        registry.close()
        raise Broken(f"what came back does not verify: {findings[0] if findings else 'another head'}")
    return registry


def _copy_sqlite(source: str, target: Path) -> None:
    """Copy a database that is in use, by SQLite's online backup."""
    origin, copy = sqlite3.connect(source), sqlite3.connect(target)
    try:
        origin.backup(copy)
        for table in ("sessions", "challenges"):
            copy.execute(f"DELETE FROM {table}")
        copy.commit()
        copy.execute("VACUUM")
    finally:
        copy.close()
        origin.close()


def _sqlite_head(path: Path) -> audit.HeadOfDay:
    """Return the head of a copy, which may be newer than the transaction that asked for it."""
    engine = connect(f"sqlite:///{path}")
    try:
        with reading(engine) as connection:
            return audit.head(connection)
    finally:
        engine.dispose()


def _write_sqlite(content: bytes, target: Path) -> None:
    part = target.with_name(f".{target.name}.part")
    part.write_bytes(content)
    part.replace(target)


def _run_postgres(tool: str, url: URL, *options: str) -> bool:
    """Run a PostgreSQL tool on a database; False where it is not here or refuses (an older tool than the server)."""
    if shutil.which(tool) is None:
        return False
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    target = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    done = subprocess.run([tool, f"--dbname={target}", *options], env=environment, capture_output=True, check=False)
    return done.returncode == 0
