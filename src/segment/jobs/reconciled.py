"""Customers' sums of a month held against the general ledger."""

from __future__ import annotations

import datetime as dt

import narwhals as nw
import polars as pl

from segment.contribution import ReconciliationReport, reconcile, remainder_of_month
from segment.features import on_engine
from segment.features.known import windows
from segment.features.store import month_file
from segment.ledger.increments import Increment
from segment.policy import Policy
from segment.warehouse import Workspace, write_whole


def reconcile_month(ledger: Increment, policy: Policy, as_of: dt.date, workspace: Workspace) -> ReconciliationReport:
    """Reconcile the month that a moment ends and write `reconciliation.csv` into the workspace's runs.

    Parameters
    ----------
    ledger : Increment
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
    rows = {name: ledger.long[name].rows(*window) for name, window in windows(month).items()}
    tables = on_engine(ledger.tables | rows, "polars")
    customers = nw.from_native(pl.scan_parquet(month_file(workspace.customer_months, month)))
    report = reconcile(customers, remainder_of_month(tables, policy, month), tables["ledger_totals"], policy)
    path = workspace.runs / f"reconciliation-{as_of.isoformat()}.csv"
    write_whole(path, lambda beside: report.table.write_csv(beside))
    return report
