"""Families of features: what a person would call one thing, for specs that leave them out and for explanations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

from segment.exceptions import PolicyError

OTHER: Final = "other"

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "value": ("income_*", "cost_*", "contribution_*", "direct_contribution_*", "run_rate_*"),
    "other_banks": (
        "own_*", "other_bank_*", "*_own_out_other_bank", "signal_*", "swept_*", "large_inflow_*", "retention_*",
        "retained_*", "jit_*", "drained_*", "matured_*",
    ),
    "investments": (
        "*wealth*", "trail_fee_*", "commission_*", "flow_investment_*", "flow_insurance_*", "*insurance*",
        "months_since_investment",
    ),
    "balances": (
        "net_interest_*", "balance_*", "closing_*", "deposits_*", "debt_*", "term_deposit_*", "holds_term",
        "holds_loan", "flow_interest_*", "flow_loan_*", "instalment_*", "loan_instalments_*",
    ),
    "fees": ("fee_income_*", "flow_fee_*"),
    "card_use": (
        "interchange_*", "spend_*", "flow_card_payment_*", "count_pos_*", "visits_pos_*", "holds_card",
        "*_card_*", "wallet_months_*",
    ),
    "service": (
        "transaction_cost_*", "service_event_*", "complaint_*", "count_*", "visits_*", "adviser_*", "digital_*",
        "manual_*", "months_since_manual_event", "months_since_digital_event",
    ),
    "risk": ("expected_loss_*", "write_offs_*", "recoveries_*", "capital_cost_*", "days_past_due*", "arrears_level"),
    "accounts": ("account_cost_*", "overhead_cost_*", "accounts_open", "product_families", "holds_*", "main_account_*"),
    "flows": (
        "flow_*", "external_inflow_*", "salary_*", "inferred_salary_*", "cash_*", "bill_types_*", "benefit_*",
        "months_since_salary", "initiated_events_*",
    ),
    "relation": (
        "months_observed", "tenure_months", "months_since_activity", "household_size", "life_stage", "occupation",
        "peer_group", "is_staff",
    ),
}  # fmt: skip
"""Patterns of names by family; the first that holds decides."""


def family_of(name: str) -> str:
    """Find the family of a feature."""
    for family, patterns in FAMILIES.items():
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return family
    return OTHER


def choose_features(names: Iterable[str], only: Sequence[str] = (), leave_out: Sequence[str] = ()) -> list[str]:
    """Choose features by name, pattern or family."""
    listed = list(names)
    for entry in (*only, *leave_out):
        if not any(_means(entry, name) for name in listed):
            raise PolicyError.of("errors.unknown_feature", entry=entry, families=FAMILIES)
    chosen = [name for name in listed if not only or any(_means(entry, name) for entry in only)]
    chosen = [name for name in chosen if not any(_means(entry, name) for entry in leave_out)]
    if not chosen:
        raise PolicyError.of("errors.no_feature_left")
    return chosen


def _means(entry: str, name: str) -> bool:
    return family_of(name) == entry or fnmatchcase(name, entry)
