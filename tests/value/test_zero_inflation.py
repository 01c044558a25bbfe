"""Cases of `zero_inflation` computed by hand."""

from __future__ import annotations

import numpy as np

from segment.value.zero_inflation import learn_zero_inflation


def test_learn_zero_inflation_of_a_case_computed_by_hand() -> None:
    learned = learn_zero_inflation(np.zeros(4), np.array([0.0, 0.0, 0.0, 5.0]))
    assert learned.quantiles(np.array([[0.1, 0.2, 6.0]]), np.zeros(1), (0.1, 0.5, 0.9)).tolist() == [[0.0, 0.0, 6.0]]
    assert learned.chances(np.array([[0.4]]), np.zeros(1), np.array([[0.0]])).tolist() == [[0.75]]
