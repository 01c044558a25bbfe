"""Published tiers are written, read and erased in a folder of any name, and nothing appears beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from segment.exceptions import BusyError
from segment.warehouse.delta_place import delta_address
from segment.warehouse.tiers_table import publish_tiers, published_dates, published_runs, read_tiers, restore_tiers
from segment.warehouse.version_history import data_files, erase_from_tiers, files_by_version, orphaned_files
from tests.warehouse.test_tiers_table import JULY, JUNE, tiers

ODD = ["plain", "w x", "w?x", "w#x", "w%20x", "w%2Fx", "w%x", "数据 银行", "w[x]", "w*x", "w\\x", "{a,b};'$~\"", "a\tb"]


@pytest.mark.parametrize("name", ODD)
def test_a_table_lives_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    table = tmp_path / name / "tiers"
    for version, (as_of, tier) in enumerate([(JUNE, "valuable"), (JULY, "valuable"), (JULY, "high_value")]):
        assert publish_tiers(tiers(as_of, tier), table, {"run_id": "r"}) == version
    assert published_dates(table) == published_dates(table, 1) == [JUNE, JULY]
    assert published_runs(table) == {JUNE: "r1", JULY: "r1"}
    assert read_tiers(table, JULY)["tier"].to_list() == ["break_even", "high_value"]
    assert restore_tiers(table, 1) == 3
    assert read_tiers(table, JULY)["tier"].to_list() == ["break_even", "valuable"]
    assert erase_from_tiers(table, "a", "token") == 3
    assert [read_tiers(table, JULY, version)["customer_id"].to_list() for version in (1, 2, 3)] == [["b"]] * 3
    assert (len(files_by_version(table)), orphaned_files(table), len(data_files(table))) == (4, [], 3)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_name_with_a_question_mark_reads_its_own_rows_alone(tmp_path: Path) -> None:
    publish_tiers(tiers(JUNE), tmp_path / "wax" / "tiers")
    publish_tiers(tiers(JUNE).head(1), tmp_path / "w?x" / "tiers")
    assert read_tiers(tmp_path / "w?x" / "tiers", JUNE).height == 1


def test_of_two_commits_at_once_the_second_is_told_so(tmp_path: Path) -> None:
    table = tmp_path / "w%20x" / "tiers"
    publish_tiers(tiers(JUNE), table)

    def delete(tier: str, meanwhile: Callable[[], None] | None = None) -> None:
        with delta_address(table) as address:
            if meanwhile is not None:
                meanwhile()
            DeltaTable(address).delete(f"tier = '{tier}'")

    with pytest.raises(BusyError, match="Another came first"):
        delete("break_even", meanwhile=lambda: delete("valuable"))
    assert read_tiers(table, JUNE)["tier"].to_list() == ["break_even"]
    assert not [path for path in table.rglob(".*") if path.is_file() and not path.name.endswith(".crc")]


def test_a_moved_table_is_where_it_was_moved_to(tmp_path: Path) -> None:
    publish_tiers(tiers(JUNE), tmp_path / "a" / "tiers")
    shutil.move(tmp_path / "a", tmp_path / "b%20c")
    publish_tiers(tiers(JULY), tmp_path / "b%20c" / "tiers")
    assert isinstance(read_tiers(tmp_path / "b%20c" / "tiers", JULY), pl.DataFrame)
    assert [path.name for path in tmp_path.iterdir()] == ["b%20c"]
