from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from segment.main_bank.label_gates import LabelGates, gates_hold, held_out_metrics, roc_auc_behind

GOOD = {"labels": 300.0, "roc_auc": 0.75, "calibration_error": 0.05, "slope": 0.8}


def labelled(n: int, error: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    chance = expit(rng.normal(-0.5, 1.5, n))
    truth = (rng.random(n) < chance).astype(float)
    return truth, np.where(rng.random(n) < error, 1.0 - truth, truth), chance


def test_true_probabilities_measure_as_true_however_few_labels_there_are() -> None:
    for n in (300, 20_000):
        found = held_out_metrics(*labelled(n)[1:], 0.0)
        assert found["calibration_error"] < 0.03
        assert found["slope"] == pytest.approx(1.0, abs=0.2)


def test_true_probabilities_measure_as_true_behind_wrong_labels() -> None:
    truth, labels, chance = labelled(40_000, error=0.1)
    found = held_out_metrics(labels, chance, 0.1)
    assert found["calibration_error"] < 0.01
    assert found["slope"] == pytest.approx(1.0, abs=0.05)
    assert found["roc_auc"] == pytest.approx(roc_auc_score(truth, chance), abs=0.01)


def test_overconfident_probabilities_are_found_out() -> None:
    _, labels, chance = labelled(5000)
    found = held_out_metrics(labels, expit(2.0 * logit(chance)), 0.0)
    assert found["slope"] == pytest.approx(0.5, abs=0.05)
    assert found["calibration_error"] > 0.05


def test_without_wrong_labels_the_area_is_the_usual_one() -> None:
    truth, _, chance = labelled(500)
    assert roc_auc_behind(truth, chance, 0.0) == pytest.approx(roc_auc_score(truth, chance))


@pytest.mark.parametrize(
    ("missed", "value"),
    [("labels", 299.0), ("roc_auc", 0.749), ("calibration_error", 0.051), ("slope", 0.79), ("slope", 1.26)],
)
def test_every_gate_must_hold(missed: str, value: float) -> None:
    assert gates_hold(GOOD, LabelGates())
    assert not gates_hold(GOOD | {missed: value}, LabelGates())


def test_gates_hold_of_a_case_computed_by_hand() -> None:
    good = {"labels": 400.0, "roc_auc": 0.9, "calibration_error": 0.02, "slope": 1.0}
    assert (
        gates_hold(good, LabelGates()),
        gates_hold(good | {"labels": 200.0}, LabelGates()),
        gates_hold(good | {"slope": 2.0}, LabelGates()),
    ) == (
        True,
        False,
        False,
    )


def test_roc_auc_behind_of_a_case_computed_by_hand() -> None:
    assert roc_auc_behind(np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.1, 0.2, 0.8, 0.9]), 0.0) == 0.75
