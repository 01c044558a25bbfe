"""What a backtest reads: the ledger once, and customer months once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from segment.dates import month_end, months_through
from segment.evaluation.rival_forecasts import MonthlyContributions
from segment.exceptions import HistoryError
from segment.features import build_cube, measures, months_written, write_customer_months
from segment.features.derived import CLIPPED, with_derived_measures
from segment.features.snapshot import CUSTOMERS_A_BUCKET
from segment.ledger import Ledger, check_ledger
from segment.policy import Policy
from segment.progress import ProgressCallback
from segment.store.tombstones import Erased

WHOLE_MONTH_SHARE = 0.1
"""A month with fewer balances than this share of the usual month's is a stray row, not a month of the ledger."""


def read_ledger(location: str, policy: Policy, until: dt.date) -> tuple[Ledger, dt.date]:
    """Check a ledger and find out how far it reaches."""
    tolerated = policy.ledger.tolerated_bad_row_share
    ledger = check_ledger(location, tuple(policy.products), tolerated, as_of=until, reading=policy.reading)
    counts = ledger.tables["balances"].group_by("month", maintain_order=True).len().sort("month")
    if counts.is_empty():
        raise HistoryError.of("errors.no_balances_up_to", until=until)
    usual = float(np.median(counts["len"].to_numpy()))
    whole: list[dt.date] = counts.filter(pl.col("len") >= WHOLE_MONTH_SHARE * usual)["month"].to_list()
    return ledger, month_end(whole[-1])


def build_months(
    ledger: Ledger,
    until: dt.date,
    policy: Policy,
    folder: Path,
    erased: Erased,
    progress: ProgressCallback,
    first: dt.date | None = None,
) -> tuple[dt.date, ...]:
    """Build the customer months that are new or changed, and list the ledger's months without gaps."""
    write_customer_months(
        ledger.tables,
        policy,
        until,
        folder,
        progress=progress,
        keep=erased.leave_out,
        first=first,
    )
    written = months_written(folder, until)
    return tuple(months_through(written[0], written[-1]))


def without_erased(ledger: Ledger, erased: Erased) -> Ledger:
    """Leave those out who were erased from a workspace."""
    return replace(ledger, tables={name: erased.leave_out(rows) for name, rows in ledger.tables.items()})


def read_contributions(folder: Path, policy: Policy, months: Sequence[dt.date], customers: int) -> MonthlyContributions:
    """Read each customer's contribution month by month, in the view that tiers are made of."""
    buckets = max(1, -(-customers // CUSTOMERS_A_BUCKET))
    there = set(months_written(folder, month_end(months[-1])))
    written = [month for month in months if month in there]
    ids: list[str] = []
    parts = []
    for bucket in range(buckets):
        raw = build_cube(folder, bucket, buckets, written, (*measures(policy), CLIPPED))
        parts.append(with_derived_measures(raw, policy)["contribution"])
        ids.extend(raw.customer_ids)
    return MonthlyContributions(pl.Series("customer_id", ids, dtype=pl.String), tuple(months), np.concatenate(parts))
