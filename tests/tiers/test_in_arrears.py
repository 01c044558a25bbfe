"""Arrears decide: nobody in default above break-even, nobody in arrears flagged, losses by credit told apart."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from segment.policy import load_policy
from segment.tiers import assign_tiers
from segment.tiers.describe import describe_customers
from segment.tiers.in_arrears import service_may_change, with_arrears, with_hardship
from segment.tiers.reasons import reasons
from segment.tiers.stability.stabilise import NO_OVERRIDES, stabilise
from segment.tiers.tier_columns import TIERS
from tests.tiers.people import POLICY, placed
from tests.tiers.stability.moments import followed, month_end, proposed

H, V, B, L = TIERS
ELSEWHERE = {"main_bank_state": "main_elsewhere", "main_bank_elsewhere_probability": 0.9, "wallet_elsewhere_12m": 9e4}


def state(**columns: Any) -> str | None:
    described = describe_customers(placed(**{"credit_loss_12m": 0.0, "arrears_level": 0.0} | columns), POLICY)
    told: str | None = described["sub_state"][0]
    return told


@pytest.mark.parametrize(("level", "tier"), [(None, V), (0.0, V), (1.0, V), (2.0, V), (3.0, B)])
def test_who_is_in_default_is_not_above_break_even(level: float | None, tier: str) -> None:
    frame = assign_tiers(placed(arrears_level=level), POLICY)
    assert frame.select("tier", "tier_note").row(0) == (tier, "default" if tier == B else None)


def test_default_lifts_nobody_who_loses() -> None:
    frame = placed(arrears_level=3.0, blended_contribution_12m=-90.0, cluster_tier=L)
    assert assign_tiers(frame, POLICY)["tier"].to_list() == [L]


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("standing", ["active", "new", "provisional", "dormant"])
def test_arrears_are_the_sub_state_of_every_tier_and_standing(tier: str, standing: str) -> None:
    assert state(tier=tier, standing=standing, arrears_level=2.0) == "in_arrears"
    assert state(tier=tier, standing=standing, arrears_level=1.0) != "in_arrears"


def test_who_is_left_out_of_the_tiers_stays_so_in_arrears() -> None:
    assert state(tier=B, standing="excluded", arrears_level=3.0) == "excluded"


def test_nobody_in_arrears_is_flagged_for_winning_over_or_has_a_potential() -> None:
    kept, late = (
        describe_customers(placed(tier=B, arrears_level=level, **ELSEWHERE), POLICY).row(0, named=True)
        for level in (1.0, 2.0)
    )
    assert (kept["main_bank_elsewhere"], late["main_bank_elsewhere"]) == (True, False)
    assert (kept["upgrade_potential_12m"], late["upgrade_potential_12m"]) == (9e4, 0.0)


@pytest.mark.parametrize(
    ("credit", "contribution", "blended", "told"),
    [
        (49.0, -100.0, -60.0, "loss_direct"),
        (50.0, -100.0, -60.0, "loss_credit"),
        (50.0, -60.0, -100.0, "loss_credit"),
        (49.0, -60.0, -100.0, "loss_direct"),
        (49.0, 20.0, -100.0, "loss_direct"),
        (0.0, 20.0, -60.0, "loss_direct"),
        (-10.0, -100.0, -60.0, "loss_direct"),
    ],
)
def test_a_loss_is_one_by_credit_from_exactly_the_policy_s_share_on(
    credit: float, contribution: float, blended: float, told: str
) -> None:
    figures = {"contribution_12m": contribution, "blended_contribution_12m": blended, "direct_contribution_12m": -1.0}
    assert state(tier=L, credit_loss_12m=credit, **figures) == told


def test_what_credit_cost_is_loss_and_write_offs_less_recoveries() -> None:
    lines = {"expected_loss_12m": [-500.0], "write_offs_12m": [500.0], "recoveries_12m": [120.0]}
    assert with_arrears(pl.DataFrame(lines))["credit_loss_12m"].to_list() == [-120.0]


def test_a_snapshot_of_an_earlier_release_is_in_no_arrears() -> None:
    known = with_arrears(placed(expected_loss_12m=30.0))
    assert known.select("days_past_due", "arrears_level", "credit_loss_12m").row(0) == (None, None, 30.0)
    assert describe_customers(known.with_columns(tier=pl.lit(B)), POLICY)["sub_state"][0] == "be_potential"


def test_the_reasons_name_arrears_and_default_first() -> None:
    frame = placed(3, arrears_level=[1.0, 2.0, 3.0])
    tiered = assign_tiers(frame, POLICY)
    kept, late, default = reasons(tiered, POLICY.tiers).to_list()
    assert not {"IN_ARREARS", "IN_DEFAULT"} & {*kept}
    assert (late[0], default[0]) == ("IN_ARREARS", "IN_DEFAULT")


def test_default_takes_a_high_tier_at_once_and_hysteresis_does_the_rest() -> None:
    kept = followed([[900.0]] * 4, arrears_level=0.0)
    assert kept[-1]["tier"].item() == H
    late = stabilise(
        proposed(month_end(4), [900.0], arrears_level=3.0).with_columns(tier=pl.lit(B)),
        kept[-1], month_end(4), load_policy("models/retail.toml"),
    )  # fmt: skip
    assert late.select("tier", "stable_tier", "sub_state").row(0) == (B, B, "in_arrears")
    losing = stabilise(
        proposed(month_end(4), [-900.0], arrears_level=3.0), kept[-1], month_end(4), load_policy("models/retail.toml")
    )
    assert losing["tier"].item() == B


@pytest.mark.parametrize(("by_hand", "tier", "role"), [(V, B, None), (B, B, "head"), (L, L, "head")])
def test_no_person_sets_somebody_in_default_above_break_even(by_hand: str, tier: str, role: str | None) -> None:
    frame = proposed(month_end(0), [0.0], arrears_level=3.0)
    expires = month_end(3)
    schema = NO_OVERRIDES.schema
    row = [(frame["customer_id"][0], by_hand, "head", expires)]
    made = stabilise(frame, None, month_end(0), POLICY, pl.DataFrame(row, schema=schema, orient="row"))
    assert made.select("tier", "override_role").row(0) == (tier, role)


def test_hardship_that_a_customer_says_counts_as_arrears_for_as_long_as_it_is_in_force() -> None:
    tiers = placed(3, sub_state="be_mass", standing=["active", "active", "excluded"])
    schema = {"customer_id": pl.String, "rule": pl.String, "starts_on": pl.Date, "ends_on": pl.Date}
    day = dt.date(2025, 12, 31)
    rows = [(f"c{number}", "hardship", day, None) for number in (0, 2)]
    rows.append(("c1", "hardship", day - dt.timedelta(60), day - dt.timedelta(1)))  # type: ignore[arg-type]
    said = with_hardship(tiers, pl.DataFrame(rows, schema=schema, orient="row"), day)
    assert said["sub_state"].to_list() == ["in_arrears", "be_mass", "be_mass"]
    assert said.filter(service_may_change())["customer_id"].to_list() == ["c1", "c2"]
