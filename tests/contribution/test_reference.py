"""The accounting held to the page that documents it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.contribution import LINE_NAMES, full_contribution
from segment.contribution.lines import income
from segment.policy import load_policy
from tests.contribution.plain import plainly_accounted
from tests.contribution.random_bank import Bank, accounted, random_bank
from tests.contribution.small_bank import COSTS, JUNE, RETAIL, direct_contribution, on_polars, policy, table

banks = st.integers(0, 10**6).map(random_bank)
capacities = st.sampled_from([0.0, 20.0, 300.0])


@settings(max_examples=20)
@given(banks, capacities, st.sampled_from([JUNE, dt.date(2025, 2, 1), dt.date(2024, 2, 1)]))
def test_every_line_of_every_customer_is_the_page_s_recomputed_row_by_row(
    bank: Bank, capacity: float, month: dt.date
) -> None:
    of = policy(
        costs=COSTS | {"overhead": COSTS["overhead"] | {"branch_minutes_month": capacity}},
        ftp=policy().ftp.model_dump() | {"max_curve_age_days": 3650},
    )
    expected = plainly_accounted(bank, of, month)
    found = {row["customer_id"]: row for row in accounted(bank, of, month)["customers"].to_dicts()}
    assert {name for name, lines in expected.items() if any(lines.values())} <= set(found)
    for name, row in found.items():
        for line in LINE_NAMES:
            assert row[line] == pytest.approx(expected[name].get(line, 0.0), abs=1e-9), line


def test_the_page_s_worked_example_holds() -> None:
    bank = {
        "branches": table("branches", {}),
        "customers": table("customers", {"customer_id": "x"}),
        "accounts": table("accounts", {"account_id": "A"}, {"account_id": "M", "product": "mortgage"}),
        "holdings": table(
            "holdings",
            {"account_id": "A", "customer_id": "x"},
            {"account_id": "M", "customer_id": "x", "share": 0.5},
        ),
        "balances": table(
            "balances",
            {"average_balance": 10_000.0},
            {"account_id": "M", "average_balance": -120_000.0, "interest_rate_annual": 0.04},
        ),
        "transactions": table(
            "transactions",
            {"kind": "fee", "amount": -10.6},
            {"kind": "cash_withdrawal", "channel": "atm", "amount": -200.0, "counterparty_bank": "other"},
        ),
        "service_events": table("service_events"),
        "contact_rules": table("contact_rules", {}),
    }
    customers = on_polars(accounted(bank, load_policy(RETAIL))["customers"])
    figures = customers.select(income=income(), full=full_contribution(), direct=direct_contribution())
    assert figures.collect("polars").row(0) == pytest.approx((107.5208, -56.3742, -46.8742), abs=5e-5)
