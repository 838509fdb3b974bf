"""Whoever changes a row behind the registry's back is found: every column of every table, every row, both engines."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Connection, Integer, Table, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from birge.plan.schema import State
from birge.store import accounts
from birge.store.audit import verify
from birge.store.engine import reading, writing
from birge.store.kinds import Comment, Progress
from birge.store.progress import attach, report
from birge.store.records import create
from birge.store.registry import OPERATOR, Registry
from birge.store.security_keys import Site, register, registration
from birge.store.tables import (
    APPEND_ONLY,
    audit,
    codes,
    files,
    grants,
    history,
    identities,
    metadata,
    records,
    security_keys,
    settings,
    users,
)
from tests.store.registries import agree
from tests.store.soft_key import SoftKey

# what the chain does not hold, and why that is so
FREE = {
    "sessions.*": "ends within hours and gives no right that its login has not",
    "users.totp_step": "counts up at every sign-in",
    "users.failures": "counts up at every failure",
    "users.locked_until": "passes by itself",
    "security_keys.sign_count": "counts up at every sign-in",
    "security_keys.used": "moves at every sign-in",
    "challenges.*": "counts once, within minutes",
    "secrets.*": "protects the forms of one installation, and can be made anew",
    "jobs.*": "holds nothing that cannot be computed again",
}
NAMES = {
    records: "record {id}",
    history: "history {record} version {version}",
    audit: "audit {seq}",
    grants: "grant {login}",
    users: "user {login}",
    codes: "codes {login}",
    files: "file {hash}",
    settings: "setting {name}",
    security_keys: "security key {id}",
    identities: "link {issuer} {subject}",
}


@pytest.fixture
def kept(make: Callable[..., Registry]) -> Registry:
    """Return a registry in which every table has rows."""
    registry = make()
    agree(registry)
    with registry.desk(OPERATOR) as desk:
        accounts.set_password(desk, "reporter-geo", "a long enough password")
        accounts.new_totp(desk, "reporter-geo")
        accounts.new_codes(desk, "reporter-geo", 2)
        accounts.link(desk, "reporter-geo", "https://id.example", "r-1")
        accounts.add_user(desk, "guest", "A Guest", "ARM", "desk")
        accounts.grant(desk, "guest", "viewer", "desk", "draft")
        accounts.set_active(desk, "guest", False)
    with registry.desk("reporter-geo") as desk:
        proof = attach(desk, io.BytesIO(b"minutes of the day"), "minutes.txt")
        day = desk.now.date()
        report(desk, Progress(item="draft", reported=day, state=State.IN_PROGRESS, evidence=(proof,)))
        create(desk, "comment", Comment(id="c", on="draft", text="ask again"))
    key, site = SoftKey(), Site("plan.example", ("https://plan.example",))
    with registry.desk("reporter-geo") as desk:
        options = registration(desk, "a session", site)
        assert register(desk, "a session", site, "blue", key.make(options, site.origins[0], site.name))
    with reading(registry.engine) as connection:
        assert verify(connection) == []
    return registry


def columns() -> list[tuple[Table, Column[Any]]]:
    """Return every column that the chain has to hold."""
    return [
        (t, c)
        for t in metadata.sorted_tables
        for c in t.columns
        if f"{t.name}.*" not in FREE and f"{t.name}.{c.name}" not in FREE
    ]


def unguarded(connection: Connection) -> None:
    """Do as somebody with the rights of the database's owner: no trigger, no foreign key."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in found:
            connection.execute(text(f"DROP TRIGGER {name}"))
    else:
        connection.execute(text("SET session_replication_role = replica"))


def another(column: Column[Any], value: Any) -> Any:
    """Return another value of a column's kind and length."""
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Integer):
        return value + 1
    if value is None:
        return "x"
    return f"{value[:-1]}{'b' if value.endswith('a') else 'a'}"


class Undone(Exception):
    """Ends a transaction without a trace."""


