"""Every run leaves a report for machines and a page for people, without a customer in either."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from segment.exceptions import GateError, RunError
from segment.jobs.publish.list_runs import find_run, list_runs
from segment.jobs.publish.refresh import refresh
from segment.warehouse.tiers_table import published_runs, read_tiers
from tests.conftest import AS_OF, Bank, Said


@pytest.fixture
def run_id(bank: Bank) -> str:
    return published_runs(bank.workspace.tiers)[AS_OF]


def test_the_list_has_the_newest_first_and_the_gates_that_failed(
    bank: Bank, run_id: str, segment: Callable[..., Said]
) -> None:
    strict = bank.policy.gates.tier_shares.model_copy(update={"break_even": (0.0, 0.0)})
    gates = bank.policy.gates.model_copy(update={"tier_shares": strict})
    with pytest.raises(GateError):
        refresh(None, AS_OF, bank.workspace, bank.policy.model_copy(update={"gates": gates}), bank.tracking())
    reports = list_runs(bank.workspace)
    assert [run.status for run in reports] == ["refused", "published"]
    said = segment("runs", workspace=bank.workspace.root)
    assert said.code == 0
    assert run_id in said.out
    assert "tier_shares" in said.out


def test_the_page_says_everything_and_names_nobody(
    bank: Bank, run_id: str, segment: Callable[..., Said], tmp_path: Path
) -> None:
    said = segment("runs", run_id, "--out", tmp_path / "run.html", workspace=bank.workspace.root)
    assert said.code == 0
    page = (tmp_path / "run.html").read_text()
    for heading in ("Tiers", "Gates", "Ledger", "Reconciliation", "Drift", "Who moved", "Timings", "Inputs"):
        assert f">{heading}" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    files = (bank.workspace.runs / run_id).iterdir()
    ids = read_tiers(bank.workspace.tiers, AS_OF)["customer_id"].to_list()
    for path in (*files, tmp_path / "run.html"):
        text = path.read_text()
        assert not [name for name in ids if name in text], path.name


def test_a_group_of_a_few_customers_has_no_figures(bank: Bank, run_id: str) -> None:
    report = json.loads((bank.workspace.runs / run_id / "run.json").read_text())
    small = [row for row in report["migration"] if row["customers"] is None]
    assert all(row["contribution_12m"] is None for row in small)
    assert all(row["customers"] is None or row["customers"] >= 10 for row in report["migration"])


def test_a_run_is_found_by_the_first_letters_that_no_other_has(bank: Bank, run_id: str) -> None:
    assert find_run(bank.workspace, run_id[:-4]).run_id == run_id
    with pytest.raises(RunError, match="names 0 runs"):
        find_run(bank.workspace, "refresh-1999")


def test_versions_of_what_made_the_figures_are_kept(bank: Bank, run_id: str) -> None:
    packages = find_run(bank.workspace, run_id).to_dict()["packages"]
    assert packages.keys() >= {"segment", "python", "scikit-learn", "polars", "skops"}
