"""Positive-only labels, against the paper's estimators written down independently with scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from segment.main_bank import MainBankClassifier
from segment.main_bank.elkan_noto import PriorShare, elkan_noto
from segment.main_bank.held_out_rows import folds_of
from segment.main_bank.scorecard import SIGNALS
from segment.policy import Policy
from tests.main_bank.test_classifier import crowd

LABELLED = 0.3


def population(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, truth, and labels of a random share of the positives, few enough that g is a logistic function."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 2))
    true = rng.random(n) < expit(-4.0 + 2.0 * values[:, 0])
    return values, true, true & (rng.random(n) < LABELLED)


def by_the_paper(values: np.ndarray, labelled: np.ndarray) -> tuple[float, np.ndarray]:
    """c = mean g over held-out positives (e1); w = (1 - c) / c * g / (1 - g)."""
    split = PredefinedSplit(folds_of(values))
    g = cross_val_predict(LogisticRegression(C=1e6), values, labelled, cv=split, method="predict_proba")[:, 1]
    c = g[labelled].mean()
    weight = np.where(labelled, 1.0, np.minimum((1 - c) / c * g / (1 - g), 1.0))
    return c, weight


def test_both_methods_give_what_an_independent_implementation_gives() -> None:
    values, _, labelled = population(20_000)
    c, weight = by_the_paper(values, labelled)
    found = elkan_noto(values, labelled)
    assert found.label_share == pytest.approx(c, rel=0.02)
    assert np.abs(found.positive - weight).mean() < 0.005
    assert found.positive.mean() == pytest.approx(weight.mean(), rel=0.02)


def test_where_classes_part_the_share_of_labelled_positives_is_found() -> None:
    rng = np.random.default_rng(3)
    group = np.arange(8000) % 2 == 0  # one column that tells the positives, so that g is c or 0
    labelled = group & (rng.random(8000) < LABELLED)
    found = elkan_noto(group[:, None].astype(float), labelled)
    assert found.label_share == pytest.approx(labelled[group].mean(), abs=0.005)
    assert found.positive[~group].max() < 0.01
    assert found.positive[group & ~labelled].min() > 0.9


def test_more_are_taken_for_positive_than_are_labelled() -> None:
    values, true, labelled = population(20_000)
    found = elkan_noto(values, labelled)
    assert labelled.mean() < 0.5 * found.positive.mean()
    assert np.corrcoef(found.positive, true)[0, 1] > np.corrcoef(labelled, true)[0, 1] * 0.5


def test_labels_of_customers_elsewhere_alone_teach_the_classifier(policy: Policy) -> None:
    signals, truth = crowd(4000)
    labelled = (truth == 1) & (np.random.default_rng(0).random(4000) < LABELLED)
    expert = MainBankClassifier.from_policy(policy.main_bank).fit(signals)
    taught = MainBankClassifier.from_policy(policy.main_bank).fit(signals, np.where(labelled, 1.0, np.nan))
    assert (taught.stage_, taught.expert_score_, taught.n_labels_) == ("positive_only", True, int(labelled.sum()))
    assert 0 < taught.label_share_ < 1
    assert taught.coef_[SIGNALS.index("other_bank_card")] > expert.coef_[SIGNALS.index("other_bank_card")]
    later, outcome = crowd(4000, seed=1)
    assert taught.score(later, outcome) > expert.score(later, outcome)


def test_labels_of_everybody_teach_nothing(policy: Policy) -> None:
    signals, _ = crowd(300)
    everyone = MainBankClassifier.from_policy(policy.main_bank).fit(signals, np.ones(300))
    assert (everyone.stage_, everyone.learned_) == ("scorecard", False)


def test_the_share_of_labelled_positives_is_drawn_to_a_prior_while_labels_are_few() -> None:
    values, _, labelled = population(20_000)
    plain = elkan_noto(values, labelled).label_share
    drawn = elkan_noto(values, labelled, prior=PriorShare(0.9, float(labelled.sum()))).label_share
    assert drawn == pytest.approx((plain + 0.9) / 2.0)


def test_elkan_noto_of_a_case_computed_by_hand() -> None:
    rng = np.random.default_rng(0)
    positive = np.arange(4000) < 1000
    values = np.where(positive, 2.0, -2.0)[:, None] + rng.normal(size=(4000, 1))
    found = elkan_noto(values, positive & (rng.random(4000) < 0.4))
    assert round(float(found.positive.mean()), 2) == 0.24
