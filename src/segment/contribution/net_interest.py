"""Net interest income of an account in a month: the margin of its average balance against transfer pricing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import narwhals as nw

from segment.contribution.ftp import transfer_rate, year_fraction
from segment.policy import Policy
from segment.policy.rates import DebtSide, DepositSide, Product

DEPOSIT_FAMILIES = ("deposit", "wealth")
DEBT_FAMILIES = ("loan", "card")


def by_product(policy: Policy, build: Callable[[Product], nw.Expr | None]) -> nw.Expr:
    """Choose an expression by the column `product`.

    Parameters
    ----------
    policy : Policy
        Names the products.
    build : callable
        Gives a product's expression; None stands for zero.

    Returns
    -------
    narwhals.Expr
        Zero for products without an expression.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> frame = nw.from_native(pl.LazyFrame({"product": ["wealth", "savings"]}))
    >>> assets = by_product(load_policy("models/retail.toml"), lambda item: nw.lit(item.trail_fee_annual))
    >>> frame.select(trail=assets).collect()["trail"].to_list()
    [0.004, 0.0]
    """
    chosen = nw.lit(0.0)
    for name, product in policy.products.items():
        figure = build(product)
        if figure is not None:
            chosen = nw.when(nw.col("product") == name).then(figure).otherwise(chosen)
    return chosen


def net_interest(policy: Policy, month: dt.date) -> nw.Expr:
    """Net interest income of a month.

    Parameters
    ----------
    policy : Policy
        Rates, tenors and curves.
    month : datetime.date
        First day of the month.

    Returns
    -------
    narwhals.Expr
        Reads `product`, `opened_on`, `average_balance` and `interest_rate_annual`. A balance of zero, a missing one,
        and one on a side that the product lacks earn nothing.

    References
    ----------
    DOMAIN.md 1.1: liability ``avg * (ftp - r - reserve) * dcf``, asset ``|avg| * (r - ftp - premium) * dcf``.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> loan = {"product": "mortgage", "opened_on": dt.date(2020, 5, 4), "average_balance": [-12e4],
    ...         "interest_rate_annual": 0.04}
    >>> margin = net_interest(load_policy("models/retail.toml"), dt.date(2025, 6, 1))
    >>> frame = nw.from_native(pl.LazyFrame(loan))
    >>> frame.select(margin=margin.round(2)).collect()["margin"].to_list()  # 120,000 * (4.0 - 2.1 - 0.2) % * 30 / 360
    [170.0]
    """
    return by_product(policy, lambda product: _interest_of(policy, product, month))


def _interest_of(policy: Policy, product: Product, month: dt.date) -> nw.Expr | None:
    if product.deposit is None and product.debt is None:
        return None
    balance = nw.col("average_balance")
    fraction = year_fraction(product.day_count, month)
    deposit = _deposit_margin(policy, product, product.deposit, month) if product.deposit else nw.lit(0.0)
    debt = _debt_margin(policy, product, product.debt, month) if product.debt else nw.lit(0.0)
    negative = nw.when(balance < 0.0).then(-balance * debt * fraction).otherwise(nw.lit(0.0))
    return nw.when(balance > 0.0).then(balance * deposit * fraction).otherwise(negative)


def _deposit_margin(policy: Policy, product: Product, side: DepositSide, month: dt.date) -> nw.Expr:
    paid = _customer_rate(side.rate_annual, product.family in DEPOSIT_FAMILIES)
    return transfer_rate(policy.ftp, side, month) - paid - nw.lit(side.reserve_cost_annual)


def _debt_margin(policy: Policy, product: Product, side: DebtSide, month: dt.date) -> nw.Expr:
    earned = _customer_rate(side.rate_annual, product.family in DEBT_FAMILIES)
    return earned - transfer_rate(policy.ftp, side, month) - nw.lit(side.liquidity_premium_annual)


def _customer_rate(policy_rate: float, natural_side: bool) -> nw.Expr:
    # the ledger's one rate describes the side that the product exists for, never an overdraft or an overpaid loan
    rate = nw.lit(policy_rate)
    return nw.coalesce(nw.col("interest_rate_annual"), rate) if natural_side else rate
