from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.service import share_out

contributions = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=8)
budgets = st.integers(0, 10**9).map(lambda cents: cents / 100)


def _cents(parts: list[float]) -> int:
    return sum(round(part * 100) for part in parts)


def test_a_budget_by_hand() -> None:
    # 10 set apart for the third; of the other 90: three quarters and one quarter
    assert share_out(100.0, [300.0, 100.0, -50.0], [0.0, 0.0, 0.1], [5, 5, 5]) == [67.5, 22.5, 10.0]


def test_the_cent_left_over_goes_to_the_largest_remainder() -> None:
    assert share_out(1.0, [1.0, 1.0, 1.0], [0.0] * 3, [1] * 3) == [0.34, 0.33, 0.33]


@given(contributions, budgets)
def test_parts_add_up_to_the_budget_to_the_cent(values: list[float], budget: float) -> None:
    parts = share_out(budget, values, [0.1 / len(values)] * len(values), [1] * len(values))
    assert _cents(parts) == round(budget * 100)
    assert min(parts) >= 0


@given(st.lists(st.floats(-1e9, 0.0), min_size=2, max_size=8), budgets)
def test_where_all_lose_the_budget_goes_by_customers(values: list[float], budget: float) -> None:
    parts = share_out(budget, values, [0.0] * len(values), range(1, len(values) + 1))
    assert _cents(parts) == round(budget * 100)
    assert parts == sorted(parts) or max(parts) - min(parts) <= 0.01


@given(contributions, st.floats(0, 1e9), budgets)
def test_more_contribution_never_brings_less(values: list[float], more: float, budget: float) -> None:
    ones, floors = [1] * len(values), [0.0] * len(values)
    if not any(value > 0 for value in values):
        return
    before = share_out(budget, values, floors, ones)[0]
    assert share_out(budget, [values[0] + more, *values[1:]], floors, ones)[0] >= before


@given(contributions, budgets, st.floats(0, 0.5))
def test_a_floor_is_kept_whatever_the_contribution(values: list[float], budget: float, floor: float) -> None:
    parts = share_out(budget, [-1.0, *values], [floor, *[0.0] * len(values)], [1] * (len(values) + 1))
    assert parts[0] >= floor * budget - 0.0101


def test_a_branch_without_groups_has_no_parts() -> None:
    assert share_out(10.0, [], [], []) == []


@pytest.mark.parametrize("loss", [-1.0, -1e12])
def test_a_loss_weighs_nothing_however_large(loss: float) -> None:
    assert share_out(10.0, [1.0, loss], [0.0, 0.0], [1, 1]) == [10.0, 0.0]
