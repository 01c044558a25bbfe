from __future__ import annotations

import polars as pl
import pytest

from segment.exceptions import ModelError
from segment.jobs.publish import publication_gates
from segment.policy import load_policy
from segment.sentences import Sentences
from segment.tiers import TIERS, tier_table
from segment.tiers.table import (
    migration_matrix,
    migration_summary,
    tier_alarms,
    tier_shares,
    withhold_small,
    without_small_parts,
)
from tests.tiers.people import POLICY


def published(counts: dict[str, int], **columns) -> pl.DataFrame:
    tiers = [tier for tier, count in counts.items() for _ in range(count)]
    return pl.DataFrame({"tier": tiers}).with_columns(
        branch_id=pl.lit("a"),
        standing=pl.lit("active"),
        contribution_12m=pl.lit(10.0),
        main_bank_elsewhere=pl.lit(False),
        **columns,
    )


USUAL = {"high_value": 10, "valuable": 25, "break_even": 50, "loss_making": 15}


def test_every_tier_of_every_branch_has_a_row_best_first():
    frame = published(USUAL).with_columns(branch_id=pl.Series(["a"] * 60 + ["b"] * 40))
    table = tier_table(frame)
    assert table["tier"].to_list() == list(TIERS) * 2
    assert table.group_by("branch_id").agg(pl.col("share").sum()).sort("branch_id").rows() == [("a", 1.0), ("b", 1.0)]


def test_totals_and_means_are_of_the_tiers_customers():
    frame = published({"high_value": 2, "break_even": 1}).with_columns(contribution_12m=pl.Series([3.0, 5.0, -1.0]))
    rows = tier_table(frame, by_branch=False).select("customers", "contribution_12m", "mean_contribution_12m").rows()
    assert rows == [(2, 8.0, 4.0), (0, 0.0, None), (1, -1.0, -1.0), (0, 0.0, None)]


APART = published({"valuable": 4, "break_even": 6}).with_columns(
    standing=pl.Series(
        ["active", "active", "active", "dormant", "active", "active", "new", "provisional", "excluded", "excluded"]
    ),
    contribution_12m=pl.Series([9.0, 9.0, 9.0, 1.0, 2.0, -2.0, -7.0, 5.0, -9482.0, 3.0]),
)


def test_standings_stand_apart_below_their_tier_and_those_without_a_tier_come_last():
    rows = tier_table(APART, by_branch=False).filter(pl.col("customers") > 0)
    assert rows.select("tier", "standing", "customers", "share", "contribution_12m").rows() == [
        ("valuable", "all", 4, 0.5, 28.0),
        ("valuable", "active", 3, None, 27.0),
        ("valuable", "dormant", 1, None, 1.0),
        ("break_even", "all", 4, 0.5, -2.0),
        ("break_even", "active", 2, None, 0.0),
        ("break_even", "provisional", 1, None, 5.0),
        ("break_even", "new", 1, None, -7.0),
        (None, "excluded", 2, None, -9479.0),
    ]


def test_a_tier_has_one_share_wherever_it_is_shown():
    gate = publication_gates.tier_shares(APART, POLICY)
    shares = tier_shares(APART)
    assert shares == {"high_value": 0.0, "valuable": 0.5, "break_even": 0.5, "loss_making": 0.0}
    assert gate.figures == shares
    told = {message.figures["share"] for message in tier_alarms(APART, POLICY.tiers)}
    assert told <= set(shares.values())


def test_customers_without_a_tier_move_in_no_matrix():
    frame = APART.with_columns(previous_tier=pl.lit("break_even"))
    assert migration_matrix(frame)["customers"].sum() == migration_summary(frame)["customers"] == 8


def test_a_group_that_follows_from_the_others_is_not_told():
    # 15 valuable customers of whom 12 are active: the table would tell of the 3 others
    frame = published({"valuable": 15, "break_even": 40}).with_columns(
        standing=pl.Series(["active"] * 12 + ["dormant"] * 3 + ["active"] * 20 + ["new"] * 20)
    )
    told = without_small_parts(tier_table(frame)).filter(pl.col("customers") > 0)
    assert told.select("tier", "standing", "customers").rows() == [
        ("valuable", "all", 15),
        ("break_even", "all", 40),
        ("break_even", "active", 20),
        ("break_even", "new", 20),
    ]


