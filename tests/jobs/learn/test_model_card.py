"""A version's card says what DOMAIN.md asks for, and names no customer."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.evaluation.sensitivity import sensitivity
from tests.conftest import AS_OF, Bank, Said

Run = Callable[..., Said]

CONTENTS = (
    "Purpose", "Not for", "Data", "Hashes of the ledger's tables", "Excluded", "where they come from", "Target",
    "Method", "Assumptions", "Beside simpler forecasts", "the last months again", "with 95 % intervals",
    "Departures within a year", "simple rule", "branch size: ",
    "length of relation: ", "relation: old", "published reasons", "Limits", 
    "What stands out", "Rates by group", "among customers of like income", "stand for an attribute",
    "Population stability index",
    "cost to serve +20 %", "transfer rate −50 basis points", "weight of the past 0.3", "Change log", "developer",
    "approver", "next review", "fallback", "materiality", "owner",
)  # fmt: skip


@pytest.fixture
def pages(segment: Run, trained_bank: Bank, tmp_path: Path) -> tuple[str, str]:
    said = segment("card", "1", "--out", tmp_path / "cards", workspace=trained_bank.workspace.root)
    assert said.code == 0, said.err
    names = [tmp_path / "cards" / f"default-v1.{ending}" for ending in ("html", "md")]
    return names[0].read_text(encoding="utf-8"), names[1].read_text(encoding="utf-8")


def test_a_card_has_every_part(pages: tuple[str, str]) -> None:
    page, plain = pages
    assert [part for part in CONTENTS if part not in plain or part not in html.unescape(page)] == []


def test_an_alias_names_the_card_by_its_version(segment: Run, trained_bank: Bank, tmp_path: Path) -> None:
    said = segment("card", "champion", "--out", tmp_path, workspace=trained_bank.workspace.root)
    assert said.code == 0, said.err
    assert sorted(path.name for path in tmp_path.glob("default-*")) == ["default-v1.html", "default-v1.md"]


def test_the_page_needs_no_other_file(pages: tuple[str, str]) -> None:
    page = pages[0]
    assert page.count("<svg") == 3
    assert not [mark for mark in ("src=", "<link", "<script", "@import") if mark in page]


def test_cards_name_no_customer(trained_bank: Bank, pages: tuple[str, str]) -> None:
    ids = pl.read_parquet(trained_bank.ledger / "customers.parquet")["customer_id"]
    assert not [1 for name in ids for page in pages if name in page]


def test_a_version_that_is_not_there_is_one_message(segment: Run, trained_bank: Bank, tmp_path: Path) -> None:
    said = segment("card", "99", "--out", tmp_path, workspace=trained_bank.workspace.root)
    assert said.code == 2
    assert "`99` is not" in said.err


def test_the_run_keeps_the_card_and_its_facts(trained_bank: Bank) -> None:
    tracking = trained_bank.tracking()
    run = tracking.get("1").run_id
    facts = json.loads(tracking.read_text(run, "model_card.json") or "")
    assert facts["metrics"] == pytest.approx(tracking.read_run(run).metrics)
    overall = next(part for part in facts["performance"] if part["group"] == "all")
    figure, low, high = overall["spearman"]
    assert figure == pytest.approx(facts["metrics"]["spearman"])
    assert low < figure < high
    assert (tracking.read_text(run, "plots/deciles.svg") or "").count("<svg") == 1


def test_dearer_service_moves_customers_down_and_the_policys_own_tiers_stand_first(trained_bank: Bank) -> None:
    model = trained_bank.tracking().load()[0]
    snapshot = pl.read_parquet(trained_bank.workspace.snapshot(AS_OF))
    found = {scenario.name: scenario for scenario in sensitivity(model, snapshot, trained_bank.policy)}
    assert found["as the policy says"].changed_share == 0.0
    assert all(sum(scenario.shares.values()) == pytest.approx(1.0) for scenario in found.values())
    dearer, cheaper = found["cost to serve +20 %"].shares, found["cost to serve −20 %"].shares
    assert dearer["loss_making"] > cheaper["loss_making"]
    assert dearer["valuable"] < cheaper["valuable"]
