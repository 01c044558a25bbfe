"""Expected loss and the cost of capital of an account in a month."""

from __future__ import annotations

import narwhals as nw

from segment.contribution.net_interest import by_product
from segment.policy import Policy
from segment.policy.rates import Product


def expected_loss(policy: Policy) -> nw.Expr:
    """Expected credit loss of a month: through the cycle, or certain default from a number of days past due.

    Parameters
    ----------
    policy : Policy
        Probabilities, losses given default, and the days from which a default is certain.

    Returns
    -------
    narwhals.Expr
        Reads `product`, `average_balance` and `days_past_due`.

    References
    ----------
    DOMAIN.md 1.4: ``PD / 12 * LGD * EAD``; the contract has no limits, so the exposure is what is drawn.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> debt = {"product": "mortgage", "average_balance": [-12e4, -12e4], "days_past_due": [None, 90]}
    >>> frame = nw.from_native(pl.LazyFrame(debt))
    >>> frame.select(loss=expected_loss(load_policy("models/retail.toml")).round(2)).collect()["loss"].to_list()
    [10.0, 2000.0]
    """
    in_default = nw.col("days_past_due") >= policy.risk.default_days_past_due

    def loss(product: Product) -> nw.Expr | None:
        if product.debt is None:
            return None
        probability = nw.when(in_default).then(nw.lit(1.0)).otherwise(nw.lit(product.debt.default_probability_12m))
        return probability * (product.debt.loss_given_default / 12.0) * exposure()

    return by_product(policy, loss)


def capital_cost(policy: Policy) -> nw.Expr:
    """Cost of the equity that a month's exposure ties up.

    Parameters
    ----------
    policy : Policy
        Risk weights and capital figures.

    Returns
    -------
    narwhals.Expr
        Reads `product` and `average_balance`.

    References
    ----------
    DOMAIN.md 1.4: ``RWA * k * (CoE - r_f) / 12``.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> frame = nw.from_native(pl.LazyFrame({"product": ["mortgage"], "average_balance": [-12e4]}))
    >>> frame.select(capital=capital_cost(load_policy("models/retail.toml")).round(2)).collect()["capital"].to_list()
    [51.75]
    """
    spread = policy.capital.spread_annual / 12.0

    def capital(product: Product) -> nw.Expr | None:
        return None if product.debt is None else exposure() * (product.debt.risk_weight * spread)

    return by_product(policy, capital)


def exposure() -> nw.Expr:
    """Exposure at default: the average debt, zero where the balance is positive or missing.

    Returns
    -------
    narwhals.Expr
        Reads `average_balance`.

    Examples
    --------
    >>> import polars as pl
    >>> frame = nw.from_native(pl.LazyFrame({"average_balance": [-5.0, 7.0, None]}))
    >>> frame.select(exposure=exposure()).collect()["exposure"].to_list()
    [5.0, 0.0, 0.0]
    """
    balance = nw.col("average_balance")
    return nw.when(balance < 0.0).then(-balance).otherwise(nw.lit(0.0))
