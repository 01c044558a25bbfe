"""A rough scorecard of its own for "main bank elsewhere": some signals of DOMAIN.md 2.2 with the weights of 2.3."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from tests.banks.simulator.accounting import read

MONTHS = 6


def _window(ledger: Path, last: date) -> pl.DataFrame:
    first = date(last.year, last.month - MONTHS + 1, 1)
    booked = read(ledger, "transactions").filter(pl.col("booked_on").is_between(first, last))
    owner = read(ledger, "holdings").filter(pl.col("role") == "owner").select("account_id", "customer_id")
    return booked.join(owner, on="account_id").with_columns(month=pl.col("booked_on").dt.truncate("1mo"))


def _sweep(rows: pl.DataFrame) -> pl.DataFrame:
    """What leaves for another bank within three days of a large inflow, as a part of those inflows."""
    kinds = ["salary", "pension", "transfer_in", "cash_deposit"]
    day = rows.filter(pl.col("kind").is_in(kinds)).group_by("customer_id", "month", "booked_on")
    inflow = day.agg(inflow=pl.col("amount").sum())
    inflow = inflow.filter(pl.col("inflow") >= 0.3 * pl.col("inflow").sum().over("customer_id", "month"))
    out = rows.filter((pl.col("kind") == "own_transfer_out") & pl.col("counterparty_bank").is_not_null())
    out = out.select("customer_id", out_on="booked_on", out=-pl.col("amount"))
    pairs = inflow.join(out, on="customer_id", how="left").with_columns(
        near=(pl.col("out_on") - pl.col("booked_on")).dt.total_days().is_between(0, 3).fill_null(False)
    )
    each = pairs.group_by("customer_id", "booked_on", "inflow").agg(out=pl.col("out").filter(pl.col("near")).sum())
    swept = pl.min_horizontal("inflow", "out")
    return each.group_by("customer_id").agg(sweep=swept.sum() / pl.col("inflow").sum())


def signals(ledger: Path, last: date) -> pl.DataFrame:
    """One row of signals per customer with six months of history."""
    rows = _window(ledger, last)
    kind, bank = pl.col("kind"), pl.col("counterparty_bank").is_not_null()
    paid = pl.col("month").filter(kind.is_in(["salary", "pension"])).n_unique()
    spends = kind.is_in(["card_payment"])
    own_in = pl.col("amount").filter((kind == "own_transfer_in") & bank).sum()
    inward = ["salary", "pension", "benefit", "transfer_in", "cash_deposit"]
    inflow = pl.col("amount").filter(kind.is_in(inward)).sum()
    loans = pl.col("month").filter((kind == "loan_payment") & bank).n_unique()
    cards = pl.col("month").filter((kind == "direct_debit") & bank & (pl.col("amount") < -200)).n_unique()
    active = (pl.col("channel") != "automatic").sum()
    table = rows.group_by("customer_id").agg(
        salary=paid / MONTHS,
        bills=(kind.is_in(["direct_debit", "standing_order"]).sum() / MONTHS / 4).clip(0, 1),
        weeks=pl.col("booked_on").filter(spends).dt.truncate("1w").n_unique() / 26,
        own_in=own_in / (own_in + inflow + 1.0),
        loan_elsewhere=(loans >= 3).cast(pl.Float64),
        card_elsewhere=(cards >= 3).cast(pl.Float64),
        active=active,
        inflow=inflow / MONTHS,
        spent=-pl.col("amount").filter(spends).sum() / MONTHS,
    )
    return table.join(_sweep(rows), on="customer_id", how="left").with_columns(pl.col("sweep").fill_null(0.0))


def score(table: pl.DataFrame) -> pl.Series:
    """Log-odds of the expert weights in DOMAIN.md 2.3; expected income is the median of those with a salary here."""
    expected = table.filter(pl.col("salary") == 1.0)["inflow"].median()
    share = (pl.col("inflow") / expected).clip(0, 1)
    gap = 1 - (pl.col("spent") / (0.55 * expected)).clip(0, 1)
    logit = -0.6 - 2.2 * pl.col("salary") - 1.5 * share - 1.0 * pl.col("bills") - 1.2 * pl.col("weeks")
    logit += 1.6 * pl.col("own_in") + 1.8 * pl.col("sweep") + 0.5 * gap
    logit += 0.9 * pl.col("card_elsewhere") + 0.7 * pl.col("loan_elsewhere")
    return table.select(logit.alias("score"))["score"]


def auc_of_scorecard(out: Path, last: date) -> float:
    """AUC of main-elsewhere against main-here and split, among customers who use the bank."""
    truth = pl.read_parquet(out / "truth.parquet").filter(pl.col("month") == last.replace(day=1))
    table = signals(out / "ledger", last).filter(pl.col("active") >= 3)
    table = table.with_columns(score=score(table)).join(truth, on="customer_id")
    table = table.filter(pl.col("state") != "dormant")
    return float(roc_auc_score((table["state"] == "elsewhere").to_numpy(), np.asarray(table["score"])))
