"""Columns of customers that audits alone may read, kept apart from what features and lists are made of."""

from __future__ import annotations

import polars as pl

from segment.files import write_parquet
from segment.policy import Policy
from segment.store.tombstones import Erased
from segment.workspace import Workspace

ATTRIBUTES = {"birth_date": "age_band", "sex": "sex", "region": "region"}
"""Column of the ledger, and the attribute of the policy's `[audit]` that needs it."""

FILE = "customers.parquet"


def write_protected(customers: pl.DataFrame, workspace: Workspace, policy: Policy) -> None:
    """Write the protected columns that the policy's audit asks for; of customers who were erased, nothing."""
    wanted = [column for column, attribute in ATTRIBUTES.items() if attribute in policy.audit.attributes]
    customers = Erased.of(workspace).leave_out(customers.select("customer_id", *wanted))
    write_parquet(customers, workspace.protected / FILE)
