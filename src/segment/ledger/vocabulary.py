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

# What other programs write where nothing stands: databases, pandas, R, spreadsheets, people.
NULL_WORDS = (
    *(
        "null",
        "(null)",
        "[null]",
        "<null>",
        "\\n",
        "none",
        "nan",
        "NaN",
        "<na>",
        "NaT",
        "nat",
        "nil",
        "n/a",
        "#n/a",
        "#n/a n/a",
    ),
    *("na", "n.a.", "-", "--", "\u2013", "\u2014", "?", "unknown", "unbekannt", "无", "空", "空值", "未知", "不详"),
)
NULL_IDS = NULL_WORDS[:14]
"""Those that are nobody's id; the others may be the id of an outlet, as `NA` is in Namibia."""
SPREADSHEET_ERRORS = ("#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!", "#calc!")
"""What a formula that failed leaves: no value, and no empty cell either."""
TRUE_WORDS = ("true", "t", "yes", "y", "1", "1.0", "on", "x", "ja", "j", "oui", "是", "有")
FALSE_WORDS = ("false", "f", "no", "n", "0", "0.0", "off", "nein", "non", "否")
