from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.tiers import with_blended
from tests.tiers.people import POLICY, people

TIERS = POLICY.tiers
money = st.floats(-1e6, 1e6)


def blended(frame: pl.DataFrame) -> list[float]:
    return with_blended(frame, TIERS)["blended_contribution_12m"].to_list()


def test_half_of_the_last_and_half_of_the_next_twelve_months_count():
    assert blended(people(contribution_winsorised_12m=100.0, future_value_12m=40.0)) == [70.0]


def test_a_provisional_customer_is_partly_annualised_and_partly_like_the_peers():
    frame = people(
        3,
        peer_group=["city", "city", "land"],
        months_observed=[24, 6, 24],
        tenure_months=[24.0, 6.0, 24.0],
        contribution_winsorised_12m=[200.0, 30.0, 900.0],
        future_value_12m=[200.0, 5000.0, 900.0],
    )
    # z = 6 / (6 + 6); annualised 30 * 12 / 6 = 60; the seasoned of the peer group bring 200
    assert blended(frame)[1] == pytest.approx(0.5 * 60.0 + 0.5 * 200.0)


def test_a_provisional_customer_is_never_below_break_even():
    frame = people(2, months_observed=[24, 11], tenure_months=[24.0, 11.0], contribution_winsorised_12m=[0.0, -900.0])
    assert blended(frame)[1] == 0.0


def test_a_new_customer_takes_neither_side():
    assert blended(people(months_observed=1, tenure_months=1.0, contribution_winsorised_12m=-900.0)) == [0.0]


def test_a_short_ledger_is_taken_to_a_year():
    frame = with_blended(people(months_observed=6, cost_12m=50.0, contribution_winsorised_12m=30.0), TIERS)
    assert frame["cost_annual"].item() == 100.0
    assert frame["blended_contribution_12m"].item() == 0.5 * 60.0 + 0.5 * 60.0


def test_a_peer_group_without_seasoned_customers_takes_the_banks_mean():
    frame = people(2, peer_group=["city", "land"], months_observed=[24, 6], tenure_months=[24.0, 6.0])
    assert blended(frame) == [60.0, pytest.approx(0.5 * 120.0 + 0.5 * 60.0)]


@given(st.lists(st.tuples(money, money), min_size=1, max_size=8))
def test_the_order_of_customers_changes_nothing(pairs):
    own, next_year = (list(side) for side in zip(*pairs, strict=True))
    frame = people(len(pairs), contribution_winsorised_12m=own, future_value_12m=next_year)
    assert blended(frame.reverse())[::-1] == blended(frame)
