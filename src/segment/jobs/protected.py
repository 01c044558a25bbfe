"""Columns of customers that audits alone may read, kept apart from what features and lists are made of."""

from __future__ import annotations

from segment.ledger.increments import Increment
from segment.policy import Policy
from segment.warehouse import Workspace, write_parquet
from segment.warehouse.tombstones import Erased

KEPT_FOR = {"birth_date": "age_band", "sex": "sex", "region": "region"}
"""Column of the ledger, and the attribute of the policy's `[audit]` that needs it."""

FILE = "customers.parquet"


def keep_protected(ledger: Increment, workspace: Workspace, policy: Policy) -> None:
    """Keep the protected columns that the policy's audit asks for; of customers who were erased, nothing.

    Parameters
    ----------
    ledger : Increment
        Checked.
    workspace : Workspace
        Gets a file that its owner alone can read.
    policy : Policy
        Its `[audit] attributes`; a column that none of them needs is not kept.
    """
    wanted = [column for column, attribute in KEPT_FOR.items() if attribute in policy.audit.attributes]
    people = Erased.of(workspace).leave_out(ledger.tables["customers"].select("customer_id", *wanted))
    write_parquet(people, workspace.protected / FILE)
