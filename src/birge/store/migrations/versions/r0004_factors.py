"""Security keys, questions that count once, links to providers; secrets of one-time passwords are sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from birge.store.errors import Unready
from birge.store.sealing import Seal

revision = "0004"
down_revision = "0003"

NO_KEY = "secrets of one-time passwords are to be sealed or opened, and no key was given"


def _login() -> sa.Column[str]:
    return sa.Column("login", sa.String(100), sa.ForeignKey("users.login"), nullable=False)


def _moved(source: str, target: str, seals: bool) -> None:
    """Seal or open the secrets there are; without a key nothing is moved, and the migration stops."""
    seal: Seal | None = context.config.attributes.get("seal")
    users = sa.table("users", sa.column("login"), sa.column(source), sa.column(target))
    held = op.get_bind().execute(sa.select(users.c.login, users.c[source]).where(users.c[source].is_not(None))).all()
    for login, secret in held:
        if seal is None:
            raise Unready(NO_KEY)
        if seals:
            seal.create()
        # what no key here opens is lost with its key; the user gets a new second factor
        moved = seal.seal(login, secret) if seals else seal.open(login, secret)
        op.get_bind().execute(sa.update(users).where(users.c.login == login).values({target: moved}))


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "security_keys",
        sa.Column("id", sa.String(1400), primary_key=True),
        _login(),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("public_key", sa.Text, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("added", sa.String(27), nullable=False),
        sa.Column("used", sa.String(27)),
    )
    op.create_index("ix_security_keys_login", "security_keys", ["login"])
    op.create_table(
        "challenges",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("until", sa.String(27), nullable=False),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(500), primary_key=True),
        sa.Column("claim", sa.String(8), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        _login(),
        sa.Column("second_factor", sa.Boolean, nullable=False),
    )
    op.create_index("ix_identities_login", "identities", ["login"])
    op.add_column("users", sa.Column("totp_sealed", sa.Text))
    _moved("totp", "totp_sealed", seals=True)
    op.drop_column("users", "totp")


def downgrade() -> None:
    """Take back; keys and links are lost, secrets stand readable again."""
    op.add_column("users", sa.Column("totp", sa.String(64)))
    _moved("totp_sealed", "totp", seals=False)
    op.drop_column("users", "totp_sealed")
    for table in ("identities", "challenges", "security_keys"):
        op.drop_table(table)
