"""Migrations of the store; Alembic runs them, see `segment.store.migrate`."""
