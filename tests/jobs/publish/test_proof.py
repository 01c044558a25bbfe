"""What is published adds up to the ledger, and whoever changes anything later is found out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.contribution.lines import LINES
from segment.exceptions import ProofError
from segment.features.store import month_file
from segment.jobs.build.reconcile import contribution_months
from segment.jobs.publish.proof import prove, read_proof, read_proof_inputs
from segment.jobs.publish.refresh import refresh
from segment.jobs.publish.verify import verify
from segment.store.tombstones import Erased
from segment.warehouse.tiers_table import publish_tiers, published_runs, read_tiers
from tests.conftest import AS_OF, RETAIL, Bank, Said

SIGN = {line.name: 1 if line.side == "income" else -1 for line in LINES}


@pytest.fixture
def folder(bank: Bank) -> Path:
    return bank.workspace.runs / published_runs(bank.workspace.tiers)[AS_OF]


def failing(bank: Bank) -> list[str]:
    verification = verify(bank.workspace, bank.policy, bank.tracking())
    return [check.name for check in verification.checks if not check.holds]


def test_the_bridge_ends_at_what_is_published(bank: Bank, folder: Path) -> None:
    proof = read_proof(folder)
    steps, tiers = proof.bridge, read_tiers(bank.workspace.tiers, AS_OF)
    assert proof.faults == ()
    assert steps["published"] == pytest.approx(tiers["contribution_12m"].sum(), abs=0.01)
    reached = steps["all_customers"] - steps["of_customers_who_left"]
    reached += steps["commissions_as_spread"] - steps["commissions_as_booked"]
    assert reached == pytest.approx(steps["published"], abs=0.05)
    assert steps["commissions_as_spread"] != steps["commissions_as_booked"]


def test_customers_and_named_lines_make_every_total(bank: Bank, folder: Path) -> None:
    proof = read_proof(folder)
    named = pl.sum_horizontal("customers_sum", "unheld", "unused_capacity", "unexplained")
    assert proof.rows.select((named - pl.col("total")).abs().max()).item() < 0.005
    assert len(proof.months) == 12
    assert proof.rows["branch_id"].n_unique() == read_tiers(bank.workspace.tiers, AS_OF)["branch_id"].n_unique()


def test_the_ledgers_lines_and_capital_make_all_customers_contribution(bank: Bank, folder: Path) -> None:
    proof = read_proof(folder)
    months = [
        pl.read_parquet(month_file(bank.workspace.customer_months, one))
        for one in contribution_months(bank.workspace.customer_months, AS_OF)
    ]
    capital = sum(float(one["capital_cost"].sum()) for one in months)
    of = {line: sums["customers_sum"] for line, sums in proof.ledger.items()}
    income = of["net_interest"] + of["fees"] - of["cost_to_serve"] - of["expected_loss"] - capital
    assert income == pytest.approx(proof.bridge["all_customers"], abs=0.01 * len(months) * 40)


@pytest.mark.slow
def test_an_untouched_publication_is_verified_from_the_ledger(bank: Bank, segment: Callable[..., Said]) -> None:
    said = segment("verify", bank.ledger, "--as-of", AS_OF, "--policy", RETAIL, "--json", workspace=bank.workspace.root)
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert found["holds"]
    assert [one["name"] for one in found["checks"]][-3:] == ["source", "rebuild", "tiers"]


def test_a_changed_customer_month_is_named(bank: Bank) -> None:
    path = month_file(bank.workspace.customer_months, AS_OF.replace(day=1))
    rows = pl.read_parquet(path)
    first = pl.int_range(pl.len()) == 0
    rows.with_columns(fee_income=pl.when(first).then(pl.col("fee_income") + 50).otherwise("fee_income")).write_parquet(
        path
    )
    assert set(failing(bank)) == {"sums", "replay"}


def test_a_changed_proof_is_named(bank: Bank, folder: Path) -> None:
    path = folder / "proof.json"
    path.write_text(path.read_text().replace('"published": ', '"published": 1'))
    assert "proof" in failing(bank)


def test_a_proof_that_has_lost_a_part_is_named(bank: Bank, folder: Path) -> None:
    content = json.loads((folder / "proof.json").read_text())
    del content["inputs"]["policy"]
    (folder / "proof.json").write_text(json.dumps(content))
    assert failing(bank) == ["proof"]


def test_changed_rows_of_a_proof_are_named(bank: Bank, folder: Path) -> None:
    rows = (folder / "proof.csv").read_bytes()
    (folder / "proof.csv").write_bytes(rows.replace(b"net_interest", b"fees", 1))
    assert failing(bank) == ["proof"]


def test_changed_tiers_are_named(bank: Bank) -> None:
    tiers = read_tiers(bank.workspace.tiers, AS_OF)
    first = pl.int_range(pl.len()) == 0
    more = pl.when(first).then(pl.col("contribution_12m") + 100).otherwise("contribution_12m")
    publish_tiers(tiers.with_columns(contribution_12m=more), bank.workspace.tiers)
    assert set(failing(bank)) == {"sums", "replay"}


@pytest.mark.slow
def test_changed_tiers_that_still_add_up_are_named_by_the_ledger(bank: Bank, segment: Callable[..., Said]) -> None:
    tiers = read_tiers(bank.workspace.tiers, AS_OF)
    raised = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("high_value")).otherwise("tier")
    assert tiers["tier"][0] != "high_value"
    publish_tiers(tiers.with_columns(tier=raised), bank.workspace.tiers)
    assert failing(bank) == []
    said = segment("verify", bank.ledger, "--policy", RETAIL, workspace=bank.workspace.root)
    assert said.code == 2
    assert "tiers: scored again from the ledger, the tiers are others" in said.err


def test_another_policy_than_the_publications_is_named(bank: Bank) -> None:
    other = bank.policy.model_copy(update={"version": "2027.1"})
    verification = verify(bank.workspace, other, bank.tracking())
    assert [check.name for check in verification.checks if not check.holds] == ["policy"]


@pytest.mark.slow
def test_a_ledger_changed_since_is_named(bank: Bank, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    for path in bank.ledger.iterdir():
        (ledger / path.name).symlink_to(path)
    rows = pl.read_parquet(bank.ledger / "balances.parquet")
    (ledger / "balances.parquet").unlink()
    rows.with_columns(average_balance=pl.col("average_balance") * 2).write_parquet(ledger / "balances.parquet")
    verification = verify(bank.workspace, bank.policy, bank.tracking(), location=str(ledger), n_jobs=1)
    assert {check.name for check in verification.checks if not check.holds} >= {"source", "rebuild"}


def test_a_contribution_that_is_not_the_sum_of_its_months_is_not_published(bank: Bank, folder: Path) -> None:
    tiers, workspace = read_tiers(bank.workspace.tiers, AS_OF), bank.workspace
    wrong = tiers.with_columns(contribution_12m=pl.col("contribution_12m") + 1.0)
    months, reconciliations = workspace.customer_months, workspace.reconciliations
    given = read_proof_inputs(months, reconciliations, Erased.of(workspace), AS_OF, bank.policy)
    made = prove(wrong, given, read_proof(folder).inputs)
    with pytest.raises(ProofError, match=rf"contribution of {tiers.height} published customers") as refused:
        made.require()
    assert not any(name in str(refused.value) for name in tiers["customer_id"].head(20))


def test_a_month_changed_before_a_publication_stops_it(bank: Bank) -> None:
    path = month_file(bank.workspace.customer_months, AS_OF.replace(day=1))
    pl.read_parquet(path).with_columns(pl.col("fee_income") + 50).write_parquet(path)
    policy = bank.policy.model_copy(update={"version": "next"})
    with pytest.raises(ProofError, match="must add up to the ledger"):
        refresh(None, AS_OF, bank.workspace, policy, bank.tracking())


def test_nothing_published_is_nothing_to_verify(segment: Callable[..., Said], tmp_path: Path) -> None:
    said = segment("verify", workspace=tmp_path)
    assert said.code == 2
    assert "must be published first" in said.err
