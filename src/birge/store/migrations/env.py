"""Run the revisions on the connection that `birge.store.engine.migrate` passes in."""

from __future__ import annotations

from alembic import context

from birge.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
