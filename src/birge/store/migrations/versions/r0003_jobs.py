"""Jobs, which earlier releases made on start and so may be there, and secrets that never leave the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    tries = sa.Column("tries", sa.Integer, nullable=False, server_default="0")
    if "jobs" in sa.inspect(op.get_bind()).get_table_names():
        op.add_column("jobs", tries)
    else:
        op.create_table(
            "jobs",
            sa.Column("id", sa.String(36), primary_key=True),
            sa.Column("login", sa.String(100), nullable=False),
            sa.Column("side", sa.String(3), nullable=False),
            sa.Column("asked", sa.Text, nullable=False),
            sa.Column("state", sa.String(16), nullable=False),
            sa.Column("what", sa.String(200), nullable=False),
            sa.Column("share", sa.Integer, nullable=False),
            sa.Column("queued", sa.String(32), nullable=False),
            sa.Column("seen", sa.String(32), nullable=False),
            sa.Column("run", sa.String(36)),
            sa.Column("shown", sa.Text),
            tries,
        )
    op.create_index("ix_jobs_state", "jobs", ["state", "seen"])
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Take back; jobs and drawings of runs are lost and can be made again, forms that are open have to be reloaded."""
    for table in ("secrets", "jobs"):
        op.drop_table(table)
