"""The challenger scores beside the champion and nobody is harmed."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import PERMISSION_DENIED

from segment.jobs.promotion import judge_version, shadow_of
from segment.jobs.promotion.judge import newest_snapshot
from segment.jobs.promotion.promote import candidate
from segment.jobs.promotion.shadow import compare_scores
from segment.jobs.refresh import publish
from segment.tracking import CHALLENGER, HASH_TAG, Tracking
from segment.warehouse import read_tiers
from tests.conftest import AS_OF, Bank

FIRST = pl.DataFrame(
    {
        "customer_id": [f"c{one}" for one in range(40)],
        "branch_id": ["a"] * 35 + ["b"] * 5,
        "tier": ["valuable"] * 20 + ["break_even"] * 20,
        "future_value_12m": [float(one) for one in range(40)],
        "main_bank_elsewhere": [False] * 30 + [True] * 10,
    }
)


@pytest.fixture
def challenged(bank: Bank) -> Tracking:
    """The champion's model registered once more, as challenger."""
    tracking = bank.tracking()
    model, version = tracking.load()
    tracking.register(model, model.features_, "train again", {}, tracking.metrics(version), {}, version.tags)
    return tracking


def test_two_models_are_compared_by_tier_flag_and_branch() -> None:
    second = FIRST.with_columns(tier=pl.when(pl.int_range(pl.len()) < 12).then(pl.lit("high_value")).otherwise("tier"))
    found = compare_scores(FIRST, second)
    assert (found["customers"], found["changed"], found["rank_correlation"]) == (40, 0.3, 1.0)
    assert (found["flagged_first"], found["flagged_both"]) == (10, 10)
    assert {"tier": "valuable", "tier_second": "high_value", "customers": 12} in found["tiers"]


def test_groups_of_a_few_customers_have_no_figures() -> None:
    found = compare_scores(FIRST, FIRST)
    (small,) = [one for one in found["branches"] if one["branch_id"] == "b"]
    assert small["customers"] is None
    assert small["future_value_first"] is None


def test_a_refresh_compares_the_challenger_and_names_nobody(bank: Bank, challenged: Tracking) -> None:
    policy = bank.policy.model_copy(update={"version": "next"})
    done = publish(AS_OF, bank.workspace, policy, challenged)
    folder = bank.workspace.runs / done.run_id
    found = json.loads((folder / "shadow.json").read_text())
    assert (found["champion"], found["challenger"]) == ("1", "2")
    assert (found["changed"], found["rank_correlation"]) == (0.0, pytest.approx(1.0))
    assert json.loads((folder / "run.json").read_text())["shadow"]["challenger"] == "2"
    ids = read_tiers(bank.workspace.tiers, AS_OF)["customer_id"].to_list()
    assert not [one for one in ids if one in (folder / "shadow.json").read_text()]


@pytest.mark.slow
def test_a_challenger_that_cannot_be_loaded_costs_the_refresh_nothing(bank: Bank, challenged: Tracking) -> None:
    challenged._client.set_model_version_tag("segment", "2", HASH_TAG, "0" * 64)
    done = publish(AS_OF, bank.workspace, bank.policy.model_copy(update={"version": "next"}), challenged)
    report = json.loads((bank.workspace.runs / done.run_id / "run.json").read_text())
    assert report["status"] == "published"
    assert "SHA-256 differs" in report["shadow"]["not_compared"]


@pytest.mark.slow
def test_a_server_that_answers_with_a_fault_costs_the_refresh_nothing(
    bank: Bank, challenged: Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise MlflowException("no", error_code=PERMISSION_DENIED)

    found = challenged.find
    monkeypatch.setattr(challenged, "find", lambda alias: refused() if alias == CHALLENGER else found(alias))
    monkeypatch.setattr(challenged, "_is_logged", refused)
    done = publish(AS_OF, bank.workspace, bank.policy.model_copy(update={"version": "next"}), challenged)
    report = json.loads((bank.workspace.runs / done.run_id / "run.json").read_text())
    assert (report["status"], done.waiting) == ("published", 1)
    assert "answers with a fault" in report["shadow"]["not_compared"]


def test_without_a_challenger_there_is_no_shadow(bank: Bank, tmp_path: Path) -> None:
    tracking = bank.tracking()
    _, version = tracking.load()
    found = shadow_of(version, FIRST, FIRST, {}, tracking, tmp_path)
    assert found == {"not_compared": "there is no challenger beside the champion"}
    assert not (tmp_path / "shadow.json").exists()


@pytest.mark.slow
def test_the_same_model_again_changes_no_tier_and_scores_the_same(bank: Bank, challenged: Tracking) -> None:
    gates = {
        one.name: one
        for one in judge_version(candidate(None, challenged), bank.workspace, bank.policy, challenged, as_of=None)
    }
    assert gates["churn"].holds
    assert gates["churn"].figures == {"changed": 0.0}
    assert gates["deterministic"].holds
    assert gates["same_terms"].holds
    assert not gates["better"].holds


@pytest.mark.slow
def test_a_version_of_other_terms_fails_its_gate(bank: Bank, challenged: Tracking) -> None:
    fees = bank.policy.fees.model_copy(update={"vat_rate": bank.policy.fees.vat_rate + 0.01})
    other = bank.policy.model_copy(update={"fees": fees})
    found = judge_version(candidate(None, challenged), bank.workspace, other, challenged, as_of=None)
    assert [one.said for one in found if one.name == "same_terms"] == ["trained on another policy"]


def test_the_newest_snapshot_knows_who_died(bank: Bank) -> None:
    snapshot = newest_snapshot(bank.workspace)
    assert snapshot["as_of"].unique().to_list() == [AS_OF]
    assert snapshot["deceased"].dtype == pl.Boolean
