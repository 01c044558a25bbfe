"""Monthly balances from postings: the closing balance and the average over the month's days, exactly."""

# Everything is counted in whole cents and whole days, so a monthly average is one exact division.

from __future__ import annotations

import polars as pl


def in_crowns(cents: pl.Expr) -> pl.Expr:
    """Turn whole cents into the float nearest to the amount."""
    # polars divides by a constant through its reciprocal, which is off in the last bit; rounding mends it
    return (cents / 100).round(2)


def day_ends(postings: pl.DataFrame) -> pl.DataFrame:
    """Find each account's balance at the end of each day on which something was posted."""
    # The source gives the balance after each posting but not the order of a day's postings. The day's last posting is
    # the one whose balance comes nearest to the balance of the evening before plus the day's amounts. (Nearest, not
    # equal: the source's amounts are rounded, its balances carry the fractions on.)
    days = (
        postings.group_by("account_id", "day", maintain_order=True)
        .agg(pl.col("cents").sum(), pl.col("balance_cents").sort(), pl.len().alias("postings"))
        .sort("account_id", "day")
    )
    closing: list[int] = []
    gaps: list[int] = []
    account, evening = None, 0
    for account_id, moved, balances in days.select("account_id", "cents", "balance_cents").iter_rows():
        expected = moved + (evening if account_id == account else 0)
        account, evening = account_id, min(balances, key=lambda cents: abs(cents - expected))
        closing.append(evening)
        gaps.append(abs(evening - expected))
    return days.select(
        "account_id",
        "day",
        pl.Series("closing_cents", closing, dtype=pl.Int64),
        "postings",
        pl.Series("gap_cents", gaps, dtype=pl.Int64),
    )


def monthly_balances(evenings: pl.DataFrame, observed_until: pl.DataFrame) -> pl.DataFrame:
    """Average over all days of the month, and close, each month that was observed to its last day."""
    # A balance holds until the next posting, so months without postings carry it on. Days of the opening month before
    # the first posting count as zero: `average_balance` times the month's days is then the sum of the daily balances,
    # which is what interest is earned on.
    months = _observed_months(evenings, observed_until)
    areas = _running_area(evenings)
    before = _area_by(areas, months.with_columns(pl.col("month").dt.offset_by("-1d").alias("day")))
    until = _area_by(areas, months.with_columns(pl.col("month").dt.month_end().alias("day")))
    days = pl.col("month").dt.days_in_month().cast(pl.Int64)
    return until.with_columns(before["area"].alias("area_before")).select(
        "account_id",
        "month",
        ((pl.col("area") - pl.col("area_before")) / (100 * days)).alias("average_balance"),
        in_crowns(pl.col("closing_cents")).alias("closing_balance"),
    )


def _observed_months(evenings: pl.DataFrame, observed_until: pl.DataFrame) -> pl.DataFrame:
    """List the months of each account from its first posting to the last one observed to its end."""
    after = pl.col("observed_until").dt.offset_by("1d").dt.truncate("1mo")
    return (
        evenings.group_by("account_id", maintain_order=True)
        .agg(pl.col("day").min().dt.truncate("1mo").alias("first"))
        .join(observed_until, on="account_id")
        .with_columns(pl.date_ranges("first", after, "1mo", closed="left").alias("month"))
        .filter(pl.col("month").list.len() > 0)
        .explode("month")
        .select("account_id", "month")
        .sort("account_id", "month")
    )


def _running_area(evenings: pl.DataFrame) -> pl.DataFrame:
    """Sum balance times days since the first posting: `area` holds up to and including `day`."""
    previous = pl.col("closing_cents").shift(1).over("account_id")
    waited = pl.col("day").diff().over("account_id").dt.total_days()
    # on its own day a new balance counts once; the days between belong to the balance before
    step = pl.col("closing_cents") + (previous * (waited - 1)).fill_null(0)
    return evenings.sort("account_id", "day").with_columns(step.cum_sum().over("account_id").alias("area"))


def _area_by(areas: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Read the running area at the end of `day`: zero before the first posting."""
    latest = days.sort("account_id", "day").join_asof(
        areas.select("account_id", pl.col("day"), pl.col("day").alias("since"), "closing_cents", "area").sort(
            "account_id", "day"
        ),
        on="day",
        by="account_id",
        check_sortedness=False,
    )
    days_since = (pl.col("day") - pl.col("since")).dt.total_days()
    return latest.with_columns((pl.col("area") + days_since * pl.col("closing_cents")).fill_null(0))
