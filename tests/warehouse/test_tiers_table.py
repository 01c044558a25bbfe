"""Tiers are published at once, at a version, and only when they changed."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from segment.exceptions import NotPublishedError, PublishError
from segment.warehouse.tiers_table import (
    HISTORY_STAYS,
    publish_tiers,
    published_dates,
    read_tiers,
    restore_tiers,
)
from segment.warehouse.version_history import files_by_version, orphaned_files

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
    assert published_dates(table) == [JUNE, JULY]
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
    with pytest.raises(NotPublishedError, match=r"Published: 2025-06-30"):
        read_tiers(tmp_path / "tiers", JULY)


def test_a_customer_twice_is_refused(tmp_path: Path) -> None:
    twice = pl.concat([tiers(JUNE), tiers(JUNE)])
    with pytest.raises(PublishError, match="4 rows for 2 customers"):
        publish_tiers(twice, tmp_path / "tiers")


def test_two_moments_in_one_frame_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="2 dates"):
        publish_tiers(pl.concat([tiers(JUNE), tiers(JULY)]), tmp_path / "tiers")


def age_the_log(table: Path) -> None:
    """Let the log's files and what its commits say of their time lie five years back."""
    years = 5 * 366 * 86_400
    for path in (table / "_delta_log").iterdir():
        if path.suffix == ".json":
            actions = [json.loads(line) for line in path.read_text().splitlines()]
            for action in actions:
                if "commitInfo" in action:
                    action["commitInfo"]["timestamp"] -= years * 1_000
            path.write_text("".join(f"{json.dumps(action)}\n" for action in actions))
        os.utime(path, (time.time() - years,) * 2)


def commit_by_another_hand(table: Path, count: int) -> None:
    for number in range(count):
        rows = tiers(dt.date(2015, 1, 1) + dt.timedelta(days=number)).to_arrow()
        write_deltalake(table, rows, partition_by=["as_of"], mode="append")


@pytest.mark.slow
@pytest.mark.parametrize("first", ["published here", "published before tables said so"])
def test_no_version_is_lost_after_a_hundred_commits_and_years(tmp_path: Path, first: str) -> None:
    table = tmp_path / "tiers"
    if first == "published here":
        publish_tiers(tiers(JUNE), table)
    commit_by_another_hand(table, 97)
    age_the_log(table)
    for number in range(8):
        publish_tiers(tiers(JULY, run_id=f"r{number}"), table)
    commit_by_another_hand(table, 2)
    newest = DeltaTable(table).version()
    assert newest > 100
    assert (table / "_delta_log" / f"{99:020d}.checkpoint.parquet").is_file()
    assert [len(published_dates(table, version)) for version in (0, 1, 50)] == [1, 2, 51]
    assert len(files_by_version(table)) == newest + 1
    assert orphaned_files(table) == []
    assert HISTORY_STAYS.items() <= DeltaTable(table).metadata().configuration.items()


def test_a_table_that_says_so_already_gets_no_commit_for_it(tmp_path: Path) -> None:
    table = tmp_path / "tiers"
    commit_by_another_hand(table, 1)
    assert [publish_tiers(tiers(JULY, run_id=run), table) for run in ("one", "two")] == [2, 3]
    assert restore_tiers(table, 0) == 5
    assert HISTORY_STAYS.items() <= DeltaTable(table).metadata().configuration.items()


def test_a_version_whose_log_is_gone_is_named_by_those_that_stand(tmp_path: Path) -> None:
    table = tmp_path / "tiers"
    for run in ("one", "two", "three"):
        publish_tiers(tiers(JULY, run_id=run), table)
    lose_the_log_before(table, 2)
    with pytest.raises(NotPublishedError, match="Got 1; they go from 2 to 2"):
        read_tiers(table, JULY, version=1)
    assert len(orphaned_files(table)) == 2


def lose_the_log_before(table: Path, version: int) -> None:
    """Do what delta-rs did to tables that did not say that their history stays."""
    DeltaTable(table).create_checkpoint()
    for path in (table / "_delta_log").glob("0*"):
        if int(path.name[:20]) < version:
            path.unlink()
