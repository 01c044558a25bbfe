"""The gate of fairness between challenger and champion (DOMAIN.md 4.4 (g))."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from segment.audit.customer_groups import groups_at
from segment.evaluation import fairness_comparison as job
from segment.evaluation.fairness_comparison import Fairness, FairnessDifference, compare_fairness
from segment.evaluation.holdout import Holdout
from segment.jobs.fairness.protected_groups import read_group_records
from segment.jobs.learn.promotion_gates import fairness_gate
from segment.policy import load_policy
from segment.policy.promotion import Promotion
from segment.statistics import Resamples
from segment.warehouse.reference_tables import read_reference
from tests.conftest import RETAIL, Bank

POLICY, LIMITS = load_policy(RETAIL), Promotion()
ROWS = 600


def holdout(high: np.ndarray, predicted: np.ndarray) -> Holdout:
    """A model that calls these customers high-value and forecasts these amounts; everyone brings 100."""
    frame = pl.DataFrame({"customer_id": [f"c{one}" for one in range(ROWS)], "high": high}).with_columns(
        as_of=pl.lit("2024-12-31").str.to_date()
    )
    said = np.column_stack([predicted] * 4)
    return Holdout(None, frame, said[:, 0], frame, np.full(ROWS, 100.0), said, said[:, 0], True)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def tiers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiers that a test planted."""
    tier = (
        pl.when("high")
        .then(pl.lit("high_value"))
        .otherwise(pl.when(pl.int_range(pl.len()) % 5 == 0).then(pl.lit("loss_making")).otherwise(pl.lit("valuable")))
    )
    monkeypatch.setattr(job, "with_forecast_tier", lambda _, frame: frame.with_columns(tier=tier))


def compared(champion: Holdout, challenger: Holdout) -> Fairness:
    """Compare two groups by turns."""
    words = pl.DataFrame({"sex": ["f", "m"] * (ROWS // 2)})
    return compare_fairness([(champion, challenger)], [words], Resamples(ROWS, 200), POLICY.audit.least_group)


def alike() -> np.ndarray:
    return np.arange(ROWS) % 6 < 2


def test_the_same_model_is_no_worse() -> None:
    one = holdout(alike(), np.full(ROWS, 100.0))
    found = compared(one, one)
    assert fairness_gate(found, LIMITS).holds
    assert {figure.worse for figure in found.differences.values()} == {0.0}


def test_attributes_without_two_large_groups_are_said_beside_those_that_were_compared() -> None:
    one = holdout(alike(), np.full(ROWS, 100.0))
    found = compared(one, one)
    beside = replace(found, attributes=("sex", "age_band"))
    assert fairness_gate(beside, LIMITS).message.endswith(
        "; by age nothing could be judged: no two groups have enough customers"
    )
    assert "nothing could be judged" not in fairness_gate(found, LIMITS).message


def test_a_challenger_that_puts_one_group_back_fails() -> None:
    women = np.arange(ROWS) % 2 == 0
    fewer = alike() & ~(women & (np.arange(ROWS) % 4 == 0))
    found = compared(holdout(alike(), np.full(ROWS, 100.0)), holdout(fewer, np.full(ROWS, 100.0)))
    gate = fairness_gate(found, LIMITS)
    assert not gate.holds
    assert "by sex, least ratio of high-value rates 0.500, the champion's 1.000" in gate.message
    turned = compared(holdout(fewer, np.full(ROWS, 100.0)), holdout(alike(), np.full(ROWS, 100.0)))
    assert fairness_gate(turned, LIMITS).holds


def test_a_challenger_that_forecasts_one_group_too_low_fails() -> None:
    low = np.where(np.arange(ROWS) % 2 == 0, 80.0, 100.0)
    gate = fairness_gate(compared(holdout(alike(), np.full(ROWS, 100.0)), holdout(alike(), low)), LIMITS)
    assert not gate.holds
    assert "largest bias of a group 0.200" in gate.message


def test_a_worse_figure_that_may_be_chance_passes() -> None:
    unsure = FairnessDifference(0.9, 0.7, 0.2, -0.1, 0.5)
    assert fairness_gate(Fairness(("sex",), {("sex", "impact_ratio"): unsure}), LIMITS).holds
    sure = unsure._replace(low=0.01)
    assert not fairness_gate(Fairness(("sex",), {("sex", "impact_ratio"): sure}), LIMITS).holds
    small = FairnessDifference(0.9, 0.86, 0.04, 0.01, 0.07)
    assert fairness_gate(Fairness(("sex",), {("sex", "impact_ratio"): small}), LIMITS).holds


def test_without_any_attribute_it_passes_as_not_known_and_with_groups_too_small_it_fails() -> None:
    unknown = fairness_gate(Fairness(), LIMITS)
    assert unknown.holds
    assert unknown.message.startswith("not known")
    small = fairness_gate(Fairness(("sex",)), LIMITS)
    assert not small.holds
    assert "cannot be judged" in small.message


def test_groups_of_the_bank_are_looked_up_by_the_audits_reader(trained_bank: Bank) -> None:
    ids = pl.read_parquet(trained_bank.workspace.protected / "customers.parquet")["customer_id"]
    records = read_group_records(trained_bank.workspace, read_reference(trained_bank.workspace))
    words = groups_at(ids, dt.date(2024, 12, 31), records, trained_bank.policy.audit).attributes
    assert words.height == len(ids)
    assert {"age_band", "sex", "region"} <= set(words.columns)
