"""Customers' sums of each month held against the general ledger, and kept until the month changes."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from segment.contribution import ReconciliationReport, reconcile, remainder_of_month
from segment.exceptions import HistoryError
from segment.features import months_written, on_engine
from segment.features.known import windows
from segment.features.store import inputs_of, month_file
from segment.ledger.increments import Increment
from segment.policy import Policy
from segment.warehouse import Workspace, write_parquet, write_whole

_HOLDERS = ("accounts", "branches", "contact_rules", "customers", "holdings")  # what nobody holds depends on all
MONTHS = 12
"""Months that a moment's tiers rest on."""


def reconcile_months(ledger: Increment, policy: Policy, as_of: dt.date, workspace: Workspace) -> ReconciliationReport:
    """Reconcile the months that a moment rests on, those that changed, and write the last one's table for people.

    Parameters
    ----------
    ledger : Increment
        Checked.
    policy : Policy
        Rates, costs and tolerances.
    as_of : datetime.date
        A month's last day.
    workspace : Workspace
        Holds the customer months; gets `reconciliations/` and `runs/reconciliation-<as_of>.csv`.

    Returns
    -------
    ReconciliationReport
        Of the month that the moment ends.
    """
    inputs = inputs_of(workspace.customer_months, as_of)
    for month in window(workspace, as_of):
        place = _place(workspace, month, _key(ledger, inputs, month))
        if not place.is_file():
            report = _reconciled(ledger, policy, month, workspace)
            earlier = set(workspace.reconciliations.glob(f"{month:%Y-%m}-*.parquet"))
            write_parquet(report.table, place)
            for one in earlier:
                one.unlink(missing_ok=True)
    last = reconciliation_of(workspace, as_of.replace(day=1))
    path = workspace.runs / f"reconciliation-{as_of.isoformat()}.csv"
    write_whole(path, lambda beside: last.write_csv(beside))
    return ReconciliationReport(last, policy.reconciliation.beyond_tolerance)


def window(workspace: Workspace, as_of: dt.date) -> tuple[dt.date, ...]:
    """List the months that a moment rests on.

    Parameters
    ----------
    workspace : Workspace
        Holds the customer months.
    as_of : datetime.date
        A month's last day.

    Returns
    -------
    tuple of datetime.date
        Up to twelve first days, ascending.
    """
    return months_written(workspace.customer_months, as_of)[-MONTHS:]


def reconciliation_of(workspace: Workspace, month: dt.date) -> pl.DataFrame:
    """Read what the reconciliation of a month found.

    Parameters
    ----------
    workspace : Workspace
        Keeps it.
    month : datetime.date
        First day of the month.

    Returns
    -------
    polars.DataFrame
        As `ReconciliationReport.table`.

    Raises
    ------
    HistoryError
        Where the month was not reconciled.
    """
    found = sorted(workspace.reconciliations.glob(f"{month:%Y-%m}-*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    if not found:
        raise HistoryError.with_hint(
            f"The month {month:%Y-%m} must have been reconciled with the ledger. It was not.",
            "segment extract LEDGER --as-of DATE",
        )
    return pl.read_parquet(found[-1])


def _reconciled(ledger: Increment, policy: Policy, month: dt.date, workspace: Workspace) -> ReconciliationReport:
    rows = {name: ledger.long[name].rows(*days) for name, days in windows(month).items()}
    tables = on_engine(ledger.tables | rows, "polars")
    customers = nw.from_native(pl.scan_parquet(month_file(workspace.customer_months, month)))
    return reconcile(customers, remainder_of_month(tables, policy, month), tables["ledger_totals"], policy)


def _key(ledger: Increment, inputs: dict[str, str], month: dt.date) -> str:
    """Hash what the month's customers were built from, who holds what at the moment, and the month's totals."""
    totals = ledger.tables["ledger_totals"].filter(pl.col("month") == month).sort(pl.all())
    holders = [
        int(np.add.reduce(ledger.tables[name].hash_rows(seed).to_numpy(), dtype=np.uint64))
        for name in _HOLDERS
        for seed in (1, 2)
    ]
    told = (inputs[f"{month:%Y-%m}"], totals.rows(), holders)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _place(workspace: Workspace, month: dt.date, key: str) -> Path:
    return workspace.reconciliations / f"{month:%Y-%m}-{key[:16]}.parquet"
