from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from segment.trees import only_columns, usable_columns, without_empty_columns


def test_a_column_must_have_a_value_in_every_training_part() -> None:
    X = np.array([[1.0, np.nan, 1.0], [2.0, np.nan, np.nan], [3.0, np.nan, np.nan]])
    assert usable_columns(X, [np.array([0, 1]), np.array([1, 2])]).tolist() == [0]
    assert usable_columns(X).tolist() == [0, 2]


@pytest.mark.parametrize(("known", "usable"), [(40, False), (41, True)])
def test_a_column_of_large_data_must_be_known_in_enough_rows(known: int, usable: bool) -> None:
    X = np.ones((200_000, 1))
    X[known:] = np.nan
    assert (len(usable_columns(X)) == 1) is usable


def test_scikit_learn_still_needs_it_and_trees_do_not_mind() -> None:
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=200), np.full(200, np.nan)])
    y = X[:, 0] > 0
    plain = HistGradientBoostingRegressor(max_iter=5, random_state=0)
    with pytest.raises(ValueError, match="window shape"):
        plain.fit(X, y)
    alone = plain.fit(X[:, :1], y).predict(X[:, :1])
    assert (plain.fit(without_empty_columns(X), y).predict(X) == alone).all()


def test_rows_that_do_not_count_fill_no_column() -> None:
    X = np.array([[1.0, 7.0], [2.0, np.nan]])
    assert without_empty_columns(X, np.array([False, True])).tolist() == [[1.0, 0.0], [2.0, 0.0]]


def test_usable_columns_of_a_case_computed_by_hand() -> None:
    X = np.array([[1.0, 5.0], [2.0, np.nan], [3.0, np.nan]])
    assert usable_columns(X, [np.array([0, 1]), np.array([1, 2])]).tolist() == [0]


def test_only_columns_of_a_case_computed_by_hand() -> None:
    X = np.array([[1.0, 5.0]])
    assert (only_columns(X, np.array([1])).tolist(), only_columns(X, np.array([], dtype=int)).tolist()) == (
        [[5.0]],
        [[0.0]],
    )


def test_without_empty_columns_of_a_case_computed_by_hand() -> None:
    assert without_empty_columns(np.array([[1.0, 5.0], [np.nan, np.nan]]), np.array([1])).tolist() == [
        [0.0, 0.0],
        [0.0, 0.0],
    ]
