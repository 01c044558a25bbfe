"""What is learned does not depend on how many threads a machine gives to products of matrices."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from segment.trees import on_one_blas_thread
from segment.value import FutureValueRegressor


def test_inside_there_is_one_thread_and_outside_there_are_as_many_as_before() -> None:
    @on_one_blas_thread
    def threads() -> set[int]:
        return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

    with threadpool_limits(2, "blas"):
        assert threads() == {1}
        assert {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"} == {2}


@pytest.mark.slow
def test_a_forecast_is_the_same_to_the_last_bit_with_one_thread_and_with_two() -> None:
    dice = np.random.default_rng(0)
    X = dice.normal(size=(4_000, 30))
    X[:, 1] = X[:, 0] * 300 + dice.standard_t(3, size=len(X)) * 50
    y = X[:, 1] * 0.8 + X[:, 2] * 100 + dice.standard_t(3, size=len(X)) * 120
    said = []
    for threads in (1, 2):
        with threadpool_limits(threads, "blas"):
            said.append(FutureValueRegressor(random_state=0).fit(X, y, groups=np.arange(len(X)) // 2).predict(X))
    assert said[0].tobytes() == said[1].tobytes()
