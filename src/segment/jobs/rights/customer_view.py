"""One customer as whoever serves them sees them: what was published, by month, with every earlier tier and contact."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from segment.contribution import LINES
from segment.jobs.publish.customer_drawers import read_drawer
from segment.jobs.rights.explain import facts_of, standing_objections
from segment.jobs.rights.explained import CustomerFacts
from segment.policy import Policy
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS, OBJECTIONS, OUTCOMES
from segment.store.transactions import reading
from segment.warehouse.serving_copy import ServingCopy
from segment.warehouse.serving_ledger import own_tables
from segment.workspace import Workspace

_ASKED = ("contact_rules", "customers")
"""Small tables that are read as the last extract wrote them: whom machines and fees must spare stands there."""


@dataclass(frozen=True)
class CustomerView:
    """A customer, for the page."""

    facts: CustomerFacts
    months: pl.DataFrame  # `month`, each line, `income`, `cost`, `contribution`; oldest first
    history: pl.DataFrame  # `as_of`, `tier`, newest first
    contacts: pl.DataFrame  # `list_on`, `programme`, `arm`, `channel`, `response`, `contacted_on`, newest first


def customer_view(customer_id: str, copy: ServingCopy, workspace: Workspace, policy: Policy) -> CustomerView:
    """Gather what the page shows of a customer.

    Parameters
    ----------
    customer_id : str
        Who; of whom a row stands in the copy.
    copy : ServingCopy
        The page's copy of the published tiers: what is read of it is of one version.
    workspace : Workspace
        Holds lists, outcomes and objections.
    policy : Policy
        The levers, and what decides.

    Returns
    -------
    CustomerView
    """
    with reading(workspace):
        listed, outcomes, objections = (
            read_rows(workspace, table, "customer_id", [customer_id]) for table in (LIST_ROWS, OUTCOMES, OBJECTIONS)
        )
    contacts = listed.select("list_id", "list_on", "programme", "arm", "channel").join(
        outcomes.select("list_id", "response", "contacted_on"), on="list_id", how="left", maintain_order="left"
    )
    drawer, tables = read_drawer(copy, customer_id), own_tables(copy, workspace, [customer_id], _ASKED).tables
    standing = standing_objections(objections)
    return CustomerView(
        facts_of(drawer.published, drawer.snapshot, {**drawer.tables, **tables}, standing, copy.as_of, policy),
        _with_sums(drawer.months),
        drawer.history,
        contacts.sort("list_id", descending=True),
    )


def _with_sums(months: pl.DataFrame) -> pl.DataFrame:
    income, cost = ([line.name for line in LINES if line.side == side] for side in ("income", "cost"))
    summed = months.select("month", *income, *cost)
    summed = summed.with_columns(income=pl.sum_horizontal(income), cost=pl.sum_horizontal(cost))
    return summed.with_columns(contribution=pl.col("income") - pl.col("cost"))
