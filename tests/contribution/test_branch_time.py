from __future__ import annotations

from typing import Any

import pytest

from segment.contribution import account_lines, person_lines, priced_branches
from segment.contribution.lines import Frame
from segment.exceptions import PolicyError
from segment.policy import Policy
from tests.contribution.small_bank import COSTS, JUNE, collected, lazy, policy


def with_capacity(minutes: float) -> Policy:
    """A policy that prices branch minutes and nothing else of the overhead."""
    overhead = COSTS["overhead"] | {"branch_minutes_month": minutes, "per_account_month": 0.0, "per_manual_event": 0.0}
    return policy(costs=COSTS | {"overhead": overhead})


ACCOUNTS = lazy("accounts", {"account_id": "A"})
CUSTOMERS = lazy("customers", {"customer_id": "x"})
# two counter transactions of 6 minutes, a visit of 28 and one of unknown length: 46 minutes
TRANSACTIONS = lazy("transactions", *[{"channel": "counter", "amount": -1.0}] * 2, {"channel": "atm", "amount": -1.0})
EVENTS = lazy(
    "service_events",
    {"channel": "counter", "minutes": 28.0},
    {"channel": "counter"},
    {"channel": "phone", "minutes": 9.0},
)


def priced(of: Policy, overhead: float | None = 920.0) -> tuple[Frame, dict[str, Any]]:
    """Branches with their prices, and the row of the one branch."""
    branches = lazy("branches", {"monthly_overhead": overhead})
    frame = priced_branches(ACCOUNTS, CUSTOMERS, TRANSACTIONS, EVENTS, branches, of)
    return frame, collected(frame, "branch_id").row(0, named=True)


def overhead_charged(of: Policy, branches: Frame) -> tuple[float, float]:
    """Overhead of the account and of the person."""
    balances, rules = lazy("balances"), lazy("contact_rules")
    account = account_lines(ACCOUNTS, balances, TRANSACTIONS, branches, of, JUNE)
    person = person_lines(EVENTS, rules, of, JUNE, customers=CUSTOMERS, branches=branches)
    return tuple(collected(frame, frame.columns[0])["overhead_cost"][0] for frame in (account, person))  # type: ignore[return-value]


def test_used_minutes_are_charged_and_unused_ones_stay_with_the_branch() -> None:
    # 920 / 460 minutes = 2 a minute; used 46: 92 charged, of it 12 * 2 to the account and 34 * 2 to the person
    of = with_capacity(460.0)
    branches, row = priced(of)
    assert row == pytest.approx(
        {"branch_id": "north", "used_minutes": 46.0, "minute_cost": 2.0, "unused_overhead": 828.0}
    )
    assert overhead_charged(of, branches) == pytest.approx((24.0, 68.0))


def test_a_branch_used_beyond_capacity_shares_out_its_overhead_and_no_more() -> None:
    of = with_capacity(23.0)  # half of what is used
    branches, row = priced(of)
    assert row["unused_overhead"] == pytest.approx(0.0)
    assert sum(overhead_charged(of, branches)) == pytest.approx(920.0)


def test_exactly_full_use_leaves_nothing_unused() -> None:
    assert priced(with_capacity(46.0))[1]["unused_overhead"] == pytest.approx(0.0)


def test_without_capacity_or_overhead_minutes_cost_nothing() -> None:
    assert priced(with_capacity(0.0))[1]["minute_cost"] == 0.0
    assert priced(with_capacity(460.0), overhead=None)[1]["minute_cost"] == 0.0


def test_prices_must_be_given_where_the_policy_asks_for_them() -> None:
    of = with_capacity(460.0)
    with pytest.raises(PolicyError, match="`minute_cost`"):
        account_lines(ACCOUNTS, lazy("balances"), TRANSACTIONS, lazy("branches", {}), of, JUNE)
    with pytest.raises(PolicyError, match="priced_branches"):
        person_lines(EVENTS, lazy("contact_rules"), of, JUNE)
