"""The flag says how many customers each of its gates leaves out."""

from __future__ import annotations

import polars as pl

from segment.tiers.describe import describe_customers
from segment.tiers.main_bank_flag import flag_gates
from tests.tiers.people import POLICY, placed

COLUMNS = {
    "tier": ["break_even"] * 6 + ["valuable", "break_even"],
    "standing": ["active"] * 7 + ["excluded"],
    "main_bank_elsewhere_probability": [0.9, 0.9, 0.9, 0.69, None, 0.7, 0.9, 0.9],
    "main_bank_state": ["main_elsewhere", "split", "unknown", "split", "unknown", "main_elsewhere"]
    + ["main_elsewhere"] * 2,
    "wallet_elsewhere_12m": [5e4, 5e4, 5e4, 5e4, 5e4, 1.0, 5e4, 5e4],
    "main_bank_elsewhere_from": [0.7] * 8,
}


def test_each_gates_count_of_a_case_computed_by_hand() -> None:
    described = describe_customers(placed(8, **COLUMNS), POLICY)
    found = flag_gates(described)
    assert found == {"asked": 6, "probability": 2, "link": 2, "worth_moving": 1, "flagged": 1}
    assert found["flagged"] == described["main_bank_elsewhere"].sum()


def test_the_published_cut_decides_and_not_the_policys() -> None:
    lower = {**COLUMNS, "main_bank_elsewhere_probability": [0.5] * 8, "main_bank_elsewhere_from": [0.5] * 8}
    assert describe_customers(placed(8, **lower), POLICY)["main_bank_elsewhere"][0]


def test_tiers_of_before_the_cut_was_published_have_no_counts() -> None:
    assert flag_gates(pl.DataFrame({"tier": ["break_even"]})) == {}
