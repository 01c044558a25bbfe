"""The small ledger tables that models and lists need, kept beside the snapshots."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.exceptions import PublishError
from segment.ledger.increments import Increment
from segment.policy import Policy
from segment.warehouse import Workspace, write_parquet
from segment.warehouse.tombstones import Erased

COLUMNS: dict[str, tuple[str, ...]] = {
    "branches": ("branch_id", "kind", "region"),
    "accounts": ("account_id", "product", "opened_on", "closed_on"),
    "campaign_outcomes": ("list_id", "customer_id", "contacted_on", "response", "responded_on"),
    "contact_rules": ("customer_id", "rule", "channel", "starts_on", "ends_on"),
    # `birth_date` keeps minors off lists and older customers from machines; no feature reads it, and audits have
    # their own copy (`segment.jobs.protected`)
    "customers": (
        "customer_id",
        "branch_id",
        "joined_on",
        "left_on",
        "birth_date",
        "household_id",
        "life_stage",
        "occupation",
        "is_staff",
    ),
    "holdings": ("account_id", "customer_id", "share"),
    "main_bank_labels": ("customer_id", "observed_on", "main_bank_here", "wallet_elsewhere_12m", "source"),
    "relationship_managers": ("rm_id", "branch_id", "weekly_contacts", "portfolio_limit"),
    "suppression_sources": ("source", "refreshed_on"),
    "tariff_items": ("item_code", "price", "public_since", "legal_basis"),
}


def keep_reference(ledger: Increment, workspace: Workspace, policy: Policy) -> None:
    """Keep what lists need to know of whom they may contact; of customers who were erased, nothing.

    Parameters
    ----------
    ledger : Increment
        Checked.
    workspace : Workspace
        Where to keep it.
    policy : Policy
        Gives each product's family.
    """
    families = {name: product.family for name, product in policy.products.items()}
    erased = Erased.of(workspace)
    for name, columns in COLUMNS.items():
        table = erased.leave_out(ledger.tables[name].select(columns))
        if name == "accounts":
            table = table.with_columns(family=pl.col("product").cast(pl.String).replace_strict(families))
        write_parquet(table, workspace.reference / f"{name}.parquet")


def read_reference(workspace: Workspace) -> dict[str, pl.DataFrame]:
    """Read what was kept.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.

    Returns
    -------
    dict of str to polars.DataFrame

    Raises
    ------
    PublishError
        Where a table is not there: who must not be contacted, say, is then unknown.
    """
    missing = [name for name in COLUMNS if not (workspace.reference / f"{name}.parquet").is_file()]
    if missing:
        raise PublishError.with_hint(
            f"The workspace must hold the small tables of the ledger. Missing: {', '.join(missing)}.",
            "segment extract LEDGER --as-of DATE",
        )
    return {name: pl.read_parquet(workspace.reference / f"{name}.parquet") for name in COLUMNS}


def with_deceased(snapshot: pl.DataFrame, contact_rules: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Mark the customers who are known to have died.

    Parameters
    ----------
    snapshot : polars.DataFrame
        One moment.
    contact_rules : polars.DataFrame
        Of the checked ledger; rules that start after the moment are not read.
    as_of : datetime.date
        The moment.

    Returns
    -------
    polars.DataFrame
        The snapshot with `deceased`.
    """
    known = contact_rules.filter((pl.col("rule").cast(pl.String) == "deceased") & (pl.col("starts_on") <= as_of))
    return snapshot.with_columns(deceased=pl.col("customer_id").is_in(known["customer_id"].implode()))


def managers_by_branch(relationship_managers: pl.DataFrame) -> dict[str, int]:
    """Count each branch's relationship managers, who bound how many customers it can serve as high-value.

    Parameters
    ----------
    relationship_managers : polars.DataFrame
        Of `read_reference`.

    Returns
    -------
    dict of str to int
        By branch.

    Examples
    --------
    >>> managers_by_branch(pl.DataFrame({"rm_id": ["r1", "r2", "r3"], "branch_id": ["b", "a", "b"]}))
    {'a': 1, 'b': 2}
    """
    return dict(relationship_managers.group_by("branch_id").len().sort("branch_id").iter_rows())
