"""Customers' sums of a month held against the general ledger."""

from __future__ import annotations

import datetime as dt

import narwhals as nw
import polars as pl

from segment.contribution import ReconciliationReport, reconcile, remainder_of_month
from segment.features import on_engine
from segment.features.store import month_file
from segment.ledger import Ledger
from segment.policy import Policy
from segment.warehouse import Workspace, write_whole


def reconcile_month(ledger: Ledger, policy: Policy, as_of: dt.date, workspace: Workspace) -> ReconciliationReport:
    """Reconcile the month that a moment ends and write `reconciliation.csv` into the workspace's runs.

    Parameters
    ----------
    ledger : Ledger
        Checked.
    policy : Policy
        Rates, costs and tolerances.
    as_of : datetime.date
        A month's last day.
    workspace : Workspace
        Holds the month's customer months.

    Returns
    -------
    ReconciliationReport
    """
    month = as_of.replace(day=1)
    tables = on_engine(ledger.tables, "polars")
    customers = nw.from_native(pl.scan_parquet(month_file(workspace.customer_months, month)))
    report = reconcile(customers, remainder_of_month(tables, policy, month), tables["ledger_totals"], policy)
    path = workspace.runs / f"reconciliation-{as_of.isoformat()}.csv"
    write_whole(path, lambda beside: report.table.write_csv(beside))
    return report
