"""The words a ledger may use in its columns of fixed vocabulary."""

from __future__ import annotations

KINDS = (
    "salary",
    "pension",
    "benefit",
    "transfer_in",
    "transfer_out",
    "own_transfer_in",
    "own_transfer_out",
    "standing_order",
    "direct_debit",
    "card_payment",
    "cash_deposit",
    "cash_withdrawal",
    "loan_disbursement",
    "loan_payment",
    "interest_credit",
    "interest_charge",
    "fee",
    "fee_refund",
    "insurance_premium",
    "investment_buy",
    "investment_sell",
    "tax",
    "other",
)
# Only kinds whose sign holds on every product: a loan's disbursement, for one, is a debt on the loan account and
# money coming in on the current account, and a card payment may be a merchant's refund.
INFLOW_KINDS = (
    "salary",
    "pension",
    "benefit",
    "transfer_in",
    "own_transfer_in",
    "cash_deposit",
    "interest_credit",
    "fee_refund",
)
OUTFLOW_KINDS = ("transfer_out", "own_transfer_out", "cash_withdrawal", "interest_charge", "fee")

CHANNELS = ("counter", "atm", "pos", "mobile", "online", "phone", "automatic")
SERVICE_CHANNELS = (*CHANNELS, "adviser")
ROLES = ("owner", "co_owner", "authorised")
OWNER_ROLES = ("owner", "co_owner")
CONTACT_RULES = (
    "no_consent",
    "opt_out",
    "complaint",
    "vulnerable",
    "deceased",
    "litigation",
    "basic_account",
    "fee_exempt",
    "recently_contacted",
    "do_not_call",
    "aml_hold",
    "hardship",
    "fraud_victim",
    "profiling_objection",
)
RESPONSES = ("moved", "interested", "declined", "no_answer", "not_contacted")
TOTAL_LINES = ("net_interest", "fees", "cost_to_serve", "expected_loss")
