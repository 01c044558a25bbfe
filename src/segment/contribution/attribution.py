"""From accounts to customers: every owner takes a share, and what nobody holds stays visible.

References
----------
DOMAIN.md 1.5: owners' shares add up to one, authorised users have none.
"""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from segment.contribution.lines import ACCOUNT_LINES, LINE_NAMES, PERSON_LINES, Frame


def attribute(account_frame: Frame, holdings: Frame, columns: Sequence[str]) -> Frame:
    """Share out columns of accounts among their holders.

    Parameters
    ----------
    account_frame : narwhals.LazyFrame
        One row per `account_id` with the columns.
    holdings : narwhals.LazyFrame
        The ledger's table: `account_id`, `customer_id`, `share`.
    columns : sequence of str
        Columns to share out.

    Returns
    -------
    narwhals.LazyFrame
        `customer_id` and the columns, each the sum of share times the account's figure. Customers without a share in
        any of the accounts have no row.

    Examples
    --------
    >>> import polars as pl
    >>> accounts = nw.from_native(pl.LazyFrame({"account_id": ["A"], "net_interest": [8.0]}))
    >>> holdings = nw.from_native(
    ...     pl.LazyFrame({"account_id": ["A", "A"], "customer_id": ["x", "y"], "share": [0.75, 0.25]})
    ... )
    >>> attribute(accounts, holdings, ["net_interest"]).sort("customer_id").collect().rows()
    [('x', 6.0), ('y', 2.0)]
    """
    shares = holdings.filter(nw.col("share") > 0.0).select("account_id", "customer_id", "share")
    held = shares.join(account_frame.select("account_id", *columns), on="account_id", how="inner")
    parts = held.select("customer_id", *(nw.col(name) * nw.col("share") for name in columns))
    return parts.group_by("customer_id").agg(nw.col(name).sum() for name in columns)


def unallocated_lines(
    account_frame: Frame,
    person_frame: Frame,
    accounts: Frame,
    customers: Frame,
    holdings: Frame,
    present: Frame,
) -> Frame:
    """Sum what belongs to nobody who has a row in the month.

    Parameters
    ----------
    account_frame : narwhals.LazyFrame
        What `account_lines` returns.
    person_frame : narwhals.LazyFrame
        What `person_lines` returns.
    accounts, customers, holdings : narwhals.LazyFrame
        The ledger's tables.
    present : narwhals.LazyFrame
        `customer_id` of the customers with a row in the month.

    Returns
    -------
    narwhals.LazyFrame
        `branch_id` and every line: the shares of accounts that nobody present holds, at the account's branch, and the
        work caused by persons who are not present, at their home branch. With the customers' rows it adds up to the
        whole bank.

    Examples
    --------
    >>> import polars as pl
    >>> def table(**columns):
    ...     return nw.from_native(pl.LazyFrame(columns))
    >>> accounts = table(account_id=["A"], **{name: [8.0] for name in ACCOUNT_LINES})
    >>> persons = table(customer_id=["x"], **{name: [1.0] for name in PERSON_LINES})
    >>> customers, homes = table(customer_id=["x"], branch_id=["north"]), table(account_id=["A"], branch_id=["south"])
    >>> holdings = table(account_id=["A"], customer_id=["x"], share=[0.75])
    >>> left = unallocated_lines(accounts, persons, homes, customers, holdings, customers)
    >>> left.select("branch_id", "net_interest", "complaint_cost").collect().rows()
    [('south', 2.0, 0.0)]
    """
    here = holdings.join(present.select("customer_id"), on="customer_id", how="inner")
    held = here.group_by("account_id").agg(nw.col("share").sum().alias("held"))
    unheld = (
        account_frame.join(accounts.select("account_id", "branch_id"), on="account_id", how="left")
        .join(held, on="account_id", how="left")
        .with_columns(unheld=nw.lit(1.0) - nw.col("held").fill_null(0.0))
    )
    absent = person_frame.join(present.select("customer_id"), on="customer_id", how="anti").join(
        customers.select("customer_id", "branch_id"), on="customer_id", how="left"
    )
    parts = [
        unheld.select("branch_id", *_lines(ACCOUNT_LINES, nw.col("unheld"))),
        absent.select("branch_id", *_lines(PERSON_LINES, nw.lit(1.0))),
    ]
    return nw.concat(parts, how="vertical").group_by("branch_id").agg(nw.col(name).sum() for name in LINE_NAMES)


def _lines(known: Sequence[str], weight: nw.Expr) -> list[nw.Expr]:
    return [((nw.col(name) if name in known else nw.lit(0.0)) * weight).alias(name) for name in LINE_NAMES]
