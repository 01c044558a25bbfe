"""Cases of `blend` computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from segment.value import FutureValueRegressor, ensemble
from segment.value.ensemble import blend_weights


def test_blend_weights_of_a_case_computed_by_hand() -> None:
    truth = np.linspace(-1, 1, 50)
    assert blend_weights(np.column_stack([truth, -truth]), truth, scale=1.0).round(3).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("rows", [1, 7, 30, 1_000])
def test_how_many_rows_are_asked_at_a_time_changes_no_bit(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    X = np.random.default_rng(0).normal(size=(30, 3))
    model = FutureValueRegressor(baseline=0, max_iter=5).fit(X, X[:, 0] + 0.1 * X[:, 1])
    whole = model.predict_all(X)
    monkeypatch.setattr(ensemble, "ROWS_A_THREAD", rows)
    monkeypatch.setattr(ensemble, "_openmp_effective_n_threads", lambda: 1)
    parts = model.predict_all(X)
    assert np.array_equal(parts.mean, whole.mean)
    assert np.array_equal(parts.quantiles, whole.quantiles)
    assert np.array_equal(model.predict(X), whole.mean)
