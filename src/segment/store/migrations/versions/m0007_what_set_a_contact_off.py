"""The event that set a contact off, its day and figure, and what it said of the chance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0007", "0006"


def upgrade() -> None:
    """Add them; rows of earlier lists name no event."""
    op.add_column("list_rows", sa.Column("trigger", sa.Text()))
    op.add_column("list_rows", sa.Column("trigger_on", sa.Date()))
    op.add_column("list_rows", sa.Column("trigger_amount", sa.Double()))
    op.add_column("list_rows", sa.Column("trigger_evidence", sa.Double()))
