"""Signals that need the whole bank."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from segment.features.bank_level import expected_income, with_bank_signals
from tests.features.small_ledger import policy

COLUMNS = {
    "months_observed": 24.0,
    "flow_salary_6m": 0.0,
    "salary_months_6m": 0.0,
    "salary_income_6m": 0.0,
    "inferred_salary_months_6m": 0.0,
    "inferred_salary_6m": None,
    **{
        f"{name}_{window}": 0.0
        for name in (
            "external_inflow", "own_in_other_bank", "visits_mobile", "visits_online", "count_mobile", "count_online",
            "spend", "wallet_months",
        )
        for window in ("3m", "6m")
    },
    "signal_salary_months": 0.0,
    "signal_salary_months_trend": 0.0,
    **{
        f"signal_{name}{suffix}": None
        for name in ("inflow_share", "logins", "spend_gap", "wallet_months")
        for suffix in ("", "_trend")
    },
}  # fmt: skip


def completed(*rows: dict[str, float | None]) -> list[dict[str, float | None]]:
    frame = pl.DataFrame([COLUMNS | row for row in rows], schema=dict.fromkeys(COLUMNS, pl.Float64))
    return with_bank_signals(frame, policy()).to_dicts()


def salaried(customers: int, months: float, amount: float) -> pl.DataFrame:
    return pl.DataFrame({"salary_month_count": [months] * customers, "salary_month_amount": [amount] * customers})


@pytest.mark.parametrize(("customers", "months", "income"), [(0, 4.0, 5000.0), (10, 4.0, 5916.08), (50, 3.0, 5000.0)])
def test_expected_income_is_the_salaries_median_drawn_to_the_policys(
    customers: int, months: float, income: float
) -> None:
    assert expected_income(salaried(customers, months, 7000.0), policy()) == pytest.approx(income, abs=0.01)


def test_one_salary_more_never_moves_the_expected_income_by_much() -> None:
    incomes = [expected_income(salaried(count, 4.0, 7000.0), policy()) for count in range(1_000)]
    steps = np.diff(np.log(incomes))
    assert (steps > 0.0).all()
    assert steps.max() < np.log(7000.0 / 5000.0) / policy().wallet.prior.salaries
    assert incomes[-1] == pytest.approx(7000.0, rel=0.005)


def test_the_inflow_share_leaves_own_money_out_and_is_one_at_most() -> None:
    rows = completed(
        {"external_inflow_6m": 20_000.0, "own_in_other_bank_6m": 5_000.0},
        {"external_inflow_6m": 90_000.0},
        {"external_inflow_6m": 10_000.0, "months_observed": 4.0},
        {"external_inflow_6m": 10_000.0, "signal_salary_months": None},
    )
    assert [row["signal_inflow_share"] for row in rows] == [0.5, 1.0, 0.5, None]


def test_sessions_are_service_events_where_the_bank_records_any() -> None:
    rows = completed({"visits_mobile_6m": 24.0}, {"count_mobile_6m": 999.0})
    assert [row["signal_logins"] for row in rows] == [0.5, 0.0]


def test_transactions_stand_for_sessions_where_there_are_none() -> None:
    rows = completed({"count_mobile_6m": 12.0, "count_online_6m": 12.0}, {})
    assert [row["signal_logins"] for row in rows] == [0.5, 0.0]


def test_nothing_is_known_of_sessions_where_nothing_is_recorded() -> None:
    assert completed({}, {})[0]["signal_logins"] is None


REGULAR = {"inferred_salary_months_6m": 6.0, "inferred_salary_6m": 5000.0}


def test_a_regular_transfer_is_a_salary_only_where_the_bank_codes_none() -> None:
    assert completed(REGULAR)[0]["signal_salary_months"] == 1.0
    assert completed(REGULAR, {"flow_salary_6m": 1.0})[0]["signal_salary_months"] == 0.0


def test_what_is_not_known_of_a_new_customer_stays_so() -> None:
    new = REGULAR | {"signal_salary_months": None}
    assert completed(new)[0]["signal_salary_months"] is None


def test_inferred_salaries_count_for_the_expected_income() -> None:
    rows = completed(*[REGULAR | {"external_inflow_6m": 30_000.0, "inferred_salary_6m": 10_000.0}] * 50)
    income = expected_income(salaried(50, 6.0, 10_000.0), policy())
    assert rows[0]["signal_inflow_share"] == pytest.approx(5_000.0 / income)


def test_the_spending_gap_is_what_is_missing_of_the_spending_that_an_income_lets_expect() -> None:
    expected = 6 * 0.55 * 5000.0
    rows = completed({"spend_6m": 0.25 * expected}, {"spend_6m": 2 * expected}, {})
    assert [row["signal_spend_gap"] for row in rows] == pytest.approx([0.75, 0.0, 1.0])


def test_nothing_is_known_of_spending_where_no_card_payment_is_recorded() -> None:
    row = completed({"external_inflow_6m": 1000.0})[0]
    assert (row["signal_spend_gap"], row["signal_wallet_months"]) == (None, None)


def test_payments_by_phone_are_counted_in_months() -> None:
    assert [row["signal_wallet_months"] for row in completed({"wallet_months_6m": 3.0}, {})] == [0.5, 0.0]


def test_a_trend_compares_the_last_three_months_with_the_three_before() -> None:
    rows = completed(
        {"external_inflow_6m": 18_000.0, "external_inflow_3m": 3_000.0},
        {"external_inflow_6m": 18_000.0, "external_inflow_3m": 3_000.0, "months_observed": 3.0},
    )
    assert [row["signal_inflow_share_trend"] for row in rows] == [pytest.approx(0.2 - 1.0), None]
