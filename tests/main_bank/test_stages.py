"""From the scorecard to what labels say, as labels grow."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
import skops.io
from scipy.special import expit
from sklearn.metrics import log_loss

from segment.main_bank import MainBankClassifier
from segment.main_bank.boosted import BoostedLearner, CustomerSignals, SubaggedLearner
from segment.main_bank.evidence import links
from segment.main_bank.held_out_rows import halves_of
from segment.main_bank.inputs import MORE, more_of, signals_of
from segment.main_bank.scorecard import COLUMNS, SIGNALS, TERMS
from segment.policy import Policy
from segment.tracking.model_files import TRUSTED_TYPES
from tests.main_bank.test_classifier import crowd


def crossed(n: int, seed: int = 0) -> tuple[pl.DataFrame, np.ndarray]:
    """A bank where only a trend and two signals together say where the main bank is, which no weight can."""
    rng = np.random.default_rng(seed)
    signals = pl.DataFrame(rng.random((n, len(SIGNALS))), schema=list(COLUMNS))
    falling = rng.uniform(-1, 1, n)
    both = (signals["signal_own_in_share"].to_numpy() > 0.5) & (signals["signal_bills"].to_numpy() < 0.5)
    odds = np.where(both, 0.9, 0.1) + np.where(falling < -0.5, 0.4, 0.0)
    truth = (rng.random(n) < np.clip(odds, 0.0, 0.97)).astype(float)
    return signals.with_columns(signal_salary_months_trend=pl.Series(falling)), truth


def flipped(truth: np.ndarray, error: float, seed: int = 7) -> np.ndarray:
    return np.where(np.random.default_rng(seed).random(len(truth)) < error, 1.0 - truth, truth)


def new(policy: Policy, **parameters: float) -> MainBankClassifier:
    return MainBankClassifier.from_policy(policy.main_bank).set_params(label_error=0.0, **parameters)


def first_of_each(truth: np.ndarray, here: int, elsewhere: int) -> np.ndarray:
    """Labels of the first customers of each kind alone."""
    labels = np.full(len(truth), np.nan)
    for kind, count in ((0.0, here), (1.0, elsewhere)):
        labels[np.flatnonzero(truth == kind)[:count]] = kind
    return labels


@pytest.mark.parametrize(
    ("here", "elsewhere", "stage", "weight"),
    [
        (0, 0, "scorecard", 0.0),
        (40, 0, "scorecard", 0.0),
        (0, 40, "positive_only", 0.0),
        (1, 1, "labels", 1 / 51),
        (50, 50, "labels", 1 / 2),
        (30, 60, "labels", 40 / 90),
        (10, 200, "labels", 15 / 65),  # thirty of them are taken as answers
    ],
)
def test_labels_weigh_as_many_as_there_are_of_each_kind(
    policy: Policy, here: int, elsewhere: int, stage: str, weight: float
) -> None:
    signals, truth = crowd(600)
    model = new(policy).fit(signals, first_of_each(truth, here, elsewhere))
    assert model.stage_ == stage
    assert model.labels_weight_ == pytest.approx(weight)
    assert model.learned_ == (elsewhere > 0)
    assert model.n_labels_ == (here + elsewhere if elsewhere else 0)


LARGEST, MEAN = 0.10, 0.02
"""What one label more may change of anybody's probability, and of everybody's on average."""


@pytest.mark.parametrize("kinds", [(1, 0), (0, 1), (1, 1)], ids=["elsewhere", "here", "both"])
@pytest.mark.parametrize("counts", [(0, 1, 2, 3), (9, 10, 11), (49, 50, 51)], ids=["none", "few", "fifty"])
def test_one_label_more_moves_no_customer_by_much(
    policy: Policy, kinds: tuple[int, int], counts: tuple[int, ...]
) -> None:
    signals, truth = crowd(600, seed=3)
    models = [
        MainBankClassifier.from_policy(policy.main_bank).fit(
            signals, first_of_each(truth, kinds[1] * count, kinds[0] * count)
        )
        for count in counts
    ]
    for fewer, more in pairwise(models):
        change = np.abs(more.predict_proba(signals)[:, 1] - fewer.predict_proba(signals)[:, 1])
        assert change.max() < LARGEST
        assert change.mean() < MEAN
        assert abs(more.called_from - fewer.called_from) < 0.02


def test_one_answer_of_the_other_kind_never_throws_away_what_a_list_of_customers_elsewhere_says(
    policy: Policy,
) -> None:
    signals, truth = crowd(600, seed=3)
    none, one = (new(policy).fit(signals, first_of_each(truth, here, 60)) for here in (0, 1))
    assert (none.stage_, one.stage_) == ("positive_only", "labels")
    change = np.abs(one.predict_proba(signals)[:, 1] - none.predict_proba(signals)[:, 1])
    assert change.max() < LARGEST


def test_without_labels_the_answer_is_an_experts_score(policy: Policy) -> None:
    model = new(policy).fit(crowd(300)[0])
    assert (model.stage_, model.expert_score_, model.gates_) == ("scorecard", True, {})


@pytest.mark.slow
def test_answers_are_proven_only_where_every_gate_holds(policy: Policy) -> None:
    signals, truth = crowd(2000)
    proven = new(policy).fit(signals, truth)
    assert set(proven.gates_) == {"labels", "roc_auc", "calibration_error", "slope"}
    assert not proven.expert_score_
    strict = new(policy, gates={"roc_auc_from": 0.99}).fit(signals, truth)
    assert (strict.learned_, strict.expert_score_) == (True, True)


def test_labels_that_agree_with_no_signal_leave_an_experts_mark(policy: Policy) -> None:
    signals, _ = crowd(400)
    chance = np.random.default_rng(5).integers(0, 2, 400).astype(float)
    model = new(policy).fit(signals, chance)
    assert model.expert_score_
    assert model.gates_["roc_auc"] < 0.65


@pytest.mark.slow
def test_trees_find_what_no_weight_can_say_and_stay_away_where_weights_say_it(policy: Policy) -> None:
    signals, truth = crossed(3000)
    later, outcome = crossed(3000, seed=1)
    model = new(policy).fit(signals, truth)
    by_weights = expit(model.explain(later).contributions.sum(axis=1) + model.intercept_)
    losses = [log_loss(outcome, chance) for chance in (model.predict_proba(later)[:, 1], by_weights)]
    assert losses[0] < losses[1] - 0.05
    assert model.free_share_ > 0.8
    as_the_expert_says = np.random.default_rng(0).random(3000) < new(policy).fit(signals).predict_proba(signals)[:, 1]
    assert new(policy).fit(signals, as_the_expert_says.astype(float)).free_share_ < 0.2


def test_wrong_labels_do_not_pull_the_answer_to_the_middle(policy: Policy) -> None:
    signals, truth = crowd(4000)
    later, outcome = crowd(4000, seed=1)
    labels = flipped(truth, 0.2)
    knowing = new(policy).set_params(label_error=0.2).fit(signals, labels)
    trusting = new(policy).fit(signals, labels)
    losses = [log_loss(outcome, model.predict_proba(later)[:, 1]) for model in (knowing, trusting)]
    assert losses[0] < losses[1]


def test_reasons_never_speak_against_an_answer_that_trees_turned(policy: Policy) -> None:
    signals, truth = crossed(3000)
    model = new(policy).fit(signals, truth)
    chance = model.predict_proba(signals)[:, 1]
    why = model.explain(signals)
    by_weights = why.contributions.sum(axis=1) + model.intercept_ > 0
    apart = np.flatnonzero((chance > 0.5) != by_weights)
    assert len(apart) > 20
    elsewhere, here = (model.explain(signals, side=side).codes for side in ("elsewhere", "here"))
    assert not any((here if chance[row] > 0.5 else elsewhere)[row] for row in apart)


@pytest.mark.parametrize("labels", ["labels", "positive_only"])
def test_every_stage_survives_a_file_with_the_types_that_are_trusted(policy: Policy, labels: str) -> None:
    signals, truth = crossed(1500)
    model = new(policy).fit(signals, truth if labels == "labels" else np.where(truth == 1, 1.0, np.nan))
    assert model.stage_ == labels
    again = skops.io.loads(skops.io.dumps(model), trusted=list(TRUSTED_TYPES))
    np.testing.assert_array_equal(again.predict_proba(signals), model.predict_proba(signals))


def test_trees_read_columns_of_which_nothing_is_known() -> None:
    rng = np.random.default_rng(0)
    terms = rng.random((400, len(TERMS)))
    signals = np.full((400, len(SIGNALS)), np.nan)
    signals[:, 0] = terms[:, 0]
    seen = CustomerSignals(terms, signals, np.full((400, len(MORE)), np.nan))
    y = (terms[:, 0] < 0.5).astype(float)
    sides = -np.eye(len(SIGNALS))[0]
    learner = BoostedLearner().fit(seen, y, np.ones(400), 0.0, sides)
    assert np.mean((learner.log_odds(seen, np.zeros(400)) > 0) == (y == 1)) > 0.95


def test_boosting_keeps_to_the_side_that_the_expert_gives_a_signal() -> None:
    rng = np.random.default_rng(0)
    signals = rng.random((600, len(SIGNALS)))
    seen = CustomerSignals(np.zeros((600, len(TERMS))), signals, np.zeros((600, len(MORE))))
    y = (rng.random(600) < signals[:, 0]).astype(float)
    learner = BoostedLearner().fit(seen, y, np.ones(600), 0.0, np.full(len(SIGNALS), -1.0))
    low, high = signals.copy(), signals.copy()
    low[:, 0], high[:, 0] = 0.1, 0.9
    at = [learner.log_odds(seen._replace(signals=values), np.zeros(600)) for values in (low, high)]
    assert (at[1] <= at[0] + 1e-12).all()


@pytest.mark.parametrize(("kind", "scaling"), [("expert_and_boosting", (0.2, 0.8)), ("boosting", (0.0, 1.0))])
def test_a_model_of_before_whose_trees_answer_alone_still_answers_so(
    policy: Policy, kind: str, scaling: tuple[float, float]
) -> None:
    signals, truth = crossed(600)
    model = new(policy).fit(signals, truth)
    (trees, *_) = model.free_.learners
    trees.kind, model.free_, model.platt_ = kind, trees, np.array(scaling)
    del model.free_share_
    seen = CustomerSignals(model._terms(signals_of(signals)), signals_of(signals), more_of(signals))
    by_weights = seen.terms @ model.coef_ + model.intercept_
    log_odds = scaling[0] + scaling[1] * trees.log_odds(seen, by_weights)
    np.testing.assert_allclose(model.predict_proba(signals)[:, 1], expit(log_odds))


def test_a_half_of_one_kind_teaches_no_trees_and_the_weights_stand_in() -> None:
    rng = np.random.default_rng(0)
    signals = rng.random((4, len(SIGNALS)))
    seen = CustomerSignals(np.zeros((4, len(TERMS))), signals, np.zeros((4, len(MORE))))
    learner = SubaggedLearner().fit(seen, np.array([1.0, 0.0, 0.0, 0.0]), np.ones(4), 0.0, np.zeros(len(SIGNALS)))
    taught = sum(each is not None for each in learner.learners)
    assert 0 < taught < len(learner.learners)
    by_weights = np.arange(4.0)
    each = [by_weights if one is None else one.log_odds(seen, by_weights) for one in learner.learners]
    np.testing.assert_allclose(learner.log_odds(seen, by_weights), np.mean(each, axis=0))
    unseen = ~halves_of(signals)
    np.testing.assert_allclose(
        learner.out_of_bag(seen, by_weights),
        [np.mean([x[row] for x, out in zip(each, unseen[row], strict=True) if out]) for row in range(4)],
    )


def test_a_regression_of_a_model_of_before_is_read() -> None:
    learner = BoostedLearner()
    learner.kind = "logistic"
    seen = CustomerSignals(np.ones((2, len(TERMS))), np.zeros((2, len(SIGNALS))), np.zeros((2, len(MORE))))
    columns = seen.linear().shape[1]
    learner.centre, learner.spread = np.zeros(columns), np.ones(columns)
    learner.weights = np.concatenate([[0.5], np.eye(columns)[0]])
    assert learner.log_odds(seen, np.zeros(2)).tolist() == [1.5, 1.5]


def test_a_year_of_feeding_from_elsewhere_is_a_link(policy: Policy) -> None:
    fed = pl.DataFrame({"signal_salary_months": [0.0, 0.0], "signal_own_in_share_12m": [0.05, 0.10]})
    assert links(more_of(fed), new(policy).links or {}, MORE).any(axis=1).tolist() == [False, True]
