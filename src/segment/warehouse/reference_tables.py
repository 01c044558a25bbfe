"""The small ledger tables that models and lists need, kept beside the snapshots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from segment.exceptions import WorkspaceError
from segment.files import write_parquet
from segment.policy import Policy
from segment.store.tombstones import Erased
from segment.workspace import Workspace

COLUMNS: dict[str, tuple[str, ...]] = {
    "branches": ("branch_id", "kind", "region", "name", "counters", "opening_hours_week"),
    "accounts": ("account_id", "product", "opened_on", "closed_on", "matures_on"),
    "campaign_outcomes": ("list_id", "customer_id", "contacted_on", "response", "responded_on"),
    "contact_rules": ("customer_id", "rule", "channel", "starts_on", "ends_on"),
    # `birth_date` keeps minors off lists and older customers from machines; no feature reads it, and audits have
    # their own copy (`segment.warehouse.protected_columns`)
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
    "relationship_managers": (
        *("rm_id", "branch_id", "weekly_contacts", "portfolio_limit"),
        *("name", "hours_week", "skills"),
    ),
    "suppression_sources": ("source", "refreshed_on"),
    "tariff_items": ("item_code", "price", "public_since", "legal_basis", "name"),
}


def write_reference(
    tables: Mapping[str, pl.DataFrame], workspace: Workspace, policy: Policy
) -> dict[str, pl.DataFrame]:
    """Write what models and lists need of the small tables, and return it; of customers who were erased, nothing."""
    families = {name: product.family for name, product in policy.products.items()}
    erased, written = Erased.of(workspace), {}
    for name, columns in COLUMNS.items():
        table = erased.leave_out(tables[name].select(columns))
        if name == "accounts":
            table = table.with_columns(family=pl.col("product").cast(pl.String).replace_strict(families))
        write_parquet(table, workspace.reference / f"{name}.parquet")
        written[name] = table
    return written


def read_reference(workspace: Workspace) -> dict[str, pl.DataFrame]:
    """Read the small tables."""
    return read_small_tables(workspace, tuple(COLUMNS))


def read_small_tables(workspace: Workspace, names: Sequence[str]) -> dict[str, pl.DataFrame]:
    """Read some of the small tables."""
    missing = [name for name in names if not (workspace.reference / f"{name}.parquet").is_file()]
    if missing:
        raise WorkspaceError.of("errors.no_small_tables", missing=missing)
    return {name: _read(workspace.reference / f"{name}.parquet", COLUMNS[name]) for name in names}


def read_small_table(workspace: Workspace, name: str) -> pl.DataFrame:
    """Read one of the small tables."""
    return read_small_tables(workspace, [name])[name]


def _read(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    table = pl.read_parquet(path, glob=False)
    # an earlier release wrote fewer columns
    return table.with_columns(pl.lit(None).alias(column) for column in columns if column not in table.columns)


def names_of(table: pl.DataFrame) -> dict[str, str]:
    """Names of branches or advisers beside their codes; a code that is its own name stands alone."""
    named = table.select(pl.first(), "name").drop_nulls() if "name" in table.columns else pl.DataFrame()
    return {code: code if name == code else f"{name} ({code})" for code, name in named.iter_rows()}


def branch_names(workspace: Workspace) -> dict[str, str]:
    """Names of the branches as the last extract has them; none where there was no extract here."""
    path = workspace.reference / "branches.parquet"
    return names_of(pl.read_parquet(path, glob=False)) if path.is_file() else {}


def with_circumstances(snapshot: pl.DataFrame, tables: Mapping[str, pl.DataFrame], as_of: dt.date) -> pl.DataFrame:
    """Mark the customers who are known to have died, and name each one's household."""
    rules, households = tables["contact_rules"], tables["customers"].select("customer_id", "household_id")
    deaths = rules.filter((pl.col("rule").cast(pl.String) == "deceased") & (pl.col("starts_on") <= as_of))
    named = snapshot.join(households, on="customer_id", how="left", maintain_order="left")
    return named.with_columns(deceased=pl.col("customer_id").is_in(deaths["customer_id"].implode()))


def managers_by_branch(relationship_managers: pl.DataFrame) -> dict[str, int]:
    """Count each branch's relationship managers, who bound how many customers it can serve as high-value."""
    return dict(relationship_managers.group_by("branch_id", maintain_order=True).len().sort("branch_id").iter_rows())
