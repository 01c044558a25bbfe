"""Net interest income of an account in a month: the margin of its average balance against transfer pricing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import narwhals as nw

from segment.contribution.ftp import transfer_rate, year_fraction
from segment.contribution.lines import where
from segment.policy import Policy
from segment.policy.rates import DebtSide, DepositSide, Product

DEPOSIT_FAMILIES = ("deposit", "wealth")
DEBT_FAMILIES = ("loan", "card")


def by_product(policy: Policy, build: Callable[[Product], nw.Expr | None]) -> nw.Expr:
    """Choose an expression by the column `product`."""
    chosen = nw.lit(0.0)
    for name, product in policy.products.items():
        figure = build(product)
        if figure is not None:
            chosen = nw.when(nw.col("product") == name).then(figure).otherwise(chosen)
    return chosen


def net_interest(policy: Policy, month: dt.date) -> nw.Expr:
    """Net interest income of a month."""
    # Source: DOMAIN.md 1.1: liability ``avg * (ftp - r - reserve) * dcf``, asset ``|avg| * (r - ftp - premium) * dcf``.
    return by_product(policy, lambda product: _interest_of(policy, product, month))


def _interest_of(policy: Policy, product: Product, month: dt.date) -> nw.Expr | None:
    if product.deposit is None and product.debt is None:
        return None
    balance = nw.col("average_balance")
    fraction = year_fraction(product.day_count, month)
    deposit = _deposit_margin(policy, product, product.deposit, month) if product.deposit else nw.lit(0.0)
    debt = _debt_margin(policy, product, product.debt, month) if product.debt else nw.lit(0.0)
    negative = where(balance < 0.0, -balance * debt * fraction)
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
