"""What was learned from few data is said, and nothing where data were many or a model is older."""

from __future__ import annotations

from pathlib import Path

from segment.messages import Message
from segment.model.data_limits import data_limits
from segment.policy import load_policy

POLICY = load_policy(Path(__file__).parents[2] / "models" / "retail.toml")
STATED = POLICY.model_copy(update={"main_bank": POLICY.main_bank.model_copy(update={"elsewhere_share": 0.3})})
MANY = {"main_here": 5e4, "main_elsewhere": 9e3, "clustered": 1e5, "labels": 900, "learned_from_labels": 1}
MANY |= {"wallet_prior": 0.002}
FEW = {"main_here": 80, "main_elsewhere": 20, "clustered": 500, "labels": 0, "learned_from_labels": 0}
FEW |= {"wallet_prior": 0.6}


def test_a_large_bank_with_labels_is_limited_by_nothing() -> None:
    assert data_limits(MANY, POLICY) == []


def test_a_small_bank_is_told_who_teaches_and_what_the_prior_weighs() -> None:
    found = {limit.code: limit.figures for limit in data_limits(FEW, POLICY)}
    assert found["limits.wallet"] == {"customers": 80, "prior": 0.6}
    assert found["limits.kept_share"] == {"customers": 20, "prior": 100 / 120}
    assert found["limits.level_assumed"]["share"] == POLICY.main_bank.base_rate


def test_a_stated_share_is_what_the_level_follows() -> None:
    found = {limit.code: limit.figures for limit in data_limits(FEW, STATED)}
    assert found["limits.level_stated"]["share"] == 0.3
    assert "limits.level_assumed" not in found


def test_labels_that_are_few_or_of_one_kind_or_not_judged_are_said_with_their_number() -> None:
    few = MANY | {"labels": 20, "labels_weight": 0.2, "labels_proven": 0}
    assert data_limits(few, POLICY) == [
        Message("limits.labels", {"labels": 20, "prior": 0.8}),
        Message("limits.labels_not_judged", {"labels": 20, "least": POLICY.main_bank.gates.least_labels}),
    ]
    alone = data_limits(few | {"labels_weight": 0.0}, POLICY)
    assert alone[0] == Message("limits.labels_of_one_kind", {"labels": 20})
    unproven = data_limits(MANY | {"labels_weight": 0.95, "labels_proven": 0}, POLICY)
    assert [limit.code for limit in unproven] == ["limits.labels_unproven"]
    assert data_limits(MANY | {"labels_weight": 0.95, "labels_proven": 1}, POLICY) == []


def test_models_of_before_who_taught_was_kept_say_nothing() -> None:
    assert data_limits({}, POLICY) == []
