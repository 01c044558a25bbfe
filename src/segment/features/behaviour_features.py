"""Features of flows, links to other banks, and channels."""

from __future__ import annotations

from segment.features.feature import MONEY, MONEY_A_MONTH, Feature, Uses, portion, sums, trends, variability
from segment.features.recipes import Net
from segment.ledger.vocabulary import CHANNELS, KINDS, SERVICE_CHANNELS

_FLOWS: Uses = ("future_value", "wallet")
_LINKS: Uses = ("future_value", "main_bank", "wallet")
_CHANNELS: Uses = ("future_value", "clustering")
_DIGITAL = "Mobile and online events over all but automatic ones."
_MANUAL = "Counter, phone and adviser events over all but automatic ones."
_RECENT_KINDS = (
    "salary",
    "transfer_in",
    "own_transfer_out",
    "card_payment",
    "cash_withdrawal",
    "direct_debit",
    "investment_buy",
)


def behaviour_features() -> list[Feature]:
    """List the features of behaviour."""
    return [*_flows(), *_links(), *_channels()]


def _flows() -> list[Feature]:
    listed = []
    for kind in KINDS:
        windows = (3, 6, 12) if kind == "salary" else (3, 12) if kind in _RECENT_KINDS else (12,)
        words = f"Bookings of the kind {kind.replace('_', ' ')}, signed from the customer's side"
        listed += sums(f"flow_{kind}", windows, MONEY, words, _FLOWS)
    return [
        *listed,
        *sums("external_inflow", (1, 3, 6, 12), MONEY, "Money from outside, own accounts elsewhere included", _LINKS),
        *trends("external_inflow", (3, 6), MONEY_A_MONTH, "Money from outside the bank", _FLOWS),
        variability("external_inflow", "Money from outside the bank", _FLOWS),
        *sums("salary_income", (3, 6, 12), MONEY, "Salaries and pensions", _LINKS),
        *sums("salary_months", (3, 6, 12), "months", "Months with a salary or pension", _LINKS),
        *trends("salary_income", (3,), MONEY_A_MONTH, "Salaries and pensions", _FLOWS),
        *sums("spend", (3, 12), MONEY, "Card payments, as a positive figure", _FLOWS),
        *sums("spend", (6,), MONEY, "Card payments, as a positive figure", ("main_bank",)),
        *trends("spend", (3, 6), MONEY_A_MONTH, "Card payments", _FLOWS),
        variability("spend", "Card payments", _FLOWS),
        *trends("cash", (3,), MONEY_A_MONTH, "Cash withdrawals", _FLOWS),
        *sums("instalment_amount", (12,), MONEY, "Instalments paid on loans here", _FLOWS),
        portion(
            "salary_share_12m", ("salary_income",), "external_inflow", "Salaries and pensions over inflow.", _FLOWS
        ),
        portion("spend_share_12m", ("spend",), "external_inflow", "Card payments over inflow.", _FLOWS),
        portion("cash_share_12m", ("cash",), "external_inflow", "Cash withdrawals over inflow.", _FLOWS),
    ]  # fmt: skip


def _links() -> list[Feature]:
    return [
        *sums("own_in_other_bank", (3, 6, 12), MONEY, "From the customer's own accounts elsewhere", _LINKS),
        *sums("own_out_other_bank", (3, 6, 12), MONEY, "To the customer's own accounts elsewhere", _LINKS),
        Feature(
            "own_net_out_24m", MONEY, 24, "To less from the customer's own accounts elsewhere, last 24 months.", _LINKS,
            recipe=Net("own_out_other_bank", "own_in_other_bank", 24),
        ),
        *sums("other_bank_inflow", (12,), MONEY, "From other banks, whoever sent it", _LINKS),
        *sums("other_bank_outflow", (12,), MONEY, "To other banks, whoever receives it", _LINKS),
        *trends("other_bank_outflow", (3,), MONEY_A_MONTH, "To other banks", _LINKS),
        *sums("other_bank_loan_payments", (6, 12), MONEY, "Loan payments to other banks", _LINKS),
        *sums("other_bank_card_payments", (6, 12), MONEY, "Each month's largest direct debit by another bank", _LINKS),
        *sums("other_bank_card_months", (12,), "months", "Months with a direct debit drawn by another bank", _LINKS),
        *sums("large_inflow", (6,), MONEY, "Days' inflows that are a large part of their month's", _LINKS),
        *sums("swept_inflow", (6, 12), MONEY, "Large inflows gone to another bank within the policy's days", _LINKS),
        *sums("retention_base", (6,), MONEY, "Each month's biggest day of inflow", _LINKS),
        *sums("retained_10d", (6,), MONEY, "What was left of it after 10 days", _LINKS),
        *sums("loan_instalments", (12,), "days", "Days with an instalment on a loan here", _LINKS),
        *sums("jit_instalments", (12,), "days", "Of them, those funded from the own account elsewhere in time", _LINKS),
        *sums("matured_principal", (12,), MONEY, "Term deposits closed and investments sold", _LINKS),
        *sums("drained_principal", (12,), MONEY, "Of it, what left for another bank within the policy's days", _LINKS),
        *sums("bill_types", (6,), "bookings", "Direct debits, standing orders, premiums and taxes", _LINKS),
        *sums("spend_weeks", (6,), "weeks", "Weeks with a card payment", _LINKS),
        *sums("wallet_months", (3, 6), "months", "Months with a card payment by phone or online", ("main_bank",)),
        *sums("benefit_months", (12,), "months", "Months with a benefit or tax refund", _LINKS),
    ]  # fmt: skip


def _channels() -> list[Feature]:
    listed = []
    for channel in CHANNELS:
        windows = (3, 6, 12) if channel in ("mobile", "online") else (3, 12)
        listed += sums(f"count_{channel}", windows, "transactions", f"Transactions by {channel}", _CHANNELS)
    for channel in SERVICE_CHANNELS:
        served = (3, 6, 12) if channel in ("mobile", "online") else (12,)
        listed += sums(f"visits_{channel}", served, "events", f"Service events by {channel}", _CHANNELS)
    return [
        *listed,
        *sums("adviser_minutes", (12,), "minutes", "Minutes with an adviser", _CHANNELS),
        *sums("initiated_events", (3, 12), "events", "Transactions the customer began, and service events", _CHANNELS),
        *trends("initiated_events", (3,), "events a month", "Events the customer began", _CHANNELS),
        *trends("manual_events", (3,), "events a month", "Counter, phone and adviser events", _CHANNELS),
        portion("digital_share_12m", ("digital_events",), "events", _DIGITAL, _CHANNELS),
        portion("digital_share_3m", ("digital_events",), "events", _DIGITAL, _CHANNELS, 3),
        portion("manual_share_12m", ("manual_events",), "events", _MANUAL, _CHANNELS),
    ]  # fmt: skip
