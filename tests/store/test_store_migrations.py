"""The tables go up and down on both engines, and what must not change cannot."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select
from sqlalchemy.exc import DBAPIError

from birge.errors import InputError
from birge.store.audit import verify
from birge.store.engine import connect, migrate, newest, reading, revision, writing
from birge.store.errors import Unready
from birge.store.registry import Registry
from birge.store.tables import audit, history, jobs, metadata, records


def test_up_down_and_up_again(new_url: Callable[[], str]) -> None:
    engine = connect(new_url())
    assert revision(engine) is None
    for to, expected in (("head", newest()), ("0001", "0001"), ("base", None), ("head", newest())):
        migrate(engine, to)
        assert revision(engine) == expected
        names = set(inspect(engine).get_table_names()) - {"alembic_version"}
        assert ("users" in names) == (expected == newest())
        assert ("security_keys" in names) == (expected == newest())
        assert ("records" in names) == (expected is not None)
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


@pytest.mark.parametrize("table", ["audit", "history"])
@pytest.mark.parametrize("change", ["UPDATE {t} SET hash = 'x'", "DELETE FROM {t}", "TRUNCATE {t} CASCADE"])
def test_the_audit_and_the_history_are_append_only(joint: Registry, table: str, change: str) -> None:
    if "TRUNCATE" in change and joint.engine.dialect.name == "sqlite":
        change = "DELETE FROM {t} WHERE 1"
    with pytest.raises(DBAPIError, match="append-only"), writing(joint.engine) as connection:
        connection.exec_driver_sql(change.format(t=table))


def test_a_database_without_or_with_another_registry_is_refused(new_url: Callable[[], str]) -> None:
    url = new_url()
    with pytest.raises(Unready, match="no registry"):
        Registry.open(url)
    Registry.create(url, ("GEO", "ARM")).close()
    with pytest.raises(Unready, match="already"):
        Registry.create(url, ("GEO", "ARM"))
    engine = connect(url)
    migrate(engine, "0001")
    engine.dispose()
    with pytest.raises(Unready, match="revision 0001"):
        Registry.open(url)


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "postgresql://nobody@/x?host=/nowhere"])
def test_a_url_that_is_no_database_is_refused_plainly(url: str) -> None:
    with pytest.raises(InputError):
        Registry.create(url, ("GEO", "ARM"))


def test_records_survive_going_down_to_the_first_revision_and_up(joint: Registry) -> None:
    def contents() -> list[list[tuple[object, ...]]]:
        with reading(joint.engine) as connection:
            return [[tuple(r) for r in connection.execute(select(t))] for t in (records, history, audit)]

    before = contents()
    migrate(joint.engine, "0001")
    migrate(joint.engine)
    assert contents() == before
    with reading(joint.engine) as connection:
        found = verify(connection)
    assert found
    assert {f.what for f in found} == {"was granted and is missing", "was added and is missing"}


def test_jobs_that_an_earlier_release_made_on_start_are_kept(new_url: Callable[[], str]) -> None:
    engine = connect(new_url())
    migrate(engine, "0002")
    columns = (
        "id VARCHAR(36) NOT NULL PRIMARY KEY, login VARCHAR(100) NOT NULL, side VARCHAR(3) NOT NULL,"
        " asked TEXT NOT NULL, state VARCHAR(16) NOT NULL, what VARCHAR(200) NOT NULL, share INTEGER NOT NULL,"
        " queued VARCHAR(32) NOT NULL, seen VARCHAR(32) NOT NULL, run VARCHAR(36), shown TEXT"
    )
    values = ("x", "worker", "GEO", "{}", "done", "done", 100, "2026-01-01", "2026-01-01", None, "{}")
    with writing(engine) as connection:
        connection.exec_driver_sql(f"CREATE TABLE jobs ({columns})")
        connection.execute(jobs.insert().values(dict(zip(jobs.c.keys(), values, strict=False))))
    migrate(engine)
    with reading(engine) as connection:
        assert [tuple(r) for r in connection.execute(select(jobs))] == [(*values, 0)]
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    migrate(engine, "0002")
    assert not {"jobs", "secrets"} & set(inspect(engine).get_table_names())
    migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(select(jobs)).all() == []
    engine.dispose()
