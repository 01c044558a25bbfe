"""Migrations of the store's tables, by Alembic, inside the transaction that needs them."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

NEWEST = "0008"
"""The revision that this version of segment works with; a test holds it to the last of `migrations/versions`."""

_FOLDER = Path(__file__).parent / "migrations"
_VERSION = sa.table("alembic_version", sa.column("version_num"))


def is_newest(connection: sa.Connection) -> bool:
    """Say whether every migration is applied."""
    if not sa.inspect(connection).has_table(_VERSION.name):
        return False
    return connection.execute(sa.select(_VERSION.c.version_num)).scalar() == NEWEST


def upgrade(connection: sa.Connection) -> None:
    """Apply the migrations that are missing."""
    # imported where a store is new or old: most commands need none of it
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
