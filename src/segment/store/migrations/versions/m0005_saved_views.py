"""Views of the customers' table that people saved by name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0005", "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "saved_views",
        sa.Column("owner", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("address", sa.Text(), nullable=False),
    )
