"""One customer as whoever serves them sees them: what is held, by month, with every earlier tier and contact."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from segment.contribution import LINES
from segment.features import months_written
from segment.features.store import month_file
from segment.jobs.rights.explain import Explained, explain
from segment.policy import Policy
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS, OUTCOMES
from segment.warehouse.tiers_table import tier_history
from segment.workspace import Workspace

MONTHS = 24


@dataclass(frozen=True)
class CustomerView:
    """A customer, for the page."""

    explained: Explained
    months: pl.DataFrame  # `month`, each line, `income`, `cost`, `contribution`; oldest first
    history: pl.DataFrame  # `as_of`, `tier`, newest first
    contacts: pl.DataFrame  # `list_on`, `programme`, `arm`, `channel`, `response`, `contacted_on`, newest first


def customer_view(customer_id: str, as_of: dt.date, workspace: Workspace, policy: Policy) -> CustomerView:
    """Gather what the page shows of a customer.

    Parameters
    ----------
    customer_id : str
        Who.
    as_of : datetime.date
        Date of the published tiers.
    workspace : Workspace
        Holds tiers, customer months, lists and outcomes.
    policy : Policy
        As `explain` takes it.

    Returns
    -------
    CustomerView

    Raises
    ------
    NotPublishedError
        As `explain` raises it.
    """
    explained = explain(customer_id, as_of, workspace, policy)
    listed = read_rows(workspace, LIST_ROWS, "customer_id", [customer_id])
    outcomes = read_rows(workspace, OUTCOMES, "customer_id", [customer_id])
    contacts = listed.select("list_id", "list_on", "programme", "arm", "channel").join(
        outcomes.select("list_id", "response", "contacted_on"), on="list_id", how="left", maintain_order="left"
    )
    files = [month_file(workspace.customer_months, month) for month in months_written(workspace.customer_months, as_of)]
    return CustomerView(
        explained,
        _by_month(pl.scan_parquet(files[-MONTHS:], glob=False).filter(pl.col("customer_id") == customer_id)),
        tier_history(workspace.tiers, customer_id),
        contacts.sort("list_id", descending=True),
    )


def _by_month(rows: pl.LazyFrame) -> pl.DataFrame:
    income, cost = ([line.name for line in LINES if line.side == side] for side in ("income", "cost"))
    lines = [*income, *cost]
    summed = rows.select("month", *lines).collect().sort("month")
    summed = summed.with_columns(income=pl.sum_horizontal(income), cost=pl.sum_horizontal(cost))
    return summed.with_columns(contribution=pl.col("income") - pl.col("cost"))
