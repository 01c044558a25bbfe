"""From the scorecard over corrected weights to free learners, as labels grow."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import skops.io
from sklearn.metrics import log_loss

from segment.main_bank import MainBankClassifier
from segment.main_bank.boosted import KINDS, BoostedLearner, CustomerSignals
from segment.main_bank.evidence import links
from segment.main_bank.inputs import MORE, more_of
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


@pytest.mark.parametrize(("labels", "stage"), [(60, "scorecard"), (300, "map"), (3000, "free")])
def test_each_stage_takes_over_when_labels_allow_it(policy: Policy, labels: int, stage: str) -> None:
    signals, truth = crossed(3000)
    if labels == 300:
        signals, truth = crowd(3000)
    model = new(policy).fit(signals, np.where(np.arange(3000) < labels, truth, np.nan))
    assert model.stage_ == stage
    assert model.learned_ == (stage != "scorecard")


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


def test_labels_that_agree_with_no_signal_leave_the_scorecard_or_an_experts_mark(policy: Policy) -> None:
    signals, _ = crowd(400)
    chance = np.random.default_rng(5).integers(0, 2, 400).astype(float)
    model = new(policy).fit(signals, chance)
    assert model.expert_score_
    assert model.gates_["roc_auc"] < 0.65


@pytest.mark.slow
def test_the_free_learner_finds_what_no_weight_can_say(policy: Policy) -> None:
    signals, truth = crossed(3000)
    later, outcome = crossed(3000, seed=1)
    free = new(policy).fit(signals, truth)
    weights = new(policy, learn_freely_from_labels=10_000).fit(signals, truth)
    assert (free.stage_, weights.stage_) == ("free", "map")
    losses = [log_loss(outcome, model.predict_proba(later)[:, 1]) for model in (free, weights)]
    assert losses[0] < losses[1] - 0.05


def test_wrong_labels_do_not_pull_the_answer_to_the_middle(policy: Policy) -> None:
    signals, truth = crowd(4000)
    later, outcome = crowd(4000, seed=1)
    labels = flipped(truth, 0.2)
    knowing = new(policy, learn_freely_from_labels=10_000).set_params(label_error=0.2).fit(signals, labels)
    trusting = new(policy, learn_freely_from_labels=10_000).fit(signals, labels)
    losses = [log_loss(outcome, model.predict_proba(later)[:, 1]) for model in (knowing, trusting)]
    assert losses[0] < losses[1]


def test_reasons_of_the_free_stage_never_speak_against_its_answer(policy: Policy) -> None:
    signals, truth = crossed(3000)
    model = new(policy).fit(signals, truth)
    chance = model.predict_proba(signals)[:, 1]
    why = model.explain(signals)
    by_weights = why.contributions.sum(axis=1) + model.intercept_ > 0
    apart = np.flatnonzero((chance > 0.5) != by_weights)
    assert len(apart) > 20
    elsewhere, here = (model.explain(signals, side=side).codes for side in ("elsewhere", "here"))
    assert not any((here if chance[row] > 0.5 else elsewhere)[row] for row in apart)


@pytest.mark.parametrize("labels", ["free", "positive_only"])
def test_every_stage_survives_a_file_with_the_types_that_are_trusted(policy: Policy, labels: str) -> None:
    signals, truth = crossed(1500)
    model = new(policy).fit(signals, truth if labels == "free" else np.where(truth == 1, 1.0, np.nan))
    assert model.stage_ == labels
    again = skops.io.loads(skops.io.dumps(model), trusted=list(TRUSTED_TYPES))
    np.testing.assert_array_equal(again.predict_proba(signals), model.predict_proba(signals))


@pytest.mark.parametrize("kind", KINDS)
def test_free_learners_read_columns_of_which_nothing_is_known(kind: str) -> None:
    rng = np.random.default_rng(0)
    terms = rng.random((400, len(TERMS)))
    signals = np.full((400, len(SIGNALS)), np.nan)
    signals[:, 0] = terms[:, 0]
    seen = CustomerSignals(terms, signals, np.full((400, len(MORE)), np.nan))
    y = (terms[:, 0] < 0.5).astype(float)
    sides = -np.eye(len(SIGNALS))[0]
    learner = BoostedLearner(kind).fit(seen, y, np.ones(400), 0.0, sides)
    assert np.mean((learner.log_odds(seen, np.zeros(400)) > 0) == (y == 1)) > 0.95


def test_boosting_keeps_to_the_side_that_the_expert_gives_a_signal() -> None:
    rng = np.random.default_rng(0)
    signals = rng.random((600, len(SIGNALS)))
    seen = CustomerSignals(np.zeros((600, len(TERMS))), signals, np.zeros((600, len(MORE))))
    y = (rng.random(600) < signals[:, 0]).astype(float)
    learner = BoostedLearner("boosting").fit(seen, y, np.ones(600), 0.0, np.full(len(SIGNALS), -1.0))
    low, high = signals.copy(), signals.copy()
    low[:, 0], high[:, 0] = 0.1, 0.9
    at = [learner.log_odds(seen._replace(signals=values), np.zeros(600)) for values in (low, high)]
    assert (at[1] <= at[0] + 1e-12).all()


def test_a_year_of_feeding_from_elsewhere_is_a_link(policy: Policy) -> None:
    fed = pl.DataFrame({"signal_salary_months": [0.0, 0.0], "signal_own_in_share_12m": [0.05, 0.10]})
    assert links(more_of(fed), new(policy).links or {}, MORE).any(axis=1).tolist() == [False, True]
