"""Registries on both engines: SQLite files, and databases of one real PostgreSQL server per test run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from birge.store.registry import Registry
from tests.store.registries import PAIR, Clock, agree, populate


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """A function that makes the URL of an empty database, on each engine in turn."""
    if request.param == "sqlite":
        yield lambda: f"sqlite:///{tmp_path / uuid4().hex}.sqlite"
        return
    fresh: Callable[[], str] = request.getfixturevalue("postgresql")
    yield fresh


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
