"""Expected loss and the cost of capital of an account in a month."""

from __future__ import annotations

import narwhals as nw

from segment.contribution.lines import where
from segment.contribution.net_interest import by_product
from segment.policy import Policy
from segment.policy.rates import Product

PAYMENTS = ("loan_payment", "transfer_in", "own_transfer_in", "standing_order", "direct_debit", "cash_deposit")
"""Kinds that pay a debt back where they come to its own account."""


def loss_lines(policy: Policy) -> dict[str, nw.Expr]:
    """Expected loss, write-offs and recoveries of a month: as booked of the debt, else those of a debt kept well."""
    kept_well = nw.coalesce(nw.col("debt_expected_loss"), expected_loss(policy))
    claimed = nw.col("paid_back") * nw.col("loss_share").fill_null(0.0)
    return {
        "expected_loss": kept_well,
        "write_offs": nw.col("debt_write_offs").fill_null(0.0),
        "recoveries": nw.col("debt_recoveries").fill_null(0.0) + claimed,
    }


def expected_loss(policy: Policy) -> nw.Expr:
    """Expected credit loss of a month of a debt that is not in default: through the cycle, no jump at stage 2."""

    # Source: DOMAIN.md 1.4: ``PD / 12 * LGD * EAD``; the contract has no limits, so the exposure is what is drawn.
    def loss(product: Product) -> nw.Expr | None:
        if product.debt is None:
            return None
        return exposure() * (product.debt.default_probability_12m / 12.0 * product.debt.loss_given_default)

    return by_product(policy, loss)


def paid_back() -> nw.Expr:
    """What one transaction pays back of a debt, where its account is one."""
    pays = nw.col("kind").is_in(list(PAYMENTS)) & (nw.col("amount") > 0.0)
    return where(pays, nw.col("amount"))


def capital_cost(policy: Policy) -> nw.Expr:
    """Cost of the equity that a month's exposure ties up."""
    # Source: DOMAIN.md 1.4: ``RWA * k * (CoE - r_f) / 12``.
    spread = policy.capital.spread_annual / 12.0

    def capital(product: Product) -> nw.Expr | None:
        return None if product.debt is None else exposure() * (product.debt.risk_weight * spread)

    return by_product(policy, capital)


def exposure() -> nw.Expr:
    """Exposure at default: the average debt, zero where the balance is positive or missing."""
    balance = nw.col("average_balance")
    return where(balance < 0.0, -balance)
