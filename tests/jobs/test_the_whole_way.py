"""From a ledger to published tiers and a list: what holds of every row that comes out."""

from __future__ import annotations

import datetime as dt
import json

import polars as pl
import pytest
import sqlalchemy as sa

from segment.exceptions import HistoryError, ListError, ModelError, NotPublishedError
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.publish.refresh import refresh
from segment.model.model_columns import FURTHER, PUBLISHED
from segment.pages.trigger_words import dated_reason
from segment.sentences import Sentences
from segment.store.stored_tables import LISTS
from segment.store.transactions import reading
from segment.tiers.stability.tier_state import STATE
from segment.tracking.models import CHALLENGER, CHAMPION
from segment.upgrade.places import Limits
from segment.warehouse.published_tiers import published_tiers
from tests.conftest import AS_OF, Bank
from tests.stored import stored_list


@pytest.fixture(scope="module")
def tiers(module_bank: Bank) -> pl.DataFrame:
    return published_tiers(module_bank.workspace, AS_OF)


def test_every_customer_of_the_moment_has_one_row(module_bank: Bank, tiers: pl.DataFrame) -> None:
    customers = pl.read_parquet(module_bank.ledger / "customers.parquet")
    here = customers.filter(
        (pl.col("joined_on") <= AS_OF) & (pl.col("left_on").is_null() | (pl.col("left_on") > AS_OF))
    )
    assert tiers["customer_id"].to_list() == here["customer_id"].sort().to_list()


def test_published_columns_are_the_contracts_and_then_ours(tiers: pl.DataFrame) -> None:
    assert tiers.columns == [*PUBLISHED, *FURTHER, *STATE]


def test_income_less_cost_is_contribution_to_the_cent(tiers: pl.DataFrame) -> None:
    gap = (tiers["income_12m"] - tiers["cost_12m"] - tiers["contribution_12m"]).abs().max()
    assert gap < 0.005


def test_the_flag_stands_on_break_even_customers_alone(tiers: pl.DataFrame) -> None:
    flagged = tiers.filter("main_bank_elsewhere")
    assert flagged.height > 0
    assert flagged["tier"].unique().to_list() == ["break_even"]
    assert (flagged["main_bank_elsewhere_probability"] >= flagged["main_bank_elsewhere_from"]).all()


def test_every_customer_has_a_reason_and_quantiles_in_order(tiers: pl.DataFrame) -> None:
    assert tiers["reasons"].list.len().min() >= 1
    ordered = (pl.col("future_value_p10") <= pl.col("future_value_p50")) & (
        pl.col("future_value_p50") <= pl.col("future_value_p90")
    )
    assert tiers.select(ordered.all()).item()


def test_clusters_decide_and_seldom_give_way(tiers: pl.DataFrame) -> None:
    seen = tiers.filter(~pl.col("standing").is_in(["new", "excluded"]))
    assert (seen["tier_source"] == "guard").mean() <= 0.05
    assert (seen["tier"] == seen["cluster_tier"]).mean() >= 0.95


def test_the_first_model_is_champion_and_challenger(module_bank: Bank) -> None:
    tracking = module_bank.tracking()
    assert tracking.find(CHAMPION) == tracking.find(CHALLENGER)
    assert tracking.find(CHAMPION).tags["policy_hash"] == module_bank.policy.hash  # type: ignore[union-attr]


@pytest.mark.slow
def test_a_refresh_again_writes_nothing_new(module_bank: Bank) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in module_bank.workspace.customer_months.iterdir())
    version = refresh(
        str(module_bank.ledger), AS_OF, module_bank.workspace, module_bank.policy, module_bank.tracking(), n_jobs=1
    ).table_version
    again = refresh(None, AS_OF, module_bank.workspace, module_bank.policy, module_bank.tracking()).table_version
    after = sorted((path, path.stat().st_mtime_ns) for path in module_bank.workspace.customer_months.iterdir())
    assert again == version == 0
    assert after == before


def test_another_policy_does_not_publish_with_this_champion(module_bank: Bank) -> None:
    changed = module_bank.policy.model_copy(
        update={"tiers": module_bank.policy.tiers.model_copy(update={"high_multiple": 6.0})}
    )
    with pytest.raises(ModelError, match="Different: policy"):
        refresh(None, AS_OF, module_bank.workspace, changed, module_bank.tracking())


def test_a_contact_that_an_event_set_off_says_so_first_and_ends_with_it(module_bank: Bank) -> None:
    made = upgrade_list(AS_OF, module_bank.workspace, module_bank.policy)
    rows = made.to_contact
    dated, rest = (rows.filter(each) for each in (pl.col("trigger").is_not_null(), pl.col("trigger").is_null()))
    assert dated.height > 0
    assert [dated_reason(row, Sentences()) for row in dated.to_dicts()] == dated["reason_1"].to_list()
    assert (dated["trigger_on"] <= AS_OF + dt.timedelta(days=45)).all()
    last = AS_OF + dt.timedelta(days=module_bank.policy.upgrade.list_expires_after_days)
    assert set(rest["expires_on"]) == {last}
    assert dated["expires_on"].is_between(AS_OF + dt.timedelta(days=7), last).all()
    assert f"{dated.height} of {rows.height} contacts have an event" in str(made)


