"""The list is ranked by expected net value, whatever the programme."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.policy import Policy
from segment.upgrade.places import Limits
from segment.upgrade.ranking import rank_list
from tests.upgrade.conftest import LIST_ON

NO_MANAGERS = pl.DataFrame(schema={"rm_id": pl.String, "branch_id": pl.String, "weekly_contacts": pl.Int64})


def options(count: int = 6) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(count)],
            "branch_id": ["b1", "b2"] * (count // 2),
            "programme": ["main_account", "to_high_value", "to_high_value"] * (count // 3),
            "priority": [1, 2, 2] * (count // 3),
            "channel": ["mobile"] * count,
            "contact_cost": [0.2] * count,
            "expected_net_value": [1.0 + n for n in range(count)],
            "control": [False] * count,
        }
    )


def test_the_largest_net_value_comes_first_whatever_the_programme(retail: Policy) -> None:
    ranked, _ = rank_list(options(), Limits(), NO_MANAGERS, retail, LIST_ON)
    assert ranked["customer_id"].to_list() == ["c5", "c4", "c3", "c2", "c1", "c0"]
    assert ranked["rank"].to_list() == [1, 2, 3, 4, 5, 6]


def test_the_programme_that_comes_first_wins_where_two_are_worth_the_same(retail: Policy) -> None:
    ranked, _ = rank_list(options().with_columns(expected_net_value=1.0), Limits(), NO_MANAGERS, retail, LIST_ON)
    assert ranked["customer_id"].to_list() == ["c0", "c3", "c1", "c2", "c4", "c5"]


def test_both_arms_are_named(retail: Policy) -> None:
    asked = options().with_columns(control=pl.col("customer_id") == "c3")
    ranked, _ = rank_list(asked, Limits(), NO_MANAGERS, retail, LIST_ON)
    assert ranked["arm"].to_list() == ["contact", "contact", "control", *["contact"] * 3]


def test_the_list_expires_after_the_policys_days(retail: Policy) -> None:
    ranked, _ = rank_list(options(), Limits(), NO_MANAGERS, retail, LIST_ON)
    assert ranked["expires_on"].unique().to_list() == [dt.date(2026, 1, 30)]
