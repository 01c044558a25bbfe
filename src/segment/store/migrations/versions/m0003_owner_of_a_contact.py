"""Who sees to a contact, and the customer's cluster: two more columns of the rows of lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    """Add them; rows of earlier lists say nothing."""
    op.add_column("list_rows", sa.Column("owner", sa.Text()))
    op.add_column("list_rows", sa.Column("cluster", sa.BigInteger()))
