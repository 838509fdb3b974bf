"""A registry at a URL: create it, open it, sit down at a desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from uuid import uuid4

from sqlalchemy import Engine, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from birge.errors import InputError
from birge.store.access import Actor
from birge.store.accounts import actor
from birge.store.audit import append
from birge.store.desk import Desk
from birge.store.engine import connect, migrate, newest, reading, revision, writing
from birge.store.errors import Unready
from birge.store.evidence import Files
from birge.store.sealing import Seal, key_path
from birge.store.tables import secrets, settings

__all__ = ["ANYONE", "OPERATOR", "Registry", "evidence_folder"]

ANYONE = Actor("", "anyone", "")
OPERATOR = Actor("operator", "the operator", "", operator=True)


def _now() -> datetime:
    return datetime.now(UTC)


class Registry:
    """The registry in a database. `files` is the folder of the evidence; beside a SQLite file if not given."""

    def __init__(self, engine: Engine, files: Path, clock: Callable[[], datetime] = _now) -> None:
        self.engine = engine
        self.files = Files(files)
        self.seal = Seal(key_path(files))
        self.clock = clock

    @classmethod
    def create(
        cls,
        url: str,
        parties: tuple[str, str],
        side: str = "",
        files: Path | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> Registry:
        """Make the tables and the key that seals secrets, and found the chain.

        `side` is the side that works here; empty for a joint server.

        Raises Unready if there is a registry already.
        """
        if side not in (*parties, ""):
            raise InputError.at("--side", "side", f"{side!r} is not a side", f"use {' or '.join(parties)}")
        engine = connect(url)
        with _checked(engine):
            _reach(engine, url)
            if revision(engine) is not None:
                raise Unready(f"there is a registry at {_shown(url)} already")
        migrate(engine)
        registry = cls(engine, files or evidence_folder(url), clock)
        registry.seal.create()
        ident = str(uuid4())
        with writing(engine) as connection:
            for name, value in (("installation", ident), ("side", side), ("parties", "-".join(parties))):
                connection.execute(insert(settings).values(name=name, value=value))
            append(
                connection,
                clock(),
                OPERATOR.login,
                side,
                "found",
                installation=ident,
                of=side,
                parties="-".join(parties),
            )
        return registry

    @classmethod
    def open(cls, url: str, files: Path | None = None, clock: Callable[[], datetime] = _now) -> Registry:
        """Open a registry; raises Unready if there is none or its tables are of another release."""
        engine = connect(url)
        with _checked(engine):
            _reach(engine, url, create=False)
            found = revision(engine)
            if found is None:
                raise Unready(f"there is no registry at {_shown(url)}: run `birge registry init`")
            if found != newest():
                raise Unready(
                    f"the registry has revision {found}, this release {newest()}: run `birge registry upgrade`"
                )
        return cls(engine, files or evidence_folder(url), clock)

    @contextmanager
    def desk(self, who: str | Actor) -> Iterator[Desk]:
        """Give a desk that reads and writes in one transaction: all of it holds, or nothing."""
        with writing(self.engine) as connection:
            desk = Desk(connection, who if isinstance(who, Actor) else OPERATOR, self.clock(), self.files, self.seal)
            if isinstance(who, str):
                desk.actor = actor(desk, who)
            yield desk

    @contextmanager
    def view(self, who: str | Actor) -> Iterator[Desk]:
        """Give a desk that only reads."""
        with reading(self.engine) as connection:
            desk = Desk(connection, who if isinstance(who, Actor) else OPERATOR, self.clock(), self.files, self.seal)
            if isinstance(who, str):
                desk.actor = actor(desk, who)
            yield desk

    def setting(self, name: str) -> str:
        """Return a setting of the installation."""
        with reading(self.engine) as connection:
            return str(connection.execute(select(settings.c.value).where(settings.c.name == name)).scalar_one())

    def secret(self, name: str) -> bytes:
        """Return a secret of the installation, the same for all its processes and after a restart; made on first use.

        It lies in a table that no package holds.
        """
        held = select(secrets.c.value).where(secrets.c.name == name)
        with reading(self.engine) as connection:
            found = connection.execute(held).scalar()
        if found is None:
            with writing(self.engine) as connection:
                found = connection.execute(held).scalar()
                if found is None:
                    found = token_hex(32)
                    connection.execute(insert(secrets).values(name=name, value=found))
        return bytes.fromhex(str(found))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextmanager
def _checked(engine: Engine) -> Iterator[None]:
    """Close the engine if what is done with it fails."""
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def evidence_folder(url: str) -> Path:
    """Return the folder of the files: beside a SQLite file, else in the working directory."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        return Path(f"{parsed.database}.files")
    return Path("birge.files")


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _reach(engine: Engine, url: str, create: bool = True) -> None:
    """Try the database; say plainly where it cannot be reached."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise InputError.at("--url", "url", "a registry needs a file", "use sqlite:///FILE")
        if not create and not Path(parsed.database).exists():
            raise Unready(f"there is no registry at {_shown(url)}: run `birge registry init`")
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        engine.connect().close()
    except OperationalError as error:
        what = str(error.orig).splitlines()[0]
        raise InputError.at(
            "--url", "database", f"{_shown(url)}: {what}", "check that the server runs and lets you in"
        ) from error
