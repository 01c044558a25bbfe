"""Reads the protected columns, for audits alone."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from segment.audit.customer_groups import GroupRecords
from segment.warehouse.protected_columns import FILE
from segment.workspace import Workspace


def read_group_records(workspace: Workspace, reference: Mapping[str, pl.DataFrame]) -> GroupRecords:
    """Put the protected columns beside what the reference tables hold of the groups of customers."""
    return GroupRecords(read_protected(workspace), reference["customers"], reference["contact_rules"])


def read_protected(workspace: Workspace) -> pl.DataFrame:
    """Read the protected columns that the last extract kept."""
    path = workspace.protected / FILE
    return pl.read_parquet(path, glob=False) if path.is_file() else pl.DataFrame(schema={"customer_id": pl.String})
