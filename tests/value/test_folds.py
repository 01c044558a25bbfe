"""A customer is on one side of a split, and the order of rows decides nothing."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.exceptions import ModelError
from segment.value.folds import FoldPlan, canonical_order, group_numbers, plan_folds, splits_by_group


@given(st.lists(st.integers(0, 9), min_size=8, max_size=60), st.integers(0, 99))
def test_no_customer_is_on_both_sides(drawn: list[int], seed: int) -> None:
    groups = np.unique(np.array([*drawn, 10, 11]), return_inverse=True)[1]
    for train, held_out in splits_by_group(groups, FoldPlan(2, 2), seed):
        assert not set(groups[train]) & set(groups[held_out])
        assert len(train) + len(held_out) == len(groups)


def test_large_data_hold_out_one_part_of_at_most_forty_thousand_rows() -> None:
    plan = plan_folds(1_000_000, 300_000)
    ((train, held_out),) = splits_by_group(np.arange(1_000_000), plan, seed=0)
    assert len(held_out) == 40_000
    assert len(train) == 960_000


def test_two_customers_are_enough() -> None:
    assert plan_folds(10, 2) == FoldPlan(2, 2)


@given(st.permutations(range(12)))
def test_rows_in_any_order_sort_to_the_same_rows(order: list[int]) -> None:
    rng = np.random.default_rng(3)
    X, y, groups = rng.normal(size=(12, 3)), rng.normal(size=12), np.repeat(np.arange(6), 2)
    X[2, 1] = np.nan
    first = X[canonical_order(X, y, groups)]
    shuffled = X[order]
    np.testing.assert_array_equal(shuffled[canonical_order(shuffled, y[order], groups[order])], first)


def test_groups_may_be_any_column_of_ids() -> None:
    expected = [1, 0, 1]
    for ids in (["b", "a", "b"], np.array(["b", "a", "b"]), pl.Series(["b", "a", "b"]), [20, 10, 20]):
        assert group_numbers(ids, 3).tolist() == expected  # type: ignore[union-attr]


@pytest.mark.parametrize(("groups", "message"), [(["a", "b"], "Got shape"), (["a"] * 3, "at least two customers")])
def test_groups_that_do_not_fit_are_refused(groups: list[str], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        group_numbers(groups, 3)


def test_plan_folds_of_a_case_computed_by_hand() -> None:
    assert plan_folds(1_900, 1_900) == FoldPlan(folds=5, turns=5)
    assert [plan_folds(rows, rows).turns for rows in (6_000, 7_199, 7_200, 10_799, 10_800, 12_000)] == [
        5,
        5,
        4,
        2,
        1,
        1,
    ]
    assert plan_folds(1_000_000, 400_000) == FoldPlan(folds=25, turns=1)