def test_usual_shares_raise_no_alarm():
    assert tier_alarms(published(USUAL), POLICY.tiers) == []


def test_a_share_outside_its_range_and_a_tier_larger_than_break_even_raise_alarms():
    alarms = tier_alarms(published({"high_value": 4, "valuable": 58, "break_even": 30, "loss_making": 8}), POLICY.tiers)
    assert Sentences().each(alarms) == [
        "valuable holds 58.0% of the customers, outside the policy's 15.0% to 40.0%.",
        "valuable is the largest tier with 58.0%; the policy expects break_even.",
    ]


def test_customers_who_are_left_out_count_for_no_alarm():
    standings = pl.Series(["active"] * 100 + ["excluded"] * 900)
    frame = published(USUAL | {"loss_making": 15 + 900}).with_columns(standing=standings)
    assert tier_alarms(frame, POLICY.tiers) == []


def test_an_empty_bank_has_a_table_of_zeros():
    empty = published(USUAL).clear()
    assert tier_table(empty, by_branch=False)["customers"].to_list() == [0, 0, 0, 0]
    assert tier_table(empty).height == 0


def test_the_matrix_counts_moves_and_newcomers():
    frame = published({"valuable": 2, "break_even": 1}).with_columns(
        previous_tier=pl.Series(["break_even", "valuable", None]), contribution_12m=pl.Series([5.0, 7.0, 1.0])
    )
    assert migration_matrix(frame).rows() == [
        ("valuable", "valuable", 1, 1.0, 7.0),
        ("break_even", "valuable", 1, 1.0, 5.0),
        (None, "break_even", 1, 1.0, 1.0),
    ]


def test_the_matrix_of_each_branch_adds_up_to_the_banks():
    frame = published(USUAL).with_columns(previous_tier=pl.col("tier").reverse(), branch_id=pl.Series(["a", "b"] * 50))
    tiers_of_both = ["previous_tier", "tier"]
    added = (
        migration_matrix(frame, by_branch=True)
        .group_by(tiers_of_both)
        .agg(pl.col("customers").sum())
        .sort(tiers_of_both)
    )
    assert added.equals(migration_matrix(frame).select(*tiers_of_both, "customers").sort(tiers_of_both))


def test_tiers_without_a_previous_one_cannot_be_compared():
    with pytest.raises(ModelError, match="previous_tier"):
        migration_matrix(published(USUAL))


def test_tier_alarms_of_a_case_computed_by_hand() -> None:
    published = pl.DataFrame(
        {
            "branch_id": ["b"],
            "tier": ["break_even"],
            "standing": ["active"],
            "contribution_12m": [5.0],
            "main_bank_elsewhere": [True],
        }
    )
    assert (
        Sentences().of(tier_alarms(published, load_policy("models/retail.toml").tiers)[0])
        == "high_value holds 0.0% of the customers, outside the policy's 4.0% to 16.0%."
    )


def test_migration_matrix_of_a_case_computed_by_hand() -> None:
    published = pl.DataFrame(
        {
            "branch_id": ["b", "b"],
            "previous_tier": ["break_even", "break_even"],
            "tier": ["break_even", "valuable"],
            "standing": ["active", "active"],
            "contribution_12m": [5.0, 95.0],
        }
    )
    assert migration_matrix(published).rows() == [
        ("break_even", "valuable", 1, 0.5, 95.0),
        ("break_even", "break_even", 1, 0.5, 5.0),
    ]


def test_withhold_small_of_a_case_computed_by_hand() -> None:
    assert withhold_small(pl.DataFrame({"tier": ["a", "b"], "customers": [9, 10], "total": [5.0, 6.0]})).rows() == [
        ("a", None, None),
        ("b", 10, 6.0),
    ]


def test_migration_summary_of_a_case_computed_by_hand() -> None:
    seen = pl.DataFrame(
        {
            "previous_tier": ["valuable", "valuable", "break_even", None],
            "standing": ["active"] * 4,
            "tier": ["valuable", "break_even", "valuable", "valuable"],
            "returned": [False, False, True, False],
            "contribution_12m": [90.0, 5.0, 80.0, 70.0],
        }
    )
    found = migration_summary(seen)
    assert (
        found["customers"],
        round(found["kept"], 2),
        found["rose_to_fell"],
        found["value_rose"],
        found["value_fell"],
    ) == (3, 0.33, 1.0, 80.0, 5.0)