def test_the_list_is_ranked_by_net_value_and_skips_everyone_a_rule_keeps_out(module_bank: Bank) -> None:
    made = upgrade_list(AS_OF, module_bank.workspace, module_bank.policy)
    rows = made.to_contact
    assert rows["expected_net_value"].to_list() == sorted(rows["expected_net_value"], reverse=True)
    assert rows["rank"].to_list() == list(range(1, rows.height + 1))
    assert (rows["expected_gain_12m"] - rows["contact_cost"] - rows["expected_net_gain_12m"]).abs().max() < 1e-9

    rules = pl.read_parquet(module_bank.ledger / "contact_rules.parquet")
    everywhere = rules.filter(
        pl.col("channel").is_null()
        & (pl.col("starts_on") <= AS_OF)
        & (pl.col("ends_on").is_null() | (pl.col("ends_on") >= AS_OF))
    )
    whole = stored_list(module_bank.workspace, made.list_id)
    assert not set(whole["customer_id"]) & set(everywhere["customer_id"])
    assert set(whole["arm"]) == {"contact", "control"}
    assert set(rows["customer_id"]) == set(whole.filter(pl.col("arm") == "contact")["customer_id"])
    assert not rows["say"].has_nulls() | rows["do_not_say"].has_nulls() | rows["bundle_name"].has_nulls()
    by_adviser = rows.filter(pl.col("channel").is_in(["adviser", "phone"]))
    assert not by_adviser["rm_id"].has_nulls()
    assert not rows["owner"].has_nulls()
    floors = {name: module_bank.policy.upgrade.floor(name) for name in module_bank.policy.upgrade.channels}
    assert (rows["expected_net_value"] > rows["channel"].replace_strict(floors, return_dtype=pl.Float64)).all()


def test_the_list_says_how_good_the_choice_is_and_what_it_can_show(module_bank: Bank) -> None:
    made = upgrade_list(AS_OF, module_bank.workspace, module_bank.policy)
    choice = made.chosen.choice
    assert choice.gain == pytest.approx(made.to_contact["expected_net_value"].sum())
    assert made.to_contact["value_horizon_months"].unique().to_list() == [36]
    assert made.to_dict()["expected_net_value"] == pytest.approx(choice.gain)
    assert choice.greedy_gain <= choice.gain + 1e-6 <= choice.bound + 1e-3
    for words in ("gap", "the greedy choice's gap", "adviser hours", "households to contact", "in the control group"):
        assert words in str(made)
    with reading(module_bank.workspace) as connection:
        text = str(connection.execute(sa.select(LISTS.c.report).where(LISTS.c.list_id == made.list_id)).scalar())
    assert "Infinity" not in text
    report = json.loads(text)
    assert report["choice"]["bound"] == pytest.approx(choice.bound)
    branches = set(made.chosen.offers["branch_id"])
    assert branches <= {row["branch_id"] for row in report["adviser_hour_prices"]}
    assert [row["programme"] for row in report["launch"]] == made.launch["programme"].to_list()


def test_capacity_and_budget_bound_the_list(module_bank: Bank) -> None:
    made = upgrade_list(AS_OF, module_bank.workspace, module_bank.policy, limits=Limits(capacity=5, budget=150.0))
    assert 0 < made.to_contact.height <= 5
    assert made.to_contact["contact_cost"].sum() <= 150.0


def test_the_same_list_again_is_the_same_list(module_bank: Bank) -> None:
    first = upgrade_list(AS_OF, module_bank.workspace, module_bank.policy)
    second = upgrade_list(AS_OF, module_bank.workspace, module_bank.policy)
    assert first.list_id == second.list_id
    assert first.to_contact.equals(second.to_contact)


def test_a_list_of_a_moment_without_tiers_says_what_to_run(module_bank: Bank) -> None:
    with pytest.raises(NotPublishedError, match="Published: 2025-12-31"):
        upgrade_list(dt.date(2025, 6, 30), module_bank.workspace, module_bank.policy)


def test_a_list_is_not_dated_before_its_tiers(module_bank: Bank) -> None:
    with pytest.raises(ListError, match="must not be dated before"):
        upgrade_list(AS_OF, module_bank.workspace, module_bank.policy, list_on=dt.date(2025, 12, 30))


def test_a_moment_that_the_ledger_does_not_reach_is_refused(module_bank: Bank) -> None:
    with pytest.raises(HistoryError, match="Its last month up to 2026-01-31 is 2025-12"):
        refresh(
            str(module_bank.ledger),
            dt.date(2026, 1, 31),
            module_bank.workspace,
            module_bank.policy,
            module_bank.tracking(),
            n_jobs=1,
        )


def test_nothing_that_a_run_leaves_for_others_names_a_customer(module_bank: Bank) -> None:
    """MLflow's database and artifacts, run reports: no customer's id anywhere."""
    root = module_bank.workspace.root
    ids = [name.encode() for name in published_tiers(module_bank.workspace, AS_OF)["customer_id"].head(50)]
    places = [root / "mlflow.db", *(root / "mlartifacts").rglob("*"), *module_bank.workspace.runs.iterdir()]
    for path in places:
        if path.is_file():
            content = path.read_bytes()
            assert not any(name in content for name in ids), path.name
