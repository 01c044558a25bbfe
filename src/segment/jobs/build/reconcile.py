"""Customers' sums of each month held against the general ledger, and kept until the month changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from segment.contribution import ReconciliationReport, by_ledger_line, reconcile, remainder_of_month
from segment.contribution.lines import to_polars
from segment.contribution.reconciliation import with_tolerances
from segment.contribution.remainder import of_month, unheld_accounts
from segment.dates import month_end
from segment.exceptions import HistoryError
from segment.features import months_written, on_engine
from segment.features.monthly import lines_of
from segment.features.point_in_time import DATED_BY
from segment.features.store import inputs_of, month_file, read_debts, scan_months
from segment.files import repr_hash, write_parquet
from segment.ledger.increments.increment_check import Increment
from segment.policy import Policy
from segment.policy.money import Reconciliation
from segment.store.tombstones import Erased

_HOLDERS = ("accounts", "branches", "contact_rules", "customers", "holdings")  # what nobody holds depends on all
CENT = 0.01
MONTHS = 12
"""Months whose contribution a date's tiers rest on."""


def reconcile_months(
    tables: Mapping[str, pl.DataFrame],
    as_of: dt.date,
    customer_months: Path,
    folder: Path,
    report_of: Callable[[dt.date], ReconciliationReport],
) -> None:
    """Reconcile the months that a date rests on, those that changed; `folder`: Of the reconciliations."""
    # `tables`: The checked short ones. `report_of`: Reconciles a month.
    inputs = inputs_of(customer_months, as_of)
    for month in contribution_months(customer_months, as_of):
        place = folder / f"{month:%Y-%m}-{_key(tables, inputs, month)[:16]}.parquet"
        if not place.is_file():
            report = report_of(month)
            earlier = set(folder.glob(f"{month:%Y-%m}-*.parquet"))
            write_parquet(report.table, place)
            for path in earlier:
                path.unlink(missing_ok=True)


def contribution_months(customer_months: Path, as_of: dt.date) -> tuple[dt.date, ...]:
    """List the months whose contribution a date's tiers rest on."""
    return months_written(customer_months, as_of)[-MONTHS:]


def read_reconciliation(folder: Path, month: dt.date) -> pl.DataFrame:
    """Read what the reconciliation of a month found."""
    paths = sorted(folder.glob(f"{month:%Y-%m}-*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    if not paths:
        raise HistoryError.of("errors.not_reconciled", month=month)
    table = pl.read_parquet(paths[-1], glob=False)
    # months reconciled by earlier versions know of nobody who was erased
    return table if "erased" in table.columns else table.with_columns(erased=0.0)


def move_to_erased(folder: Path, customer_months: Path, limits: Reconciliation) -> int:
    """Move what customers who are gone from the customer months brought to the line `erased`, month by month.

    Customers' sum and that line together stay what they were, so doing it twice changes nothing.
    """
    changed = 0
    for path in sorted(folder.glob("*.parquet")):
        month = dt.date.fromisoformat(f"{path.name[:7]}-01")
        file = month_file(customer_months, month)
        if not file.is_file():
            continue
        before = read_reconciliation(folder, month)
        now = by_ledger_line(nw.from_native(scan_months([file])), "now").with_columns(pl.col("now").round(2))
        joined = before.join(now, on=["line", "branch_id", "month"], how="left", maintain_order="left")
        gone = (pl.col("customers_sum") - pl.col("now").fill_null(0.0)).round(2)
        # a cent is what adding in another order may leave
        gone = pl.when(gone.abs() > CENT).then(gone).otherwise(0.0)
        moved = joined.with_columns(
            customers_sum=(pl.col("customers_sum") - gone).round(2) + 0.0,
            erased=(pl.col("erased") + gone).round(2) + 0.0,
        )
        after = with_tolerances(moved.drop("now"), limits).select(before.columns)
        if not after.equals(before):
            write_parquet(after, path)
            changed += 1
    return changed


def reconcile_month(
    ledger: Increment, policy: Policy, month: dt.date, customer_months: Path, erased: Erased
) -> ReconciliationReport:
    """Hold the customers' sums of a month to the ledger's totals."""
    customers = nw.from_native(scan_months([month_file(customer_months, month)]))
    debts = read_debts(customer_months, month)
    ids = ledger.tables["customers"]["customer_id"]
    gone = ids.filter(erased.names(ids)).to_list()
    wanted = _wanted(ledger.tables, gone, month)
    long = {name: ledger.long[name].rows(month, month_end(month), wanted.get(name)) for name in DATED_BY}
    seen = {**ledger.tables, **long, **({} if debts is None else {"debts": debts})}
    tables = on_engine(seen, "polars")
    lines = lines_of(seen, gone, policy, month) if gone else None
    return reconcile(customers, remainder_of_month(tables, policy, month), tables["ledger_totals"], policy, lines)


def _wanted(tables: Mapping[str, pl.DataFrame], gone: Sequence[str], month: dt.date) -> dict[str, pl.Expr]:
    """Rows that what nobody holds, and what the erased brought, follow from: few, of accounts and at counters."""
    of = of_month(on_engine(tables, "polars"), month)
    unheld = to_polars(unheld_accounts(of["accounts"], of["holdings"], of["customers"]))["account_id"]
    theirs = tables["holdings"].filter(pl.col("customer_id").is_in(gone))["account_id"]
    of_accounts = pl.col("account_id").is_in(pl.concat([unheld, theirs]).implode())
    return {"transactions": of_accounts | (pl.col("channel") == "counter"), "balances": of_accounts}


def _key(tables: Mapping[str, pl.DataFrame], inputs: dict[str, str], month: dt.date) -> str:
    """Hash what the month's customers were built from, who holds what at the date, and the month's totals."""
    totals = tables["ledger_totals"].filter(pl.col("month") == month).sort(pl.all())
    holders = [
        int(np.add.reduce(tables[name].hash_rows(seed).to_numpy(), dtype=np.uint64))
        for name in _HOLDERS
        for seed in (1, 2)
    ]
    terms = (inputs[f"{month:%Y-%m}"], totals.rows(), holders)
    return repr_hash(terms)
