"""What each debt has come to by a month's end: how late it is, what loss is booked, whether it is written off."""

# A debt's month follows from the month before and its own balance alone, so that a ledger is read month by month and
# nothing after a month touches it. Source: DOMAIN.md 1.4 (stages) and 3.10 (entry, cure and write-off).

from __future__ import annotations

import datetime as dt
from typing import Final

import polars as pl

from segment.dates import month_end
from segment.policy import Policy

KEPT, OVERDUE, IN_ARREARS, IN_DEFAULT = range(4)
"""Levels of arrears, each worse than the one before."""

LOSS_LINES: Final = ("expected_loss", "write_offs", "recoveries")

DEBTS: Final[dict[str, type[pl.DataType]]] = {
    "account_id": pl.String,
    "arrears_level": pl.Int64,
    "months_kept": pl.Int64,  # in a row and up to this one, in which nothing was overdue
    "exposure": pl.Float64,
    "booked_loss": pl.Float64,  # of this debt, not given back
    "months_written_off": pl.Int64,  # since the write-off, 0 in its month; null: not written off
    **dict.fromkeys(LOSS_LINES, pl.Float64),  # of the month
}

CENT = 0.01


def debts_of_month(
    before: pl.DataFrame | None, accounts: pl.DataFrame, balances: pl.DataFrame, policy: Policy, month: dt.date
) -> pl.DataFrame:
    """Carry every debt on by a month.

    Parameters
    ----------
    before : polars.DataFrame or None
        What this returned for the month before; None: nothing is known of it.
    accounts : polars.DataFrame
        The ledger's table, as known at the month's end.
    balances : polars.DataFrame
        Its rows of the month.
    policy : Policy
        `[risk]`, and the debt sides of the products.
    month : datetime.date
        First day of the month.

    Returns
    -------
    polars.DataFrame
        `DEBTS`, by account; a debt that is paid off and was never late has no row.

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> accounts = pl.DataFrame({"account_id": ["A"], "product": ["mortgage"], "closed_on": [None]},
    ...                         schema_overrides={"closed_on": pl.Date})
    >>> late = pl.DataFrame({"account_id": ["A"], "average_balance": [-12e4], "closing_balance": [-12e4],
    ...                      "days_past_due": [91]})
    >>> policy, none = load_policy("models/retail.toml"), pl.DataFrame(schema=DEBTS)
    >>> debts_of_month(none, accounts, late, policy, dt.date(2025, 6, 1))["expected_loss"].to_list()
    [24000.0]
    """
    of_ids: dict[str, type[pl.DataType] | pl.DataType] = {**DEBTS, "account_id": accounts.schema["account_id"]}
    known = pl.DataFrame(schema=of_ids) if before is None else before
    was = known.select("account_id", pl.exclude("account_id", *LOSS_LINES).name.prefix("was_"))
    owed = balances.select("account_id", "average_balance", "closing_balance", "days_past_due")
    of_accounts = accounts.select("account_id", pl.col("product").cast(pl.String), "closed_on")
    rows = of_accounts.join(_terms(policy), on="product")
    for more in (owed, was):
        rows = rows.join(more, on="account_id", how="left")
    judged = _with_level(_with_facts(rows, month_end(month)), policy)
    began_before = pl.lit(before is None) & (pl.col("late") >= policy.risk.default_days_past_due + month_end(month).day)
    counted = _with_lines(judged, began_before)
    lasts = pl.any_horizontal(pl.col(name) != 0 for name in ("arrears_level", "booked_loss", *LOSS_LINES))
    figures = (pl.col(name) + 0.0 for name in ("exposure", "booked_loss", *LOSS_LINES))
    left = counted.filter(lasts | pl.col("months_written_off").is_not_null()).with_columns(*figures)
    return left.select(pl.col(name).cast(dtype) for name, dtype in of_ids.items()).sort("account_id")


