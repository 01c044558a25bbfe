"""Customers' sums of each month held against the general ledger, and kept until the month changes."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from segment.contribution import ReconciliationReport, by_ledger_line, reconcile, remainder_of_month
from segment.contribution.reconciliation import judged
from segment.exceptions import HistoryError
from segment.features import months_written, on_engine
from segment.features.known import windows
from segment.features.monthly import lines_of
from segment.features.store import inputs_of, month_file
from segment.ledger.increments import Increment
from segment.policy import Policy
from segment.warehouse import Workspace, write_parquet, write_whole
from segment.warehouse.tombstones import Erased

_HOLDERS = ("accounts", "branches", "contact_rules", "customers", "holdings")  # what nobody holds depends on all
CENT = 0.01
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
    table = pl.read_parquet(found[-1])
    # months reconciled by earlier versions know of nobody who was erased
    return table if "erased" in table.columns else table.with_columns(erased=0.0)


def without_the_erased(workspace: Workspace, policy: Policy) -> int:
    """Move what customers who are gone from the customer months brought to the line `erased`, month by month.

    Customers' sum and that line together stay what they were, so doing it twice changes nothing.

    Parameters
    ----------
    workspace : Workspace
        Holds customer months and reconciliations.
    policy : Policy
        Tolerances.

    Returns
    -------
    int
        Months whose table changed.
    """
    changed = 0
    for path in sorted(workspace.reconciliations.glob("*.parquet")):
        month = dt.date.fromisoformat(f"{path.name[:7]}-01")
        file = month_file(workspace.customer_months, month)
        if not file.is_file():
            continue
        before = reconciliation_of(workspace, month)
        now = by_ledger_line(nw.from_native(pl.scan_parquet(file)), "now").with_columns(pl.col("now").round(2))
        joined = before.join(now, on=["line", "branch_id", "month"], how="left", maintain_order="left")
        gone = (pl.col("customers_sum") - pl.col("now").fill_null(0.0)).round(2)
        # a cent is what adding in another order may leave
        gone = pl.when(gone.abs() > CENT).then(gone).otherwise(0.0)
        moved = joined.with_columns(
            customers_sum=(pl.col("customers_sum") - gone).round(2) + 0.0,
            erased=(pl.col("erased") + gone).round(2) + 0.0,
        )
        after = judged(moved.drop("now"), policy.reconciliation).select(before.columns)
        if not after.equals(before):
            write_parquet(after, path)
            changed += 1
    return changed


def _reconciled(ledger: Increment, policy: Policy, month: dt.date, workspace: Workspace) -> ReconciliationReport:
    rows = {name: ledger.long[name].rows(*days) for name, days in windows(month).items()}
    tables = on_engine(ledger.tables | rows, "polars")
    ids = ledger.tables["customers"]["customer_id"]
    gone = ids.filter(Erased.of(workspace).names(ids)).to_list()
    erased = lines_of(ledger.tables | rows, gone, policy, month) if gone else None
    customers = nw.from_native(pl.scan_parquet(month_file(workspace.customer_months, month)))
    return reconcile(customers, remainder_of_month(tables, policy, month), tables["ledger_totals"], policy, erased)


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
