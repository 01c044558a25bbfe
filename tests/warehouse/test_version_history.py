"""A customer leaves every version of a Delta table, and no version is ever seen half done."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from segment.jobs.rights.erase_rows import Person
from segment.store.tombstones import Erased
from segment.warehouse import version_history as history
from segment.warehouse.tiers_table import publish_tiers, published_dates, published_version, read_tiers, restore_tiers
from segment.warehouse.version_history import erase_from_tiers
from tests.warehouse.test_tiers_table import JUNE, tiers

MAY = dt.date(2025, 5, 31)
GONE = "CUSTOMER-0"


class KilledError(Exception):
    """Stands for a power cut."""


def of(moment: dt.date, run: str) -> pl.DataFrame:
    rows = tiers(moment)
    named = pl.Series("customer_id", [f"CUSTOMER-{number}" for number in range(rows.height)])
    return rows.with_columns(named, run_id=pl.lit(run))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two moments, the second published twice, the first publication brought back, and a checkpoint in between."""
    place = tmp_path / "tiers"
    publish_tiers(of(MAY, "one"), place, {"run_id": "one"})
    publish_tiers(of(JUNE, "two"), place)
    publish_tiers(of(JUNE, "three"), place)
    DeltaTable(place).create_checkpoint()
    restore_tiers(place, 1)
    publish_tiers(of(JUNE, "four").filter(pl.col("customer_id") != GONE), place)
    return place


def everybody_else(table: Path) -> dict[tuple[int, dt.date], pl.DataFrame]:
    newest = published_version(table) or 0
    return {
        (version, moment): read_tiers(table, moment, version).filter(pl.col("customer_id") != GONE)
        for version in range(newest + 1)
        for moment in published_dates(table, version)
    }


def same(one: dict[Any, pl.DataFrame], other: dict[Any, pl.DataFrame]) -> bool:
    return one.keys() == other.keys() and all(one[key].equals(other[key]) for key in one)


def test_no_file_of_any_version_holds_the_customer_and_others_are_as_before(table: Path) -> None:
    before = everybody_else(table)
    assert erase_from_tiers(table, GONE, "token") == 3
    assert same(before, everybody_else(table))
    assert not any(GONE.encode() in path.read_bytes() for path in table.rglob("*") if path.is_file())
    assert all(GONE not in set(pl.read_parquet(path)["customer_id"]) for path in history.data_files(table))
    assert erase_from_tiers(table, GONE, "token") == 0


def test_what_the_household_brought_together_no_longer_tells_what_the_customer_brought(tmp_path: Path) -> None:
    rows = pl.concat([of(MAY, "one")] * 2).head(4)
    sums = pl.Series("household_contribution_12m", [90.0, 90.0, 15.0, None])
    names = pl.Series("customer_id", [GONE, "wife", "neighbour", "single"])
    publish_tiers(rows.with_columns(names, sums), tmp_path / "tiers")
    assert erase_from_tiers(tmp_path / "tiers", GONE, "token") == 1
    left = read_tiers(tmp_path / "tiers", MAY).sort("customer_id")
    assert left.select("customer_id", "household_contribution_12m").rows() == [
        ("neighbour", 15.0),
        ("single", None),
        ("wife", None),
    ]
    person = Person(GONE, "subject", Erased((), b""))
    assert person.without(rows.with_columns(names, sums))["household_contribution_12m"].to_list() == [None, 15.0, None]


@pytest.mark.parametrize("killed_at", range(0, 18, 3))
def test_cut_off_between_any_two_commits_every_version_is_whole_and_the_next_run_ends_it(
    table: Path, killed_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, left, write = everybody_else(table), [killed_at], history._rewrite

    def cut(log: Path, change: history.Change) -> None:
        if left[0] == 0:
            raise KilledError
        left[0] -= 1
        write(log, change)

    with monkeypatch.context() as patched:
        patched.setattr(history, "_rewrite", cut)
        with pytest.raises(KilledError):
            erase_from_tiers(table, GONE, "token")
    assert same(before, everybody_else(table))
    erase_from_tiers(table, GONE, "token")
    assert same(before, everybody_else(table))
    assert not any(GONE.encode() in path.read_bytes() for path in table.rglob("*") if path.is_file())


def test_tiers_are_published_and_brought_back_after_it_as_before(table: Path) -> None:
    erase_from_tiers(table, GONE, "token")
    told = [one.get("run_id") for one in DeltaTable(table).history()]
    assert told == [None, None, None, None, "one"]
    assert publish_tiers(of(JUNE, "five"), table) == 5
    assert restore_tiers(table, 2) == 6
    assert read_tiers(table, JUNE)["run_id"].unique().to_list() == ["three"]


def test_a_customer_who_is_alone_in_a_file_leaves_an_empty_one(tmp_path: Path) -> None:
    publish_tiers(of(MAY, "one").head(1), tmp_path / "tiers")
    publish_tiers(of(JUNE, "two"), tmp_path / "tiers")
    assert erase_from_tiers(tmp_path / "tiers", GONE, "token") == 2
    assert read_tiers(tmp_path / "tiers", MAY, 0).is_empty()
    assert read_tiers(tmp_path / "tiers", JUNE).height == of(JUNE, "two").height - 1


def test_a_table_that_is_not_there_holds_nobody(tmp_path: Path) -> None:
    assert erase_from_tiers(tmp_path / "tiers", GONE, "token") == 0
    assert history.files_by_version(tmp_path / "tiers") == {}
