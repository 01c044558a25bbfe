from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io
from scipy.special import expit
from sklearn.base import clone

from segment.exceptions import ModelError
from segment.main_bank import MainBankClassifier
from segment.main_bank.scorecard import COLUMNS, SIGNALS
from segment.policy import Policy
from segment.tracking.model_files import TRUSTED_TYPES
from tests.main_bank.archetypes import ARCHETYPES, frame

EVERYONE = frame(*(person.signals for person in ARCHETYPES))


def crowd(n: int, seed: int = 0) -> tuple[pl.DataFrame, np.ndarray]:
    """A bank where, against the expert, another bank's card is the surest sign and a salary says little."""
    rng = np.random.default_rng(seed)
    signals = pl.DataFrame(rng.random((n, len(SIGNALS))), schema=list(COLUMNS))
    logit = 6 * (signals["signal_other_bank_card"] - 0.5) - 0.5 * signals["signal_salary_months"]
    return signals, (rng.random(n) < expit(logit.to_numpy())).astype(float)


def test_pandas_polars_and_reordered_columns_give_the_same(expert: MainBankClassifier) -> None:
    expected = expert.predict_proba(EVERYONE)
    np.testing.assert_array_equal(expert.predict_proba(EVERYONE.to_pandas()), expected)
    np.testing.assert_array_equal(expert.predict_proba(EVERYONE.select(reversed(COLUMNS))), expected)


def test_a_whole_snapshot_may_be_given(expert: MainBankClassifier) -> None:
    snapshot = EVERYONE.with_columns(customer_id=pl.lit("c"), contribution_12m=pl.lit(1e9))
    np.testing.assert_array_equal(expert.predict_proba(snapshot), expert.predict_proba(EVERYONE))


def test_null_nan_and_a_missing_column_are_all_unknown(expert: MainBankClassifier) -> None:
    unknown = EVERYONE.with_columns(signal_drain=pl.lit(None, dtype=pl.Float64))
    as_nan = EVERYONE.with_columns(signal_drain=pl.lit(np.nan))
    expected = expert.predict_proba(EVERYONE.drop("signal_drain"))
    np.testing.assert_array_equal(expert.predict_proba(unknown), expected)
    np.testing.assert_array_equal(expert.predict_proba(as_nan), expected)


def test_pandas_with_missing_values_of_its_own_is_read(expert: MainBankClassifier) -> None:
    people = EVERYONE.to_pandas().astype("Float64")
    assert people.isna().to_numpy().any()
    np.testing.assert_array_equal(expert.predict_proba(people), expert.predict_proba(EVERYONE))


def test_a_signal_outside_its_range_is_an_error_that_names_the_column(expert: MainBankClassifier) -> None:
    with pytest.raises(ModelError, match=r"between 0 and 1\. 1 values of `signal_bills`"):
        expert.predict_proba(frame({"bills": 4.0}))


def test_signals_without_weights_are_an_error() -> None:
    with pytest.raises(ModelError, match="from_policy"):
        MainBankClassifier().fit(EVERYONE)


def test_columns_that_are_no_signals_need_labels(policy: Policy) -> None:
    with pytest.raises(ValueError, match="requires y to be passed"):
        MainBankClassifier.from_policy(policy.main_bank).fit(pd.DataFrame({"a": [1.0, 2.0]}))


def test_states_of_columns_that_are_no_signals_are_an_error(expert: MainBankClassifier) -> None:
    with pytest.raises(ModelError, match="signal_<name>"):
        expert.states(pd.DataFrame({"a": [1.0, 2.0]}))


@pytest.mark.parametrize("labels", [None, "unlabelled", "here"])
def test_without_labels_of_customers_elsewhere_the_scorecard_stays(policy: Policy, labels: str | None) -> None:
    signals, truth = crowd(300)
    y = {None: None, "unlabelled": np.full(300, np.nan), "here": np.where(truth == 0.0, 0.0, -1)}[labels]
    model = MainBankClassifier.from_policy(policy.main_bank).set_params(level_from_customers=1e12).fit(signals, y)
    weights = policy.main_bank.weights.model_dump()
    np.testing.assert_allclose(
        [model.intercept_, *model.coef_], [weights["intercept"], *(weights[n] for n in (*SIGNALS, "no_salary"))]
    )
    assert (model.learned_, model.n_labels_) == (False, 0)


