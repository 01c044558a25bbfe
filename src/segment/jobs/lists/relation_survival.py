"""How long relations last, by the ledger's own departures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from segment.features.store import month_file, scan_months
from segment.policy.tenure_hazards import DeparturePrior
from segment.upgrade.survival import Survival, learn_survival, paid_here


def learned_survival(customers: pl.DataFrame, months: Path, as_of: dt.date, prior: DeparturePrior) -> Survival:
    """Learn survival from who joined, left, and was paid here, in the months that were extracted up to a date."""
    written = sorted(path for path in months.glob("*.parquet") if path <= month_file(months, as_of.replace(day=1)))
    if not written or "left_on" not in customers.columns:
        return Survival(prior.hazards)
    own = customers.with_columns(pl.when(pl.col("left_on") <= as_of).then("left_on").alias("left_on"))
    known = own.filter(pl.col("joined_on") <= as_of)
    first = dt.date.fromisoformat(f"{written[0].stem}-01")
    return learn_survival(known, paid_here(scan_months(written)), first, as_of, prior)
