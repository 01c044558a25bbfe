"""The report finds the effect that was put in, believes nobody's word, and claims no more than it can."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from segment.jobs.lists.take_outcomes import take_outcomes
from segment.jobs.service.effects import EffectReport, report_effects
from segment.policy import Policy
from tests.jobs.lists.campaign import LATER, campaign, campaigns_of, write_list
from tests.jobs.lists.made_lists import LIST_ID, retail
from tests.stored import stored_list


@pytest.fixture(scope="module")
def policy() -> Policy:
    # the draw of the campaign below keeps a tenth back
    changed = retail(hold_out_share=0.0)
    return changed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> EffectReport:
    return report_effects(LATER, campaign(tmp_path_factory.mktemp("campaign"), policy), policy)


def test_the_known_effect_is_within_the_interval(made: EffectReport) -> None:
    (row,) = made.effects.to_dicts()
    assert row["valid"]
    assert row["moved_low"] <= 0.10 <= row["moved_high"]
    assert row["contribution_low"] <= 0.10 * 150.0 <= row["contribution_high"]
    assert row["contribution_bootstrap_low"] < row["contribution_bootstrap_high"]
    assert row["variance_kept"] < 0.5
    assert row["uneven"] == []
    assert "effect +" in str(made)


def test_learned_chances_move_from_the_policys_towards_the_measured(made: EffectReport, policy: Policy) -> None:
    promised = policy.programmes["main_account"].incremental_probability["phone"]
    assert promised < made.chances.added(policy, "main_account", "phone") < 0.12
    assert policy.upgrade.spontaneous_probability < made.chances.without["main_account"] < 0.05
    assert "Chance of main_account: a contact adds " in str(made)


def test_a_chance_of_the_policy_that_outcomes_refute_is_named(made: EffectReport) -> None:
    (asked,) = made.chances.asked
    assert asked.refuted
    assert asked.promised < asked.low
    assert "main_account: the policy's chance of 2.00% is refuted by your campaigns: a contact adds at" in str(made)
    assert made.to_dict()["chances"]["asked"][0]["refuted"] is True
    assert "已被本行名单的实际结果推翻" in made.in_words("zh")


def test_what_a_list_knew_of_its_customers_is_learned_from(tmp_path: Path, policy: Policy) -> None:
    """Of each, that half of them had something to move, the tier, and the cluster."""
    workspace = campaign(tmp_path, policy, contacted=4500, control=500)
    place = pl.int_range(pl.len())
    whole = stored_list(workspace, LIST_ID).with_columns(movable_probability=pl.lit(0.5), tier=pl.lit("break_even"))
    write_list(workspace, whole.drop("list_id").with_columns(cluster=place % 2))
    (chance,) = report_effects(LATER, workspace, policy).chances.programmes
    assert chance.promised == pytest.approx(0.01)
    read = campaigns_of(LATER, workspace, policy)[0].listed
    assert read.select("tier", "movable_probability").unique().rows() == [("break_even", 0.5)]
    assert set(read["cluster"]) == {0, 1}


def test_what_a_branch_says_of_moves_changes_no_effect(tmp_path: Path, policy: Policy, made: EffectReport) -> None:
    workspace = campaign(tmp_path / "bank", policy)
    copy = stored_list(workspace, LIST_ID).filter(pl.col("arm") == "contact")
    told = copy.select(
        "list_id", "customer_id", contacted_on="list_on", response=pl.lit("moved"), responded_on="list_on"
    )
    told.write_csv(tmp_path / "told.csv")
    take_outcomes(tmp_path / "told.csv", workspace)
    again = report_effects(LATER, workspace, policy)
    assert again.effects["said_moved"].to_list() == [1800]
    said = ["reached", "said_moved"]
    assert again.effects.drop(said).equals(made.effects.drop(said))
    assert again.chances == made.chances


def test_what_advisers_say_of_potentials_is_counted(tmp_path: Path, policy: Policy) -> None:
    workspace = campaign(tmp_path / "bank", policy, contacted=3, control=1)
    copy = stored_list(workspace, LIST_ID).filter(pl.col("arm") == "contact")
    told = copy.select("list_id", "customer_id", contacted_on="list_on", responded_on="list_on").with_columns(
        response=pl.lit("interested"), wallet_feedback=pl.Series(["too_high", "agree", "too_high"])
    )
    told.write_csv(tmp_path / "told.csv")
    take_outcomes(tmp_path / "told.csv", workspace)
    made = report_effects(LATER, workspace, policy)
    assert made.wallets.rows() == [("main_account", 1, 2, 0)]
    assert "advisers judged 3 potentials: 1 about right, 2 too high, 0 too low." in str(made)


def test_lists_and_programmes_are_pooled(tmp_path: Path, policy: Policy) -> None:
    workspace = campaign(tmp_path, policy)
    whole = stored_list(workspace, LIST_ID)
    second = whole.drop("list_id").with_columns(
        programme=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("grow_income")).otherwise("programme")
    )
    write_list(workspace, second, "later")
    made = report_effects(LATER, workspace, policy)
    one, other, all_of_them = made.effects.to_dicts()
    assert (one["programme"], one["lists"], other["lists"]) == ("main_account", 1, 1)
    assert (all_of_them["programme"], all_of_them["programmes"], all_of_them["lists"]) == ("all programmes", 2, 2)
    assert all_of_them["contact"] == one["contact"] + other["contact"]
    assert all_of_them["moved_low"] <= 0.10 <= all_of_them["moved_high"]
    assert all_of_them["moved_p_holm"] == all_of_them["moved_p"]
    assert "All 2 programmes together, compared within each (lists: 2): 2,700 contacted" in str(made)


def test_a_programme_of_a_broken_draw_is_not_pooled(tmp_path: Path, policy: Policy) -> None:
    workspace = campaign(tmp_path, policy)
    one = stored_list(workspace, LIST_ID).drop("list_id").with_columns(programme=pl.lit("grow_income"))
    write_list(workspace, one.filter((pl.col("arm") == "contact") | (pl.int_range(pl.len()) % 4 == 0)), "later")
    made = report_effects(LATER, workspace, policy)
    assert made.effects["valid"].to_list() == [True, False]


def test_a_broken_draw_shows_no_effect(tmp_path: Path, policy: Policy) -> None:
    made = report_effects(LATER, campaign(tmp_path, policy, contacted=1900, control=100), policy)
    (row,) = made.effects.to_dicts()
    assert not row["valid"]
    assert row["moved_effect"] is row["contribution_effect"] is None
    assert "Not valid" in str(made)


def test_an_effect_too_small_to_see_is_not_called_none(tmp_path: Path, policy: Policy) -> None:
    made = report_effects(LATER, campaign(tmp_path, policy, contacted=180, control=20, uplift=0.0), policy)
    assert "The result is open: a difference below" in str(made)
    assert "No uplift model" in str(made)


def test_a_large_campaign_has_its_uplift_ranked(tmp_path: Path, policy: Policy) -> None:
    programmes = {**policy.programmes}
    programmes["main_account"] = programmes["main_account"].model_copy(update={"control_share": 0.5})
    half = policy.model_copy(update={"programmes": programmes})
    made = report_effects(LATER, campaign(tmp_path, half, contacted=4000, control=4000, uplift=0.1), half)
    assert "Qini" in made.to_dict()["uplift"]


def test_the_report_is_kept_without_customers(tmp_path: Path, policy: Policy) -> None:
    workspace = campaign(tmp_path, policy, contacted=180, control=20)
    report_effects(LATER, workspace, policy)
    text = (workspace.lists / "effects" / "2026-03-31.json").read_text(encoding="utf-8")
    assert json.loads(text)["as_of"] == "2026-03-31"
    assert "c0000" not in text


def test_one_arm_alone_is_too_few_to_compare(tmp_path: Path, policy: Policy) -> None:
    workspace = campaign(tmp_path, policy, contacted=3, control=1)
    assert "Too few to compare" in str(report_effects(LATER, workspace, policy))


def test_without_lists_the_report_says_so(tmp_path: Path, policy: Policy) -> None:
    workspace = campaign(tmp_path, policy, contacted=3, control=1)
    write_list(workspace, pl.DataFrame({"customer_id": ["c1"], "arm": ["contact"], "programme": ["gone"]}))
    assert "No list can be measured yet." in str(report_effects(LATER, workspace, policy))