def findings(registry: Registry, change: Callable[[Connection], None]) -> list[str]:
    """Return what `verify` says after a change, which is then undone."""
    found: list[str] = []
    try:
        with writing(registry.engine) as connection:
            if connection.dialect.name == "sqlite":
                connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            unguarded(connection)
            change(connection)
            found = [str(f) for f in verify(connection)]
            raise Undone
    except Undone:
        pass
    return found


def here(table: Table, row: Any) -> Any:
    """Return the condition that names a row."""
    return [c == row._mapping[c.name] for c in table.primary_key.columns]


def test_every_column_is_held_by_the_chain_or_said_not_to_be(kept: Registry) -> None:
    missed = []
    for table, column in columns():
        with reading(kept.engine) as connection:
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
        assert rows, f"{table.name} has no row to change"
        assert table in NAMES, f"say how `verify` names a row of {table.name}, or why the chain does not hold it"
        rows = [r for r in rows if r._mapping[column.name] is not None] or rows
        for row in (rows[0], rows[len(rows) // 2], rows[-1]):
            value = another(column, row._mapping[column.name])
            try:
                found = findings(
                    kept,
                    lambda c, t=table, r=row, n=column.name, v=value: c.execute(  # type: ignore[misc]
                        update(t).where(*here(t, r)).values({n: v})
                    ),
                )
            except IntegrityError:
                continue  # the table itself refuses this value
            place = NAMES[table].format(**row._mapping)
            now = NAMES[table].format(**{**row._mapping, column.name: value})
            if not any(f.startswith((place, now)) for f in found):
                missed.append((table.name, column.name, place, found[:2]))
    assert missed == []


def test_every_row_that_is_taken_away_is_missed(kept: Registry) -> None:
    for table, named in NAMES.items():
        with reading(kept.engine) as connection:
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
        if table is audit:
            rows = rows[:-1]  # an end cut off is found by the head that the other side holds
        for row in (rows[0], rows[-1]):
            if table is codes:
                continue  # a code that was used is gone, too
            found = findings(kept, lambda c, t=table, r=row: c.execute(delete(t).where(*here(t, r))))  # type: ignore[misc]
            place = named.format(**row._mapping)
            assert any(f.startswith(place) for f in found), (table.name, place, found[:2])


def test_every_row_that_is_put_in_is_found(kept: Registry) -> None:
    for table, named in NAMES.items():
        with reading(kept.engine) as connection:
            row = dict(connection.execute(select(table).order_by(*table.primary_key.columns)).all()[-1]._mapping)
        key = list(table.primary_key.columns)[-1]
        row[key.name] = another(key, row[key.name]) if not isinstance(key.type, Integer) else row[key.name] + 1
        if table is records:
            row["key"] += "2"
        if table is audit:
            row["hash"] = "0" * 64
        found = findings(kept, lambda c, t=table, r=row: c.execute(insert(t).values(**r)))  # type: ignore[misc]
        place = named.format(**row)
        assert any(f.startswith(place) for f in found), (table.name, place, found[:2])


def test_what_is_append_only_is_so_for_the_application_itself(kept: Registry) -> None:
    for name in APPEND_ONLY:
        table = metadata.tables[name]
        for change in (update(table).values({list(table.columns)[-1].name: "x"}), delete(table)):
            with pytest.raises(Exception, match="append"), writing(kept.engine) as connection:
                connection.execute(change)


def test_a_file_that_was_changed_or_is_gone_is_named(kept: Registry) -> None:
    with reading(kept.engine) as connection:
        name = str(connection.execute(select(files.c.hash)).scalar_one())
        assert verify(connection, kept.files) == []
        place = kept.files.path(name)
        place.write_bytes(b"minutes of the daz")
        assert [f.where for f in verify(connection, kept.files)] == [f"file {name}"]
        place.unlink()
        assert [f.where for f in verify(connection, kept.files)] == [f"file {name}"]
