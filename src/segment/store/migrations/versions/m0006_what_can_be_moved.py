"""How likely there is something to move: one more column of the rows of lists, from which chances are learned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0006", "0005"


def upgrade() -> None:
    """Add it; rows of earlier lists say nothing."""
    op.add_column("list_rows", sa.Column("movable_probability", sa.Double()))
