"""What customers hold and spend through other banks, and what those earn by it."""

from __future__ import annotations

import numpy as np

from segment.banks.simulator.draws import FloatArray
from segment.banks.simulator.state import Bank


def spend_elsewhere_12m(bank: Bank) -> FloatArray:
    """Card and app spend of a year that goes through other banks."""
    share = np.clip(1.0 - bank.ties.spend_share, 0.0, 1.0)
    spend: FloatArray = bank.monthly_income * 12 * bank.parameters.money.spend_rate * share
    return spend * bank.parameters.money.card_part


def wallet_elsewhere_12m(bank: Bank) -> FloatArray:
    """Contribution of a year that the customer gives other banks: volumes times margins, less the cost (1.1, 2.5)."""
    relation, p = bank.relation, bank.parameters.product
    demand, wealth = relation.demand_share, relation.wealth_share * (1 - relation.demand_share)
    rest = 0.4 * p.margin_savings + 0.6 * p.margin_term
    deposits = demand * p.margin_demand + wealth * p.margin_wealth + (1 - demand - wealth) * rest
    total = relation.elsewhere * deposits
    total += relation.mortgage_elsewhere * p.margin_mortgage + relation.loan_elsewhere * p.margin_consumer
    total += relation.card_elsewhere * p.margin_card + spend_elsewhere_12m(bank) * p.margin_spend
    return np.maximum(total - p.cost_of_a_relation, 0.0)


def wallet_tenths(bank: Bank) -> FloatArray:
    """Borders of the tenths of wallets elsewhere."""
    borders: FloatArray = np.quantile(wallet_elsewhere_12m(bank), np.arange(1, 10) / 10)
    return borders
