from __future__ import annotations

import polars as pl
import pytest

from segment.exceptions import ModelError
from segment.tiers import TIERS, migration_matrix, tier_alarms, tier_table
from tests.tiers.people import POLICY


def published(counts: dict[str, int], **columns) -> pl.DataFrame:
    tiers = [tier for tier, count in counts.items() for _ in range(count)]
    return pl.DataFrame({"tier": tiers}).with_columns(
        branch_id=pl.lit("a"), contribution_12m=pl.lit(10.0), main_bank_elsewhere=pl.lit(False), **columns
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


def test_usual_shares_raise_no_alarm():
    assert tier_alarms(published(USUAL), POLICY.tiers) == []


def test_a_share_outside_its_range_and_a_tier_larger_than_break_even_raise_alarms():
    alarms = tier_alarms(published({"high_value": 1, "valuable": 60, "break_even": 30, "loss_making": 9}), POLICY.tiers)
    assert alarms == [
        "valuable holds 60.0% of the customers, outside the policy's 15.0% to 40.0%.",
        "valuable is the largest tier with 60.0%; the policy expects break_even.",
    ]


def test_customers_who_are_left_out_count_for_no_alarm():
    states = pl.Series([None] * 100 + ["excluded"] * 900, dtype=pl.String)
    frame = published(USUAL | {"loss_making": 15 + 900}).with_columns(sub_state=states)
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
    moves = ["previous_tier", "tier"]
    added = migration_matrix(frame, by_branch=True).group_by(moves).agg(pl.col("customers").sum()).sort(moves)
    assert added.equals(migration_matrix(frame).select(*moves, "customers").sort(moves))


def test_tiers_without_a_previous_one_cannot_be_compared():
    with pytest.raises(ModelError, match="previous_tier"):
        migration_matrix(published(USUAL))
