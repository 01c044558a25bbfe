"""Rows of lists, outcomes and reviews are found by customer, branch or programme without reading all."""

from __future__ import annotations

from alembic import op

revision, down_revision = "0008", "0007"

_COLUMNS = {
    "outcomes": ("customer_id",),
    "reviews": ("branch_id", "customer_id"),
    "list_rows": ("branch_id", "customer_id", "programme"),
}


def upgrade() -> None:
    """Add the indices."""
    for table, columns in _COLUMNS.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
