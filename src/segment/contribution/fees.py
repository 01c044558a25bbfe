"""Fee income: fees, interchange, trail fees and commissions, all without VAT and without what is paid away."""

from __future__ import annotations

import datetime as dt

import narwhals as nw

from segment.contribution.ftp import year_fraction
from segment.contribution.net_interest import by_product
from segment.policy import Policy
from segment.policy.money import Fees
from segment.policy.rates import Product

# The customer's side pays, so what the bank takes is minus the amount.
_GROSS = -1.0


def transaction_fees(fees: Fees) -> dict[str, nw.Expr]:
    """Fee income of one transaction, by line.

    Parameters
    ----------
    fees : Fees
        Rates, caps and VAT.

    Returns
    -------
    dict of str to narwhals.Expr
        ``fee_income``, ``commission_income``, and interchange as if the account were a debit card's
        (``interchange_debit``) or a credit card's (``interchange_credit``): only the account knows which it is.
        They read `kind`, `amount` and `counterparty_bank`.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> row = {"kind": ["fee", "insurance_premium"], "amount": [-10.6, -1060.0], "counterparty_bank": [None, None]}
    >>> fees = transaction_fees(load_policy("models/retail.toml").fees)
    >>> frame = nw.from_native(pl.LazyFrame(row, schema_overrides={"counterparty_bank": pl.String}))
    >>> frame.select(fees["fee_income"].round(2), sale=fees["commission_income"].round(2)).collect().rows()
    [(10.0, 0.0), (0.0, 100.0)]
    """
    gross = nw.col("amount") * _GROSS
    kept = (1.0 - fees.interchange.paid_away_share) / (1.0 + fees.vat_rate)
    return {
        "fee_income": _where(nw.col("kind").is_in(["fee", "fee_refund"]), gross / (1.0 + fees.vat_rate)),
        "interchange_debit": _where(_is_card_payment(), _capped(gross * fees.interchange.debit_rate, fees) * kept),
        "interchange_credit": _where(_is_card_payment(), gross * fees.interchange.credit_rate * kept),
        "commission_income": _commission(gross, fees),
    }


def interchange_income(policy: Policy) -> nw.Expr:
    """Choose the interchange that the account's product earns.

    Parameters
    ----------
    policy : Policy
        Names the products' families.

    Returns
    -------
    narwhals.Expr
        `interchange_debit` for deposits, `interchange_credit` for cards, else zero.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> row = {"product": ["current", "credit_card"], "interchange_debit": 1.0, "interchange_credit": 2.0}
    >>> chosen = interchange_income(load_policy("models/retail.toml"))
    >>> nw.from_native(pl.LazyFrame(row)).select(income=chosen).collect()["income"].to_list()
    [1.0, 2.0]
    """
    columns = {"deposit": "interchange_debit", "card": "interchange_credit"}
    return by_product(policy, lambda item: nw.col(columns[item.family]) if item.family in columns else None)


def trail_fee_income(policy: Policy, month: dt.date) -> nw.Expr:
    """Fee on assets under management: a share of the positive average balance.

    Parameters
    ----------
    policy : Policy
        Trail fees and VAT.
    month : datetime.date
        First day of the month.

    Returns
    -------
    narwhals.Expr
        Reads `product` and `average_balance`.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.policy import load_policy
    >>> frame = nw.from_native(pl.LazyFrame({"product": ["wealth"], "average_balance": [106_000.0]}))
    >>> trail = trail_fee_income(load_policy("models/retail.toml"), dt.date(2025, 6, 1))
    >>> frame.select(trail=trail.round(2)).collect()["trail"].to_list()  # 106,000 * 0.4 % * 30 / 365 / 1.06
    [32.88]
    """

    def trail(product: Product) -> nw.Expr | None:
        if product.trail_fee_annual == 0.0:
            return None
        rate = product.trail_fee_annual * year_fraction(product.day_count, month) / (1.0 + policy.fees.vat_rate)
        return _where(nw.col("average_balance") > 0.0, nw.col("average_balance") * rate)

    return by_product(policy, trail)


def _commission(gross: nw.Expr, fees: Fees) -> nw.Expr:
    # a premium or a purchase at another bank is no sale of this one
    sold_here = nw.col("counterparty_bank").is_null()
    premium = sold_here & (nw.col("kind") == "insurance_premium")
    purchase = sold_here & (nw.col("kind") == "investment_buy")
    net = 1.0 + fees.vat_rate
    return _where(premium, gross * fees.commission.insurance_premium_rate / net) + _where(
        purchase, gross * fees.commission.investment_buy_rate / net
    )


def _is_card_payment() -> nw.Expr:
    return nw.col("kind") == "card_payment"


def _capped(interchange: nw.Expr, fees: Fees) -> nw.Expr:
    cap = fees.interchange.debit_cap
    return nw.max_horizontal(nw.min_horizontal(interchange, nw.lit(cap)), nw.lit(-cap))


def _where(condition: nw.Expr, figure: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(figure).otherwise(nw.lit(0.0))
