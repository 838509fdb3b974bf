"""The tables. Times are ISO texts in UTC and contents canonical JSON, so that both engines hold the same bytes.

`records` says where a record stands, `history` holds every version's content, `audit` the chain. The other tables
belong to the installation and never leave it in a package.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = [
    "APPEND_ONLY",
    "audit",
    "challenges",
    "codes",
    "files",
    "grants",
    "history",
    "identities",
    "jobs",
    "metadata",
    "records",
    "secrets",
    "security_keys",
    "sessions",
    "settings",
    "users",
]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

settings = Table(
    "settings", metadata, Column("name", String(32), primary_key=True), Column("value", Text, nullable=False)
)

records = Table(
    "records",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("key", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("side", String(3), nullable=False),
    Column("version", Integer, nullable=False),
    Column("submitted", Integer, nullable=False),
    Column("shared", Integer, nullable=False),
    Column("published", Integer, nullable=False),
    UniqueConstraint("kind", "side", "key"),
    CheckConstraint(
        "version >= 1 AND submitted >= 0 AND shared >= 0 AND published >= 0"
        " AND submitted <= version AND shared <= submitted AND published <= shared",
        name="marks",
    ),
    Index("ix_records_subject", "subject"),
)

history = Table(
    "history",
    metadata,
    Column("record", String(36), ForeignKey("records.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("payload", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("author", String(100), nullable=False),
    Column("at", String(27), nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("entry", Text, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)

files = Table(
    "files",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("media", String(100), nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("login", String(100), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("side", String(3), nullable=False),
    Column("organisation", String(64)),
    Column("active", Boolean, nullable=False),
    Column("password", Text),
    Column("totp_sealed", Text),
    Column("totp_step", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", String(27)),
)

grants = Table(
    "grants",
    metadata,
    Column("login", String(100), ForeignKey("users.login"), primary_key=True),
    Column("role", String(16), primary_key=True),
    Column("organisation", String(64), primary_key=True),
    Column("item", String(200), primary_key=True),
)

codes = Table(
    "codes",
    metadata,
    Column("login", String(100), ForeignKey("users.login"), primary_key=True),
    Column("hash", String(64), primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("login", String(100), ForeignKey("users.login"), nullable=False),
    Column("second_factor", Boolean, nullable=False),
    Column("started", String(27), nullable=False),
    Column("seen", String(27), nullable=False),
    Index("ix_sessions_login", "login"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("login", String(100), nullable=False),
    Column("side", String(3), nullable=False),
    Column("asked", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("what", String(200), nullable=False),
    Column("share", Integer, nullable=False),
    Column("queued", String(32), nullable=False),
    Column("seen", String(32), nullable=False),
    Column("run", String(36)),
    Column("shown", Text),
    Column("tries", Integer, nullable=False, server_default="0"),
    Index("ix_jobs_state", "state", "seen"),
)

secrets = Table(
    "secrets", metadata, Column("name", String(32), primary_key=True), Column("value", Text, nullable=False)
)

security_keys = Table(
    "security_keys",
    metadata,
    Column("id", String(1400), primary_key=True),
    Column("login", String(100), ForeignKey("users.login"), nullable=False),
    Column("name", String(60), nullable=False),
    Column("public_key", Text, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("added", String(27), nullable=False),
    Column("used", String(27)),
    Index("ix_security_keys_login", "login"),
)

challenges = Table(
    "challenges",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("secret", Text, nullable=False),
    Column("until", String(27), nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", String(500), primary_key=True),
    Column("claim", String(8), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("login", String(100), ForeignKey("users.login"), nullable=False),
    Column("second_factor", Boolean, nullable=False),
    Index("ix_identities_login", "login"),
)

APPEND_ONLY = ("audit", "history")
