"""What Alembic runs: the migrations, on the connection of the act that needs them."""

from __future__ import annotations

from alembic import context

from segment.store.stored_tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
