"""The challenger scores beside the champion and nobody is harmed."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import PERMISSION_DENIED

from segment.jobs.learn.evaluate_gates import evaluate_gates
from segment.jobs.learn.promote import candidate
from segment.jobs.publish.refresh import refresh
from segment.jobs.publish.shadow import compare_scores, shadow_of
from segment.tracking.models import CHALLENGER, HASH_TAG
from segment.tracking.registry import Tracking
from segment.warehouse.stored_snapshots import CustomerSnapshot, read_newest_snapshot
from segment.warehouse.tiers_table import read_tiers
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


def test_two_models_are_compared_by_tier_flag_and_branch() -> None:
    second = FIRST.with_columns(tier=pl.when(pl.int_range(pl.len()) < 12).then(pl.lit("high_value")).otherwise("tier"))
    comparison = compare_scores(FIRST, second)
    assert (comparison.customers, comparison.changed, comparison.rank_correlation) == (40, 0.3, 1.0)
    assert (comparison.flagged_first, comparison.flagged_both) == (10, 10)
    assert {"tier": "valuable", "tier_second": "high_value", "customers": 12} in comparison.tiers.to_dicts()


def test_groups_of_a_few_customers_have_no_figures() -> None:
    comparison = compare_scores(FIRST, FIRST)
    (small,) = [row for row in comparison.branches.to_dicts() if row["branch_id"] == "b"]
    assert small["customers"] is None
    assert small["future_value_first"] is None


def test_a_refresh_compares_the_challenger_and_names_nobody(bank: Bank, challenged: Tracking) -> None:
    policy = bank.policy.model_copy(update={"version": "next"})
    done = refresh(None, AS_OF, bank.workspace, policy, challenged)
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
    done = refresh(None, AS_OF, bank.workspace, bank.policy.model_copy(update={"version": "next"}), challenged)
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
    done = refresh(None, AS_OF, bank.workspace, bank.policy.model_copy(update={"version": "next"}), challenged)
    report = json.loads((bank.workspace.runs / done.run_id / "run.json").read_text())
    assert (report["status"], done.waiting) == ("published", 1)
    assert "answers with a fault" in report["shadow"]["not_compared"]


def test_without_a_challenger_there_is_no_shadow(bank: Bank, tmp_path: Path) -> None:
    tracking = bank.tracking()
    _, version = tracking.load()
    shadow = shadow_of(version, FIRST, CustomerSnapshot(tmp_path / "unread", lambda rows: rows, {}), tracking)
    code = {"code": "run.no_challenger", "figures": {}}
    assert shadow.to_dict() == {"not_compared": "there is no challenger beside the champion", "finding": code}
    assert shadow.comparison is None


@pytest.mark.slow
def test_the_same_model_again_changes_no_tier_and_scores_the_same(bank: Bank, challenged: Tracking) -> None:
    gates = {
        one.name: one
        for one in evaluate_gates(candidate(None, challenged), bank.workspace, bank.policy, challenged, as_of=None)
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
    found = evaluate_gates(candidate(None, challenged), bank.workspace, other, challenged, as_of=None)
    assert [gate.message for gate in found if gate.name == "same_terms"] == ["trained on another policy"]


def test_the_newest_snapshot_knows_who_died(bank: Bank) -> None:
    snapshot = read_newest_snapshot(bank.workspace).rows
    assert snapshot["as_of"].unique().to_list() == [AS_OF]
    assert snapshot["deceased"].dtype == pl.Boolean
