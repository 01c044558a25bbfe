"""From accounts to customers: every owner takes a share."""

# Source: DOMAIN.md 1.5: owners' shares add up to one, authorised users have none.

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from segment.contribution.lines import Frame


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
    owned = shares.join(account_frame.select("account_id", *columns), on="account_id", how="inner")
    parts = owned.select("customer_id", *(nw.col(name) * nw.col("share") for name in columns))
    return parts.group_by("customer_id").agg(nw.col(name).sum() for name in columns)
