from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.service.budget import in_cents, per_head, whole_cents

levels = st.lists(st.tuples(st.integers(0, 500), st.floats(-1e9, 1e9)), min_size=1, max_size=6)
budgets = st.integers(0, 10**10).map(lambda cents: Fraction(cents, 100))
shares, most = st.floats(0, 1), st.floats(1, 20)


def test_a_budget_by_hand() -> None:
    # 100 for 5 heads: 10 each by head, the other 50 by 2 x 10 and 1 x 30; all of it below 5 means of 20
    assert per_head(Fraction(100), [2, 2, 1], [-7.0, 10.0, 30.0], 0.5, 5.0) == [10, 20, 40]


def test_one_large_customer_leaves_the_others_theirs() -> None:
    """The plan of before gave one person 1,087 while 64 shared 255."""
    few, one = per_head(Fraction(1342), [64, 1], [10.0, 1e6], 0.5, 5.0)
    assert one == 5 * Fraction(1342, 65)
    assert 64 * few + one == 1342


def test_a_level_that_happened_to_bring_less_gets_what_the_one_below_it_gets() -> None:
    assert per_head(Fraction(60), [1, 1, 1], [0.0, 50.0, 10.0], 0.0, 5.0) == [0, 30, 30]


def test_what_nobody_earns_goes_by_head() -> None:
    assert per_head(Fraction(90), [1, 2, 0], [-1.0, 0.0, 0.0], 0.2, 5.0)[:2] == [30, 30]


@given(levels, budgets, shares, most)
def test_higher_levels_never_get_less_and_the_whole_is_the_budget(
    branch: list[tuple[int, float]], budget: Fraction, by_head: float, most_per_head: float
) -> None:
    customers, values = [number for number, _ in branch], [value for _, value in branch]
    amounts = per_head(budget, customers, values, by_head, most_per_head)
    heads = sum(customers)
    assert amounts == sorted(amounts)
    assert sum(n * amount for n, amount in zip(customers, amounts, strict=True)) == (budget if heads else 0)
    if heads:
        assert max(amounts) <= Fraction(most_per_head) * budget / heads
        assert min(amounts) >= Fraction(by_head) * budget / heads


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8), st.integers(0, 10**9))
def test_parts_add_up_to_the_budget_to_the_cent(weights: list[float], cents: int) -> None:
    whole = sum(Fraction(weight) for weight in weights) or Fraction(1)
    quotas = [Fraction(cents, 100) * Fraction(weight) / whole for weight in weights]
    if not any(weights):
        quotas[0] = Fraction(cents, 100)
    parts = in_cents(quotas)
    assert sum(round(part * 100) for part in parts) == cents
    assert all(abs(part - quota) < 0.0101 for part, quota in zip(parts, quotas, strict=True))


def test_the_cent_left_over_goes_to_the_largest_remainder() -> None:
    assert in_cents([Fraction(1, 3)] * 3) == [0.34, 0.33, 0.33]


@pytest.mark.parametrize(("budget", "cents"), [(0.1 + 0.2, 30), (1e9 + 0.01, 100_000_000_001)])
def test_a_budget_is_a_whole_number_of_cents(budget: float, cents: int) -> None:
    assert whole_cents(budget) == Fraction(cents, 100)