def test_a_bank_where_everyone_is_busy_is_read_at_its_own_level(policy: Policy) -> None:
    busy = frame(*({"spend_weeks": 1.0, "logins": 1.0, "bills": share} for share in np.linspace(0, 1, 300)))
    busy = busy.with_columns(pl.col(column).fill_nan(0.0) for column in COLUMNS)
    model = MainBankClassifier.from_policy(policy.main_bank).set_params(level_from_customers=0).fit(busy)
    chance = model.predict_proba(busy)[:, 1]
    assert np.mean(chance > policy.main_bank.base_rate) == pytest.approx(policy.main_bank.base_rate, abs=0.01)
    np.testing.assert_allclose(model.coef_, MainBankClassifier.from_policy(policy.main_bank).fit(frame({})).coef_)


def test_labels_move_the_weights_towards_what_they_show(policy: Policy) -> None:
    signals, truth = crowd(4000)
    later, outcome = crowd(4000, seed=1)
    expert = MainBankClassifier.from_policy(policy.main_bank).fit(signals)
    learned = clone(expert).fit(signals, truth)
    assert learned.score(later, outcome) > expert.score(later, outcome) + 0.1
    assert learned.coef_[SIGNALS.index("other_bank_card")] > 2


def test_rows_without_a_label_change_nothing(policy: Policy) -> None:
    signals, truth = crowd(1000)
    half = np.arange(1000) < 500
    expert = MainBankClassifier.from_policy(policy.main_bank).set_params(level_from_customers=1e12)
    part = expert.fit(signals.filter(half), truth[half])
    whole = clone(part).fit(signals, np.where(half, truth, np.nan))
    np.testing.assert_allclose(whole.coef_, part.coef_)
    assert whole.n_labels_ == 500


def test_labels_may_be_a_nullable_column_of_a_frame(policy: Policy) -> None:
    signals, truth = crowd(400)
    y = pl.Series([bool(label) if i % 4 else None for i, label in enumerate(truth)])
    model = MainBankClassifier.from_policy(policy.main_bank).fit(signals, y)
    assert model.n_labels_ == 300


@pytest.mark.parametrize(("y", "match"), [([2.0] * 17, "must be 1"), ([1.0], "one entry per row")])
def test_labels_that_do_not_fit_are_an_error(policy: Policy, y: list[float], match: str) -> None:
    with pytest.raises((ModelError, ValueError), match=match):
        MainBankClassifier.from_policy(policy.main_bank).fit(EVERYONE, y)


def test_columns_without_an_expert_are_learned_and_nan_says_nothing() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(50, 10, size=(500, 2))
    y = np.where(X[:, 0] > 50, "elsewhere", "here")
    model = MainBankClassifier().fit(X, y)
    assert model.score(X, y) > 0.95
    at_mean = model.predict_proba([[np.nan, np.nan]])
    np.testing.assert_allclose(at_mean, model.predict_proba([X.mean(axis=0)]))


@pytest.mark.parametrize("labelled", [False, True])
def test_the_model_survives_a_file_without_pickle(policy: Policy, labelled: bool) -> None:
    signals, truth = crowd(300)
    model = MainBankClassifier.from_policy(policy.main_bank).fit(signals, truth if labelled else None)
    stored = skops.io.dumps(model)
    untrusted = skops.io.get_untrusted_types(data=stored)
    again = skops.io.loads(stored, trusted=untrusted)
    assert set(untrusted) <= set(TRUSTED_TYPES)
    np.testing.assert_array_equal(again.predict_proba(EVERYONE), model.predict_proba(EVERYONE))
    assert again.states(EVERYONE).tolist() == model.states(EVERYONE).tolist()


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_without_labels_probabilities_come_to_the_share_that_the_bank_states(policy: Policy, share: float) -> None:
    signals, _ = crowd(2000)
    model = MainBankClassifier.from_policy(policy.main_bank).set_params(elsewhere_share=share).fit(signals)
    assert model.predict_proba(signals)[:, 1].mean() == pytest.approx(share, abs=0.005)
    plain = MainBankClassifier.from_policy(policy.main_bank).fit(signals)
    np.testing.assert_array_equal(
        np.argsort(model.predict_proba(signals)[:, 1], kind="stable"),
        np.argsort(plain.predict_proba(signals)[:, 1], kind="stable"),
    )


def test_those_called_are_expected_to_be_right_as_often_as_the_policy_asks(policy: Policy) -> None:
    signals, _ = crowd(2000)
    model = MainBankClassifier.from_policy(policy.main_bank).set_params(elsewhere_share=0.4).fit(signals)
    called = model.states(signals) == "main_elsewhere"
    assert called.any()
    assert model.predict_proba(signals)[called, 1].mean() >= policy.main_bank.flag_precision
    assert model.predict_proba(signals)[called, 1].min() >= model.elsewhere_from_


def test_without_labels_and_share_the_policys_cut_stands(policy: Policy) -> None:
    model = MainBankClassifier.from_policy(policy.main_bank).fit(crowd(300)[0])
    assert model.elsewhere_from_ == policy.main_bank.elsewhere_from
