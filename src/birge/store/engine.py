"""One code path to SQLite and PostgreSQL: engines, transactions and migrations.

A reading transaction sees one state of the database. A writing transaction is alone: SQLite takes the write lock at its
start (BEGIN IMMEDIATE), PostgreSQL an advisory lock, so that the audit chain has no forks. Both acknowledge a commit
only when it is on disk. Who only touches rows outside the chain (jobs) says `chained=False` and on PostgreSQL waits for
nobody.

A second writing transaction on a thread that has one would wait for itself for ever; it is refused with a Nested.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock, local
from typing import Any
from weakref import WeakKeyDictionary

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from birge.errors import InputError
from birge.store.errors import Nested
from birge.store.sealing import Seal

__all__ = ["compact", "connect", "migrate", "newest", "reading", "revision", "writing"]

LOCK = 0x42697267  # any fixed number: all writers of a database ask for the same lock
WAIT_S = 60


def connect(url: str) -> Engine:
    """Return an engine for `sqlite:///file` or `postgresql://…`; raises InputError for anything else."""
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise NoSuchModuleError(parsed.drivername)
        if parsed.get_backend_name() == "sqlite":
            engine = create_engine(parsed, connect_args={"timeout": WAIT_S, "check_same_thread": False})
            event.listen(engine, "connect", _pragmas)
        else:
            engine = create_engine(parsed, pool_size=20, max_overflow=40, pool_timeout=WAIT_S)
    except (ArgumentError, NoSuchModuleError) as error:
        raise InputError.at(
            "--url", "url", f"{url!r} names no database", "use sqlite:///FILE or postgresql://…"
        ) from error
    except ModuleNotFoundError as error:
        raise InputError.at(
            "--url", "url", f"{error.name} is not installed", "pip install 'birge[postgres]'"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", _begin)
    return engine


def _pragmas(connection: Any, _record: Any) -> None:
    # isolation_level None: the driver begins nothing by itself, `_begin` does, DDL included
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


_QUEUES: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()
"""Writers of one process wait in line here: SQLite's own waiting is by polling, and some poll for seconds in vain."""


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that only reads."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


class _Open(local):
    """The engines on which this thread is writing."""

    def __init__(self) -> None:
        self.engines: set[int] = set()


_OPEN = _Open()


@contextmanager
def writing(engine: Engine, chained: bool = True) -> Iterator[Connection]:
    """Give a transaction that writes; it commits at the end or, on any error, leaves no trace.

    It is the only writer, so that the chain has no forks. With `chained=False` it is for tables outside the chain: on
    PostgreSQL it waits for rows only. Raises Nested where this thread is writing already.
    """
    if id(engine) in _OPEN.engines:
        raise Nested("this thread is writing to the registry already: pass its desk on instead of opening another")
    _OPEN.engines.add(id(engine))
    try:
        line = _QUEUES.setdefault(engine, Lock()) if engine.dialect.name == "sqlite" else nullcontext()
        with line, engine.connect() as connection:
            connection.execution_options(writes=True)
            with connection.begin():
                if chained and engine.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                yield connection
    finally:
        _OPEN.engines.discard(id(engine))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def newest() -> str | None:
    """Return the revision this release works with."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def revision(engine: Engine) -> str | None:
    """Return the revision of the database; None where there is no registry."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(engine: Engine, to: str = "head", seal: Seal | None = None) -> None:
    """Bring the database to a revision, up or down (`base` empties it); `seal` is for secrets that stand in it."""
    config = _config()
    config.attributes["seal"] = seal
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        known = MigrationContext.configure(connection).get_current_revision()
        order = [s.revision for s in ScriptDirectory.from_config(config).walk_revisions()]
        down = to == "base" or (to in order and known in order and order.index(to) > order.index(known))
        (command.downgrade if down else command.upgrade)(config, to)


def compact(engine: Engine) -> None:
    """Write the database anew, so that what was overwritten or deleted is no longer in its files."""
    connection = engine.raw_connection()
    try:
        if engine.dialect.name == "postgresql":
            connection.driver_connection.autocommit = True  # type: ignore[union-attr]
            connection.cursor().execute("VACUUM FULL users")
        else:
            connection.cursor().execute("VACUUM")
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.invalidate()
