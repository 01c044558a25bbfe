"""A salary's margin, card use and bookings, by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from segment.policy import Policy
from segment.upgrade.salary import salary_change

AS_OF = dt.date(2025, 12, 31)


def test_a_salary_brings_margin_and_card_use_and_costs_its_bookings(retail: Policy) -> None:
    assert retail.upgrade.levers.salary is not None
    change = salary_change(retail.upgrade.levers.salary, retail, AS_OF)
    assert change["transaction_cost"] == pytest.approx(12 * (0.02 + 12 * 0.1))
    # 1,500 a month by card at 0.35 %, 70 % of it kept, less VAT
    assert change["interchange_income"] == pytest.approx(12 * 1500 * 0.0035 * 0.7 / 1.06)
    # 2,500 at (70 % of 2.025 % and 30 % of 1.45 %, less 0.2 % paid and 0.15 % of reserve), 365 days of 360
    margin = 0.7 * (0.0195 + 0.0015 * 12 / 24) + 0.3 * 0.0145 - 0.0020 - 0.0015
    assert change["net_interest"] == pytest.approx(2500 * margin * 365 / 360)
    assert change["account_cost"] == 0.0