def _terms(policy: Policy) -> pl.DataFrame:
    """What the policy says of each product's debts."""
    sides = {name: product.debt for name, product in policy.products.items() if product.debt is not None}
    rows = [
        (name, side.default_probability_12m, side.loss_given_default, policy.risk.write_off_days_past_due.get(name))
        for name, side in sides.items()
    ]
    schema = {"product": pl.String, "chance": pl.Float64, "loss": pl.Float64, "write_off_days": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _with_facts(rows: pl.DataFrame, end: dt.date) -> pl.DataFrame:
    """What the month shows of a debt, and what it was before."""
    exposure = (-pl.col("average_balance")).clip(lower_bound=0.0)
    found = rows.with_columns(
        has_row=pl.col("average_balance").is_not_null(),
        closed=(pl.col("closed_on") <= end).fill_null(value=False),
        late=pl.col("days_past_due").fill_null(0),
        was_arrears_level=pl.col("was_arrears_level").fill_null(KEPT),
        was_months_kept=pl.col("was_months_kept").fill_null(0),
        was_exposure=pl.col("was_exposure").fill_null(0.0),
        was_booked_loss=pl.col("was_booked_loss").fill_null(0.0),
        off=pl.col("was_months_written_off").is_not_null(),
    )
    # a month without a row says nothing of an open account
    owed = pl.when("has_row").then(exposure).when("closed").then(0.0).otherwise("was_exposure")
    return found.with_columns(owed=owed, largest=pl.max_horizontal(owed, "was_exposure"))


def _with_level(rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """How late a debt is: worse at once, better only after the months of cure."""
    risk, late = policy.risk, pl.col("late")
    now = (
        pl.when((late >= risk.default_days_past_due) & (pl.col("largest") >= max(risk.material_debt, CENT)))
        .then(IN_DEFAULT)
        .when(late >= risk.arrears_days_past_due)
        .then(IN_ARREARS)
        .when(late > risk.technical_days_past_due)
        .then(OVERDUE)
        .otherwise(KEPT)
    )
    seen = pl.col("has_row") | pl.col("closed")
    kept = (
        pl.when(late > risk.technical_days_past_due)
        .then(0)
        .when(seen)
        .then(pl.col("was_months_kept") + 1)
        .otherwise("was_months_kept")
    )
    rows = rows.with_columns(months_kept=kept, months_written_off=pl.col("was_months_written_off") + 1)
    # the month of the payment is not yet one of the cure
    uncured = (pl.col("was_arrears_level") >= IN_ARREARS) & (pl.col("months_kept") <= risk.cure_months)
    claimed = pl.when(pl.col("months_written_off") <= risk.written_off_months).then(IN_DEFAULT).otherwise(KEPT)
    level = (
        pl.when("off")
        .then(claimed)
        .when(uncured)
        .then(pl.max_horizontal("was_arrears_level", now))
        .otherwise(now)
    )  # fmt: skip
    # its debt is gone while it is still past due, or its account is: nobody has paid
    unpaid = (late >= risk.default_days_past_due) | (~pl.col("has_row") & (pl.col("was_months_kept") == 0))
    gone = unpaid & (pl.col("closed") | (pl.col("closing_balance") >= 0.0).fill_null(value=False))
    due = gone | (late >= pl.col("write_off_days")).fill_null(value=False)
    rows = rows.with_columns(arrears_level=level, gone=gone)
    return rows.with_columns(writes_off=~pl.col("off") & (pl.col("arrears_level") == IN_DEFAULT) & due)


def _with_lines(rows: pl.DataFrame, began_before: pl.Expr) -> pl.DataFrame:
    """The month's lines, and what is booked at its end: never more than the loss on what is owed."""
    defaulted, had = pl.col("arrears_level") == IN_DEFAULT, pl.col("was_arrears_level") == IN_DEFAULT
    booked, loss, off = pl.col("was_booked_loss"), pl.col("loss"), pl.col("off")
    at_risk = pl.when(pl.col("gone")).then("largest").otherwise("owed")
    shown = pl.when("has_row").then("owed").otherwise(0.0)
    monthly = pl.col("chance") / 12.0 * loss * shown
    needed = loss * at_risk
    premiums = pl.when(had | (pl.col("owed") == 0.0)).then(0.0).otherwise(booked) + monthly
    now = (
        pl.when(off)
        .then(booked)
        .when(~defaulted)
        .then(premiums)
        .when(had)
        .then(pl.min_horizontal(booked, needed))
        .otherwise(needed)
    )
    expected = (
        pl.when(off | (defaulted & had))
        .then(0.0)
        .when(~defaulted)
        .then(monthly)
        .when(began_before)
        .then(0.0)
        .otherwise((needed - booked).clip(lower_bound=0.0))
    )
    back = pl.when(had & ~off).then(pl.when(defaulted).then(booked - now).otherwise(booked)).otherwise(0.0)
    rows = rows.with_columns(booked_loss=now, expected_loss=expected, recoveries=back)
    # what was expected has happened
    lost = pl.when("writes_off").then("booked_loss").otherwise(0.0)
    return rows.with_columns(
        write_offs=lost,
        expected_loss=pl.col("expected_loss") - lost,
        exposure=pl.when(off).then("was_exposure").otherwise(at_risk),
        months_written_off=pl.when("writes_off").then(0).otherwise("months_written_off"),
    )
