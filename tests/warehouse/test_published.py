"""Tiers are published at once, at a version, and only when they changed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import PublishError
from segment.warehouse import publish_tiers, published_moments, read_tiers

JUNE, JULY = dt.date(2025, 6, 30), dt.date(2025, 7, 31)


def tiers(as_of: dt.date, tier: str = "valuable", run_id: str = "r1") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "as_of": [as_of, as_of],
            "customer_id": ["b", "a"],
            "tier": [tier, "break_even"],
            "contribution_12m": [12.5, float("nan")],
            "reasons": [["x", "y"], []],
            "run_id": [run_id, run_id],
        }
    )


def test_what_is_published_is_read_back_by_customer(tmp_path: Path) -> None:
    publish_tiers(tiers(JUNE), tmp_path / "tiers")
    back = read_tiers(tmp_path / "tiers", JUNE)
    assert back["customer_id"].to_list() == ["a", "b"]
    assert back["reasons"].to_list() == [[], ["x", "y"]]
    assert back["as_of"].to_list() == [JUNE, JUNE]


def test_a_moment_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    table = tmp_path / "tiers"
    publish_tiers(tiers(JUNE), table)
    publish_tiers(tiers(JULY), table)
    publish_tiers(tiers(JULY, "high_value"), table)
    assert published_moments(table) == [JUNE, JULY]
    assert read_tiers(table, JULY)["tier"].to_list() == ["break_even", "high_value"]
    assert read_tiers(table, JUNE)["tier"].to_list() == ["break_even", "valuable"]


def test_the_same_tiers_again_write_nothing(tmp_path: Path) -> None:
    table = tmp_path / "tiers"
    first = publish_tiers(tiers(JUNE), table)
    assert publish_tiers(tiers(JUNE), table) == first
    assert publish_tiers(tiers(JUNE, run_id="r2"), table) == first + 1


def test_an_earlier_version_stays_readable(tmp_path: Path) -> None:
    table = tmp_path / "tiers"
    first = publish_tiers(tiers(JUNE), table)
    publish_tiers(tiers(JUNE, "loss_making"), table)
    assert read_tiers(table, JUNE, version=first)["tier"].to_list() == ["break_even", "valuable"]


def test_columns_may_be_added_at_the_end(tmp_path: Path) -> None:
    table = tmp_path / "tiers"
    publish_tiers(tiers(JUNE), table)
    publish_tiers(tiers(JULY).with_columns(cluster_tier=pl.lit("valuable")), table)
    assert read_tiers(table, JUNE)["cluster_tier"].to_list() == [None, None]


def test_a_moment_without_tiers_says_which_moments_have_them(tmp_path: Path) -> None:
    publish_tiers(tiers(JUNE), tmp_path / "tiers")
    with pytest.raises(PublishError, match=r"Published: 2025-06-30"):
        read_tiers(tmp_path / "tiers", JULY)


def test_a_customer_twice_is_refused(tmp_path: Path) -> None:
    twice = pl.concat([tiers(JUNE), tiers(JUNE)])
    with pytest.raises(PublishError, match="4 rows for 2 customers"):
        publish_tiers(twice, tmp_path / "tiers")


def test_two_moments_in_one_frame_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="2 moments"):
        publish_tiers(pl.concat([tiers(JUNE), tiers(JULY)]), tmp_path / "tiers")
