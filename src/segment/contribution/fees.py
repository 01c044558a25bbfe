"""Fee income: fees, interchange, trail fees and commissions, all without VAT and without what is paid away."""

from __future__ import annotations

import datetime as dt

import narwhals as nw

from segment.contribution.ftp import year_fraction
from segment.contribution.lines import where
from segment.contribution.net_interest import by_product
from segment.policy import Policy
from segment.policy.money import Fees
from segment.policy.rates import Product


def transaction_fees(fees: Fees) -> dict[str, nw.Expr]:
    """Fee income of one transaction, by line."""
    gross = nw.col("amount") * -1.0  # amounts are the customer's: what the bank takes is minus them
    net_share = (1.0 - fees.interchange.paid_away_share) / (1.0 + fees.vat_rate)
    by_card = nw.col("kind") == "card_payment"
    return {
        "fee_income": where(nw.col("kind").is_in(["fee", "fee_refund"]), gross / (1.0 + fees.vat_rate)),
        "interchange_debit": where(by_card, _capped(gross * fees.interchange.debit_rate, fees) * net_share),
        "interchange_credit": where(by_card, gross * fees.interchange.credit_rate * net_share),
        "commission_income": _commission(gross, fees),
    }


def interchange_income(policy: Policy) -> nw.Expr:
    """Choose the interchange that the account's product earns."""
    columns = {"deposit": "interchange_debit", "card": "interchange_credit"}
    return by_product(policy, lambda item: nw.col(columns[item.family]) if item.family in columns else None)


def trail_fee_income(policy: Policy, month: dt.date) -> nw.Expr:
    """Fee on assets under management: a share of the positive average balance."""

    def trail(product: Product) -> nw.Expr | None:
        if product.trail_fee_annual == 0.0:
            return None
        rate = product.trail_fee_annual * year_fraction(product.day_count, month) / (1.0 + policy.fees.vat_rate)
        return where(nw.col("average_balance") > 0.0, nw.col("average_balance") * rate)

    return by_product(policy, trail)


def _commission(gross: nw.Expr, fees: Fees) -> nw.Expr:
    # a premium or a purchase at another bank is no sale of this one
    sold_here = nw.col("counterparty_bank").is_null()
    premium = sold_here & (nw.col("kind") == "insurance_premium")
    purchase = sold_here & (nw.col("kind") == "investment_buy")
    net = 1.0 + fees.vat_rate
    return where(premium, gross * fees.commission.insurance_premium_rate / net) + where(
        purchase, gross * fees.commission.investment_buy_rate / net
    )


def _capped(interchange: nw.Expr, fees: Fees) -> nw.Expr:
    cap = fees.interchange.debit_cap
    return nw.max_horizontal(nw.min_horizontal(interchange, nw.lit(cap)), nw.lit(-cap))
