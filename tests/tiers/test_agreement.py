"""Agreement of tiers, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

from segment.exceptions import ModelError
from segment.tiers import TIERS
from segment.tiers.agreement import AGREEMENT, agreement, confusion

COST = [[0, 2, 5, 12], [1, 0, 2, 6], [3, 1, 0, 2], [5, 3, 1, 0]]
pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40)


@given(pairs)
def test_figures_are_scikit_learns(drawn: list[tuple[int, int]]) -> None:
    came, given_ = ([pair[side] for pair in drawn] for side in (0, 1))
    found = agreement(confusion([TIERS[one] for one in came], [TIERS[one] for one in given_]), COST)
    assert found["tier_accuracy"] == pytest.approx(accuracy_score(came, given_))
    assert found["tier_macro_f1"] == pytest.approx(f1_score(came, given_, average="macro", zero_division=0))
    if len({*came, *given_}) > 1:
        kappa = cohen_kappa_score(came, given_, weights="quadratic", labels=[0, 1, 2, 3])
        assert found["tier_weighted_kappa"] == pytest.approx(kappa, nan_ok=True)


def test_cost_by_hand() -> None:
    came = ["high_value", "high_value", "break_even", "loss_making"]
    given_ = ["loss_making", "high_value", "high_value", "break_even"]
    assert float(agreement(confusion(came, given_), COST)["tier_cost"]) == (12 + 0 + 3 + 1) / 4


def test_resamples_are_counted_as_if_customers_were_repeated() -> None:
    rng = np.random.default_rng(0)
    came, given_ = (np.array(TIERS)[rng.integers(0, 4, 30)] for _ in range(2))
    counts = rng.integers(0, 4, (5, 30)).astype(float)
    quick = agreement(confusion(came.tolist(), given_.tolist(), counts), COST)
    for row, times in enumerate(counts.astype(int)):
        plain = agreement(confusion(np.repeat(came, times).tolist(), np.repeat(given_, times).tolist()), COST)
        assert {name: quick[name][row] for name in AGREEMENT} == pytest.approx({n: float(v) for n, v in plain.items()})


def test_nobody_agrees_on_nothing() -> None:
    assert all(np.isnan(figure) for figure in agreement(np.zeros((4, 4)), COST).values())


def test_an_unknown_tier_is_refused() -> None:
    with pytest.raises(ModelError, match="Got gold"):
        confusion(["gold"], ["valuable"])


def test_confusion_of_a_case_computed_by_hand() -> None:
    assert confusion(["high_value", "valuable"], ["high_value", "loss_making"])[:2].tolist() == [
        [1.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0],
    ]


def test_agreement_of_a_case_computed_by_hand() -> None:
    figures = agreement(np.diag([3.0, 2.0, 4.0, 1.0]), np.ones((4, 4)) - np.eye(4))
    assert (float(figures["tier_accuracy"]), float(figures["tier_weighted_kappa"]), float(figures["tier_cost"])) == (
        1.0,
        1.0,
        0.0,
    )
