"""The one table that turns the Czech bank's codes into the contract's words.

Every posting of the source has a type (its sign), an operation (how it was done) and a characteristic, `k_symbol`
(what it was for). Operation and characteristic together decide kind and channel:

================  ===========  ==================  ===========  ============================================
operation         k_symbol     kind                channel      in English, and why
================  ===========  ==================  ===========  ============================================
VKLAD                          cash_deposit        counter      deposit in cash
VYBER                          cash_withdrawal     counter      withdrawal in cash
VYBER             SIPO         cash_withdrawal     counter      cash drawn to pay the household bills
VYBER             SLUZBY       fee                 automatic    payment for a statement
VYBER             SANKC. UROK  interest_charge     automatic    penalty interest on a negative balance
VYBER KARTOU                   cash_withdrawal     atm          withdrawal by card: cash, not a purchase
(none)            UROK         interest_credit     automatic    interest credited
PREVOD Z UCTU                  transfer_in         automatic    remittance from another bank
PREVOD Z UCTU     DUCHOD       pension             automatic    old-age pension
PREVOD NA UCET                 transfer_out        counter      remittance to another bank
PREVOD NA UCET    SIPO         standing_order      automatic    household bills, paid together
PREVOD NA UCET    POJISTNE     insurance_premium   automatic    premium, to an insurer at another bank
PREVOD NA UCET    UVER         loan_payment        automatic    loan instalment
================  ===========  ==================  ===========  ============================================

A `transfer_out` whose account, bank and beneficiary stand in the table of permanent orders is a `standing_order`
with channel `automatic`; the household bills all stand there. Salaries carry no code of their own in the source, so
no row becomes `salary`.

The type gives the sign: PRIJEM (credit) is positive; VYDAJ (debit) and VYBER (cash debit) are negative.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple


class Meaning(NamedTuple):
    """What a posting is in the contract's words."""

    kind: str
    channel: str


_MEANINGS: dict[tuple[str | None, str | None], Meaning] = {
    ("VKLAD", None): Meaning("cash_deposit", "counter"),
    ("VYBER", None): Meaning("cash_withdrawal", "counter"),
    ("VYBER", "SIPO"): Meaning("cash_withdrawal", "counter"),
    ("VYBER", "SLUZBY"): Meaning("fee", "automatic"),
    ("VYBER", "SANKC. UROK"): Meaning("interest_charge", "automatic"),
    ("VYBER KARTOU", None): Meaning("cash_withdrawal", "atm"),
    (None, "UROK"): Meaning("interest_credit", "automatic"),
    ("PREVOD Z UCTU", None): Meaning("transfer_in", "automatic"),
    ("PREVOD Z UCTU", "DUCHOD"): Meaning("pension", "automatic"),
    ("PREVOD NA UCET", None): Meaning("transfer_out", "counter"),
    ("PREVOD NA UCET", "SIPO"): Meaning("standing_order", "automatic"),
    ("PREVOD NA UCET", "POJISTNE"): Meaning("insurance_premium", "automatic"),
    ("PREVOD NA UCET", "UVER"): Meaning("loan_payment", "automatic"),
}

MEANINGS = MappingProxyType(_MEANINGS)
"""(operation, k_symbol) to kind and channel."""

PERMANENT_ORDER = Meaning("standing_order", "automatic")
"""What a `transfer_out` is when the table of permanent orders holds its beneficiary."""

SIGNS = MappingProxyType({"PRIJEM": 1, "VYDAJ": -1, "VYBER": -1})
"""Type of a posting to its sign from the customer's side."""

ROLES = MappingProxyType({"OWNER": "owner", "DISPONENT": "authorised"})
"""Type of a disposition to the role that the contract names."""

FEMALE_MONTH_OFFSET = 50
"""Added to the month in a woman's birth number (YYMMDD)."""
