"""Payers whose people begin to be paid elsewhere: one alarm for all of them."""

# A ledger names no payer. People of one payer are paid from the same bank on the same days, month after month: who
# shares the bank and the days of six months is taken to share the payer. Payers that share both are one group here.

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from scipy.stats import hypergeom

from segment.dates import last_months, month_end, next_month
from segment.statistics import holm

LIVED = 6
"""Months of pay by which people are grouped."""

STOPPED = 2
"""Months after them in which pay must have stayed away."""

LEAST_PEOPLE = 5
LEAST_MONTHS = 5
"""Months with pay from which a person is grouped: over holidays a pay may come in the month before its own."""

PAID_UNTIL_DAYS = 30
"""Before the end of those months, the days within which a person must have been paid."""

SIGNIFICANT = 0.01


_PAY = ("transaction_id", "account_id", "booked_on", "amount", "kind", "counterparty_bank")


@dataclass(frozen=True)
class EmployerAlarm:
    """A payer whose people begin to be paid elsewhere; it names nobody."""

    payer: str
    people: int  # customers who were paid by it
    stopped: int  # of them, those whose pay stays away
    last_on: dt.date  # The last day on which all of them were paid
    p_value: float  # after Holm


def read_pay(rows: Callable[[dt.date, dt.date, pl.Expr], pl.DataFrame], as_of: dt.date) -> pl.DataFrame:
    """Read the bookings of pay that `pay_groups` looks at, a month at a time."""
    # `rows`: Those bookings of a span of days that are wanted.
    months = last_months(as_of.replace(day=1), LIVED + STOPPED)
    return pl.concat(rows(month, month_end(month), pl.col("kind") == "salary").select(_PAY) for month in months)


def pay_groups(transactions: pl.DataFrame, holdings: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Group customers by the bank and the days of their pay, and say whose pay has stopped.

    Parameters
    ----------
    transactions, holdings : polars.DataFrame
        Of the ledger.
    as_of : datetime.date
        A month's last day. Bookings after it are not looked at.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `payer` (its bank and days), `stopped`, `last_on` (the last of those days).
    """
    month = as_of.replace(day=1)
    first = next_month(month, 1 - LIVED - STOPPED)
    last_lived = month_end(next_month(month, -STOPPED))
    paid = (
        transactions.filter((pl.col("kind").cast(pl.String) == "salary") & pl.col("booked_on").is_between(first, as_of))
        .join(holdings.filter(pl.col("share") > 0.0).select("account_id", "customer_id"), on="account_id")
        .with_columns(month=pl.col("booked_on").dt.truncate("1mo"), bank=pl.col("counterparty_bank").cast(pl.String))
    )
    # the largest of a month is the salary; a bonus of the same day counts with it
    main = paid.sort("amount", "transaction_id", descending=True).unique(["customer_id", "month"], keep="first")
    lived = main.filter(pl.col("booked_on") <= last_lived)
    whose = lived.sort("booked_on").group_by("customer_id", maintain_order=True).agg(
        days=pl.col("booked_on").cast(pl.String).str.join(","),
        bank=pl.col("bank").fill_null("").mode().sort().first(),
        months=pl.len(),
        until=pl.col("booked_on").max(),
    )  # fmt: skip
    since = main.filter(pl.col("booked_on") > last_lived)["customer_id"].unique().implode()
    still = pl.col("until") > last_lived - dt.timedelta(days=PAID_UNTIL_DAYS)
    grouped = whose.filter((pl.col("months") >= LEAST_MONTHS) & still).with_columns(
        payer=pl.concat_str("bank", "days", separator=","), stopped=~pl.col("customer_id").is_in(since), last_on="until"
    )
    return grouped.select("customer_id", "payer", "stopped", "last_on").sort("customer_id")


def count_payers(groups: pl.DataFrame) -> pl.DataFrame:
    """Count the people of each payer, and those whose pay stays away: `payer`, `last_on`, `people`, `stopped`."""
    counts = {"people": pl.len().cast(pl.Int64), "stopped": pl.col("stopped").sum().cast(pl.Int64)}
    return groups.group_by("payer", "last_on", maintain_order=True).agg(**counts)


def employer_alarms(payers: pl.DataFrame, significant: float = SIGNIFICANT) -> list[EmployerAlarm]:
    """Find payers more of whose people are no longer paid here than of all others.

    Parameters
    ----------
    payers : polars.DataFrame
        `payer`, `last_on`, `people` and `stopped`, of a payer in one row or, where a bank was counted in parts, more.
    significant : float, default 0.01
        Chance that any alarm is raised where nobody's pay stops more than another's.

    Returns
    -------
    list of EmployerAlarm
        The surest first.

    Notes
    -----
    Each payer against all the others, by Fisher's exact test of one side (R. A. Fisher, The logic of inductive
    inference, J. R. Stat. Soc. 98, 1935); the p-values are raised for the number of payers (Holm 1979).

    Examples
    --------
    >>> last_on = dt.date(2025, 10, 31)
    >>> payers = pl.DataFrame({"payer": list("abcd"), "last_on": last_on, "people": [10, 30, 30, 30]})
    >>> alarms = employer_alarms(payers.with_columns(stopped=pl.Series([8, 0, 0, 0])))
    >>> [(alarm.payer, alarm.people, alarm.stopped) for alarm in alarms]
    [('a', 10, 8)]
    """
    whole = payers.group_by("payer", "last_on", maintain_order=True).agg(pl.col("people", "stopped").sum())
    counted = whole.sort("payer", "last_on")
    everyone, gone = int(counted["people"].sum()), int(counted["stopped"].sum())
    large = counted.filter(pl.col("people") >= LEAST_PEOPLE).to_dicts()
    tested = [float(hypergeom.sf(row["stopped"] - 1, everyone, gone, row["people"])) for row in large]
    found = [EmployerAlarm(**row, p_value=p) for row, p in zip(large, holm(tested), strict=True) if p <= significant]
    return sorted(found, key=lambda alarm: (alarm.p_value, alarm.payer))
