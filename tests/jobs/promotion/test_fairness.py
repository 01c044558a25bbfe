"""The gate of fairness between challenger and champion (DOMAIN.md 4.4 (g))."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from segment.jobs.evaluation import Judged
from segment.jobs.promotion import fairness as job
from segment.jobs.promotion.fairness import Fairness, Worse, fairness_gate, fairness_of
from segment.policy import load_policy
from segment.policy.promotion import Promotion
from tests.conftest import RETAIL, Bank

POLICY, LIMITS = load_policy(RETAIL), Promotion()
ROWS = 600


def judged(high: np.ndarray, predicted: np.ndarray) -> Judged:
    """A model that calls these customers high-value and forecasts these amounts; everyone brings 100."""
    frame = pl.DataFrame({"customer_id": [f"c{one}" for one in range(ROWS)], "high": high}).with_columns(
        as_of=pl.lit("2024-12-31").str.to_date()
    )
    said = np.column_stack([predicted] * 4)
    return Judged(None, frame, said[:, 0], frame, np.full(ROWS, 100.0), said, said[:, 0], True)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two groups by turns, and the tiers that a test planted."""
    words = pl.DataFrame({"sex": ["f", "m"] * (ROWS // 2)})
    monkeypatch.setattr(job, "people_at", lambda *_: SimpleNamespace(attributes=words))
    tier = (
        pl.when("high")
        .then(pl.lit("high_value"))
        .otherwise(pl.when(pl.int_range(pl.len()) % 5 == 0).then(pl.lit("loss_making")).otherwise(pl.lit("valuable")))
    )
    monkeypatch.setattr(job, "with_forecast_tier", lambda _, frame: frame.with_columns(tier=tier))


def compared(champion: Judged, challenger: Judged, bank: object = None) -> Fairness:
    rng = np.random.default_rng(0)
    draws = [np.arange(ROWS), *(rng.integers(0, ROWS, ROWS) for _ in range(200))]
    return fairness_of([(champion, challenger)], draws, bank, POLICY)  # type: ignore[arg-type]


def alike() -> np.ndarray:
    return np.arange(ROWS) % 6 < 2


def test_the_same_model_is_no_worse() -> None:
    one = judged(alike(), np.full(ROWS, 100.0))
    found = compared(one, one)
    assert fairness_gate(found, LIMITS).holds
    assert {figure.worse for figure in found.found.values()} == {0.0}


def test_a_challenger_that_puts_one_group_back_fails() -> None:
    women = np.arange(ROWS) % 2 == 0
    fewer = alike() & ~(women & (np.arange(ROWS) % 4 == 0))
    found = compared(judged(alike(), np.full(ROWS, 100.0)), judged(fewer, np.full(ROWS, 100.0)))
    gate = fairness_gate(found, LIMITS)
    assert not gate.holds
    assert "by sex, least ratio of high-value rates 0.500, the champion's 1.000" in gate.said
    turned = compared(judged(fewer, np.full(ROWS, 100.0)), judged(alike(), np.full(ROWS, 100.0)))
    assert fairness_gate(turned, LIMITS).holds


def test_a_challenger_that_forecasts_one_group_too_low_fails() -> None:
    low = np.where(np.arange(ROWS) % 2 == 0, 80.0, 100.0)
    gate = fairness_gate(compared(judged(alike(), np.full(ROWS, 100.0)), judged(alike(), low)), LIMITS)
    assert not gate.holds
    assert "largest bias of a group 0.200" in gate.said


def test_a_worse_figure_that_may_be_chance_passes() -> None:
    unsure = Worse(0.9, 0.7, 0.2, -0.1, 0.5)
    assert fairness_gate(Fairness(("sex",), {("sex", "impact_ratio"): unsure}), LIMITS).holds
    sure = unsure._replace(low=0.01)
    assert not fairness_gate(Fairness(("sex",), {("sex", "impact_ratio"): sure}), LIMITS).holds
    small = Worse(0.9, 0.86, 0.04, 0.01, 0.07)
    assert fairness_gate(Fairness(("sex",), {("sex", "impact_ratio"): small}), LIMITS).holds


def test_without_any_attribute_it_passes_as_not_known_and_with_groups_too_small_it_fails() -> None:
    unknown = fairness_gate(Fairness(), LIMITS)
    assert unknown.holds
    assert unknown.said.startswith("not known")
    small = fairness_gate(Fairness(("sex",)), LIMITS)
    assert not small.holds
    assert "cannot be judged" in small.said


def test_groups_of_the_bank_are_looked_up_by_the_audits_reader(
    trained_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    ids = pl.read_parquet(trained_bank.workspace.protected / "customers.parquet")["customer_id"]
    frame = pl.DataFrame({"customer_id": ids}).with_columns(as_of=pl.lit("2024-12-31").str.to_date())
    said = np.zeros((len(ids), 4))
    one = Judged(None, frame, said[:, 0], frame, said[:, 0] + 1, said, said[:, 0], True)  # type: ignore[arg-type]
    words = job._attributes(one, trained_bank.workspace, trained_bank.policy)
    assert words.height == len(ids)
    assert {"age_band", "sex", "region"} <= set(words.columns)
