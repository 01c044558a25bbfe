"""What an offer is worth over the years: two more columns of the rows of lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    """Add them; rows of earlier lists say nothing."""
    op.add_column("list_rows", sa.Column("expected_net_value", sa.Double()))
    op.add_column("list_rows", sa.Column("value_horizon_months", sa.BigInteger()))
