"""Loans as accounts of their own, rebuilt from amount, duration, instalment and the payments that were seen."""

# The source records no interest (amount equals instalment times duration), so the outstanding debt falls by one
# instalment a payment and the rate is the caller's assumption. What became of a loan (`status`) is left alone: it is
# known only at the end of 1998.
# Ids: loan 5314 is account ``l5314``. Its granting is the derived posting ``l5314-granted``; the payment booked on the
# current account as ``t276514`` is mirrored on the loan account as ``t276514-loan``.

from __future__ import annotations

import polars as pl

from segment.banks.berka.running_balances import monthly_balances

INSTALMENT_DAY = 12
"""Day of the month on which instalments fall due: every instalment in the source is posted on it."""

_ROUNDING_CENTS = 100
"""A payment is the loan's own when it is within a crown of the instalment: the loan table holds whole crowns."""


def own_payments(postings: pl.DataFrame, loans: pl.DataFrame) -> pl.DataFrame:
    """Pick the postings that repay a loan of this bank, rather than one elsewhere."""
    paid = (
        postings.filter(pl.col("kind") == "loan_payment")
        .join(loans, on="account_id")
        .filter(pl.col("day") >= pl.col("date"), (pl.col("cents") + pl.col("payments")).abs() <= _ROUNDING_CENTS)
        .sort("loan_id", "day", "transaction_id")
        .unique("transaction_id", keep="first", maintain_order=True)
    )
    nth = pl.int_range(1, pl.len() + 1).over("loan_id")
    return paid.filter(nth <= pl.col("duration")).select(
        "transaction_id", "loan_id", "day", pl.col("payments").alias("cents")
    )


def loan_postings(loans: pl.DataFrame, payments: pl.DataFrame) -> pl.DataFrame:
    """Derive the postings of the loan accounts."""
    granted = loans.select(
        ("l" + pl.col("loan_id") + "-granted").alias("transaction_id"),
        ("l" + pl.col("loan_id")).alias("account_id"),
        pl.col("date").alias("day"),
        (-pl.col("amount")).alias("cents"),
        pl.lit("loan_disbursement").alias("kind"),
    )
    mirrored = payments.select(
        (pl.col("transaction_id") + "-loan").alias("transaction_id"),
        ("l" + pl.col("loan_id")).alias("account_id"),
        "day",
        "cents",
        pl.lit("loan_payment").alias("kind"),
    )
    return pl.concat([granted, mirrored]).with_columns(pl.lit("automatic").alias("channel"))


def closing_days(loans: pl.DataFrame, payments: pl.DataFrame) -> pl.DataFrame:
    """Date the end of each loan: the day of its last instalment, null while any is open."""
    last = payments.group_by("loan_id", maintain_order=True).agg(
        pl.col("day").max().alias("closed_on"), pl.len().alias("paid")
    )
    return (
        loans.join(last, on="loan_id", how="left")
        .with_columns(pl.when(pl.col("paid") == pl.col("duration")).then("closed_on").alias("closed_on"))
        .drop("paid")
    )


def loan_balances(
    loans: pl.DataFrame, payments: pl.DataFrame, observed_until: pl.DataFrame, rate_annual: float
) -> pl.DataFrame:
    """Rebuild the monthly balances of the loan accounts, as far as their current accounts were observed."""
    until = loans.join(observed_until, on="account_id").select(
        ("l" + pl.col("loan_id")).alias("account_id"), "observed_until"
    )
    evenings = (
        loan_postings(loans, payments)
        .group_by("account_id", "day", maintain_order=True)
        .agg(pl.col("cents").sum())
        .sort("account_id", "day")
        .with_columns(pl.col("cents").cum_sum().over("account_id").alias("closing_cents"))
    )
    terms = loans.with_columns(("l" + pl.col("loan_id")).alias("account_id"))
    months = monthly_balances(evenings, until).join(terms, on="account_id")
    return (
        _with_days_past_due(months)
        .filter(pl.col("closed_on").is_null() | (pl.col("month") <= pl.col("closed_on")))
        .with_columns(pl.lit(rate_annual).alias("interest_rate_annual"))
        .select("account_id", "month", "average_balance", "closing_balance", "interest_rate_annual", "days_past_due")
        .sort("account_id", "month")
    )


def _with_days_past_due(months: pl.DataFrame) -> pl.DataFrame:
    """Count the days since the oldest unpaid instalment fell due, at the month's end."""
    owed_cents = (-pl.col("closing_balance") * 100).round().cast(pl.Int64)
    paid = pl.col("duration") - owed_cents // pl.col("payments")
    next_month_first = (pl.col("date").dt.day() >= INSTALMENT_DAY).cast(pl.Int64)
    months_ahead = pl.format("{}mo", paid + next_month_first)
    due = pl.col("date").dt.truncate("1mo").dt.offset_by(months_ahead).dt.offset_by(f"{INSTALMENT_DAY - 1}d")
    late = (pl.col("month").dt.month_end() - due).dt.total_days().clip(lower_bound=0)
    open_ = paid < pl.col("duration")
    return months.with_columns(pl.when(open_).then(late).otherwise(0).cast(pl.Int32).alias("days_past_due"))
