"""Users, their grants, one-time codes and sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _login(key: bool) -> sa.Column[str]:
    return sa.Column("login", sa.String(100), sa.ForeignKey("users.login"), primary_key=key, nullable=False)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "users",
        sa.Column("login", sa.String(100), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("side", sa.String(3), nullable=False),
        sa.Column("organisation", sa.String(64)),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("totp", sa.String(64)),
        sa.Column("totp_step", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.String(27)),
    )
    op.create_table(
        "grants",
        _login(True),
        sa.Column("role", sa.String(16), primary_key=True),
        sa.Column("organisation", sa.String(64), primary_key=True),
        sa.Column("item", sa.String(200), primary_key=True),
    )
    op.create_table("codes", _login(True), sa.Column("hash", sa.String(64), primary_key=True))
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(64), primary_key=True),
        _login(False),
        sa.Column("second_factor", sa.Boolean, nullable=False),
        sa.Column("started", sa.String(27), nullable=False),
        sa.Column("seen", sa.String(27), nullable=False),
    )
    op.create_index("ix_sessions_login", "sessions", ["login"])


def downgrade() -> None:
    """Take back; accounts are lost, records stay."""
    for table in ("sessions", "codes", "grants", "users"):
        op.drop_table(table)
