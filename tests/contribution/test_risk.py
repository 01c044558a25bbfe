from __future__ import annotations

import pytest

from tests.contribution.small_bank import account_row


def test_expected_loss_is_probability_times_loss_times_debt() -> None:
    # 1.2 % / 12 * 0.2 * 120,000 = 24
    assert account_row({"product": "mortgage"}, {"average_balance": -120_000.0})["expected_loss"] == pytest.approx(24.0)


@pytest.mark.parametrize(("days_past_due", "loss"), [(None, 24.0), (0, 24.0), (89, 24.0), (90, 2_000.0), (91, 2_000.0)])
def test_default_is_certain_from_exactly_the_policy_s_days(days_past_due: int | None, loss: float) -> None:
    # 1 / 12 * 0.2 * 120,000 = 2,000
    balance = {"average_balance": -120_000.0, "days_past_due": days_past_due}
    assert account_row({"product": "mortgage"}, balance)["expected_loss"] == pytest.approx(loss)


def test_capital_costs_the_spread_on_risk_weighted_debt() -> None:
    # 120,000 * 0.5 * 12 % * (11 - 1) % / 12 = 60
    assert account_row({"product": "mortgage"}, {"average_balance": -120_000.0})["capital_cost"] == pytest.approx(60.0)


@pytest.mark.parametrize(("product", "balance"), [("mortgage", 500.0), ("wealth", -500.0), ("current", 0.0)])
def test_no_debt_no_risk(product: str, balance: float) -> None:
    row = account_row({"product": product}, {"average_balance": balance, "days_past_due": 200})
    assert (row["expected_loss"], row["capital_cost"]) == (0.0, 0.0)
