"""scikit-learn's own checks of the classifier."""

from __future__ import annotations

from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from segment.estimator_checks import NOT_HELD
from segment.main_bank import MainBankClassifier
from segment.policy import load_policy


@parametrize_with_checks(
    [MainBankClassifier(), MainBankClassifier.from_policy(load_policy("models/retail.toml").main_bank)],
    expected_failed_checks=lambda _: NOT_HELD["MainBankClassifier"],
    xfail_strict=True,
)
def test_the_classifier_keeps_to_scikit_learns_conventions(estimator: Any, check: Any) -> None:
    check(estimator)
