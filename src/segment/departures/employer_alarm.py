"""Payers whose people begin to be paid elsewhere: one alarm for all of them."""

# A ledger names no payer. People of one payer are paid from the same bank on the same days, month after month: who
# shares the bank and the days of six months is taken to share the payer. Payers that share both are one group here.

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl
from scipy.stats import hypergeom

from segment.dates import month_end, next_month
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


@dataclass(frozen=True)
class EmployerAlarm:
    """A payer whose people begin to be paid elsewhere."""

    people: tuple[str, ...]  # customers who were paid by it
    stopped: int  # of them, those whose pay stays away
    p_value: float  # after Holm


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
        `customer_id`, `payer` (a number within this frame), `stopped`.
    """
    month = as_of.replace(day=1)
    first = next_month(month, 1 - LIVED - STOPPED)
    last_lived = month_end(next_month(month, -STOPPED))
    paid = (
        transactions.filter((pl.col("kind") == "salary") & pl.col("booked_on").is_between(first, as_of))
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
        payer=pl.struct("days", "bank").rank("dense"), stopped=~pl.col("customer_id").is_in(since)
    )
    return grouped.select("customer_id", "payer", "stopped").sort("customer_id")


def employer_alarms(groups: pl.DataFrame, significant: float = SIGNIFICANT) -> list[EmployerAlarm]:
    """Find payers more of whose people are no longer paid here than of all others.

    Parameters
    ----------
    groups : polars.DataFrame
        What `pay_groups` returns, or the same with payers that a bank knows by name.
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
    >>> people = [f"c{number}" for number in range(100)]
    >>> stopped = [number < 8 for number in range(100)]
    >>> groups = pl.DataFrame({"customer_id": people, "payer": [n // 10 for n in range(100)], "stopped": stopped})
    >>> [(len(alarm.people), alarm.stopped) for alarm in employer_alarms(groups)]
    [(10, 8)]
    """
    everyone, gone = groups.height, int(groups["stopped"].sum())
    payers = (
        groups.group_by("payer", maintain_order=True)
        .agg(people=pl.col("customer_id").sort(), paid=pl.len(), stopped=pl.col("stopped").sum())
        .filter(pl.col("paid") >= LEAST_PEOPLE)
        .sort("payer")
    )
    tested = [
        float(hypergeom.sf(stopped - 1, everyone, gone, paid))
        for paid, stopped in payers["paid", "stopped"].iter_rows()
    ]
    found = [
        EmployerAlarm(tuple(people), int(stopped), p)
        for people, stopped, p in zip(payers["people"], payers["stopped"], holm(tested), strict=True)
        if p <= significant
    ]
    return sorted(found, key=lambda alarm: (alarm.p_value, alarm.people))
